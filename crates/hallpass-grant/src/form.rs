//! `application/x-www-form-urlencoded`, as RFC 6749 appendix B wants it: written into one string, read strictly.

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr, memchr2};
use zeroize::{Zeroize, Zeroizing};

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

    /// Goes on where another form ended, with room for so many bytes more.
    pub(crate) fn from_text(text: &str, more: usize) -> Self {
        let mut form = Self::with_capacity(text.len() + more);
        form.0.push_str(text);
        form
    }

    pub(crate) fn field(mut self, name: &'static str, value: &str) -> Self {
        self.make_room(name, value);
        push_field(&mut self.0, name, value);
        self
    }

    /// A field whose name is somebody else's.
    pub(crate) fn foreign_field(mut self, name: &str, value: &str) -> Self {
        self.make_room(name, value);
        push_foreign_field(&mut self.0, name, value);
        self
    }

    /// Fields that are written already.
    pub(crate) fn fields(mut self, fields: &str) -> Self {
        self.make_room_for(fields.len());
        push_fields(&mut self.0, fields);
        self
    }

    /// A field of which every character stands for itself.
    pub(crate) fn plain_field(mut self, name: &'static str, value: &str) -> Self {
        self.make_room_for(name.len() + value.len());
        push_plain_field(&mut self.0, name, value);
        self
    }

    /// A text that outgrows its room leaves a copy behind that nobody wipes, so it moves by hand.
    fn make_room(&mut self, name: &str, value: &str) {
        if !self.has_room(3 * (name.len() + value.len())) {
            self.make_room_for(encoded_length(name) + encoded_length(value));
        }
    }

    fn make_room_for(&mut self, bytes: usize) {
        if !self.has_room(bytes) {
            let needed = self.0.len() + bytes + SEPARATORS;
            let mut larger = Zeroizing::new(String::with_capacity(needed.max(2 * self.0.len())));
            larger.push_str(&self.0);
            self.0 = larger;
        }
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.0.capacity() - self.0.len() >= bytes + SEPARATORS
    }

    pub(crate) fn optional(self, name: &'static str, value: Option<&str>) -> Self {
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

/// `&` and `=`.
const SEPARATORS: usize = 2;

/// What is a form already.
impl From<String> for Form {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

/// Appends fields that are written already.
pub(crate) fn push_fields(text: &mut String, fields: &str) {
    if !fields.is_empty() {
        push_separator(text);
        text.push_str(fields);
    }
}

/// Appends a name that an RFC gives, so that every character stands for itself, and a value; after an `&` where
/// something stands before it.
pub(crate) fn push_field(text: &mut String, name: &'static str, value: &str) {
    push_name(text, name);
    push_encoded(text, value);
}

/// The same with a value of which every character stands for itself.
pub(crate) fn push_plain_field(text: &mut String, name: &'static str, value: &str) {
    debug_assert!(value.bytes().all(is_plain));
    push_name(text, name);
    text.push_str(value);
}

/// The same with any name.
pub(crate) fn push_foreign_field(text: &mut String, name: &str, value: &str) {
    push_separator(text);
    push_encoded(text, name);
    text.push('=');
    push_encoded(text, value);
}

fn push_name(text: &mut String, name: &'static str) {
    debug_assert!(name.bytes().all(is_plain));
    push_separator(text);
    text.push_str(name);
    text.push('=');
}

fn push_separator(text: &mut String) {
    if !matches!(text.as_bytes().last(), None | Some(b'?' | b'&')) {
        text.push('&');
    }
}

/// Appends a form-encoded text: a space becomes `+`.
pub(crate) fn push_encoded(text: &mut String, value: &str) {
    let mut plain = 0;
    for (at, byte) in value.bytes().enumerate() {
        if is_plain(byte) {
            continue;
        }
        // Between the bytes of one character there is nothing.
        text.push_str(value.get(plain..at).unwrap_or(""));
        match byte {
            b' ' => text.push('+'),
            byte => text.push_str(escape(byte)),
        }
        plain = at + 1;
    }
    text.push_str(value.get(plain..).unwrap_or(""));
}

pub(crate) fn encoded_length(text: &str) -> usize {
    let escapes = text
        .bytes()
        .filter(|byte| !is_plain(*byte) && *byte != b' ');
    text.len() + 2 * escapes.count()
}

/// A text, form-encoded.
pub(crate) fn encoded(text: &str) -> Zeroizing<String> {
    let mut encoded = Zeroizing::new(String::with_capacity(encoded_length(text)));
    push_encoded(&mut encoded, text);
    encoded
}

fn is_plain(byte: u8) -> bool {
    PLAIN[usize::from(byte)]
}

/// A table, because here a request spends its time.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < plain.len() {
        plain[byte] = matches!(
            byte as u8,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*'
        );
        byte += 1;
    }
    plain
};

