//! The server over a real socket, by hand.

mod common;

use std::{
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    thread::{self, JoinHandle},
    time::Duration,
};

use common::{CALLBACK, CHALLENGE, VERIFIER, in_query, parameters};
use hallpass_testkit::{
    Body, Client, Config, Decision, Endpoint, Fault, FormPost, TestServer, User,
};

/// A connection that gives up after a while instead of hanging the test.
fn connect(server: &TestServer) -> TcpStream {
    let stream = TcpStream::connect(server.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream
}

/// Sends a form and reads until the connection is closed.
fn post(server: &TestServer, path: &str, form: &[(&str, &str)]) -> String {
    let mut stream = connect(server);
    write_post(&mut stream, path, form);
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

fn write_post(stream: &mut TcpStream, path: &str, form: &[(&str, &str)]) {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
}

fn get(server: &TestServer, path: &str, header: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n");
    send(server, &request)
}

/// Sends this, and reads until the connection is closed.
fn send(server: &TestServer, request: &str) -> String {
    let mut stream = connect(server);
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn body(answer: &str) -> serde_json::Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn url(server: &TestServer, response_mode: &str) -> String {
    let parameters = [
        ("response_type", "code"),
        ("client_id", "native"),
        ("redirect_uri", CALLBACK),
        ("response_mode", response_mode),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    format!("{}?{query}", server.authorization_endpoint())
}

fn exchange(server: &TestServer) -> String {
    let location = server
        .consent(&url(server, "query"), &User::alice(), &Decision::Allow)
        .unwrap();
    let code = in_query(&location, "code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "native"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    post(server, "/oauth/token", &form)
}

#[test]
fn a_code_becomes_a_token_over_a_socket() {
    let server = TestServer::start(Config::new());
    assert_eq!(server.issuer(), server.base_url());
    let answer = exchange(&server);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let token = body(&answer)["access_token"].as_str().unwrap().to_owned();
    let answer = get(
        &server,
        "/resource",
        &format!("Authorization: Bearer {token}\r\n"),
    );
    assert_eq!(body(&answer)["sub"], "alice");
    assert_eq!(server.requests_to(Endpoint::Token).len(), 1);
    assert_eq!(
        server.requests_to(Endpoint::Resource)[0].header("host"),
        Some("x")
    );
}

#[tokio::test]
async fn it_starts_and_stops_inside_a_runtime() {
    let server = TestServer::start(Config::new());
    assert_eq!(
        body(&get(&server, "/.well-known/openid-configuration", ""))["issuer"],
        server.base_url()
    );
    let address = server.address();
    drop(server);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_form_post_is_read_off_the_page() {
    let server = TestServer::start(Config::new());
    let FormPost {
        action, parameters, ..
    } = server
        .consent_by_post(&url(&server, "form_post"), &User::bob(), &Decision::Allow)
        .unwrap();
    assert_eq!(action, CALLBACK);
    assert_eq!(
        parameters.iter().find(|(name, _)| name == "iss").unwrap().1,
        server.base_url()
    );
}

#[test]
fn its_clock_can_be_put_forward() {
    let server = TestServer::start(Config::new());
    let token = body(&exchange(&server))["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(server.with(|inner| inner.is_valid(&token, server_time())));
    let before = server.now();
    server.advance(Duration::from_secs(3600));
    assert!(server.now() >= before + 3600);
    let answer = get(
        &server,
        "/resource",
        &format!("Authorization: Bearer {token}\r\n"),
    );
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

/// The machine's clock, which is the server's until it is put forward.
fn server_time() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

#[test]
fn a_connection_is_closed_before_or_after_the_request_was_carried_out() {
    let server = TestServer::start(Config::new());
    for (fault, reuse) in [(Fault::CloseBeforeAnswer, 200), (Fault::LoseAnswer, 400)] {
        let refresh_token = body(&exchange(&server))["refresh_token"]
            .as_str()
            .unwrap()
            .to_owned();
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "native"),
            ("refresh_token", &refresh_token),
        ];
        server.inject(fault.once());
        assert_eq!(post(&server, "/oauth/token", &form), "");
        let again = post(&server, "/oauth/token", &form);
        assert!(again.starts_with(&format!("HTTP/1.1 {reuse} ")), "{again}");
    }
}

#[test]
fn a_server_that_hangs_is_still_dropped_at_once() {
    let server = TestServer::start(Config::new());
    server.inject(Fault::Hang);
    let mut stream = connect(&server);
    write_post(&mut stream, "/oauth/token", &[]);
    stream
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let waited = stream.read(&mut [0]).unwrap_err();
    assert!(
        matches!(waited.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        "{waited}"
    );
    drop(server);
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let after = stream.read(&mut [0]);
    assert!(
        matches!(after, Ok(0))
            || after.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset)
    );
}

#[test]
fn an_endless_body_does_not_end() {
    let server = TestServer::start(Config::new());
    server.inject(Fault::EndlessBody);
    let mut stream = connect(&server);
    write_post(&mut stream, "/oauth/token", &[]);
    let mut much = vec![0; 4 << 20];
    stream.read_exact(&mut much).unwrap();
}

#[test]
fn a_slow_body_comes_byte_by_byte_and_whole() {
    let server = TestServer::start(Config::new());
    server.inject(Fault::Drip {
        every: Duration::from_millis(1),
    });
    let answer = post(
        &server,
        "/oauth/token",
        &[("client_id", "x"), ("grant_type", "y")],
    );
    assert!(answer.contains("transfer-encoding: chunked"), "{answer}");
    // Every byte is a chunk of its own.
    assert!(
        answer.contains("1\r\n{\r\n1\r\n\"\r\n1\r\ne\r\n"),
        "{answer}"
    );
    assert!(answer.ends_with("1\r\n}\r\n0\r\n\r\n"), "{answer}");
}

#[test]
fn a_body_that_is_too_large_is_not_read() {
    let server = TestServer::start(Config::new());
    let mut stream = connect(&server);
    let head = "POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![b'x'; (1 << 20) + 1]).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");
    assert_eq!(server.requests(), []);
}

#[test]
fn faults_are_switched_while_it_runs() {
    let server = TestServer::start(Config::new());
    let fault = Fault::Body {
        status: 503,
        body: Body::Empty,
    };
    server.inject(fault.clone());
    assert!(post(&server, "/oauth/token", &[]).starts_with("HTTP/1.1 503 "));
    server.remove(&fault);
    assert!(post(&server, "/oauth/token", &[]).starts_with("HTTP/1.1 400 "));
    server.inject(fault);
    server.heal();
    assert!(post(&server, "/oauth/token", &[]).starts_with("HTTP/1.1 400 "));
}

#[test]
fn two_servers_never_give_the_same_code() {
    let (one, other) = (
        TestServer::start(Config::new()),
        TestServer::start(Config::new()),
    );
    let code = |server: &TestServer| {
        let location = server
            .consent(&url(server, "query"), &User::alice(), &Decision::Allow)
            .unwrap();
        parameters(&location, '?').remove(0)
    };
    assert_ne!(code(&one), code(&other));
}

#[test]
fn a_server_may_have_an_issuer_that_is_not_its_address() {
    let server = TestServer::start(Config::new().issuer("https://id.example"));
    assert_eq!(
        body(&get(&server, "/.well-known/oauth-authorization-server", ""))["issuer"],
        "https://id.example"
    );
    let location = server
        .consent(&url(&server, "query"), &User::alice(), &Decision::Allow)
        .unwrap();
    assert_eq!(
        in_query(&location, "iss").as_deref(),
        Some("https://id.example")
    );
}

#[test]
fn a_client_registers_and_goes_over_a_socket() {
    let server = TestServer::start(Config::new());
    let metadata = r#"{"redirect_uris":["https://app.example/callback"]}"#;
    let length = metadata.len();
    let head = format!(
        "POST /oauth/register HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    let answer = send(&server, &(head + metadata));
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let client = body(&answer);
    let uri = client["registration_client_uri"].as_str().unwrap();
    let path = uri.strip_prefix(server.base_url()).unwrap();
    let token = client["registration_access_token"].as_str().unwrap();
    let answer = send(
        &server,
        &format!(
            "DELETE {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
        ),
    );
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}

/// Answers one request with this body, and returns what came.
fn answer_one(socket: TcpListener, body: &'static str) -> JoinHandle<String> {
    thread::spawn(move || {
        let (mut stream, _) = socket.accept().unwrap();
        let mut came = Vec::new();
        let mut part = [0; 4096];
        loop {
            let read = stream.read(&mut part).unwrap();
            came.extend_from_slice(&part[..read]);
            let text = String::from_utf8_lossy(&came).into_owned();
            let (head, sent) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
            let length = head
                .split_once("Content-Length: ")
                .map_or("0", |(_, rest)| rest);
            let length: usize = length.lines().next().unwrap().parse().unwrap();
            if read == 0 || text.contains("\r\n\r\n") && sent.len() >= length {
                let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).unwrap();
                return text;
            }
        }
    })
}

#[test]
fn a_request_object_on_loopback_is_fetched() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/request.jwt", socket.local_addr().unwrap());
    // {"alg":"none"} and {"scope":"read"}.
    let came = answer_one(socket, "eyJhbGciOiJub25lIn0.eyJzY29wZSI6InJlYWQifQ.\n");
    let server = TestServer::start(Config::new().allow_at_once("alice"));
    let uri: String = form_urlencoded::byte_serialize(uri.as_bytes()).collect();
    let callback: String = form_urlencoded::byte_serialize(CALLBACK.as_bytes()).collect();
    let path = format!(
        "/oauth/authorize?response_type=token&client_id=httpig&scope=write&redirect_uri={callback}&request_uri={uri}"
    );
    let answer = get(&server, &path, "");
    assert!(answer.contains("&scope=read&"), "{answer}");
    assert!(
        came.join()
            .unwrap()
            .starts_with("GET /request.jwt HTTP/1.0")
    );
}

#[test]
fn a_logout_token_is_posted_to_a_client_on_loopback() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/back?a=b", socket.local_addr().unwrap());
    let came = answer_one(socket, "");
    let client = Client::public("rp")
        .redirect_uri(CALLBACK)
        .scopes(["openid"])
        .back_channel_logout_uri(uri);
    let server = TestServer::start(Config::new().client(client));
    let url = format!(
        "{}?response_type=code&client_id=rp&scope=openid&redirect_uri={CALLBACK}\
         &code_challenge={CHALLENGE}&code_challenge_method=S256",
        server.authorization_endpoint(),
    );
    server
        .consent(&url, &User::alice(), &Decision::Allow)
        .unwrap();
    assert!(server.log_out_user("alice").is_empty());
    let came = came.join().unwrap();
    assert!(came.starts_with("POST /back?a=b HTTP/1.0"), "{came}");
    assert!(came.contains("\r\n\r\nlogout_token=eyJ"), "{came}");
}
