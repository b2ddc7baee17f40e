//! The order in which the file store does things. Everything that keeps an entry whole is here.

use std::{collections::BTreeSet, thread, time::Duration};

use super::{
    disk::Disk,
    format::{self, Form, Unreadable},
};
use crate::{Entry, Key, Revision, StoreError, StoreErrorKind, SwapError, blocking};

const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);
/// Where a folder is encrypted: the id of its encryption key.
const MARKER: &str = "encryption.key-id";
/// The most bytes that file may have.
#[cfg(feature = "encryption")]
const MOST_MARKER: usize = 128;
const AS_IT_IS: &str = "is left as it is";

pub(crate) struct Engine<D> {
    disk: D,
    form: Form,
    patience: Duration,
    pause: Box<dyn Fn(Duration) + Send + Sync>,
}

impl<D: Disk> Engine<D> {
    pub(super) fn new(disk: D) -> Self {
        Self {
            disk,
            form: Form::Plain,
            patience: PATIENCE,
            pause: Box::new(thread::sleep),
        }
    }

    pub(super) fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    pub(super) fn with_form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    #[cfg(test)]
    pub(super) fn with_pause(mut self, pause: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.pause = Box::new(pause);
        self
    }

    pub(super) fn disk(&self) -> &D {
        &self.disk
    }

    pub(super) fn form(&self) -> &Form {
        &self.form
    }

    /// A folder that was encrypted once is never written in plain again, though the file that says so be gone.
    pub(super) fn refuse_encrypted(&self) -> Result<(), StoreError> {
        self.refuse_marked()?;
        match self.encryption_keys()?.is_empty() {
            true => Ok(()),
            false => Err(encrypted()),
        }
    }

    fn refuse_marked(&self) -> Result<(), StoreError> {
        match self.disk.read(MARKER, 1)? {
            None => Ok(()),
            Some(_) => Err(encrypted()),
        }
    }

    /// The ids of the encryption keys with which entries of this folder are encrypted.
    fn encryption_keys(&self) -> Result<BTreeSet<[u8; 16]>, StoreError> {
        let mut keys = BTreeSet::new();
        for name in self.disk.names()? {
            if Names::of_entry_file(&name).is_none() {
                continue;
            }
            match self.encryption_key_of(&name) {
                Ok(key) => keys.extend(key),
                // A link, or open to others: it is for a load of its key to tell.
                Err(error) if error.kind() == StoreErrorKind::Refused => {}
                Err(error) => return Err(error),
            }
        }
        Ok(keys)
    }

    fn encryption_key_of(&self, name: &str) -> Result<Option<[u8; 16]>, StoreError> {
        let beginning = self.disk.read(name, format::BEGINNING)?;
        if !beginning.is_some_and(|beginning| format::may_be_sealed(&beginning)) {
            return Ok(None);
        }
        let file = self.disk.read(name, format::MOST_BYTES)?;
        Ok(file.and_then(|file| format::sealed_with(&file)))
    }

