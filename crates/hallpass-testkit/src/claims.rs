//! Which claims a client gets (OpenID Connect Core §5.4 and §5.5).

use serde_json::{Map, Value};

/// The claims of each scope.
const SCOPES: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

/// The claims that these scopes ask for.
pub(crate) fn of_scopes(scopes: &[String]) -> Vec<String> {
    let asked = SCOPES
        .iter()
        .filter(|(scope, _)| scopes.iter().any(|asked| asked == scope));
    let names = asked.flat_map(|(_, names)| names.iter());
    names.map(|name| (*name).to_owned()).collect()
}

/// Every claim that can be asked for, as metadata lists them.
pub(crate) fn supported() -> Vec<&'static str> {
    let own = [
        "sub",
        "iss",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "acr",
        "sid",
    ];
    let of_scopes = SCOPES.iter().flat_map(|(_, names)| names.iter().copied());
    own.into_iter().chain(of_scopes).collect()
}

/// The `claims` parameter (OpenID Connect Core §5.5).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct ClaimsRequest {
    id_token: Map<String, Value>,
    userinfo: Map<String, Value>,
}

impl ClaimsRequest {
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut members: Map<String, Value> = serde_json::from_str(text).ok()?;
        let mut part = |name: &str| match members.remove(name) {
            None | Some(Value::Null) => Some(Map::new()),
            Some(Value::Object(part)) => Some(part),
            Some(_) => None,
        };
        Some(Self {
            id_token: part("id_token")?,
            userinfo: part("userinfo")?,
        })
    }

    pub(crate) fn id_token_claims(&self) -> Vec<String> {
        self.id_token.keys().cloned().collect()
    }

    pub(crate) fn user_info_claims(&self) -> Vec<String> {
        self.userinfo.keys().cloned().collect()
    }

    /// The text that the ID token's claim of this name has to have, where one is asked for.
    pub(crate) fn wanted(&self, name: &str) -> Option<&str> {
        let request = self.id_token.get(name)?;
        let first = request.get("values").and_then(|values| values.get(0));
        request.get("value").or(first)?.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claims_parameter_is_an_object_of_objects() {
        let text = r#"{"id_token":{"email":null,"acr":{"values":["1","2"]}},"userinfo":{"name":{"essential":true}}}"#;
        let request = ClaimsRequest::read(text).unwrap();
        // In which order a map of JSON is read depends on how its library was built.
        let mut asked = request.id_token_claims();
        asked.sort_unstable();
        assert_eq!(asked, ["acr", "email"]);
        assert_eq!(request.user_info_claims(), ["name"]);
        assert_eq!(
            (request.wanted("acr"), request.wanted("email")),
            (Some("1"), None)
        );
        for text in ["", "[]", r#"{"id_token":[]}"#] {
            assert_eq!(ClaimsRequest::read(text), None, "{text}");
        }
    }
}
