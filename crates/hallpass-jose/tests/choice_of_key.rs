//! Which key of a set a token is verified with: the one it can only be, or none.

use hallpass_jose::{
    CompactJws, Error, Json, Jwk, JwkSet, KeyError, PrivateJwk, SelectionError, SignatureAlgorithm,
    SymmetricKey, SymmetricKeySet, TokenError, Weakness,
};

mod common;
use common::{ed25519, es256, es512, hs256, rsa};

const ES256: SignatureAlgorithm = SignatureAlgorithm::Es256;
const HS256: SignatureAlgorithm = SignatureAlgorithm::Hs256;

fn set(keys: &[&Jwk]) -> JwkSet {
    keys.iter().map(|key| (*key).clone()).collect()
}

fn public(key: &PrivateJwk, id: Option<&str>) -> Jwk {
    match id {
        Some(id) => key.public().clone().with_id(id),
        None => Jwk::new(key.public().key().clone()),
    }
}

/// Another key on P-256.
fn other() -> PrivateJwk {
    PrivateJwk::parse(r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}"#).unwrap()
}

fn selected(
    set: &JwkSet,
    algorithm: SignatureAlgorithm,
    id: Option<&str>,
) -> Result<(), SelectionError> {
    set.select(algorithm, id)
        .map(|key| assert_eq!(key.algorithm(), algorithm))
}

#[test]
fn a_name_decides_where_there_is_one() {
    let (one, two) = (public(&es256(), Some("1")), public(&other(), Some("2")));
    let set = set(&[&one, &two]);
    let token = es256()
        .with_id("1")
        .signing_key(ES256)
        .unwrap()
        .token(None, b"{}")
        .unwrap();
    assert!(
        set.verify(CompactJws::parse(&token).unwrap(), &[ES256])
            .is_ok()
    );
    let named_wrongly = es256()
        .with_id("2")
        .signing_key(ES256)
        .unwrap()
        .token(None, b"{}")
        .unwrap();
    let error = set
        .verify(CompactJws::parse(&named_wrongly).unwrap(), &[ES256])
        .unwrap_err();
    assert_eq!(error, Error::Token(TokenError::Signature));
    assert_eq!(
        selected(&set, ES256, Some("3")),
        Err(SelectionError::UnknownKey)
    );
    assert_eq!(selected(&set, ES256, None), Err(SelectionError::Ambiguous));
}

#[test]
fn a_token_that_names_no_key_is_verified_where_only_one_fits() {
    let (ec, rsa, okp, large) = (
        public(&es256(), None),
        public(&rsa(), None),
        public(&ed25519(), None),
        public(&es512(), None),
    );
    let set = set(&[&ec, &rsa, &okp, &large]);
    for algorithm in SignatureAlgorithm::ALL {
        let expected = match algorithm {
            SignatureAlgorithm::Es384 => Err(SelectionError::NoneSuitable(algorithm)),
            symmetric if symmetric.is_symmetric() => Err(SelectionError::Symmetric(algorithm)),
            _ => Ok(()),
        };
        assert_eq!(selected(&set, algorithm, None), expected, "{algorithm}");
    }
    // Keys without names are not the one that is named.
    assert_eq!(
        selected(&set, ES256, Some("1")),
        Err(SelectionError::UnknownKey)
    );
}

