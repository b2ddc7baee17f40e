//! A file system that forgets what was not synced: it fails, or loses power, at any operation, and
//! then shows every state a real one could be found in.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use zeroize::Zeroizing;

use super::disk::Disk;
use crate::{StoreError, StoreErrorKind};

/// What goes wrong at one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The operation fails (a write half way); those after it work.
    Error,
    /// The operation fails and so do all after it: the process or the power is gone.
    Cut,
}

#[derive(Default)]
pub(super) struct SimDisk {
    state: Mutex<State>,
}

#[derive(Default, Clone)]
struct State {
    files: Vec<Inode>,
    names: BTreeMap<String, usize>,
    /// The folder as it was synced last, and what was done to it since.
    lasting: BTreeMap<String, usize>,
    pending: Vec<Change>,
    operations: usize,
    fault: Option<(usize, Fault)>,
    sync_does_nothing: bool,
    /// How many more bytes can be written; `None` where there is always room.
    room: Option<usize>,
    /// The files whose sync was tried.
    synced: Vec<usize>,
}

#[derive(Clone)]
struct Inode {
    bytes: Vec<u8>,
    synced: bool,
}

#[derive(Clone)]
enum Change {
    Link(String, usize),
    Rename(String, String, usize),
    Unlink(String),
}

impl SimDisk {
    /// What is done fails at the operation of this number (the first is 0) from now on.
    pub(super) fn fault_at(&self, operation: usize, fault: Fault) {
        let mut state = self.state();
        state.operations = 0;
        state.fault = Some((operation, fault));
    }

    pub(super) fn no_fault(&self) {
        self.state().fault = None;
    }

    /// Whether the fault that was asked for came.
    pub(super) fn fault_came(&self) -> bool {
        let state = self.state();
        state.fault.is_some_and(|(at, _)| state.operations > at)
    }

    /// A disk whose sync answers at once and does nothing.
    pub(super) fn that_lies_about_sync(self) -> Self {
        self.state().sync_does_nothing = true;
        self
    }

    /// So many more bytes can be written; `None` where there is always room.
    pub(super) fn set_room(&self, room: Option<usize>) {
        self.state().room = room;
    }

    /// The files, each by its number, whose sync was tried since the disk was made, failed ones included.
    pub(super) fn syncs(&self) -> Vec<usize> {
        self.state().synced.clone()
    }

    /// The names of all files.
    pub(super) fn files(&self) -> Vec<String> {
        self.state().names.keys().cloned().collect()
    }

    /// Puts bytes into a file behind the store's back.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) {
        let mut state = self.state();
        let inode = state.files.len();
        state.files.push(Inode {
            bytes: bytes.to_vec(),
            synced: true,
        });
        state.names.insert(name.to_owned(), inode);
        state.lasting.insert(name.to_owned(), inode);
    }

    pub(super) fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state();
        Some(state.files[*state.names.get(name)?].bytes.clone())
    }

    /// Every disk that could be found after the power failed now: any of the folder's changes since
    /// its last sync lasted or did not, and of a file that was not synced nothing, a part, zeros or all.
    pub(super) fn after_power_cut(&self) -> Vec<SimDisk> {
        let state = self.state().clone();
        let mut found = Vec::new();
        for lasted in 0..1_u32 << state.pending.len() {
            let mut names = state.lasting.clone();
            for (number, change) in state.pending.iter().enumerate() {
                if lasted & (1 << number) != 0 {
                    change.apply(&mut names);
                }
            }
            for damage in [0.0, 0.5, 0.99, 1.0] {
                for zeros in [false, true] {
                    let files = state.files.iter().map(|file| file.after(damage, zeros));
                    found.push(SimDisk {
                        state: Mutex::new(State {
                            files: files.collect(),
                            names: names.clone(),
                            lasting: names.clone(),
                            ..State::default()
                        }),
                    });
                }
            }
        }
        found
    }

    /// The disk as another process finds it when this one was killed: nothing is lost.
    pub(super) fn after_kill(&self) -> SimDisk {
        let mut state = self.state().clone();
        state.fault = None;
        SimDisk {
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Counts one operation, and fails if it is the one.
    fn operate(&self) -> Result<MutexGuard<'_, State>, StoreError> {
        let mut state = self.state();
        let now = state.operations;
        state.operations += 1;
        match state.fault {
            Some((at, Fault::Error)) if now == at => Err(broken()),
            Some((at, Fault::Cut)) if now >= at => Err(broken()),
            _ => Ok(state),
        }
    }
}

