//! What the tests share: a login that was begun, and a browser of a few lines.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file is a program of its own and uses its part"
)]

use hallpass_grant::{
    AuthorizationRequest, Client, Code, Endpoint, Pending, ResponseMode, ServerMetadata, Token,
};
use time::UtcDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const NOW: UtcDateTime = UtcDateTime::UNIX_EPOCH;
/// 32 bytes of 8, as the client writes them.
pub const STATE: &str = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg";

pub fn client(redirect_uri: &str) -> Client {
    let endpoint = |text| Endpoint::new(text).unwrap();
    let server = ServerMetadata::default()
        .with_authorization_endpoint(endpoint("https://as.example/authorize"))
        .with_token_endpoint(endpoint("https://as.example/token"));
    let client = Client::new(server, "c").unwrap();
    client.with_redirect_uri(redirect_uri).unwrap()
}

pub fn code(redirect_uri: &str, mode: ResponseMode) -> Pending<Code> {
    let request = AuthorizationRequest::new().response_mode(mode);
    let client = client(redirect_uri);
    let grant = client.code().unwrap();
    grant.begin(request, &mut || Ok([8; 32]), NOW).unwrap().1
}

pub fn token(redirect_uri: &str) -> Pending<Token> {
    let client = client(redirect_uri);
    let grant = client.implicit().unwrap();
    let request = AuthorizationRequest::new();
    grant.begin(request, &mut || Ok([8; 32]), NOW).unwrap().1
}

/// The host and port of an address of ours.
pub fn authority(redirect_uri: &str) -> &str {
    let rest = redirect_uri.strip_prefix("http://").unwrap();
    rest.split_once('/').unwrap().0
}

/// Sends a request as it stands and reads the answer to its end.
pub async fn send(authority: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(authority).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    // What is refused half way is closed on the sender.
    let _ = stream.read_to_string(&mut answer).await;
    answer
}

pub async fn get(authority: &str, target: &str) -> String {
    let request = format!("GET {target} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    send(authority, &request).await
}

pub async fn post(authority: &str, target: &str, headers: &str, body: &str) -> String {
    let request = format!(
        "POST {target} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    send(authority, &request).await
}

pub fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("")
}

/// The token in the page that relays.
pub fn page_token(page: &str) -> &str {
    let (_, token) = page.split_once("name=\"page-token\" content=\"").unwrap();
    token.split_once('"').unwrap().0
}
