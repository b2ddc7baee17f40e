//! `file-store FOLDER ROUNDS`: what saving one session costs with few and with many of them stored, beside the floor.
//!
//! The floor is what nobody who keeps an entry whole can save: a new file, written, synced and renamed over the old one, and the
//! folder synced. All are measured in turn, round by round, so that a slow moment of the disk is everybody's. Each printed line is a
//! name, and the microseconds of the lower quartile, the median and the upper quartile.

use std::{
    env,
    error::Error,
    fs::{self, File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use hallpass_store::{Entry, FileStore, Key, Revision, blocking::TokenStore};

/// About what a session with an ID token takes.
const BYTES: usize = 2048;
const STORED: [usize; 3] = [1, 1_000, 10_000];

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1);
    let (folder, rounds) = match (arguments.next(), arguments.next()) {
        (Some(folder), Some(rounds)) => (PathBuf::from(folder), rounds),
        _ => return Err("file-store FOLDER ROUNDS".into()),
    };
    let rounds: usize = rounds.to_string_lossy().parse()?;
    let home = tempfile::tempdir_in(folder)?;
    let mut floor = Floor::new(home.path().join("floor"))?;
    let mut stores = Vec::new();
    for stored in STORED {
        let folder = home.path().join(stored.to_string());
        stores.push(Stored::new(&folder, stored)?);
    }
    floor.save()?;
    let mut floors = Vec::new();
    let mut ours = vec![Vec::new(); stores.len()];
    for _ in 0..rounds {
        floors.push(timed(|| floor.save())?);
        for (store, times) in stores.iter_mut().zip(&mut ours) {
            times.push(timed(|| store.save())?);
        }
    }
    print("floor", floors);
    for (stored, times) in STORED.iter().zip(ours) {
        print(&stored.to_string(), times);
    }
    Ok(())
}

/// The least a save can be.
struct Floor {
    folder: PathBuf,
}

impl Floor {
    fn new(folder: PathBuf) -> Result<Self> {
        fs::create_dir(&folder)?;
        Ok(Self { folder })
    }

    fn save(&mut self) -> Result<()> {
        let (new, entry) = (self.folder.join("new"), self.folder.join("entry"));
        let mut file = OpenOptions::new().write(true).create_new(true).open(&new)?;
        file.write_all(&[b'x'; BYTES])?;
        file.sync_all()?;
        drop(file);
        fs::rename(new, entry)?;
        #[cfg(unix)]
        File::open(&self.folder)?.sync_all()?;
        Ok(())
    }
}

/// A store with so many sessions, one of which is saved.
struct Stored {
    store: FileStore,
    saved: u128,
}

impl Stored {
    fn new(folder: &Path, stored: usize) -> Result<Self> {
        let store = FileStore::open(folder)?;
        let numbers: Vec<usize> = (0..stored).collect();
        // Side by side, because a disk syncs many files in the time of one.
        thread::scope(|scope| {
            let workers: Vec<_> = numbers
                .chunks(stored.div_ceil(16))
                .map(|numbers| scope.spawn(|| insert(&store, numbers)))
                .collect();
            workers
                .into_iter()
                .try_for_each(|worker| worker.join().map_err(|_| "a worker panicked")?)
        })?;
        Ok(Self { store, saved: 0 })
    }

    fn save(&mut self) -> Result<()> {
        let expected = revision(self.saved);
        self.saved += 1;
        let new = entry(revision(self.saved));
        Ok(self.store.swap(&key(0), Some(expected), Some(new))?)
    }
}

fn insert(store: &FileStore, numbers: &[usize]) -> Result<()> {
    for number in numbers {
        store.swap(&key(*number), None, Some(entry(revision(0))))?;
    }
    Ok(())
}

fn key(number: usize) -> Key {
    Key::new(format!("https://as.example\nclient\nuser-{number}"))
}

fn entry(revision: Revision) -> Entry {
    Entry::new(revision, vec![b'x'; BYTES])
}

fn revision(number: u128) -> Revision {
    Revision::from_bytes(number.to_be_bytes())
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed())
}

fn print(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 4].as_micros();
    println!("{name} {} {} {}", at(1), at(2), at(3));
}
