//! Each program logs Alice in, with a test in place of her browser, and the API lets it in.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use hallpass_testkit::{Decision, TestServer, User};

/// A program that was started where no browser can be, and the address it asks the user to open.
fn started(program: &str, client_id: &str, server: &TestServer) -> (Child, String) {
    let mut child = Command::new(program)
        .args([&server.issuer(), client_id, &server.resource_url()])
        .env("PATH", "")
        .env("BROWSER", "")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..2 {
        told.clear();
        stdout.read_line(&mut told).unwrap();
    }
    child.stdout = Some(stdout.into_inner());
    (child, told.trim().to_owned())
}

fn ended(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// What the program answers the browser.
fn asked(authority: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(authority).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_code_becomes_tokens_and_the_browser_is_told() {
    let server = TestServer::start(Default::default());
    let (child, url) = started(env!("CARGO_BIN_EXE_native-login"), "native", &server);
    let callback = server
        .consent(&url, &User::alice(), &Decision::Allow)
        .unwrap();
    let (authority, target) = callback["http://".len()..].split_once('/').unwrap();
    let request = format!("GET /{target} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    let page = asked(authority, &request);
    assert!(page.contains("You are logged in to Native Login"), "{page}");
    let told = ended(child);
    assert!(
        told.contains("The API says 200 OK") && told.contains("alice"),
        "{told}"
    );
}

#[test]
fn a_fragment_is_relayed_by_the_page() {
    let server = TestServer::start(Default::default());
    let (child, url) = started(env!("CARGO_BIN_EXE_legacy_implicit"), "httpig", &server);
    let callback = server
        .consent(&url, &User::alice(), &Decision::Allow)
        .unwrap();
    let (authority, target) = callback["http://".len()..].split_once('/').unwrap();
    let (target, fragment) = target.split_once('#').unwrap();
    let request = format!("GET /{target} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    let page = asked(authority, &request);
    let (_, token) = page.split_once("name=\"page-token\" content=\"").unwrap();
    let (token, _) = token.split_once('"').unwrap();
    let request = format!(
        "POST /{target} HTTP/1.1\r\nHost: {authority}\r\nOrigin: http://{authority}\r\nHallpass-Page-Token: {token}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{fragment}",
        fragment.len()
    );
    let page = asked(authority, &request);
    assert!(page.contains("You are logged in to Native Login"), "{page}");
    let told = ended(child);
    assert!(
        told.contains("The API says 200 OK") && told.contains("alice"),
        "{told}"
    );
}
