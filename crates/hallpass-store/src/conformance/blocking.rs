//! The suite for stores of the [blocking twin](crate::blocking::TokenStore).
//!
//! It is the same suite: each operation runs on a thread of its own, so that what is tried at once
//! truly runs at once.

use async_trait::async_trait;

use super::{Broken, Report, block_on};
use crate::{Unblocked, blocking::ListKeys, blocking::TokenStore};

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
    block_on(super::check(OnThreads(harness)))
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
    block_on(super::check_listing(OnThreads(harness)))
}

/// As [`check`], for the one line of a test.
///
/// # Panics
/// Where a rule is broken, with all that is known of it.
pub fn assert_conforms<H: Harness>(harness: H) -> Report {
    block_on(super::assert_conforms(OnThreads(harness)))
}

struct OnThreads<H>(H);

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
}
