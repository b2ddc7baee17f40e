//! Why a string is no scope.

/// A string that is no scope (RFC 6749 §3.3).
///
/// The text names the first offending character, escaped, and where it is; it never repeats the
/// string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct InvalidScope(Reason);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("a scope token is empty; write at least one character or leave the scope out")]
    Empty,
    #[error(
        "a scope cannot hold '{}' (byte {position}); write tokens of printable ASCII without \
         '\"' and '\\', parted by spaces (RFC 6749 section 3.3)",
        character.escape_default()
    )]
    Character { position: usize, character: char },
}

impl InvalidScope {
    /// Where the offending character begins, in bytes from the start; 0 for an empty token.
    pub const fn position(&self) -> usize {
        match self.0 {
            Reason::Empty => 0,
            Reason::Character { position, .. } => position,
        }
    }

    /// The character that no scope token may hold, `None` if the token was empty.
    pub const fn character(&self) -> Option<char> {
        match self.0 {
            Reason::Empty => None,
            Reason::Character { character, .. } => Some(character),
        }
    }
}

/// Whether `token` is one `scope-token`.
pub(crate) fn check_token(token: &str) -> Result<(), InvalidScope> {
    if token.is_empty() {
        return Err(InvalidScope(Reason::Empty));
    }
    check_characters(token, |_| false)
}

/// Whether `scope` is `scope-token`s and spaces, any number of either.
pub(crate) fn check_scope(scope: &str) -> Result<(), InvalidScope> {
    check_characters(scope, |character| character == ' ')
}

fn check_characters(text: &str, also: impl Fn(char) -> bool) -> Result<(), InvalidScope> {
    // What is right, nearly always, is seen byte by byte.
    if text
        .bytes()
        .map(char::from)
        .all(|byte| is_token_character(byte) || also(byte))
    {
        return Ok(());
    }
    match text
        .char_indices()
        .find(|&(_, character)| !is_token_character(character) && !also(character))
    {
        None => Ok(()),
        Some((position, character)) => Err(InvalidScope(Reason::Character {
            position,
            character,
        })),
    }
}

/// `%x21 / %x23-5B / %x5D-7E`
fn is_token_character(character: char) -> bool {
    matches!(character, '\x21' | '\x23'..='\x5B' | '\x5D'..='\x7E')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_characters_of_the_rfc_make_a_token() {
        for byte in 0..=u8::MAX {
            let expected =
                byte == 0x21 || (0x23..=0x5B).contains(&byte) || (0x5D..=0x7E).contains(&byte);
            let token = char::from(byte).to_string();
            assert_eq!(check_token(&token).is_ok(), expected, "{byte:#x}");
        }
    }

    #[test]
    fn the_text_names_the_character_escaped_and_its_place() {
        let error = check_scope("read \u{202e}evil-canary").unwrap_err();
        assert_eq!((error.position(), error.character()), (5, Some('\u{202e}')));
        let text = error.to_string();
        assert!(text.contains(r"'\u{202e}' (byte 5)"), "{text}");
        assert!(text.is_ascii() && !text.contains("canary"), "{text}");
    }

    #[test]
    fn an_empty_token_has_no_character_to_blame() {
        let error = check_token("").unwrap_err();
        assert_eq!((error.position(), error.character()), (0, None));
        assert!(error.to_string().contains("empty"));
    }
}
