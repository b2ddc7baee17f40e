//! Tokens that somebody made to be taken for something else. Each is refused with an error of its own name.

use hallpass_jose::{
    Blame, CompactJws, Error, Jwk, JwkSet, MAX_TOKEN_BYTES, PrivateJwk, SignatureAlgorithm,
    SymmetricKey, TokenError, VerificationKey,
};

mod common;
use common::{encode, es256, hs256};

/// A token that is signed with HS256, whatever its header says.
fn signed(header: &str) -> String {
    signed_with_payload(header, b"{}")
}

fn signed_with_payload(header: &str, payload: &[u8]) -> String {
    let input = format!("{}.{}", encode(header.as_bytes()), encode(payload));
    let signature = hs256()
        .signing_key(SignatureAlgorithm::Hs256)
        .unwrap()
        .sign(input.as_bytes());
    format!("{input}.{}", encode(&signature.unwrap()))
}

fn verify(token: &str) -> Result<Vec<u8>, TokenError> {
    let key = hs256().verification_key(SignatureAlgorithm::Hs256).unwrap();
    key.verify(CompactJws::parse(token)?)
        .map(|token| token.payload().to_vec())
}

#[test]
fn a_good_token_is_taken_with_whatever_else_its_header_has() {
    for header in [
        r#"{"alg":"HS256"}"#,
        "{ \"kid\" : \"a\",\r\n\t\"alg\":\"HS256\" }",
        r#"{"alg":"HS256","typ":"JWT","kid":"a","x5u":"https://evil.example","jku":"https://evil.example"}"#,
        r#"{"alg":"HS256","b64":true,"jwk":{"kty":"oct","k":""}}"#,
    ] {
        assert_eq!(verify(&signed(header)), Ok(b"{}".to_vec()), "{header}");
    }
}

