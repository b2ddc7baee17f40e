//! A client that its certificate proves (RFC 8705): what it sends, and where.

mod common;
#[path = "common/signer.rs"]
mod signer;

use hallpass_grant::token::{AccessToken, Json, RefreshToken};
use hallpass_grant::{
    Assertion, AuthorizationRequest, Client, ClientAuthentication, Conversation, Input, Issuer,
    JwtBearer, Request, ServerMetadata, Step, Violation,
};
use serde_json::{Value, json as object};

use common::*;
use signer::{assertion_of, sign, signed};

fn document(aliases: &Value) -> Vec<u8> {
    let place = |name: &str| format!("https://as.example/{name}");
    let document = object!({
        "issuer": ISSUER,
        "authorization_endpoint": place("authorize"),
        "token_endpoint": place("token"),
        "revocation_endpoint": place("revoke"),
        "introspection_endpoint": place("introspect"),
        "device_authorization_endpoint": place("device"),
        "pushed_authorization_request_endpoint": place("par"),
        "registration_endpoint": place("register"),
        "userinfo_endpoint": place("userinfo"),
        "end_session_endpoint": place("logout"),
        "mtls_endpoint_aliases": aliases,
    });
    document.to_string().into_bytes()
}

fn read(aliases: &Value) -> Result<ServerMetadata, hallpass_grant::Error> {
    ServerMetadata::read(&document(aliases), &Issuer::new(ISSUER).unwrap())
}

fn all_aliases() -> Value {
    let place = |name: &str| format!("https://mtls.as.example/{name}");
    object!({
        "authorization_endpoint": place("authorize"),
        "token_endpoint": place("token"),
        "revocation_endpoint": place("revoke"),
        "introspection_endpoint": place("introspect"),
        "device_authorization_endpoint": place("device"),
        "pushed_authorization_request_endpoint": place("par"),
        "registration_endpoint": place("register"),
        "userinfo_endpoint": place("userinfo"),
        "end_session_endpoint": place("logout"),
        "note": 1,
    })
}

fn certified(server: ServerMetadata) -> Client {
    client_of(server).with_authentication(ClientAuthentication::MutualTls)
}

/// What the client sends to each of its endpoints.
fn requests(client: &Client) -> Vec<Request> {
    let draw = || draws(SEED);
    let token = AccessToken::new("at").unwrap();
    let refresh = RefreshToken::new("rt").unwrap();
    let pushed = client.code().unwrap();
    let pushed = pushed.push(AuthorizationRequest::new(), &mut draw(), NOW);
    vec![
        request_of(&mut exchange_of(client)),
        request_of(
            &mut client
                .refresh(&refresh, &scopes(""), None, &mut draw())
                .unwrap(),
        ),
        request_of(&mut client.revoke(&token, &mut draw()).unwrap()),
        request_of(&mut client.introspect(&token, &mut draw()).unwrap()),
        request_of(&mut client.device(&scopes("read"), &mut draw()).unwrap()),
        request_of(&mut pushed.unwrap()),
    ]
}

fn extra<'c>(client: &'c Client, name: &str) -> Option<&'c str> {
    client.server().extra.value(name).and_then(Json::as_str)
}

fn places(requests: &[Request]) -> Vec<&str> {
    let places = requests.iter().map(|request| request.endpoint().as_str());
    places.collect()
}

#[test]
fn the_client_is_named_once_in_every_form_and_nothing_else_proves_it() {
    for request in requests(&certified(read(&all_aliases()).unwrap())) {
        assert_eq!(request.header("authorization"), None);
        let pairs = pairs(body(&request));
        let named = |name: &str| pairs.iter().filter(|(own, _)| own == name).count();
        assert_eq!(named("client_id"), 1, "{}", body(&request));
        assert_eq!(named("client_secret") + named("client_assertion"), 0);
    }
}

#[test]
fn every_request_of_such_a_client_goes_to_the_alias() {
    let client = certified(read(&all_aliases()).unwrap());
    let expected = [
        "https://mtls.as.example/token",
        "https://mtls.as.example/token",
        "https://mtls.as.example/revoke",
        "https://mtls.as.example/introspect",
        "https://mtls.as.example/device",
        "https://mtls.as.example/par",
    ];
    assert_eq!(places(&requests(&client)), expected);
    let registration = client.server().registration_endpoint.as_ref();
    assert_eq!(
        registration.unwrap().as_str(),
        "https://mtls.as.example/register"
    );
    assert_eq!(
        extra(&client, "userinfo_endpoint"),
        Some("https://mtls.as.example/userinfo")
    );
}

