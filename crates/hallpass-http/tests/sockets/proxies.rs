//! A proxy is used for other machines and never for this one.

use std::process::Command;

use hallpass_grant::Lost;
use hallpass_http::{ReqwestTransport, SetupError, Transport, TransportErrorKind};

use crate::leaks::assert_silent;
use crate::server::{Bystander, Server, TOKEN, request};

const NO_TUNNEL: &str = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn a_server_on_this_machine_is_not_asked_for_through_a_proxy() {
    let proxy = Bystander::new();
    let builder = ReqwestTransport::builder().with_proxy(&format!("http://{}", proxy.address()));
    let transport = builder.unwrap().build().unwrap();
    let server = Server::answering(TOKEN);
    let response = transport
        .send(request(&server.url("/token")))
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    proxy.assert_untouched();
}

#[tokio::test]
async fn another_machine_is_reached_through_a_tunnel_that_shows_only_its_name() {
    let proxy = Server::answering(NO_TUNNEL);
    let address = format!("http://user:canary-proxy@{}", proxy.address());
    let transport = ReqwestTransport::builder()
        .with_proxy(&address)
        .unwrap()
        .build()
        .unwrap();
    let error = transport
        .send(request("https://as.example/token?key=canary"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.lost()),
        (TransportErrorKind::Connect, Lost::NotSent)
    );
    assert_silent(&error);
    let [seen] = &proxy.seen()[..] else { panic!() };
    assert!(
        seen.starts_with("CONNECT as.example:443 HTTP/1.1\r\n"),
        "{seen}"
    );
    assert!(
        !seen.contains("canary") && !seen.contains("token"),
        "{seen}"
    );
}

#[tokio::test]
async fn every_character_of_a_proxys_user_name_and_password_arrives_and_none_is_shown() {
    // RFC 3986 §3.2.1: what separates the parts of an address is percent-encoded.
    for (user_info, basic) in [
        ("user:canary-proxy", "dXNlcjpjYW5hcnktcHJveHk="),
        (
            "us%40er:canary%3A%2F%40%25%20%C3%A9",
            "dXNAZXI6Y2FuYXJ5Oi9AJSDDqQ==",
        ),
        ("user:", "dXNlcjo="),
    ] {
        let proxy = Server::answering(NO_TUNNEL);
        let address = format!("http://{user_info}@{}", proxy.address());
        let builder = ReqwestTransport::builder().with_proxy(&address).unwrap();
        let shown = format!("{builder:?}");
        let transport = builder.build().unwrap();
        let shown = shown + &format!("{transport:?}");
        let error = transport
            .send(request("https://as.example/token"))
            .await
            .unwrap_err();
        assert_silent(&error);
        assert!(
            !shown.contains("canary") && !shown.contains(basic),
            "{shown}"
        );
        let [seen] = &proxy.seen()[..] else { panic!() };
        let sent = format!("proxy-authorization: basic {basic}").to_lowercase();
        assert!(seen.to_lowercase().contains(&sent), "{user_info}: {seen}");
    }
}

#[tokio::test]
async fn the_environments_proxy_is_for_other_machines_alone() {
    const CHILD: &str = "HALLPASS_TEST_SERVER";
    // The environment belongs to the whole process, so that this test runs itself in another.
    if let Ok(server) = std::env::var(CHILD) {
        let transport = ReqwestTransport::new().unwrap();
        assert_eq!(
            transport.send(request(&server)).await.unwrap().status(),
            200
        );
        let error = transport
            .send(request("https://as.example/token"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Connect);
        assert_silent(&error);
        return;
    }
    let proxy = Server::answering(NO_TUNNEL);
    let server = Server::answering(TOKEN);
    let address = format!("http://user:canary-proxy@{}", proxy.address());
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "proxies::the_environments_proxy_is_for_other_machines_alone",
        ])
        .env(CHILD, server.url("/token"))
        .envs(
            [
                "HTTP_PROXY",
                "http_proxy",
                "HTTPS_PROXY",
                "https_proxy",
                "ALL_PROXY",
            ]
            .map(|name| (name, &address)),
        )
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && output.contains("1 passed"),
        "{output}"
    );
    assert_eq!(server.seen().len(), 1);
    let [seen] = &proxy.seen()[..] else {
        panic!("{:?}", proxy.seen())
    };
    assert!(
        seen.starts_with("CONNECT as.example:443 HTTP/1.1\r\n"),
        "{seen}"
    );
}

#[test]
fn what_is_no_proxy_is_refused_without_being_shown() {
    for address in [
        "",
        "canary",
        "ftp://canary@proxy.example",
        "http://",
        "http://canary@[::",
    ] {
        let error = ReqwestTransport::builder().with_proxy(address).unwrap_err();
        assert!(matches!(error, SetupError::Proxy), "{address:?}");
        assert_silent(&error);
    }
    let address = "http://user:canary@proxy.example:3128";
    let builder = ReqwestTransport::builder().with_proxy(address).unwrap();
    assert!(!format!("{builder:?}").contains("canary"));
    assert!(!format!("{:?}", builder.build().unwrap()).contains("canary"));
}
