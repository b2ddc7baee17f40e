//! The examples of RFC 7515, 7517, 7520, 7638 and 8037, as data.

use hallpass_jose::{
    CompactJws, Json, Jwk, JwkSet, KeyError, Members, PrivateJwk, SignatureAlgorithm, SymmetricKey,
    TokenError, VerificationKey, Weakness,
};

/// A file of examples: an object with one array would be as good, but the RFCs' own lists read best as they are.
fn examples(json: &str) -> Vec<Members> {
    let wrapped = Members::read(format!(r#"{{"list":{json}}}"#).as_bytes()).unwrap();
    let list = wrapped.value("list").and_then(Json::as_array).unwrap();
    list.iter()
        .map(|one| one.as_object().unwrap().clone())
        .collect()
}

fn text<'m>(members: &'m Members, name: &str) -> &'m str {
    members.value(name).and_then(Json::as_str).unwrap()
}

fn json(members: &Members) -> String {
    serde_json::to_string(members).unwrap()
}

fn verification_key(
    key: &Members,
    algorithm: SignatureAlgorithm,
) -> Result<VerificationKey, KeyError> {
    match text(key, "kty") {
        "oct" => SymmetricKey::parse(&json(key))
            .unwrap()
            .verification_key(algorithm),
        _ => PrivateJwk::from_members(key)
            .unwrap()
            .public()
            .verification_key(algorithm),
    }
}

#[test]
fn every_signature_of_the_rfcs_verifies_and_none_that_was_changed() {
    let all = examples(include_str!("vectors/jws.json"));
    assert_eq!(all.len(), 9);
    for example in all {
        let from = text(&example, "from");
        let algorithm = SignatureAlgorithm::from_name(text(&example, "algorithm")).unwrap();
        let key = example.value("key").and_then(Json::as_object).unwrap();
        let key = verification_key(key, algorithm).unwrap();
        let token = text(&example, "token");
        let verified = key.verify(CompactJws::parse(token).unwrap());
        assert!(verified.is_ok(), "{from}");
        // Another payload under the same signature.
        let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else {
            panic!("{from} has not three parts")
        };
        let changed = format!("{header}.{payload}AAAA.{signature}");
        let refused = key.verify(CompactJws::parse(&changed).unwrap());
        assert_eq!(refused.unwrap_err(), TokenError::Signature, "{from}");
    }
}

#[test]
fn every_private_key_of_the_rfcs_signs_what_its_public_half_verifies() {
    for example in examples(include_str!("vectors/jws.json")) {
        let from = text(&example, "from");
        let algorithm = SignatureAlgorithm::from_name(text(&example, "algorithm")).unwrap();
        let members = example.value("key").and_then(Json::as_object).unwrap();
        let signing = match text(members, "kty") {
            "oct" => SymmetricKey::parse(&json(members))
                .unwrap()
                .signing_key(algorithm),
            _ => PrivateJwk::from_members(members)
                .unwrap()
                .signing_key(algorithm),
        };
        let token = signing.unwrap().token(Some("JWT"), b"{}").unwrap();
        let key = verification_key(members, algorithm).unwrap();
        let verified = key.verify(CompactJws::parse(&token).unwrap());
        assert_eq!(verified.unwrap().payload(), b"{}", "{from}");
    }
}

#[test]
fn algorithms_without_randomness_sign_as_the_rfcs_do() {
    let mut compared = 0;
    for example in examples(include_str!("vectors/jws.json")) {
        let algorithm = SignatureAlgorithm::from_name(text(&example, "algorithm")).unwrap();
        let members = example.value("key").and_then(Json::as_object).unwrap();
        let signing = match algorithm.name() {
            "HS256" => SymmetricKey::parse(&json(members))
                .unwrap()
                .signing_key(algorithm),
            "RS256" | "EdDSA" => PrivateJwk::from_members(members)
                .unwrap()
                .signing_key(algorithm),
            _ => continue,
        };
        let token = CompactJws::parse(text(&example, "token")).unwrap();
        let signature = signing
            .unwrap()
            .sign(token.signing_input().as_bytes())
            .unwrap();
        assert_eq!(signature, token.signature(), "{}", text(&example, "from"));
        compared += 1;
    }
    assert_eq!(compared, 5);
}

#[test]
fn keys_of_the_rfcs_are_read_as_what_they_are() {
    for example in examples(include_str!("vectors/keys.json")) {
        let from = text(&example, "from");
        let set = example.value("set").and_then(Json::as_object).unwrap();
        let public = JwkSet::parse(json(set).as_bytes()).unwrap();
        for key in set.value("keys").and_then(Json::as_array).unwrap() {
            let key = key.as_object().unwrap();
            match text(key, "kty") {
                "oct" => assert!(SymmetricKey::parse(&json(key)).is_ok(), "{from}"),
                _ if key.value("d").is_some() => {
                    let private = PrivateJwk::from_members(key).unwrap();
                    let published = Jwk::parse(&private.public().to_json()).unwrap();
                    assert_eq!(
                        published.thumbprint(),
                        private.public().thumbprint(),
                        "{from}"
                    );
                }
                _ => assert_eq!(public.set_aside(), [], "{from}"),
            }
        }
        // In a set of published keys there is nothing secret that would be used.
        let secret = public.set_aside().iter();
        assert!(
            secret.into_iter().all(|key| key.error == KeyError::Secret),
            "{from}"
        );
    }
}

#[test]
fn thumbprints_are_those_of_rfc_7638_and_rfc_8037() {
    let rsa = Jwk::parse(include_str!("vectors/rfc7638-section-3.1.json")).unwrap();
    assert_eq!(
        rsa.thumbprint().to_string(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
    let okp = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    assert_eq!(
        Jwk::parse(okp).unwrap().thumbprint().to_string(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

#[test]
fn the_secret_of_rfc_7515_a_1_is_long_enough_for_any_hash_and_that_of_rfc_7520_only_for_sha_256() {
    let all = examples(include_str!("vectors/jws.json"));
    let key = |from: &str| {
        let example = all
            .iter()
            .find(|example| text(example, "from") == from)
            .unwrap();
        SymmetricKey::parse(&json(
            example.value("key").and_then(Json::as_object).unwrap(),
        ))
        .unwrap()
    };
    for algorithm in [SignatureAlgorithm::Hs256, SignatureAlgorithm::Hs512] {
        assert!(key("RFC 7515 A.1").verification_key(algorithm).is_ok());
    }
    let octets = [7; 32];
    let short = SymmetricKey::new(octets).verification_key(SignatureAlgorithm::Hs384);
    assert_eq!(short.unwrap_err(), KeyError::Weak(Weakness::TooShort));
    // RFC 7520's own says that it is for HS256.
    let other = key("RFC 7520 4.4").verification_key(SignatureAlgorithm::Hs512);
    assert_eq!(other.unwrap_err(), KeyError::Purpose { name: "alg" });
}
