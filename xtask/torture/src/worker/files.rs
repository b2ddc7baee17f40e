//! The file store on a disk that is full, and on one that fails.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use hallpass_store::{FileStore, Key, SwapError, blocking::TokenStore};

use super::{Words, say};
use crate::mark::Mark;

const KEYS: u64 = 4;
const PAGE: u64 = 4096;

/// The key on the disk that fails.
pub(crate) fn failing() -> Key {
    Key::new("on a disk that fails")
}

/// `folder=`, `rounds=`, `seed=`: mounts a small tmpfs there, which goes with this process's mount namespace, fills it up
/// and writes, again and again.
pub(super) fn fill(words: &Words) -> Result<(), String> {
    let folder = PathBuf::from(words.text("folder")?);
    mount(&folder)?;
    say("ready");
    let store = FileStore::open(folder.join("tokens")).map_err(|error| error.to_string())?;
    let mut disk = Disk {
        folder,
        store,
        random: fastrand::Rng::with_seed(words.number("seed")?),
        marks: [Mark::Absent; KEYS as usize],
        next: 0,
    };
    for _ in 0..words.number("rounds")? {
        disk.round()?;
    }
    Ok(())
}

/// `folder=`, `number=`: one write (none of a number: a removal), whatever the disk does to it.
pub(super) fn fail(words: &Words) -> Result<(), String> {
    let opened = FileStore::open(words.text("folder")?);
    let read = opened.and_then(|store| Ok((store.load(&failing())?, store)));
    let Ok((stored, store)) = read else {
        say("unread");
        return Ok(());
    };
    let new = match Mark::read(words.text("number")?) {
        Some(Mark::Number(number)) => {
            let mut random = fastrand::Rng::with_seed(number);
            Some(Mark::entry(number, 512, &mut random))
        }
        _ => None,
    };
    let done = store.swap(&failing(), stored.map(|entry| entry.revision), new);
    say(outcome(&done));
    Ok(())
}

fn outcome(done: &Result<(), SwapError>) -> &'static str {
    match done {
        Ok(()) => "written",
        Err(SwapError::Conflict) => "conflict",
        Err(SwapError::Failed(_)) => "failed",
        Err(SwapError::Unknown(_)) => "unknown",
    }
}

fn mount(folder: &Path) -> Result<(), String> {
    fs::create_dir(folder).map_err(|error| error.to_string())?;
    let mut mount = Command::new("mount");
    mount.args([
        "-t",
        "tmpfs",
        "-o",
        "size=256k,nr_inodes=40,mode=700",
        "tmpfs",
    ]);
    let status = mount
        .arg(folder)
        .status()
        .map_err(|error| error.to_string())?;
    match status.success() {
        true => Ok(()),
        false => Err("the small tmpfs could not be mounted".to_owned()),
    }
}

/// The full disk, and what each key holds.
struct Disk {
    folder: PathBuf,
    store: FileStore,
    random: fastrand::Rng,
    marks: [Mark; KEYS as usize],
    next: u64,
}

impl Disk {
    fn round(&mut self) -> Result<(), String> {
        let full_of_names = self.random.u8(..4) == 0;
        let filled = match full_of_names {
            true => self.fill_names()?,
            false => self.fill_pages()?,
        };
        let at = self.random.u64(..KEYS);
        let what = self.swap(at)?;
        for path in filled {
            fs::remove_file(path).map_err(|error| error.to_string())?;
        }
        say(what);
        // And with room again, the same key can be written.
        match self.swap(at)? {
            "written" | "removed" => Ok(()),
            other => Err(format!("with room again, a swap is {other}")),
        }
    }

    /// One swap, and a look at everything after it.
    fn swap(&mut self, at: u64) -> Result<&'static str, String> {
        let key = Key::new(format!("key {at}"));
        let slot = usize::try_from(at).map_err(|error| error.to_string())?;
        let stored = self.store.load(&key).map_err(|error| error.to_string())?;
        let is_there = stored.is_some();
        let expected = stored.map(|entry| entry.revision);
        let removes = is_there && self.random.u8(..8) == 0;
        self.next += 1;
        let words = self.random.u64(2..5_000);
        let (new, mark) = match removes {
            true => (None, Mark::Absent),
            false => {
                let entry = Mark::entry(self.next, words, &mut self.random);
                (Some(entry), Mark::Number(self.next))
            }
        };
        let done = self.store.swap(&key, expected, new);
        let what = match (&done, removes) {
            (Ok(()), false) => "written",
            (Ok(()), true) => "removed",
            (Err(SwapError::Failed(_)), false) => "failed",
            (Err(SwapError::Failed(error)), true) => {
                return Err(format!("a removal failed for want of room: {error}"));
            }
            (Err(SwapError::Conflict | SwapError::Unknown(_)), _) => {
                return Err(format!("a write without room is {}", outcome(&done)));
            }
        };
        if done.is_ok() {
            self.marks[slot] = mark;
        }
        self.look()?;
        Ok(what)
    }

    /// Every entry is the one that was written last, whole, and no new file was left behind.
    fn look(&self) -> Result<(), String> {
        for (at, mark) in (0..KEYS).zip(self.marks) {
            let stored = self.store.load(&Key::new(format!("key {at}")));
            let found = Mark::of(stored.map_err(|error| error.to_string())?.as_ref())?;
            if found != mark {
                return Err(format!("key {at} holds {found:?} and not {mark:?}"));
            }
        }
        match left_over(self.store.folder())?.as_slice() {
            [] => Ok(()),
            names => Err(format!("left behind: {}", names.join(", "))),
        }
    }

    /// Fills the pages but for a few.
    fn fill_pages(&mut self) -> Result<Vec<PathBuf>, String> {
        let path = self.folder.join("filler");
        let mut file = File::create(&path).map_err(|error| error.to_string())?;
        let page = [0; PAGE as usize];
        let mut pages: u64 = 0;
        while file.write_all(&page).is_ok() {
            pages += 1;
        }
        let keep = pages.saturating_sub(self.random.u64(..12));
        file.set_len(keep * PAGE)
            .map_err(|error| error.to_string())?;
        Ok(vec![path])
    }

    /// Leaves room, and no name (or one, or two) for a file in it.
    fn fill_names(&mut self) -> Result<Vec<PathBuf>, String> {
        let mut paths = Vec::new();
        loop {
            let path = self.folder.join(format!("filler-{}", paths.len()));
            match File::create(&path) {
                Ok(_) => paths.push(path),
                Err(_) => break,
            }
        }
        for _ in 0..self.random.u8(..3) {
            if let Some(path) = paths.pop() {
                fs::remove_file(path).map_err(|error| error.to_string())?;
            }
        }
        Ok(paths)
    }
}

/// The names in a file store's folder that are neither entries nor locks.
pub(crate) fn left_over(folder: &Path) -> Result<Vec<String>, String> {
    let names = fs::read_dir(folder).map_err(|error| error.to_string())?;
    let names = names.map(|name| {
        let name = name.map_err(|error| error.to_string())?.file_name();
        Ok(name.to_string_lossy().into_owned())
    });
    let names: Vec<String> = names.collect::<Result<_, String>>()?;
    let is_known = |name: &String| name.ends_with(".entry") || name.ends_with(".lock");
    Ok(names.into_iter().filter(|name| !is_known(name)).collect())
}
