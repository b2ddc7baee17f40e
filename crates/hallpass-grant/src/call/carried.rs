//! A JWT that a request carries beside what proves the client.

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::Secret;

use crate::authorization::RequestClaims;
use crate::{Assertion, Signatory};

/// A JWT that a request carries beside what proves the client.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum Carried {
    /// What a grant asks with (RFC 7523 §2.1).
    Assertion(Assertion),
    /// What a pushed request asks for (RFC 9126 §3).
    RequestObject(Signatory, RequestClaims),
}

impl Carried {
    /// The field that it stands in.
    pub(super) fn field(&self) -> &'static str {
        match self {
            Self::Assertion(_) => "assertion",
            Self::RequestObject(..) => "request",
        }
    }

    pub(super) fn signatory(&self) -> &Signatory {
        match self {
            Self::Assertion(assertion) => assertion.signatory(),
            Self::RequestObject(signatory, _) => signatory,
        }
    }

    pub(super) fn signing_input(&self, jti: &Secret, now: UtcDateTime) -> String {
        match self {
            Self::Assertion(assertion) => assertion.signing_input(jti, now),
            Self::RequestObject(signatory, claims) => {
                claims.signing_input(Some(signatory), jti, now)
            }
        }
    }

    /// What of it only the two sides may know.
    pub(super) fn secret(&self) -> Option<Secret> {
        match self {
            Self::Assertion(_) => None,
            Self::RequestObject(_, claims) => claims.secret(),
        }
    }
}
