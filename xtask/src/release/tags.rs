//! The tags of releases: `hallpass-grant-v0.2.0`, on the commit that was published.

use std::collections::BTreeSet;

use semver::Version;

use super::plan::Tags;
use crate::git::Git;
use crate::workspace::Workspace;

/// Those that the repository has.
pub(super) fn read(workspace: &Workspace, git: &Git) -> Result<Tags, String> {
    let names = workspace.crates().map(|package| package.name.as_str());
    let names: BTreeSet<&str> = names.collect();
    let mut tags = Tags::default();
    for tag in git
        .ask(&["for-each-ref", "--format=%(refname:strip=2)", "refs/tags"])?
        .lines()
    {
        if let Some((name, version)) = released(tag)
            && names.contains(name)
        {
            tags.0.entry(name.to_owned()).or_default().insert(version);
        }
    }
    Ok(tags)
}

/// The tag of a release.
pub(super) fn name(crate_: &str, version: &Version) -> String {
    format!("{crate_}-v{version}")
}

/// Sets it on a commit.
pub(super) fn set(git: &Git, tag: &str, commit: &str, message: &str) -> Result<(), String> {
    let set = git.ask(&["tag", "--annotate", tag, commit, "--message", message]);
    set.map(drop).map_err(|error| {
        format!("{error}\nthe commit has to be here: `git fetch` gets what somebody else released")
    })
}

fn released(tag: &str) -> Option<(&str, Version)> {
    let (name, version) = tag.rsplit_once("-v")?;
    Some((name, Version::parse(version).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_a_crate_and_a_version() {
        for (crate_, version) in [("hallpass", "0.1.0"), ("hallpass-store-sql", "1.0.0-rc.1")] {
            let version = Version::parse(version).unwrap();
            assert_eq!(released(&name(crate_, &version)), Some((crate_, version)));
        }
        for other in ["v0.1.0", "hallpass-v", "hallpass-0.1.0", "before-the-move"] {
            assert_eq!(released(other), None, "{other}");
        }
    }
}
