//! Whatever comes in: no panic, and what is taken is what was sent.

use hallpass_jose::{
    CompactJws, Jwk, JwkSet, Members, PrivateJwk, SignatureAlgorithm, SymmetricKey,
    signature_from_der,
};
use proptest::prelude::*;

mod common;
use common::{encode, es256, hs256};

/// Texts with the letters that matter to a token.
fn token_like() -> impl Strategy<Value = String> {
    let header = prop::sample::select(vec![
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"ES256","kid":"a"}"#,
        r#"{"alg":"none"}"#,
        r#"{"alg":"dir","enc":"A128GCM"}"#,
        r#"{"alg":"ECDH-ES","enc":"A256GCM","epk":{}}"#,
        "{",
    ]);
    let part = "[A-Za-z0-9_=+/ -]{0,40}";
    let good = prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| encode(&bytes));
    let parts = prop::collection::vec(prop_oneof![good, part.prop_map(|text: String| text)], 0..6);
    (header, parts)
        .prop_map(|(header, parts)| format!("{}.{}", encode(header.as_bytes()), parts.join(".")))
}

/// JSON with the members that matter to a key.
fn key_like() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "kty", "crv", "x", "y", "d", "n", "e", "k", "p", "use", "alg", "kid", "key_ops",
    ]);
    let octets = prop::collection::vec(any::<u8>(), 0..70)
        .prop_map(|bytes| format!("\"{}\"", encode(&bytes)));
    let known = prop::sample::select(vec![
        "\"EC\"",
        "\"RSA\"",
        "\"OKP\"",
        "\"oct\"",
        "\"P-256\"",
        "\"P-521\"",
        "\"Ed25519\"",
        "\"sig\"",
        "[\"verify\"]",
        "7",
        "null",
    ]);
    let member = (name, prop_oneof![octets, known.prop_map(str::to_owned)]);
    prop::collection::vec(member, 0..8).prop_map(|members| {
        let members: Vec<String> = members
            .into_iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    })
}

proptest! {
    #[test]
    fn no_text_makes_a_token_panic_and_what_is_taken_is_written_again_alike(text in prop_oneof![token_like(), ".*", "[A-Za-z0-9._-]{0,200}"]) {
        if let Ok(token) = CompactJws::parse(&text) {
            let again = format!("{}.{}", token.signing_input(), encode(token.signature()));
            prop_assert_eq!(&again, &text);
            let payload = text.split('.').nth(1).unwrap();
            prop_assert_eq!(encode(token.unverified_payload()), payload);
            // Nobody has signed it.
            let key = hs256().verification_key(SignatureAlgorithm::Hs256).unwrap();
            prop_assert!(key.verify(token.clone()).is_err());
            let set: JwkSet = [es256().public().clone()].into_iter().collect();
            prop_assert!(set.verify(token, &SignatureAlgorithm::ALL).is_err());
        }
        #[cfg(feature = "encryption")]
        if let Ok(token) = hallpass_jose::CompactJwe::parse(&text) {
            use hallpass_jose::{ContentEncryption, KeyManagement};
            let direct = SymmetricKey::new([7; 16]).direct_key(ContentEncryption::A128Gcm).unwrap();
            prop_assert!(direct.decrypt(&token, &ContentEncryption::ALL).is_err());
            let agreed = es256().decryption_key(KeyManagement::EcdhEs).unwrap();
            prop_assert!(agreed.decrypt(&token, &ContentEncryption::ALL).is_err());
        }
    }

    #[test]
    fn no_json_makes_a_key_panic_and_what_is_taken_is_written_again_alike(text in prop_oneof![key_like(), ".*"]) {
        if let Ok(key) = Jwk::parse(&text) {
            let again = Jwk::parse(&key.to_json()).unwrap();
            prop_assert_eq!(again.thumbprint(), key.thumbprint());
            prop_assert_eq!(again, key);
        }
        let _ = (PrivateJwk::parse(&text), SymmetricKey::parse(&text), PrivateJwk::from_pkcs8_pem(&text));
        let set = format!(r#"{{"keys":[{text}]}}"#);
        if let Ok(set) = JwkSet::parse(set.as_bytes()) {
            let taken = set.keys().iter().all(|key| Jwk::parse(&key.to_json()).is_ok());
            prop_assert!(taken);
        }
    }

    #[test]
    fn no_bytes_make_json_der_or_a_signature_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (Members::read(&bytes), JwkSet::parse(&bytes), PrivateJwk::from_pkcs8_der(&bytes));
        for algorithm in SignatureAlgorithm::ALL {
            let _ = signature_from_der(algorithm, &bytes);
        }
        let key = es256().public().verification_key(SignatureAlgorithm::Es256).unwrap();
        prop_assert!(!key.is_signature(b"message", &bytes));
    }

    #[test]
    fn every_payload_comes_back_as_it_was_signed(payload in prop::collection::vec(any::<u8>(), 0..300)) {
        let token = hs256().signing_key(SignatureAlgorithm::Hs256).unwrap().token(None, &payload).unwrap();
        let key = hs256().verification_key(SignatureAlgorithm::Hs256).unwrap();
        let verified = key.verify(CompactJws::parse(&token).unwrap()).unwrap();
        prop_assert_eq!(verified.payload(), &payload[..]);
    }
}
