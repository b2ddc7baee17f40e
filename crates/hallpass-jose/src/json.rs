//! JSON as an issuer sends it, read strictly: headers, keys and claims (RFC 7515 §4, RFC 8725 §2.6).
//!
//! One byte more than [`MAX_BYTES`], one level deeper than [`MAX_DEPTH`], or a
//! member that stands twice makes the whole text an error: two readers must not
//! be able to see two different answers in it (RFC 8259 §4).

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

/// The longest text that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// How deep objects and arrays may stand in one another.
pub const MAX_DEPTH: usize = 32;
/// How many members one object may have before duplicates are looked for by sorting.
const SMALL: usize = 16;

/// Why a text is not the JSON that was expected. It never quotes the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The text is longer than [`MAX_BYTES`].
    #[error("the JSON text is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// The text is not JSON, too deep, has a member twice, or is no object.
    #[error("not a JSON object this library accepts (line {line}, column {column}): {reason}")]
    Malformed {
        /// What is wrong, without any of the text.
        reason: &'static str,
        /// Where, counted from one.
        line: usize,
        /// Where, counted from one.
        column: usize,
    },
}

/// Any JSON value.
///
/// `Debug` names the kind and shows no content: a header or a claim may
/// be as secret as the token.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without fraction or exponent that fits 64 bits, signed or not.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Members),
}

impl Json {
    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value of `true` or `false`.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The values of an array.
    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
            Self::Array(values) => Some(values),
            _ => None,
        }
    }

    /// The members of an object.
    pub fn as_object(&self) -> Option<&Members> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Integer(_) | Self::Float(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        })
    }
}

/// The members of a JSON object, in the order they came, each name once.
#[derive(Clone, Default, PartialEq)]
pub struct Members(Vec<(String, Json)>);

impl Members {
    /// Reads a whole text as one object.
    ///
    /// # Errors
    /// [`JsonError`] for anything that is not one object within the limits of this module.
    pub fn read(text: &[u8]) -> Result<Self, JsonError> {
        if text.len() > MAX_BYTES {
            return Err(JsonError::TooLong);
        }
        // Checked once as a whole, not again string by string.
        let text = std::str::from_utf8(text).map_err(|error| JsonError::not_utf8(text, &error))?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let members = deserializer
            .deserialize_map(ObjectVisitor(MAX_DEPTH))
            .and_then(|members| deserializer.end().map(|()| members));
        members.map_err(|error| JsonError::from_serde(&error))
    }

    /// The value of a member.
    pub fn value(&self, name: &str) -> Option<&Json> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, v)| v)
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<Json> {
        let at = self.0.iter().position(|(own, _)| own == name)?;
        Some(self.0.remove(at).1)
    }

    /// Puts a member in; what stood under that name comes back.
    pub fn insert(&mut self, name: impl Into<String>, value: Json) -> Option<Json> {
        let name = name.into();
        let before = self.remove(&name);
        self.0.push((name, value));
        before
    }

    /// Each name with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn has_duplicates(&self) -> bool {
        let members = &self.0;
        if members.len() <= SMALL {
            return (1..members.len())
                .any(|at| members[..at].iter().any(|(name, _)| *name == members[at].0));
        }
        let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    }
}

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{} members}}", self.0.len())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => match u64::try_from(*value) {
                Ok(value) => serializer.serialize_u64(value),
                Err(_) => serializer.serialize_i64(i64::try_from(*value).unwrap_or(i64::MIN)),
            },
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(values) => {
                let mut seq = serializer.serialize_seq(Some(values.len()))?;
                values.iter().try_for_each(|v| seq.serialize_element(v))?;
                seq.end()
            }
            Self::Object(members) => members.serialize(serializer),
        }
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        self.iter()
            .try_for_each(|(n, v)| map.serialize_entry(n, v))?;
        map.end()
    }
}

const TOO_DEEP: &str = "objects and arrays stand too deep in one another";
const DUPLICATE: &str = "a member stands twice in one object";

impl JsonError {
    fn not_utf8(text: &[u8], error: &std::str::Utf8Error) -> Self {
        let before = &text[..error.valid_up_to()];
        let line_begins = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        Self::Malformed {
            reason: "not UTF-8",
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
            column: before.len() - line_begins,
        }
    }

