//! The claim `birthdate` (OpenID Connect Core §5.1).

use std::fmt;
use std::str::FromStr;

use time::{Date, Month};

/// A birthday, a year of birth, or both: each part is there if the user gave it.
///
/// Written `2001-02-28`, `0000-02-28` without the year, or `2001` without the day. `Debug` shows none of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Birthdate {
    /// Zero: not given.
    year: u16,
    day: Option<(Month, u8)>,
}

/// Why a text is no [`Birthdate`]. It never quotes the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a birthdate is YYYY-MM-DD, with 0000 for a year that is not given, or YYYY")]
pub struct InvalidBirthdate;

impl Birthdate {
    /// The year, from 1 to 9999.
    pub fn year(&self) -> Option<u16> {
        (self.year != 0).then_some(self.year)
    }

    /// The month, and the day of the month from 1 on.
    pub fn day(&self) -> Option<(Month, u8)> {
        self.day
    }

    /// The whole date, if all of it is given.
    pub fn date(&self) -> Option<Date> {
        let (month, day) = self.day?;
        Date::from_calendar_date(self.year()?.into(), month, day).ok()
    }
}

impl FromStr for Birthdate {
    type Err = InvalidBirthdate;

    fn from_str(text: &str) -> Result<Self, InvalidBirthdate> {
        let (year, day) = match text.split_once('-') {
            Some((year, rest)) => (year, Some(rest.split_once('-').ok_or(InvalidBirthdate)?)),
            None => (text, None),
        };
        let year = digits(year, 4)?;
        let day = match day {
            Some((month, day)) => {
                let month = u8::try_from(digits(month, 2)?).map_err(|_| InvalidBirthdate)?;
                let month = Month::try_from(month).map_err(|_| InvalidBirthdate)?;
                let day = u8::try_from(digits(day, 2)?).map_err(|_| InvalidBirthdate)?;
                // The year 0 is a leap year, so that whoever gives no year may be born on 29 February.
                Date::from_calendar_date(year.into(), month, day).map_err(|_| InvalidBirthdate)?;
                Some((month, day))
            }
            None => None,
        };
        match (year, day) {
            (0, None) => Err(InvalidBirthdate),
            _ => Ok(Self { year, day }),
        }
    }
}

fn digits(text: &str, many: usize) -> Result<u16, InvalidBirthdate> {
    let all = text.len() == many && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = all.then(|| text.parse().ok()).flatten();
    number.ok_or(InvalidBirthdate)
}

/// Shows nothing of it.
impl fmt::Debug for Birthdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Birthdate(…)")
    }
}

/// As the claim is written.
impl fmt::Display for Birthdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.day {
            Some((month, day)) => write!(f, "{:04}-{:02}-{day:02}", self.year, u8::from(month)),
            None => write!(f, "{:04}", self.year),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn birthdate(text: &str) -> Birthdate {
        text.parse().unwrap()
    }

    #[test]
    fn a_date_a_day_without_year_and_a_year_alone_are_taken() {
        let whole = birthdate("2001-02-28");
        assert_eq!(
            whole.date(),
            Date::from_calendar_date(2001, Month::February, 28).ok()
        );
        let day = birthdate("0000-02-29");
        assert_eq!((day.year(), day.date()), (None, None));
        assert_eq!(day.day(), Some((Month::February, 29)));
        let year = birthdate("1970");
        assert_eq!(
            (year.year(), year.day(), year.date()),
            (Some(1970), None, None)
        );
        for text in ["2001-02-28", "0000-12-31", "0001", "9999-01-01"] {
            assert_eq!(birthdate(text).to_string(), text);
        }
    }

    #[test]
    fn whatever_else_is_no_birthdate() {
        for text in [
            "",
            "0000",
            "2001-02",
            "2001-02-29",
            "2001-13-01",
            "2001-00-01",
            "2001-01-00",
            "2001-1-1",
            "01-02-2001",
            "+200-01-01",
            "2001-02-28T00:00:00Z",
            "20010228",
            " 2001",
            "٢٠٠١",
        ] {
            assert_eq!(text.parse::<Birthdate>(), Err(InvalidBirthdate), "{text}");
        }
    }

    #[test]
    fn debug_shows_nothing_of_it() {
        assert_eq!(format!("{:?}", birthdate("2001-02-28")), "Birthdate(…)");
    }
}
