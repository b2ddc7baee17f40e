//! `application/x-www-form-urlencoded`, as RFC 6749 appendix B wants it: written into one string, read strictly.

use std::borrow::Cow;

use zeroize::Zeroizing;

use hallpass_token::SecretBytes;

use crate::{Error, Violation};

/// The longest text that is taken apart, in bytes.
pub(crate) const MAX_BYTES: usize = 64 * 1024;
/// How many parameters one text may have.
pub(crate) const MAX_PARAMETERS: usize = 64;

/// Names and values, being written.
pub(crate) struct Form(Zeroizing<String>);

impl Form {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self(Zeroizing::new(String::with_capacity(bytes)))
    }

    /// Goes on where another form ended.
    pub(crate) fn from_text(text: &str) -> Self {
        let mut form = Self::with_capacity(text.len() + 256);
        form.0.push_str(text);
        form
    }

    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        push_field(&mut self.0, name, value);
        self
    }

    pub(crate) fn optional(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    pub(crate) fn into_text(mut self) -> String {
        std::mem::take(&mut *self.0)
    }

    pub(crate) fn into_body(self) -> SecretBytes {
        SecretBytes::from(self.into_text())
    }
}

/// Appends `name=value`, after an `&` where something stands before it.
pub(crate) fn push_field(text: &mut String, name: &str, value: &str) {
    if !matches!(text.as_bytes().last(), None | Some(b'?' | b'&')) {
        text.push('&');
    }
    push_encoded(text, name);
    text.push('=');
    push_encoded(text, value);
}

/// Appends a form-encoded text: a space becomes `+`.
pub(crate) fn push_encoded(text: &mut String, value: &str) {
    let mut rest = value;
    while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
        text.push_str(&rest[..at]);
        // What is not plain may be the first of several bytes of one character.
        let length = rest[at..].chars().next().map_or(1, char::len_utf8);
        match &rest[at..at + length] {
            " " => text.push('+'),
            character => character.bytes().for_each(|byte| {
                text.push('%');
                text.push(char::from(HEX[usize::from(byte >> 4)]));
                text.push(char::from(HEX[usize::from(byte & 15)]));
            }),
        }
        rest = &rest[at + length..];
    }
    text.push_str(rest);
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*')
}

/// Names and values, read: each name once, everything UTF-8.
pub struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Parameters<'a> {
    /// Takes a text apart.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Error> {
        if text.len() > MAX_BYTES {
            return Err(Violation::TooLarge.into());
        }
        let mut parameters: Vec<(Cow<'a, str>, Cow<'a, str>)> = Vec::with_capacity(8);
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name)?;
            if parameters.iter().any(|(own, _)| *own == name) {
                return Err(Violation::DuplicateParameter.into());
            }
            if parameters.len() == MAX_PARAMETERS {
                return Err(Violation::TooLarge.into());
            }
            parameters.push((name, decode(value)?));
        }
        Ok(Self(parameters))
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| &**value)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn decode(text: &str) -> Result<Cow<'_, str>, Error> {
    let Some(first) = text.bytes().position(|byte| matches!(byte, b'%' | b'+')) else {
        return Ok(Cow::Borrowed(text));
    };
    let mut bytes = Vec::with_capacity(text.len());
    bytes.extend_from_slice(&text.as_bytes()[..first]);
    let mut rest = text.as_bytes()[first..].iter();
    while let Some(&byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match (rest.next().and_then(hex), rest.next().and_then(hex)) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err(Violation::Encoding.into()),
            },
            other => other,
        });
    }
    match String::from_utf8(bytes) {
        Ok(decoded) => Ok(Cow::Owned(decoded)),
        Err(_) => Err(Violation::Encoding.into()),
    }
}

fn hex(digit: &u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ErrorKind;

    fn violation(text: &str) -> Violation {
        match Parameters::parse(text).map(|_| ()).unwrap_err().kind() {
            ErrorKind::Violation(violation) => violation.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_space_is_a_plus_and_a_plus_is_escaped() {
        let form = Form::with_capacity(0).field("a b", "c+d&é").field("e", "*-._~");
        assert_eq!(form.into_text(), "a+b=c%2Bd%26%C3%A9&e=*-._%7E");
    }

    #[test]
    fn values_are_decoded_exactly_once() {
        let text = "a=YWJj==&b=%2B&c=+&d&e=&f=%2520&&g=%00";
        let parameters = Parameters::parse(text).ok().unwrap();
        for (name, value) in [
            ("a", "YWJj=="),
            ("b", "+"),
            ("c", " "),
            ("d", ""),
            ("e", ""),
            ("f", "%20"),
            ("g", "\0"),
        ] {
            assert_eq!(parameters.value(name), Some(value));
        }
        assert_eq!(parameters.value("h"), None);
    }

    #[test]
    fn what_has_no_single_meaning_is_an_error() {
        assert_eq!(violation("a=1&a=1"), Violation::DuplicateParameter);
        assert_eq!(violation("code=1&c%6Fde=2"), Violation::DuplicateParameter);
        assert_eq!(violation("a=%"), Violation::Encoding);
        assert_eq!(violation("a=%4"), Violation::Encoding);
        assert_eq!(violation("a=%zz"), Violation::Encoding);
        assert_eq!(violation("a=%ff%fe"), Violation::Encoding);
    }

    #[test]
    fn a_million_parameters_and_a_long_text_are_refused() {
        let many = (0..1_000_000).map(|n| format!("{n}&")).collect::<String>();
        assert_eq!(violation(&many), Violation::TooLarge);
        let few_bytes = (0..65).map(|n| format!("{n}&")).collect::<String>();
        assert_eq!(violation(&few_bytes), Violation::TooLarge);
        assert_eq!(violation(&"a".repeat(MAX_BYTES + 1)), Violation::TooLarge);
        assert!(Parameters::parse(&"a".repeat(MAX_BYTES)).is_ok());
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(name in ".+", value in ".*") {
            let form = Form::with_capacity(0).field(&name, &value);
            let read = Parameters::parse(form.into_text()).ok().unwrap();
            prop_assert_eq!(read.value(&name), Some(&*value));
            prop_assert!(form.into_text().is_ascii());
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = Parameters::parse(&text);
        }
    }
}