/// `%` and two digits.
fn escape(byte: u8) -> &'static str {
    let at = usize::from(byte) * 3;
    &ESCAPES[at..at + 3]
}

/// The escapes of all bytes, one after another.
const ESCAPES: &str = match str::from_utf8(&ESCAPE_BYTES) {
    Ok(escapes) => escapes,
    Err(_) => panic!("digits are ASCII"),
};

static ESCAPE_BYTES: [u8; 3 * 256] = {
    let digits = b"0123456789ABCDEF";
    let mut escapes = [b'%'; 3 * 256];
    let mut byte = 0;
    while byte < 256 {
        escapes[3 * byte + 1] = digits[byte >> 4];
        escapes[3 * byte + 2] = digits[byte & 15];
        byte += 1;
    }
    escapes
};

/// The parameters of a query or a posted form (`application/x-www-form-urlencoded`), taken apart strictly: each name once, everything
/// UTF-8, at most 64 KiB and 64 of them.
///
/// `Debug` shows how many there are.
pub struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Parameters<'a> {
    /// Takes a text apart: a query without its `?`, or the body of a `POST`.
    ///
    /// # Errors
    /// [`Violation::TooLarge`], [`Violation::DuplicateParameter`], or [`Violation::Encoding`] where an escape is broken or is not UTF-8.
    pub fn parse(text: &'a str) -> Result<Self, Error> {
        if text.len() > MAX_BYTES {
            return Err(Violation::TooLarge.into());
        }
        let room = if text.is_empty() { 0 } else { 4 };
        let mut parameters: Vec<(Cow<'a, str>, Cow<'a, str>)> = Vec::with_capacity(room);
        let mut rest = text;
        while !rest.is_empty() {
            let (pair, after) = split_at_byte(b'&', rest).unwrap_or((rest, ""));
            rest = after;
            if pair.is_empty() {
                continue;
            }
            let (name, value) = split_at_byte(b'=', pair).unwrap_or((pair, ""));
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

    /// The value of a parameter, decoded; empty where it has none.
    pub fn value(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| &**value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Whether it is there and not empty: some servers send an empty `access_token` beside whatever they mean.
    pub(crate) fn carries(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| !value.is_empty())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Parameters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parameters({})", self.0.len())
    }
}

/// The fields of a form that was written here, decoded.
pub(crate) fn fields(form: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter_map(|(name, value)| Some((decode(name).ok()?, decode(value).ok()?)))
}

/// Codes and tokens are among what was decoded.
impl Drop for Parameters<'_> {
    fn drop(&mut self) {
        for (_, value) in &mut self.0 {
            if let Cow::Owned(value) = value {
                value.zeroize();
            }
        }
    }
}

/// What stands before and behind the first such byte of ASCII.
pub(crate) fn split_at_byte(byte: u8, text: &str) -> Option<(&str, &str)> {
    let at = memchr(byte, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

fn decode(text: &str) -> Result<Cow<'_, str>, Error> {
    let escape = |rest: &[u8]| memchr2(b'%', b'+', rest);
    let Some(mut at) = escape(text.as_bytes()) else {
        return Ok(Cow::Borrowed(text));
    };
    let mut rest = text.as_bytes();
    let mut bytes = Vec::with_capacity(text.len());
    loop {
        let (plain, escaped) = rest.split_at(at);
        bytes.extend_from_slice(plain);
        rest = match escaped {
            [] => break,
            [b'+', after @ ..] => {
                bytes.push(b' ');
                after
            }
            [_, high, low, after @ ..] => {
                let (Some(high), Some(low)) = (hex(high), hex(low)) else {
                    return Err(Violation::Encoding.into());
                };
                bytes.push(high << 4 | low);
                after
            }
            _ => return Err(Violation::Encoding.into()),
        };
        at = escape(rest).unwrap_or(rest.len());
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
        let mut text = String::new();
        push_foreign_field(&mut text, "a b", "c+d&é");
        push_field(&mut text, "e", "*-._~");
        assert_eq!(text, "a+b=c%2Bd%26%C3%A9&e=*-._%7E");
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
            let mut text = String::new();
            push_foreign_field(&mut text, &name, &value);
            let read = Parameters::parse(&text).ok().unwrap();
            prop_assert_eq!(read.value(&name), Some(&*value));
            prop_assert!(text.is_ascii());
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = Parameters::parse(&text);
        }
    }
}
