//! A claims set (RFC 7519 §4). Whether the claims are the right ones is for whoever asked for the token.

use std::time::Duration;

use time::UtcDateTime;

use crate::{Json, Members, TokenError};

/// Claims, read by type: one that is there with another type is an error, and never as if it were absent.
///
/// `Debug` shows how many there are.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims(Members);

impl Claims {
    pub(crate) fn new(members: Members) -> Self {
        Self(members)
    }

    /// A text.
    ///
    /// # Errors
    /// [`TokenError::Claim`] where it is something else.
    pub fn text(&self, name: &str) -> Result<Option<&str>, TokenError> {
        match self.0.value(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name)),
        }
    }

    /// A text or an array of texts (RFC 7519 §4.1.3, `aud`). None at all is empty.
    ///
    /// # Errors
    /// [`TokenError::Claim`] where it is something else, an empty array too.
    pub fn texts(&self, name: &str) -> Result<Vec<&str>, TokenError> {
        match self.0.value(name) {
            None => Ok(Vec::new()),
            Some(Json::String(text)) => Ok(vec![text]),
            Some(Json::Array(values)) if !values.is_empty() => {
                let texts: Option<Vec<&str>> = values.iter().map(Json::as_str).collect();
                texts.ok_or_else(|| wrong(name))
            }
            Some(_) => Err(wrong(name)),
        }
    }

    /// A date: seconds since 1970-01-01T00:00:00Z without leap seconds (RFC 7519 §2, NumericDate), with a fraction where there is one.
    ///
    /// # Errors
    /// [`TokenError::Claim`] where it is no number, before 1970 or after the year 9999.
    pub fn date(&self, name: &str) -> Result<Option<UtcDateTime>, TokenError> {
        let date = match self.0.value(name) {
            None => return Ok(None),
            Some(Json::Integer(seconds)) => whole(*seconds),
            Some(Json::Float(seconds)) => fractional(*seconds),
            Some(_) => None,
        };
        date.map(Some).ok_or_else(|| wrong(name))
    }

    /// Checks `exp` and `nbf` where they are there (RFC 7519 §4.1.4, §4.1.5). `leeway` is for clocks that do not agree, and is
    /// allowed for in both.
    ///
    /// # Errors
    /// [`TokenError::Expired`] from `exp` plus the leeway on, [`TokenError::NotYetValid`] before `nbf` less the leeway,
    /// [`TokenError::Claim`] where one is no date.
    pub fn check_dates(&self, now: UtcDateTime, leeway: Duration) -> Result<(), TokenError> {
        let leeway = time::Duration::try_from(leeway).unwrap_or(time::Duration::MAX);
        // A date that leaves the calendar is as far away as it gets: never expired, always valid.
        let ends = self.date("exp")?.map(|end| end.saturating_add(leeway));
        if ends.is_some_and(|end| now >= end) {
            return Err(TokenError::Expired);
        }
        let begins = self.date("nbf")?.map(|begin| begin.saturating_sub(leeway));
        match begins.is_some_and(|begin| now < begin) {
            true => Err(TokenError::NotYetValid),
            false => Ok(()),
        }
    }

    /// One that has to be there.
    ///
    /// # Errors
    /// [`TokenError::MissingClaim`] where it is not.
    pub fn required(&self, name: &str) -> Result<&Json, TokenError> {
        self.0.value(name).ok_or_else(|| TokenError::MissingClaim {
            name: name.to_owned(),
        })
    }

    /// All claims.
    pub fn members(&self) -> &Members {
        &self.0
    }

    /// All claims, to keep.
    pub fn into_members(self) -> Members {
        self.0
    }
}

/// Claims that came by another way than in a token, and are read by the same types.
impl From<Members> for Claims {
    fn from(members: Members) -> Self {
        Self(members)
    }
}

/// 9999-12-31T23:59:59Z.
const LAST: i64 = 253_402_300_799;

