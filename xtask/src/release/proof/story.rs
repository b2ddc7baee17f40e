//! What happens to the copy's crates, told by a maintainer's commands. What the commands say is looked at, but what counts is what they
//! have done: to the manifests, to the tags and to the registry.

use std::collections::BTreeSet;

use super::said::Said;
use super::scratch::{BASE, FIRST, LEAF};
use super::{Proof, Version, is};
use crate::services::registry::{Fault, NAME};

/// What shows `hallpass-scope` in its public API, and what shows that.
const MIDDLE: &str = "hallpass-token";
const TOP: &str = "hallpass-store";

/// Nobody has any of the crates.
pub(super) fn first_release(proof: &Proof) -> Result<(), String> {
    let crates = &proof.scratch.crates;
    proof.step("cargo publish: to no other registry, whoever asks", || {
        for name in crates {
            // It is refused before this is looked at; should it ever not be, nothing goes out all the same.
            let words = [
                "publish",
                "--dry-run",
                "--registry",
                "crates-io",
                "--package",
                name,
            ];
            let said = Said::by(&mut proof.scratch.cargo(&words))?.fails()?;
            said.says(&[name, "cannot be published"])?;
        }
        Ok(())
    })?;
    proof.step("status: no crate was ever released", || {
        let mut said = proof.release(&["status"])?.ok()?;
        for name in crates {
            said = said.says(&[name, FIRST, "never released"])?;
        }
        Ok(())
    })?;
    proof.step("prepare: each is 0.1.0, and its changelog says so", || {
        proof.release(&["prepare"])?.ok()?;
        for name in crates {
            proof.has_version(name, FIRST)?;
            proof.has_notes(name, FIRST)?;
        }
        proof.scratch.commit("First releases")
    })?;
    proof.step("publish: without --execute it only tells", || {
        let mut said = proof.release(&["publish"])?.ok()?;
        for name in crates {
            said = said.says(&["would publish", name, FIRST])?;
        }
        proof.has_uploaded(&[])?;
        proof.has_tags(&[])
    })?;
    proof.step("publish --execute: refused before it was checked", || {
        let said = proof.release(&["publish", "--execute"])?.fails()?;
        said.says(&["not checked"])?;
        proof.has_uploaded(&[])
    })?;
    proof.check()?;
    proof.step("publish --execute: all, none before what it needs", || {
        proof.release(&["publish", "--execute"])?.ok()?;
        let uploads = proof.registry.take_uploads();
        if uploads.len() != crates.len() {
            return Err(format!("{uploads:?} were uploaded"));
        }
        // The registry takes whatever comes: that each could be built when it came, cargo has seen to.
        let first = proof.prepared()?;
        proof.has_tags(&first)?;
        proof.tags_are_here(&first)
    })?;
    nothing_is_left(proof)
}

/// A fix of a crate that others need: it is released alone.
pub(super) fn a_fix(proof: &Proof) -> Result<(), String> {
    proof.step("status: a fix asks for a patch", || {
        proof.change(LEAF, "as it was", "mended")?;
        proof.scratch.tell(LEAF, "What was wrong is mended.")?;
        proof.scratch.commit("A fix")?;
        let said = proof.release(&["status"])?.ok()?;
        let said = said.says(&[LEAF, "0.1.1 at least"])?;
        said.says_nothing_of(&[MIDDLE, "at least"]).map(drop)
    })?;
    proof.step("prepare: that crate and no other", || {
        proof.release(&["prepare"])?.ok()?.says(&[LEAF, "0.1.1"])?;
        proof.has_version(LEAF, "0.1.1")?;
        proof.has_version(MIDDLE, FIRST)?;
        proof.scratch.commit("A release of one crate")
    })?;
    proof.check()?;
    proof.step("publish --execute: that crate and no other", || {
        proof.release(&["publish", "--execute"])?.ok()?;
        proof.has_uploaded(&[(LEAF, "0.1.1", true)])?;
        let released = [(LEAF, "0.1.1".to_owned())];
        proof.has_tags(&released)?;
        proof.tags_are_here(&released)
    })
}

/// A break of a crate that others show: they are released with it, and the registry fails twice meanwhile.
pub(super) fn a_break(proof: &Proof) -> Result<(), String> {
    proof.step("status: a break asks for more than a patch", || {
        proof.change(BASE, "proof() ->", "proof(_: u8) ->")?;
        proof.scratch.commit("A break")?;
        let said = proof.release(&["status"])?.ok()?;
        let said = said.says(&[BASE, "0.2.0 at least"])?;
        said.says(&["proof"]).map(drop)
    })?;
    proof.step(
        "prepare: refused while the changelog has nothing to say",
        || {
            let said = proof.release(&["prepare"])?.fails()?;
            said.says(&[BASE, "nothing under Unreleased"])?;
            proof.scratch.tell(BASE, "`proof` wants a number.")?;
            proof.scratch.commit("What users see of it")
        },
    )?;
    proof.step("prepare: refused by a version below that", || {
        let asked = format!("{BASE}=patch");
        let said = proof.release(&["prepare", &asked])?.fails()?;
        said.says(&[BASE, "too small", "0.2.0"])?;
        proof.has_version(BASE, FIRST)
    })?;
    proof.step(
        "prepare: with whoever shows it, and they ask for it",
        || {
            proof.release(&["prepare", BASE])?.ok()?;
            for name in [BASE, MIDDLE, TOP] {
                proof.has_version(name, "0.2.0")?;
                proof.has_notes(name, "0.2.0")?;
            }
            proof.has_version(LEAF, "0.1.1")?;
            proof
                .scratch
                .commit("A release of what depends on each other")
        },
    )?;
    let prepared = proof.prepared()?;
    proof.check()?;
    published_in_three(proof, &prepared)?;
    nothing_is_left(proof)
}

