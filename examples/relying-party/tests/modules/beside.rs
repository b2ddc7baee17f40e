//! What is beside the login: our own endpoints, request objects, logouts, logins that others begin, claims that others make.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use hallpass_testkit::{Config, NamedFault, TestServer, Value as Claim};
use serde_json::Value;

use crate::provider;
use crate::run::Run;

const REGISTERED: [&str; 3] = ["--register", "--listen", "127.0.0.1:0"];

/// A client that registers, with endpoints of its own.
fn registered<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = REGISTERED.to_vec();
    arguments.extend(more);
    arguments
}

fn end(server: &TestServer, arguments: &[&str]) -> (i32, Option<String>, Run) {
    let mut arguments = arguments.to_vec();
    arguments.push("--headless");
    let run = Run::new(server, &arguments);
    let (status, error) = run.end();
    let error = error.map(str::to_owned);
    (status, error, run)
}

#[test]
fn a_request_object_is_sent_by_value_or_by_reference_signed_or_not() {
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real_provider/keys.json");
    for how in ["none", "RS256", "ES256", "uri", "uri-none"] {
        for response_type in ["code", "code id_token"] {
            let more = [
                "--request-object",
                how,
                "--jwks",
                keys,
                "--response-type",
                response_type,
            ];
            let (status, error, run) = end(&provider(), &registered(&more));
            assert_eq!((status, error), (0, None), "{how}: {}", run.said);
        }
    }
}

#[test]
fn a_logout_comes_back_with_its_state() {
    let rp = ["--logout", "rp"];
    let (status, error, run) = end(&provider(), &registered(&rp));
    assert_eq!((status, error), (0, None), "{}", run.said);
    assert!(run.is_ok("logout"));
    for fault in [
        NamedFault::LogoutStateAltered,
        NamedFault::LogoutStateMissing,
    ] {
        let server = provider();
        server.inject(fault);
        let (status, error, run) = end(&server, &registered(&rp));
        assert_eq!(
            (status, error.as_deref()),
            (3, Some("logout_state")),
            "{}",
            run.said
        );
    }
}

#[test]
fn logout_tokens_are_taken_and_wrong_ones_are_not() {
    let back = ["--logout", "back"];
    let (status, error, run) = end(&provider(), &registered(&back));
    assert_eq!((status, error), (0, None), "{}", run.said);
    assert!(run.is_ok("backchannel_logout"));
    for (fault, name) in [
        (NamedFault::LogoutTokenNone, "unsigned"),
        (NamedFault::LogoutTokenRs512, "unexpected_algorithm"),
        (NamedFault::LogoutTokenNonce, "logout_nonce"),
        (NamedFault::LogoutTokenEventsMissing, "missing_claim"),
        (NamedFault::LogoutTokenEventsWrong, "logout_event"),
        (NamedFault::LogoutTokenAudWrong, "audience"),
        (NamedFault::LogoutTokenIssWrong, "issuer"),
    ] {
        let server = provider();
        server.inject(fault);
        let (status, error, run) = end(&server, &registered(&back));
        assert_eq!((status, error.as_deref()), (3, Some(name)), "{}", run.said);
    }
}

#[test]
fn a_frame_tells_of_a_logout() {
    // The redirect URI may be elsewhere.
    for more in [&[][..], &["--redirect-uri", "https://app.example/callback"]] {
        let mut arguments = registered(&["--logout", "front"]);
        arguments.extend(more);
        let (status, error, run) = end(&provider(), &arguments);
        assert_eq!((status, error), (0, None), "{}", run.said);
        assert!(run.is_ok("frontchannel_logout") && run.is_ok("logout"));
    }
}

#[test]
fn claims_that_others_make_are_collected_and_unsigned_ones_only_where_they_came_along() {
    let config = Config::new().allow_at_once("alice");
    let config = config.aggregated_claim("phone_number", Claim::text("+1 310 123 4567"));
    let server = TestServer::start(config.distributed_claim("credit_score", Claim::json("650")));
    let (status, error, run) = end(&server, &[]);
    assert_eq!((status, error), (0, None), "{}", run.said);
    let told = run
        .steps
        .iter()
        .find(|told| told["step"] == "claims")
        .unwrap();
    assert_eq!(told["claims"]["credit_score"], 650, "{}", run.said);
    assert_eq!(told["claims"]["phone_number"], "+1 310 123 4567");
    assert!(!run.said.contains("access_token"), "{}", run.said);
}

