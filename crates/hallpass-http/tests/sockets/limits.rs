//! An answer is bounded in size and in time.

use std::io::Read;
use std::time::{Duration, Instant};

use hallpass_grant::Lost;
use hallpass_http::{ReqwestTransport, Transport, TransportErrorKind};

use crate::server::{Server, request};

const MIB: usize = 1024 * 1024;

async fn refused(server: &Server, kind: TransportErrorKind) {
    let transport = ReqwestTransport::builder()
        .with_timeout(Duration::from_secs(10))
        .build();
    let error = transport
        .unwrap()
        .send(request(&server.url("/token")))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.lost()),
        (kind, Lost::MaybeSent),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_body_without_end_is_refused_at_one_mebibyte() {
    let server = Server::serving(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        // Until the client hangs up.
        while stream.write_all(&[b' '; 65_536]).is_ok() {}
    });
    refused(&server, TransportErrorKind::TooLarge).await;
}

#[tokio::test]
async fn a_body_that_is_announced_too_large_is_not_read() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n{");
    refused(&server, TransportErrorKind::TooLarge).await;
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_whole() {
    for (size, fits) in [(MIB, true), (MIB + 1, false)] {
        for head in [
            format!("content-length: {size}\r\n"),
            "connection: close\r\n".to_owned(),
        ] {
            let mut answer = format!("HTTP/1.1 200 OK\r\n{head}\r\n").into_bytes();
            answer.resize(answer.len() + size, b' ');
            let server = Server::answering(answer);
            let sent = ReqwestTransport::new()
                .unwrap()
                .send(request(&server.url("/")))
                .await;
            match sent {
                Ok(response) => assert!(fits && format!("{response:?}").contains("1048576 bytes")),
                Err(error) => assert!(
                    !fits && error.kind() == TransportErrorKind::TooLarge,
                    "{error:?}"
                ),
            }
        }
    }
}

#[tokio::test]
async fn a_compressed_body_is_neither_asked_for_nor_unpacked() {
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 20\r\n\r\n";
    let mut answer = head.as_bytes().to_vec();
    answer.extend(b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0");
    let server = Server::answering(answer);
    let response = ReqwestTransport::new()
        .unwrap()
        .send(request(&server.url("/")))
        .await;
    assert!(format!("{response:?}").contains("20 bytes"), "{response:?}");
    assert!(server.seen()[0].contains("accept-encoding: identity\r\n"));
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let server = Server::serving(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while stream.write_all(b"x-header: value\r\n").is_ok() {}
    });
    refused(&server, TransportErrorKind::Interrupted).await;
}

#[tokio::test]
async fn a_body_in_drops_does_not_outlast_the_time_of_a_request() {
    let server = Server::listening_on_tcp(|mut stream| {
        use std::io::Write;
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        // The client says nothing more, so that each read takes as long as it may.
        stream
            .set_read_timeout(Some(Duration::from_millis(20)))
            .unwrap();
        while stream.write_all(b" ").is_ok() && !matches!(stream.read(&mut [0]), Ok(0)) {}
    });
    let timeout = Duration::from_millis(300);
    let transport = ReqwestTransport::builder()
        .with_timeout(timeout)
        .build()
        .unwrap();
    let begun = Instant::now();
    let error = transport.send(request(&server.url("/"))).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.lost()),
        (TransportErrorKind::Timeout, Lost::MaybeSent)
    );
    assert!(
        (timeout..timeout * 20).contains(&begun.elapsed()),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_server_that_says_nothing_does_not_outlast_the_time_of_a_request() {
    let server = Server::serving(|stream| {
        let _ = stream.read(&mut [0]);
    });
    let transport = ReqwestTransport::builder()
        .with_timeout(Duration::from_millis(100))
        .build();
    let error = transport
        .unwrap()
        .send(request(&server.url("/")))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.lost()),
        (TransportErrorKind::Timeout, Lost::MaybeSent)
    );
}

#[tokio::test]
async fn a_connection_that_is_not_made_in_time_has_sent_nothing() {
    let server = Server::listening_on_tcp(|mut stream| {
        // Reads the greeting, and whatever else comes, and says nothing.
        while stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {}
    });
    let https = server.url("/token").replace("http:", "https:");
    let builder = ReqwestTransport::builder().with_timeout(Duration::from_millis(900));
    let error = builder
        .build()
        .unwrap()
        .send(request(&https))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.lost()),
        (TransportErrorKind::Timeout, Lost::NotSent)
    );
}

#[tokio::test]
async fn no_setting_makes_it_panic() {
    let server =
        Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 9000000000000000000\r\n\r\n{");
    let builder = ReqwestTransport::builder()
        .with_timeout(Duration::MAX)
        .with_max_body(usize::MAX);
    let error = builder
        .build()
        .unwrap()
        .send(request(&server.url("/")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Interrupted);
    let builder = ReqwestTransport::builder()
        .with_timeout(Duration::ZERO)
        .with_max_body(0);
    let server = Server::serving(|stream| {
        let _ = stream.read(&mut [0]);
    });
    let error = builder
        .build()
        .unwrap()
        .send(request(&server.url("/")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Timeout);
}
