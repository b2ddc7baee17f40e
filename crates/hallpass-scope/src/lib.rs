// The examples of the README derive.
#![cfg_attr(feature = "derive", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "derive"),
    doc = "OAuth 2.0 scopes as Rust enums and sets."
)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod difference;
mod invalid;
mod lookup;
mod scope;
mod scopes;

pub use crate::{difference::ScopeDifference, invalid::InvalidScope, scope::Scope, scopes::Scopes};

#[cfg(feature = "derive")]
#[doc(inline)]
pub use hallpass_scope_derive::Scope;
