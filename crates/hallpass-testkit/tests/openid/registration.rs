//! What OpenID Connect adds to registration (OpenID Connect Dynamic Client Registration §2).

use hallpass_testkit::{Algorithm, Decision, NamedFault, User};
use serde_json::{Value, json};

use crate::{common::*, relying_party::*};

fn metadata(more: Value) -> Value {
    let mut metadata = json!({
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "implicit"],
        "response_types": ["code", "code id_token", "id_token"],
        "scope": "openid email",
        "application_type": "web",
        "subject_type": "public",
        "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": "EdDSA",
        "request_object_signing_alg": "none",
        "default_max_age": 600,
        "require_auth_time": true,
        "request_uris": ["https://app.example/request.jwt#hash"],
        "initiate_login_uri": "https://app.example/login",
        "post_logout_redirect_uris": ["https://app.example/after"],
        "frontchannel_logout_uri": "https://app.example/front",
        "frontchannel_logout_session_required": true,
        "backchannel_logout_uri": "https://app.example/back",
        "backchannel_logout_session_required": true,
    });
    let Value::Object(more) = more else {
        panic!("members");
    };
    metadata.as_object_mut().unwrap().extend(more);
    metadata
}

#[test]
fn what_a_client_registers_is_told_and_held_to() {
    let mut server = provider(Algorithm::Rs256);
    let sent = metadata(json!({}));
    let told = register(&mut server, &sent);
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&told[name], value, "{name}");
    }
    let id = text(&told, "client_id");
    let url = login_url("id_token", &[("client_id", id), ("scope", "openid")]);
    let location = server
        .consent(&url, &User::alice(), &Decision::Allow, NOW)
        .unwrap();
    let id_token = answer(&location, "id_token").unwrap();
    assert_eq!(header(&id_token)["alg"], "ES256");
    assert!(verified(&id_token, &jwks(&mut server)).is_some());
    let url = server.third_party_login(id, None, None).unwrap();
    assert!(url.starts_with("https://app.example/login?iss="));
}

#[test]
fn what_cannot_be_is_refused() {
    let mut server = provider(Algorithm::Rs256);
    for (name, value) in [
        ("id_token_signed_response_alg", json!("RSA1_5")),
        ("id_token_signed_response_alg", json!("none")),
        ("subject_type", json!("pairwise")),
        ("application_type", json!("desktop")),
        ("default_max_age", json!("600")),
        ("initiate_login_uri", json!("http://app.example/login")),
        ("post_logout_redirect_uris", json!("https://app.example")),
        ("response_types", json!(["code token", "nonsense"])),
        ("response_types", json!(["id_token"])),
        ("grant_types", json!(["authorization_code"])),
    ] {
        let mut members = serde_json::Map::new();
        members.insert(name.to_owned(), value);
        let told = register(&mut server, &metadata(members.into()));
        assert_eq!(told["error"], "invalid_client_metadata", "{name}");
    }
}

#[test]
fn the_answer_can_be_another_than_was_registered() {
    for (fault, name, expected) in [
        (NamedFault::RegistrationNoClientId, "client_id", Value::Null),
        (
            NamedFault::RegistrationOtherAlgorithm,
            "id_token_signed_response_alg",
            json!("none"),
        ),
        (
            NamedFault::RegistrationOtherRedirectUris,
            "redirect_uris",
            json!(["https://evil.example/callback"]),
        ),
    ] {
        let mut server = provider(Algorithm::Rs256);
        server.inject(fault);
        let told = register(&mut server, &metadata(json!({})));
        assert_eq!(told[name], expected, "{}", fault.name());
    }
}
