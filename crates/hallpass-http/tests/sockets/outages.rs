//! What goes wrong at a server arrives as what it is.

use std::io::Read;
use std::net::TcpListener;

use hallpass_grant::{ErrorKind, Lost, Recovery};
use hallpass_http::{Driver, ReqwestTransport, Transport, TransportError, TransportErrorKind};

use crate::TestRuntime;
use crate::server::{Server, TOKEN, refresh, request};

async fn failed(url: &str) -> TransportError {
    ReqwestTransport::new()
        .unwrap()
        .send(request(url))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn every_status_is_an_answer() {
    for status in [200, 204, 304, 400, 401, 429, 500, 502, 503, 599] {
        let server = Server::answering(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n"));
        let response = ReqwestTransport::new()
            .unwrap()
            .send(request(&server.url("/")))
            .await;
        assert_eq!(response.unwrap().status(), status);
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn what_the_server_says_of_when_to_come_back_is_kept() {
    let server = Server::answering("HTTP/1.1 429 X\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n");
    let driver = Driver::new(ReqwestTransport::new().unwrap(), TestRuntime);
    let error = driver
        .drive(&mut refresh(&server.url("/token")))
        .await
        .unwrap_err();
    let after = Some(std::time::Duration::from_secs(7));
    assert_eq!(error.recovery(), Recovery::Retry { after });
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = failed(&format!("http://{free}/token")).await;
    assert_eq!(
        (error.kind(), error.lost()),
        (TransportErrorKind::Connect, Lost::NotSent)
    );
    assert_eq!(error.origin(), format!("http://{free}"));
}

#[tokio::test]
async fn to_a_name_without_an_address_nothing_was_sent() {
    // RFC 6761 §6.4: such a name never has one.
    let transport = ReqwestTransport::builder().without_proxy().build().unwrap();
    let error = transport
        .send(request("https://as.invalid/token"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.lost()),
        (TransportErrorKind::Connect, Lost::NotSent)
    );
}

#[tokio::test]
async fn an_answer_that_breaks_off_leaves_the_request_in_doubt() {
    for begun in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
        "not HTTP\r\n\r\n",
    ] {
        let server = Server::answering(begun);
        let error = failed(&server.url("/token")).await;
        assert_eq!(
            (error.kind(), error.lost()),
            (TransportErrorKind::Interrupted, Lost::MaybeSent),
            "{begun:?}"
        );
        // Nothing is sent again behind the caller's back.
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_refresh_token_is_never_sent_twice_by_itself() {
    let status = |status: &str| format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
    for answer in [
        String::new(),
        status("408 X"),
        status("421 X"),
        status("425 X"),
        status("429 X\r\nretry-after: 0"),
        status("503 X\r\nretry-after: 0"),
        status("401 X\r\nwww-authenticate: Basic"),
    ] {
        let server = Server::answering(answer.clone());
        let driver = Driver::new(ReqwestTransport::new().unwrap(), TestRuntime);
        let outcome = driver.drive(&mut refresh(&server.url("/token"))).await;
        assert!(outcome.is_err(), "{answer:?}");
        assert_eq!(server.seen().len(), 1, "{answer:?}");
    }
}

#[tokio::test]
async fn each_request_has_a_connection_of_its_own() {
    let server = Server::listening_on_tcp(|mut stream| {
        use std::io::Write;
        let mut request = [0; 4096];
        let read = stream.read(&mut request).unwrap();
        stream.write_all(TOKEN.as_bytes()).unwrap();
        assert!(read > 0 && stream.read(&mut request).is_ok_and(|more| more == 0));
    });
    let transport = ReqwestTransport::new().unwrap();
    for _ in 0..2 {
        // The server, which takes one connection at a time, comes to the second when the first is closed.
        transport
            .send(request(&server.url("/token")))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_refresh_is_in_doubt_and_says_why() {
    let server = Server::answering("");
    let driver = Driver::new(ReqwestTransport::new().unwrap(), TestRuntime);
    let error = driver
        .drive(&mut refresh(&server.url("/token")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::InDoubt);
    let source = std::error::Error::source(&error).unwrap();
    let source = source.downcast_ref::<TransportError>().unwrap();
    assert_eq!(source.kind(), TransportErrorKind::Interrupted);
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let transport = ReqwestTransport::new().unwrap();
    let mut sending = std::pin::pin!(transport.send(request("https://as.example/token")));
    let waker = std::task::Waker::noop();
    let polled = sending
        .as_mut()
        .poll(&mut std::task::Context::from_waker(waker));
    let std::task::Poll::Ready(Err(error)) = polled else {
        panic!()
    };
    assert_eq!(
        (error.kind(), error.lost()),
        (TransportErrorKind::InvalidRequest, Lost::NotSent)
    );
}
