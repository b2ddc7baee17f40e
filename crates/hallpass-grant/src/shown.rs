//! Texts of a server's, made fit to be shown.

/// How much of a text is shown.
pub(crate) const MAX_CHARACTERS: usize = 512;

/// A text from the server that can be shown: bounded, on one line, without escape sequences and markup.
pub(crate) fn neutralized(text: &str) -> String {
    let shown = text.chars().take(MAX_CHARACTERS).map(|c| match c {
        '<' => '‹',
        '>' => '›',
        '"' => '”',
        '\'' => '’',
        c if is_invisible(c) => ' ',
        c => c,
    });
    shown.collect()
}

/// Control characters, and marks that turn the direction of a line, end it, or show nothing at all (Unicode category Cf).
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_hides_or_turns_a_text_is_shown() {
        for c in [
            '\0',
            '\u{7f}',
            '\u{9b}',
            '\u{ad}',
            '\u{61c}',
            '\u{180e}',
            '\u{200b}',
            '\u{202e}',
            '\u{2066}',
            '\u{feff}',
            '\u{e0041}',
        ] {
            assert_eq!(neutralized(&format!("a{c}b")), "a b", "{c:?}");
        }
        assert_eq!(neutralized("' onmouseover=\"x\" é"), "’ onmouseover=”x” é");
    }
}
