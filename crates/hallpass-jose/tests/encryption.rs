//! Encrypted tokens: what opens, and what does not.
#![cfg(feature = "encryption")]

use hallpass_jose::{
    CompactJwe, CompactJws, ContentEncryption, Curve, DecryptionKey, Json, KeyError, KeyManagement,
    Members, PrivateJwk, SymmetricKey, TokenError, Weakness,
};

const VECTORS: &str = include_str!("vectors/jwe.json");

/// What another library wrote, in each algorithm.
const WRITTEN: &str = include_str!("vectors/jwe-jwcrypto.json");

fn examples() -> Vec<Members> {
    read(VECTORS)
}

fn read(list: &str) -> Vec<Members> {
    let wrapped = Members::read(format!(r#"{{"list":{list}}}"#).as_bytes()).unwrap();
    let list = wrapped.value("list").and_then(Json::as_array).unwrap();
    list.iter()
        .map(|one| one.as_object().unwrap().clone())
        .collect()
}

fn example(from: &str) -> Members {
    let found = examples()
        .into_iter()
        .find(|example| text(example, "from") == from);
    found.unwrap()
}

fn text<'m>(members: &'m Members, name: &str) -> &'m str {
    members.value(name).and_then(Json::as_str).unwrap()
}

fn key(example: &Members) -> DecryptionKey {
    let key = example.value("key").and_then(Json::as_object).unwrap();
    let management = KeyManagement::from_name(text(example, "algorithm")).unwrap();
    let encryption = ContentEncryption::from_name(text(example, "encryption")).unwrap();
    match management {
        KeyManagement::Direct => {
            let key = SymmetricKey::parse(&serde_json::to_string(key).unwrap()).unwrap();
            key.direct_key(encryption).unwrap()
        }
        _ => PrivateJwk::from_members(key)
            .unwrap()
            .decryption_key(management)
            .unwrap(),
    }
}

fn open(key: &DecryptionKey, token: &str) -> Result<Vec<u8>, TokenError> {
    let token = CompactJwe::parse(token)?;
    let opened = key.decrypt(&token, &ContentEncryption::ALL)?;
    Ok(opened.plaintext().to_vec())
}

/// The same token with one part replaced.
fn with_part(token: &str, at: usize, part: &str) -> String {
    let mut parts: Vec<&str> = token.split('.').collect();
    parts[at] = part;
    parts.join(".")
}

#[test]
fn every_token_of_the_rfcs_opens_whose_algorithms_are_supported() {
    let mut opened = 0;
    let mut refused = Vec::new();
    for example in examples() {
        let token = text(&example, "token");
        if KeyManagement::from_name(text(&example, "algorithm")).is_none() {
            let error = CompactJwe::parse(token).unwrap_err();
            // RFC 7520 5.9 is the compressed one.
            let is_compressed = text(&example, "from") == "RFC 7520 5.9";
            let unknown = TokenError::UnknownAlgorithm { name: "alg" };
            let expected = match is_compressed {
                true => TokenError::Compressed,
                false => unknown,
            };
            assert_eq!(error, expected);
            refused.push(text(&example, "algorithm").to_owned());
            continue;
        }
        let plaintext = open(&key(&example), token).unwrap();
        let encoded = text(&example, "plaintext");
        let expected = CompactJws::parse(&format!("eyJhbGciOiJIUzI1NiJ9.{encoded}."))
            .unwrap()
            .unverified_payload()
            .to_vec();
        assert_eq!(plaintext, expected, "{}", text(&example, "from"));
        opened += 1;
    }
    assert_eq!(opened, 5);
    // RSA1_5 is broken; wrapping with a shared key is not for ID tokens.
    assert_eq!(
        refused,
        [
            "RSA1_5",
            "A256GCMKW",
            "A128KW",
            "A128KW",
            "RSA1_5",
            "A128KW"
        ]
    );
}

#[test]
fn tokens_that_jwcrypto_wrote_open_in_every_algorithm_and_on_every_curve() {
    let written = read(WRITTEN);
    assert_eq!(written.len(), 31);
    for example in written {
        let opened = open(&key(&example), text(&example, "token"));
        let plaintext = text(&example, "plaintext").as_bytes().to_vec();
        assert_eq!(opened, Ok(plaintext), "{}", text(&example, "from"));
    }
}

