//! From enums to sets and back.

use hallpass_scope::{Scope, Scopes};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pets {
    Read,
    Write,
}

impl Scope for Pets {
    const ALL: &'static [Self] = &[Self::Read, Self::Write];

    fn name(&self) -> &'static str {
        match self {
            Self::Read => "READPETS",
            Self::Write => "WRITEPETS",
        }
    }

    fn value(&self) -> &'static str {
        match self {
            Self::Read => "read:pets",
            Self::Write => "write:pets",
        }
    }

    fn description(&self) -> &'static str {
        ""
    }
}

#[derive(Clone, Copy)]
struct Careless(&'static str);

impl Scope for Careless {
    const ALL: &'static [Self] = &[Self("careless")];

    fn name(&self) -> &'static str {
        "CARELESS"
    }

    fn value(&self) -> &'static str {
        self.0
    }

    fn description(&self) -> &'static str {
        ""
    }
}

#[test]
fn a_set_is_made_from_scopes_in_the_order_given() {
    let collected: Scopes = [Pets::Write, Pets::Read, Pets::Write].into_iter().collect();
    assert_eq!(collected.as_str(), "write:pets read:pets");
    let built = Scopes::new()
        .with(Pets::Write)
        .with(Pets::Read)
        .with(Pets::Write);
    assert_eq!(built.as_str(), "write:pets read:pets");
    assert_eq!(Scopes::from(Pets::Read).as_str(), "read:pets");
    assert_eq!(
        Scopes::from([Pets::Read, Pets::Write]).as_str(),
        "read:pets write:pets"
    );
}

#[test]
fn scopes_of_several_enums_and_plain_tokens_share_a_set() {
    let mut scopes = Scopes::parse("openid read:pets").unwrap();
    scopes.extend([Pets::Read, Pets::Write]);
    scopes.insert("email").unwrap();
    assert_eq!(scopes.as_str(), "openid read:pets write:pets email");
    assert!(scopes.contains(&Pets::Write));
    assert!(scopes.contains_value("openid"));
}

#[test]
fn the_scopes_that_an_enum_knows_come_back_typed() {
    let scopes = Scopes::parse("openid write:pets READ:PETS read:pets").unwrap();
    let known: Vec<Pets> = scopes.of().collect();
    assert_eq!(known, [Pets::Write, Pets::Read]);
    assert_eq!(Scopes::new().of::<Pets>().next(), None);
}

#[test]
fn two_sets_are_equal_whatever_their_order() {
    let one = Scopes::parse("a bb ccc").unwrap();
    assert_eq!(one, Scopes::parse("ccc a bb").unwrap());
    for other in ["a bb", "a bb ccd", "abb ccc", "aa b ccc", ""] {
        assert_ne!(one, Scopes::parse(other).unwrap(), "{other:?}");
    }
}

#[test]
#[should_panic(expected = "the value of the scope CARELESS: a scope cannot hold ' ' (byte 1)")]
fn a_handwritten_scope_that_is_no_token_is_reported_to_its_author() {
    let _ = Scopes::new().with(Careless("a b"));
}

#[test]
#[should_panic(expected = "the value of the scope CARELESS")]
fn a_handwritten_scope_cannot_be_collected_into_a_set_either() {
    let _ = [Careless("")].into_iter().collect::<Scopes>();
}