#[test]
fn the_user_agent_is_sent_where_no_certificate_is_asked_for() {
    let (url, _) = begin_code(&certified(read(&all_aliases()).unwrap()));
    assert!(url.as_str().starts_with("https://as.example/authorize?"));
    let client = certified(read(&all_aliases()).unwrap());
    assert_eq!(
        extra(&client, "end_session_endpoint"),
        Some("https://as.example/logout")
    );
}

#[test]
fn an_endpoint_without_an_alias_is_the_ordinary_one() {
    let aliases = object!({"token_endpoint": "https://mtls.as.example/token"});
    let client = certified(read(&aliases).unwrap());
    let expected = [
        "https://mtls.as.example/token",
        "https://mtls.as.example/token",
        "https://as.example/revoke",
        "https://as.example/introspect",
        "https://as.example/device",
        "https://as.example/par",
    ];
    assert_eq!(places(&requests(&client)), expected);
    for none in [object!(null), object!({})] {
        let client = certified(read(&none).unwrap());
        let at = request_of(&mut exchange_of(&client));
        assert_eq!(at.endpoint().as_str(), "https://as.example/token");
    }
}

#[test]
fn other_clients_do_not_go_to_the_aliases() {
    let client = client_of(read(&all_aliases()).unwrap())
        .with_authentication(ClientAuthentication::Basic("s".into()));
    let places = requests(&client);
    let elsewhere = |request: &Request| request.endpoint().as_str().contains("mtls");
    assert!(!places.iter().any(elsewhere));
}

#[test]
fn a_client_whose_tokens_are_bound_to_its_certificate_goes_there_whatever_proves_it() {
    let client = client_of(read(&all_aliases()).unwrap())
        .with_certificate_bound_tokens()
        .with_authentication(ClientAuthentication::PrivateKeyJwt(key()));
    let mut call = exchange_of(&client);
    let step = signed(&mut call, Input::Begin, NOW).unwrap();
    let request = sent(step);
    assert_eq!(request.endpoint().as_str(), "https://mtls.as.example/token");
    // Still addressed to the server by its name.
    assert_eq!(assertion_of(&request).text("aud"), ISSUER);
}

#[test]
fn a_grants_own_assertion_does_not_take_the_place_of_the_clients_name() {
    let client = certified(read(&all_aliases()).unwrap());
    let grant = JwtBearer::Own(Assertion::new(key(), "cid"));
    let call = client.jwt_bearer(grant, &scopes(""), &mut draws(SEED));
    let mut call = call.unwrap();
    let step = call.step(Input::Begin, NOW).unwrap();
    let Step::Sign(input) = step else {
        panic!("the grant's assertion is signed");
    };
    let signature = sign(&input);
    let request = sent(call.step(Input::Signature(signature), NOW).unwrap());
    let names = pairs(body(&request));
    assert!(names.contains(&("client_id".to_owned(), "cid".to_owned())));
}

#[test]
fn a_refusal_says_what_may_be_missing() {
    let mut call = exchange_of(&certified(read(&all_aliases()).unwrap()));
    let _request = request_of(&mut call);
    let answer = json(401, r#"{"error":"invalid_client"}"#);
    let error = call.step(Input::Response(answer), NOW).unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[test]
fn an_alias_that_cannot_be_used_is_refused_like_any_endpoint() {
    for alias in [
        object!({"token_endpoint": "http://mtls.as.example/token"}),
        object!({"token_endpoint": "https://user@mtls.as.example/token"}),
        // A server elsewhere names nothing on this machine.
        object!({"token_endpoint": "https://127.0.0.1/token"}),
        object!({"token_endpoint": 7}),
        object!(["https://mtls.as.example/token"]),
    ] {
        let error = read(&alias).unwrap_err();
        let expected = Violation::Metadata("mtls_endpoint_aliases");
        assert_eq!(*violation(&error), expected, "{alias}");
    }
}
