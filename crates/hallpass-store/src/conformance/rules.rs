//! The rules, the simplest first: the first one that is broken explains those after it.

mod alone;
mod contents;
mod given_up;
mod handles;
mod lost;
mod many;
mod names;
mod threads;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::{
    harness::{Drive, Harness},
    probe::Probe,
    report::{Broken, Report, Rule},
};
use crate::{Entry, ListKeys, Revision, TokenStore};

/// Tries each rule on a store of its own.
macro_rules! try_each {
    ($harness:expr, $report:expr, $($rule:path => $attempt:path),* $(,)?) => {$(
        let store = $harness.fresh().await;
        $attempt(Probe::new(&store, &$rule)).await?;
        $report.keep(&$rule);
    )*};
}

pub(super) async fn run<H: Harness>(harness: &H, report: &mut Report) -> Result<(), Broken> {
    try_each! { harness, report,
        alone::EMPTY => alone::empty,
        alone::INSERT => alone::insert,
        alone::REPLACE => alone::replace,
        alone::LATER_LOADS => alone::later_loads,
        alone::INSERT_OVER => alone::insert_over,
        alone::WRONG_REVISION => alone::wrong_revision,
        alone::NOTHING_THERE => alone::nothing_there,
        alone::REMOVE => alone::remove,
        alone::WRONG_REMOVAL => alone::wrong_removal,
        alone::REMOVED => alone::removed,
        alone::INSERT_AGAIN => alone::insert_again,
        alone::REMOVE_NOTHING => alone::remove_nothing,
        alone::ABA => alone::aba,
        contents::BYTES => contents::bytes,
        contents::BIG => contents::big,
        contents::REVISIONS => contents::revisions,
        names::INDEPENDENT => names::independent,
        names::DISTINCT => names::distinct,
        many::ONE_INSERT => many::one_insert,
        many::ONE_SWAP => many::one_swap,
        many::ONE_REMOVAL => many::one_removal,
        given_up::GIVEN_UP => given_up::given_up,
        given_up::GIVEN_UP_LOAD => given_up::given_up_load,
        many::NO_LOST_UPDATE => many::no_lost_update,
        names::AT_ONCE_APART => names::at_once_apart,
    }
    handles::second_handle(harness, report).await?;
    handles::reopened(harness, report).await?;
    lost::lost(harness, report).await
}

pub(super) async fn run_on_threads<S: TokenStore + 'static>(
    handles: Vec<S>,
    drive: Option<Drive>,
    report: &mut Report,
) -> Result<(), Broken> {
    let Some(drive) = drive else {
        report.opt_out(&threads::ON_THREADS);
        return Ok(());
    };
    let handles: Vec<_> = handles.into_iter().map(Arc::new).collect();
    threads::on_threads(&handles, &drive).await?;
    report.keep(&threads::ON_THREADS);
    Ok(())
}

/// Gives the store with all that it had to keep: it took long to fill.
pub(super) async fn run_with_many<H: Harness>(
    harness: &H,
    report: &mut Report,
) -> Result<H::Store, Broken> {
    let full = harness.fresh().await;
    names::many_entries(Probe::new(&full, &names::MANY_ENTRIES)).await?;
    report.keep(&names::MANY_ENTRIES);
    Ok(full)
}

pub(super) async fn run_listing<H>(
    harness: &H,
    full: H::Store,
    report: &mut Report,
) -> Result<(), Broken>
where
    H: Harness,
    H::Store: ListKeys,
{
    names::listing_many(&full).await?;
    report.keep(&names::LISTING_MANY);
    let store = harness.fresh().await;
    names::listing(&store).await?;
    report.keep(&names::LISTING);
    Ok(())
}

/// An entry with a revision that no other has.
fn entry(bytes: &[u8]) -> Entry {
    Entry::new(revision(), bytes.to_vec())
}

fn revision() -> Revision {
    // Spread over all sixteen bytes, so that a store that cuts or mixes them is found out.
    static DRAWN: AtomicU64 = AtomicU64::new(1);
    let drawn = u128::from(DRAWN.fetch_add(1, Ordering::Relaxed));
    let spread = drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    Revision::from_bytes((spread ^ (spread >> 61)).to_be_bytes())
}
