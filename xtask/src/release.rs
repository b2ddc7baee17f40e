//! `cargo xtask release`: what changed, the next versions, whether the crates are ready, and their publication.

use crate::api::By;
use crate::git::Git;
use crate::workspace::Workspace;

use self::plan::Plan;
use self::registry::Asking;

mod bump;
mod changelog;
pub(crate) mod check;
mod checked;
mod manifest;
mod mention;
mod plan;
mod prepare;
pub(crate) mod proof;
mod publish;
mod registry;
mod status;
mod tags;
mod tree;

const USAGE: &str = "\
cargo xtask release status                where each crate stands, and what its change asks for
cargo xtask release prepare [CRATE...]    new versions and changelogs: all that changed, or CRATE, CRATE=minor, CRATE=1.0.0
cargo xtask release check [CRATE...]      each crate from its package: fields, files, docs, tests, features, lowest versions;
                                          with --allow-dirty also what is not committed
cargo xtask release publish               what would be published and tagged; with --execute it is
cargo xtask release tag                   the tags that are due, of a publication that will not be finished
cargo xtask release proof                 releases from a copy of the repository to a registry on loopback; --short as `test` does it

With any of them:
  --registry NAME    a registry of cargo's configuration instead of cargo's own
  --listings         what changed is judged by the listings of `cargo xtask api` alone, without cargo-semver-checks";

/// One of its steps, by its name.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    let (options, words) = Options::read(words)?;
    let workspace = Workspace::load()?;
    match words.as_slice() {
        ["check", rest @ ..] => return check::run(rest),
        ["proof"] => return proof::run(&workspace, options.by),
        ["proof", "--short"] => return proof::check(&workspace),
        _ => {}
    }
    let release = Release {
        git: Git::of(&workspace),
        workspace: &workspace,
        options,
    };
    match words.as_slice() {
        ["status"] => status::run(&release.plan(&release.registry()?)?),
        ["prepare", crates @ ..] => {
            let asked = prepare::asked(crates)?;
            let plan = release.plan(&release.registry()?)?;
            prepare::run(&workspace, &release.git, &plan, &asked)
        }
        ["publish"] => publish::rehearse(&release.plan(&release.registry()?)?),
        ["publish", "--execute"] => {
            let registry = release.registry()?;
            publish::run(
                &workspace,
                &release.git,
                &registry,
                &release.plan(&registry)?,
            )
        }
        ["tag"] => {
            let registry = release.registry()?;
            let plan = release.plan(&registry)?;
            publish::tag_alone(&workspace, &release.git, &registry, &plan)
        }
        _ => Err(USAGE.to_owned()),
    }
}

/// The repository and the registry that a release goes from and to.
struct Release<'a> {
    workspace: &'a Workspace,
    git: Git,
    options: Options<'a>,
}

impl Release<'_> {
    fn registry(&self) -> Result<Asking<'_>, String> {
        Asking::of(self.workspace, self.options.registry)
    }

    fn plan(&self, registry: &Asking<'_>) -> Result<Plan, String> {
        let (tags, registry) = (tags::read(self.workspace, &self.git)?, registry.versions()?);
        let tree = tree::read(self.workspace, &self.git, &tags, &registry, self.options.by)?;
        Ok(Plan::of(tree, &tags, registry))
    }
}

/// What may be said with any step.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Options<'a> {
    registry: Option<&'a str>,
    by: By,
}

impl<'a> Options<'a> {
    /// Takes them out of the words.
    fn read(words: &[&'a str]) -> Result<(Options<'a>, Vec<&'a str>), String> {
        let mut options = Options {
            registry: None,
            by: By::SemverChecks,
        };
        let (mut rest, mut words) = (Vec::new(), words.iter());
        while let Some(word) = words.next() {
            match *word {
                "--registry" => {
                    options.registry = Some(words.next().ok_or("--registry wants a name")?);
                }
                "--listings" => options.by = By::Listings,
                "--execute" | "--allow-dirty" | "--short" => rest.push(*word),
                unknown if unknown.starts_with('-') => {
                    return Err(format!("there is no option `{unknown}`\n\n{USAGE}"));
                }
                _ => rest.push(*word),
            }
        }
        Ok((options, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_stand_anywhere() {
        let named = Options {
            registry: Some("r"),
            by: By::Listings,
        };
        for words in [
            ["status", "--registry", "r", "--listings"],
            ["--listings", "--registry", "r", "status"],
        ] {
            assert_eq!(
                Options::read(&words).unwrap(),
                (named.clone(), vec!["status"])
            );
        }
        let (options, _) = Options::read(&["status"]).unwrap();
        assert_eq!((options.registry, options.by), (None, By::SemverChecks));
        assert!(Options::read(&["status", "--registry"]).is_err());
        let error = Options::read(&["prepare", "--regitsry", "r"]).unwrap_err();
        assert!(
            error.starts_with("there is no option `--regitsry`"),
            "{error}"
        );
    }
}
