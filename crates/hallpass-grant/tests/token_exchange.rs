//! A token for another (RFC 8693).

mod common;

use hallpass_grant::token::{Lifetime, Scopes, TokenType};
use hallpass_grant::{
    Call, Client, ClientAuthentication, Error, ErrorCode, ErrorKind, ExchangeAnswer,
    ExchangedToken, Misuse, Profile, Recovery, ServerMetadata, TokenExchange, TokenTypeMember,
    TokenTypeUri, Violation,
};

use common::*;

const REQUEST: &str = include_str!("vectors/rfc8693-section-2.3-request.txt");
const RESPONSE: &str = include_str!("vectors/rfc8693-section-2.3-response.json");

fn exchange() -> TokenExchange {
    TokenExchange::new(TokenTypeUri::ACCESS_TOKEN, "subject")
}

fn call_of(client: &Client, exchange: &TokenExchange) -> Call<ExchangeAnswer> {
    client.token_exchange(exchange, &mut draws(SEED)).unwrap()
}

fn form_of(exchange: &TokenExchange) -> String {
    body(&request_of(&mut call_of(&client(), exchange))).to_owned()
}

fn read(answer: &str) -> Result<ExchangedToken, Error> {
    answered(call_of(&client(), &exchange()), json(200, answer))
}

fn sorted(form: &str) -> Vec<(String, String)> {
    let mut pairs = pairs(form);
    pairs.sort();
    pairs
}

#[test]
fn the_request_of_rfc_8693_section_2_3_is_sent_as_it_stands_there() {
    let server = ServerMetadata::default()
        .with_token_endpoint(endpoint("https://as.example.com/as/token.oauth2"));
    let client =
        Client::new(server, "rs08")
            .unwrap()
            .with_authentication(ClientAuthentication::Basic(
                "long-secure-random-secret".into(),
            ));
    let subject = "accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC";
    let exchange = TokenExchange::new(TokenTypeUri::ACCESS_TOKEN, subject)
        .with_resource("https://backend.example.com/api")
        .unwrap();
    let request = request_of(&mut call_of(&client, &exchange));
    assert_eq!(
        request.endpoint().as_str(),
        "https://as.example.com/as/token.oauth2"
    );
    assert_eq!(
        request.header("authorization"),
        Some("Basic cnMwODpsb25nLXNlY3VyZS1yYW5kb20tc2VjcmV0")
    );
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(sorted(body(&request)), sorted(REQUEST));
}

#[test]
fn the_response_of_rfc_8693_section_2_3_is_an_access_token() {
    let ExchangedToken::AccessToken(set) = read(RESPONSE).unwrap() else {
        panic!("no access token");
    };
    assert!(set.access_token.expose_secret().ends_with("y5-kdXjwhw"));
    assert_eq!(set.token_type, TokenType::Bearer);
    assert_eq!(set.expires_at, Some(Lifetime::from_seconds(60).after(NOW)));
    assert_eq!(set.refresh_token, None);
    let issued = set.extra.value("issued_token_type").unwrap();
    assert_eq!(issued.as_str(), Some(TokenTypeUri::ACCESS_TOKEN.as_str()));
}

#[test]
fn the_form_has_only_what_was_asked_for() {
    assert_eq!(
        form_of(&exchange()),
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=subject\
         &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&client_id=cid"
    );
}

#[test]
fn an_actor_a_type_and_scopes_stand_in_the_form() {
    let exchange = TokenExchange::new(TokenTypeUri::ID_TOKEN, "a+b")
        .with_actor(TokenTypeUri::JWT, "act&or")
        .with_requested_type(TokenTypeUri::SAML2)
        .with_scopes(scopes("read write"));
    assert_eq!(
        form_of(&exchange),
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=a%2Bb\
         &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aid_token&actor_token=act%26or\
         &actor_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt\
         &requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Asaml2&scope=read+write&client_id=cid"
    );
}

#[test]
fn every_audience_and_every_resource_is_named_in_its_order() {
    let exchange = exchange()
        .with_audience("billing")
        .with_audience("urn:stock")
        .with_resource("https://a.example/x?y=z")
        .unwrap()
        .with_resource("urn:b")
        .unwrap();
    let pairs = pairs(&form_of(&exchange));
    let targets: Vec<_> = pairs
        .iter()
        .filter(|(name, _)| ["audience", "resource"].contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let expected = [
        ("audience", "billing"),
        ("audience", "urn:stock"),
        ("resource", "https://a.example/x?y=z"),
        ("resource", "urn:b"),
    ];
    assert_eq!(targets, expected);
}

#[test]
fn a_resource_that_is_not_absolute_or_has_a_fragment_is_refused() {
    for wrong in [
        "",
        "/api",
        "backend.example",
        "https://a.example/#f",
        "a b:c",
    ] {
        let error = exchange().with_resource(wrong).unwrap_err();
        assert!(matches!(misuse(&error), Misuse::Invalid { .. }), "{wrong}");
    }
}

#[test]
fn what_is_no_access_token_never_becomes_a_token_set() {
    let answer = r#"{"access_token":"assertion","token_type":"N_A","expires_in":60,
        "issued_token_type":"urn:ietf:params:oauth:token-type:saml2"}"#;
    let profile = |token_type| {
        let mut profile = Profile::STRICT;
        profile.token_type = token_type;
        profile
    };
    for token_type in [
        TokenTypeMember::Required,
        TokenTypeMember::Optional,
        TokenTypeMember::Ignored,
    ] {
        let client = client().with_profile(profile(token_type));
        let token = answered(call_of(&client, &exchange()), json(200, answer)).unwrap();
        let ExchangedToken::Other {
            issued_token_type,
            token,
            expires_at,
        } = token
        else {
            panic!("{token_type:?}: taken for an access token");
        };
        assert_eq!(issued_token_type, TokenTypeUri::SAML2);
        assert_eq!(token.expose_secret(), "assertion");
        assert_eq!(expires_at, Some(Lifetime::from_seconds(60).after(NOW)));
    }
}

