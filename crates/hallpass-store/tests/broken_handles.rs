//! Stores that are right as long as there is one handle: the suite finds each, and names the rule.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, Weak},
};

use hallpass_store::{
    Entry, Key, MemoryStore, Revision, StoreError, SwapError, TokenStore, async_trait, blocking,
    conformance::{self, Places},
};

const SHARED: &str = "a second handle must see what the first one wrote, and compare with it";
const REOPENED: &str = "a store that is opened again must hold what it held";
const ON_THREADS: &str =
    "callers on threads of their own must find no gap between the comparison and the write";

fn found<S: TokenStore + 'static>(open: impl Fn(u32) -> S + Send + Sync + 'static, rule: &str) {
    let places = Places::new(open).on_threads(conformance::block_on);
    let broken = conformance::block_on(conformance::check(places)).unwrap_err();
    assert_eq!(broken.rule(), rule, "{broken}");
}

/// What all handles of a place share.
fn shared<T: Default + Send + Sync + 'static>() -> impl Fn(u32) -> Arc<T> + Send + Sync + 'static {
    let places: Mutex<BTreeMap<u32, Arc<T>>> = Mutex::default();
    move |place| Arc::clone(places.lock().unwrap().entry(place).or_default())
}

type Disk = Mutex<BTreeMap<Key, Entry>>;

fn swap_on(
    disk: &mut BTreeMap<Key, Entry>,
    key: &Key,
    expected: Option<Revision>,
    new: Option<Entry>,
) -> Result<(), SwapError> {
    if disk.get(key).map(|stored| stored.revision) != expected {
        return Err(SwapError::Conflict);
    }
    match new {
        Some(new) => disk.insert(key.clone(), new),
        None => disk.remove(key),
    };
    Ok(())
}

#[test]
fn a_store_that_forgets_at_a_restart_is_found() {
    struct Forgetful;

    #[async_trait]
    impl conformance::Harness for Forgetful {
        type Store = Arc<MemoryStore>;

        async fn fresh(&self) -> Arc<MemoryStore> {
            Arc::default()
        }

        async fn reopen(&self, _store: Arc<MemoryStore>) -> Option<Arc<MemoryStore>> {
            Some(Arc::default())
        }
    }

    let broken = conformance::block_on(conformance::check(Forgetful)).unwrap_err();
    assert_eq!(broken.rule(), REOPENED);
}

#[test]
fn a_store_whose_handles_do_not_share_is_found() {
    found(|_| MemoryStore::new(), SHARED);
}

/// Inserts and removals are written; a replacement is in the memory that the handles of a process share.
struct ReplacesInMemory {
    disk: Arc<Disk>,
    memory: Arc<Disk>,
}

#[async_trait]
impl TokenStore for ReplacesInMemory {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        Ok(self.memory.lock().unwrap().get(key).cloned())
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        swap_on(&mut self.memory.lock().unwrap(), key, expected, new.clone())?;
        match (expected, new) {
            (Some(_), Some(_)) => {}
            (None, Some(new)) => {
                self.disk.lock().unwrap().insert(key.clone(), new);
            }
            (_, None) => {
                self.disk.lock().unwrap().remove(key);
            }
        }
        Ok(())
    }
}

#[test]
fn a_store_that_forgets_only_replacements_at_a_restart_is_found() {
    let disks = shared::<Disk>();
    let memories: Mutex<BTreeMap<u32, Weak<Disk>>> = Mutex::default();
    let open = move |place| {
        let disk = disks(place);
        let mut memories = memories.lock().unwrap();
        let kept = memories.get(&place).and_then(Weak::upgrade);
        let memory = kept.unwrap_or_else(|| Arc::new(Mutex::new(disk.lock().unwrap().clone())));
        memories.insert(place, Arc::downgrade(&memory));
        ReplacesInMemory { disk, memory }
    };
    found(open, REOPENED);
}

/// Each handle remembers under which keys it found nothing.
struct RemembersNothing {
    nothing: Mutex<BTreeSet<Key>>,
    disk: Arc<Disk>,
}

#[async_trait]
impl TokenStore for RemembersNothing {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        let mut nothing = self.nothing.lock().unwrap();
        if nothing.contains(key) {
            return Ok(None);
        }
        let stored = self.disk.lock().unwrap().get(key).cloned();
        if stored.is_none() {
            nothing.insert(key.clone());
        }
        Ok(stored)
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        self.nothing.lock().unwrap().remove(key);
        swap_on(&mut self.disk.lock().unwrap(), key, expected, new)
    }
}

#[test]
fn a_store_whose_handles_remember_that_nothing_was_there_is_found() {
    let disks = shared();
    let open = move |place| RemembersNothing {
        nothing: Mutex::default(),
        disk: disks(place),
    };
    found(open, SHARED);
}

/// The lock over comparison and write is in the handle.
struct LocksTheHandle {
    own: Mutex<()>,
    disk: Arc<Disk>,
}

impl LocksTheHandle {
    fn at(disks: impl Fn(u32) -> Arc<Disk>) -> impl Fn(u32) -> Self {
        move |place| Self {
            own: Mutex::default(),
            disk: disks(place),
        }
    }
}

impl blocking::TokenStore for LocksTheHandle {
    fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        Ok(self.disk.lock().unwrap().get(key).cloned())
    }

    fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        let _own = self.own.lock().unwrap();
        let stored = self.disk.lock().unwrap().get(key).cloned();
        if stored.map(|stored| stored.revision) != expected {
            return Err(SwapError::Conflict);
        }
        // Long enough for others to compare too, whatever the machine.
        (0..200).for_each(|_| std::thread::yield_now());
        let mut disk = self.disk.lock().unwrap();
        match new {
            Some(new) => disk.insert(key.clone(), new),
            None => disk.remove(key),
        };
        Ok(())
    }
}

#[async_trait]
impl TokenStore for LocksTheHandle {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        blocking::TokenStore::load(self, key)
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        blocking::TokenStore::swap(self, key, expected, new)
    }
}

#[test]
fn a_store_whose_lock_is_in_the_handle_is_found() {
    found(LocksTheHandle::at(shared()), ON_THREADS);
}

#[test]
fn a_blocking_store_whose_lock_is_in_the_handle_is_found() {
    let broken = conformance::blocking::check(Places::new(LocksTheHandle::at(shared())));
    let broken = broken.unwrap_err();
    // Each of its operations has a thread: the race of two handles may come first.
    assert!([SHARED, ON_THREADS].contains(&broken.rule()), "{broken}");
}
