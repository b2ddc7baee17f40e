//! Pushed authorization requests (RFC 9126): what is told to the server first, and what the user agent carries.

mod common;
#[path = "common/signer.rs"]
mod signer;

use std::collections::BTreeMap;

use hallpass_grant::token::Secret;
use hallpass_grant::{
    AuthorizationRequest, AuthorizationUrl, Call, Callback, Client, ClientAuthentication,
    Conversation, Error, ErrorKind, Input, Issuer, Lost, Method, Misuse, Pending, Profile,
    PushedAnswer, PushedRequest, Recovery, Request, Response, ServerMetadata,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use common::*;
use signer::*;

/// RFC 9126 §2.2, the example.
const ANSWER: &str = r#"{
    "request_uri": "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c",
    "expires_in": 60
}"#;
const REFERENCE: &str = "urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c";
const BEHIND: &str = "client_id=cid&request_uri=\
    urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc_11ACC5bwc014ltc14eY22c";

fn pushing() -> ServerMetadata {
    server_with_issuer()
        .with_pushed_authorization_request_endpoint(endpoint("https://as.example/par"))
}

fn request() -> AuthorizationRequest {
    AuthorizationRequest::new()
        .scopes(scopes("read write"))
        .parameter("login_hint", "a@b")
        .unwrap()
}

fn push_of(client: &Client) -> Call<PushedAnswer> {
    let grant = client.code().unwrap();
    grant.push(request(), &mut draws(SEED), NOW).unwrap()
}

fn pushed(client: &Client) -> Request {
    sent(signed(&mut push_of(client), Input::Begin, NOW).unwrap())
}

fn answered(client: &Client, response: Response) -> Result<PushedRequest, Error> {
    let mut call = push_of(client);
    let _request = sent(signed(&mut call, Input::Begin, NOW).unwrap());
    call.step(Input::Response(response), NOW).map(done)
}

fn begun(client: &Client) -> (AuthorizationUrl, Pending<hallpass_grant::Code>) {
    let request = answered(client, json(201, ANSWER)).unwrap();
    request.begin(NOW).unwrap()
}

fn elsewhere<T: Serialize + DeserializeOwned>(value: T) -> T {
    serde_json::from_str(&serde_json::to_string(&value).unwrap()).unwrap()
}

fn front() -> String {
    format!(
        "&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=read+write&state={STATE}\
         &code_challenge={CHALLENGE}&code_challenge_method=S256&login_hint=a%40b"
    )
}

