//! Where a provider's claims differ from OpenID Connect, as data.

use serde::{Deserialize, Serialize};
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use hallpass_token::Json;

/// How a provider's claims differ from OpenID Connect Core §5.1. The default, [`ClaimsProfile::STRICT`], is no difference at all.
///
/// A plain value: users write their own, in Rust or in a file.
///
/// ```
/// # use hallpass_oidc::{BooleanClaim, ClaimsProfile};
/// let mut profile = ClaimsProfile::STRICT;
/// profile.booleans = BooleanClaim::BooleanOrText;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ClaimsProfile {
    /// What a claim that is true or false is.
    pub booleans: BooleanClaim,
    /// What a date is.
    pub dates: DateClaim,
    /// What `null` is.
    pub nulls: NullClaim,
}

impl ClaimsProfile {
    /// OpenID Connect to the letter.
    pub const STRICT: Self = Self {
        booleans: BooleanClaim::Boolean,
        dates: DateClaim::Seconds,
        nulls: NullClaim::Refused,
    };
}

/// What a claim that is true or false is, such as `email_verified`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BooleanClaim {
    /// A JSON boolean.
    #[default]
    Boolean,
    /// A JSON boolean, or the text `true` or `false` (Amazon Cognito, Apple).
    BooleanOrText,
}

/// What a date is, such as `updated_at`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DateClaim {
    /// A JSON number of seconds since 1970, UTC.
    #[default]
    Seconds,
    /// A JSON number, or a text in the form of RFC 3339 (Auth0).
    SecondsOrText,
}

/// What `null` is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NullClaim {
    /// A value of the wrong type.
    #[default]
    Refused,
    /// As if the claim were absent, which OpenID Connect Core §5.3.2 asks for instead.
    Absent,
}

impl BooleanClaim {
    pub(super) fn read(self, value: &Json) -> Option<bool> {
        match (self, value) {
            (_, Json::Bool(value)) => Some(*value),
            (Self::BooleanOrText, Json::String(text)) => text.parse().ok(),
            _ => None,
        }
    }
}

impl DateClaim {
    pub(super) fn read(self, value: &Json) -> Option<UtcDateTime> {
        match (self, value) {
            (_, Json::Integer(seconds)) => at(i64::try_from(*seconds).ok()?),
            // What is not in the range is cut to its ends by `as`, and refused there.
            (_, Json::Float(seconds)) => at(seconds.floor() as i64),
            (Self::SecondsOrText, Json::String(text)) => UtcDateTime::parse(text, &Rfc3339).ok(),
            _ => None,
        }
    }
}

/// No account is older than the epoch: what is negative is a mistake.
fn at(seconds: i64) -> Option<UtcDateTime> {
    let date = UtcDateTime::from_unix_timestamp(seconds).ok();
    date.filter(|date| *date >= UtcDateTime::UNIX_EPOCH)
}
