//! After a 401 of the resource comes the next alternative, never the same again: checked against a naive model.

use std::collections::BTreeSet;

use hallpass::{Alternatives, Requirement, Scheme, SecurityError};
use proptest::prelude::*;

use crate::support::{Answer, Script, api, files, key, security};

#[tokio::test]
async fn what_the_resource_refused_is_followed_by_the_next_and_then_by_an_error() {
    let fresh = r#"{"access_token":"canary","token_type":"bearer"}"#;
    let script = Script::of([Answer::Says(200, fresh)]);
    let session = Scheme::oauth("session", api(), script.expired_session().await).unwrap();
    let schemes = [
        session,
        key("lacking", ""),
        key("tenant", "t"),
        key("apiKey", "k"),
    ];
    let both = Requirement::all(["session", "tenant"]);
    let security = security(
        schemes,
        Requirement::any([
            "lacking".into(),
            "session".into(),
            both,
            "session".into(),
            "apiKey".into(),
        ]),
    );
    let mut left = security.alternatives();
    for expected in [vec!["session"], vec!["session", "tenant"], vec!["apiKey"]] {
        let applied = left.authorize(&mut files()).await.unwrap();
        assert_eq!(applied.schemes(), expected);
        left = applied.refused();
    }
    let error = left.authorize(&mut files()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no alternative is left: the resource refused session, session with tenant, apiKey"
    );
    let SecurityError::Unmet(unmet) = error else {
        panic!("{error:?}")
    };
    assert_eq!(unmet.refused().len(), 3);
    assert_eq!(unmet.causes().len(), 1);
    assert_eq!(script.requests(), 1, "the token endpoint is asked once");
}

#[test]
fn alternatives_that_never_end_end_after_a_thousand() {
    // 2^20 alternatives of the same two schemes. The last of them is the one that needs b alone.
    let pair = || Requirement::any(["a", "b"]);
    let security = security(
        [key("a", "1"), key("b", "2")],
        Requirement::all(vec![pair(); 20]),
    );
    let all = take(security.alternatives(), usize::MAX);
    assert_eq!(all, [names(&["a"]), names(&["a", "b"])]);
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The names of every alternative, up to so many, by being refused again and again.
fn take(mut left: Alternatives, most: usize) -> Vec<BTreeSet<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut all = Vec::new();
    while all.len() < most {
        let mut request = files();
        match runtime.block_on(left.authorize(&mut request)) {
            Ok(applied) => {
                let written: BTreeSet<String> = request
                    .headers()
                    .keys()
                    .map(|name| name.to_string())
                    .collect();
                assert_eq!(
                    written,
                    names(&applied.schemes()),
                    "what is told is what is written"
                );
                all.push(written);
                left = applied.refused();
            }
            Err(SecurityError::Unmet(_)) => {
                assert!(request.headers().is_empty());
                break;
            }
            Err(error) => panic!("{error:?}"),
        }
    }
    all
}

/// The model: a tree that descends, and every alternative written out.
#[derive(Clone, Debug)]
enum Tree {
    Scheme(usize),
    All(Vec<Tree>),
    Any(Vec<Tree>),
}

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

impl Tree {
    fn requirement(&self) -> Requirement {
        match self {
            Tree::Scheme(at) => NAMES[*at].into(),
            Tree::All(members) => Requirement::all(members.iter().map(Tree::requirement)),
            Tree::Any(members) => Requirement::any(members.iter().map(Tree::requirement)),
        }
    }

    fn alternatives(&self, usable: &[bool]) -> Vec<BTreeSet<String>> {
        match self {
            Tree::Scheme(at) if usable[*at] => vec![names(&[NAMES[*at]])],
            Tree::Scheme(_) => Vec::new(),
            Tree::Any(members) => members
                .iter()
                .flat_map(|one| one.alternatives(usable))
                .collect(),
            Tree::All(members) => members
                .iter()
                .fold(vec![BTreeSet::new()], |before, member| {
                    let own = member.alternatives(usable);
                    let with = |some: &BTreeSet<String>| -> Vec<BTreeSet<String>> {
                        own.iter()
                            .map(|more| some.union(more).cloned().collect())
                            .collect()
                    };
                    before.iter().flat_map(with).collect()
                }),
        }
    }

    /// The message, when there is no alternative; `None` when there is.
    fn missing(&self, usable: &[bool]) -> Option<(String, &'static str)> {
        let joined = |lacking: Vec<(String, &'static str)>, by: &'static str| match lacking.len() {
            1 => lacking.into_iter().next().unwrap(),
            _ => {
                let texts: Vec<String> = lacking
                    .into_iter()
                    .map(|(text, own)| match own.is_empty() || own == by {
                        true => text,
                        false => format!("({text})"),
                    })
                    .collect();
                (texts.join(by), by)
            }
        };
        match self {
            Tree::Scheme(at) if usable[*at] => None,
            Tree::Scheme(at) => Some((format!("[{}: key is undefined.]", NAMES[*at]), "")),
            Tree::All(members) => {
                let lacking: Vec<_> = members
                    .iter()
                    .filter_map(|one| one.missing(usable))
                    .collect();
                (!lacking.is_empty()).then(|| joined(lacking, " and "))
            }
            Tree::Any(members) => {
                let lacking: Option<Vec<_>> =
                    members.iter().map(|one| one.missing(usable)).collect();
                lacking.map(|lacking| joined(lacking, " or "))
            }
        }
    }
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = (0..NAMES.len()).prop_map(Tree::Scheme);
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Tree::All),
            prop::collection::vec(inner, 1..4).prop_map(Tree::Any),
        ]
    })
}

proptest! {
    #[test]
    fn every_requirement_gives_what_the_naive_model_gives_in_its_order(
        tree in tree(),
        usable in prop::collection::vec(any::<bool>(), NAMES.len()),
    ) {
        let naive = tree.alternatives(&usable);
        prop_assume!(naive.len() <= 1000);
        let mut expected: Vec<BTreeSet<String>> = Vec::new();
        for alternative in naive {
            if !expected.contains(&alternative) {
                expected.push(alternative);
            }
        }
        let schemes = NAMES.iter().zip(&usable).map(|(name, usable)| match usable {
            true => key(name, "secret"),
            false => key(name, ""),
        });
        let security = security(schemes, tree.requirement());
        let found = take(security.alternatives(), usize::MAX);
        prop_assert_eq!(&found, &expected);

        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let answer = runtime.block_on(security.authorize(&mut files()));
        match tree.missing(&usable) {
            Some((text, _)) => prop_assert_eq!(answer.unwrap_err().to_string(), text),
            None => prop_assert_eq!(names(&answer.unwrap().schemes()), expected[0].clone()),
        }
    }
}
