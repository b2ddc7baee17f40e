//! What was asked for against what was given.

use crate::Scopes;

/// How the scope that was granted differs from the one that was requested: an authorization server
/// may grant less or something else (RFC 6749 §3.3 and §5.1).
///
/// Made by [`Scopes::compared_with`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScopeDifference {
    /// Asked for and not given.
    pub missing: Scopes,
    /// Given and not asked for.
    pub added: Scopes,
}

impl ScopeDifference {
    /// Whether what was given is what was asked for.
    pub fn is_exact(&self) -> bool {
        self.missing.is_empty() && self.added.is_empty()
    }
}
