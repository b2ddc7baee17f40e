//! What the tests share: a server, clients, and a driver that answers from the test.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file is a program of its own and uses its part"
)]

use std::collections::BTreeMap;

use hallpass_grant::token::{Scopes, TokenSet};
use hallpass_grant::{
    AuthorizationRequest, AuthorizationUrl, AuthorizedCode, Call, Callback, Client,
    ClientAuthentication, Code, Conversation, Endpoint, Error, ErrorKind, Input, Issuer, Lost,
    MacAlgorithm, MacKey, Misuse, NotSigned, Pending, RandomError, Request, Response,
    ServerMetadata, Signature, SigningAlgorithm, SigningKeyName, Step, Token, TokenAnswer,
    Violation,
};
use time::UtcDateTime;

pub const NOW: UtcDateTime = match UtcDateTime::from_unix_timestamp(1_700_000_000) {
    Ok(now) => now,
    Err(_) => panic!("a date"),
};

pub const ISSUER: &str = "https://as.example";

/// A source whose draws are known: 32 times the first byte, then 32 times the next.
pub fn draws(first: u8) -> impl FnMut() -> Result<[u8; 32], RandomError> {
    let mut next = first;
    move || {
        next += 1;
        Ok([next - 1; 32])
    }
}

/// What a code login draws from [`draws`] of [`SEED`]: a verifier and, after it, a state.
pub const SEED: u8 = 7;
pub const VERIFIER: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
pub const CHALLENGE: &str = "3Ev4DHdHPRMPoN6GukAY_pi7IUAF5qWJHRK6kURvnoE";
pub const STATE: &str = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg";
/// A token login draws a state alone; from this it is the same one.
pub const STATE_SEED: u8 = 8;

pub fn endpoint(text: &str) -> Endpoint {
    Endpoint::new(text).unwrap()
}

pub fn server() -> ServerMetadata {
    ServerMetadata::default()
        .with_authorization_endpoint(endpoint("https://as.example/oauth/authorize"))
        .with_token_endpoint(endpoint("https://as.example/oauth/token"))
}

pub fn server_with_issuer() -> ServerMetadata {
    server().with_issuer(Issuer::new(ISSUER).unwrap())
}

pub fn client_of(server: ServerMetadata) -> Client {
    Client::new(server, "cid")
        .unwrap()
        .with_redirect_uri("https://app.example/cb")
        .unwrap()
}

pub fn client() -> Client {
    client_of(server())
}

/// Every way to prove who the client is.
pub fn authentications() -> Vec<ClientAuthentication> {
    vec![
        ClientAuthentication::None,
        ClientAuthentication::Basic("s".into()),
        ClientAuthentication::Post("s".into()),
        ClientAuthentication::PrivateKeyJwt(key()),
        ClientAuthentication::SecretJwt(mac_key()),
        ClientAuthentication::MutualTls,
    ]
}

/// A secret that signs, just long enough.
pub fn mac_key() -> MacKey {
    MacKey::new(MacAlgorithm::Hs256, MAC_SECRET).unwrap()
}

pub const MAC_SECRET: &str = "a-client-secret-of-32-characters";

pub fn key() -> SigningKeyName {
    SigningKeyName::new(SigningAlgorithm::Es256, "key-1")
}

pub fn scopes(text: &str) -> Scopes {
    Scopes::parse(text).unwrap()
}

pub fn begin_code(client: &Client) -> (AuthorizationUrl, Pending<Code>) {
    let request = AuthorizationRequest::new().scopes(scopes("read write"));
    let grant = client.code().unwrap();
    grant.begin(request, &mut draws(SEED), NOW).unwrap()
}

pub fn begin_token(client: &Client) -> (AuthorizationUrl, Pending<Token>) {
    let request = AuthorizationRequest::new().scopes(scopes("read write"));
    let grant = client.implicit().unwrap();
    grant.begin(request, &mut draws(STATE_SEED), NOW).unwrap()
}

pub fn code_of(client: &Client) -> AuthorizedCode {
    let (_, pending) = begin_code(client);
    let callback = format!("/cb?code=SplxlOBe&state={STATE}");
    pending
        .receive(&Callback::from_url(&callback), NOW)
        .unwrap()
}

