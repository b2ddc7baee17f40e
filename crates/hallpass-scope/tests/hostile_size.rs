//! Scopes as large as a hostile server can make them. Every operation is linear: at these sizes a
//! quadratic one would not come back within minutes. The unit tests of `lookup` count the
//! comparisons.

use hallpass_scope::Scopes;

#[test]
fn a_scope_of_one_megabyte_is_one_token() {
    let scopes = Scopes::parse(&"a".repeat(1 << 20)).unwrap();
    assert_eq!((scopes.len(), scopes.as_str().len()), (1, 1 << 20));
}

#[test]
fn a_megabyte_of_spaces_is_the_empty_set() {
    assert!(Scopes::parse(&" ".repeat(1 << 20)).unwrap().is_empty());
}

#[test]
fn a_hundred_thousand_duplicates_are_one_token() {
    let scopes = Scopes::parse(&"read:pets ".repeat(100_000)).unwrap();
    assert_eq!(scopes.as_str(), "read:pets");
}

#[test]
fn two_hundred_thousand_distinct_tokens_are_read_compared_and_subtracted() {
    let forwards: Vec<String> = (0..200_000).map(|n| format!("{n:x}")).collect();
    let backwards: Vec<&str> = forwards.iter().rev().map(String::as_str).collect();
    let forwards = Scopes::parse(&forwards.join(" ")).unwrap();
    let backwards = Scopes::parse(&backwards.join(" ")).unwrap();
    assert_eq!(forwards.len(), 200_000);
    assert_eq!(forwards, backwards);
    assert!(forwards.compared_with(&backwards).is_exact());
    assert_eq!(
        forwards.intersection(&backwards).as_str(),
        forwards.as_str()
    );
    let one = Scopes::parse("30d40").unwrap();
    let difference = one.compared_with(&forwards);
    assert_eq!(difference.missing, one);
    assert_eq!(difference.added.len(), 200_000);
}
