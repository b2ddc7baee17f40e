//! The keys that sign and those that are published (RFC 7517), which are not always the same.

use serde_json::{Map, Value, json};

use crate::{
    Algorithm, AuthorizationServer, Fault, KeysFault, Request, Response, signing_key::SigningKey,
    weak_key,
};

/// Which generations of keys the server has.
#[derive(Debug, Default)]
pub(crate) struct SigningKeys {
    /// The oldest that is still published.
    oldest: usize,
    /// The one that signs.
    current: usize,
}

impl AuthorizationServer {
    /// Signs with new keys from now on. The old ones stay in the set at `jwks_uri` until [`withdraw_keys`](Self::withdraw_keys).
    pub fn rotate_keys(&mut self) {
        self.signing_keys.current = self.signing_keys.current.wrapping_add(1);
    }

    /// Takes every key but those that sign out of the set at `jwks_uri`: what they have signed is to be distrusted.
    pub fn withdraw_keys(&mut self) {
        self.signing_keys.oldest = self.signing_keys.current;
    }

    /// The key for this algorithm; `None` where there is none to have.
    pub(crate) fn signing_key(&self, algorithm: Algorithm) -> Option<SigningKey> {
        let keys = SigningKey::generation(&self.random, self.signing_keys.current);
        keys.into_iter().find(|key| key.fits(algorithm))
    }

    /// The set at `jwks_uri`.
    pub(crate) fn jwks(&mut self, request: &Request) -> Response {
        if request.method != "GET" {
            return Response::new(405).header("Allow", "GET");
        }
        let fault = self.faults.take(|fault| match fault {
            Fault::Keys(fault) => Some(*fault),
            _ => None,
        });
        let SigningKeys { oldest, current } = self.signing_keys;
        let shift = usize::from(fault == Some(KeysFault::Withdrawn));
        let generations = (oldest + shift..=current + shift).rev();
        let keys = generations.flat_map(|at| SigningKey::generation(&self.random, at));
        let keys: Vec<_> = keys.collect();
        let mut jwks: Vec<Value> = keys.iter().map(|key| key.public_jwk().into()).collect();
        if let Some(fault) = fault {
            spoil(fault, &keys, &mut jwks);
        }
        let body = json!({ "keys": jwks }).to_string();
        let response = Response::json(200, body);
        match &self.config.jwks_cache_control {
            _ if fault == Some(KeysFault::MaxAge) => {
                response.header("Cache-Control", "public, max-age=1000000000000")
            }
            None => response,
            Some(value) => response.header("Cache-Control", value),
        }
    }

    /// Whether tokens name no key, since the published ones have no names either.
    pub(crate) fn has_no_kids(&self) -> bool {
        let nameless = [KeysFault::OneWithoutKid, KeysFault::SeveralWithoutKid];
        self.faults()
            .any(|fault| matches!(fault, Fault::Keys(fault) if nameless.contains(fault)))
    }
}

fn spoil(fault: KeysFault, keys: &[SigningKey], jwks: &mut Vec<Value>) {
    let edit = |jwks: &mut Vec<Value>, change: &dyn Fn(&mut Map<String, Value>)| {
        jwks.iter_mut()
            .filter_map(Value::as_object_mut)
            .for_each(change);
    };
    let is_rsa = |jwk: &Map<String, Value>| jwk["kty"] == "RSA";
    match fault {
        KeysFault::RotatedBeforeSigning | KeysFault::Withdrawn | KeysFault::MaxAge => {}
        KeysFault::OneWithoutKid => edit(jwks, &|jwk| drop(jwk.remove("kid"))),
        KeysFault::SeveralWithoutKid => {
            let others: Vec<_> = keys.iter().map(SigningKey::foreign).collect();
            jwks.splice(0..0, others.iter().map(|key| key.public_jwk().into()));
            edit(jwks, &|jwk| drop(jwk.remove("kid")));
        }
        KeysFault::SameKid => {
            let others: Vec<_> = keys.iter().map(SigningKey::foreign).collect();
            jwks.splice(0..0, others.iter().map(|key| key.public_jwk().into()));
        }
        KeysFault::Junk => {
            let junk = [
                json!({ "kty": "RSA", "kid": "junk", "use": "sig", "n": "?", "e": 1 }),
                json!({ "kty": "EC", "crv": "P-256", "kid": "half", "x": "AA" }),
                json!({ "kid": "nothing" }),
                json!("junk"),
                Value::Null,
            ];
            jwks.splice(0..0, junk);
        }
        KeysFault::UnknownType => {
            let unknown = json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "akp", "pub": "AAAA" });
            jwks.insert(0, unknown);
        }
        KeysFault::Private => {
            for (key, jwk) in keys.iter().zip(jwks) {
                let private = key.private_member().unwrap_or_else(|| "AQAB".to_owned());
                jwk["d"] = private.into();
            }
        }
        KeysFault::Secret => {
            edit(jwks, &|jwk| {
                jwk.retain(|name, _| name == "kid");
                jwk.insert("kty".to_owned(), "oct".into());
                jwk.insert("k".to_owned(), "c2VjcmV0".into());
            });
        }
        KeysFault::ExponentOne => edit(jwks, &|jwk| {
            if is_rsa(jwk) {
                jwk.insert("e".to_owned(), "AQ".into());
            }
        }),
        KeysFault::Rsa1024 => edit(jwks, &|jwk| {
            if is_rsa(jwk) {
                jwk.insert("n".to_owned(), weak_key::modulus().into());
            }
        }),
        KeysFault::OffCurve => edit(jwks, &|jwk| {
            if let Some(y) = jwk.remove("y") {
                let x = jwk.insert("x".to_owned(), y).unwrap_or_default();
                jwk.insert("y".to_owned(), x);
            }
        }),
        KeysFault::ForEncryption => {
            edit(jwks, &|jwk| {
                drop(jwk.insert("use".to_owned(), "enc".into()))
            });
        }
        KeysFault::OtherOperations => edit(jwks, &|jwk| {
            jwk.remove("use");
            jwk.insert("key_ops".to_owned(), json!(["encrypt"]));
        }),
        KeysFault::OtherAlgorithm => {
            edit(jwks, &|jwk| {
                drop(jwk.insert("alg".to_owned(), "RSA-OAEP".into()))
            });
        }
        KeysFault::Empty => jwks.clear(),
        KeysFault::Many(number) => {
            let first = keys.first().map(SigningKey::public_jwk).unwrap_or_default();
            let copy = |at: usize| {
                let mut jwk = first.clone();
                jwk.insert("kid".to_owned(), format!("copy-{at}").into());
                Value::from(jwk)
            };
            let copies: Vec<Value> = (0..number).map(copy).collect();
            jwks.splice(0..0, copies);
        }
    }
}
