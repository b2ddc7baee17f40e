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
//! what was seen and what to do. Rules that need a second handle on the same store, or the store to be
//! opened again, run where a [`Harness`] offers that; a closure alone does not, and the [`Report`]
//! names what was left out.
//!
//! The suite needs no runtime and no clock: it polls futures side by side by hand, and it never
//! sleeps. It cannot prove that a store outlives a power cut.

pub mod blocking;
mod drive;
mod harness;
mod probe;
mod report;
mod rules;

use crate::ListKeys;

pub use self::{
    drive::block_on,
    harness::Harness,
    report::{Broken, Report},
};

/// Runs every rule of [`TokenStore`](crate::TokenStore) and stops at the first that is broken.
///
/// # Errors
/// The rule that is [`Broken`], and how.
pub async fn check<H: Harness>(harness: H) -> Result<Report, Broken> {
    let mut report = Report::default();
    rules::run(&harness, &mut report).await?;
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
    rules::run(&harness, &mut report).await?;
    rules::run_listing(&harness, &mut report).await?;
    Ok(report)
}

/// As [`check`], for the one line of a test.
///
/// # Panics
/// Where a rule is broken, with all that is known of it.
pub async fn assert_conforms<H: Harness>(harness: H) -> Report {
    match check(harness).await {
        Ok(report) => report,
        Err(broken) => panic!("{broken}"),
    }
}