#[test]
fn what_keys_say_they_are_for_decides_between_them() {
    let signs = public(&es256(), None).for_signatures(ES256);
    let encrypts = public(&other(), None)
        .to_json()
        .replace('}', r#","use":"enc"}"#);
    let encrypts = Jwk::parse(&encrypts).unwrap();
    assert_eq!(selected(&set(&[&signs, &encrypts]), ES256, None), Ok(()));
    let both = [&signs, &public(&other(), None)];
    assert_eq!(
        selected(&set(&both), ES256, None),
        Err(SelectionError::Ambiguous)
    );
    assert_eq!(
        selected(&set(&[&encrypts]), ES256, None),
        Err(SelectionError::NoneSuitable(ES256))
    );
    // RS256 and PS256 are on one kind of key, and a key says which.
    let key = public(&rsa(), None).for_signatures(SignatureAlgorithm::Ps256);
    assert_eq!(
        selected(&set(&[&key]), SignatureAlgorithm::Ps256, None),
        Ok(())
    );
    let other = SignatureAlgorithm::Rs256;
    assert_eq!(
        selected(&set(&[&key]), other, None),
        Err(SelectionError::NoneSuitable(other))
    );
}

#[test]
fn a_key_for_ed25519_may_go_by_either_name_of_its_algorithm() {
    let eddsa = SignatureAlgorithm::EdDsa;
    for name in ["EdDSA", "Ed25519"] {
        let mut members = public(&ed25519(), None).members();
        members.insert("alg", Json::String(name.to_owned()));
        let key = Jwk::from_members(&members).unwrap();
        assert_eq!(selected(&set(&[&key]), eddsa, None), Ok(()), "{name}");
    }
    let mut members = public(&es256(), None).members();
    members.insert("alg", Json::String("Ed25519".to_owned()));
    assert_eq!(Jwk::from_members(&members), Err(KeyError::Contradiction));
}

#[test]
fn one_name_for_keys_of_several_kinds_is_not_ambiguous_and_for_several_of_one_kind_it_is() {
    let (ec, rsa) = (public(&es256(), Some("1")), public(&rsa(), Some("1")));
    assert_eq!(selected(&set(&[&ec, &rsa]), ES256, Some("1")), Ok(()));
    assert_eq!(
        selected(&set(&[&ec, &rsa]), SignatureAlgorithm::Rs256, Some("1")),
        Ok(())
    );
    let twin = public(&other(), Some("1"));
    assert_eq!(
        selected(&set(&[&ec, &rsa, &twin]), ES256, Some("1")),
        Err(SelectionError::Ambiguous)
    );
    // The same key twice is one key.
    assert_eq!(selected(&set(&[&ec, &ec]), ES256, Some("1")), Ok(()));
    assert_eq!(
        selected(&set(&[]), ES256, None),
        Err(SelectionError::NoneSuitable(ES256))
    );
}

#[test]
fn a_token_that_names_a_key_that_was_refused_is_told_so() {
    let json = br#"{"keys":[{"kty":"RSA","kid":"1","n":"AQAB","e":"AQAB"}]}"#;
    let set = JwkSet::parse(json).unwrap();
    let error = selected(&set, SignatureAlgorithm::Rs256, Some("1")).unwrap_err();
    assert!(matches!(error, SelectionError::SetAside(KeyError::Weak(_))));
    let none = SelectionError::NoneSuitable(SignatureAlgorithm::Rs256);
    assert_eq!(selected(&set, SignatureAlgorithm::Rs256, None), Err(none));
}

#[test]
fn a_set_is_published_as_it_is_read() {
    let own = set(&[&public(&es256(), Some("1")), &public(&rsa(), Some("2"))]);
    let json = serde_json::to_vec(&own).unwrap();
    assert_eq!(JwkSet::parse(&json), Ok(own));
}

#[test]
fn shared_secrets_are_chosen_by_the_same_rules() {
    let key = |id: &str, octet: u8| SymmetricKey::new([octet; 32]).with_id(id);
    let set: SymmetricKeySet = [key("1", 1), key("2", 2)].into_iter().collect();
    let token = key("2", 2).signing_key(HS256).unwrap().sign(b"").unwrap();
    assert!(
        set.select(HS256, Some("2"))
            .unwrap()
            .is_signature(b"", &token)
    );
    assert!(
        !set.select(HS256, Some("1"))
            .unwrap()
            .is_signature(b"", &token)
    );
    let refused = |set: &SymmetricKeySet, algorithm, id| set.select(algorithm, id).unwrap_err();
    assert_eq!(refused(&set, HS256, None), SelectionError::Ambiguous);
    assert_eq!(refused(&set, HS256, Some("3")), SelectionError::UnknownKey);
    assert_eq!(
        refused(&set, ES256, Some("1")),
        SelectionError::NoneSuitable(ES256)
    );
    let weak = SelectionError::SetAside(KeyError::Weak(Weakness::TooShort));
    assert_eq!(refused(&set, SignatureAlgorithm::Hs512, Some("1")), weak);
    let twins: SymmetricKeySet = [key("1", 1), key("1", 2)].into_iter().collect();
    assert_eq!(refused(&twins, HS256, Some("1")), SelectionError::Ambiguous);
    // As a token has it, and only with an algorithm that was asked for.
    let token = hs256()
        .signing_key(HS256)
        .unwrap()
        .token(None, b"{}")
        .unwrap();
    let own: SymmetricKeySet = [hs256()].into_iter().collect();
    assert!(
        own.verify(CompactJws::parse(&token).unwrap(), &[HS256])
            .is_ok()
    );
    let unexpected = own
        .verify(CompactJws::parse(&token).unwrap(), &[ES256])
        .unwrap_err();
    assert_eq!(
        unexpected,
        TokenError::UnexpectedAlgorithm { name: "alg" }.into()
    );
}

#[test]
fn a_set_of_secrets_has_nothing_else_in_it() {
    let oct = r#"{"kty":"oct","k":"AAAA","alg":"HS256"}"#;
    let ec = es256().public().to_json();
    assert!(SymmetricKeySet::parse(format!(r#"{{"keys":[{oct}]}}"#).as_bytes()).is_ok());
    let mixed = SymmetricKeySet::parse(format!(r#"{{"keys":[{oct},{ec}]}}"#).as_bytes());
    assert_eq!(mixed, Err(KeyError::Unknown { name: "kty" }));
    for bad in [&b"[]"[..], b"{}", br#"{"keys":{}}"#, br#"{"keys":[7]}"#] {
        assert!(SymmetricKeySet::parse(bad).is_err());
    }
}
