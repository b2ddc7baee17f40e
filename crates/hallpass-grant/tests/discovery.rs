//! A server asked for its metadata (RFC 8414 §3, OpenID Connect Discovery §4).

mod common;

use hallpass_grant::{
    Conversation, Discovery, Endpoint, ErrorKind, Input, InvalidEndpoint, Issuer, Lost, Recovery,
    Response, ServerMetadata, Step, Violation,
};
use time::{Duration, UtcDateTime};

use common::*;

fn discovery_of(issuer: &str) -> Discovery {
    Discovery::new(Issuer::new(issuer).unwrap())
}

fn waits(step: Step<ServerMetadata>) -> UtcDateTime {
    match step {
        Step::Wait(until) => until,
        other => panic!("{other:?}"),
    }
}

fn read(document: &str) -> Result<ServerMetadata, Violation> {
    let issuer = Issuer::new(ISSUER).unwrap();
    ServerMetadata::read(document.as_bytes(), &issuer).map_err(|error| violation(&error).clone())
}

#[test]
fn both_well_known_places_are_asked_in_turn() {
    for (issuer, oauth, openid) in [
        (
            "https://as.example",
            "https://as.example/.well-known/oauth-authorization-server",
            "https://as.example/.well-known/openid-configuration",
        ),
        (
            "https://as.example/tenant/1",
            "https://as.example/.well-known/oauth-authorization-server/tenant/1",
            "https://as.example/tenant/1/.well-known/openid-configuration",
        ),
    ] {
        let mut discovery = discovery_of(issuer);
        let first = sent(discovery.step(Input::Begin, NOW).unwrap());
        assert_eq!(first.endpoint().as_str(), oauth);
        assert_eq!(first.method().as_str(), "GET");
        assert_eq!(first.header("accept"), Some("application/json"));
        assert!(first.body().is_empty());
        let not_there = Input::Response(Response::new(404));
        let second = sent(discovery.step(not_there, NOW).unwrap());
        assert_eq!(second.endpoint().as_str(), openid);
        let document = format!(r#"{{"issuer":"{issuer}","token_endpoint":"{issuer}/token"}}"#);
        let metadata = done(
            discovery
                .step(Input::Response(json(200, &document)), NOW)
                .unwrap(),
        );
        assert_eq!(metadata.issuer.unwrap().as_str(), issuer);
    }
}

#[test]
fn a_server_that_has_neither_place_is_refused_with_its_status() {
    let mut discovery = discovery_of(ISSUER);
    let _request = sent(discovery.step(Input::Begin, NOW).unwrap());
    let _request = sent(
        discovery
            .step(Input::Response(Response::new(404)), NOW)
            .unwrap(),
    );
    let error = discovery
        .step(Input::Response(Response::new(404)), NOW)
        .unwrap_err();
    assert_eq!(error.refused().unwrap().status(), Some(404));
}

#[test]
fn a_lost_or_unavailable_answer_is_waited_for_three_times() {
    type Trouble = fn() -> Input;
    let troubles: [Trouble; 3] = [
        || Input::Response(Response::new(503)),
        || Input::Lost(Lost::MaybeSent),
        || Input::Lost(Lost::NotSent),
    ];
    for trouble in troubles {
        let mut discovery = discovery_of(ISSUER);
        let _request = sent(discovery.step(Input::Begin, NOW).unwrap());
        for seconds in [1, 2] {
            let until = waits(discovery.step(trouble(), NOW).unwrap());
            assert_eq!(until, NOW + Duration::seconds(seconds));
            let _request = sent(discovery.step(Input::Woken, until).unwrap());
        }
        let error = discovery.step(trouble(), NOW).unwrap_err();
        assert_eq!(error.recovery(), Recovery::Retry { after: None });
    }
}

#[test]
fn the_second_place_has_three_attempts_of_its_own() {
    let mut discovery = discovery_of(ISSUER);
    let _request = sent(discovery.step(Input::Begin, NOW).unwrap());
    let _until = waits(discovery.step(Input::Lost(Lost::NotSent), NOW).unwrap());
    let _request = sent(discovery.step(Input::Woken, NOW).unwrap());
    let _request = sent(
        discovery
            .step(Input::Response(Response::new(404)), NOW)
            .unwrap(),
    );
    let until = waits(discovery.step(Input::Lost(Lost::NotSent), NOW).unwrap());
    assert_eq!(until, NOW + Duration::seconds(1));
}

#[test]
fn retry_after_is_kept_to_up_to_a_minute() {
    let after = |seconds: &str| {
        let mut discovery = discovery_of(ISSUER);
        let _request = sent(discovery.step(Input::Begin, NOW).unwrap());
        let busy = Response::new(429).with_header("Retry-After", seconds);
        discovery.step(Input::Response(busy), NOW)
    };
    assert_eq!(waits(after("30").unwrap()), NOW + Duration::seconds(30));
    assert_eq!(waits(after("60").unwrap()), NOW + Duration::seconds(60));
    assert_eq!(waits(after("soon").unwrap()), NOW + Duration::seconds(1));
    let told = |error: hallpass_grant::Error| error.recovery();
    let after_seconds = |seconds| Recovery::Retry {
        after: Some(std::time::Duration::from_secs(seconds)),
    };
    assert_eq!(told(after("61").unwrap_err()), after_seconds(61));
    assert_eq!(
        told(after("18446744073709551615").unwrap_err()),
        after_seconds(86_400)
    );
}

#[test]
fn a_wait_that_no_date_has_ends_it() {
    let mut discovery = discovery_of(ISSUER);
    let _request = sent(discovery.step(Input::Begin, UtcDateTime::MAX).unwrap());
    let error = discovery
        .step(Input::Lost(Lost::NotSent), UtcDateTime::MAX)
        .unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Transport);
}

