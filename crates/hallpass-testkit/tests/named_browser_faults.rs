//! What real authorization endpoints and metadata documents were seen to do.

mod common;

use common::*;
use hallpass_testkit::{AuthorizationServer, NamedFault, Request};
use serde_json::Value;

const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

/// The status at this address, and the document.
fn metadata(server: &mut AuthorizationServer, path: &str) -> (u16, Value) {
    let answer = server.respond(&Request::get(path), NOW);
    (answer.status, json(&answer))
}

#[test]
fn iss_has_a_slash_and_the_metadata_has_not() {
    let mut server = server();
    server.inject(NamedFault::IssuerSlash);
    let location = allow(&mut server, &code_url(&[]));
    assert_eq!(
        in_query(&location, "iss").as_deref(),
        Some("https://auth.example/")
    );
    assert_eq!(
        metadata(&mut server, OAUTH).1["issuer"],
        "https://auth.example"
    );
}

#[test]
fn the_metadata_has_a_slash_and_iss_has_not() {
    let mut server = server();
    server.inject(NamedFault::MetadataIssuerSlash);
    assert_eq!(
        metadata(&mut server, OAUTH).1["issuer"],
        "https://auth.example/"
    );
    let location = allow(&mut server, &code_url(&[]));
    assert_eq!(
        in_query(&location, "iss").as_deref(),
        Some("https://auth.example")
    );
}

#[test]
fn iss_comes_in_the_query_of_an_answer_in_the_fragment() {
    let mut server = server();
    server.inject(NamedFault::IssuerInQuery);
    let location = allow(&mut server, &token_url(&[]));
    assert!(
        location.starts_with(&format!(
            "{CALLBACK}?iss=https%3A%2F%2Fauth.example#access_token="
        )),
        "{location}"
    );
    assert_eq!(in_fragment(&location, "iss"), None);
    assert_eq!(in_fragment(&location, "state").as_deref(), Some(STATE));
    let location = allow(&mut server, &code_url(&[]));
    assert!(in_query(&location, "iss").is_some(), "{location}");
}

#[test]
fn a_state_of_seven_characters_is_refused_and_one_of_eight_is_not() {
    let mut server = server();
    server.inject(NamedFault::ShortStateRefused);
    let short = code_url(&[("state", "1234567")]);
    let short = short.strip_prefix("https://auth.example").unwrap();
    let answer = server.respond(&Request::get(short), NOW);
    let location = answer.location().unwrap();
    assert_eq!(
        in_query(location, "error").as_deref(),
        Some("invalid_state")
    );
    assert_eq!(in_query(location, "state").as_deref(), Some("1234567"));
    let long = allow(&mut server, &code_url(&[("state", "12345678")]));
    assert!(in_query(&long, "code").is_some());
}

#[test]
fn an_empty_access_token_stands_beside_a_code_and_beside_an_error() {
    let mut server = server();
    server.inject(NamedFault::EmptyAccessToken);
    let location = allow(&mut server, &code_url(&[]));
    assert_eq!(in_query(&location, "access_token").as_deref(), Some(""));
    assert!(in_query(&location, "code").is_some());
    server.inject(NamedFault::ConsentDenied);
    let location = allow(&mut server, &code_url(&[]));
    assert_eq!(in_query(&location, "access_token").as_deref(), Some(""));
    assert_eq!(
        in_query(&location, "error").as_deref(),
        Some("access_denied")
    );
}

#[test]
fn the_metadata_is_at_one_address_only() {
    for (fault, here, elsewhere) in [
        (NamedFault::MetadataOnlyOAuth, OAUTH, OPENID),
        (NamedFault::MetadataOnlyOpenId, OPENID, OAUTH),
    ] {
        let mut server = server();
        server.inject(fault);
        assert_eq!(metadata(&mut server, here).0, 200);
        assert_eq!(metadata(&mut server, elsewhere).0, 404);
    }
}

#[test]
fn the_two_documents_name_different_endpoints_and_both_work() {
    let mut server = server();
    assert_eq!(metadata(&mut server, OAUTH), metadata(&mut server, OPENID));
    server.inject(NamedFault::MetadataDiffers);
    let endpoint = |document: (u16, Value)| text(&document.1, "token_endpoint").to_owned();
    assert_eq!(
        endpoint(metadata(&mut server, OAUTH)),
        "https://auth.example/oauth/token"
    );
    assert_eq!(
        endpoint(metadata(&mut server, OPENID)),
        "https://auth.example/oauth2/token"
    );
    let code = code(&mut server);
    let mut request = exchange_request(&code, &[]);
    request.target = "/oauth2/token".to_owned();
    assert_eq!(server.respond(&request, NOW).status, 200);
}

#[test]
fn a_fault_by_name_for_once_happens_once() {
    let mut server = server();
    server.inject(NamedFault::find("state-missing").unwrap().once());
    let location = allow(&mut server, &code_url(&[]));
    assert_eq!(in_query(&location, "state"), None);
    let location = allow(&mut server, &code_url(&[]));
    assert!(in_query(&location, "state").is_some());
}
