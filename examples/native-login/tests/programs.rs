//! Each program logs Alice in, with a test in place of her browser, and the API lets it in.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use hallpass_testkit::{Decision, TestServer, User};

/// A program that was started where no browser can be, and the address it asks the user to open.
fn started(program: &str, client_id: &str, server: &TestServer) -> (Child, String) {
    started_with("", program, client_id, server)
}

/// The same where `BROWSER` names one.
fn started_with(
    browser: &str,
    program: &str,
    client_id: &str,
    server: &TestServer,
) -> (Child, String) {
    let mut child = Command::new(program)
        .args([&server.issuer(), client_id, &server.resource_url()])
        .env("PATH", "")
        .env("BROWSER", browser)
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

#[cfg(unix)]
#[test]
fn the_browser_gets_the_address_as_one_argument_and_what_it_prints_is_not_seen() {
    let server = TestServer::start(Default::default());
    let folder = tempfile::tempdir().unwrap();
    let (browser, told_it) = (folder.path().join("browser"), folder.path().join("told"));
    let script = format!(
        "echo noise\necho noise >&2\nprintf '%s\\n' $# \"$1\" >{0}.new\n/bin/mv {0}.new {0}\n",
        told_it.display()
    );
    std::fs::write(&browser, script).unwrap();

    // A shell of the test's own, so that no file has to be executable.
    let browser = format!("/bin/sh {}", browser.display());
    let program = env!("CARGO_BIN_EXE_native-login");
    let (child, url) = started_with(&browser, program, "native", &server);
    let callback = server
        .consent(&url, &User::alice(), &Decision::Allow)
        .unwrap();
    let (authority, target) = callback["http://".len()..].split_once('/').unwrap();
    let request = format!("GET /{target} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    asked(authority, &request);
    let told = ended(child);
    assert!(!told.contains("noise"), "{told}");

    // It was started before the program waited, and may be slower than the login.
    let began = std::time::Instant::now();
    while !told_it.exists() {
        assert!(
            began.elapsed().as_secs() < 10,
            "the browser was not started"
        );
        std::thread::yield_now();
    }
    let told_it = std::fs::read_to_string(told_it).unwrap();
    assert_eq!(told_it, format!("1\n{url}\n"));
}
