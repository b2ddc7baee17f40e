//! `http::Request` goes out and `http::Response` comes in.
#![cfg(feature = "http")]

mod common;

use hallpass_grant::{
    Callback, ClientAuthentication, Conversation, Discovery, Endpoint, Input, Issuer, Response,
};
use http::{Method, Uri};

use common::*;

#[test]
fn a_request_goes_out_whole_and_its_credentials_are_marked() {
    let client = client().with_authentication(ClientAuthentication::Basic("s".into()));
    let request = sent(exchange_of(&client).step(Input::Begin, NOW).unwrap());
    let text = body(&request).to_owned();
    let request = http::Request::try_from(request).unwrap();
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri(), "https://as.example/oauth/token");
    assert_eq!(
        request.headers()["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(request.headers()["accept"], "application/json");
    assert_eq!(request.headers()["authorization"], "Basic Y2lkOnM=");
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(request.into_body(), text.into_bytes());
}

#[test]
fn a_get_goes_out_without_a_body() {
    let mut discovery = Discovery::new(Issuer::new(ISSUER).unwrap());
    let request =
        http::Request::try_from(sent(discovery.step(Input::Begin, NOW).unwrap())).unwrap();
    assert_eq!(request.method(), Method::GET);
    assert!(request.body().is_empty());
}

#[test]
fn a_response_comes_in_with_status_headers_and_body() {
    let response = http::Response::builder()
        .status(200)
        .header("Content-Type", "application/json;charset=UTF-8")
        .header("x-binary", [0xFF_u8].as_slice())
        .body(br#"{"access_token":"T","token_type":"bearer"}"#.to_vec())
        .unwrap();
    assert!(exchange_answered(Response::from(response)).is_ok());
    let busy = http::Response::builder()
        .status(429)
        .header("Retry-After", "9")
        .body(Vec::new())
        .unwrap();
    let error = exchange_answered(Response::from(busy)).unwrap_err();
    assert_eq!(
        error.refused().unwrap().retry_after(),
        Some(std::time::Duration::from_secs(9))
    );
}

#[test]
fn uris_go_in_and_out() {
    let uri: Uri = "https://as.example/token?tenant=1".parse().unwrap();
    let endpoint = Endpoint::try_from(&uri).unwrap();
    assert_eq!(Uri::try_from(&endpoint).unwrap(), uri);
    assert!(Endpoint::try_from(&Uri::from_static("/relative")).is_err());
    let target: Uri = format!("/cb?code=X&state={STATE}").parse().unwrap();
    let (_, pending) = begin_code(&client());
    assert!(pending.receive(&Callback::from(&target), NOW).is_ok());
}
