//! The claim `address` (OpenID Connect Core §5.1.1).

use std::fmt;

use hallpass_token::{Json, Members};

use super::standard_claims::Reader;
use crate::Fault;

/// Where somebody lives. `Debug` shows nothing of it.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Address {
    /// The whole address as it is put on a label, its lines divided by `\n` or `\r\n`.
    pub formatted: Option<String>,
    /// Street, house number, and whatever belongs to them; may have several lines.
    pub street_address: Option<String>,
    /// City or place.
    pub locality: Option<String>,
    /// State, province or region.
    pub region: Option<String>,
    /// The code of the post.
    pub postal_code: Option<String>,
    /// The country's name.
    pub country: Option<String>,
    /// Every other member.
    pub extra: Members,
}

impl Address {
    pub(super) fn read(value: Json, reader: &Reader) -> Result<Self, Fault> {
        let Json::Object(mut members) = value else {
            return Err(Fault::StandardClaim("address"));
        };
        let mut text = |name| {
            let read = reader.text(&mut members, name);
            read.map_err(|_| Fault::StandardClaim("address"))
        };
        Ok(Self {
            formatted: text("formatted")?,
            street_address: text("street_address")?,
            locality: text("locality")?,
            region: text("region")?,
            postal_code: text("postal_code")?,
            country: text("country")?,
            extra: members,
        })
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}
