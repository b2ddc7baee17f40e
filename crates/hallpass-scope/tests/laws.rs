//! Laws that hold for every set.

use hallpass_scope::Scopes;
use proptest::prelude::*;

/// Tokens of few letters meet often; tokens of any allowed character go everywhere else.
fn wire() -> impl Strategy<Value = String> {
    prop_oneof!["( {0,2}[ab]{1,2}){0,40}", "[ !#-\\[\\]-~]{0,80}"]
}

fn set() -> impl Strategy<Value = Scopes> {
    wire().prop_map(|wire| Scopes::parse(&wire).unwrap())
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(scopes in set()) {
        let again = Scopes::parse(&scopes.to_string()).unwrap();
        prop_assert_eq!(again.as_str(), scopes.as_str());
        let json = serde_json::to_string(&scopes).unwrap();
        let again: Scopes = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(again.as_str(), scopes.as_str());
    }

    #[test]
    fn reading_is_inserting_one_token_after_the_other(wire in wire()) {
        let mut inserted = Scopes::new();
        for token in wire.split_ascii_whitespace() {
            inserted.insert(token).unwrap();
        }
        let read = Scopes::parse(&wire).unwrap();
        prop_assert_eq!(read.as_str(), inserted.as_str());
    }

    #[test]
    fn any_string_is_read_or_refused_at_a_character_of_it(text in any::<String>()) {
        match Scopes::parse(&text) {
            Ok(scopes) => prop_assert!(scopes.iter().all(|token| text.contains(token))),
            Err(error) => {
                prop_assert_eq!(text[error.position()..].chars().next(), error.character());
            }
        }
    }

    #[test]
    fn a_set_is_its_intersection_and_its_difference_with_another(a in set(), b in set()) {
        let (common, rest) = (a.intersection(&b), a.difference(&b));
        prop_assert_eq!(common.len() + rest.len(), a.len());
        prop_assert!(common.is_subset(&a) && common.is_subset(&b) && rest.is_subset(&a));
        prop_assert!(rest.intersection(&b).is_empty());
        prop_assert_eq!(common, b.intersection(&a));
    }

    #[test]
    fn sets_are_equal_when_each_is_in_the_other(a in set(), b in set()) {
        prop_assert_eq!(a == b, a.is_subset(&b) && b.is_subset(&a));
        prop_assert_eq!(a == b, a.compared_with(&b).is_exact());
    }

    #[test]
    fn order_does_not_matter(scopes in set()) {
        let mut tokens: Vec<_> = scopes.iter().collect();
        tokens.sort_unstable();
        prop_assert_eq!(Scopes::parse(&tokens.join(" ")).unwrap(), scopes);
    }

    #[test]
    fn the_grant_is_the_request_less_the_missing_with_the_added(a in set(), b in set()) {
        let difference = a.compared_with(&b);
        let mut grant = a.difference(&difference.missing);
        for token in difference.added.iter() {
            prop_assert!(grant.insert(token).unwrap());
        }
        prop_assert_eq!(grant, b);
    }
}
