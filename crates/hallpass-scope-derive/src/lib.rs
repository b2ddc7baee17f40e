#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use proc_macro::TokenStream;

/// Implements `Scope`.
#[proc_macro_derive(Scope, attributes(scope))]
pub fn derive_scope(_input: TokenStream) -> TokenStream {
    TokenStream::new()
}
