//! One thing that is wrong or weak.

use std::fmt;

use serde::Serialize;

/// One thing that is wrong or weak in what a server publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// Its name, which stays the same from release to release.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What was seen.
    pub what: String,
    /// Which specification says so, and why.
    pub why: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
}

/// How bad it is; a later one is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// Worth knowing before one relies on the server.
    Note,
    /// Allowed, but current practice (RFC 9700) advises against it.
    Weak,
    /// Breaks a rule of its specification: some client will not work.
    Wrong,
    /// Secrets or logins are at risk.
    Severe,
}

impl Severity {
    /// The name, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Weak => "weak",
            Self::Wrong => "wrong",
            Self::Severe => "severe",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Finding {
    pub(super) fn note(
        rule: &'static str,
        what: impl Into<String>,
        why: &'static str,
        remedy: &'static str,
    ) -> Self {
        Self::new(rule, Severity::Note, what.into(), why, remedy)
    }

    pub(super) fn weak(
        rule: &'static str,
        what: impl Into<String>,
        why: &'static str,
        remedy: &'static str,
    ) -> Self {
        Self::new(rule, Severity::Weak, what.into(), why, remedy)
    }

    pub(super) fn wrong(
        rule: &'static str,
        what: impl Into<String>,
        why: &'static str,
        remedy: &'static str,
    ) -> Self {
        Self::new(rule, Severity::Wrong, what.into(), why, remedy)
    }

    pub(super) fn severe(
        rule: &'static str,
        what: impl Into<String>,
        why: &'static str,
        remedy: &'static str,
    ) -> Self {
        Self::new(rule, Severity::Severe, what.into(), why, remedy)
    }

    fn new(
        rule: &'static str,
        severity: Severity,
        what: String,
        why: &'static str,
        remedy: &'static str,
    ) -> Self {
        Self {
            rule,
            severity,
            what,
            why,
            remedy,
        }
    }
}
