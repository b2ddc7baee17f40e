//! What the file store leaves in its folder, and what it refuses to use.
#![cfg(all(unix, feature = "file"))]

use std::{
    env,
    error::Error,
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use hallpass_store::{
    Entry, FileStore, Key, Revision, StoreError, StoreErrorKind, SwapError, Unblocked,
    blocking::{ListKeys, TokenStore},
};
use tempfile::TempDir;

/// Where a process that another test started works.
const HOME: &str = "HALLPASS_STORE_TEST_HOME";

fn entry(number: u8) -> Entry {
    Entry::new(Revision::from_bytes([number; 16]), vec![number; 100])
}

fn key() -> Key {
    Key::new("ada@example.org")
}

fn store() -> (TempDir, FileStore) {
    let home = tempfile::tempdir().unwrap();
    let store = FileStore::open(home.path().join("tokens")).unwrap();
    (home, store)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn file_of(store: &FileStore, suffix: &str) -> PathBuf {
    store
        .folder()
        .join(format!("{}.{suffix}", key().sha256_hex()))
}

fn kind_of_swap(answer: Result<(), SwapError>) -> StoreErrorKind {
    match answer {
        Err(SwapError::Failed(error)) => error.kind(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn folders_have_mode_0700_and_files_0600() {
    let own = tempfile::tempdir().unwrap();
    let home = env::var_os(HOME).map_or(own.path().to_owned(), PathBuf::from);
    let store = FileStore::open(home.join("above/tokens/")).unwrap();
    store.swap(&key(), None, Some(entry(1))).unwrap();
    assert_eq!(mode(&home.join("above")), 0o700);
    assert_eq!(mode(store.folder()), 0o700);
    let files: Vec<_> = fs::read_dir(store.folder())
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(files.len(), 2, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{file:?}");
    }
}

#[test]
fn the_umask_neither_opens_nor_closes_them() {
    // A umask belongs to a whole process, so each is tried in a process of its own.
    for umask in ["000", "022", "077", "777"] {
        let home = tempfile::tempdir().unwrap();
        let output = Command::new("sh")
            .args([
                "-c",
                "umask \"$0\" && exec \"$1\" --exact folders_have_mode_0700_and_files_0600",
            ])
            .arg(umask)
            .arg(env::current_exe().unwrap())
            .env(HOME, home.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && told.contains("1 passed"),
            "umask {umask}: {told}"
        );
    }
}

#[test]
fn a_folder_that_is_open_to_others_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("tokens");
    fs::create_dir(&path).unwrap();
    for open in [0o755, 0o777, 0o710, 0o702] {
        fs::set_permissions(&path, Permissions::from_mode(open)).unwrap();
        let error = FileStore::open(&path).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Refused);
        assert!(error.to_string().contains("open to others"), "{error}");
    }
    fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
    assert!(FileStore::open(&path).is_ok());
}

#[test]
fn a_folder_opened_to_others_later_is_refused_from_then_on() {
    let (_home, store) = store();
    store.swap(&key(), None, Some(entry(1))).unwrap();
    fs::set_permissions(store.folder(), Permissions::from_mode(0o755)).unwrap();
    assert_eq!(
        store.load(&key()).unwrap_err().kind(),
        StoreErrorKind::Refused
    );
    assert_eq!(
        kind_of_swap(store.swap(&key(), None, None)),
        StoreErrorKind::Refused
    );
    assert_eq!(store.keys().unwrap_err().kind(), StoreErrorKind::Refused);
}

#[test]
fn a_folder_that_is_a_link_or_no_folder_is_refused() {
    let (home, store) = store();
    let link = home.path().join("link");
    symlink(store.folder(), &link).unwrap();
    let dangling = home.path().join("dangling");
    symlink(home.path().join("nowhere"), &dangling).unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [
        link.clone(),
        link.join(""),
        dangling,
        file.clone(),
        file.join("below"),
    ] {
        let error = FileStore::open(&path).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Refused, "{path:?}: {error}");
    }
    assert!(!home.path().join("nowhere").exists());
}

#[test]
fn a_link_a_pipe_or_a_folder_in_place_of_a_file_is_refused_and_left_alone() {
    type Plant = fn(&Path, &Path);
    let plants: [(&str, Plant); 4] = [
        ("a link to a file", |at, aim| symlink(aim, at).unwrap()),
        ("a link to nowhere", |at, aim| {
            symlink(aim.with_extension("no"), at).unwrap()
        }),
        ("a pipe", |at, _| {
            let made = Command::new("mkfifo")
                .args(["-m", "600"])
                .arg(at)
                .status()
                .unwrap();
            assert!(made.success());
        }),
        ("a folder", |at, _| fs::create_dir(at).unwrap()),
    ];
    for (what, plant) in plants {
        for suffix in ["entry", "lock"] {
            let (home, store) = store();
            let aim = home.path().join("aim");
            fs::write(&aim, "not ours").unwrap();
            plant(&file_of(&store, suffix), &aim);
            let answer = store.swap(&key(), None, Some(entry(1)));
            assert_eq!(
                kind_of_swap(answer),
                StoreErrorKind::Refused,
                "{what}, {suffix}"
            );
            if suffix == "entry" {
                let error = store.load(&key()).unwrap_err();
                assert_eq!(error.kind(), StoreErrorKind::Refused, "{what}");
            }
            assert_eq!(fs::read(&aim).unwrap(), b"not ours");
            assert!(!aim.with_extension("no").exists());
        }
    }
}

#[test]
fn what_stands_where_the_new_file_goes_is_removed_and_not_written_through() {
    let (home, store) = store();
    let aim = home.path().join("aim");
    fs::write(&aim, "not ours").unwrap();
    symlink(&aim, file_of(&store, "new")).unwrap();
    store.swap(&key(), None, Some(entry(1))).unwrap();
    assert_eq!(fs::read(&aim).unwrap(), b"not ours");
    assert_eq!(store.load(&key()).unwrap(), Some(entry(1)));
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    for suffix in ["entry", "lock"] {
        let (_home, store) = store();
        store.swap(&key(), None, Some(entry(1))).unwrap();
        fs::set_permissions(file_of(&store, suffix), Permissions::from_mode(0o644)).unwrap();
        let answer = store.swap(&key(), Some(entry(1).revision), None);
        assert_eq!(kind_of_swap(answer), StoreErrorKind::Refused);
        fs::set_permissions(file_of(&store, suffix), Permissions::from_mode(0o600)).unwrap();
        assert_eq!(store.load(&key()).unwrap(), Some(entry(1)));
    }
}

#[test]
fn no_key_leaves_the_folder_and_no_text_of_a_key_is_a_file_name() {
    let (home, store) = store();
    // The last two would meet where a file system folds case.
    let texts = ["../x", "/etc/x", "a\0b", "..", "canary", "Canary"];
    for text in texts {
        store.swap(&Key::new(text), None, Some(entry(1))).unwrap();
    }
    assert_eq!(store.keys().unwrap().len(), texts.len());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    for file in fs::read_dir(store.folder()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let (stem, suffix) = name.split_once('.').unwrap();
        assert!(
            stem.len() == 64
                && stem
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
            "{name}"
        );
        assert!(["entry", "lock"].contains(&suffix), "{name}");
    }
}

#[test]
fn the_lock_file_outlives_the_entry_and_stays_the_same_file() {
    use std::os::unix::fs::MetadataExt;
    let (_home, store) = store();
    store.swap(&key(), None, Some(entry(1))).unwrap();
    let inode = fs::metadata(file_of(&store, "lock")).unwrap().ino();
    store
        .swap(&key(), Some(entry(1).revision), Some(entry(2)))
        .unwrap();
    store.swap(&key(), Some(entry(2).revision), None).unwrap();
    assert!(!file_of(&store, "entry").exists());
    assert_eq!(fs::metadata(file_of(&store, "lock")).unwrap().ino(), inode);
}

#[test]
fn a_held_lock_is_busy_for_a_store_without_patience_and_loads_go_on() {
    let (_home, store) = store();
    store.swap(&key(), None, Some(entry(1))).unwrap();
    let lock = fs::File::open(file_of(&store, "lock")).unwrap();
    lock.lock().unwrap();
    let hasty = store.with_patience(Duration::ZERO);
    let answer = hasty.swap(&key(), Some(entry(1).revision), None);
    assert_eq!(kind_of_swap(answer), StoreErrorKind::Busy);
    assert_eq!(hasty.load(&key()).unwrap(), Some(entry(1)));
    drop(lock);
    hasty.swap(&key(), Some(entry(1).revision), None).unwrap();
}

#[test]
fn a_load_changes_nothing_in_the_folder() {
    let (_home, store) = store();
    assert_eq!(store.load(&key()).unwrap(), None);
    assert_eq!(fs::read_dir(store.folder()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_went_away_is_an_error_and_is_not_made_again() {
    let (_home, store) = store();
    fs::remove_dir(store.folder()).unwrap();
    assert_eq!(
        store.load(&key()).unwrap_err().kind(),
        StoreErrorKind::Unavailable
    );
    assert!(store.swap(&key(), None, Some(entry(1))).is_err());
    assert!(!store.folder().exists());
}

#[test]
fn no_error_and_no_debug_shows_a_key_or_a_byte() {
    const CANARY: &str = "canary-3b1f";
    let (_home, store) = store();
    let key = Key::new(format!("key-{CANARY}"));
    let secret = Entry::new(Revision::from_bytes([1; 16]), CANARY.as_bytes().to_vec());
    let mut shown = vec![format!("{key:?} {secret:?} {store:?}")];
    let entry_file = store.folder().join(format!("{}.entry", key.sha256_hex()));
    let mut tell = |error: &dyn Error| {
        let mut next = Some(error);
        while let Some(error) = next {
            shown.push(format!("{error} {error:?}"));
            next = error.source();
        }
    };
    store.swap(&key, None, Some(secret.clone())).unwrap();
    tell(&store.swap(&key, None, Some(secret.clone())).unwrap_err());
    fs::set_permissions(&entry_file, Permissions::from_mode(0o644)).unwrap();
    tell(&store.load(&key).unwrap_err());
    fs::set_permissions(&entry_file, Permissions::from_mode(0o600)).unwrap();
    let mut bytes = fs::read(&entry_file).unwrap();
    bytes[20] ^= 1;
    fs::write(&entry_file, bytes).unwrap();
    tell(&store.load(&key).unwrap_err());
    fs::create_dir(&entry_file).unwrap();
    tell(&store.swap(&key, None, Some(secret.clone())).unwrap_err());
    fs::remove_dir(&entry_file).unwrap();
    let lock = fs::File::open(entry_file.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let hasty = store.with_patience(Duration::ZERO);
    tell(&hasty.swap(&key, None, Some(secret.clone())).unwrap_err());
    drop(lock);
    let long = Key::new(CANARY.repeat(10_000));
    tell(&store.swap(&long, None, Some(secret.clone())).unwrap_err());
    fs::remove_dir_all(store.folder()).unwrap();
    tell(&store.load(&key).unwrap_err());
    tell(&store.swap(&key, None, Some(secret)).unwrap_err());
    assert!(shown.len() >= 9);
    for text in shown {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[test]
fn a_blocking_store_that_panics_is_an_error_and_not_a_wait_without_end() {
    use hallpass_store::TokenStore as _;
    use std::task::{Context, Poll, Waker};

    struct Panics;

    impl TokenStore for Panics {
        fn load(&self, _key: &Key) -> Result<Option<Entry>, StoreError> {
            panic!("on purpose")
        }

        fn swap(&self, _: &Key, _: Option<Revision>, _: Option<Entry>) -> Result<(), SwapError> {
            panic!("on purpose")
        }
    }

    fn wait<T>(mut future: std::pin::Pin<Box<dyn Future<Output = T> + Send + '_>>) -> T {
        loop {
            match future
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
            {
                Poll::Ready(output) => return output,
                Poll::Pending => std::thread::yield_now(),
            }
        }
    }

    let store = Unblocked::new(Panics);
    let key = key();
    assert_eq!(
        wait(store.load(&key)).unwrap_err().kind(),
        StoreErrorKind::Other
    );
    let answer = wait(store.swap(&key, None, None));
    assert!(matches!(answer, Err(SwapError::Unknown(_))));
}

#[test]
fn a_list_goes_past_foreign_and_refused_files_and_changes_none() {
    let (_home, store) = store();
    store.swap(&key(), None, Some(entry(1))).unwrap();
    let notes = store.folder().join("notes.entry");
    let theirs = store
        .folder()
        .join(format!("{}.entry", Key::new("x").sha256_hex()));
    fs::write(&notes, "my notes").unwrap();
    fs::write(&theirs, "open to all").unwrap();
    fs::set_permissions(&theirs, Permissions::from_mode(0o644)).unwrap();
    assert_eq!(store.keys().unwrap(), [key()]);
    let unreadable = store.unreadable().unwrap();
    let kinds: Vec<_> = unreadable.iter().map(StoreError::kind).collect();
    assert_eq!(kinds, [StoreErrorKind::Refused]);
    assert!(notes.exists() && theirs.exists());
}
