//! Keys that protect nothing, or contradict themselves. Each is refused when it is read, before anything is verified with it.

use hallpass_jose::{
    Blame, Error, Json, Jwk, JwkSet, KeyError, MemberFault, PrivateJwk, RsaPublicKey,
    SignatureAlgorithm, SymmetricKey, Weakness,
};

mod common;
use common::{ed25519, encode, es256, es512, rsa, rsa_members};

fn read(json: &str) -> Result<Jwk, KeyError> {
    Jwk::parse(json)
}

fn member(name: &'static str, fault: MemberFault) -> KeyError {
    KeyError::Member { name, fault }
}

/// An RSA key with this modulus and exponent.
fn rsa_of(n: &[u8], e: &[u8]) -> String {
    format!(r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#, encode(n), encode(e))
}

const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

#[test]
fn an_rsa_key_is_of_2048_to_8192_bits_with_an_odd_exponent_above_two_to_the_sixteenth() {
    let good = vec![0xb5; 256];
    assert!(read(&rsa_of(&good, &[1, 0, 1])).is_ok());
    for (n, e, weakness) in [
        (vec![0xb5; 128], &[1, 0, 1][..], Weakness::TooShort),
        (vec![0x35; 256], &[1, 0, 1], Weakness::TooShort),
        (vec![0xb5; 1025], &[1, 0, 1], Weakness::TooLong),
        (vec![0xb4; 256], &[1, 0, 1], Weakness::Even),
        (good.clone(), &[1], Weakness::Exponent),
        (good.clone(), &[3], Weakness::Exponent),
        (good.clone(), &[1, 0, 0], Weakness::Exponent),
        (good.clone(), &[1, 0, 0, 0, 0, 1], Weakness::Exponent),
    ] {
        let error = read(&rsa_of(&n, e)).unwrap_err();
        assert_eq!(error, KeyError::Weak(weakness));
        assert_eq!(error.blame(), Blame::KeyOwner);
    }
    // Leading zeros (RFC 7518 §2), and no number at all.
    let zero = [&[0][..], &good].concat();
    assert_eq!(
        read(&rsa_of(&zero, &[1, 0, 1])),
        Err(member("n", MemberFault::Base64Url))
    );
    assert_eq!(
        read(&rsa_of(&good, &[0, 1, 0, 1])),
        Err(member("e", MemberFault::Base64Url))
    );
    let made = RsaPublicKey::new(zero, [1, 0, 1]).map(|_| ());
    assert_eq!(made, Err(member("n", MemberFault::Base64Url)));
    assert_eq!(
        read(&rsa_of(&good, &[])),
        Err(member("e", MemberFault::Length))
    );
}

#[test]
fn a_point_is_on_its_curve_and_has_both_coordinates_in_full() {
    let key = |x: &str, y: &str| {
        read(&format!(
            r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#
        ))
    };
    assert!(key(X, Y).is_ok());
    let point = Err(KeyError::Weak(Weakness::Point));
    assert_eq!(key(Y, X), point);
    assert_eq!(key(&encode(&[0; 32]), &encode(&[0; 32])), point);
    assert_eq!(key(&encode(&[0xff; 32]), Y), point);
    assert_eq!(
        key(&encode(&[1; 31]), Y),
        Err(member("x", MemberFault::Length))
    );
    assert_eq!(
        key(X, &encode(&[1; 33])),
        Err(member("y", MemberFault::Length))
    );
    let missing = read(&format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}"}}"#));
    assert_eq!(missing, Err(member("y", MemberFault::Missing)));
    // The curve of another key.
    let other = read(&format!(
        r#"{{"kty":"EC","crv":"P-384","x":"{X}","y":"{Y}"}}"#
    ));
    assert_eq!(other, Err(member("x", MemberFault::Length)));
    let okp = |x: &[u8]| {
        read(&format!(
            r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#,
            encode(x)
        ))
    };
    assert_eq!(okp(&[0; 32]), point);
    assert_eq!(okp(&[1; 31]), Err(member("x", MemberFault::Length)));
}

#[test]
fn a_member_is_read_in_one_spelling_only() {
    let key = |x: &str| {
        read(&format!(
            r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{Y}"}}"#
        ))
    };
    // The last letter stands for four bits and two that must not be set.
    for x in [
        format!("{X}="),
        format!("{X} "),
        format!(" {X}"),
        X.replace('_', "/"),
        format!("{}V", &X[..42]),
    ] {
        let read = key(&x);
        assert!(
            x == X || read == Err(member("x", MemberFault::Base64Url)),
            "{x} {read:?}"
        );
    }
    assert_eq!(key(""), Err(member("x", MemberFault::Length)));
    for (json, name) in [
        (r#"{"kty":7}"#, "kty"),
        (r#"{"kty":"EC","crv":7}"#, "crv"),
        (r#"{"kty":"EC","crv":"P-256","x":7}"#, "x"),
    ] {
        assert_eq!(read(json), Err(member(name, MemberFault::Type)), "{json}");
    }
    let twice = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}","x":"{X}"}}"#);
    assert!(matches!(read(&twice), Err(KeyError::Json(_))));
}

#[test]
fn a_kind_that_is_not_known_is_told_from_a_key_that_is_wrong() {
    let unknown = |name| Err(KeyError::Unknown { name });
    assert_eq!(read(r#"{"kty":"AKP"}"#), unknown("kty"));
    assert_eq!(read(r#"{"kty":"rsa"}"#), unknown("kty"));
    assert_eq!(read(r#"{"kty":"EC","crv":"secp256k1"}"#), unknown("crv"));
    assert_eq!(read(r#"{"kty":"OKP","crv":"X25519"}"#), unknown("crv"));
    assert_eq!(read(r#"{"kty":"OKP","crv":"P-256"}"#), unknown("crv"));
    assert_eq!(read(r#"{"kty":"EC","crv":"Ed25519"}"#), unknown("crv"));
    assert_eq!(read("{}"), Err(member("kty", MemberFault::Missing)));
}

#[test]
fn a_secret_is_never_read_as_a_public_key_nor_the_other_way_round() {
    let private = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}","d":"AAAA"}}"#);
    assert_eq!(read(&private), Err(KeyError::Secret));
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let key = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}","{name}":null}}"#);
        assert_eq!(read(&key), Err(KeyError::Secret), "{name}");
    }
    assert_eq!(read(r#"{"kty":"oct"}"#), Err(KeyError::Secret));
    let public = es256().public().to_json();
    let error = PrivateJwk::parse(&public).unwrap_err();
    assert_eq!(
        (error.clone(), error.blame()),
        (KeyError::NotSecret, Blame::Caller)
    );
    assert!(SymmetricKey::parse(&public).is_err());
    for private in [rsa(), es256(), es512(), ed25519()] {
        let published = private.public().to_json();
        assert_eq!(&read(&published).unwrap(), private.public());
        assert!(!published.contains("\"d\""));
    }
}

#[test]
fn a_key_says_what_it_is_for_and_is_used_for_nothing_else() {
    let key = |more: &str| {
        let json = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}",{more}}}"#);
        read(&json).and_then(|key| key.verification_key(SignatureAlgorithm::Es256).map(|_| ()))
    };
    for good in [
        r#""use":"sig""#,
        r#""alg":"ES256""#,
        r#""key_ops":["verify"]"#,
        r#""key_ops":["sign","verify"]"#,
        r#""use":"sig","key_ops":["verify"],"alg":"ES256","kid":"a""#,
        r#""x5c":["AAAA"],"ext":true"#,
    ] {
        assert_eq!(key(good), Ok(()), "{good}");
    }
    for (more, name) in [
        (r#""use":"enc""#, "use"),
        (r#""use":"SIG""#, "use"),
        (r#""use":"""#, "use"),
        (r#""key_ops":["sign"]"#, "key_ops"),
        (r#""key_ops":["deriveKey"]"#, "key_ops"),
        (r#""key_ops":[]"#, "key_ops"),
        (r#""alg":"ECDH-ES""#, "alg"),
        (r#""alg":"es256""#, "alg"),
    ] {
        assert_eq!(key(more), Err(KeyError::Purpose { name }), "{more}");
    }
    for contradiction in [
        r#""alg":"RS256""#,
        r#""alg":"ES384""#,
        r#""alg":"HS256""#,
        r#""use":"enc","key_ops":["verify"]"#,
        r#""use":"sig","key_ops":["verify","deriveKey"]"#,
    ] {
        assert_eq!(
            key(contradiction),
            Err(KeyError::Contradiction),
            "{contradiction}"
        );
    }
    for (more, name) in [
        (r#""use":7"#, "use"),
        (r#""key_ops":"verify""#, "key_ops"),
        (r#""key_ops":["verify","verify"]"#, "key_ops"),
        (r#""key_ops":[7]"#, "key_ops"),
        (r#""alg":null"#, "alg"),
        (r#""alg":"""#, "alg"),
        (r#""kid":7"#, "kid"),
    ] {
        assert_eq!(key(more), Err(member(name, MemberFault::Type)), "{more}");
    }
}

#[test]
fn a_key_that_is_for_more_than_sixteen_things_is_refused_before_they_are_compared() {
    let for_things = |count: usize| {
        let things: Vec<String> = (0..count).map(|thing| format!(r#""{thing:x}""#)).collect();
        let things = things.join(",");
        let key =
            format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}","key_ops":[{things}]}}"#);
        JwkSet::parse(format!(r#"{{"keys":[{key}]}}"#).as_bytes()).unwrap()
    };
    assert_eq!(for_things(16).keys().len(), 1);
    for count in [17, 100_000] {
        let set = for_things(count);
        assert_eq!(
            set.set_aside()[0].error,
            member("key_ops", MemberFault::Length)
        );
    }
}

#[test]
fn a_shared_secret_is_as_long_as_the_hash() {
    for (algorithm, length) in [
        (SignatureAlgorithm::Hs256, 32),
        (SignatureAlgorithm::Hs384, 48),
        (SignatureAlgorithm::Hs512, 64),
    ] {
        assert!(
            SymmetricKey::new(vec![7; length])
                .verification_key(algorithm)
                .is_ok()
        );
        assert!(
            SymmetricKey::new(vec![7; length])
                .signing_key(algorithm)
                .is_ok()
        );
        for short in [0, 1, length - 1] {
            let key = SymmetricKey::new(vec![7; short]);
            let weak = KeyError::Weak(Weakness::TooShort);
            assert_eq!(key.verification_key(algorithm).unwrap_err(), weak);
            assert_eq!(key.signing_key(algorithm).unwrap_err(), weak);
        }
    }
    let rsa = SymmetricKey::new([7; 64]).verification_key(SignatureAlgorithm::Rs256);
    assert_eq!(rsa.unwrap_err(), KeyError::Kind { algorithm: "RS256" });
    let other = r#"{"kty":"oct","k":"AAAA","alg":"RS256"}"#;
    assert_eq!(SymmetricKey::parse(other), Err(KeyError::Contradiction));
    let signs = SymmetricKey::parse(&format!(
        r#"{{"kty":"oct","k":"{}","key_ops":["sign"]}}"#,
        encode(&[7; 32])
    ))
    .unwrap();
    assert!(signs.signing_key(SignatureAlgorithm::Hs256).is_ok());
    let error = signs
        .verification_key(SignatureAlgorithm::Hs256)
        .unwrap_err();
    assert_eq!(error, KeyError::Purpose { name: "key_ops" });
}

#[test]
fn a_private_key_belongs_to_its_public_half() {
    let other = encode(&[7; 32]);
    let ec = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}","d":"{other}"}}"#);
    assert_eq!(PrivateJwk::parse(&ec).unwrap_err(), KeyError::Inconsistent);
    let okp = format!(
        r#"{{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"{other}"}}"#
    );
    assert_eq!(PrivateJwk::parse(&okp).unwrap_err(), KeyError::Inconsistent);
    let short = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}","d":"AAAA"}}"#);
    assert_eq!(
        PrivateJwk::parse(&short).unwrap_err(),
        member("d", MemberFault::Length)
    );
}

#[test]
fn the_primes_of_an_rsa_key_are_all_there_and_belong_to_it() {
    for name in ["p", "q", "dp", "dq", "qi"] {
        let mut key = rsa_members();
        key.remove(name);
        assert_eq!(
            PrivateJwk::from_members(&key).unwrap_err(),
            member(name, MemberFault::Missing)
        );
    }
    let with = |name: &str, value: Json| {
        let mut key = rsa_members();
        key.insert(name, value);
        PrivateJwk::from_members(&key).unwrap_err()
    };
    let one = |octets: &[u8]| Json::String(encode(octets));
    for name in ["d", "p", "q", "dp", "dq", "qi"] {
        assert_eq!(
            with(name, one(&[0, 1])),
            member(name, MemberFault::Base64Url)
        );
        assert_eq!(with(name, one(&[])), member(name, MemberFault::Length));
    }
    assert_eq!(with("p", one(&[7; 128])), KeyError::Inconsistent);
    assert_eq!(with("qi", one(&[7; 128])), KeyError::Inconsistent);
    // A key of more than two primes is none that is known here.
    assert_eq!(
        with("oth", Json::Array(Vec::new())),
        member("oth", MemberFault::Type)
    );
}

#[test]
fn one_bad_key_in_a_set_does_not_cost_the_good_ones() {
    let good = es256().public().clone().with_id("good").to_json();
    let weak = rsa_of(&[0xb5; 128], &[1, 0, 1]).replace("{", r#"{"kid":"weak","#);
    let json = format!(
        r#"{{"keys":[7,{{}},{{"kty":"AKP","kid":"new"}},{weak},{good},{{"kty":"oct","k":"AAAA","kid":"secret"}}],"x":1}}"#
    );
    let set = JwkSet::parse(json.as_bytes()).unwrap();
    assert_eq!(set.keys().len(), 1);
    let aside: Vec<(Option<&str>, &KeyError)> = set
        .set_aside()
        .iter()
        .map(|key| (key.id.as_deref(), &key.error))
        .collect();
    assert_eq!(
        aside,
        [
            (None, &KeyError::NotASet),
            (None, &member("kty", MemberFault::Missing)),
            (Some("new"), &KeyError::Unknown { name: "kty" }),
            (Some("weak"), &KeyError::Weak(Weakness::TooShort)),
            (Some("secret"), &KeyError::Secret),
        ]
    );
    assert!(set.select(SignatureAlgorithm::Es256, Some("good")).is_ok());
    for bad in [
        &b"[]"[..],
        b"{}",
        br#"{"keys":{}}"#,
        br#"{"keys":null}"#,
        b"<html>",
        b"",
    ] {
        assert!(JwkSet::parse(bad).is_err());
    }
    let many = format!(r#"{{"keys":[{}7]}}"#, "7,".repeat(600));
    assert_eq!(JwkSet::parse(many.as_bytes()), Err(KeyError::NotASet));
    assert_eq!(Error::from(KeyError::NotASet).blame(), Blame::KeyOwner);
}
