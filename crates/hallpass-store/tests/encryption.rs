//! A file store that encrypts, and where its key comes from.
#![cfg(all(unix, feature = "encryption"))]

use std::{
    env,
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Barrier},
    thread,
};

use hallpass_store::{
    EncryptionKey, Entry, FileStore, Key, KeyFile, KeySource, Revision, StoreError, StoreErrorKind,
    blocking::{ListKeys, TokenStore},
};
use tempfile::TempDir;

/// Where a process that another test started works.
const HOME: &str = "HALLPASS_STORE_TEST_HOME";
const CANARY: &str = "canary-9c4e";

fn key() -> Key {
    Key::new(format!("ada-{CANARY}@example.org"))
}

fn entry(number: u8) -> Entry {
    let bytes = format!("{CANARY} {number}").into_bytes();
    Entry::new(Revision::from_bytes([number; 16]), bytes)
}

fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn open(home: &Path) -> Result<FileStore, StoreError> {
    FileStore::open_encrypted(home.join("tokens"), KeyFile::new(home.join("key/file")))
}

fn kind<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> StoreErrorKind {
    answer.unwrap_err().kind()
}

/// No file below holds it, in its bytes or in its name.
fn is_nowhere(text: &str, folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().all(|file| {
        let path = file.unwrap().path();
        let bytes = match path.is_dir() {
            true => return is_nowhere(text, &path),
            false => fs::read(&path).unwrap(),
        };
        let shown = path.to_string_lossy().contains(text);
        !shown
            && !bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
    })
}

#[test]
fn what_is_stored_comes_back_and_stands_nowhere_in_plain() {
    let home = home();
    let store = open(home.path()).unwrap();
    store.swap(&key(), None, Some(entry(1))).unwrap();
    store
        .swap(&key(), Some(entry(1).revision), Some(entry(2)))
        .unwrap();
    let patient = store.with_patience(std::time::Duration::ZERO);
    patient
        .swap(&key(), Some(entry(2).revision), Some(entry(3)))
        .unwrap();
    let again = open(home.path()).unwrap();
    assert_eq!(again.load(&key()).unwrap(), Some(entry(3)));
    assert_eq!(again.keys().unwrap(), [key()]);
    assert!(is_nowhere(CANARY, home.path()));
    // The helper would see it.
    fs::write(home.path().join("seen"), CANARY).unwrap();
    assert!(!is_nowhere(CANARY, home.path()));
}

#[test]
fn a_key_file_is_made_for_its_owner_alone_and_then_used() {
    let own = home();
    let home = env::var_os(HOME).map_or(own.path().to_owned(), PathBuf::from);
    open(&home).unwrap();
    let file = home.join("key/file");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    let digits = fs::read_to_string(&file).unwrap();
    assert_eq!(digits.trim_end().len(), 64);
    open(&home).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), digits);
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_key_file_that_is_open_to_others_a_link_or_no_key_is_refused() {
    let home = home();
    open(home.path()).unwrap();
    let file = home.path().join("key/file");
    for mode in [0o644, 0o640, 0o602] {
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        let error = open(home.path()).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Refused);
        assert!(error.to_string().contains("key file"), "{error}");
    }
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    open(home.path()).unwrap();

    let real = home.path().join("real");
    fs::rename(&file, &real).unwrap();
    symlink(&real, &file).unwrap();
    assert_eq!(kind(open(home.path())), StoreErrorKind::Refused);
    fs::remove_file(&file).unwrap();
    let made = Command::new("mkfifo")
        .args(["-m", "600"])
        .arg(&file)
        .status();
    assert!(made.unwrap().success());
    assert_eq!(kind(open(home.path())), StoreErrorKind::Refused);
    fs::remove_file(&file).unwrap();
    fs::rename(&real, &file).unwrap();

    let above = file.parent().unwrap();
    fs::set_permissions(above, Permissions::from_mode(0o777)).unwrap();
    assert_eq!(kind(open(home.path())), StoreErrorKind::Refused);
    fs::set_permissions(above, Permissions::from_mode(0o700)).unwrap();
    let half = fs::read_to_string(&file).unwrap()[..40].to_owned();
    fs::write(&file, &half).unwrap();
    let error = open(home.path()).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert!(!error.to_string().contains(&half[..8]), "{error}");
}

#[test]
fn a_key_that_is_gone_or_another_one_opens_nothing_and_changes_nothing() {
    let home = home();
    let store = open(home.path()).unwrap();
    store.swap(&key(), None, Some(entry(1))).unwrap();
    let (file, aside) = (home.path().join("key/file"), home.path().join("aside"));
    fs::rename(&file, &aside).unwrap();
    let error = open(home.path()).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert!(
        error.to_string().contains("not where it was kept"),
        "{error}"
    );
    assert!(
        !file.exists(),
        "no new key may take the place of the old one"
    );
    let other = EncryptionKey::generate().unwrap();
    let error = FileStore::open_encrypted(store.folder(), other).unwrap_err();
    assert!(error.to_string().contains("another key"), "{error}");
    fs::rename(&aside, &file).unwrap();
    let store = open(home.path()).unwrap();
    assert_eq!(store.load(&key()).unwrap(), Some(entry(1)));
}

