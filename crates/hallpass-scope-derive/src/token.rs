//! The syntax of a scope value (RFC 6749 §3.3). `hallpass-scope` checks the same when it runs.

use syn::{Error, LitStr, Result};

/// Whether the literal is one `scope-token`.
pub(crate) fn check(value: &LitStr) -> Result<()> {
    let text = value.value();
    if text.is_empty() {
        return Err(Error::new(
            value.span(),
            "the value of a scope cannot be empty: write the string that the authorization \
             server defines",
        ));
    }
    match text.chars().find(|&character| !is_allowed(character)) {
        None => Ok(()),
        Some(' ') => Err(Error::new(
            value.span(),
            "the value of a scope cannot hold a space, which parts one scope from the next: \
             write one variant for each scope",
        )),
        Some(character) => Err(Error::new(
            value.span(),
            format!(
                "the value of a scope cannot hold {character:?}: write printable ASCII without \
                 spaces, '\"' and '\\' (RFC 6749, section 3.3)"
            ),
        )),
    }
}

/// `%x21 / %x23-5B / %x5D-7E`
fn is_allowed(character: char) -> bool {
    matches!(character, '\x21' | '\x23'..='\x5B' | '\x5D'..='\x7E')
}
