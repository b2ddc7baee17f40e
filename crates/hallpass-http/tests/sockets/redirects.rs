//! No redirect is followed, wherever it leads and whatever its status.

use hallpass_grant::ErrorKind;
use hallpass_http::{Driver, ReqwestTransport, Transport};

use crate::TestRuntime;
use crate::server::{Bystander, Root, Server, refresh, request};

fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
}

#[tokio::test]
async fn the_place_a_token_endpoint_redirects_to_gets_no_byte() {
    let transport = ReqwestTransport::new().unwrap();
    for status in [301, 302, 303, 307, 308] {
        let other = Bystander::new();
        for location in [
            format!("http://{}/token", other.address()),
            format!("//{}/evil", other.address()),
        ] {
            let server = Server::answering(redirect(status, &location));
            let response = transport
                .send(request(&server.url("/token")))
                .await
                .unwrap();
            assert_eq!(response.status(), status);
            assert_eq!(server.seen().len(), 1);
        }
        other.assert_untouched();
    }
}

#[tokio::test]
async fn a_redirect_ends_the_conversation_as_a_refusal() {
    let other = Bystander::new();
    let server = Server::answering(redirect(307, &format!("http://{}/", other.address())));
    let driver = Driver::new(ReqwestTransport::new().unwrap(), TestRuntime);
    let error = driver
        .drive(&mut refresh(&server.url("/token")))
        .await
        .unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Refused(refused) if refused.status() == Some(307)),
        "{error:?}"
    );
    other.assert_untouched();
}

#[tokio::test]
async fn a_redirect_to_itself_is_sent_once() {
    let server = Server::answering(redirect(302, "/token"));
    let response = ReqwestTransport::new()
        .unwrap()
        .send(request(&server.url("/token")))
        .await;
    assert_eq!(response.unwrap().status(), 302);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_redirect_from_https_to_http_is_not_followed() {
    let root = Root::new();
    let other = Bystander::new();
    let location = format!("http://{}/", other.address());
    let server = Server::with_tls(&root.certify("127.0.0.1", |_| {}), redirect(307, &location));
    let response = root
        .transport()
        .send(request(&server.url("/token")))
        .await
        .unwrap();
    assert_eq!(response.status(), 307);
    other.assert_untouched();
}
