//! Tokens that are encrypted for this client (feature `encryption`).

use hallpass_grant::Input;
use hallpass_jose::{DecryptionKey, KeyManagement};
use hallpass_oidc::{IdTokenClaims, JwtVerification, UserInfoMethod};
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
    let for_id_tokens = relying_party().with_rules(|rules| rules.with_decryption_key(key()));
    assert!(answered(&for_id_tokens, &token("{}")).is_ok());
    let found = answered(&for_id_tokens, &encrypted("nested"));
    assert_eq!(fault(found), "encryption");
}
