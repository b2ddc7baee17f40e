//! Where each crate stands between two releases, and what follows: a function of the tree, the tags and the registry.

use std::collections::{BTreeMap, BTreeSet};

use semver::{Version, VersionReq};

use super::bump::Change;

mod note;
mod preparation;
mod publication;
#[cfg(test)]
mod simulation;
#[cfg(test)]
pub(crate) mod world;

pub(crate) use note::Note;
pub(crate) use preparation::{Asked, Bump};
pub(crate) use publication::Publication;

/// What the work tree has, in dependency order: no crate before one that it needs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    pub(crate) crates: Vec<Crate>,
}

/// One crate of the tree.
#[derive(Debug, Clone)]
pub(crate) struct Crate {
    pub(crate) name: String,
    /// Its manifest's.
    pub(crate) version: Version,
    /// The crates of ours that have to be in the registry before it.
    pub(crate) needs: BTreeSet<String>,
    /// Those of them that its public API names: what breaks there breaks here.
    pub(crate) shows: BTreeSet<String>,
    /// What its changelog says under Unreleased, a bullet each.
    pub(crate) unreleased: Vec<String>,
    /// Whether its changelog has a section for the manifest's version.
    pub(crate) has_notes: bool,
    /// What became of it since its baseline ([`baseline`]); `Nothing` where it has none.
    pub(crate) change: Change,
    /// What tells so, a line each.
    pub(crate) reasons: Vec<String>,
}

/// The versions of each crate that a tag names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tags(pub(crate) BTreeMap<String, BTreeSet<Version>>);

/// What was published of each crate.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registry(pub(crate) BTreeMap<String, BTreeMap<Version, Published>>);

/// One version in a registry.
#[derive(Debug, Clone, Default)]
pub(crate) struct Published {
    pub(crate) yanked: bool,
    /// Of its package, in hexadecimal.
    pub(crate) sha256: String,
    /// What it asks for of our other crates.
    pub(crate) needs: BTreeMap<String, VersionReq>,
}

/// The version that a crate's change is measured against.
pub(crate) fn baseline<'a>(tags: &'a Tags, registry: &Registry, name: &str) -> Option<&'a Version> {
    let yanked = |version: &Version| {
        registry
            .of(name)
            .any(|(known, published)| known == version && published.yanked)
    };
    // Where all were withdrawn, somebody still has the last.
    let kept = tags.of(name).filter(|version| !yanked(version)).last();
    kept.or(tags.of(name).last())
}

/// All crates, in dependency order.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) crates: Vec<Planned>,
    registry: Registry,
}

/// One crate, and where it stands.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) tree: Crate,
    pub(crate) state: State,
    /// The newest version that was ever given out, by a tag or by the registry.
    pub(crate) newest: Option<Version>,
    /// What its change is measured against: the newest that has a tag and was not yanked, if there is one.
    pub(crate) baseline: Option<Version>,
    /// What the next release has to be at least.
    pub(crate) least: Version,
    pub(crate) notes: Vec<Note>,
}

/// Where a crate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It was never released.
    New,
    /// It is as it was released.
    Released,
    /// Its users do not have what the tree has.
    Changed,
    /// Version and changelog are ready, the registry does not have it.
    Prepared,
    /// The registry has it and no tag says where it came from: a publication was cut off.
    Untagged,
}

impl Plan {
    /// Nothing else goes into it, and it changes nothing.
    pub(crate) fn of(tree: Tree, tags: &Tags, registry: Registry) -> Plan {
        let crates = tree.crates.into_iter();
        let crates = crates.map(|tree| Planned::of(tree, tags, &registry));
        Plan {
            crates: crates.collect(),
            registry,
        }
    }

    /// Fails with every obstacle of every crate: a release from such a tree would take something back that others have.
    fn nothing_is_in_the_way(&self) -> Result<(), String> {
        let obstacles: Vec<String> = self.crates.iter().filter_map(Planned::obstacle).collect();
        match obstacles.as_slice() {
            [] => Ok(()),
            obstacles => Err(obstacles.join("\n")),
        }
    }

