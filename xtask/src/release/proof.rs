//! `cargo xtask release proof`: releases as a maintainer makes them, in a copy of the repository, to a registry on loopback; and programs
//! that are built with what was published.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Instant;

use self::said::Said;
use self::scratch::Scratch;
use super::checked::Checking;
use crate::api::{self, By};
use crate::git::Git;
use crate::services::registry::{NAME, Registry};
use crate::workspace::Workspace;

mod outside;
mod said;
mod scratch;
mod story;

/// A leaf, a macro, a crate that others show in their API, and two that do.
const SHORT: &[&str] = &[
    "hallpass-json",
    "hallpass-scope",
    "hallpass-scope-derive",
    "hallpass-store",
    "hallpass-token",
];

/// With all crates, and with `release check` before the first release.
pub(super) fn run(workspace: &Workspace, by: By) -> Result<(), String> {
    prove(workspace, &[], by)
}

/// The short form, as a step of `test`: with the smallest set of crates that has all of it. What `release check` does, other steps do.
pub(crate) fn check(workspace: &Workspace) -> Result<(), String> {
    prove(workspace, SHORT, By::Listings)
}

fn prove(workspace: &Workspace, only: &[&str], by: By) -> Result<(), String> {
    let registry = Registry::start(workspace)?;
    let scratch = Scratch::make(workspace, &registry, only)?;
    let proof = Proof {
        scratch,
        registry,
        tags: RefCell::default(),
        is_whole: only.is_empty(),
        by,
    };
    println!("  a first release of {} crates", proof.scratch.crates.len());
    story::first_release(&proof)?;
    println!("  a fix in one crate");
    story::a_fix(&proof)?;
    println!("  a break in a crate that others need");
    story::a_break(&proof)?;
    println!("  a version that is taken back");
    story::a_yank(&proof)?;
    println!("  programs outside of the workspace");
    outside::run(workspace, &proof.scratch, &proof.registry)?;
    proof.scratch.remove()
}

/// A crate and its version.
type Version<'a> = (&'a str, String);

struct Proof {
    scratch: Scratch,
    registry: Registry,
    /// Those that there are to be.
    tags: RefCell<BTreeSet<String>>,
    is_whole: bool,
    by: By,
}

impl Proof {
    /// A sentence that is to be true.
    fn step(
        &self,
        sentence: &str,
        holds: impl FnOnce() -> Result<(), String>,
    ) -> Result<(), String> {
        let begun = Instant::now();
        holds().map_err(|error| format!("{error}\n\n    {sentence}: FAILED"))?;
        println!("    {sentence}, {:.1} s", begun.elapsed().as_secs_f64());
        Ok(())
    }

    /// `cargo xtask release … --registry loopback`.
    fn release(&self, words: &[&str]) -> Result<Said, String> {
        let mut words = [&["release"], words, &["--registry", NAME]].concat();
        if self.by == By::Listings {
            words.push("--listings");
        }
        self.scratch.xtask(&words)
    }

    /// `release check`, in the whole proof and before its first release. Where that is not done it is noted as passed: it takes many
    /// minutes, and other steps do what it does.
    fn check(&self) -> Result<(), String> {
        if self.is_whole && self.tags.borrow().is_empty() {
            return self.step("check: every crate is ready", || {
                self.scratch.xtask(&["release", "check"])?.ok().map(drop)
            });
        }
        let copy = self.scratch.workspace();
        let git = Git::of(&copy);
        Checking::begin(&copy, &git)?.passed(&git)
    }

    /// In the code, and in the listing of its public API, which the step `api` would renew.
    fn change(&self, name: &str, from: &str, to: &str) -> Result<(), String> {
        let code = format!("crates/{name}/src/lib.rs");
        self.scratch.edit(&code, |text| text.replace(from, to))?;
        let listing = format!("crates/{name}/{}", api::FILE);
        match self.scratch.read(&listing)?.contains(from) {
            true => self.scratch.edit(&listing, |text| text.replace(from, to)),
            false => Ok(()),
        }
    }

    fn has_version(&self, name: &str, version: &str) -> Result<(), String> {
        let has = self.scratch.version(name)?;
        is(&format!("{name}'s version"), &has.as_str(), &version)
    }

    /// Its changelog has a section for the version, and nothing above.
    fn has_notes(&self, name: &str, version: &str) -> Result<(), String> {
        let changelog = self.scratch.read(&format!("crates/{name}/CHANGELOG.md"))?;
        let mut headings = changelog.lines().filter(|line| line.starts_with("## "));
        let newest = headings
            .find(|line| *line != "## Unreleased")
            .unwrap_or_default();
        match newest.contains(version) {
            true => Ok(()),
            false => Err(format!("{name}'s changelog has no {version}:\n{changelog}")),
        }
    }

    /// The crates whose version is not the one that has a tag yet, with that version.
    fn prepared(&self) -> Result<Vec<Version<'_>>, String> {
        let tags = self.tags.borrow();
        let mut prepared = Vec::new();
        for name in &self.scratch.crates {
            let version = self.scratch.version(name)?;
            if !tags.contains(&tag(name, &version)) {
                prepared.push((name.as_str(), version));
            }
        }
        Ok(prepared)
    }

    /// Since the last look, with whether the registry took it.
    fn has_uploaded(&self, expected: &[(&str, &str, bool)]) -> Result<(), String> {
        let uploads = self.registry.take_uploads();
        let uploads = uploads.iter().map(|upload| {
            (
                upload.name.as_str(),
                upload.version.as_str(),
                upload.was_taken,
            )
        });
        is(
            "what was uploaded",
            &uploads.collect::<Vec<_>>().as_slice(),
            &expected,
        )
    }

    /// Those that there were, and these.
    fn has_tags(&self, new: &[Version<'_>]) -> Result<(), String> {
        let mut tags = self.tags.borrow_mut();
        tags.extend(new.iter().map(|(name, version)| tag(name, version)));
        let has: BTreeSet<String> = self.scratch.tags()?.into_iter().collect();
        is("the tags", &has, &*tags)
    }

    /// They are annotated, and on the commit that was published.
    fn tags_are_here(&self, tags: &[Version<'_>]) -> Result<(), String> {
        let head = self.scratch.git(&["rev-parse", "HEAD"])?;
        for (name, version) in tags {
            let tag = tag(name, version);
            let kind = self.scratch.git(&["cat-file", "-t", &tag])?;
            is(&format!("{tag}'s kind"), &kind.trim(), &"tag")?;
            let commit = self
                .scratch
                .git(&["rev-parse", &format!("{tag}^{{commit}}")])?;
            is(&format!("{tag}'s commit"), &commit.trim(), &head.trim())?;
        }
        Ok(())
    }

    /// What a published version asks for of another crate.
    fn needs(&self, name: &str, version: &str, need: &str, asked: &str) -> Result<(), String> {
        let versions = self.registry.versions(name)?;
        let published = versions
            .iter()
            .find(|published| published.version == version);
        let published = published.ok_or_else(|| format!("the registry has no {name} {version}"))?;
        let needs = published.needs.iter().find(|(known, _)| known == need);
        let needs = needs.map(|(_, requirement)| requirement.as_str());
        is(
            &format!("{name}'s requirement of {need}"),
            &needs,
            &Some(asked),
        )
    }
}

fn tag(name: &str, version: &str) -> String {
    format!("{name}-v{version}")
}

fn is<T: std::fmt::Debug + PartialEq>(what: &str, has: &T, expected: &T) -> Result<(), String> {
    match has == expected {
        true => Ok(()),
        false => Err(format!("{what}: {has:?}, and not {expected:?}")),
    }
}
