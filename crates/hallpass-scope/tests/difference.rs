//! What was requested against what was granted.

use hallpass_scope::Scopes;

fn scopes(wire: &str) -> Scopes {
    Scopes::parse(wire).unwrap()
}

#[test]
fn a_grant_of_everything_in_another_order_is_exact() {
    let difference = scopes("read write").compared_with(&scopes("write read"));
    assert!(difference.is_exact());
    assert!(difference.missing.is_empty() && difference.added.is_empty());
}

#[test]
fn a_smaller_grant_names_what_is_missing() {
    let difference = scopes("read:pets write:pets").compared_with(&scopes("read:pets"));
    assert!(!difference.is_exact());
    assert_eq!(difference.missing.as_str(), "write:pets");
    assert_eq!(difference.added.as_str(), "");
}

#[test]
fn a_larger_grant_names_what_was_added() {
    let difference = scopes("read").compared_with(&scopes("read admin"));
    assert!(!difference.is_exact());
    assert_eq!(difference.missing.as_str(), "");
    assert_eq!(difference.added.as_str(), "admin");
}

#[test]
fn a_grant_of_something_else_names_both() {
    let difference = scopes("read").compared_with(&scopes("Read"));
    assert_eq!(difference.missing.as_str(), "read");
    assert_eq!(difference.added.as_str(), "Read");
}

#[test]
fn intersection_and_difference_keep_the_order_of_the_first_set() {
    let (left, right) = (scopes("d c b a"), scopes("a c x"));
    assert_eq!(left.intersection(&right).as_str(), "c a");
    assert_eq!(left.difference(&right).as_str(), "d b");
    assert_eq!(right.difference(&left).as_str(), "x");
}

#[test]
fn a_subset_has_nothing_that_the_other_has_not() {
    assert!(scopes("b a").is_subset(&scopes("a b c")));
    assert!(scopes("").is_subset(&scopes("a")));
    assert!(scopes("").is_subset(&scopes("")));
    assert!(!scopes("a d").is_subset(&scopes("a b c")));
    assert!(!scopes("a").is_subset(&scopes("")));
}
