//! What the suite asks of whoever tests a store.

use async_trait::async_trait;

use crate::TokenStore;

/// Makes the stores that the suite tries. A closure that makes an empty store is one; implement
/// the trait where making a store is asynchronous, or to have the rules of a second handle and of
/// opening again run too.
#[async_trait]
pub trait Harness: Send + Sync {
    /// The store under test.
    type Store: TokenStore;

    /// A store with nothing in it, which shares nothing with those made before. Panic where it
    /// cannot be made.
    async fn fresh(&self) -> Self::Store;

    /// A second handle on what `store` holds, as another process would open it.
    async fn again(&self, _store: &Self::Store) -> Option<Self::Store> {
        None
    }

    /// Closes the store and opens it again, as after a restart.
    async fn reopen(&self, _store: Self::Store) -> Option<Self::Store> {
        None
    }
}

#[async_trait]
impl<F, S> Harness for F
where
    F: Fn() -> S + Send + Sync,
    S: TokenStore,
{
    type Store = S;

    async fn fresh(&self) -> S {
        self()
    }
}
