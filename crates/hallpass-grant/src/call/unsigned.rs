//! A JWS that a request needs.

use time::UtcDateTime;

use hallpass_token::Secret;

use super::carried::Carried;
use crate::conversation::NotSigned;
use crate::dpop::{self, unproven};
use crate::{Assertion, DpopKey, ErrorKind, Misuse, Signatory};

/// A JWS that a request needs.
pub(super) enum Unsigned<'c> {
    Client(&'c Assertion),
    Carried(&'c Carried),
    Proof(&'c DpopKey, dpop::Claims<'c>),
}

impl Unsigned<'_> {
    pub(super) fn signatory(&self) -> Signatory {
        match self {
            Self::Client(assertion) => assertion.signatory().clone(),
            Self::Carried(jwt) => jwt.signatory().clone(),
            Self::Proof(key, _) => key.name().clone().into(),
        }
    }

    pub(super) fn signing_input(&self, jti: &Secret, now: UtcDateTime) -> String {
        match self {
            Self::Client(assertion) => assertion.signing_input(jti, now),
            Self::Carried(jwt) => jwt.signing_input(jti, now),
            Self::Proof(key, claims) => claims.signing_input(key, jti, now),
        }
    }

    /// What is to be done about the call when nobody has signed.
    pub(super) fn without(&self, reason: NotSigned) -> ErrorKind {
        match (self, reason) {
            (Self::Proof(..), reason) => unproven(reason),
            (_, NotSigned::UnknownKey) => ErrorKind::Misuse(Misuse::UnknownSigningKey),
            (_, NotSigned::Failed) => ErrorKind::Transport,
        }
    }
}
