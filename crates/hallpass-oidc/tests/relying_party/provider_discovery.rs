//! Asking a provider for what it says of itself.

use hallpass_grant::{ErrorKind, Input, Issuer, Lost, Misuse, ServerMetadata, Violation};
use hallpass_oidc::{ProviderDiscovery, ProviderMetadata};

use crate::common::*;

const PLACE: &str = "https://op.example/.well-known/openid-configuration";

fn discovery() -> ProviderDiscovery {
    ProviderDiscovery::new(Issuer::new(ISSUER).unwrap())
}

fn discovered(more: &str) -> Result<ProviderMetadata, ErrorKind> {
    let found = drive(&mut discovery(), |_| Input::Response(json(metadata(more))));
    found.map_err(|error| error.kind().clone())
}

#[test]
fn a_provider_is_asked_at_openids_place_and_nowhere_else() {
    let mut asked = Vec::new();
    let found = drive(&mut discovery(), |request| {
        asked.push(request.endpoint().as_str().to_owned());
        Input::Response(hallpass_grant::Response::new(404))
    });
    assert!(matches!(found.unwrap_err().kind(), ErrorKind::Refused(_)));
    assert_eq!(asked, [PLACE]);
}

#[test]
fn a_path_of_the_issuer_stands_before_the_well_known_one() {
    let mut asked = Vec::new();
    let issuer = Issuer::new("https://op.example/tenant/").unwrap();
    let _ = drive(&mut ProviderDiscovery::new(issuer), |request| {
        asked.push(request.endpoint().as_str().to_owned());
        Input::Response(hallpass_grant::Response::new(404))
    });
    let place = "https://op.example/tenant/.well-known/openid-configuration";
    assert_eq!(asked, [place]);
}

#[test]
fn a_lost_answer_is_asked_for_again() {
    let mut asked = 0;
    let found = drive(&mut discovery(), |_| {
        asked += 1;
        match asked {
            3 => Input::Response(json(metadata("{}"))),
            _ => Input::Lost(Lost::MaybeSent),
        }
    });
    assert_eq!(found.unwrap(), provider());
}

#[test]
fn what_openid_connect_adds_is_read() {
    let found = discovered(
        r#"{"end_session_endpoint":"https://op.example/logout","check_session_iframe":"https://op.example/session",
            "response_types_supported":["code","id_token"],"id_token_signing_alg_values_supported":["RS256"],
            "claims_parameter_supported":true,"request_parameter_supported":true,"request_uri_parameter_supported":false,
            "frontchannel_logout_supported":true,"backchannel_logout_supported":true}"#,
    );
    let found = found.unwrap();
    assert_eq!(found.issuer().as_str(), ISSUER);
    assert_eq!(found.jwks_uri(), Some(&endpoint(JWKS_URI)));
    let userinfo = endpoint("https://op.example/userinfo");
    assert_eq!(found.userinfo_endpoint(), Some(&userinfo));
    let logout = endpoint("https://op.example/logout");
    assert_eq!(found.end_session_endpoint(), Some(&logout));
    let session = endpoint("https://op.example/session");
    assert_eq!(found.check_session_iframe(), Some(&session));
    let types = found.response_types_supported().unwrap();
    assert_eq!(types, ["code", "id_token"]);
    let algorithms = found.id_token_signing_alg_values_supported().unwrap();
    assert_eq!(algorithms, ["RS256"]);
    assert!(found.claims_parameter_supported() && found.request_parameter_supported());
    assert!(found.frontchannel_logout_supported() && found.backchannel_logout_supported());
    assert!(!found.request_uri_parameter_supported());
}

#[test]
fn what_a_provider_does_not_say_has_the_specifications_default() {
    let found = discovered("{}").unwrap();
    assert!(found.request_uri_parameter_supported());
    assert!(!found.claims_parameter_supported() && !found.request_parameter_supported());
    assert!(!found.frontchannel_logout_supported() && !found.backchannel_logout_supported());
    assert_eq!(found.response_types_supported(), None);
    assert_eq!(found.id_token_signing_alg_values_supported(), None);
    assert_eq!(found.end_session_endpoint(), None);
    assert_eq!(found.check_session_iframe(), None);
}

#[test]
fn another_issuer_is_refused_however_little_it_differs() {
    for other in [
        "https://op.example/",
        "https://OP.example",
        "https://xn--op-fka.example",
        "http://op.example",
        "https://evil.example",
        "",
    ] {
        let found = discovered(&format!(r#"{{"issuer":"{other}"}}"#));
        let violation = ErrorKind::Violation(Violation::MetadataIssuer);
        assert_eq!(found.unwrap_err(), violation, "{other}");
    }
}

#[test]
fn a_member_that_cannot_be_used_is_an_error_and_never_absent() {
    for (name, value) in [
        ("jwks_uri", r#""http://op.example/jwks""#),
        ("jwks_uri", r#""https://localhost/jwks""#),
        ("jwks_uri", r#""file:///etc/passwd""#),
        ("jwks_uri", "7"),
        ("userinfo_endpoint", r#""https://u:p@op.example/""#),
        ("end_session_endpoint", r#""/logout""#),
        ("check_session_iframe", r#""https://op.example/#s""#),
        ("response_types_supported", r#""code""#),
        ("response_types_supported", "[1]"),
        ("id_token_signing_alg_values_supported", "{}"),
        ("claims_parameter_supported", r#""true""#),
        ("request_parameter_supported", "1"),
        ("request_uri_parameter_supported", "[]"),
        ("frontchannel_logout_supported", "{}"),
        ("backchannel_logout_supported", r#""""#),
    ] {
        let found = discovered(&format!(r#"{{"{name}":{value}}}"#));
        let violation = ErrorKind::Violation(Violation::Metadata(name));
        assert_eq!(found.unwrap_err(), violation, "{name} {value}");
    }
}

#[test]
fn a_provider_without_an_issuer_is_none() {
    let error = ProviderMetadata::new(ServerMetadata::default()).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Misuse(Misuse::Missing("issuer")));
}

#[test]
fn metadata_that_was_stored_is_checked_when_it_is_read_again() {
    let stored = serde_json::to_string(&provider()).unwrap();
    let read: ProviderMetadata = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, provider());
    let changed = stored.replace("https://op.example/jwks", "http://op.example/jwks");
    assert!(serde_json::from_str::<ProviderMetadata>(&changed).is_err());
}
