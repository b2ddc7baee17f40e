//! Nothing secret gets into `Debug`, and nothing of a token into an error.

use hallpass_jose::{
    Claims, CompactJws, Error, Header, Jwk, JwkSet, KeyError, PrivateJwk, SelectionError,
    SignatureAlgorithm, SigningError, SigningKey, SymmetricKey, Thumbprint, TokenError,
    VerificationKey, VerifiedJws,
};

mod common;
use common::{ed25519, encode, es256, es512, hs256, rsa};

#[test]
fn debug_shows_no_secret_of_any_key() {
    for key in [rsa(), es256(), es512(), ed25519()] {
        let algorithm = SignatureAlgorithm::ALL
            .into_iter()
            .find(|algorithm| key.signing_key(*algorithm).is_ok());
        let signing = key.signing_key(algorithm.unwrap()).unwrap();
        let shown = format!("{key:?} {signing:?} {:?}", key.public());
        // What a key is, and no run of letters or numbers long enough to be part of one.
        let longest = shown
            .split(|c: char| !c.is_ascii_alphanumeric())
            .map(str::len)
            .max();
        assert!(longest.unwrap() < 20, "{shown}");
        assert!(!shown.contains("[1") && !shown.contains(", 1"), "{shown}");
    }
    let shown = format!(
        "{:?} {:?} {:?}",
        hs256(),
        hs256().signing_key(SignatureAlgorithm::Hs256).unwrap(),
        hs256().verification_key(SignatureAlgorithm::Hs256).unwrap()
    );
    assert!(
        !shown.contains("canary") && !shown.contains("99"),
        "{shown}"
    );
}

#[test]
fn debug_shows_nothing_of_a_token_but_its_algorithm_and_sizes() {
    let key = hs256().signing_key(SignatureAlgorithm::Hs256).unwrap();
    let token = key
        .token(
            Some("JWT"),
            br#"{"sub":"canary","email":"canary@example.com"}"#,
        )
        .unwrap();
    let parsed = CompactJws::parse(&token).unwrap();
    let verified = hs256().verification_key(SignatureAlgorithm::Hs256).unwrap();
    let verified = verified.verify(parsed.clone()).unwrap();
    let shown = format!("{parsed:?} {verified:?} {:?}", verified.claims().unwrap());
    let payload = token.split('.').nth(1).unwrap();
    assert!(
        !shown.contains("canary") && !shown.contains(payload),
        "{shown}"
    );
    assert!(shown.contains("HS256"), "{shown}");
}

#[test]
fn no_error_quotes_what_was_read() {
    let canary = "canary-71f3";
    let header = |json: &str| {
        format!(
            "{}.{}.{canary}",
            encode(json.as_bytes()),
            encode(canary.as_bytes())
        )
    };
    let texts = [
        canary.to_owned(),
        format!("{canary}.{canary}.{canary}"),
        header(r#"{"alg":"canary-71f3"}"#),
        header(r#"{"alg":"HS256","kid":["canary-71f3"]}"#),
        header(r#"{"canary-71f3":1,"canary-71f3":2}"#),
        header(r#"{"alg":"none","canary-71f3":2}"#),
        header(r#"{canary-71f3"#),
    ];
    for text in &texts {
        let error = Error::from(CompactJws::parse(text).unwrap_err());
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
    for json in [
        r#"{"kty":"canary-71f3"}"#,
        r#"{"kty":"EC","crv":"canary-71f3"}"#,
        r#"{"kty":"EC","crv":"P-256","x":"canary-71f3","y":"canary-71f3","d":"canary-71f3"}"#,
        r#"{"kty":"oct","k":"canary*71f3"}"#,
        "canary-71f3",
    ] {
        for error in [
            Jwk::parse(json).unwrap_err(),
            PrivateJwk::parse(json).unwrap_err(),
            SymmetricKey::parse(json).unwrap_err(),
            PrivateJwk::from_pkcs8_pem(json).unwrap_err(),
            JwkSet::parse(json.as_bytes()).unwrap_err(),
        ] {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}

#[test]
fn everything_can_be_sent_and_shared() {
    fn is_sent_and_shared<T: Send + Sync + 'static>() {}
    is_sent_and_shared::<CompactJws<'static>>();
    is_sent_and_shared::<VerifiedJws<'static>>();
    is_sent_and_shared::<(Claims, Header, Jwk, JwkSet, Thumbprint)>();
    is_sent_and_shared::<(PrivateJwk, SymmetricKey, SigningKey, VerificationKey)>();
    is_sent_and_shared::<(Error, KeyError, TokenError, SelectionError, SigningError)>();
    #[cfg(feature = "encryption")]
    is_sent_and_shared::<(
        hallpass_jose::CompactJwe<'static>,
        hallpass_jose::Decrypted,
        hallpass_jose::DecryptionKey,
    )>();
}