#[test]
fn none_is_refused_however_it_is_spelled() {
    for spelling in ["none", "NONE", "None", "nOnE"] {
        let token = signed(&format!(r#"{{"alg":"{spelling}"}}"#));
        assert_eq!(verify(&token), Err(TokenError::Unsigned), "{spelling}");
        let stripped = &token[..=token.rfind('.').unwrap()];
        assert_eq!(verify(stripped), Err(TokenError::Unsigned), "{spelling}");
    }
}

#[test]
fn a_token_without_its_signature_is_refused() {
    let token = signed(r#"{"alg":"HS256"}"#);
    let stripped = &token[..=token.rfind('.').unwrap()];
    assert_eq!(verify(stripped), Err(TokenError::Signature));
    assert_eq!(
        verify(&token[..token.len() - 3]),
        Err(TokenError::Signature)
    );
}

#[test]
fn an_algorithm_that_the_key_is_not_for_is_refused() {
    let unexpected = Err(TokenError::UnexpectedAlgorithm { name: "alg" });
    for name in ["HS384", "RS256", "ES256", "EdDSA"] {
        assert_eq!(
            verify(&signed(&format!(r#"{{"alg":"{name}"}}"#))),
            unexpected
        );
    }
    for name in ["hs256", "HS256 ", "HS1", "ES256K", ""] {
        let token = signed(&format!(r#"{{"alg":"{name}"}}"#));
        assert_eq!(
            verify(&token),
            Err(TokenError::UnknownAlgorithm { name: "alg" })
        );
    }
}

#[test]
fn a_public_key_is_never_a_shared_secret() {
    // What an attacker has: the published key, in every form, as the secret of HS256.
    let public = es256().public().clone();
    let json = public.to_json();
    let token = {
        let input = format!("{}.{}", encode(br#"{"alg":"HS256"}"#), encode(b"{}"));
        let key = SymmetricKey::new(json.as_bytes())
            .signing_key(SignatureAlgorithm::Hs256)
            .unwrap();
        format!("{input}.{}", encode(&key.sign(input.as_bytes()).unwrap()))
    };
    let set: JwkSet = [public.clone()].into_iter().collect();
    let parsed = || CompactJws::parse(&token).unwrap();
    let error = set
        .verify(parsed(), &[SignatureAlgorithm::Es256])
        .unwrap_err();
    assert_eq!(
        error,
        TokenError::UnexpectedAlgorithm { name: "alg" }.into()
    );
    assert_eq!(error.blame(), Blame::Sender);
    // Not even where the caller asks for both.
    let asked = [SignatureAlgorithm::Es256, SignatureAlgorithm::Hs256];
    assert!(matches!(
        set.verify(parsed(), &asked),
        Err(Error::Selection(_))
    ));
    assert!(public.verification_key(SignatureAlgorithm::Hs256).is_err());
}

#[test]
fn critical_extensions_and_unencoded_payloads_are_refused() {
    for crit in [r#"["exp"]"#, r#"["b64"]"#, "[]", "null", r#""b64""#] {
        let token = signed(&format!(r#"{{"alg":"HS256","crit":{crit}}}"#));
        assert_eq!(verify(&token), Err(TokenError::Critical), "{crit}");
    }
    for b64 in ["false", "null", "0", r#""true""#] {
        let token = signed(&format!(r#"{{"alg":"HS256","b64":{b64}}}"#));
        assert_eq!(verify(&token), Err(TokenError::Unencoded), "{b64}");
    }
}

#[test]
fn a_member_that_stands_twice_is_refused_in_header_and_claims() {
    for header in [
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","\u0061lg":"none"}"#,
        r#"{"alg":"HS256","x":{"a":1,"a":2}}"#,
    ] {
        let error = verify(&signed(header)).unwrap_err();
        assert!(
            matches!(error, TokenError::Json { part: "header", .. }),
            "{header}"
        );
    }
    let key = hs256().verification_key(SignatureAlgorithm::Hs256).unwrap();
    for payload in [
        &br#"{"sub":"a","sub":"b"}"#[..],
        b"[]",
        b"7",
        b"",
        b"{",
        b"\"\xff\"",
        b"{} {}",
    ] {
        let token = signed_with_payload(r#"{"alg":"HS256"}"#, payload);
        let verified = key.verify(CompactJws::parse(&token).unwrap()).unwrap();
        assert!(matches!(
            verified.claims(),
            Err(TokenError::Json {
                part: "payload",
                ..
            })
        ));
    }
}

#[test]
fn header_parameters_have_their_types() {
    for (json, name) in [
        ("{}", "alg"),
        (r#"{"alg":7}"#, "alg"),
        (r#"{"alg":["HS256"]}"#, "alg"),
        (r#"{"alg":"HS256","kid":7}"#, "kid"),
        (r#"{"alg":"HS256","typ":null}"#, "typ"),
        (r#"{"alg":"HS256","cty":{}}"#, "cty"),
    ] {
        assert_eq!(
            verify(&signed(json)),
            Err(TokenError::Header { name }),
            "{json}"
        );
    }
}

#[test]
fn an_encrypted_token_is_told_from_a_signed_one() {
    assert_eq!(
        verify(&signed(r#"{"alg":"HS256","enc":"A128GCM"}"#)),
        Err(TokenError::Encrypted)
    );
    assert_eq!(verify("a.b.c.d.e"), Err(TokenError::Encrypted));
}

#[test]
fn parts_in_another_spelling_are_refused() {
    let token = signed(r#"{"alg":"HS256"}"#);
    let parts: Vec<&str> = token.split('.').collect();
    for at in 0..3 {
        // Padding, white space, the alphabet of plain base64, a letter too many, bits that stand for nothing.
        let own = parts[at];
        let last = own.len() - 1;
        let mut spellings = vec![
            format!("{own}="),
            format!(" {own}"),
            format!("{own}\n"),
            format!("{own}+"),
            format!("{own}A"),
        ];
        if own.len() % 4 == 3 {
            let letter = char::from(own.as_bytes()[last] + 1);
            spellings.push(format!("{}{letter}", &own[..last]));
        }
        for spelling in spellings {
            let mut changed = parts.clone();
            changed[at] = &spelling;
            let error = verify(&changed.join(".")).unwrap_err();
            let is_told = matches!(
                error,
                TokenError::Base64Url { .. } | TokenError::Json { .. }
            );
            // One letter more may be the one spelling of something else.
            assert!(
                is_told || error == TokenError::Signature,
                "{spelling}: {error}"
            );
        }
    }
    assert_eq!(verify(""), Err(TokenError::Parts));
    assert_eq!(verify("."), Err(TokenError::Parts));
    assert!(verify("..").is_err());
    assert_eq!(verify(&format!("{token}.")), Err(TokenError::Parts));
    assert_eq!(
        verify(&format!("Bearer {token}")),
        Err(TokenError::Base64Url { part: "header" })
    );
}

#[test]
fn what_is_too_long_is_refused_unread() {
    let dots = ".".repeat(1_000_000);
    assert_eq!(verify(&dots), Err(TokenError::TooLong));
    let header = "A".repeat(10 << 20);
    assert_eq!(verify(&format!("{header}.e30.")), Err(TokenError::TooLong));
    let dots = ".".repeat(MAX_TOKEN_BYTES);
    assert_eq!(verify(&dots), Err(TokenError::Parts));
    let head = signed(r#"{"alg":"HS256"}"#);
    let head = &head[..=head.rfind('.').unwrap()];
    assert_eq!(
        verify(&format!("{head}{}", "A".repeat(2000))),
        Err(TokenError::Signature)
    );
    // As long as it may be, and good.
    let header = r#"{"alg":"HS256"}"#;
    let room = MAX_TOKEN_BYTES - signed_with_payload(header, b"").len();
    assert!(verify(&signed_with_payload(header, &vec![b' '; room / 4 * 3])).is_ok());
}

#[test]
fn an_ecdsa_signature_is_two_numbers_in_range_and_nothing_else() {
    let key: VerificationKey = es256()
        .public()
        .verification_key(SignatureAlgorithm::Es256)
        .unwrap();
    let signing = es256().signing_key(SignatureAlgorithm::Es256).unwrap();
    let good = signing.sign(b"message").unwrap();
    assert!(key.is_signature(b"message", &good));
    assert!(!key.is_signature(b"massage", &good));
    // The order of P-256.
    let order: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
        0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let (r, s) = good.split_at(32);
    for (r, s) in [
        (&[0; 32][..], s),
        (r, &[0; 32]),
        (&order, s),
        (r, &order),
        (&[0; 32], &[0; 32]),
        (&order, &order),
    ] {
        assert!(!key.is_signature(b"message", &[r, s].concat()));
    }
    for wrong in [&good[..63], &[&good[..], &[0]].concat(), &[], &[0; 64]] {
        assert!(!key.is_signature(b"message", wrong));
    }
}

#[test]
fn keys_of_one_algorithm_do_not_verify_another() {
    let rsa = common::rsa();
    for algorithm in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        let algorithm = SignatureAlgorithm::from_name(algorithm).unwrap();
        let token = rsa
            .signing_key(algorithm)
            .unwrap()
            .token(None, b"{}")
            .unwrap();
        for other in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
            let other = SignatureAlgorithm::from_name(other).unwrap();
            let key = rsa.public().verification_key(other).unwrap();
            let parsed = CompactJws::parse(&token).unwrap();
            let (input, signature) = (
                parsed.signing_input().to_owned(),
                parsed.signature().to_vec(),
            );
            assert_eq!(
                key.is_signature(input.as_bytes(), &signature),
                algorithm == other
            );
            assert_eq!(key.verify(parsed).is_ok(), algorithm == other);
        }
    }
    let public: &Jwk = rsa.public();
    assert!(public.verification_key(SignatureAlgorithm::Es256).is_err());
    let private: PrivateJwk = es256();
    for wrong in [
        SignatureAlgorithm::Es384,
        SignatureAlgorithm::EdDsa,
        SignatureAlgorithm::Rs256,
        SignatureAlgorithm::Hs256,
    ] {
        assert!(private.signing_key(wrong).is_err());
        assert!(private.public().verification_key(wrong).is_err());
    }
}
