//! The way to a file store's folder is one on which nobody else can put another in its place.
#![cfg(all(unix, feature = "file"))]

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
};

use hallpass_store::{FileStore, StoreErrorKind};

#[test]
fn a_folder_above_in_which_others_may_rename_is_refused_and_nothing_is_made_in_it() {
    let home = tempfile::tempdir().unwrap();
    let open = home.path().join("open");
    let real = home.path().join("real");
    for path in [&open, &real] {
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }
    symlink(&real, open.join("link")).unwrap();
    symlink(open.join("link"), home.path().join("way")).unwrap();
    let ways = ["open/tokens", "open/a/b", "open/link/tokens", "way/tokens"];
    for mode in [0o777, 0o775, 0o757] {
        fs::set_permissions(&open, Permissions::from_mode(mode)).unwrap();
        for way in ways {
            let error = FileStore::open(home.path().join(way)).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Refused, "{way} {mode:o}");
            assert!(error.to_string().contains("chmod go-w"), "{error}");
        }
        assert_eq!(fs::read_dir(&open).unwrap().count(), 1);
        assert_eq!(fs::read_dir(&real).unwrap().count(), 0);
    }
    for mode in [0o1777, 0o755] {
        fs::set_permissions(&open, Permissions::from_mode(mode)).unwrap();
        for way in ways {
            assert!(FileStore::open(home.path().join(way)).is_ok(), "{way}");
        }
    }
}

#[test]
fn a_link_above_is_followed_once_and_never_where_it_leads_nowhere() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("real")).unwrap();
    symlink("./real/../real", home.path().join("way")).unwrap();
    let store = FileStore::open(home.path().join("way/a/tokens")).unwrap();
    let real = home.path().canonicalize().unwrap().join("real/a/tokens");
    assert_eq!(store.folder(), real);

    symlink("nowhere", home.path().join("dangling")).unwrap();
    symlink("circle", home.path().join("circle")).unwrap();
    for link in ["dangling", "circle"] {
        let error = FileStore::open(home.path().join(link).join("tokens")).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Refused);
    }
    assert!(!home.path().join("nowhere").exists());
}

#[test]
fn a_missing_folder_that_the_way_leads_back_from_is_refused_and_not_made() {
    let home = tempfile::tempdir().unwrap();
    let open = home.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
    for way in [
        "missing/../open/tokens",
        "missing/a/../../open/a",
        "missing/..",
    ] {
        for _ in 0..2 {
            let error = FileStore::open(home.path().join(way)).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Refused, "{way}");
            assert!(error.to_string().contains("`..` follows it"), "{error}");
        }
    }
    #[cfg(feature = "encryption")]
    {
        use hallpass_store::{EncryptionKey, KeyFile, KeySource};
        let file = KeyFile::new(home.path().join("missing/../open/key"));
        let kept = file.keep(&EncryptionKey::generate().unwrap());
        assert_eq!(kept.unwrap_err().kind(), StoreErrorKind::Refused);
        assert_eq!(file.load().unwrap_err().kind(), StoreErrorKind::Refused);
    }
    assert_eq!(fs::read_dir(&open).unwrap().count(), 0);
    assert!(!home.path().join("missing").exists());
}