#[test]
fn something_other_without_its_type_or_without_itself_is_a_violation() {
    for answer in [
        r#"{"access_token":"x","token_type":"N_A"}"#,
        r#"{"access_token":"x","token_type":"n_a","issued_token_type":null}"#,
        r#"{"access_token":"","token_type":"N_A","issued_token_type":"urn:x"}"#,
        r#"{"token_type":"N_A","issued_token_type":"urn:x"}"#,
        r#"{"access_token":7,"token_type":"N_A","issued_token_type":"urn:x"}"#,
    ] {
        let error = read(answer).unwrap_err();
        assert!(
            matches!(violation(&error), Violation::Malformed(_)),
            "{answer}: {error}"
        );
    }
}

#[test]
fn no_token_type_at_all_is_a_violation() {
    let answer = r#"{"access_token":"x","issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}"#;
    assert_eq!(*violation(&read(answer).unwrap_err()), Violation::TokenType);
}

#[test]
fn scopes_and_a_refresh_token_are_taken_as_they_came() {
    let answer = r#"{"access_token":"x","token_type":"Bearer","scope":"read","refresh_token":"R"}"#;
    let ExchangedToken::AccessToken(set) = read(answer).unwrap() else {
        panic!("no access token");
    };
    assert_eq!(set.scopes, scopes("read"));
    assert_eq!(set.refresh_token.unwrap().expose_secret(), "R");
    let wanted = exchange().with_scopes(scopes("read write"));
    let answer = json(200, r#"{"access_token":"x","token_type":"Bearer"}"#);
    let ExchangedToken::AccessToken(set) = answered(call_of(&client(), &wanted), answer).unwrap()
    else {
        panic!("no access token");
    };
    assert_eq!(set.scopes, scopes("read write"));
}

#[test]
fn a_target_the_server_does_not_serve_is_for_the_program_to_mend() {
    let answer = json(400, r#"{"error":"invalid_target"}"#);
    let error = answered(call_of(&client(), &exchange()), answer).unwrap_err();
    let code = error.refused().unwrap().code().unwrap();
    assert_eq!(*code, ErrorCode::INVALID_TARGET);
    assert_eq!(error.recovery(), Recovery::Fix);
}

#[test]
fn a_lost_answer_costs_nothing() {
    assert_eq!(
        lost_answer(call_of(&client(), &exchange())),
        ErrorKind::Transport
    );
}

#[test]
fn neither_token_is_shown_by_debug() {
    let exchange =
        TokenExchange::new(TokenTypeUri::JWT, "canary-1").with_actor(TokenTypeUri::JWT, "canary-2");
    let call = call_of(&client(), &exchange);
    let other = r#"{"access_token":"canary-3","token_type":"N_A","issued_token_type":"urn:x"}"#;
    let shown = format!("{exchange:?} {call:?} {:?}", read(other).unwrap());
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn a_server_without_a_token_endpoint_is_told_before_any_request() {
    let bare = Client::new(ServerMetadata::default(), "cid").unwrap();
    let error = bare
        .token_exchange(&exchange().with_scopes(Scopes::new()), &mut draws(SEED))
        .unwrap_err();
    assert_eq!(*misuse(&error), Misuse::Missing("token endpoint"));
}

#[test]
fn what_is_said_to_be_no_access_token_is_none_though_its_token_type_is_bearer() {
    let answer = |issued: &str, more: &str| {
        let exchange = TokenExchange::new(TokenTypeUri::ACCESS_TOKEN, "s");
        let call = client()
            .token_exchange(&exchange, &mut draws(SEED))
            .unwrap();
        let issued = format!("urn:ietf:params:oauth:token-type:{issued}");
        let body = format!(
            r#"{{"access_token":"T","token_type":"Bearer","issued_token_type":"{issued}"{more}}}"#
        );
        answered(call, json(200, &body)).unwrap()
    };
    for issued in ["id_token", "saml1", "saml2", "refresh_token"] {
        let other = answer(issued, "");
        assert!(matches!(other, ExchangedToken::Other { .. }), "{issued}");
    }
    for (issued, more) in [
        ("access_token", ""),
        ("jwt", ""),
        ("refresh_token", r#","refresh_token":"R""#),
    ] {
        let token = answer(issued, more);
        assert!(matches!(token, ExchangedToken::AccessToken(_)), "{issued}");
    }
}
