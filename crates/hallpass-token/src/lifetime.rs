//! When a token ends: arithmetic that cannot overflow.

use std::time::Duration;

use time::UtcDateTime;

use crate::Json;

/// How long a token lives from the moment its answer arrived (`expires_in`,
/// RFC 6749 §5.1), in whole seconds.
///
/// Servers send more than the RFC allows, so every number has a meaning here:
/// a fraction is cut off, a negative one is zero (already expired), and
/// one too large for a date ends at the last second of the year 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime(u64);

impl Lifetime {
    /// A lifetime of whole seconds.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// The lifetime in seconds.
    pub const fn seconds(self) -> u64 {
        self.0
    }

    /// Reads the text of a number of seconds: `3600`, `-5`, `1.9`, `1e400`.
    /// Anything that is not a decimal number is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.as_bytes();
        let begins = number.strip_prefix(b"-").unwrap_or(number).first()?;
        match begins.is_ascii_digit() {
            true => match text.parse() {
                Ok(seconds) => Some(Self(seconds)),
                // Infinity and fractions are cut to what u64 can hold by `as`.
                Err(_) => text.parse::<f64>().ok().map(|seconds| Self(seconds as u64)),
            },
            false => None,
        }
    }

    /// Reads a JSON number, or a string that holds one.
    pub fn from_json(json: &Json) -> Option<Self> {
        match json {
            Json::Integer(seconds) => {
                Some(Self(u64::try_from((*seconds).max(0)).unwrap_or(u64::MAX)))
            }
            Json::Float(seconds) => Some(Self(*seconds as u64)),
            Json::String(text) => Self::parse(text),
            _ => None,
        }
    }

    /// When something that arrived `at` ends, to the second (as it is stored), at the latest on the last second of the year 9999.
    pub fn after(self, at: UtcDateTime) -> UtcDateTime {
        at.truncate_to_second()
            .checked_add(time::Duration::seconds(
                i64::try_from(self.0).unwrap_or(i64::MAX),
            ))
            .unwrap_or(LAST)
    }
}

impl From<Duration> for Lifetime {
    fn from(duration: Duration) -> Self {
        Self(duration.as_secs())
    }
}

/// The last second that can be stored and read back.
const LAST: UtcDateTime = UtcDateTime::MAX.truncate_to_second();

/// What a token says about its end, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expiry {
    /// Its end lies in the future, further away than the clock skew.
    Valid,
    /// Its end has come. The second of its end counts as expired.
    Expired,
    /// The server did not say when it ends: only the resource server can tell.
    Unknown,
}

impl Expiry {
    /// What holds `now`, when clocks may differ by `skew`: expired if `expires_at <= now + skew`.
    pub fn at(expires_at: Option<UtcDateTime>, now: UtcDateTime, skew: Duration) -> Self {
        let Some(expires_at) = expires_at else {
            return Self::Unknown;
        };
        let horizon = time::Duration::try_from(skew)
            .ok()
            .and_then(|skew| now.checked_add(skew))
            .unwrap_or(UtcDateTime::MAX);
        match expires_at <= horizon {
            true => Self::Expired,
            false => Self::Valid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARRIVED: UtcDateTime = UtcDateTime::UNIX_EPOCH;
    const SECOND: time::Duration = time::Duration::SECOND;

    #[test]
    fn every_number_of_seconds_has_one_meaning() {
        for (text, seconds) in [
            ("3600", Some(3600)),
            ("0", Some(0)),
            ("-5", Some(0)),
            ("1.9", Some(1)),
            ("1e400", Some(u64::MAX)),
            ("-1e400", Some(0)),
            ("18446744073709551616", Some(u64::MAX)),
            ("", None),
            ("-", None),
            ("abc", None),
            ("inf", None),
            ("nan", None),
            ("+5", None),
            (" 5", None),
        ] {
            assert_eq!(
                Lifetime::parse(text).map(Lifetime::seconds),
                seconds,
                "{text}"
            );
        }
    }

    #[test]
    fn json_numbers_and_strings_mean_the_same() {
        for (json, seconds) in [
            (Json::Integer(3600), Some(3600)),
            (Json::String("3600".into()), Some(3600)),
            (Json::Integer(-5), Some(0)),
            (Json::Float(1.9), Some(1)),
            (Json::Float(f64::MAX), Some(u64::MAX)),
            (Json::Integer(u64::MAX.into()), Some(u64::MAX)),
            (Json::Null, None),
            (Json::Bool(true), None),
        ] {
            assert_eq!(Lifetime::from_json(&json).map(Lifetime::seconds), seconds);
        }
    }

    #[test]
    fn the_end_is_never_later_than_a_date_can_be() {
        assert_eq!(Lifetime(u64::MAX).after(ARRIVED), LAST);
        assert_eq!(Lifetime(3600).after(ARRIVED), ARRIVED + SECOND * 3600);
        assert_eq!(Lifetime(1).after(UtcDateTime::MAX), LAST);
    }

    #[test]
    fn a_token_is_expired_in_the_second_of_its_end() {
        let end = Some(ARRIVED + SECOND * 10);
        let at = |seconds| Expiry::at(end, ARRIVED + SECOND * seconds, Duration::ZERO);
        assert_eq!(at(9), Expiry::Valid);
        assert_eq!(at(10), Expiry::Expired);
        assert_eq!(at(11), Expiry::Expired);
    }

    #[test]
    fn skew_brings_the_end_forward() {
        let end = Some(ARRIVED + SECOND * 3);
        let with = |seconds| Expiry::at(end, ARRIVED, Duration::from_secs(seconds));
        assert_eq!(with(10), Expiry::Expired);
        assert_eq!(with(3), Expiry::Expired);
        assert_eq!(with(2), Expiry::Valid);
        assert_eq!(with(u64::MAX), Expiry::Expired);
    }

    #[test]
    fn a_token_without_an_end_is_neither_valid_nor_expired() {
        assert_eq!(Expiry::at(None, ARRIVED, Duration::ZERO), Expiry::Unknown);
    }
}
