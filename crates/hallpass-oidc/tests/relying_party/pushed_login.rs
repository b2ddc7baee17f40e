//! A login whose request is pushed first.

use hallpass_grant::{Conversation, ErrorKind};
use hallpass_grant::{Input, Misuse, Response, SigningAlgorithm, SigningKeyName, Step};
use hallpass_oidc::AuthenticationRequest;

use crate::common::*;

const PUSHED: &str = r#"{"pushed_authorization_request_endpoint":"https://op.example/par"}"#;

fn stored() -> Response {
    json(r#"{"request_uri":"urn:example:1","expires_in":60}"#)
}

#[test]
fn what_is_asked_for_is_pushed_with_its_nonce_and_the_login_goes_on() {
    let relying_party = relying_party_of(provider_with(PUSHED));
    let request = AuthenticationRequest::new().login_hint("jane");
    let pushed = relying_party.push(&request, &mut draws(7), now());
    let mut form = String::new();
    let (url, login) = drive(&mut pushed.unwrap(), |request| {
        assert_eq!(request.endpoint().as_str(), "https://op.example/par");
        form = String::from_utf8(request.body().expose_secret().to_vec()).unwrap();
        Input::Response(stored())
    })
    .unwrap();
    let form = query_of(&format!("?{form}"));
    assert_eq!(form["login_hint"], "jane");
    assert_eq!(form["nonce"].len(), 43);
    assert_eq!(form["state"], login.state().expose_secret());
    let query = query_of(url.as_str());
    assert_eq!(query.len(), 2);
    assert_eq!(query["request_uri"], "urn:example:1");
    let stored = serde_json::to_string(&login).unwrap();
    assert!(stored.contains(&form["nonce"]), "what is expected is kept");
}

#[test]
fn a_pushed_request_is_signed_where_that_is_asked_for() {
    let relying_party = relying_party_of(provider_with(PUSHED));
    let key = SigningKeyName::new(SigningAlgorithm::Es256, "key-1");
    let request = AuthenticationRequest::new();
    let pushed = relying_party.push_signed(&request, key, &mut draws(7), now());
    let mut pushed = pushed.unwrap();
    assert!(matches!(
        pushed.step(Input::Begin, now()),
        Ok(Step::Sign(_))
    ));
    let shown = format!("{pushed:?}");
    assert!(shown.contains("op.example/par") && !shown.contains("nonce"));
}

#[test]
fn a_provider_that_takes_no_pushed_requests_is_told() {
    let request = AuthenticationRequest::new();
    let error = relying_party().push(&request, &mut draws(7), now());
    let missing = Misuse::Missing("pushed authorization request endpoint");
    assert_eq!(*error.unwrap_err().kind(), ErrorKind::Misuse(missing));
}
