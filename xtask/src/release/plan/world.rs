//! Trees, tags and registries as the tests of the plan write them down.

use std::collections::BTreeMap;

use semver::{Version, VersionReq};

use super::{Change, Crate, Plan, Published, Registry, Tags, Tree};

#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    tree: Tree,
    pub(crate) tags: Tags,
    pub(crate) registry: Registry,
}

impl World {
    /// One more crate, after those that it needs: `"json 0.1.0"`. A need with a `!` is named by its public API.
    pub(crate) fn with(mut self, crate_: &str, needs: &[&str]) -> World {
        let (name, manifest) = crate_.split_once(' ').unwrap();
        let shows = needs.iter().filter_map(|need| need.strip_suffix('!'));
        self.tree.crates.push(Crate {
            name: name.to_owned(),
            version: version(manifest),
            needs: needs
                .iter()
                .map(|need| need.trim_end_matches('!').to_owned())
                .collect(),
            shows: shows.map(str::to_owned).collect(),
            unreleased: Vec::new(),
            has_notes: false,
            change: Change::Nothing,
            reasons: Vec::new(),
        });
        self
    }

    /// It has changed, and says so.
    pub(crate) fn changed(mut self, name: &str, change: Change) -> World {
        let tree = self.tree(name);
        tree.change = change;
        tree.unreleased = vec!["Something is better.".to_owned()];
        self
    }

    pub(crate) fn tagged(mut self, name: &str, release: &str) -> World {
        self.tags
            .0
            .entry(name.to_owned())
            .or_default()
            .insert(version(release));
        self
    }

    pub(crate) fn published(mut self, name: &str, release: &str, needs: &[(&str, &str)]) -> World {
        let needs = needs.iter().map(|(need, requirement)| {
            ((*need).to_owned(), VersionReq::parse(requirement).unwrap())
        });
        let published = Published {
            yanked: false,
            sha256: String::new(),
            needs: needs.collect::<BTreeMap<_, _>>(),
        };
        let versions = self.registry.0.entry(name.to_owned()).or_default();
        versions.insert(version(release), published);
        self
    }

    pub(crate) fn released(self, name: &str, release: &str) -> World {
        self.tagged(name, release).published(name, release, &[])
    }

    pub(crate) fn yanked(mut self, name: &str, release: &str) -> World {
        let versions = self.registry.0.get_mut(name).unwrap();
        versions.get_mut(&version(release)).unwrap().yanked = true;
        self
    }

    pub(crate) fn tree(&mut self, name: &str) -> &mut Crate {
        self.tree
            .crates
            .iter_mut()
            .find(|crate_| crate_.name == name)
            .unwrap()
    }

    pub(crate) fn plan(&self) -> Plan {
        Plan::of(self.tree.clone(), &self.tags, self.registry.clone())
    }
}

pub(crate) fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}
