//! What stands beside a crate's state: what somebody has to know, or to mend first.

use std::fmt;

use semver::Version;

/// What a maintainer should know beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// The newest version was withdrawn; its number stays taken.
    Yanked(Version),
    /// A newer one was released than the tree is.
    Behind(Version),
    /// A tag names a version that the registry does not have.
    TaggedOnly(Version),
    /// What its newest version asks for of another crate can no longer be had.
    NeedsYanked { need: String, requirement: String },
    /// Its changelog has grown since the release was prepared.
    MoreToSay,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Yanked(version) => write!(f, "{version} was yanked: its number stays taken"),
            Note::Behind(version) => write!(
                f,
                "{version} is released, and the tree is not: get it first, with `git pull`"
            ),
            Note::TaggedOnly(version) => write!(
                f,
                "{version} has a tag, but the registry does not have it: delete the tag (git tag --delete)"
            ),
            Note::NeedsYanked { need, requirement } => write!(
                f,
                "asks for {need} {requirement}, of which every version is yanked: nobody can build it anew until {need} is released again"
            ),
            Note::MoreToSay => {
                f.write_str("its changelog has grown since it was prepared: prepare it again")
            }
        }
    }
}
