#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod attribute;
mod definition;
mod expand;
mod token;
mod variant;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

use crate::definition::Definition;

/// Implements `hallpass_scope::Scope` for an enum of unit variants.
///
/// - `#[scope("read:pets")]` on every variant: the value, one `scope-token` of RFC 6749 §3.3.
/// - `#[scope("read:pets", name = "READPETS")]`: a name other than the variant's in
///   `SCREAMING_SNAKE_CASE`.
/// - `#[scope(crate = "hallpass::scope")]` on the enum: where the trait is, for a crate that
///   re-exports it.
/// - The doc comment of a variant is the description of the scope.
///
/// The enum has to be `Clone` and `Copy` as well.
#[proc_macro_derive(Scope, attributes(scope))]
pub fn derive_scope(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    Definition::read(&input)
        .map(|definition| expand::implementation(&definition))
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}