#[test]
fn a_nested_token_is_opened_and_then_verified() {
    let nested = read(WRITTEN).pop().unwrap();
    let token = CompactJwe::parse(text(&nested, "token")).unwrap();
    let opened = key(&nested)
        .decrypt(&token, &[ContentEncryption::A128Gcm])
        .unwrap();
    let inner = nested.value("inner").and_then(Json::as_object).unwrap();
    let inner = SymmetricKey::from_members(inner).unwrap();
    let inner = inner
        .verification_key(hallpass_jose::SignatureAlgorithm::Hs256)
        .unwrap();
    let verified = inner
        .verify(CompactJws::parse(opened.nested().unwrap()).unwrap())
        .unwrap();
    assert_eq!(verified.claims().unwrap().text("sub"), Ok(Some("24400320")));
}

#[test]
fn a_token_that_was_changed_anywhere_does_not_open_and_does_not_tell_why() {
    for example in examples() {
        if KeyManagement::from_name(text(&example, "algorithm")).is_none() {
            continue;
        }
        let key = key(&example);
        let token = text(&example, "token");
        for (at, part) in token.split('.').enumerate().skip(1) {
            let Some(rest) = part.get(1..) else {
                continue;
            };
            let other = match part.starts_with('A') {
                true => "B",
                false => "A",
            };
            let changed = with_part(token, at, &format!("{other}{rest}"));
            assert_eq!(
                open(&key, &changed),
                Err(TokenError::Decryption),
                "part {at}"
            );
        }
    }
}

#[test]
fn a_short_tag_and_a_key_where_none_belongs_do_not_open() {
    let direct = example("RFC 7520 5.6");
    let token = text(&direct, "token");
    let tag = token.rsplit('.').next().unwrap();
    let short = with_part(token, 4, &tag[..16]);
    assert_eq!(open(&key(&direct), &short), Err(TokenError::Decryption));
    let none = with_part(token, 4, "");
    assert_eq!(open(&key(&direct), &none), Err(TokenError::Decryption));
    for from in ["RFC 7520 5.6", "RFC 7520 5.5"] {
        let example = example(from);
        let with_key = with_part(text(&example, "token"), 1, "AAAA");
        assert_eq!(open(&key(&example), &with_key), Err(TokenError::Decryption));
    }
}

#[test]
fn a_token_for_another_algorithm_is_refused_before_anything_is_computed() {
    let rsa = example("RFC 7516 A.1");
    let jwk = rsa.value("key").and_then(Json::as_object).unwrap();
    let other = PrivateJwk::from_members(jwk)
        .unwrap()
        .decryption_key(KeyManagement::RsaOaep256);
    let token = text(&rsa, "token");
    let unexpected = |name| Err(TokenError::UnexpectedAlgorithm { name });
    assert_eq!(open(&other.unwrap(), token), unexpected("alg"));
    let parsed = CompactJwe::parse(token).unwrap();
    let asked = key(&rsa).decrypt(&parsed, &[ContentEncryption::A128Gcm]);
    assert_eq!(asked.map(|_| Vec::<u8>::new()), unexpected("enc"));
    // A direct key is for one encryption.
    let direct = example("RFC 7520 5.6");
    let longer = SymmetricKey::new([7; 32])
        .direct_key(ContentEncryption::A256Gcm)
        .unwrap();
    assert_eq!(open(&longer, text(&direct, "token")), unexpected("enc"));
}

