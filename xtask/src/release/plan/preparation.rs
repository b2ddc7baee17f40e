//! Which crates a release takes along, and by which versions.

use std::collections::BTreeMap;

use semver::Version;

use super::super::bump::{self, Change, Wish};
use super::{Plan, Planned, State};

/// A crate that is to be released, and the version that is asked for, if one is.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) wish: Option<Wish>,
}

/// One crate's new version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bump {
    pub(crate) name: String,
    pub(crate) from: Version,
    pub(crate) to: Version,
    /// Why it is released, for the maintainer.
    pub(crate) why: String,
    /// What its changelog gets beside its own bullets: what it needs now.
    pub(crate) says: Vec<String>,
}

impl Plan {
    /// The versions of what is asked for, of all that has changed where nothing is; with what they need and with whoever
    /// would be left behind. In dependency order.
    ///
    /// # Errors
    /// With every reason why not, one a line.
    pub(crate) fn prepare(&self, asked: &[Asked]) -> Result<Vec<Bump>, String> {
        self.nothing_is_in_the_way()?;
        let mut preparation = Preparation::begin(self, asked)?;
        while preparation.grow() {}
        preparation.finish()
    }
}

struct Preparation<'a> {
    plan: &'a Plan,
    wishes: BTreeMap<&'a str, &'a Wish>,
    /// Why each of them is taken along.
    chosen: BTreeMap<&'a str, String>,
}

impl<'a> Preparation<'a> {
    fn begin(plan: &'a Plan, asked: &'a [Asked]) -> Result<Preparation<'a>, String> {
        let mut preparation = Preparation {
            plan,
            wishes: BTreeMap::new(),
            chosen: BTreeMap::new(),
        };
        if asked.is_empty() {
            let open = plan.crates.iter().filter(|planned| planned.is_open());
            preparation.chosen = open
                .map(|planned| (planned.name(), planned.why()))
                .collect();
            if preparation.chosen.is_empty() {
                return Err("no crate has changed since its release".to_owned());
            }
        }
        for Asked { name, wish } in asked {
            let planned = plan.find(name).ok_or_else(|| {
                let known: Vec<&str> = plan.crates.iter().map(Planned::name).collect();
                format!(
                    "no crate is called `{name}`: there are {}",
                    known.join(", ")
                )
            })?;
            if planned.state == State::Untagged {
                return Err(format!(
                    "{name} {} is published and has no tag yet: finish that publication, or if it cannot be finished set the tags that are due with `cargo xtask release tag`",
                    planned.tree.version
                ));
            }
            if !planned.is_open() && planned.state != State::Prepared {
                return Err(format!(
                    "{name} is as it was released: there is nothing to prepare"
                ));
            }
            preparation.chosen.insert(name, planned.why());
            if let Some(wish) = wish {
                preparation.wishes.insert(name, wish);
            }
        }
        Ok(preparation)
    }

    /// Takes one more crate along, if one has to come.
    fn grow(&mut self) -> bool {
        for planned in &self.plan.crates {
            if self.chosen.contains_key(planned.name()) {
                let needs = planned
                    .tree
                    .needs
                    .iter()
                    .filter_map(|need| self.plan.find(need));
                let missing = needs
                    .filter(|need| !self.chosen.contains_key(need.name()))
                    .find(|need| need.has_what_others_may_need());
                if let Some(need) = missing {
                    let why = format!("{}, and {} is built with it", need.why(), planned.name());
                    self.chosen.insert(need.name(), why);
                    return true;
                }
            } else if planned.newest.is_some() && !self.broken(planned).is_empty() {
                let broken = self.broken(planned).join(", ");
                let why = format!("needs {broken}, which its users would get twice");
                self.chosen.insert(planned.name(), why);
                return true;
            }
        }
        false
    }

    fn finish(self) -> Result<Vec<Bump>, String> {
        let (mut bumps, mut refusals) = (Vec::new(), Vec::new());
        let chosen = self
            .plan
            .crates
            .iter()
            .filter(|planned| self.chosen.contains_key(planned.name()));
        for planned in chosen {
            match self.bump(planned) {
                Ok(bump) => bumps.push(bump),
                Err(refusal) => refusals.push(refusal),
            }
        }
        match refusals.as_slice() {
            [] => Ok(bumps),
            refusals => Err(refusals.join("\n")),
        }
    }

    fn bump(&self, planned: &Planned) -> Result<Bump, String> {
        let name = planned.name();
        let version = self.version(planned);
        let least = self.least(planned);
        if version < least {
            return Err(format!(
                "{name} {version} is too small: {} asks for {least} at least{}",
                self.change(planned).word(),
                planned
                    .tree
                    .reasons
                    .first()
                    .map(|reason| format!(" ({reason})"))
                    .unwrap_or_default()
            ));
        }
        let says: Vec<String> = self
            .broken(planned)
            .into_iter()
            .map(|need| format!("Needs {need}."))
            .collect();
        let silent = planned.tree.unreleased.is_empty();
        if silent && planned.is_open()
            || silent && says.is_empty() && planned.state != State::Prepared
        {
            return Err(format!(
                "{name} has changed and its changelog has nothing under Unreleased: write what a user sees of it"
            ));
        }
        Ok(Bump {
            name: name.to_owned(),
            from: planned.tree.version.clone(),
            to: version,
            why: self.chosen[name].clone(),
            says,
        })
    }

    /// The wished one, or the least.
    fn version(&self, planned: &Planned) -> Version {
        let last = planned.newest.as_ref();
        match (self.wishes.get(planned.name()), last) {
            (Some(wish), Some(last)) => wish.after(last),
            (Some(Wish::Version(version)), None) => version.clone(),
            _ => self.least(planned),
        }
    }

    fn least(&self, planned: &Planned) -> Version {
        match self.change(planned) {
            change if change > planned.tree.change => planned.least_for(change),
            _ => planned.least.clone(),
        }
    }

    /// Its own change, or the one it gets by what it shows of others.
    fn change(&self, planned: &Planned) -> Change {
        let shown = self
            .breaking(planned)
            .any(|need| planned.tree.shows.contains(need.name()));
        match shown {
            true => Change::Breaking,
            false => planned.tree.change,
        }
    }

    /// What it needs that will no longer be what its released version asks for, with the new version.
    fn broken(&self, planned: &Planned) -> Vec<String> {
        let broken = self.breaking(planned);
        broken
            .map(|need| format!("{} {}", need.name(), self.version(need)))
            .collect()
    }

    fn breaking<'b>(&'b self, planned: &'b Planned) -> impl Iterator<Item = &'b Planned> {
        let asks = self.plan.registry.newest_usable(planned.name());
        let needs = planned
            .tree
            .needs
            .iter()
            .filter_map(|need| self.plan.find(need));
        needs.filter(move |need| {
            let version = self.version(need);
            let takes = match asks.and_then(|published| published.needs.get(need.name())) {
                Some(requirement) => requirement.matches(&version),
                None => need
                    .newest
                    .as_ref()
                    .is_none_or(|newest| bump::is_compatible(newest, &version)),
            };
            self.chosen.contains_key(need.name()) && !takes
        })
    }
}