/// What comes between two crates comes with neither: that a crate was taken once is looked at over all three.
fn published_in_three(proof: &Proof, prepared: &[Version<'_>]) -> Result<(), String> {
    let mut taken = BTreeSet::new();
    let mut publish = |faults: Vec<Fault>, refused: Option<&str>| -> Result<(), String> {
        proof.registry.set_faults(faults);
        let said = proof.release(&["publish", "--execute"])?;
        match refused {
            None => said.ok()?,
            Some(name) => said.fails()?.says(&[name, "is not published"])?,
        };
        let uploads = proof.registry.take_uploads();
        let last = uploads.iter().find(|upload| !upload.was_taken);
        is(
            "what was refused",
            &last.map(|upload| upload.name.as_str()),
            &refused,
        )?;
        for upload in uploads.into_iter().filter(|upload| upload.was_taken) {
            if !taken.insert((upload.name.clone(), upload.version)) {
                return Err(format!("{} was uploaded twice", upload.name));
            }
        }
        let is_taken = |name: &str| taken.iter().any(|(known, _)| known == name);
        is(
            "whether it is there",
            &refused.is_some_and(is_taken),
            &false,
        )
    };
    proof.step(
        "publish --execute: the registry fails at the second crate",
        || {
            publish(vec![Fault::Refuse(MIDDLE.to_owned())], Some(MIDDLE))?;
            proof.has_tags(&[])
        },
    )?;
    proof.step(
        "again: goes on there, an answer is lost, and it fails at the third",
        || {
            let lost = Fault::LoseAnswer(MIDDLE.to_owned());
            publish(vec![lost, Fault::Refuse(TOP.to_owned())], Some(TOP))?;
            proof.has_tags(&[])
        },
    )?;
    proof.step(
        "again: waits for a late index, and sets all tags at the end",
        || {
            publish(vec![Fault::ShowLate(TOP.to_owned(), 2)], None)?;
            proof.has_tags(prepared)?;
            proof.tags_are_here(prepared)
        },
    )?;
    proof.registry.set_faults(Vec::new());
    proof.step(
        "the registry has each once, and each asks for the new ones",
        || {
            let expected = prepared.iter();
            let expected = expected.map(|(name, version)| ((*name).to_owned(), version.clone()));
            is("what was taken", &taken, &expected.collect())?;
            proof.needs(MIDDLE, "0.2.0", BASE, "^0.2.0")?;
            proof.needs(TOP, "0.2.0", MIDDLE, "^0.2.0")
        },
    )
}

/// The newest version of what others need is taken back.
pub(super) fn a_yank(proof: &Proof) -> Result<(), String> {
    proof.step("status: tells what was yanked, and who asks for it", || {
        let yanked = format!("{BASE}@0.2.0");
        let mut yank = proof.scratch.cargo(&["yank", "--registry", NAME, &yanked]);
        Said::by(&mut yank)?.ok()?;
        let said = proof.release(&["status"])?.ok()?;
        let said = said.says(&["0.2.0 was yanked"])?;
        said.says(&["asks for", BASE, "^0.2.0", "yanked"]).map(drop)
    })?;
    proof.step("prepare: its number is not given out again", || {
        proof.change(BASE, "as it was", "mended")?;
        proof.scratch.tell(BASE, "What was wrong is mended.")?;
        proof.scratch.commit("A fix of what was yanked")?;
        let asked = format!("{BASE}=0.2.0");
        let said = proof.release(&["prepare", &asked])?.fails()?;
        said.says(&[BASE, "too small", "0.2.1"])?;
        proof.release(&["prepare", BASE])?.ok()?;
        proof.has_version(BASE, "0.2.1")?;
        proof.scratch.commit("A release after a yank")
    })?;
    proof.check()?;
    proof.step(
        "publish --execute: the next number, and all can be built again",
        || {
            proof.release(&["publish", "--execute"])?.ok()?;
            proof.has_uploaded(&[(BASE, "0.2.1", true)])?;
            proof.has_tags(&[(BASE, "0.2.1".to_owned())])?;
            let said = proof.release(&["status"])?.ok()?;
            said.says_nothing_of(&["asks for"])?;
            let versions = proof.registry.versions(BASE)?;
            let yanked: Vec<&str> = versions
                .iter()
                .filter(|published| published.is_yanked)
                .map(|published| published.version.as_str())
                .collect();
            match yanked.as_slice() {
                ["0.2.0"] => Ok(()),
                others => Err(format!("{others:?} of {BASE} are yanked")),
            }
        },
    )
}

fn nothing_is_left(proof: &Proof) -> Result<(), String> {
    proof.step("again: nothing is done twice", || {
        let said = proof.release(&["publish", "--execute"])?.ok()?;
        said.says(&["nothing is left to publish"])?;
        proof.has_uploaded(&[])?;
        proof.has_tags(&[])
    })
}