#[test]
fn a_key_opens_only_what_it_is_for() {
    let rsa = example("RFC 7516 A.1");
    let rsa =
        PrivateJwk::from_members(rsa.value("key").and_then(Json::as_object).unwrap()).unwrap();
    let error = rsa.decryption_key(KeyManagement::EcdhEs).unwrap_err();
    assert_eq!(
        error,
        KeyError::Kind {
            algorithm: "ECDH-ES"
        }
    );
    let signs = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let signs = PrivateJwk::parse(signs).unwrap();
    assert!(signs.decryption_key(KeyManagement::EcdhEs).is_err());
    let for_signatures =
        SymmetricKey::parse(r#"{"kty":"oct","use":"sig","k":"AAAAAAAAAAAAAAAAAAAAAA"}"#).unwrap();
    let error = for_signatures
        .direct_key(ContentEncryption::A128Gcm)
        .unwrap_err();
    assert_eq!(error, KeyError::Purpose { name: "use" });
    for (length, weakness) in [
        (15, Weakness::TooShort),
        (0, Weakness::TooShort),
        (17, Weakness::TooLong),
    ] {
        let error = SymmetricKey::new(vec![1; length]).direct_key(ContentEncryption::A128Gcm);
        assert_eq!(error.unwrap_err(), KeyError::Weak(weakness));
    }
}

/// A token with this header, and parts that are never looked at.
fn with_header(header: &str) -> String {
    let key = SymmetricKey::new([7; 32]);
    let key = key
        .signing_key(hallpass_jose::SignatureAlgorithm::Hs256)
        .unwrap();
    // The payload of a token of ours is base64url of the header, which is all that is wanted.
    let token = key.token(None, header.as_bytes()).unwrap();
    let encoded = token.split('.').nth(1).unwrap().to_owned();
    format!("{encoded}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA")
}

#[test]
fn a_header_that_cannot_be_acted_on_is_refused() {
    let header = |name| TokenError::Header { name };
    let unknown = |name| TokenError::UnknownAlgorithm { name };
    for (json, expected) in [
        (
            r#"{"alg":"dir","enc":"A128GCM","zip":"DEF"}"#,
            TokenError::Compressed,
        ),
        (
            r#"{"alg":"dir","enc":"A128GCM","crit":["exp"]}"#,
            TokenError::Critical,
        ),
        (r#"{"alg":"dir","enc":"A192GCM"}"#, unknown("enc")),
        (
            r#"{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483647}"#,
            unknown("alg"),
        ),
        (r#"{"alg":"RSA1_5","enc":"A128GCM"}"#, unknown("alg")),
        (r#"{"alg":"none","enc":"A128GCM"}"#, unknown("alg")),
        (r#"{"alg":"dir"}"#, header("enc")),
        (r#"{"enc":"A128GCM"}"#, header("alg")),
        (r#"{"alg":"dir","enc":"A128GCM","cty":7}"#, header("cty")),
    ] {
        assert_eq!(
            CompactJwe::parse(&with_header(json)).unwrap_err(),
            expected,
            "{json}"
        );
    }
    let twice = with_header(r#"{"alg":"dir","alg":"dir","enc":"A128GCM"}"#);
    assert!(matches!(
        CompactJwe::parse(&twice),
        Err(TokenError::Json { .. })
    ));
    assert_eq!(
        CompactJwe::parse("e30.e30.").unwrap_err(),
        TokenError::NotEncrypted
    );
    assert_eq!(CompactJwe::parse("a.b.c.d").unwrap_err(), TokenError::Parts);
    assert_eq!(
        CompactJwe::parse(&".".repeat(70_000)).unwrap_err(),
        TokenError::TooLong
    );
    assert_eq!(
        CompactJws::parse(&with_header("{}")).unwrap_err(),
        TokenError::Encrypted
    );
}

#[test]
fn a_senders_key_that_is_off_its_curve_or_of_another_one_is_refused() {
    let receiver = example("RFC 7520 5.5");
    let key = key(&receiver);
    let epk = r#""crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpp"#;
    for (epk, expected) in [
        // The last letter of y decides whether it is on the curve; this one is, so only the content does not open.
        (format!(r#"{{"kty":"EC",{epk}s"}}"#), TokenError::Decryption),
        (
            format!(r#"{{"kty":"EC",{epk}w"}}"#),
            TokenError::Header { name: "epk" },
        ),
        (
            format!(r#"{{"kty":"EC",{epk}s","d":"AAAA"}}"#),
            TokenError::Header { name: "epk" },
        ),
        (
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
                .to_owned(),
            TokenError::Header { name: "epk" },
        ),
        ("7".to_owned(), TokenError::Header { name: "epk" }),
    ] {
        let header = format!(r#"{{"alg":"ECDH-ES","enc":"A128CBC-HS256","epk":{epk}}}"#);
        assert_eq!(open(&key, &with_header(&header)), Err(expected), "{epk}");
    }
    let missing = with_header(r#"{"alg":"ECDH-ES","enc":"A128CBC-HS256"}"#);
    assert_eq!(
        open(&key, &missing),
        Err(TokenError::Header { name: "epk" })
    );
    assert_eq!(Curve::from_name("X25519"), None);
}

#[test]
fn what_is_inside_is_a_token_only_where_the_header_says_so() {
    let example = example("RFC 7520 5.6");
    let token = CompactJwe::parse(text(&example, "token")).unwrap();
    let opened = key(&example)
        .decrypt(&token, &ContentEncryption::ALL)
        .unwrap();
    assert_eq!(opened.nested(), Err(TokenError::NotNested));
    let shown = format!("{opened:?} {token:?}");
    assert!(!shown.contains("trust"), "{shown}");
}