#[test]
fn with_basic_this_form_is_posted_to_the_endpoint() {
    let client = client_of(pushing());
    let request = pushed(&client.with_authentication(ClientAuthentication::Basic("s".into())));
    assert_eq!(request.method(), Method::Post);
    assert_eq!(request.endpoint().as_str(), "https://as.example/par");
    let headers: Vec<_> = request.headers().collect();
    assert_eq!(
        headers,
        [
            ("accept", "application/json"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("authorization", "Basic Y2lkOnM="),
        ]
    );
    assert_eq!(
        body(&request),
        format!("response_type=code&client_id=cid{}", front())
    );
}

#[test]
fn a_public_client_and_one_with_a_secret_in_the_body_name_themselves_once() {
    let client = client_of(pushing());
    let request = pushed(&client);
    assert_eq!(request.header("authorization"), None);
    assert_eq!(
        body(&request),
        format!("response_type=code{}&client_id=cid", front())
    );
    let request = pushed(&client.with_authentication(ClientAuthentication::Post("s".into())));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(
        body(&request),
        format!(
            "response_type=code{}&client_id=cid&client_secret=s",
            front()
        )
    );
}

#[test]
fn a_key_proves_the_client_with_an_assertion_for_the_issuer() {
    let client = client_of(pushing());
    let request = pushed(&client.with_authentication(ClientAuthentication::PrivateKeyJwt(key())));
    let (form, _assertion) = body(&request).split_once("&client_assertion=").unwrap();
    assert_eq!(
        form,
        format!(
            "response_type=code{}&client_id=cid\
             &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
            front()
        )
    );
    // RFC 9126 section 2: whatever endpoint it is, the issuer is the audience.
    assert_eq!(assertion_of(&request).claims["aud"], ISSUER);
}

#[test]
fn whoever_pushes_no_field_stands_twice() {
    let bare = Client::new(pushing(), "c id&x").unwrap();
    let bound = client_of(pushing()).with_dpop(dpop_key()).unwrap();
    for client in [bare, client_of(pushing()), bound] {
        for authentication in authentications() {
            let request = pushed(&client.clone().with_authentication(authentication));
            let pairs = pairs(body(&request));
            let fields: BTreeMap<_, _> = pairs.iter().cloned().collect();
            assert_eq!(fields.len(), pairs.len(), "{}", body(&request));
            assert_eq!(fields["client_id"], client.id());
            assert!(!fields.contains_key("request_uri"));
        }
    }
}

#[test]
fn what_is_in_no_address_is_all_in_the_form() {
    let mut profile = Profile::STRICT;
    profile.authorization_parameters = vec![("access_type".into(), "offline".into())].into();
    let client = client_of(pushing())
        .with_profile(profile)
        .with_dpop(dpop_key())
        .unwrap();
    let request = request().resource("https://api.example/").unwrap();
    let grant = client.code().unwrap();
    let mut call = grant.push(request, &mut draws(SEED), NOW).unwrap();
    let request = sent(call.step(Input::Begin, NOW).unwrap());
    let fields: BTreeMap<_, _> = pairs(body(&request)).into_iter().collect();
    assert_eq!(fields["dpop_jkt"], thumbprint(&public_jwk()));
    assert_eq!(fields["resource"], "https://api.example/");
    assert_eq!(fields["access_type"], "offline");
    let answer = call.step(Input::Response(json(201, ANSWER)), NOW).unwrap();
    let (url, _) = done(answer).begin(NOW).unwrap();
    assert_eq!(
        url.as_str(),
        format!("https://as.example/oauth/authorize?{BEHIND}")
    );
}

#[test]
fn the_user_agent_carries_the_client_id_and_the_reference_alone() {
    let (url, _) = begun(&client_of(pushing()));
    assert_eq!(
        url.as_str(),
        format!("https://as.example/oauth/authorize?{BEHIND}")
    );
    let server =
        pushing().with_authorization_endpoint(endpoint("https://as.example/authorize?tenant=1"));
    let (url, _) = begun(&client_of(server));
    assert_eq!(
        url.as_str(),
        format!("https://as.example/authorize?tenant=1&{BEHIND}")
    );
    let odd = ANSWER.replace(REFERENCE, "https://as.example/r?a=b&client_id=x#é");
    let request = answered(&client_of(pushing()), json(201, &odd)).unwrap();
    let (url, _) = request.begin(NOW).unwrap();
    let query = query_of(&url);
    assert_eq!(
        query["request_uri"],
        "https://as.example/r?a=b&client_id=x#é"
    );
    assert_eq!(query["client_id"], "cid");
}

#[test]
fn an_endpoints_own_query_is_kept() {
    let at = endpoint("https://as.example/par?tenant=1");
    let server = pushing().with_pushed_authorization_request_endpoint(at);
    let request = pushed(&client_of(server));
    assert_eq!(
        request.endpoint().as_str(),
        "https://as.example/par?tenant=1"
    );
    assert!(!body(&request).contains("tenant"));
}

#[test]
fn what_comes_back_is_checked_as_ever_and_exchanged_with_the_verifier_that_was_pushed() {
    let client = client_of(pushing());
    let stray = Callback::from_url("/cb?code=X&state=wrong");
    assert!(begun(&client).1.receive(&stray, NOW).is_err());
    let callback = format!("/cb?code=X&state={STATE}&iss=https%3A%2F%2Fas.example");
    let code = begun(&client)
        .1
        .receive(&Callback::from_url(&callback), NOW)
        .unwrap();
    let mut call = client.exchange(code).unwrap();
    let request = sent(call.step(Input::Begin, NOW).unwrap());
    assert!(body(&request).contains(&format!("code_verifier={VERIFIER}")));
}

#[test]
fn a_reference_that_has_ended_is_not_followed() {
    let request = || answered(&client_of(pushing()), json(201, ANSWER)).unwrap();
    let end = NOW + time::Duration::seconds(60);
    assert_eq!(request().expires_at(), end);
    assert!(request().begin(end - time::Duration::SECOND).is_ok());
    for late in [end, end + time::Duration::DAY] {
        let error = request().begin(late).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Expired(_)));
        assert_eq!(error.recovery(), Recovery::Reauthorize);
    }
    for seconds in ["0", "-60"] {
        let answer = ANSWER.replace("60", seconds);
        let request = answered(&client_of(pushing()), json(201, &answer)).unwrap();
        assert!(request.begin(NOW).is_err(), "{seconds}");
    }
}

#[test]
fn a_server_that_takes_nothing_else_gets_nothing_else() {
    let issuer = Issuer::new(ISSUER).unwrap();
    // RFC 9126 section 5.
    let document = format!(
        r#"{{"issuer":"{ISSUER}","authorization_endpoint":"https://as.example/a",
            "token_endpoint":"https://as.example/t","require_pushed_authorization_requests":true,
            "pushed_authorization_request_endpoint":"https://as.example/par"}}"#
    );
    let server = ServerMetadata::read(document.as_bytes(), &issuer).unwrap();
    let client = client_of(server);
    let refused = client
        .code()
        .unwrap()
        .begin(request(), &mut draws(SEED), NOW);
    assert_eq!(*misuse(&refused.unwrap_err()), Misuse::PushRequired);
    let refused = client
        .implicit()
        .unwrap()
        .begin(request(), &mut draws(SEED), NOW);
    assert_eq!(*misuse(&refused.unwrap_err()), Misuse::PushRequired);
    assert_eq!(
        pushed(&client).endpoint().as_str(),
        "https://as.example/par"
    );
}

