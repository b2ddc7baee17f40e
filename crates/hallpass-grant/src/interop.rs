//! Conversions to and from the types of other crates, each behind a feature of that crate's name.

#[cfg(feature = "http")]
mod http;
#[cfg(feature = "url")]
mod url;
