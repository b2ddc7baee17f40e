//! The public keys of a client (RFC 7517).

use serde_json::Value;

use crate::jws::{self, Object, PublicKey};

/// The private key of the client `jwt`, as a JWK: the one of RFC 7515 appendix A.3, known to everybody.
pub const TEST_KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

/// Each with its `kid`, where it has one.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Keys(Vec<(Option<String>, PublicKey)>);

impl Keys {
    /// Reads a JWK, or a set in which every key is one that can be used here.
    pub(crate) fn read(jwk: &Value) -> Option<Self> {
        let one = std::slice::from_ref(jwk);
        let all = match jwk.get("keys") {
            None => one,
            Some(keys) => keys.as_array().filter(|keys| !keys.is_empty())?,
        };
        let key = |jwk: &Value| {
            let kid = jwk.get("kid").and_then(Value::as_str).map(str::to_owned);
            Some((kid, PublicKey::from_jwk(jwk)?))
        };
        all.iter().map(key).collect::<Option<_>>().map(Self)
    }

    /// The public half of a private JWK; none of what is no JWK.
    pub(crate) fn of_private(jwk: &str) -> Self {
        let mut jwk: Value = serde_json::from_str(jwk).unwrap_or_default();
        if let Some(members) = jwk.as_object_mut() {
            members.remove("d");
        }
        Self::read(&jwk).unwrap_or_default()
    }

    /// The claims of a JWS that one of the keys has signed: the one its `kid` names, where it names one.
    pub(crate) fn verify(&self, compact: &str) -> Option<Object> {
        let header = jws::header(compact)?;
        let kid = header.get("kid").and_then(Value::as_str);
        let fits = |known: &Option<String>| match (kid, known) {
            (Some(kid), Some(known)) => kid == known,
            _ => true,
        };
        let mut candidates = self.0.iter().filter(|(known, _)| fits(known));
        candidates.find_map(|(_, key)| jws::verify(compact, key).map(|(_, claims)| claims))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_read_whole_or_not_at_all() {
        let Keys(known) = Keys::of_private(TEST_KEY);
        assert_eq!(known.len(), 1);
        let mut jwk: Value = serde_json::from_str(TEST_KEY).unwrap();
        let private = serde_json::json!({ "keys": [jwk] });
        assert_eq!(Keys::read(&private), None);
        jwk.as_object_mut().unwrap().remove("d");
        let set = serde_json::json!({ "keys": [jwk, { "kty": "RSA" }] });
        assert_eq!(Keys::read(&set), None);
        assert_eq!(Keys::read(&serde_json::json!({ "keys": [] })), None);
        assert_eq!(
            Keys::read(&serde_json::json!({ "keys": [jwk] })),
            Some(Keys(known))
        );
    }
}
