//! Who may read the file.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Command,
};

use hallpass_store::{StoreErrorKind, TokenStore};
use hallpass_store_sql::SqliteStore;

use crate::{entry, key};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn refused(file: &Path) -> String {
    let error = SqliteStore::open(file).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Refused, "{error}");
    error.to_string()
}

/// Runs in the process that the next test starts with an umask of its own, and with the usual one otherwise.
#[tokio::test]
async fn the_file_and_those_beside_it_are_for_their_owner_alone() {
    let home = tempfile::tempdir().unwrap();
    // Made under the umask, and others may not write to a folder above.
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let folder = home.path().join("made/by/it");
    let file = folder.join("sessions.db");
    let store = SqliteStore::open(&file).await.unwrap();
    store.swap(&key(), None, Some(entry(1))).await.unwrap();
    for beside in ["sessions.db", "sessions.db-wal", "sessions.db-shm"] {
        assert_eq!(mode(&folder.join(beside)), 0o600, "{beside}");
    }
    assert_eq!(mode(&folder), 0o700);
    store.close().await;
}

#[test]
fn no_umask_opens_the_file_to_others() {
    for umask in ["0000", "0022", "0177"] {
        let output = Command::new("sh")
            .args(["-c", &format!("umask {umask} && exec \"$0\" \"$@\"")])
            .arg(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "place::the_file_and_those_beside_it_are_for_their_owner_alone",
            ])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{umask}: {said}"
        );
    }
}

#[tokio::test]
async fn what_others_may_read_or_replace_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("sessions.db");
    SqliteStore::open(&file).await.unwrap().close().await;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(refused(&file).await.contains("open to others"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();

    let wal = home.path().join("sessions.db-wal");
    fs::write(&wal, b"").unwrap();
    fs::set_permissions(&wal, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refused(&file).await.contains("beside it"));
    fs::remove_file(&wal).unwrap();

    let link = home.path().join("link.db");
    symlink(&file, &link).unwrap();
    assert!(refused(&link).await.contains("link"));

    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(refused(&file).await.contains("folder"));
}

/// What another user could put beside the file there, a journal, SQLite would play back.
#[tokio::test]
async fn a_folder_others_may_write_to_is_refused_though_it_is_sticky_and_one_in_it_is_not() {
    let home = tempfile::tempdir().unwrap();
    let shared = home.path().join("shared");
    fs::create_dir(&shared).unwrap();
    for mode in [0o1777, 0o1775, 0o777] {
        fs::set_permissions(&shared, fs::Permissions::from_mode(mode)).unwrap();
        let file = shared.join("sessions.db");
        assert!(refused(&file).await.contains("folder"), "{mode:o}");
        assert!(!file.exists(), "{mode:o}");
    }
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
    let own = shared.join("own");
    let file = own.join("sessions.db");
    SqliteStore::open(&file).await.unwrap().close().await;
    assert_eq!(mode(&own), 0o700);

    // Whoever may rename above puts another folder there.
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(refused(&file).await.contains("on the way"));
    let link = home.path().join("link");
    symlink(&own, &link).unwrap();
    for way in ["sessions.db", "missing/../sessions.db"] {
        assert!(refused(&link.join(way)).await.contains("on the way"));
    }
    let back = home.path().join("missing/../own/sessions.db");
    assert!(refused(&back).await.contains("`..`"));
}

#[tokio::test]
async fn what_is_no_database_is_told_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("sessions.db");
    fs::write(&file, b"canary, and surely no database at all".repeat(100)).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let error = SqliteStore::open(&file).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{error}");
    assert!(fs::read(&file).unwrap().starts_with(b"canary"));
}
