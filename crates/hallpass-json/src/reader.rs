//! Reads values within the limits, each object with each name once.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::json_error::{DUPLICATE, TOO_DEEP};
use crate::{Json, MAX_DEPTH, Members};

pub(crate) fn read_value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
    JsonSeed(MAX_DEPTH).deserialize(deserializer)
}

pub(crate) fn read_members<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Members, D::Error> {
    deserializer.deserialize_map(ObjectVisitor(MAX_DEPTH))
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
        // An answer has several members; of the objects in it there may be half a million, all empty.
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
