//! A time as it is stored: UTC seconds since 1970.

use serde::{Deserialize, Deserializer, Serializer, de::Error};
use time::UtcDateTime;

pub(crate) fn serialize<S: Serializer>(at: &UtcDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(at.unix_timestamp())
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<UtcDateTime, D::Error> {
    UtcDateTime::from_unix_timestamp(i64::deserialize(d)?)
        .map_err(|_| D::Error::custom("seconds that no date has"))
}
