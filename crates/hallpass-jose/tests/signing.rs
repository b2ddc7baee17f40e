//! Local keys: where they come from, and what they sign.

use hallpass_jose::{
    CompactJws, KeyError, PrivateJwk, SignatureAlgorithm, SigningError, SigningKey,
    VerificationKey, Weakness, signature_from_der,
};

mod common;
use common::{ed25519, es256, es512, hs256, rsa};

const PEMS: [(&str, SignatureAlgorithm, usize); 5] = [
    (
        include_str!("vectors/rsa-2048.pem"),
        SignatureAlgorithm::Rs256,
        256,
    ),
    (
        include_str!("vectors/p-256.pem"),
        SignatureAlgorithm::Es256,
        64,
    ),
    (
        include_str!("vectors/p-384.pem"),
        SignatureAlgorithm::Es384,
        96,
    ),
    (
        include_str!("vectors/p-521.pem"),
        SignatureAlgorithm::Es512,
        132,
    ),
    (
        include_str!("vectors/ed25519.pem"),
        SignatureAlgorithm::EdDsa,
        64,
    ),
];

#[test]
fn a_pem_of_each_kind_signs_what_its_public_half_verifies() {
    for (pem, algorithm, length) in PEMS {
        let key = PrivateJwk::from_pkcs8_pem(pem).unwrap().with_id("own");
        let signing = key.signing_key(algorithm).unwrap();
        assert_eq!(
            signing.sign(b"message").unwrap().len(),
            length,
            "{algorithm}"
        );
        let token = signing.token(Some("JWT"), br#"{"sub":"a"}"#).unwrap();
        let parsed = CompactJws::parse(&token).unwrap();
        assert_eq!(parsed.header().key_id(), Some("own"));
        assert_eq!(parsed.header().token_type(), Some("JWT"));
        let verified = key
            .public()
            .verification_key(algorithm)
            .unwrap()
            .verify(parsed);
        assert_eq!(
            verified.unwrap().claims().unwrap().text("sub"),
            Ok(Some("a"))
        );
    }
}

#[test]
fn every_algorithm_signs_what_only_it_verifies() {
    let p384 = PrivateJwk::from_pkcs8_pem(include_str!("vectors/p-384.pem")).unwrap();
    for algorithm in SignatureAlgorithm::ALL {
        let keys = |key: PrivateJwk| -> (SigningKey, VerificationKey) {
            (
                key.signing_key(algorithm).unwrap(),
                key.public().verification_key(algorithm).unwrap(),
            )
        };
        let (signing, verification) = match algorithm.name() {
            "HS256" | "HS384" | "HS512" => (
                hs256().signing_key(algorithm).unwrap(),
                hs256().verification_key(algorithm).unwrap(),
            ),
            "ES256" => keys(es256()),
            "ES384" => keys(p384.clone()),
            "ES512" => keys(es512()),
            "EdDSA" => keys(ed25519()),
            _ => keys(rsa()),
        };
        let signature = signing.sign(b"message").unwrap();
        assert!(
            verification.is_signature(b"message", &signature),
            "{algorithm}"
        );
        for at in [0, signature.len() / 2, signature.len() - 1] {
            let mut changed = signature.clone();
            changed[at] ^= 1;
            assert!(
                !verification.is_signature(b"message", &changed),
                "{algorithm}"
            );
        }
        assert!(!verification.is_signature(b"", &signature), "{algorithm}");
    }
}

#[test]
fn es512_signs_as_rfc_6979_appendix_a_2_7() {
    let key = PrivateJwk::parse(include_str!("vectors/rfc6979-a-2-7.json")).unwrap();
    let signature = key
        .signing_key(SignatureAlgorithm::Es512)
        .unwrap()
        .sign(b"sample")
        .unwrap();
    let hex: String = signature.iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(
        hex,
        "00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA\
         00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A"
    );
}

#[test]
fn a_file_that_is_no_unencrypted_pkcs_8_is_told_so() {
    let (rsa, ..) = PEMS[0];
    for wrong in [
        String::new(),
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_owned(),
        rsa.replace("PRIVATE KEY", "RSA PRIVATE KEY"),
        rsa.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
        rsa.replace("PRIVATE KEY", "PUBLIC KEY"),
        rsa[..rsa.len() / 2].to_owned(),
    ] {
        assert_eq!(
            PrivateJwk::from_pkcs8_pem(&wrong).unwrap_err(),
            KeyError::Pkcs8
        );
    }
    assert_eq!(
        PrivateJwk::from_pkcs8_der(&[]).unwrap_err(),
        KeyError::Pkcs8
    );
    let short = PrivateJwk::from_pkcs8_pem(include_str!("vectors/rsa-1024.pem"));
    assert_eq!(short.unwrap_err(), KeyError::Weak(Weakness::TooShort));
}

/// An integer of DER.
fn integer(content: &[u8]) -> Vec<u8> {
    [&[2, content.len() as u8][..], content].concat()
}

fn sequence(content: &[u8]) -> Vec<u8> {
    [&[0x30, content.len() as u8][..], content].concat()
}

#[test]
fn der_of_a_key_management_service_becomes_two_numbers_and_only_in_its_one_spelling() {
    let es256 = SignatureAlgorithm::Es256;
    let small = sequence(&[integer(&[1]), integer(&[0, 0x80])].concat());
    let raw = signature_from_der(es256, &small).unwrap();
    assert_eq!((raw.len(), raw[31], raw[63]), (64, 1, 0x80));
    let not_der = Err(SigningError::NotDer);
    for wrong in [
        vec![],
        raw.clone(),
        [&small[..], &[0]].concat(),
        small[..small.len() - 1].to_vec(),
        // A leading zero too many, one too few, zero, a third number, another order of lengths.
        sequence(&[integer(&[0, 1]), integer(&[1])].concat()),
        sequence(&[integer(&[0x80]), integer(&[1])].concat()),
        sequence(&[integer(&[0]), integer(&[1])].concat()),
        sequence(&[integer(&[1]), integer(&[1]), integer(&[1])].concat()),
        [&[0x30, 0x81, 6][..], &integer(&[1]), &integer(&[1])].concat(),
        // Past the order of the curve.
        sequence(&[integer(&[&[0][..], &[0xff; 32]].concat()), integer(&[1])].concat()),
    ] {
        assert_eq!(signature_from_der(es256, &wrong), not_der, "{wrong:?}");
    }
    for (algorithm, length) in [
        (SignatureAlgorithm::Es384, 96),
        (SignatureAlgorithm::Es512, 132),
    ] {
        assert_eq!(signature_from_der(algorithm, &small).unwrap().len(), length);
    }
    for algorithm in [
        SignatureAlgorithm::Rs256,
        SignatureAlgorithm::EdDsa,
        SignatureAlgorithm::Hs256,
    ] {
        assert_eq!(signature_from_der(algorithm, &small), not_der);
    }
}
