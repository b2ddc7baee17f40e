//! The members of an object.

use std::collections::HashSet;
use std::fmt;

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::reader::read_members;
use crate::{Json, JsonError, MAX_BYTES};

/// The members of a JSON object, in the order they came, each name once.
#[derive(Clone, Default, PartialEq)]
pub struct Members(pub(crate) Vec<(String, Json)>);

impl Members {
    /// Reads a whole text as one object.
    ///
    /// # Errors
    /// [`JsonError`] for anything that is not one object within the limits of this crate.
    pub fn read(text: &[u8]) -> Result<Self, JsonError> {
        if text.len() > MAX_BYTES {
            return Err(JsonError::TooLong);
        }
        // Checked once as a whole, not again string by string.
        let text = std::str::from_utf8(text).map_err(|error| JsonError::not_utf8(text, &error))?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let members = read_members(&mut deserializer)
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

    /// These members, and those of the others whose names are not here.
    #[must_use]
    pub fn or(mut self, others: Self) -> Self {
        let own: HashSet<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        let is_new = |member: &(String, Json)| !own.contains(member.0.as_str());
        let new: Vec<(String, Json)> = others.0.into_iter().filter(is_new).collect();
        self.0.extend(new);
        self
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

    pub(crate) fn has_duplicates(&self) -> bool {
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

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        self.iter()
            .try_for_each(|(n, v)| map.serialize_entry(n, v))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_members(deserializer)
    }
}

/// How many members one object may have before duplicates are looked for by sorting.
const SMALL: usize = 16;

#[cfg(test)]
mod tests {
    use crate::json_error::{DUPLICATE, TOO_DEEP};

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

    #[test]
    fn a_value_decodes_into_the_callers_type() {
        let members = Members::read(br#"{"user":{"id":7}}"#).unwrap();
        #[derive(serde::Deserialize)]
        struct User {
            id: u32,
        }
        let user = members.value("user").unwrap();
        assert_eq!(user.decode::<User>().unwrap().id, 7);
        assert!(user.decode::<Vec<u8>>().is_err());
    }
}