    pub(super) fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        self.disk.judge()?;
        let names = Names::of(key);
        match self.read(&names)? {
            Content::Nothing => Ok(None),
            Content::Entry(_, entry) => Ok(Some(entry)),
            // Under the lock nobody replaces the file between the look and the renaming.
            Content::Unreadable(why) if why.is_whole() => Err(unreadable(&names, why, AS_IT_IS)),
            Content::Unreadable(why) => match self.disk.try_lock(&names.lock)? {
                Some(_lock) => self.stored(&names),
                // Whoever has it sets the file aside. A load waits for nobody.
                None => Err(unreadable(
                    &names,
                    why,
                    "is left as it is: its lock is held",
                )),
            },
        }
    }

    pub(super) fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        let names = Names::of(key);
        let file = new
            .map(|entry| self.form.encode(key, &entry))
            .transpose()
            .map_err(SwapError::Failed)?;
        self.disk.judge().map_err(SwapError::Failed)?;
        let _lock = self.lock(&names).map_err(SwapError::Failed)?;
        if matches!(self.form, Form::Plain) {
            // Another may have begun to encrypt the folder since this one opened it.
            self.refuse_marked().map_err(SwapError::Failed)?;
        }
        let stored = self
            .stored(&names)
            .map_err(SwapError::Failed)?
            .map(|entry| entry.revision);
        if stored != expected {
            return Err(SwapError::Conflict);
        }
        match (file, stored) {
            (Some(file), _) => self.replace(&names, &file),
            (None, Some(_)) => self.remove(&names),
            (None, None) => Ok(()),
        }
    }

    /// What the folder holds. It changes nothing: what cannot be read is for the next load of its key to tell.
    pub(super) fn list(&self) -> Result<List, StoreError> {
        self.disk.judge()?;
        let mut list = List::default();
        for name in self.disk.names()? {
            let Some(names) = Names::of_entry_file(&name) else {
                continue;
            };
            match self.read(&names) {
                // Removed since the folder was listed.
                Ok(Content::Nothing) => {}
                Ok(Content::Entry(key, _)) => list.keys.push(key),
                Ok(Content::Unreadable(why)) => {
                    let error = unreadable(&names, why, AS_IT_IS);
                    list.unreadable.push(error);
                }
                Err(error) if error.kind() == StoreErrorKind::Refused => {
                    list.unreadable.push(error);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(list)
    }

    /// A new file, synced, in the old one's place: up to the rename the old entry is there, from it
    /// on the new one.
    fn replace(&self, names: &Names, file: &[u8]) -> Result<(), SwapError> {
        // Left by a process that died here; the lock says that nobody is writing it.
        self.disk.remove(&names.new).map_err(SwapError::Failed)?;
        if let Err(error) = self.write_new(names, file) {
            // The error that stopped the write is the one to tell; a file that stays is removed by the next swap.
            let _ = self.disk.remove(&names.new);
            return Err(SwapError::Failed(error));
        }
        match self.disk.rename(&names.new, &names.entry) {
            Ok(()) => self.disk.sync_folder().map_err(SwapError::Unknown),
            Err(error) => {
                let _ = self.disk.remove(&names.new);
                Err(SwapError::Failed(error))
            }
        }
    }

    fn write_new(&self, names: &Names, bytes: &[u8]) -> Result<(), StoreError> {
        let mut file = self.disk.create(&names.new)?;
        self.disk.write(&mut file, bytes)?;
        self.disk.sync(file)
    }

    fn remove(&self, names: &Names) -> Result<(), SwapError> {
        self.disk.remove(&names.entry).map_err(SwapError::Failed)?;
        self.disk.sync_folder().map_err(SwapError::Unknown)
    }

    /// What is stored. The caller holds the lock, so a file that cannot be read may be set aside.
    fn stored(&self, names: &Names) -> Result<Option<Entry>, StoreError> {
        match self.read(names)? {
            Content::Nothing => Ok(None),
            Content::Entry(_, entry) => Ok(Some(entry)),
            Content::Unreadable(why) if why.is_whole() => Err(unreadable(names, why, AS_IT_IS)),
            Content::Unreadable(why) => Err(self.set_aside(names, why)),
        }
    }

    fn read(&self, names: &Names) -> Result<Content, StoreError> {
        let Some(file) = self.disk.read(&names.entry, format::MOST_BYTES)? else {
            return Ok(Content::Nothing);
        };
        Ok(match self.form.decode(&file, &names.stem) {
            Ok((key, entry)) => Content::Entry(key, entry),
            Err(why) => Content::Unreadable(why),
        })
    }

    fn set_aside(&self, names: &Names, why: Unreadable) -> StoreError {
        let moved = self.disk.names().and_then(|taken| {
            let aside = (1..)
                .map(|number: u32| format!("{}.corrupt-{number}", names.stem))
                .find(|name| !taken.contains(name))
                .unwrap_or_else(|| format!("{}.corrupt", names.stem));
            self.disk.rename(&names.entry, &aside)?;
            self.disk.sync_folder()?;
            Ok(aside)
        });
        match moved {
            Ok(aside) => unreadable(names, why, &format!("was set aside as {aside}")),
            Err(error) => unreadable(names, why, "could not be set aside").with_source(error),
        }
    }

    /// Waits by counting its own pauses, so no clock can stretch or shorten it.
    fn lock(&self, names: &Names) -> Result<D::Lock, StoreError> {
        let (mut waited, mut pause) = (Duration::ZERO, Duration::from_millis(1));
        loop {
            if let Some(lock) = self.disk.try_lock(&names.lock)? {
                return Ok(lock);
            }
            if waited >= self.patience {
                return Err(StoreError::new(
                    StoreErrorKind::Busy,
                    format!("{} was not free within {:?}", names.lock, self.patience),
                ));
            }
            let next = pause.min(self.patience.saturating_sub(waited));
            (self.pause)(next);
            waited = waited.saturating_add(next);
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }
}

impl<D: Disk> blocking::TokenStore for Engine<D> {
    fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        self.load(key)
    }

    fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        self.swap(key, expected, new)
    }
}

impl<D: Disk> blocking::ListKeys for Engine<D> {
    fn keys(&self) -> Result<Vec<Key>, StoreError> {
        Ok(self.list()?.keys)
    }
}

/// The keys of a folder, and what is wrong with each file that gave none.
#[derive(Default)]
pub(crate) struct List {
    pub(super) keys: Vec<Key>,
    pub(super) unreadable: Vec<StoreError>,
}

/// What the file of an entry holds.
enum Content {
    Nothing,
    Entry(Key, Entry),
    Unreadable(Unreadable),
}

/// The files of one key, named by its SHA-256: no key leaves the folder, and none meets another
/// where the file system folds case.
struct Names {
    stem: String,
    entry: String,
    new: String,
    lock: String,
}

impl Names {
    fn of(key: &Key) -> Self {
        Self::of_stem(&key.sha256_hex())
    }

    /// `None` where no key has an entry of this name: the file is not ours.
    fn of_entry_file(name: &str) -> Option<Self> {
        let stem = name.strip_suffix(".entry")?;
        let is_hash = stem.len() == 64
            && stem
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_hash.then(|| Self::of_stem(stem))
    }

    #[cfg(feature = "encryption")]
    fn of_marker() -> Self {
        Self {
            entry: MARKER.to_owned(),
            ..Self::of_stem("encryption")
        }
    }

    fn of_stem(stem: &str) -> Self {
        Self {
            stem: stem.to_owned(),
            entry: format!("{stem}.entry"),
            new: format!("{stem}.new"),
            lock: format!("{stem}.lock"),
        }
    }
}

fn encrypted() -> StoreError {
    StoreError::new(
        StoreErrorKind::Refused,
        "the entries of this folder are encrypted: `FileStore::open_encrypted` opens it",
    )
}

fn unreadable(names: &Names, why: Unreadable, and: &str) -> StoreError {
    let (entry, reason) = (&names.entry, why.reason());
    StoreError::new(
        why.kind(),
        format!("{entry} cannot be read ({reason}) and {and}"),
    )
}

#[cfg(feature = "encryption")]
mod encrypted;
#[cfg(test)]
mod tests;