#[test]
fn a_folder_that_was_encrypted_once_is_not_opened_in_plain() {
    let home = home();
    let store = open(home.path()).unwrap();
    let error = FileStore::open(store.folder()).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert!(error.to_string().contains("open_encrypted"), "{error}");
}

#[test]
fn a_folder_whose_name_of_the_key_is_gone_is_still_encrypted_and_opened_with_its_own_key() {
    let home = home();
    let store = open(home.path()).unwrap();
    store.swap(&key(), None, Some(entry(1))).unwrap();
    let (file, aside) = (home.path().join("key/file"), home.path().join("aside"));
    let marker = store.folder().join("encryption.key-id");
    fs::remove_file(&marker).unwrap();
    assert_eq!(
        kind(FileStore::open(store.folder())),
        StoreErrorKind::Refused
    );
    fs::rename(&file, &aside).unwrap();
    assert_eq!(kind(open(home.path())), StoreErrorKind::Refused);
    assert!(!file.exists() && !marker.exists());
    fs::rename(&aside, &file).unwrap();
    let store = open(home.path()).unwrap();
    assert_eq!(store.load(&key()).unwrap(), Some(entry(1)));
    assert!(marker.exists());
}

#[test]
fn a_folder_in_plain_is_encrypted_when_asked_and_refused_until_then() {
    let home = home();
    let plain = FileStore::open(home.path().join("tokens")).unwrap();
    plain.swap(&key(), None, Some(entry(1))).unwrap();
    let store = open(home.path()).unwrap();
    // A handle from before writes nothing in plain any more.
    let late = plain.swap(&Key::new("late"), None, Some(entry(2)));
    assert!(late.unwrap_err().to_string().contains("open_encrypted"));
    let error = store.load(&key()).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert!(error.to_string().contains("encrypt_plain_files"), "{error}");
    assert_eq!(store.unreadable().unwrap().len(), 1);
    assert_eq!(store.encrypt_plain_files().unwrap(), 1);
    assert_eq!(store.load(&key()).unwrap(), Some(entry(1)));
    assert!(is_nowhere(CANARY, home.path()));
    // A handle from before knows no key, and neither reads nor destroys.
    assert_eq!(kind(plain.load(&key())), StoreErrorKind::Refused);
    assert_eq!(plain.encrypt_plain_files().unwrap(), 0);
    assert_eq!(store.load(&key()).unwrap(), Some(entry(1)));
}

#[test]
fn a_file_put_in_another_sessions_place_is_corrupt_and_set_aside() {
    let home = home();
    let store = open(home.path()).unwrap();
    let (mine, theirs) = (Key::new("mine"), Key::new("theirs"));
    store.swap(&mine, None, Some(entry(1))).unwrap();
    store.swap(&theirs, None, Some(entry(2))).unwrap();
    let file = |key: &Key| store.folder().join(format!("{}.entry", key.sha256_hex()));
    fs::copy(file(&theirs), file(&mine)).unwrap();
    let error = store.load(&mine).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    assert!(error.to_string().contains("set aside"), "{error}");
    assert_eq!(store.load(&theirs).unwrap(), Some(entry(2)));
}

#[test]
fn many_that_open_a_new_folder_at_once_have_one_key() {
    let home = Arc::new(home());
    let start = Arc::new(Barrier::new(8));
    let workers: Vec<_> = (0..8)
        .map(|number| {
            let (home, start) = (Arc::clone(&home), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                let store = open(home.path()).unwrap();
                let key = Key::new(number.to_string());
                store.swap(&key, None, Some(entry(number))).unwrap();
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    let store = open(home.path()).unwrap();
    assert_eq!(store.keys().unwrap().len(), 8);
}

/// What a keyring answers that is locked.
struct Locked;

impl KeySource for Locked {
    fn load(&self) -> Result<Option<EncryptionKey>, StoreError> {
        let message = "the keyring is locked";
        Err(StoreError::new(StoreErrorKind::Unavailable, message))
    }

    fn keep(&self, _key: &EncryptionKey) -> Result<(), StoreError> {
        panic!("a source that cannot tell is given no new key")
    }
}

#[test]
fn a_locked_source_is_an_error_and_writes_nothing() {
    let home = home();
    let folder = home.path().join("tokens");
    let error = FileStore::open_encrypted(&folder, Locked).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(error.to_string().contains("locked"), "{error}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn the_umask_neither_opens_nor_closes_a_key_file() {
    for umask in ["000", "077", "777"] {
        let home = home();
        let output = Command::new("sh")
            .args([
                "-c",
                "umask \"$0\" && exec \"$1\" --exact a_key_file_is_made_for_its_owner_alone_and_then_used",
            ])
            .arg(umask)
            .arg(env::current_exe().unwrap())
            .env(HOME, home.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(told.contains("1 passed"), "umask {umask}: {told}");
    }
}
