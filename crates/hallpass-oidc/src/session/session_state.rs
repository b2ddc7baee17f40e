//! How the session at the provider stood when it answered (OpenID Connect Session Management §2).

use std::fmt;

use serde::{Deserialize, Serialize};

use hallpass_grant::Error;

use crate::Fault;

/// `session_state` of an authorization response: opaque, and compared by the provider's own page. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionState(String);

impl SessionState {
    /// Takes the parameter's value.
    ///
    /// # Errors
    /// [`Fault::SessionState`] where it is empty, longer than 1,024 bytes, or has a space or a control character in it.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        let is_bad = |c: char| c.is_whitespace() || c.is_control();
        match text.is_empty() || text.len() > MAX_LENGTH || text.contains(is_bad) {
            true => Err(Fault::SessionState.into()),
            false => Ok(Self(text)),
        }
    }

    /// The value as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const MAX_LENGTH: usize = 1024;

impl TryFrom<String> for SessionState {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl From<SessionState> for String {
    fn from(state: SessionState) -> Self {
        state.0
    }
}

impl fmt::Debug for SessionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionState(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_word_of_bounded_length() {
        let full = "x".repeat(MAX_LENGTH);
        for text in ["JeJ.0dy", "é\"<'&", full.as_str()] {
            let state = SessionState::new(text).unwrap();
            assert_eq!(state.as_str(), text);
            let stored = serde_json::to_string(&state).unwrap();
            assert_eq!(
                serde_json::from_str::<SessionState>(&stored).unwrap(),
                state
            );
        }
        let long = format!("{full}x");
        for text in ["", "a b", " a", "a\n", "a\0", "a\u{a0}b", long.as_str()] {
            let error = SessionState::new(text).unwrap_err();
            assert_eq!(Fault::of(&error), Some(&Fault::SessionState), "{text:?}");
        }
        assert!(serde_json::from_str::<SessionState>(r#""a b""#).is_err());
    }

    #[test]
    fn debug_shows_nothing_of_it() {
        let state = SessionState::new("canary").unwrap();
        assert_eq!(format!("{state:?}"), "SessionState(…)");
    }
}
