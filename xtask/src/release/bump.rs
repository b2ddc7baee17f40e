//! From one version to the next: what a change asks for at least, and what a maintainer asks for.

use semver::{Prerelease, Version};

/// What became of a crate since a release, as its users see it. In the order of what it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    /// Nothing that a user has: tests, benches, the changelog itself.
    Nothing,
    /// Something, but not the public API.
    Inner,
    /// The public API has more.
    Addition,
    /// What was written against the old one need not compile against this.
    Breaking,
}

/// The part of a version that is counted up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Patch,
    Minor,
    Major,
}

/// What `cargo xtask release prepare CRATE=…` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    Level(Level),
    Version(Version),
}

impl Change {
    /// As a word of a sentence about the crate.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Change::Nothing => "nothing",
            Change::Inner => "a fix",
            Change::Addition => "an addition",
            Change::Breaking => "a breaking change",
        }
    }

    /// The smallest version after `last` that cargo's rules allow for it: before 1.0.0 the minor version is what breaks.
    pub(crate) fn after(self, last: &Version) -> Version {
        let level = match (self, last.major, last.minor) {
            (Change::Breaking, 0, 0) => Level::Patch,
            (Change::Breaking, 0, _) => Level::Minor,
            (Change::Breaking, ..) => Level::Major,
            (Change::Addition, 1.., _) => Level::Minor,
            _ => Level::Patch,
        };
        level.after(last)
    }
}

impl Level {
    /// The next version of that level.
    pub(crate) fn after(self, last: &Version) -> Version {
        match self {
            // A pre-release is followed by what it was a pre-release of.
            _ if last.pre != Prerelease::EMPTY => Version::new(last.major, last.minor, last.patch),
            Level::Patch => Version::new(last.major, last.minor, last.patch.saturating_add(1)),
            Level::Minor => Version::new(last.major, last.minor.saturating_add(1), 0),
            Level::Major => Version::new(last.major.saturating_add(1), 0, 0),
        }
    }
}

impl Wish {
    /// A level's name, or a version.
    pub(crate) fn read(text: &str) -> Result<Wish, String> {
        match text {
            "patch" => Ok(Wish::Level(Level::Patch)),
            "minor" => Ok(Wish::Level(Level::Minor)),
            "major" => Ok(Wish::Level(Level::Major)),
            version => match Version::parse(version) {
                Ok(version) if version.pre != Prerelease::EMPTY => Err(format!(
                    "`{version}` is a pre-release, and none are made here"
                )),
                Ok(version) => Ok(Wish::Version(version)),
                Err(error) => Err(format!(
                    "`{version}` is neither patch, minor or major nor a version: {error}"
                )),
            },
        }
    }

    /// The version it means where `last` is the newest there is.
    pub(crate) fn after(&self, last: &Version) -> Version {
        match self {
            Wish::Level(level) => level.after(last),
            Wish::Version(version) => version.clone(),
        }
    }
}

/// Whether who asks for `old`, as one does with `"0.1"`, also takes `new`.
pub(crate) fn is_compatible(old: &Version, new: &Version) -> bool {
    let part = |version: &Version| match (version.major, version.minor) {
        (0, 0) => (0, 0, version.patch),
        (0, minor) => (0, minor, 0),
        (major, _) => (major, 0, 0),
    };
    part(old) == part(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn a_change_asks_for_what_cargo_takes_for_it() {
        use Change::{Addition, Breaking, Inner};
        for (last, change, next) in [
            ("0.0.3", Inner, "0.0.4"),
            ("0.0.3", Breaking, "0.0.4"),
            ("0.1.9", Inner, "0.1.10"),
            ("0.1.9", Addition, "0.1.10"),
            ("0.1.9", Breaking, "0.2.0"),
            ("1.4.2", Inner, "1.4.3"),
            ("1.4.2", Addition, "1.5.0"),
            ("1.4.2", Breaking, "2.0.0"),
            ("1.0.0-rc.1", Breaking, "1.0.0"),
        ] {
            assert_eq!(
                change.after(&version(last)),
                version(next),
                "{change:?} after {last}"
            );
        }
    }

    #[test]
    fn compatible_is_what_a_caret_takes() {
        for old in ["0.0.3", "0.1.0", "0.1.7", "1.0.0", "1.4.2", "2.0.0"] {
            for new in ["0.0.3", "0.0.4", "0.1.9", "0.2.0", "1.4.3", "2.0.0"] {
                let (old, new) = (version(old), version(new));
                let caret = semver::VersionReq::parse(&format!("^{old}")).unwrap();
                if new >= old {
                    assert_eq!(
                        is_compatible(&old, &new),
                        caret.matches(&new),
                        "{old} {new}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_wish_is_a_level_or_a_version() {
        let last = version("0.3.1");
        assert_eq!(Wish::read("minor").unwrap().after(&last), version("0.4.0"));
        assert_eq!(Wish::read("1.0.0").unwrap().after(&last), version("1.0.0"));
        assert!(
            Wish::read("1.0.0-rc.1")
                .unwrap_err()
                .contains("pre-release")
        );
        let error = Wish::read("bigger").unwrap_err();
        assert!(
            error.starts_with("`bigger` is neither patch, minor or major nor a version"),
            "{error}"
        );
    }
}
