//! A harness made of closures, for a store that is opened at a place.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use async_trait::async_trait;

use super::{Drive, Harness, Loss, Work, blocking as twin};
use crate::{Entry, Key, ListKeys, Revision, StoreError, SwapError, TokenStore, blocking};

/// Makes stores by opening them at numbered places (a folder, a table, a prefix): every number is
/// a place of its own, and to open it again is to have a second handle on what it holds. With that the
/// suite tries what many handles share, too.
///
/// A place must be empty when it is first opened; the numbers begin at 0 in every run.
///
/// ```
/// use std::{collections::HashMap, sync::{Arc, Mutex}};
///
/// use hallpass_store::{MemoryStore, conformance::{self, Places}};
///
/// let tables: Mutex<HashMap<u32, Arc<MemoryStore>>> = Mutex::default();
/// let places = Places::new(move |place| Arc::clone(tables.lock().unwrap().entry(place).or_default()))
///     .on_threads(conformance::block_on);
/// let report = conformance::block_on(conformance::assert_conforms(places));
/// assert!(report.left_out().is_empty());
/// ```
pub struct Places<S> {
    open: Box<dyn Fn(u32) -> S + Send + Sync>,
    next: AtomicU32,
    drive: Option<Drive>,
    lose: Option<Lose<S>>,
}

type Lose<S> = Box<dyn Fn(&S, Loss) -> bool + Send + Sync>;

impl<S> Places<S> {
    /// `open` gives a handle on what is stored at the place of this number.
    pub fn new(open: impl Fn(u32) -> S + Send + Sync + 'static) -> Self {
        Self {
            open: Box::new(open),
            next: AtomicU32::new(0),
            drive: None,
            lose: None,
        }
    }

    /// Lets callers race on threads of their own, where `drive` runs the futures; see
    /// [`Harness::on_threads`]. A blocking store's callers do so anyway.
    #[must_use]
    pub fn on_threads(mut self, drive: impl Fn(Work) + Send + Sync + 'static) -> Self {
        self.drive = Some(Arc::new(drive));
        self
    }

    /// Lets the suite try lost answers: `lose` makes the next swap through this handle lose its answer, and
    /// says whether it could; see [`Harness::lose_answer`].
    #[must_use]
    pub fn losing(mut self, lose: impl Fn(&S, Loss) -> bool + Send + Sync + 'static) -> Self {
        self.lose = Some(Box::new(lose));
        self
    }

    fn next(&self) -> Placed<S> {
        self.at(self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn at(&self, place: u32) -> Placed<S> {
        Placed {
            place,
            store: (self.open)(place),
        }
    }

    fn again(&self, placed: &Placed<S>) -> Placed<S> {
        self.at(placed.place)
    }

    fn reopen(&self, placed: Placed<S>) -> Placed<S> {
        let place = placed.place;
        drop(placed);
        self.at(place)
    }

    fn lose(&self, placed: &Placed<S>, loss: Loss) -> bool {
        self.lose
            .as_ref()
            .is_some_and(|lose| lose(&placed.store, loss))
    }
}

impl<S> fmt::Debug for Places<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Places({:?} opened)", self.next)
    }
}

#[async_trait]
impl<S: TokenStore + 'static> Harness for Places<S> {
    type Store = Placed<S>;

    async fn fresh(&self) -> Placed<S> {
        self.next()
    }

    async fn again(&self, store: &Placed<S>) -> Option<Placed<S>> {
        Some(Places::again(self, store))
    }

    async fn reopen(&self, store: Placed<S>) -> Option<Placed<S>> {
        Some(Places::reopen(self, store))
    }

    async fn lose_answer(&self, store: &Placed<S>, loss: Loss) -> bool {
        self.lose(store, loss)
    }

    fn on_threads(&self) -> Option<Drive> {
        self.drive.clone()
    }
}

impl<S: blocking::TokenStore + 'static> twin::Harness for Places<S> {
    type Store = Placed<S>;

    fn fresh(&self) -> Placed<S> {
        self.next()
    }

    fn again(&self, store: &Placed<S>) -> Option<Placed<S>> {
        Some(Places::again(self, store))
    }

    fn reopen(&self, store: Placed<S>) -> Option<Placed<S>> {
        Some(Places::reopen(self, store))
    }

    fn lose_answer(&self, store: &Placed<S>, loss: Loss) -> bool {
        self.lose(store, loss)
    }
}

/// A store, and the number of the place where [`Places`] opened it.
#[derive(Debug)]
pub struct Placed<S> {
    place: u32,
    store: S,
}

#[async_trait]
impl<S: TokenStore> TokenStore for Placed<S> {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        self.store.load(key).await
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        self.store.swap(key, expected, new).await
    }
}

#[async_trait]
impl<S: ListKeys> ListKeys for Placed<S> {
    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.store.keys().await
    }
}

impl<S: blocking::TokenStore> blocking::TokenStore for Placed<S> {
    fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        self.store.load(key)
    }

    fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        self.store.swap(key, expected, new)
    }
}

impl<S: blocking::ListKeys> blocking::ListKeys for Placed<S> {
    fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.store.keys()
    }
}