    /// The crate of that name.
    pub(crate) fn find(&self, name: &str) -> Option<&Planned> {
        self.crates.iter().find(|planned| planned.tree.name == name)
    }
}

impl Planned {
    fn of(tree: Crate, tags: &Tags, registry: &Registry) -> Planned {
        let name = &tree.name;
        let published: BTreeMap<&Version, &Published> = registry.of(name).collect();
        let is_tagged = tags.of(name).any(|version| *version == tree.version);
        let newest = tags
            .of(name)
            .chain(published.keys().copied())
            .max()
            .cloned();
        let state = match published.contains_key(&tree.version) {
            true if !is_tagged => State::Untagged,
            true if tree.change == Change::Nothing => State::Released,
            true => State::Changed,
            false if tree.has_notes => State::Prepared,
            false if newest.is_none() => State::New,
            false => State::Changed,
        };
        let mut notes = Vec::new();
        let last = published.last_key_value();
        if let Some((version, Published { yanked: true, .. })) = last {
            notes.push(Note::Yanked((*version).clone()));
        }
        let last = published
            .iter()
            .rev()
            .find(|(_, published)| !published.yanked);
        if let Some((version, _)) = last.filter(|(version, _)| ***version > tree.version) {
            notes.push(Note::Behind((*version).clone()));
        }
        let above = |tag: &&Version| published.keys().all(|known| known < tag);
        notes.extend(tags.of(name).filter(above).cloned().map(Note::TaggedOnly));
        let usable = registry.newest_usable(name);
        for (need, requirement) in usable.into_iter().flat_map(|published| &published.needs) {
            let mut had = registry
                .of(need)
                .filter(|(version, _)| requirement.matches(version));
            if had.clone().next().is_some() && had.all(|(_, published)| published.yanked) {
                let (need, requirement) = (need.clone(), requirement.to_string());
                notes.push(Note::NeedsYanked { need, requirement });
            }
        }
        if state == State::Prepared && !tree.unreleased.is_empty() {
            notes.push(Note::MoreToSay);
        }
        let baseline = baseline(tags, registry, name).cloned();
        let least = least(&tree, baseline.as_ref(), newest.as_ref(), state);
        Planned {
            tree,
            state,
            newest,
            baseline,
            least,
            notes,
        }
    }

    /// Why nothing of it may be released from this tree, if so.
    pub(super) fn obstacle(&self) -> Option<String> {
        let in_the_way = |note: &&Note| matches!(note, Note::Behind(_) | Note::TaggedOnly(_));
        if let Some(note) = self.notes.iter().find(in_the_way) {
            return Some(format!("{}: {note}", self.tree.name));
        }
        let is_open = !matches!(self.state, State::Released | State::Untagged);
        (is_open && self.is_unmeasured()).then(|| {
            format!(
                "{} was released, and no tag here tells what it was then: `git fetch --tags` brings the tags (in a shallow clone `git fetch --tags --unshallow`)",
                self.tree.name
            )
        })
    }

    /// Whether it was released and nothing here tells what it was then.
    pub(crate) fn is_unmeasured(&self) -> bool {
        self.newest.is_some() && self.baseline.is_none()
    }

    /// The smallest version that a release of it may have, where at least `change` became of it.
    fn least_for(&self, change: Change) -> Version {
        match &self.newest {
            Some(newest) if self.state != State::New => {
                self.least.clone().max(change.after(newest))
            }
            _ => self.least.clone(),
        }
    }
}

