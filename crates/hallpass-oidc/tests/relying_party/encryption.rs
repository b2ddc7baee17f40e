//! Tokens that are encrypted for this client (feature `encryption`).

use std::sync::Arc;

use hallpass_grant::{Code, Error, ErrorKind, Input};
use hallpass_jose::{DecryptionKey, KeyManagement};
use hallpass_oidc::{
    AuthenticationRequest, IdTokenClaims, JwtVerification, RelyingPartyMetadata, UserInfoMethod,
};
use hallpass_token::Json;

use crate::common::*;

/// A token that is encrypted for [`next_rsa`].
fn encrypted(name: &str) -> String {
    let vectors = members(include_str!("../vectors/encrypted.json"));
    let token = vectors.value(name).and_then(Json::as_str);
    token.unwrap().to_owned()
}

fn key() -> DecryptionKey {
    next_rsa().decryption_key(KeyManagement::RsaOaep).unwrap()
}

#[test]
fn an_encrypted_token_is_opened_and_then_verified() {
    let rules = rules().with_decryption_key(key());
    let mut verification = JwtVerification::new(encrypted("nested"), rules);
    let verified = silent(&mut verification).unwrap();
    assert_eq!(verified.claims().text("sub"), Ok(Some("24400320")));
}

#[test]
fn what_is_encrypted_and_not_signed_is_from_anybody() {
    let rules = rules().with_decryption_key(key());
    let mut verification = JwtVerification::new(encrypted("unsigned"), rules);
    assert_eq!(fault(silent(&mut verification)), "malformed");
}

#[test]
fn a_client_that_asked_for_encryption_takes_nothing_else_and_one_that_did_not_no_encryption() {
    let with = rules().with_decryption_key(key());
    let mut plain = JwtVerification::new(token("{}"), with);
    assert_eq!(fault(silent(&mut plain)), "encryption");
    let mut sealed = JwtVerification::new(encrypted("nested"), rules());
    assert_eq!(fault(silent(&mut sealed)), "encryption");
    let other = rsa().decryption_key(KeyManagement::RsaOaep).unwrap();
    let mut foreign = JwtVerification::new(encrypted("nested"), rules().with_decryption_key(other));
    assert_eq!(fault(silent(&mut foreign)), "encryption");
}

#[test]
fn user_info_and_id_tokens_are_encrypted_each_for_itself() {
    let about = IdTokenClaims::try_from(claims("{}")).unwrap();
    let tokens = hallpass_token::TokenSet::bearer("T").unwrap();
    let answered = |party: &hallpass_oidc::RelyingParty, token: &str| {
        let asked = party.user_info(&tokens, &about, UserInfoMethod::Get, &mut draws(7));
        drive(&mut asked.unwrap(), |request| {
            Input::Response(match request.endpoint().as_str() {
                JWKS_URI => json(jwks([&rsa()])),
                _ => hallpass_grant::Response::new(200)
                    .with_header("content-type", "application/jwt")
                    .with_body(token.as_bytes().to_vec()),
            })
        })
    };
    let for_user_info = relying_party().with_user_info_key(key());
    assert!(answered(&for_user_info, &encrypted("nested")).is_ok());
    let plain = answered(&for_user_info, &token("{}"));
    assert_eq!(fault(plain), "encryption");
    let mut asked = for_user_info
        .user_info(&tokens, &about, UserInfoMethod::Get, &mut draws(7))
        .unwrap();
    let unsigned = drive(&mut asked, |_| {
        Input::Response(json(r#"{"sub":"24400320"}"#))
    });
    assert_eq!(fault(unsigned), "encryption");
    let for_id_tokens = relying_party().with_rules(|rules| rules.with_decryption_key(key()));
    assert!(answered(&for_id_tokens, &token("{}")).is_ok());
    let found = answered(&for_id_tokens, &encrypted("nested"));
    assert_eq!(fault(found), "encryption");
}

/// Registered so, each for ID tokens and UserInfo.
fn registered(alg: Option<&str>, enc: Option<&str>) -> RelyingPartyMetadata {
    let mut own = RelyingPartyMetadata::new();
    own.id_token_encrypted_response_alg = alg.map(str::to_owned);
    own.id_token_encrypted_response_enc = enc.map(str::to_owned);
    own.userinfo_encrypted_response_alg = alg.map(str::to_owned);
    own.userinfo_encrypted_response_enc = enc.map(str::to_owned);
    own
}

#[test]
fn what_is_registered_as_encrypted_is_taken_only_as_it_is_registered() {
    for (enc, token, expected) in [
        (Some("A128GCM"), encrypted("nested"), "none"),
        (Some("A256GCM"), encrypted("nested"), "unexpected_algorithm"),
        (None, encrypted("nested"), "unexpected_algorithm"),
        (Some("A128GCM"), token("{}"), "encryption"),
    ] {
        let own = registered(Some("RSA-OAEP"), enc);
        let party = relying_party().with_registration(&own).unwrap();
        let party = party.with_rules(|rules| rules.with_decryption_key(key()));
        let mut verification = JwtVerification::new(token, party.rules().clone());
        let found = drive(&mut verification, |_| Input::Response(json(jwks([&rsa()]))));
        assert_eq!(fault(found), expected, "{enc:?}");
    }
}

#[test]
fn nothing_is_begun_without_the_key_for_what_is_registered_as_encrypted() {
    let own = registered(Some("RSA-OAEP"), None);
    let other = next_rsa().decryption_key(KeyManagement::RsaOaep256);
    let other: Arc<DecryptionKey> = other.unwrap().into();
    let without = relying_party().with_registration(&own).unwrap();
    let wrong = without
        .clone()
        .with_user_info_key(other.clone())
        .with_rules(|rules| rules.with_decryption_key(other));
    let right = without
        .clone()
        .with_user_info_key(key())
        .with_rules(|rules| rules.with_decryption_key(key()));
    let request = AuthenticationRequest::new();
    let about = IdTokenClaims::try_from(claims("{}")).unwrap();
    let tokens = hallpass_token::TokenSet::bearer("T").unwrap();
    for (party, is_good) in [(without, false), (wrong, false), (right, true)] {
        let login = party.login::<Code>(&request, &mut draws(7), now());
        let method = UserInfoMethod::Get;
        let user_info = party.user_info(&tokens, &about, method, &mut draws(7));
        for error in [login.err(), user_info.err()] {
            let misuse = |error: Error| matches!(error.kind(), ErrorKind::Misuse(_));
            assert_eq!(error.map(misuse), (!is_good).then_some(true));
        }
        let mut plain = JwtVerification::new(token("{}"), party.rules().clone());
        assert!(silent(&mut plain).is_err(), "whatever is begun");
    }
}

#[test]
fn an_encryption_that_opens_nothing_is_not_registered() {
    for (alg, enc) in [
        (Some("RSA1_5"), None),
        (Some("RSA-OAEP"), Some("A192GCM")),
        (None, Some("A128GCM")),
    ] {
        let own = registered(alg, enc);
        assert!(relying_party().with_registration(&own).is_err());
    }
}