#[test]
fn metadata_of_another_issuer_is_refused() {
    for issuer in [
        "https://as.example/",
        "https://AS.example",
        "https://evil.example",
        "",
    ] {
        let document = format!(r#"{{"issuer":"{issuer}"}}"#);
        assert_eq!(read(&document), Err(Violation::MetadataIssuer), "{issuer}");
    }
    assert_eq!(read("{}"), Err(Violation::MetadataIssuer));
    assert_eq!(read(r#"{"issuer":1}"#), Err(Violation::MetadataIssuer));
    let mut discovery = discovery_of(ISSUER);
    let _request = sent(discovery.step(Input::Begin, NOW).unwrap());
    let other = json(200, r#"{"issuer":"https://evil.example"}"#);
    let error = discovery.step(Input::Response(other), NOW).unwrap_err();
    assert_eq!(*violation(&error), Violation::MetadataIssuer);
}

#[test]
fn an_endpoint_that_could_be_read_on_the_way_is_refused() {
    for name in ["authorization_endpoint", "token_endpoint"] {
        for evil in [
            "http://as.example/t",
            "file:///etc/passwd",
            "https://u:p@as.example/t",
            "https://as.example/t#f",
            "--flag",
        ] {
            let document = format!(r#"{{"issuer":"{ISSUER}","{name}":"{evil}"}}"#);
            assert_eq!(read(&document), Err(Violation::Metadata(name)), "{evil}");
        }
        let document = format!(r#"{{"issuer":"{ISSUER}","{name}":7}}"#);
        assert_eq!(read(&document), Err(Violation::Metadata(name)));
    }
    assert_eq!(
        Issuer::new("http://as.example"),
        Err(InvalidEndpoint::Insecure)
    );
    assert_eq!(
        Issuer::new("https://as.example?x"),
        Err(InvalidEndpoint::Query)
    );
}

#[test]
fn a_server_on_this_machine_may_be_plain_http() {
    let issuer = Issuer::new("http://127.0.0.1:4000").unwrap();
    let document =
        br#"{"issuer":"http://127.0.0.1:4000","token_endpoint":"http://127.0.0.1:4000/t"}"#;
    let metadata = ServerMetadata::read(document, &issuer).unwrap();
    assert_eq!(
        metadata.token_endpoint,
        Some(Endpoint::new("http://127.0.0.1:4000/t").unwrap())
    );
}

#[test]
fn every_member_is_read_and_the_others_are_kept() {
    let document = r#"{"issuer":"https://as.example","code_challenge_methods_supported":["S256"],
        "token_endpoint_auth_methods_supported":["none"],"scopes_supported":["read"],
        "authorization_response_iss_parameter_supported":true,"jwks_uri":"https://as.example/jwks"}"#;
    let metadata = read(document).unwrap();
    assert_eq!(
        metadata.code_challenge_methods_supported,
        Some(vec!["S256".to_owned()])
    );
    assert_eq!(
        metadata.token_endpoint_auth_methods_supported,
        Some(vec!["none".to_owned()])
    );
    assert_eq!(metadata.scopes_supported, Some(vec!["read".to_owned()]));
    assert!(metadata.authorization_response_iss_parameter_supported);
    assert_eq!(
        metadata.extra.value("jwks_uri").unwrap().as_str(),
        Some("https://as.example/jwks")
    );
    for (name, wrong) in [
        ("code_challenge_methods_supported", "\"S256\""),
        ("code_challenge_methods_supported", "[1]"),
        ("authorization_response_iss_parameter_supported", "\"true\""),
    ] {
        let document = format!(r#"{{"issuer":"{ISSUER}","{name}":{wrong}}}"#);
        assert_eq!(read(&document), Err(Violation::Metadata(name)));
    }
}

#[test]
fn a_server_elsewhere_names_no_endpoint_on_this_machine() {
    for inward in [
        "http://127.0.0.1:2375/x",
        "http://localhost/x",
        "https://[::1]/x",
        "https://0.0.0.0/x",
        "https://[::]/x",
        "https://x.localhost/x",
    ] {
        let document = format!(r#"{{"issuer":"{ISSUER}","token_endpoint":"{inward}"}}"#);
        let issuer = Issuer::new(ISSUER).unwrap();
        let error = ServerMetadata::read(document.as_bytes(), &issuer).unwrap_err();
        assert_eq!(*violation(&error), Violation::Metadata("token_endpoint"));
        let here = document.replace(ISSUER, "http://127.0.0.1:1");
        let issuer = Issuer::new("http://127.0.0.1:1").unwrap();
        assert!(ServerMetadata::read(here.as_bytes(), &issuer).is_ok());
    }
}

#[test]
fn a_page_at_the_first_place_is_none_and_the_second_is_asked() {
    let page = || {
        let page = Response::new(200).with_header("content-type", "text/html");
        Input::Response(page.with_body(b"<html>".to_vec()))
    };
    let mut discovery = discovery_of(ISSUER);
    let _request = sent(discovery.step(Input::Begin, NOW).unwrap());
    let second = sent(discovery.step(page(), NOW).unwrap());
    assert!(
        second
            .endpoint()
            .as_str()
            .ends_with("/openid-configuration")
    );
    let error = discovery.step(page(), NOW).unwrap_err();
    assert_eq!(*violation(&error), Violation::ContentType);
}

#[test]
fn openids_place_alone_is_asked_where_that_is_wanted() {
    let mut discovery = Discovery::openid(Issuer::new(ISSUER).unwrap());
    let only = sent(discovery.step(Input::Begin, NOW).unwrap());
    let place = "https://as.example/.well-known/openid-configuration";
    assert_eq!(only.endpoint().as_str(), place);
    let not_there = Input::Response(Response::new(404));
    assert!(discovery.step(not_there, NOW).is_err());
}
