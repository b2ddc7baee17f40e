//! What has to be published and tagged yet, in which order. Asked again after a failure it has what is left.

use semver::Version;

use super::{Note, Plan, Planned, State};

/// What is left to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Publication {
    /// No crate before one that it needs.
    pub(crate) publish: Vec<(String, Version)>,
    /// What gets its tag when all of that is published.
    pub(crate) tag: Vec<(String, Version)>,
}

impl Plan {
    /// Everything that was prepared, and the tags that an earlier publication did not come to.
    ///
    /// # Errors
    /// With every reason why not, one a line.
    pub(crate) fn publication(&self) -> Result<Publication, String> {
        self.nothing_is_in_the_way()?;
        let mut publication = Publication::default();
        let mut refusals = Vec::new();
        for planned in &self.crates {
            let version = (planned.tree.name.clone(), planned.tree.version.clone());
            match planned.state {
                State::Prepared => {
                    refusals.extend(self.refusals(planned));
                    publication.publish.push(version.clone());
                    publication.tag.push(version);
                }
                State::Untagged => publication.tag.push(version),
                State::New | State::Released | State::Changed => {}
            }
        }
        match refusals.as_slice() {
            [] => Ok(publication),
            refusals => Err(refusals.join("\n")),
        }
    }

    fn refusals(&self, planned: &Planned) -> Vec<String> {
        let (name, version) = (&planned.tree.name, &planned.tree.version);
        let mut refusals = Vec::new();
        if planned.notes.contains(&Note::MoreToSay) {
            refusals.push(format!("{name} {version}: {}", Note::MoreToSay));
        }
        if *version < planned.least {
            let least = &planned.least;
            refusals.push(format!(
                "{name} {version} is too small by now, {least} is the least: prepare it again"
            ));
        }
        for need in planned.tree.needs.iter().filter_map(|need| self.find(need)) {
            let needed = (&need.tree.name, &need.tree.version);
            if need.has_what_others_may_need() {
                refusals.push(format!(
                    "{name} {version} is built with a {} that is not released: prepare that too",
                    needed.0
                ));
            } else if need.state != State::Prepared && !self.registry.has(needed.0, needed.1) {
                let mut known = self.registry.of(needed.0).map(|(version, _)| version);
                let lacks = match known.any(|version| version == needed.1) {
                    true => "was yanked: release a newer one first",
                    false => "the registry does not have: prepare that too",
                };
                refusals.push(format!(
                    "{name} {version} needs {} {}, which {lacks}",
                    needed.0, needed.1
                ));
            }
        }
        refusals
    }
}

#[cfg(test)]
mod tests {
    use super::super::Change;
    use super::super::world::{World, version};
    use super::*;

    fn words(list: &[(String, Version)]) -> Vec<String> {
        list.iter()
            .map(|(name, version)| format!("{name} {version}"))
            .collect()
    }

    fn three() -> World {
        let mut world = World::default()
            .with("json 0.1.0", &[])
            .with("token 0.1.0", &["json"])
            .with("grant 0.1.0", &["token"]);
        for name in ["json", "token", "grant"] {
            world.tree(name).has_notes = true;
        }
        world
    }

    #[test]
    fn all_that_is_prepared_is_published_in_the_order_of_its_needs_and_then_tagged() {
        let publication = three().plan().publication().unwrap();
        let all = ["json 0.1.0", "token 0.1.0", "grant 0.1.0"];
        assert_eq!(words(&publication.publish), all);
        assert_eq!(words(&publication.tag), all);
    }

    #[test]
    fn wherever_it_was_cut_off_the_rest_is_left_and_nothing_is_done_twice() {
        let all = ["json", "token", "grant"];
        for published in 0..=3 {
            for tagged in 0..=published {
                let mut world = three();
                for name in &all[..published] {
                    world = world.published(name, "0.1.0", &[]);
                }
                for name in &all[..tagged] {
                    world = world.tagged(name, "0.1.0");
                }
                let left = world.plan().publication().unwrap();
                let names = |from: usize| all[from..].iter().map(|name| format!("{name} 0.1.0"));
                assert_eq!(words(&left.publish), names(published).collect::<Vec<_>>());
                assert_eq!(words(&left.tag), names(tagged).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn what_is_not_prepared_is_not_published() {
        let mut world = three().released("json", "0.1.0");
        world.tree("token").has_notes = false;
        world.tree("grant").has_notes = false;
        assert_eq!(world.plan().publication(), Ok(Publication::default()));
    }

    #[test]
    fn no_crate_goes_out_ahead_of_one_that_it_is_built_with() {
        let mut world = three();
        world.tree("json").has_notes = false;
        let error = world.plan().publication().unwrap_err();
        assert_eq!(
            error,
            "token 0.1.0 is built with a json that is not released: prepare that too"
        );
        let world = three()
            .released("json", "0.1.0")
            .changed("json", Change::Addition);
        let error = world.plan().publication().unwrap_err();
        assert!(
            error.starts_with("token 0.1.0 is built with a json that is not"),
            "{error}"
        );
        let world = three()
            .released("json", "0.1.0")
            .changed("json", Change::Inner);
        assert_eq!(
            words(&world.plan().publication().unwrap().publish),
            ["token 0.1.0", "grant 0.1.0"]
        );
    }

    #[test]
    fn nothing_is_published_that_asks_for_a_yanked_version() {
        let world = three().released("json", "0.1.0").yanked("json", "0.1.0");
        let error = world.plan().publication().unwrap_err();
        assert_eq!(
            error,
            "token 0.1.0 needs json 0.1.0, which was yanked: release a newer one first"
        );
    }

    #[test]
    fn what_changed_after_it_was_prepared_is_prepared_again() {
        let mut world = three();
        world.tree("grant").unreleased = vec!["One thing more.".to_owned()];
        let error = world.plan().publication().unwrap_err();
        assert_eq!(
            error,
            "grant 0.1.0: its changelog has grown since it was prepared: prepare it again"
        );
        let mut world = three()
            .released("json", "0.1.0")
            .released("token", "0.1.0")
            .released("grant", "0.1.0");
        world.tree("grant").version = version("0.1.1");
        world.tree("grant").change = Change::Breaking;
        let error = world.plan().publication().unwrap_err();
        assert_eq!(
            error,
            "grant 0.1.1 is too small by now, 0.2.0 is the least: prepare it again"
        );
    }

    #[test]
    fn a_tag_that_is_there_before_the_publication_is_in_the_way() {
        let world = three().tagged("json", "0.1.0");
        let error = world.plan().publication().unwrap_err();
        assert!(
            error.starts_with("json: 0.1.0 has a tag, but the registry does not have it"),
            "{error}"
        );
    }
}
