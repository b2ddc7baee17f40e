//! Years of releases on a small workspace: changes, releases of all or of one crate, publications that are cut off anywhere and resumed,
//! withdrawn versions. Whatever comes, nobody is left behind and no number is used twice.

use proptest::prelude::*;
use semver::{Version, VersionReq};

use super::super::bump::Change;
use super::world::World;
use super::{Asked, Bump, State};

/// Leaf first; whoever needs `json` or `token` shows it, the program at the end shows nothing.
const CRATES: &[(&str, &[&str])] = &[
    ("json", &[]),
    ("token", &["json!"]),
    ("store", &["token"]),
    ("grant", &["token!", "json"]),
    ("cli", &["grant", "store"]),
];

#[derive(Debug, Clone)]
enum Event {
    Changes(usize, Change),
    /// Of all, or of one; then published as far as so many steps go, as often as it takes.
    Release(Option<usize>, Vec<usize>),
    Yank(usize),
}

fn event() -> impl Strategy<Value = Event> {
    let crate_ = 0..CRATES.len();
    let change = prop_oneof![
        Just(Change::Inner),
        Just(Change::Addition),
        Just(Change::Breaking)
    ];
    let steps = prop::collection::vec(0..4usize, 0..3);
    prop_oneof![
        4 => (crate_.clone(), change).prop_map(|(crate_, change)| Event::Changes(crate_, change)),
        3 => (prop::option::of(crate_.clone()), steps).prop_map(|(one, steps)| Event::Release(one, steps)),
        1 => crate_.prop_map(Event::Yank),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_nobody_is_left_behind_and_no_number_is_used_twice(events in prop::collection::vec(event(), 1..24)) {
        let mut world = World::default();
        for (name, needs) in CRATES {
            world = world.with(&format!("{name} 0.1.0"), needs);
            world.tree(name).unreleased = vec!["It is there.".to_owned()];
        }
        for event in events {
            match event {
                Event::Changes(at, change) => {
                    let name = CRATES[at].0;
                    // Against a release that never was nothing can be measured.
                    if world.tags.of(name).next().is_some() {
                        let change = world.tree(name).change.max(change);
                        world = world.changed(name, change);
                    }
                }
                Event::Release(one, steps) => release(&mut world, one, &steps),
                Event::Yank(at) => {
                    let newest = world.registry.of(CRATES[at].0).last();
                    if let Some((newest, _)) = newest.map(|(version, published)| (version.to_string(), published)) {
                        world = world.yanked(CRATES[at].0, &newest);
                    }
                }
            }
        }
    }
}

fn release(world: &mut World, one: Option<usize>, steps: &[usize]) {
    let asked = one.map(|at| Asked {
        name: CRATES[at].0.to_owned(),
        wish: None,
    });
    let Ok(bumps) = world.plan().prepare(asked.as_slice()) else {
        return;
    };
    for Bump { name, to, .. } in &bumps {
        let newest = world.registry.of(name).map(|(version, _)| version).last();
        assert!(
            newest.is_none_or(|newest| newest < to),
            "{name} goes from {newest:?} to {to}"
        );
        let tree = world.tree(name);
        tree.version = to.clone();
        tree.has_notes = true;
        tree.unreleased.clear();
    }
    // Withdrawn versions may be in the way of a publication. Then nothing of it is done, and the next release mends it.
    for steps in steps.iter().copied().chain([usize::MAX]) {
        let Ok(left) = world.plan().publication() else {
            return;
        };
        let mut room = steps;
        for (name, version) in &left.publish {
            if room == 0 {
                break;
            }
            room -= 1;
            publish(world, name, version);
        }
        for (name, version) in &left.tag {
            if room == 0 {
                break;
            }
            room -= 1;
            world
                .tags
                .0
                .entry(name.clone())
                .or_default()
                .insert(version.clone());
            world.tree(name).change = Change::Nothing;
        }
    }
    let plan = world.plan();
    for Bump { name, .. } in &bumps {
        assert_eq!(plan.find(name).unwrap().state, State::Released, "{name}");
    }
    nobody_is_left_behind(world, &bumps);
}

/// As cargo and the registry would: everything it asks for has to be there.
fn publish(world: &mut World, name: &str, version: &Version) {
    let needs: Vec<String> = world.tree(name).needs.iter().cloned().collect();
    let mut asks = Vec::new();
    for need in needs {
        let requirement = format!("^{}", world.tree(&need).version);
        let matches = VersionReq::parse(&requirement).unwrap();
        let had = world
            .registry
            .of(&need)
            .any(|(version, published)| matches.matches(version) && !published.yanked);
        assert!(
            had,
            "{name} {version} is published before the {need} {requirement} that it asks for"
        );
        asks.push((need, requirement));
    }
    let asks: Vec<(&str, &str)> = asks
        .iter()
        .map(|(need, asks)| (need.as_str(), asks.as_str()))
        .collect();
    *world = world.clone().published(name, &version.to_string(), &asks);
}

/// Who has the newest version of any crate has one that goes with what was released now.
fn nobody_is_left_behind(world: &World, bumps: &[Bump]) {
    for (name, _) in CRATES {
        let Some(newest) = world.registry.newest_usable(name) else {
            continue;
        };
        for Bump { name: need, to, .. } in bumps {
            let takes = newest.needs.get(need).is_none_or(|asks| asks.matches(to));
            assert!(takes, "{name} is left behind by {need} {to}");
        }
    }
}
