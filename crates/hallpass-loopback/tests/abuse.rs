//! What others on the machine, and pages of other sites, try while a login waits. None of it costs the login.

mod common;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use hallpass_grant::ResponseMode;
use hallpass_loopback::{Options, Receiver};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use common::*;

/// Lets `abuse` have its way with a receiver that waits, and then brings the callback: it is the one that is taken, within two seconds.
/// What `abuse` leaves behind is there until the end.
async fn survives<T>(abuse: impl AsyncFnOnce(&str) -> T) {
    let receiver = Receiver::bind(Options::new("Photo Printer")).unwrap();
    let redirect_uri = receiver.redirect_uri();
    let pending = code(&redirect_uri, ResponseMode::Query);
    let at = authority(&redirect_uri);
    let browser = async {
        let _left = abuse(at).await;
        let began = Instant::now();
        let page = get(at, &format!("/callback?code=genuine&state={STATE}")).await;
        assert_eq!(status(&page), "200", "{page}");
        assert!(
            began.elapsed() < Duration::from_secs(2),
            "{:?}",
            began.elapsed()
        );
    };
    let login = async {
        let received = receiver.receive(&pending).await.unwrap();
        let code = pending.clone().receive(&received.callback(), NOW);
        received.tell(code).await
    };
    let (code, ()) = tokio::join!(login, browser);
    code.unwrap();
    // Exactly one: nobody listens any more.
    assert!(TcpStream::connect(at).await.is_err());
}

#[tokio::test]
async fn a_thousand_wrong_states_are_each_400_and_the_login_survives() {
    survives(async |at: &str| {
        for n in 0..1000 {
            let stray = get(at, &format!("/callback?code=evil&state={n}")).await;
            assert_eq!(status(&stray), "400");
        }
    })
    .await;
}

#[tokio::test]
async fn a_thousand_slow_connections_keep_nobody_out() {
    survives(async |at: &str| {
        let mut slow = VecDeque::new();
        for n in 0..1000 {
            let mut stream = TcpStream::connect(at).await.unwrap();
            // Some say nothing, some begin a head, some a body.
            let begun: &[u8] = match n % 3 {
                0 => b"",
                1 => b"GET /callback?code=evil HTTP/1.1\r\n",
                _ => b"POST /callback HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
            };
            let _ = stream.write_all(begun).await;
            slow.push_back(stream);
            // A machine may let a program have no more than a thousand.
            if slow.len() > 500 {
                slow.pop_front();
            }
        }
        slow
    })
    .await;
}

#[tokio::test]
async fn a_body_of_a_gigabyte_and_bad_chunks_are_cut_short() {
    survives(async |at: &str| {
        let head = format!("POST /callback HTTP/1.1\r\nHost: {at}\r\n");
        let huge = format!("{head}Content-Length: 1073741824\r\n\r\n");
        assert_eq!(status(&send(at, &huge).await), "413");
        let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
        assert_eq!(status(&send(at, &format!("{chunked}zz\r\n")).await), "400");

        // It is sent until the other side has had enough, which is long before a gigabyte.
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(chunked.as_bytes()).await.unwrap();
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        let mut sent = 0;
        while sent < 16_384 && stream.write_all(chunk.as_bytes()).await.is_ok() {
            sent += 1;
        }
        assert!(sent < 1024, "{sent} chunks of 64 KiB were read");
    })
    .await;
}

#[tokio::test]
async fn prefetch_favicon_and_other_hosts_take_nothing() {
    survives(async |at: &str| {
        let target = format!("/callback?code=guess&state={STATE}");
        let guess = format!("GET {target} HTTP/1.1\r\nHost: {at}\r\nSec-Purpose: prefetch\r\n\r\n");
        assert_eq!(status(&send(at, &guess).await), "503");
        let foreign = format!("GET {target} HTTP/1.1\r\nHost: evil.example\r\n\r\n");
        assert_eq!(status(&send(at, &foreign).await), "403");
        let old = format!("GET {target} HTTP/1.0\r\n\r\n");
        assert_eq!(status(&send(at, &old).await), "403");
        let only_head = format!("HEAD {target} HTTP/1.1\r\nHost: {at}\r\n\r\n");
        assert_eq!(status(&send(at, &only_head).await), "405");
        assert_eq!(status(&get(at, "/favicon.ico").await), "404");
    })
    .await;
}

#[tokio::test]
async fn of_two_callbacks_at_once_one_is_taken_and_both_tabs_see_how_it_ended() {
    let receiver = Receiver::bind(Options::new("Photo Printer")).unwrap();
    let redirect_uri = receiver.redirect_uri();
    let pending = code(&redirect_uri, ResponseMode::Query);
    let at = authority(&redirect_uri);
    let target = format!("/callback?code=c&state={STATE}");
    let mut streams = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(at).await.unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nHost: {at}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    let received = receiver.receive(&pending).await.unwrap();
    received.tell(Ok::<(), String>(())).await.unwrap();
    let mut pages = 0;
    for mut stream in streams {
        let mut page = String::new();
        let _ = stream.read_to_string(&mut page).await;
        pages += usize::from(page.contains("You are logged in to Photo Printer."));
    }
    assert_eq!(pages, 2);
}
