//! How far clocks may lie apart.

use std::time::Duration;

use hallpass_grant::Misuse;

/// How much earlier than it says a token is taken for expired, in whole seconds. None by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockSkew(u32);

impl ClockSkew {
    /// So many seconds.
    pub const fn from_seconds(seconds: u32) -> Self {
        Self(seconds)
    }

    /// As a duration.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }

    /// Reads seconds from the environment: for the scheme `OAuthACG` from `O_AUTH_ACG_O_AUTH_CLOCK_SKEW`, else from `O_AUTH_CLOCK_SKEW`.
    /// `None` when neither is set. `lookup` is usually `|name| std::env::var(name).ok()`.
    ///
    /// # Errors
    /// [`Misuse::Invalid`] when what is set is not a whole number of seconds.
    ///
    /// ```
    /// # use hallpass::ClockSkew;
    /// let lookup = |name: &str| (name == "O_AUTH_ACG_O_AUTH_CLOCK_SKEW").then(|| "10".to_owned());
    /// let skew = ClockSkew::from_environment("OAuthACG", lookup);
    /// assert_eq!(skew, Ok(Some(ClockSkew::from_seconds(10))));
    /// ```
    pub fn from_environment(
        scheme: &str,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, Misuse> {
        let own = format!("{}_{NAME}", screaming_snake(scheme));
        let Some(text) = lookup(&own).or_else(|| lookup(NAME)) else {
            return Ok(None);
        };
        match text.trim().parse() {
            Ok(seconds) => Ok(Some(Self(seconds))),
            Err(_) => Err(Misuse::Invalid {
                field: NAME,
                reason: "it is not a whole number of seconds",
            }),
        }
    }
}

/// Parts of a second are cut off; what is longer than 136 years is 136 years.
impl From<Duration> for ClockSkew {
    fn from(duration: Duration) -> Self {
        Self(u32::try_from(duration.as_secs()).unwrap_or(u32::MAX))
    }
}

const NAME: &str = "O_AUTH_CLOCK_SKEW";

/// `OAuthACG` becomes `O_AUTH_ACG`, as the SDK generators write it.
fn screaming_snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let begins_word = c.is_uppercase()
            && before.is_some_and(|before| {
                let after_is_lower = chars.get(at + 1).is_some_and(|next| next.is_lowercase());
                before.is_lowercase()
                    || before.is_numeric()
                    || (before.is_uppercase() && after_is_lower)
            });
        if begins_word {
            snake.push('_');
        }
        match c.is_alphanumeric() {
            true => snake.extend(c.to_uppercase()),
            false => snake.push('_'),
        }
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_names_become_the_prefixes_that_generated_sdks_use() {
        for (scheme, prefix) in [
            ("OAuthACG", "O_AUTH_ACG"),
            ("httpIG", "HTTP_IG"),
            ("petstore_auth", "PETSTORE_AUTH"),
            ("OAuth2", "O_AUTH2"),
        ] {
            assert_eq!(screaming_snake(scheme), prefix);
        }
    }

    #[test]
    fn the_schemes_own_variable_comes_first_and_nonsense_is_an_error() {
        let skew = |pairs: &'static [(&str, &str)]| {
            ClockSkew::from_environment("OAuthACG", move |name| {
                let found = pairs.iter().find(|(own, _)| *own == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(skew(&[]), Ok(None));
        let both = &[
            ("O_AUTH_CLOCK_SKEW", "1"),
            ("O_AUTH_ACG_O_AUTH_CLOCK_SKEW", "2"),
        ];
        assert_eq!(skew(both), Ok(Some(ClockSkew(2))));
        assert_eq!(skew(&both[..1]), Ok(Some(ClockSkew(1))));
        for nonsense in [&[(NAME, "-1")], &[(NAME, "ten")], &[(NAME, "1.5")]] {
            assert!(skew(nonsense).is_err());
        }
    }
}
