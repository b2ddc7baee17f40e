//! The blocking twin keeps the same limits.

use std::time::Duration;

use hallpass_grant::Lost;
use hallpass_http::blocking::{ReqwestTransport, SystemClock, Transport, drive};
use hallpass_http::{NoSigner, TransportErrorKind};

use crate::server::{Bystander, Server, TOKEN, refresh, request};

#[test]
fn a_thread_without_a_runtime_gets_its_tokens() {
    let server = Server::answering(TOKEN);
    let transport = ReqwestTransport::new().unwrap();
    for _ in 0..2 {
        let mut call = refresh(&server.url("/token"));
        let tokens = drive(&mut call, &transport, &NoSigner, &SystemClock).unwrap();
        assert_eq!(tokens.access_token.expose_secret(), "at");
    }
}

#[test]
fn it_follows_no_redirect_and_ends_in_time() {
    let other = Bystander::new();
    let answer = format!(
        "HTTP/1.1 308 X\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n",
        other.address()
    );
    let transport = ReqwestTransport::new().unwrap();
    let response = transport
        .send(request(&Server::answering(answer).url("/token")))
        .unwrap();
    assert_eq!(response.status(), 308);
    other.assert_untouched();

    let transport = hallpass_http::ReqwestTransport::builder()
        .with_timeout(Duration::from_millis(300))
        .build();
    let transport = ReqwestTransport::from(transport.unwrap());
    let silent = Server::serving(|stream| {
        let _ = stream.read(&mut [0]);
    });
    let error = transport.send(request(&silent.url("/token"))).unwrap_err();
    assert_eq!(
        (error.kind(), error.lost()),
        (TransportErrorKind::Timeout, Lost::MaybeSent)
    );
}

#[tokio::test]
async fn on_a_thread_that_drives_a_runtime_there_is_an_error_and_no_panic() {
    let error = ReqwestTransport::new()
        .unwrap()
        .send(request("https://as.example/token"))
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.lost()),
        (TransportErrorKind::InvalidRequest, Lost::NotSent)
    );
}