pub fn exchange_of(client: &Client) -> Call<TokenAnswer> {
    client.exchange(code_of(client)).unwrap()
}

/// Receives a code callback of which only the query is given, after `state`.
pub fn receive_code(client: &Client, rest: &str) -> Result<AuthorizedCode, Error> {
    let (_, pending) = begin_code(client);
    let callback = format!("/cb?state={STATE}{rest}");
    pending.receive(&Callback::from_url(&callback), NOW)
}

/// Receives an implicit callback of which only the fragment is given, after `state`.
pub fn receive_token(client: &Client, rest: &str) -> Result<TokenSet, Error> {
    let (_, pending) = begin_token(client);
    let callback = format!("https://app.example/cb#state={STATE}{rest}");
    pending.receive(&Callback::from_url(&callback), NOW)
}

/// The decoded query of an address, as the url crate's form decoder reads it.
pub fn query_of(url: &AuthorizationUrl) -> BTreeMap<String, String> {
    let (_, query) = url.as_str().split_once('?').unwrap();
    pairs(query).into_iter().collect()
}

/// A form, taken apart by a few lines that share nothing with the library.
pub fn pairs(form: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let hex = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(str::from_utf8(&hex).unwrap(), 16).unwrap()
                }
                other => other,
            });
        }
        String::from_utf8(bytes).unwrap()
    };
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap();
        (decode(name), decode(value))
    };
    form.split('&').map(pair).collect()
}

pub fn json(status: u16, body: &str) -> Response {
    Response::new(status)
        .with_header("content-type", "application/json")
        .with_body(body.as_bytes().to_vec())
}

pub fn sent<T>(step: Step<T>) -> Request {
    match step {
        Step::Send(request) => request,
        _ => panic!("no request is sent here"),
    }
}

pub fn done<T>(step: Step<T>) -> T {
    match step {
        Step::Done(output) => output,
        _ => panic!("the conversation goes on"),
    }
}

pub fn body(request: &Request) -> &str {
    str::from_utf8(request.body().expose_secret()).unwrap()
}

/// Exchanges a code and answers with this.
pub fn exchange_answered(response: Response) -> Result<TokenSet, Error> {
    let mut call = exchange_of(&client());
    let _request = sent(call.step(Input::Begin, NOW).unwrap());
    call.step(Input::Response(response), NOW).map(done)
}

/// One input of every kind.
pub fn every_input() -> Vec<Input> {
    vec![
        Input::Begin,
        Input::Response(json(200, r#"{"access_token":"t","token_type":"bearer"}"#)),
        Input::Lost(Lost::NotSent),
        Input::Lost(Lost::MaybeSent),
        Input::Signature(Signature::new([1; 64])),
        Input::NotSigned(NotSigned::Failed),
        Input::Woken,
    ]
}

pub fn violation(error: &Error) -> &Violation {
    match error.kind() {
        ErrorKind::Violation(violation) => violation,
        other => panic!("no violation: {other:?}"),
    }
}

pub fn misuse(error: &Error) -> &Misuse {
    match error.kind() {
        ErrorKind::Misuse(misuse) => misuse,
        other => panic!("no misuse: {other:?}"),
    }
}

/// What a call that signs nothing sends first.
pub fn request_of(call: &mut impl Conversation) -> Request {
    sent(call.step(Input::Begin, NOW).unwrap())
}

/// Begins a call that signs nothing, and answers it with this.
pub fn answered<C: Conversation>(mut call: C, response: Response) -> Result<C::Output, Error> {
    let _request = request_of(&mut call);
    call.step(Input::Response(response), NOW).map(done)
}

/// What a call that signs nothing ends with when its answer is lost.
pub fn lost_answer<C: Conversation>(mut call: C) -> ErrorKind {
    let _request = request_of(&mut call);
    match call.step(Input::Lost(Lost::MaybeSent), NOW) {
        Err(error) => error.kind().clone(),
        Ok(_) => panic!("the loss was not noticed"),
    }
}
