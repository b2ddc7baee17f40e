//! What a session is called.

use std::fmt;
use std::str::FromStr;

use hallpass::Key;

/// What a session is called, and the profile that it was begun with: `default`, `work`, `alice@example.org`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(String);

const LONGEST: usize = 64;

impl Name {
    /// The key it has in the store.
    pub(crate) fn key(&self) -> Key {
        Key::new(self.0.clone())
    }

    /// The name of a session that is in the store.
    pub(crate) fn of_key(key: &Key) -> Option<Self> {
        key.as_str().parse().ok()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// `--profile NAME`, as it has to stand on a command line; nothing for the default.
    pub(crate) fn option(&self) -> String {
        match *self == Self::default() {
            true => String::new(),
            false => format!(" --profile {}", self.0),
        }
    }
}

impl Default for Name {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl FromStr for Name {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_fine = |c: char| c.is_ascii_alphanumeric() || "._-@".contains(c);
        let is_name = (1..=LONGEST).contains(&text.len())
            && text.chars().all(is_fine)
            && !text.starts_with('-');
        is_name
            .then(|| Self(text.to_owned()))
            .ok_or("a name has letters, digits, `.`, `_`, `-` and `@`, 64 at most")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word_that_no_shell_changes() {
        for good in ["default", "alice@example.org", "a.b_c-d", &"x".repeat(64)] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        for bad in ["", "-v", "a b", "a/b", "é", "a\n", "$(x)", &"x".repeat(65)] {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
    }
}
