//! The suite that proves a store right.
//!
//! One line in a test, with a closure that makes a store with nothing in it:
//!
//! ```
//! use hallpass_store::{MemoryStore, conformance};
//!
//! # async fn in_your_async_test() {
//! conformance::assert_conforms(MemoryStore::new).await;
//! # }
//! // Or, where the test has no async runtime:
//! conformance::block_on(conformance::assert_conforms(|| MemoryStore::new()));
//! // And for a blocking store:
//! conformance::blocking::assert_conforms(MemoryStore::new);
//! ```
//!
//! Every rule has a name. A store that breaks one is told which, what was done, what was expected,
//! what was seen and what to do.
//!
//! A closure alone is the least. [`Places`] opens handles at numbered places, so the suite also tries what many handles
//! share and what is left after opening again; with [`Places::on_threads`] callers race on threads of their
//! own, and with [`Places::losing`] answers are lost. A [`Harness`] of one's own can do the same where
//! opening a store is asynchronous. The [`Report`] names what was left out.
//!
//! The suite needs no runtime and never sleeps: it polls futures side by side by hand; threads race for half a second. A store that gives no answer
//! within ten seconds is told so where callers come one after another; where they come at once, one that waits for ever keeps
//! the suite waiting: give yours a timeout. It cannot prove that a store outlives a power cut.

pub mod blocking;
mod drive;
mod harness;
mod places;
mod probe;
mod report;
mod rules;

use crate::{ListKeys, TokenStore};

pub use self::{
    drive::block_on,
    harness::{Drive, Harness, Loss, Work},
    places::{Placed, Places},
    report::{Broken, Report},
};

/// Runs every rule of [`TokenStore`] and stops at the first that is broken.
///
/// # Errors
/// The rule that is [`Broken`], and how.
pub async fn check<H: Harness>(harness: H) -> Result<Report, Broken> {
    let mut report = Report::default();
    run(&harness, &mut report).await?;
    Ok(report)
}

/// As [`check`], and the rules of [`ListKeys`] too.
///
/// # Errors
/// The rule that is [`Broken`], and how.
pub async fn check_listing<H>(harness: H) -> Result<Report, Broken>
where
    H: Harness,
    H::Store: ListKeys,
{
    let mut report = Report::default();
    let full = run(&harness, &mut report).await?;
    rules::run_listing(&harness, full, &mut report).await?;
    Ok(report)
}

/// As [`check`], for the one line of a test.
///
/// # Panics
/// Where a rule is broken, with all that is known of it.
pub async fn assert_conforms<H: Harness>(harness: H) -> Report {
    told(check(harness).await)
}

/// As [`assert_conforms`] with [`Places`], for stores that many handles share: `open` gives a handle on what is stored at
/// the place of this number.
///
/// # Panics
/// Where a rule is broken, with all that is known of it.
pub async fn assert_conforms_shared<S: TokenStore + 'static>(
    open: impl Fn(u32) -> S + Send + Sync + 'static,
) -> Report {
    assert_conforms(Places::new(open)).await
}

async fn run<H: Harness>(harness: &H, report: &mut Report) -> Result<H::Store, Broken> {
    rules::run(harness, report).await?;
    let store = harness.fresh().await;
    let other = harness.again(&store).await;
    let handles = [store].into_iter().chain(other).collect();
    rules::run_on_threads(handles, harness.on_threads(), report).await?;
    rules::run_with_many(harness, report).await
}

fn told(outcome: Result<Report, Broken>) -> Report {
    match outcome {
        Ok(report) => report,
        Err(broken) => panic!("{broken}"),
    }
}