/// Versions only go up: what was yanked or tagged by mistake stays taken, and so does what the manifest already says.
fn least(
    tree: &Crate,
    baseline: Option<&Version>,
    newest: Option<&Version>,
    state: State,
) -> Version {
    let Some(newest) = newest else {
        return tree.version.clone();
    };
    let asked = tree.change.after(baseline.unwrap_or(newest));
    let free = if *newest < asked {
        asked
    } else {
        Change::Inner.after(newest)
    };
    match state {
        State::Prepared | State::Changed if tree.version > *newest => {
            free.max(tree.version.clone())
        }
        _ => free,
    }
}

impl Tags {
    /// In their order.
    pub(crate) fn of(&self, name: &str) -> impl Iterator<Item = &Version> {
        self.0.get(name).into_iter().flatten()
    }
}

impl Registry {
    /// In their order.
    pub(crate) fn of(&self, name: &str) -> impl Iterator<Item = (&Version, &Published)> + Clone {
        self.0.get(name).into_iter().flatten()
    }

    /// What who asks for the crate without a version gets.
    fn newest_usable(&self, name: &str) -> Option<&Published> {
        let versions = self.0.get(name)?;
        versions.values().rev().find(|published| !published.yanked)
    }

    /// Whether it can be had by who asks for it today.
    fn has(&self, name: &str, version: &Version) -> bool {
        self.of(name)
            .any(|(known, published)| known == version && !published.yanked)
    }
}

#[cfg(test)]
mod tests {
    use super::world::{World, version};
    use super::*;

    #[test]
    fn a_crate_that_nobody_has_is_released_as_it_stands() {
        let plan = World::default().with("json 0.1.0", &[]).plan();
        let json = plan.find("json").unwrap();
        assert_eq!(json.state, State::New);
        assert_eq!(json.least, version("0.1.0"));
    }

    #[test]
    fn a_crate_stands_where_tree_tags_and_registry_say() {
        use Change::{Breaking, Inner, Nothing};
        for (manifest, notes, tags, published, change, state, least) in [
            ("0.1.0", true, "", "", Nothing, State::Prepared, "0.1.0"),
            (
                "0.1.0",
                true,
                "",
                "0.1.0",
                Nothing,
                State::Untagged,
                "0.1.1",
            ),
            (
                "0.1.0",
                true,
                "0.1.0",
                "0.1.0",
                Nothing,
                State::Released,
                "0.1.1",
            ),
            (
                "0.1.0",
                true,
                "0.1.0",
                "0.1.0",
                Inner,
                State::Changed,
                "0.1.1",
            ),
            (
                "0.1.0",
                true,
                "0.1.0",
                "0.1.0",
                Breaking,
                State::Changed,
                "0.2.0",
            ),
            // Somebody has counted up by hand, too little and enough.
            (
                "0.1.1",
                false,
                "0.1.0",
                "0.1.0",
                Breaking,
                State::Changed,
                "0.2.0",
            ),
            (
                "0.3.0",
                false,
                "0.1.0",
                "0.1.0",
                Breaking,
                State::Changed,
                "0.3.0",
            ),
            (
                "0.2.0",
                true,
                "0.1.0",
                "0.1.0",
                Breaking,
                State::Prepared,
                "0.2.0",
            ),
        ] {
            let mut world = World::default().with(&format!("a {manifest}"), &[]);
            world.tree("a").has_notes = notes;
            world.tree("a").change = change;
            for tag in tags.split_terminator(' ') {
                world = world.tagged("a", tag);
            }
            for release in published.split_terminator(' ') {
                world = world.published("a", release, &[]);
            }
            let plan = world.plan();
            let a = plan.find("a").unwrap();
            assert_eq!(
                (a.state, &a.least),
                (state, &version(least)),
                "{manifest} {tags} {published} {change:?}"
            );
        }
    }

