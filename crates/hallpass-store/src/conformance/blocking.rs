//! The suite for stores of the [blocking twin](crate::blocking::TokenStore).
//!
//! It is the same suite: each operation runs on a thread of its own, so that what is tried at once
//! truly runs at once.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Broken, Loss, Report, block_on, rules};
use crate::{
    Entry, Key, Revision, StoreError, SwapError, Unblocked, blocking::ListKeys,
    blocking::TokenStore,
};

/// Makes the blocking stores that the suite tries; see [`super::Harness`].
pub trait Harness: Send + Sync {
    /// The store under test.
    type Store: TokenStore + 'static;

    /// A store with nothing in it, which shares nothing with those made before. Panic where it
    /// cannot be made.
    fn fresh(&self) -> Self::Store;

    /// A second handle on what `store` holds, as another process would open it.
    fn again(&self, _store: &Self::Store) -> Option<Self::Store> {
        None
    }

    /// Closes the store and opens it again, as after a restart.
    fn reopen(&self, _store: Self::Store) -> Option<Self::Store> {
        None
    }

    /// Sees to it that the next swap through this handle loses its answer, and says whether it did; see
    /// [`super::Harness::lose_answer`].
    fn lose_answer(&self, _store: &Self::Store, _loss: Loss) -> bool {
        false
    }
}

impl<F, S> Harness for F
where
    F: Fn() -> S + Send + Sync,
    S: TokenStore + 'static,
{
    type Store = S;

    fn fresh(&self) -> S {
        self()
    }
}

/// Runs every rule of [`TokenStore`] and stops at the first that is broken.
///
/// # Errors
/// The rule that is [`Broken`], and how.
pub fn check<H: Harness>(harness: H) -> Result<Report, Broken> {
    let harness = OnThreads(harness);
    let mut report = Report::default();
    block_on(async {
        rules::run(&harness, &mut report).await?;
        harness.race(&mut report).await?;
        rules::run_with_many(&harness, &mut report).await
    })?;
    Ok(report)
}

/// As [`check`], and the rules of [`ListKeys`] too.
///
/// # Errors
/// The rule that is [`Broken`], and how.
pub fn check_listing<H>(harness: H) -> Result<Report, Broken>
where
    H: Harness,
    H::Store: ListKeys,
{
    let harness = OnThreads(harness);
    let mut report = Report::default();
    block_on(async {
        rules::run(&harness, &mut report).await?;
        harness.race(&mut report).await?;
        let full = rules::run_with_many(&harness, &mut report).await?;
        rules::run_listing(&harness, full, &mut report).await
    })?;
    Ok(report)
}

/// As [`check`], for the one line of a test.
///
/// # Panics
/// Where a rule is broken, with all that is known of it.
pub fn assert_conforms<H: Harness>(harness: H) -> Report {
    super::told(check(harness))
}

/// As [`assert_conforms`] with [`Places`](super::Places), for stores that many handles share.
///
/// # Panics
/// Where a rule is broken, with all that is known of it.
pub fn assert_conforms_shared<S: TokenStore + 'static>(
    open: impl Fn(u32) -> S + Send + Sync + 'static,
) -> Report {
    assert_conforms(super::Places::new(open))
}

struct OnThreads<H>(H);

impl<H: Harness> OnThreads<H> {
    // Without the way to another thread and back, which would make it rare that two callers are as close as can be.
    async fn race(&self, report: &mut Report) -> Result<(), Broken> {
        let drive = Arc::new(block_on);
        let store = self.0.fresh();
        let other = self.0.again(&store);
        let handles = [store].into_iter().chain(other).map(Inline).collect();
        rules::run_on_threads(handles, Some(drive), report).await
    }
}

/// Blocks whoever polls it.
struct Inline<S>(S);

#[async_trait]
impl<S: TokenStore> crate::TokenStore for Inline<S> {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        self.0.load(key)
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        self.0.swap(key, expected, new)
    }
}

#[async_trait]
impl<H: Harness> super::Harness for OnThreads<H> {
    type Store = Unblocked<H::Store>;

    async fn fresh(&self) -> Self::Store {
        Unblocked::new(self.0.fresh())
    }

    async fn again(&self, store: &Self::Store) -> Option<Self::Store> {
        self.0.again(store.inner()).map(Unblocked::new)
    }

    async fn reopen(&self, store: Self::Store) -> Option<Self::Store> {
        self.0.reopen(store.into_inner()?).map(Unblocked::new)
    }

    async fn lose_answer(&self, store: &Self::Store, loss: Loss) -> bool {
        self.0.lose_answer(store.inner(), loss)
    }
}
