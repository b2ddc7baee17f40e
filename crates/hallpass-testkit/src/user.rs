//! Who can log in.

use std::fmt;

use crate::Value;

/// A resource owner.
#[derive(Clone, Eq, PartialEq)]
pub struct User {
    name: String,
    password: String,
    claims: Vec<(String, Value)>,
}

impl User {
    /// A user with this name, which is also the token's `sub`, and this password.
    pub fn new(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            password: password.into(),
            claims: Vec::new(),
        }
    }

    /// What is known of the user (OpenID Connect Core §5.1): `claim("email", Value::text("alice@example.com"))`. One of the
    /// same name is replaced.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: Value) -> Self {
        let name = name.into();
        self.claims.retain(|(known, _)| *known != name);
        self.claims.push((name, value));
        self
    }

    /// `alice`, whose password is `wonderland`. Every [`Config::new`](crate::Config::new) knows her.
    pub fn alice() -> Self {
        let address = r#"{"formatted":"1 Looking-Glass Lane\nOxford","street_address":"1 Looking-Glass Lane","locality":"Oxford","country":"UK"}"#;
        Self::new("alice", "wonderland")
            .claim("name", Value::text("Alice Liddell"))
            .claim("given_name", Value::text("Alice"))
            .claim("family_name", Value::text("Liddell"))
            .claim("name#de", Value::text("Alice im Wunderland"))
            .claim("preferred_username", Value::text("alice"))
            .claim("picture", Value::text("https://alice.example/picture.png"))
            .claim("birthdate", Value::text("1852-05-04"))
            .claim("zoneinfo", Value::text("Europe/London"))
            .claim("locale", Value::text("en-GB"))
            .claim("updated_at", Value::json("1600000000"))
            .claim("email", Value::text("alice@example.com"))
            .claim("email_verified", Value::json("true"))
            .claim("phone_number", Value::text("+44 1865 000000"))
            .claim("phone_number_verified", Value::json("false"))
            .claim("address", Value::json(address))
    }

    /// `bob`, whose password is `builder`. Every [`Config::new`](crate::Config::new) knows him.
    pub fn bob() -> Self {
        Self::new("bob", "builder")
            .claim("name", Value::text("Bob"))
            .claim("email", Value::text("bob@example.com"))
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The claim of this name.
    pub(crate) fn find_claim(&self, name: &str) -> Option<Value> {
        let found = self.claims.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    }

    /// The password.
    pub fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