    #[test]
    fn a_yanked_number_is_never_used_again_and_the_change_is_measured_from_what_is_left() {
        for (change, least) in [(Change::Inner, "0.2.1"), (Change::Breaking, "0.2.1")] {
            let mut world = World::default().with("a 0.2.0", &[]);
            world.tree("a").change = change;
            let world = world
                .released("a", "0.1.3")
                .released("a", "0.2.0")
                .yanked("a", "0.2.0");
            assert_eq!(
                baseline(&world.tags, &world.registry, "a"),
                Some(&version("0.1.3"))
            );
            let plan = world.plan();
            let a = plan.find("a").unwrap();
            assert_eq!(a.least, version(least), "{change:?}");
            assert_eq!(a.notes, [Note::Yanked(version("0.2.0"))]);
        }
    }

    #[test]
    fn who_depends_on_what_was_yanked_is_told() {
        let world = World::default()
            .with("a 0.2.0", &[])
            .with("b 0.1.0", &["a"])
            .released("a", "0.1.0")
            .released("a", "0.2.0")
            .yanked("a", "0.2.0")
            .tagged("b", "0.1.0")
            .published("b", "0.1.0", &[("a", "^0.2.0")]);
        let plan = world.plan();
        let note = &plan.find("b").unwrap().notes[0];
        assert!(
            note.to_string()
                .starts_with("asks for a ^0.2.0, of which every version is yanked"),
            "{note}"
        );
        let world = world.published("a", "0.2.1", &[]);
        assert_eq!(world.plan().find("b").unwrap().notes, []);
    }

    #[test]
    fn where_every_version_was_yanked_the_next_is_measured_against_the_last_of_them() {
        let world = World::default().with("a 0.1.0", &[]).released("a", "0.1.0");
        let world = world.yanked("a", "0.1.0").changed("a", Change::Inner);
        let bumps = world.plan().prepare(&[]).unwrap();
        assert_eq!(bumps[0].to, version("0.1.1"));
        assert_eq!(bumps[0].why, "a fix since 0.1.0");
    }

    #[test]
    fn without_the_tags_nothing_is_said_of_a_change_and_nothing_is_released() {
        let mut world = World::default()
            .with("a 0.1.1", &[])
            .published("a", "0.1.0", &[]);
        world.tree("a").unreleased = vec!["Something is better.".to_owned()];
        assert!(world.plan().find("a").unwrap().is_unmeasured());
        let refused = world.plan().prepare(&[]).unwrap_err();
        assert!(
            refused.contains("`git fetch --tags` brings the tags"),
            "{refused}"
        );
        world.tree("a").has_notes = true;
        assert_eq!(world.plan().publication().unwrap_err(), refused);
    }

    #[test]
    fn from_a_tree_that_is_behind_nothing_is_released() {
        let world = World::default().with("a 0.1.0", &[]).released("a", "0.1.0");
        let world = world.released("a", "0.1.1").changed("a", Change::Inner);
        for error in [
            world.plan().prepare(&[]).map(drop).unwrap_err(),
            world.plan().publication().map(drop).unwrap_err(),
        ] {
            assert_eq!(
                error,
                "a: 0.1.1 is released, and the tree is not: get it first, with `git pull`"
            );
        }
    }

    #[test]
    fn a_tag_that_no_release_has_is_in_the_way_until_somebody_removes_it() {
        let world = World::default().with("a 0.1.0", &[]).released("a", "0.1.0");
        let world = world.tagged("a", "9.0.0").changed("a", Change::Inner);
        let error = world.plan().prepare(&[]).unwrap_err();
        assert!(
            error.starts_with("a: 9.0.0 has a tag, but the registry"),
            "{error}"
        );
        assert_eq!(world.plan().publication().unwrap_err(), error);
    }

    #[test]
    fn a_tag_without_a_publication_is_told() {
        let mut world = World::default().with("a 0.1.0", &[]).tagged("a", "0.1.0");
        world.tree("a").has_notes = true;
        let plan = world.plan();
        let a = plan.find("a").unwrap();
        assert_eq!(a.state, State::Prepared);
        assert_eq!(a.notes, [Note::TaggedOnly(version("0.1.0"))]);
    }
}
