//! Implicit and hybrid answers (OpenID Connect Core §3.2 and §3.3).

use hallpass_testkit::{Algorithm, Decision, NamedFault, User};
use serde_json::Value;

use crate::{common::*, relying_party::*};

#[test]
fn each_response_type_carries_what_its_words_say() {
    for response_type in [
        "code",
        "id_token",
        "id_token token",
        "code id_token",
        "code token",
        "code id_token token",
    ] {
        let mut server = provider(Algorithm::Rs256);
        let location = allow(&mut server, &login_url(response_type, &[]));
        let words: Vec<_> = response_type.split(' ').collect();
        for (word, name) in [
            ("code", "code"),
            ("token", "access_token"),
            ("id_token", "id_token"),
        ] {
            let is_asked = words.contains(&word);
            assert_eq!(
                answer(&location, name).is_some(),
                is_asked,
                "{response_type} {name}"
            );
        }
        let is_front = response_type != "code";
        assert_eq!(location.contains('#'), is_front, "{response_type}");
        let Some(id_token) = answer(&location, "id_token") else {
            continue;
        };
        let claims = verified(&id_token, &jwks(&mut server)).expect(response_type);
        assert_eq!(claims["nonce"], NONCE);
        let hashes = [
            ("at_hash", "token"),
            ("c_hash", "code"),
            ("s_hash", "id_token"),
        ];
        for (hash, word) in hashes {
            assert_eq!(
                claims[hash].is_string(),
                words.contains(&word),
                "{response_type} {hash}"
            );
        }
    }
}

#[test]
fn the_hashes_are_those_of_what_comes_beside() {
    let mut server = provider(Algorithm::Rs256);
    let location = allow(&mut server, &login_url("code id_token token", &[]));
    let claims = claims_of(&answer(&location, "id_token").unwrap());
    let half = |text: &str| {
        let hash = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        hash.as_ref()[..16].to_vec()
    };
    for (hash, name) in [
        ("at_hash", "access_token"),
        ("c_hash", "code"),
        ("s_hash", "state"),
    ] {
        let expected = half(&answer(&location, name).unwrap());
        assert_eq!(decode(text(&claims, hash)), expected, "{hash}");
    }
}

#[test]
fn the_code_of_a_hybrid_answer_gives_an_id_token_of_the_same_user() {
    let mut server = provider(Algorithm::Es256);
    let location = allow(&mut server, &login_url("code id_token", &[]));
    let front = claims_of(&answer(&location, "id_token").unwrap());
    let tokens = redeem(&mut server, &answer(&location, "code").unwrap());
    let back = verified(text(&tokens, "id_token"), &jwks(&mut server)).unwrap();
    for same in ["iss", "sub", "aud", "nonce", "auth_time"] {
        assert_eq!(front[same], back[same], "{same}");
    }
}

#[test]
fn an_id_token_that_comes_alone_has_the_claims_of_the_scopes() {
    let mut server = provider(Algorithm::Rs256);
    let mut email = |response_type: &str| -> Value {
        let url = login_url(response_type, &[("scope", "openid email")]);
        let location = allow(&mut server, &url);
        claims_of(&answer(&location, "id_token").unwrap())["email"].clone()
    };
    assert_eq!(email("id_token"), "alice@example.com");
    assert_eq!(email("id_token token"), Value::Null);
}

#[test]
fn an_id_token_needs_a_nonce_and_the_scope_openid() {
    let mut server = provider(Algorithm::Rs256);
    for (name, value, expected) in [
        ("nonce", "", "invalid_request"),
        ("scope", "email", "invalid_scope"),
        ("response_mode", "query", "invalid_request"),
        (
            "response_type",
            "id_token id_token",
            "unsupported_response_type",
        ),
    ] {
        let url = login_url("id_token", &[(name, value)]);
        let location = allow(&mut server, &url);
        assert_eq!(
            in_fragment(&location, "error").as_deref(),
            Some(expected),
            "{name}"
        );
    }
}

#[test]
fn an_answer_can_be_posted() {
    let mut server = provider(Algorithm::Rs256);
    let url = login_url("code id_token", &[("response_mode", "form_post")]);
    let post = server.consent_by_post(&url, &User::alice(), &Decision::Allow, NOW);
    let post = post.unwrap();
    assert_eq!(post.action, CALLBACK);
    let names: Vec<_> = post
        .parameters
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["code", "id_token", "session_state", "state", "iss"]);
}

#[test]
fn an_answer_comes_in_the_query_by_a_fault() {
    for response_type in ["id_token", "code id_token"] {
        let mut server = provider(Algorithm::Rs256);
        server.inject(NamedFault::TokenInQuery);
        let location = allow(&mut server, &login_url(response_type, &[]));
        assert!(in_query(&location, "id_token").is_some(), "{location}");
        assert!(!location.contains('#'));
    }
}
