//! Reading the wire form, and refusing what is none.

use hallpass_scope::{InvalidScope, Scopes};

#[test]
fn the_wire_form_is_tokens_parted_by_single_spaces() {
    let scopes: Scopes = "read write".parse().unwrap();
    assert_eq!(scopes.as_str(), "read write");
    assert_eq!(scopes.to_string(), "read write");
    assert_eq!(scopes.iter().collect::<Vec<_>>(), ["read", "write"]);
    assert_eq!(scopes.len(), 2);
}

#[test]
fn spaces_too_many_are_tolerated() {
    assert_eq!(
        Scopes::parse("  read   write ").unwrap().as_str(),
        "read write"
    );
    for empty in ["", " ", "    "] {
        let scopes = Scopes::parse(empty).unwrap();
        assert!(scopes.is_empty());
        assert_eq!((scopes.len(), scopes.iter().next()), (0, None));
    }
}

#[test]
fn a_token_that_comes_twice_is_kept_once_where_it_came_first() {
    let scopes = Scopes::parse("b a b c a").unwrap();
    assert_eq!(scopes.as_str(), "b a c");
}

#[test]
fn tokens_are_case_sensitive() {
    let scopes = Scopes::parse("read Read").unwrap();
    assert_eq!(scopes.len(), 2);
    assert!(!scopes.contains_value("READ"));
}

#[test]
fn part_of_a_token_is_not_in_the_set() {
    let scopes = Scopes::parse("read:pets write:pets").unwrap();
    for part in ["read", "pets", "read:pets write:pets", " ", ""] {
        assert!(!scopes.contains_value(part), "{part:?}");
    }
}

#[test]
fn other_white_space_quotes_and_backslashes_are_refused_with_their_place() {
    for (scope, position, character) in [
        ("read\twrite", 4, '\t'),
        ("read write\r\n", 10, '\r'),
        ("\"read\"", 0, '"'),
        (r"read\write", 4, '\\'),
        ("read \0", 5, '\0'),
        ("read \u{7f}", 5, '\u{7f}'),
        ("read\u{a0}write", 4, '\u{a0}'),
        ("lesen schön", 9, 'ö'),
    ] {
        let error = Scopes::parse(scope).unwrap_err();
        assert_eq!(
            (error.position(), error.character()),
            (position, Some(character))
        );
    }
}

#[test]
fn an_error_is_short_and_plain_however_long_and_odd_the_scope() {
    let long = format!("{}\n\u{1b}[31mcanary", "a".repeat(1_000_000));
    let text = Scopes::parse(&long).unwrap_err().to_string();
    assert!(text.len() < 200, "{text}");
    assert!(
        text.chars().all(|c| c == ' ' || c.is_ascii_graphic()),
        "{text}"
    );
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn inserting_takes_one_token_at_a_time() {
    let mut scopes = Scopes::new();
    assert_eq!(scopes.insert("read"), Ok(true));
    assert_eq!(scopes.insert("write"), Ok(true));
    assert_eq!(scopes.insert("read"), Ok(false));
    for refused in ["", " ", "a b", " read", "a\nb"] {
        assert!(scopes.insert(refused).is_err(), "{refused:?}");
    }
    assert_eq!(scopes.as_str(), "read write");
}

#[test]
fn serde_writes_and_reads_the_wire_form() {
    let scopes = Scopes::parse("read write").unwrap();
    let json = serde_json::to_string(&scopes).unwrap();
    assert_eq!(json, r#""read write""#);
    assert_eq!(serde_json::from_str::<Scopes>(&json).unwrap(), scopes);
    // Owned strings, and strings with escapes, cannot be borrowed.
    assert_eq!(
        serde_json::from_value::<Scopes>("write read".into()).unwrap(),
        scopes
    );
    assert_eq!(
        serde_json::from_str::<Scopes>(r#""re\u0061d  write""#).unwrap(),
        scopes
    );
}

#[test]
fn serde_refuses_what_is_no_scope_without_repeating_it() {
    for json in [r#""canary\u0000""#, r#"["read"]"#, "null", "7"] {
        let error = serde_json::from_str::<Scopes>(json)
            .unwrap_err()
            .to_string();
        assert!(!error.contains("canary"), "{error}");
    }
}

#[test]
fn debug_shows_a_set() {
    let scopes = Scopes::parse("read write").unwrap();
    assert_eq!(format!("{scopes:?}"), r#"{"read", "write"}"#);
}

#[test]
fn everything_can_be_sent_to_another_thread_and_shared() {
    fn check<T: Send + Sync + 'static>() {}
    check::<Scopes>();
    check::<InvalidScope>();
    check::<hallpass_scope::ScopeDifference>();
}
