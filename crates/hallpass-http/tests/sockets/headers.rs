//! What goes over the wire is the request, and next to nothing else.

use hallpass_http::{ReqwestTransport, Transport};

use crate::server::{Server, TOKEN, request};

async fn wire(path: &str) -> Vec<String> {
    let server = Server::answering(TOKEN);
    ReqwestTransport::new()
        .unwrap()
        .send(request(&server.url(path)))
        .await
        .unwrap();
    let [seen] = &server.seen()[..] else { panic!() };
    seen.split("\r\n").map(str::to_owned).collect()
}

#[tokio::test]
async fn no_header_is_sent_that_is_not_the_requests_own_or_the_transports() {
    let lines = wire("/token?tenant=1").await;
    let blank = lines.iter().position(String::is_empty).unwrap();
    let mut names: Vec<&str> = lines[1..blank]
        .iter()
        .map(|line| line.split(':').next().unwrap())
        .collect();
    names.sort_unstable();
    let allowed = [
        "accept",
        "accept-encoding",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    ];
    assert_eq!(names, allowed);
    assert_eq!(lines[0], "POST /token?tenant=1 HTTP/1.1");
    assert_eq!(
        lines[blank + 1],
        "grant_type=refresh_token&refresh_token=canary-refresh"
    );
    assert!(lines.contains(&format!(
        "user-agent: hallpass/{}",
        env!("CARGO_PKG_VERSION")
    )));
}

#[tokio::test]
async fn a_line_break_in_a_client_secret_makes_no_header() {
    let lines = wire("/token").await;
    assert!(!lines.iter().any(|line| line.contains("evil")), "{lines:?}");
}

#[tokio::test]
async fn a_cookie_does_not_come_back() {
    let answer = TOKEN.replace("content-type", "set-cookie: a=b; Path=/\r\ncontent-type");
    let server = Server::answering(answer);
    let transport = ReqwestTransport::new().unwrap();
    for _ in 0..2 {
        transport
            .send(request(&server.url("/token")))
            .await
            .unwrap();
    }
    assert_eq!(server.seen().len(), 2);
    assert!(!server.seen()[1].contains("cookie"));
}
