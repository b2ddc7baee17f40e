//! What the compiler says about an enum that defines no scopes: one file for each mistake, with the
//! text beside it.
#![cfg(feature = "derive")]

#[test]
fn every_mistake_is_explained_where_it_was_made() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
