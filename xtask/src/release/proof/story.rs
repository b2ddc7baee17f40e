//! What happens to the copy's crates, told by a maintainer's commands. What the commands say is looked at, but what counts is what they
//! have done: to the manifests, to the tags and to the registry.

use super::Proof;
use super::scratch::{BASE, FIRST, LEAF};
use crate::services::registry::{Fault, NAME};

/// What shows `hallpass-scope` in its public API, and what shows that.
const MIDDLE: &str = "hallpass-token";
const TOP: &str = "hallpass-store";

/// Nobody has any of the crates.
pub(super) fn first_release(proof: &Proof) -> Result<(), String> {
    let crates = &proof.scratch.crates;
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
    proof.check(&[])?;
    proof.step("publish --execute: all, none before what it needs", || {
        proof.release(&["publish", "--execute"])?.ok()?;
        let uploads = proof.registry.take_uploads();
        if uploads.len() != crates.len() {
            return Err(format!("{uploads:?} were uploaded"));
        }
        // The registry takes whatever comes: that each could be built when it came, cargo has seen to.
        let first: Vec<(&str, &str)> = crates.iter().map(|name| (name.as_str(), FIRST)).collect();
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
    proof.check(&[LEAF])?;
    proof.step("publish --execute: that crate and no other", || {
        proof.release(&["publish", "--execute"])?.ok()?;
        proof.has_uploaded(&[(LEAF, "0.1.1", true)])?;
        proof.has_tags(&[(LEAF, "0.1.1")])?;
        proof.tags_are_here(&[(LEAF, "0.1.1")])
    })
}

/// A break of a crate that others show: they are released with it, and the registry fails twice meanwhile.
pub(super) fn a_break(proof: &Proof) -> Result<(), String> {
    const NEXT: &str = "0.2.0";
    let three = [(BASE, NEXT), (MIDDLE, NEXT), (TOP, NEXT)];
    proof.step("status: a break asks for more than a patch", || {
        proof.change(BASE, "proof() ->", "proof(_: u8) ->")?;
        proof.scratch.commit("A break")?;
        let said = proof.release(&["status"])?.ok()?;
        said.says(&[BASE, "0.2.0 at least"])?
            .says(&["proof"])
            .map(drop)
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
        said.says(&[BASE, "too small", NEXT])?;
        proof.has_version(BASE, FIRST)
    })?;
    proof.step(
        "prepare: with whoever shows it, and they ask for it",
        || {
            proof.release(&["prepare", BASE])?.ok()?;
            for (name, version) in three {
                proof.has_version(name, version)?;
                proof.has_notes(name, version)?;
            }
            proof.has_version(LEAF, "0.1.1")?;
            proof
                .scratch
                .commit("A release of what depends on each other")
        },
    )?;
    proof.step(
        "publish --execute: the registry fails at the second crate",
        || {
            proof
                .registry
                .set_faults(vec![Fault::Refuse(MIDDLE.to_owned())]);
            let said = proof.release(&["publish", "--execute"])?.fails()?;
            said.says(&[MIDDLE, NEXT, "is not published"])?;
            proof.has_uploaded(&[(BASE, NEXT, true), (MIDDLE, NEXT, false)])?;
            proof.has_tags(&[])
        },
    )?;
    proof.step(
        "again: goes on there, an answer is lost, and it fails at the third",
        || {
            let lost = Fault::LoseAnswer(MIDDLE.to_owned());
            proof
                .registry
                .set_faults(vec![lost, Fault::Refuse(TOP.to_owned())]);
            proof.release(&["publish", "--execute"])?.fails()?;
            proof.has_uploaded(&[(MIDDLE, NEXT, true), (TOP, NEXT, false)])?;
            proof.has_tags(&[])
        },
    )?;
    proof.step(
        "again: waits for a late index, and sets all tags at the end",
        || {
            proof
                .registry
                .set_faults(vec![Fault::ShowLate(TOP.to_owned(), 2)]);
            proof.release(&["publish", "--execute"])?.ok()?;
            proof.registry.set_faults(Vec::new());
            proof.has_uploaded(&[(TOP, NEXT, true)])?;
            proof.has_tags(&three)?;
            proof.tags_are_here(&three)?;
            proof.needs(MIDDLE, NEXT, BASE, "^0.2.0")?;
            proof.needs(TOP, NEXT, MIDDLE, "^0.2.0")
        },
    )?;
    nothing_is_left(proof)
}

/// The newest version of what others need is taken back.
pub(super) fn a_yank(proof: &Proof) -> Result<(), String> {
    proof.step("status: tells what was yanked, and who asks for it", || {
        let yanked = format!("{BASE}@0.2.0");
        let mut yank = proof.scratch.cargo(&["yank", "--registry", NAME, &yanked]);
        super::said::Said::by(&mut yank)?.ok()?;
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
    proof.check(&[BASE, MIDDLE, TOP])?;
    proof.step(
        "publish --execute: the next number, and all can be built again",
        || {
            proof.release(&["publish", "--execute"])?.ok()?;
            proof.has_uploaded(&[(BASE, "0.2.1", true)])?;
            proof.has_tags(&[(BASE, "0.2.1")])?;
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
