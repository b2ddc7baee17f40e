//! Who can log in.

use std::fmt;

/// A resource owner.
#[derive(Clone, Eq, PartialEq)]
pub struct User {
    name: String,
    password: String,
}

impl User {
    /// A user with this name, which is also the token's `sub`, and this password.
    pub fn new(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            password: password.into(),
        }
    }

    /// `alice`, whose password is `wonderland`. Every [`Config::new`](crate::Config::new) knows her.
    pub fn alice() -> Self {
        Self::new("alice", "wonderland")
    }

    /// `bob`, whose password is `builder`. Every [`Config::new`](crate::Config::new) knows him.
    pub fn bob() -> Self {
        Self::new("bob", "builder")
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
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