impl Planned {
    fn name(&self) -> &str {
        &self.tree.name
    }

    /// Whether there is something to release.
    fn is_open(&self) -> bool {
        match self.state {
            State::New | State::Changed => true,
            State::Prepared => !self.tree.unreleased.is_empty(),
            State::Released | State::Untagged => false,
        }
    }

    /// Whether the tree's other crates may be written against what its users do not have. A fix is for everybody alike.
    pub(super) fn has_what_others_may_need(&self) -> bool {
        match self.state {
            State::New => true,
            State::Changed => self.tree.change >= Change::Addition,
            State::Prepared | State::Released | State::Untagged => false,
        }
    }

    fn why(&self) -> String {
        match (self.state, &self.baseline) {
            (State::Changed, Some(last)) => format!("{} since {last}", self.tree.change.word()),
            (State::Prepared, _) => "was prepared already".to_owned(),
            _ => "its first release".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::world::{World, version};
    use super::*;

    fn asked(words: &[&str]) -> Vec<Asked> {
        let asked = words.iter().map(|word| match word.split_once('=') {
            Some((name, wish)) => Asked {
                name: name.to_owned(),
                wish: Some(Wish::read(wish).unwrap()),
            },
            None => Asked {
                name: (*word).to_owned(),
                wish: None,
            },
        });
        asked.collect()
    }

    fn prepared(world: &World, words: &[&str]) -> Result<Vec<String>, String> {
        let bumps = world.plan().prepare(&asked(words))?;
        Ok(bumps
            .iter()
            .map(|bump| format!("{} {}", bump.name, bump.to))
            .collect())
    }

    /// json <- token (shows json) <- grant (shows token); cli needs grant and shows nothing.
    fn four() -> World {
        let mut world = World::default()
            .with("json 0.1.0", &[])
            .with("token 0.1.0", &["json!"])
            .with("grant 0.1.0", &["token!"])
            .with("cli 0.1.0", &["grant"]);
        for name in ["json", "token", "grant", "cli"] {
            world.tree(name).has_notes = true;
            world = world.released(name, "0.1.0");
        }
        world
    }

    #[test]
    fn a_fix_is_released_alone() {
        let world = four().changed("json", Change::Inner);
        assert_eq!(prepared(&world, &[]).unwrap(), ["json 0.1.1"]);
        assert_eq!(prepared(&world, &["json"]).unwrap(), ["json 0.1.1"]);
        assert_eq!(
            prepared(&world, &["json=minor"]).unwrap().first().unwrap(),
            "json 0.2.0"
        );
    }

    #[test]
    fn what_breaks_takes_along_whoever_needs_it_and_breaks_whoever_shows_it() {
        let world = four().changed("token", Change::Breaking);
        assert_eq!(
            prepared(&world, &[]).unwrap(),
            ["token 0.2.0", "grant 0.2.0", "cli 0.1.1"]
        );
        let bumps = world.plan().prepare(&[]).unwrap();
        assert_eq!(bumps[1].says, ["Needs token 0.2.0."]);
        assert_eq!(bumps[2].says, ["Needs grant 0.2.0."]);
        assert_eq!(
            bumps[2].why,
            "needs grant 0.2.0, which its users would get twice"
        );
    }

    #[test]
    fn whoever_asks_for_what_was_before_a_yanked_version_is_taken_along_too() {
        let world = four()
            .published("token", "0.2.0", &[])
            .yanked("token", "0.2.0");
        let world = world.published("grant", "0.1.0", &[("token", "^0.1.0")]);
        let world = world.changed("token", Change::Inner);
        let prepared = prepared(&world, &[]).unwrap();
        assert_eq!(prepared, ["token 0.2.1", "grant 0.2.0", "cli 0.1.1"]);
    }

    #[test]
    fn a_bump_below_what_the_change_asks_for_is_refused_with_the_reason() {
        let mut world = four().changed("token", Change::Breaking);
        world.tree("token").reasons = vec!["removed: fn read".to_owned()];
        let error = prepared(&world, &["token=patch"]).unwrap_err();
        assert_eq!(
            error,
            "token 0.1.1 is too small: a breaking change asks for 0.2.0 at least (removed: fn read)"
        );
        // Nor may one that only shows it stay below.
        let error = prepared(&world, &["token", "grant=patch"]).unwrap_err();
        assert!(error.starts_with("grant is as it was released"), "{error}");
        let world = world.changed("grant", Change::Inner);
        let error = prepared(&world, &["token", "grant=patch"]).unwrap_err();
        assert_eq!(
            error,
            "grant 0.1.1 is too small: a breaking change asks for 0.2.0 at least"
        );
    }

    #[test]
    fn an_empty_changelog_is_refused_each_crate_by_name() {
        let mut world = four()
            .changed("json", Change::Inner)
            .changed("grant", Change::Addition);
        world.tree("json").unreleased.clear();
        world.tree("grant").unreleased.clear();
        let error = prepared(&world, &[]).unwrap_err();
        assert!(
            error.starts_with("json has changed and its changelog has nothing"),
            "{error}"
        );
        assert!(error.contains("\ngrant has changed"), "{error}");
    }

    #[test]
    fn no_crate_is_released_ahead_of_what_it_may_be_written_against() {
        let world = four()
            .changed("json", Change::Addition)
            .changed("grant", Change::Inner);
        // token has not changed, so that grant is built with the token that its users have.
        assert_eq!(prepared(&world, &["grant"]).unwrap(), ["grant 0.1.1"]);
        let world = world.changed("token", Change::Addition);
        assert_eq!(
            prepared(&world, &["grant"]).unwrap(),
            ["json 0.1.1", "token 0.1.1", "grant 0.1.1"]
        );
        // A fix below need not come along.
        let world = four()
            .changed("token", Change::Inner)
            .changed("grant", Change::Inner);
        assert_eq!(prepared(&world, &["grant"]).unwrap(), ["grant 0.1.1"]);
    }

    #[test]
    fn first_releases_are_taken_as_they_stand_in_the_order_of_their_needs() {
        let mut world = World::default()
            .with("json 0.1.0", &[])
            .with("token 0.3.0", &["json!"]);
        for name in ["json", "token"] {
            world.tree(name).unreleased = vec!["It is there.".to_owned()];
        }
        assert_eq!(
            prepared(&world, &[]).unwrap(),
            ["json 0.1.0", "token 0.3.0"]
        );
        assert_eq!(
            prepared(&world, &["token"]).unwrap(),
            ["json 0.1.0", "token 0.3.0"]
        );
        assert_eq!(prepared(&world, &["json"]).unwrap(), ["json 0.1.0"]);
    }

    #[test]
    fn what_was_prepared_is_prepared_again_when_more_has_come() {
        let mut world = four().changed("json", Change::Inner);
        world.tree("json").version = version("0.1.1");
        assert_eq!(prepared(&world, &[]).unwrap(), ["json 0.1.1"]);
        world = world.changed("json", Change::Breaking);
        assert_eq!(
            prepared(&world, &[]).unwrap(),
            ["json 0.2.0", "token 0.2.0", "grant 0.2.0", "cli 0.1.1"]
        );
    }

    #[test]
    fn nothing_to_release_and_names_that_are_none_are_told() {
        assert_eq!(
            prepared(&four(), &[]).unwrap_err(),
            "no crate has changed since its release"
        );
        let error = prepared(&four(), &["jsn"]).unwrap_err();
        assert_eq!(
            error,
            "no crate is called `jsn`: there are json, token, grant, cli"
        );
    }
}