#[test]
fn somebody_else_begins_the_login_in_a_browser_or_before_the_program_goes_itself() {
    for more in [
        &[][..],
        &[
            "--headless",
            "--redirect-uri",
            "https://app.example/callback",
        ],
    ] {
        let server = provider();
        let mut arguments = registered(&["--third-party"]);
        arguments.extend(more);
        let mut program = Run::command(&server, &arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(program.stdout.take().unwrap()).lines();
        let mut next =
            || -> Value { serde_json::from_str(&said.next().unwrap().unwrap()).unwrap() };
        let listening = next()["listening"].as_str().unwrap().to_owned();
        while next()["step"] != "registration" {}

        let iss: String = form_urlencoded::byte_serialize(server.issuer().as_bytes()).collect();
        let sent = visit(&format!("{listening}/initiate-login?iss={iss}")).unwrap();
        assert!(sent.starts_with(&server.authorization_endpoint()), "{sent}");
        if more.is_empty() {
            let back = visit(&sent).unwrap();
            assert!(back.starts_with(&listening), "{back}");
            assert_eq!(visit(&back), None);
        }
        assert_eq!(next()["step"], "third_party_login");
        assert_eq!(program.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn a_login_for_another_issuer_is_not_begun() {
    let server = provider();
    let arguments = registered(&["--third-party"]);
    let mut program = Run::command(&server, &arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(program.stdout.take().unwrap()).lines();
    let first: Value = serde_json::from_str(&said.next().unwrap().unwrap()).unwrap();
    let listening = first["listening"].as_str().unwrap().to_owned();
    assert_eq!(
        visit(&format!(
            "{listening}/initiate-login?iss=https://other.example"
        )),
        None
    );
    assert!(said.any(|line| line.unwrap().contains("unknown_issuer")));
    assert_eq!(program.wait().unwrap().code(), Some(3));
}

#[test]
fn a_browser_brings_a_fragment_back_by_a_page_of_ours() {
    let server = provider();
    // It listens where the redirect URI is, without being told.
    let redirect_uri = redirect_uri();
    let arguments = [
        "--register",
        "--redirect-uri",
        &redirect_uri,
        "--response-type",
        "code id_token",
    ];
    let mut program = Run::command(&server, &arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(program.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&said.next().unwrap().unwrap()).unwrap() };
    let address = loop {
        if let Some(address) = next()["visit"].as_str() {
            break address.to_owned();
        }
    };
    let back = visit(&address).unwrap();
    let (callback, fragment) = back.split_once('#').unwrap();
    let page = ask("GET", callback, "");
    assert!(page.contains("location.hash"), "{page}");
    assert!(ask("POST", callback, "state=forged&code=x").starts_with("HTTP/1.1 400"));
    assert!(ask("POST", callback, fragment).contains("You are logged in"));
    assert_eq!(next()["step"], "login");
    assert_eq!(program.wait().unwrap().code(), Some(0));
}

#[test]
fn a_browser_is_told_how_a_login_ended_that_failed() {
    for fault in [NamedFault::IdTokenNonceWrong, NamedFault::ConsentDenied] {
        let server = provider();
        server.inject(fault);
        let arguments = ["--register", "--redirect-uri", &redirect_uri()];
        let mut program = Run::command(&server, &arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(program.stdout.take().unwrap()).lines();
        let mut told = said.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
        let address = told.find_map(|told| told["visit"].as_str().map(str::to_owned));
        let back = visit(&address.unwrap()).unwrap();
        let page = ask("GET", &back, "");
        assert!(page.contains("You are not logged in"), "{page}");
        assert_ne!(program.wait().unwrap().code(), Some(0));
    }
}

/// One on this machine, at a port that nobody has.
fn redirect_uri() -> String {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    format!("http://127.0.0.1:{port}/back/here")
}

#[test]
fn a_person_reads_words() {
    let server = provider();
    let mut program = Run::command(&server, &["--headless"]);
    // Without `--json`, which comes first.
    let arguments: Vec<_> = program
        .get_args()
        .filter(|own| *own != "--json")
        .map(ToOwned::to_owned)
        .collect();
    program = std::process::Command::new(program.get_program());
    let output = program.args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("Logged in\n") && text.ends_with("Done\n"),
        "{text}"
    );
    assert!(
        text.contains("\n  sub: alice\n") && !text.contains('{'),
        "{text}"
    );
}

/// Asks for an address on this machine: where it leads on to, if it does.
fn visit(address: &str) -> Option<String> {
    let answer = ask("GET", address, "");
    let mut lines = answer.lines().take_while(|line| !line.is_empty());
    lines.find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("location")
            .then(|| value.to_owned())
    })
}

/// The whole answer.
fn ask(method: &str, address: &str, form: &str) -> String {
    let rest = address.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let length = form.len();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