impl Inode {
    fn after(&self, part: f64, zeros: bool) -> Self {
        let mut bytes = self.bytes.clone();
        if !self.synced {
            let kept = (bytes.len() as f64 * part) as usize;
            match zeros {
                true => bytes[kept..].fill(0),
                false => bytes.truncate(kept),
            }
        }
        Self {
            bytes,
            synced: true,
        }
    }
}

impl Change {
    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Link(name, inode) => {
                names.insert(name.clone(), *inode);
            }
            Self::Rename(from, to, inode) => {
                names.remove(from);
                names.insert(to.clone(), *inode);
            }
            Self::Unlink(name) => {
                names.remove(name);
            }
        }
    }
}

fn broken() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, "the simulated disk fails")
}

impl Disk for SimDisk {
    type File = usize;
    type Lock = ();

    fn judge(&self) -> Result<(), StoreError> {
        self.operate().map(drop)
    }

    fn try_lock(&self, name: &str) -> Result<Option<()>, StoreError> {
        let mut state = self.operate()?;
        if !state.names.contains_key(name) {
            state.files.push(Inode {
                bytes: Vec::new(),
                synced: true,
            });
            let inode = state.files.len() - 1;
            state.link(name, inode);
        }
        Ok(Some(()))
    }

    fn read(&self, name: &str, _limit: usize) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let state = self.operate()?;
        let bytes = state
            .names
            .get(name)
            .map(|at| state.files[*at].bytes.clone());
        Ok(bytes.map(Zeroizing::new))
    }

    fn create(&self, name: &str) -> Result<usize, StoreError> {
        let mut state = self.operate()?;
        assert!(!state.names.contains_key(name), "{name} is made twice");
        state.files.push(Inode {
            bytes: Vec::new(),
            synced: false,
        });
        let inode = state.files.len() - 1;
        state.link(name, inode);
        Ok(inode)
    }

    fn write(&self, file: &mut usize, bytes: &[u8]) -> Result<(), StoreError> {
        match self.operate() {
            Ok(mut state) => {
                let fits = state.room.unwrap_or(usize::MAX).min(bytes.len());
                state.room = state.room.map(|room| room - fits);
                state.files[*file].bytes.extend_from_slice(&bytes[..fits]);
                match fits == bytes.len() {
                    true => Ok(()),
                    false => Err(broken()),
                }
            }
            Err(error) => {
                let half = &bytes[..bytes.len() / 2];
                self.state().files[*file].bytes.extend_from_slice(half);
                Err(error)
            }
        }
    }

    fn sync(&self, file: usize) -> Result<(), StoreError> {
        self.state().synced.push(file);
        let mut state = self.operate()?;
        if !state.sync_does_nothing {
            state.files[file].synced = true;
        }
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StoreError> {
        let mut state = self.operate()?;
        let inode = *state.names.get(from).ok_or_else(broken)?;
        let change = Change::Rename(from.to_owned(), to.to_owned(), inode);
        state.change(change);
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), StoreError> {
        let mut state = self.operate()?;
        if state.names.contains_key(name) {
            state.change(Change::Unlink(name.to_owned()));
        }
        Ok(())
    }

    fn sync_folder(&self) -> Result<(), StoreError> {
        let mut state = self.operate()?;
        if !state.sync_does_nothing {
            state.lasting = state.names.clone();
            state.pending.clear();
        }
        Ok(())
    }

    fn names(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.operate()?.names.keys().cloned().collect())
    }
}

impl State {
    fn link(&mut self, name: &str, inode: usize) {
        self.change(Change::Link(name.to_owned(), inode));
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.names);
        self.pending.push(change);
    }
}
