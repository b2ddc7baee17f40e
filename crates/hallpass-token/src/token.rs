//! The two tokens of RFC 6749 §1.4 and §1.5, each a type of its own, so that one is never sent for the other.

use serde::{Deserialize, Serialize};

use crate::Secret;

/// What is put on requests to the resource server (RFC 6749 §1.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Secret")]
pub struct AccessToken(Secret);

/// What a new access token is had with (RFC 6749 §1.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Secret")]
pub struct RefreshToken(Secret);

/// Why a text is no token. It never quotes the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidToken {
    /// There is no text.
    #[error("the token is empty")]
    Empty,
    /// RFC 6749 appendix A.12 allows the characters from space to tilde.
    #[error("the token has a character outside printable ASCII at byte {0}")]
    Character(usize),
}

impl AccessToken {
    /// Takes the text of an access token.
    ///
    /// # Errors
    /// [`InvalidToken`] for an empty text and for one with a character outside printable
    /// ASCII: a line break would end the header it is put into (RFC 6749 appendix A.12).
    pub fn new(text: impl Into<Secret>) -> Result<Self, InvalidToken> {
        checked(text.into()).map(Self)
    }

    /// The text, for the one header or field it belongs in.
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl RefreshToken {
    /// Takes the text of a refresh token.
    ///
    /// # Errors
    /// [`InvalidToken`] for an empty text and for one with a character outside printable
    /// ASCII (RFC 6749 appendix A.17).
    pub fn new(text: impl Into<Secret>) -> Result<Self, InvalidToken> {
        checked(text.into()).map(Self)
    }

    /// The text, for the one field it belongs in.
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

impl TryFrom<Secret> for AccessToken {
    type Error = InvalidToken;

    fn try_from(text: Secret) -> Result<Self, InvalidToken> {
        Self::new(text)
    }
}

impl TryFrom<Secret> for RefreshToken {
    type Error = InvalidToken;

    fn try_from(text: Secret) -> Result<Self, InvalidToken> {
        Self::new(text)
    }
}

fn checked(text: Secret) -> Result<Secret, InvalidToken> {
    let bytes = text.expose_secret().as_bytes();
    match bytes.iter().position(|byte| !matches!(byte, b' '..=b'~')) {
        _ if bytes.is_empty() => Err(InvalidToken::Empty),
        Some(at) => Err(InvalidToken::Character(at)),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_cannot_get_into_a_token() {
        assert_eq!(
            AccessToken::new("a\r\nX: y"),
            Err(InvalidToken::Character(1))
        );
        assert_eq!(RefreshToken::new("é"), Err(InvalidToken::Character(0)));
        assert_eq!(AccessToken::new(""), Err(InvalidToken::Empty));
        assert!(serde_json::from_str::<AccessToken>(r#""a\r\nb""#).is_err());
        assert_eq!(AccessToken::new("a b~").unwrap().expose_secret(), "a b~");
    }
}