#[test]
fn without_the_endpoint_nothing_can_be_pushed() {
    let client = client();
    let refused = client
        .code()
        .unwrap()
        .push(request(), &mut draws(SEED), NOW);
    assert_eq!(
        *misuse(&refused.unwrap_err()),
        Misuse::Missing("pushed authorization request endpoint")
    );
}

#[test]
fn what_a_push_proves_the_client_with_is_no_additional_parameter() {
    for name in [
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "request_uri",
        "state",
    ] {
        let error = AuthorizationRequest::new()
            .parameter(name, "x")
            .unwrap_err();
        assert_eq!(*misuse(&error), Misuse::ReservedParameter(name));
    }
}

#[test]
fn a_push_a_request_and_a_login_are_stored_and_go_on() {
    let client =
        client_of(pushing()).with_authentication(ClientAuthentication::PrivateKeyJwt(key()));
    let (plain, _) = begun(&client);
    let mut call = elsewhere(push_of(&client));
    let step = call.step(Input::Begin, NOW).unwrap();
    call = elsewhere(call);
    let hallpass_grant::Step::Sign(to_sign) = step else {
        panic!("nothing to sign");
    };
    let request = sent(call.step(Input::Signature(sign(&to_sign)), NOW).unwrap());
    assert_eq!(assertion_of(&request).claims["iss"], "cid");
    let mut call = elsewhere(call);
    let request = done(call.step(Input::Response(json(201, ANSWER)), NOW).unwrap());
    let (url, pending) = elsewhere(request).begin(NOW).unwrap();
    assert_eq!(url, plain);
    assert_eq!(pending.state().expose_secret(), STATE);
}

#[test]
fn the_push_and_the_exchange_share_no_jti_and_no_secret() {
    let client = client_of(pushing())
        .with_dpop(dpop_key())
        .unwrap()
        .with_authentication(ClientAuthentication::PrivateKeyJwt(key()));
    let mut seen = Vec::new();
    let mut push = push_of(&client);
    for _ in 0..3 {
        let request = sent(signed(&mut push, Input::Begin, NOW).unwrap());
        seen.push(assertion_of(&request).jti());
        push.step(Input::Lost(Lost::NotSent), NOW).unwrap_err();
    }
    let callback = format!("/cb?code=X&state={STATE}&iss=https%3A%2F%2Fas.example");
    let (_, pending) = begun(&client);
    let code = pending
        .receive(&Callback::from_url(&callback), NOW)
        .unwrap();
    let mut exchange = client.exchange(code).unwrap();
    for _ in 0..3 {
        let request = sent(signed(&mut exchange, Input::Begin, NOW).unwrap());
        seen.extend([assertion_of(&request).jti(), proof_of(&request).jti()]);
        exchange.step(Input::Lost(Lost::NotSent), NOW).unwrap_err();
    }
    let all = seen.len();
    seen.extend([STATE, VERIFIER, CHALLENGE].map(str::to_owned));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), all + 3);
}

#[test]
fn answers_that_are_none_are_told() {
    for answer in [
        "",
        "[]",
        "{}",
        r#"{"request_uri":"urn:x"}"#,
        r#"{"expires_in":60}"#,
        r#"{"request_uri":"","expires_in":60}"#,
        r#"{"request_uri":7,"expires_in":60}"#,
        r#"{"request_uri":"urn:x","expires_in":"soon"}"#,
        r#"{"request_uri":"urn:x","expires_in":null}"#,
        r#"{"request_uri":"urn:x","request_uri":"urn:y","expires_in":60}"#,
    ] {
        violation(&answered(&client_of(pushing()), json(201, answer)).unwrap_err());
    }
    // RFC 9126 section 2.3.
    let refusal =
        r#"{"error":"invalid_request","error_description":"The redirect_uri is not valid"}"#;
    let error = answered(&client_of(pushing()), json(400, refusal)).unwrap_err();
    assert_eq!(error.refused().unwrap().code().unwrap(), "invalid_request");
    for status in [405, 413, 429] {
        let error = answered(&client_of(pushing()), Response::new(status)).unwrap_err();
        assert_eq!(error.refused().unwrap().status(), Some(status));
    }
    let mut call = push_of(&client_of(pushing()));
    let _request = sent(call.step(Input::Begin, NOW).unwrap());
    let error = call.step(Input::Lost(Lost::MaybeSent), NOW).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Transport);
}

#[test]
fn what_shows_a_push_shows_no_reference_and_no_state() {
    let client = client_of(pushing());
    let client = client.with_authentication(ClientAuthentication::Post(Secret::new("canary")));
    let call = push_of(&client);
    let request = answered(&client, json(201, ANSWER)).unwrap();
    let mut shown = format!("{call:?} {call:#?} {request:?} {request:#?}");
    let (url, pending) = request.begin(NOW).unwrap();
    shown += &format!("{url:?} {pending:?}");
    for secret in ["canary", "6esc_11", STATE, VERIFIER, "login_hint", "a@b"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