    fn from_serde(error: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        let reason = match error.classify() {
            Category::Io | Category::Eof => "the text ends too early",
            Category::Syntax => "syntax error",
            // serde_json's messages quote the text; ours are told by their beginning.
            Category::Data => {
                let message = error.to_string();
                [TOO_DEEP, DUPLICATE]
                    .into_iter()
                    .find(|known| message.starts_with(known))
                    .unwrap_or("a value has another type than expected")
            }
        };
        Self::Malformed {
            reason,
            line: error.line(),
            column: error.column(),
        }
    }
}

/// What is left of the depth.
#[derive(Clone, Copy)]
struct JsonSeed(usize);

impl<'de> DeserializeSeed<'de> for JsonSeed {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonSeed {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_none<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Float(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let inner = JsonSeed(
            self.0
                .checked_sub(1)
                .ok_or_else(|| de::Error::custom(TOO_DEEP))?,
        );
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Json::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Json, A::Error> {
        ObjectVisitor(self.0).visit_map(map).map(Json::Object)
    }
}

/// What is left of the depth.
struct ObjectVisitor(usize);

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let inner = JsonSeed(
            self.0
                .checked_sub(1)
                .ok_or_else(|| de::Error::custom(TOO_DEEP))?,
        );
        // A header or a claims set has several members; of the objects in it there may be half a million, all empty.
        let room = if self.0 == MAX_DEPTH { 8 } else { 0 };
        let mut members = Vec::with_capacity(room);
        while let Some(name) = map.next_key::<String>()? {
            members.push((name, map.next_value_seed(inner)?));
        }
        let members = Members(members);
        match members.has_duplicates() {
            true => Err(de::Error::custom(DUPLICATE)),
            false => Ok(members),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &[u8]) -> &'static str {
        match Members::read(text).unwrap_err() {
            JsonError::Malformed { reason, .. } => reason,
            JsonError::TooLong => "too long",
        }
    }

    #[test]
    fn what_was_read_is_written_again_alike() {
        let text = r#"{"a":1,"b":[true,null,-2,18446744073709551615,1.5],"c":{"d":"é\n"}}"#;
        let members = Members::read(text.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&members).unwrap(), text);
        assert_eq!(members.value("c").unwrap().as_object().unwrap().len(), 1);
    }

    #[test]
    fn a_member_that_stands_twice_is_an_error_at_any_depth() {
        assert_eq!(reason(br#"{"a":1,"a":2}"#), DUPLICATE);
        assert_eq!(reason(br#"{"x":[{"a":1,"\u0061":2}]}"#), DUPLICATE);
        let many = (0..5000)
            .map(|n| format!(r#""m{n}":0,"#))
            .collect::<String>();
        assert_eq!(
            reason(format!(r#"{{{many}"m17":0}}"#).as_bytes()),
            DUPLICATE
        );
    }

    #[test]
    fn ten_thousand_levels_are_refused_without_descending() {
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(reason(deep.as_bytes()), TOO_DEEP);
        let allowed = format!(r#"{{"a":{}{}}}"#, "[".repeat(31), "]".repeat(31));
        assert!(Members::read(allowed.as_bytes()).is_ok());
    }

    #[test]
    fn a_hundred_thousand_members_are_read_in_one_pass() {
        let many = (0..80_000)
            .map(|n| format!(r#""{n}":0,"#))
            .collect::<String>();
        let members = Members::read(format!(r#"{{{many}"z":0}}"#).as_bytes()).unwrap();
        assert_eq!(members.len(), 80_001);
    }

    #[test]
    fn more_than_a_mebibyte_is_refused() {
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(MAX_BYTES));
        assert_eq!(reason(long.as_bytes()), "too long");
    }

    #[test]
    fn what_is_no_object_is_an_error_that_quotes_nothing() {
        for text in [
            "",
            "[]",
            "canary",
            "\"canary\"",
            "{} x",
            r#"{"canary":}"#,
            "1e400",
        ] {
            let error = Members::read(text.as_bytes()).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_told_by_their_place() {
        let error = Members::read(b"{\n\"canary\xff\":1}").unwrap_err();
        let expected = JsonError::Malformed {
            reason: "not UTF-8",
            line: 2,
            column: 7,
        };
        assert_eq!(error, expected);
    }

    #[test]
    fn debug_names_kinds_and_shows_no_content() {
        let members = Members::read(br#"{"canary":"canary","b":["canary"]}"#).unwrap();
        let shown = format!("{members:?} {:?}", members.value("canary"));
        assert!(!shown.contains("canary"), "{shown}");
    }
}