fn whole(seconds: i128) -> Option<UtcDateTime> {
    let seconds = i64::try_from(seconds).ok()?;
    let seconds = (0..=LAST).contains(&seconds).then_some(seconds)?;
    UtcDateTime::from_unix_timestamp(seconds).ok()
}

fn fractional(seconds: f64) -> Option<UtcDateTime> {
    // Not a number is in no range.
    let seconds = (0.0..=LAST as f64).contains(&seconds).then_some(seconds)?;
    let date = whole(seconds.trunc() as i128)?;
    date.checked_add(time::Duration::seconds_f64(seconds.fract()))
}

fn wrong(name: &str) -> TokenError {
    TokenError::Claim {
        name: name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(json: &str) -> Claims {
        Claims::new(Members::read(json.as_bytes()).unwrap())
    }

    fn at(seconds: i64) -> UtcDateTime {
        UtcDateTime::from_unix_timestamp(seconds).unwrap()
    }

    #[test]
    fn a_date_is_a_number_of_seconds_between_1970_and_9999() {
        for (json, seconds) in [
            ("0", 0),
            ("1700000000", 1_700_000_000),
            ("1.7e9", 1_700_000_000),
            ("253402300799", LAST),
        ] {
            let claims = claims(&format!(r#"{{"exp":{json}}}"#));
            assert_eq!(claims.date("exp"), Ok(Some(at(seconds))), "{json}");
        }
        let half = claims(r#"{"exp":1700000000.5}"#).date("exp").unwrap();
        assert_eq!(half, Some(at(1_700_000_000) + Duration::from_millis(500)));
        for json in [
            "\"1700000000\"",
            "null",
            "true",
            "[1]",
            "{}",
            "-1",
            "-0.5",
            "253402300800",
            "18446744073709551615",
            "1e308",
            "253402300799.9",
        ] {
            let claims = claims(&format!(r#"{{"exp":{json}}}"#));
            assert_eq!(claims.date("exp"), Err(wrong("exp")), "{json}");
        }
        assert_eq!(claims("{}").date("exp"), Ok(None));
    }

    #[test]
    fn a_token_is_expired_in_the_second_of_its_end_and_valid_in_that_of_its_beginning() {
        let token = claims(r#"{"exp":1000,"nbf":900}"#);
        let none = Duration::ZERO;
        assert_eq!(
            token.check_dates(at(899), none),
            Err(TokenError::NotYetValid)
        );
        assert_eq!(token.check_dates(at(900), none), Ok(()));
        assert_eq!(token.check_dates(at(999), none), Ok(()));
        assert_eq!(token.check_dates(at(1000), none), Err(TokenError::Expired));
        let some = Duration::from_secs(5);
        assert_eq!(
            token.check_dates(at(894), some),
            Err(TokenError::NotYetValid)
        );
        assert_eq!(token.check_dates(at(895), some), Ok(()));
        assert_eq!(token.check_dates(at(1004), some), Ok(()));
        assert_eq!(token.check_dates(at(1005), some), Err(TokenError::Expired));
        assert_eq!(token.check_dates(at(1005), Duration::MAX), Ok(()));
        assert_eq!(claims("{}").check_dates(at(0), none), Ok(()));
    }

    #[test]
    fn a_claim_of_another_type_is_an_error_and_never_absent() {
        let token = claims(r#"{"iss":null,"aud":[],"sub":7,"azp":["a",1],"x":"y","z":["a","b"]}"#);
        assert_eq!(token.text("iss"), Err(wrong("iss")));
        assert_eq!(token.text("sub"), Err(wrong("sub")));
        assert_eq!(token.texts("aud"), Err(wrong("aud")));
        assert_eq!(token.texts("azp"), Err(wrong("azp")));
        assert_eq!(token.texts("x"), Ok(vec!["y"]));
        assert_eq!(token.texts("z"), Ok(vec!["a", "b"]));
        assert_eq!(token.texts("none"), Ok(vec![]));
        assert_eq!(token.text("x"), Ok(Some("y")));
        assert!(token.required("none").is_err() && token.required("x").is_ok());
    }
}
