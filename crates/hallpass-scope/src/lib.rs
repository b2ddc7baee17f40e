#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod difference;
mod invalid;
mod lookup;
mod scope;
mod scopes;

pub use crate::{difference::ScopeDifference, invalid::InvalidScope, scope::Scope, scopes::Scopes};

/// Implements [`Scope`](trait@Scope) for an enum of unit variants.
///
/// See [`hallpass_scope_derive::Scope`] for the attributes.
#[cfg(feature = "derive")]
#[doc(inline)]
pub use hallpass_scope_derive::Scope;
