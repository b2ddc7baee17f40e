//! What is kept: where, for whose eyes, and what happens when it is damaged.

use std::os::unix::fs::PermissionsExt;

use crate::support::Home;

#[test]
fn sessions_are_kept_for_their_owner_alone() {
    let home = Home::new();
    home.log_in_itself(&[]);
    let folder = home.path(".local/state/hallpass/sessions");
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = folder
        .read_dir()
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert!(!files.is_empty());
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn the_clients_secret_is_not_kept_and_where_it_is_is() {
    let home = Home::new();
    home.log_in_itself(&[]);
    let entry = home.stored("default").unwrap();
    let text = String::from_utf8(entry.bytes.expose_secret().to_vec()).unwrap();
    assert!(text.contains("client-secret-file") && !text.contains("service-secret"));
}

#[test]
fn a_damaged_session_is_told_and_left_as_it_is_until_somebody_logs_in_or_out() {
    let home = Home::new();
    home.log_in_itself(&[]);
    for damaged in [
        "",
        "canary",
        "{\"hallpass\":1}\ncanary",
        "{\"hallpass\":1,\"account\":\"canary\"}\n{}",
    ] {
        home.overwrite("default", damaged.as_bytes().to_vec());
        for command in ["token", "status", "refresh"] {
            let ran = home.run(&[command]);
            assert_eq!((ran.code, ran.stdout.as_str()), (7, ""), "{ran:?}");
            assert!(
                ran.stderr.contains("hallpass login") && !ran.stderr.contains("canary"),
                "{ran:?}"
            );
        }
        assert_eq!(
            home.stored("default").unwrap().bytes.expose_secret(),
            damaged.as_bytes()
        );
        assert_eq!(home.run(&["list"]).code, 7);
        let ran = home.log_in_itself(&[]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(home.token().starts_with("access-"));
    }
    home.overwrite("default", b"canary".to_vec());
    assert_eq!(home.run(&["logout"]).code, 0);
    assert!(home.stored("default").is_none());
}

#[test]
fn a_session_of_a_newer_release_is_left_to_it() {
    let home = Home::new();
    home.log_in_itself(&[]);
    let newer = b"{\"hallpass\":2,\"sealed\":true}\n...".to_vec();
    home.overwrite("default", newer.clone());
    let issuer = home.server.issuer();
    for command in [
        &["token"][..],
        &["status"],
        &["refresh"],
        &["logout"],
        &["login", &issuer, "--client-id", "native"],
    ] {
        let ran = home.run(command);
        assert_eq!(ran.code, 7, "{ran:?}");
        assert!(ran.stderr.contains("update this program"), "{ran:?}");
    }
    assert_eq!(home.stored("default").unwrap().bytes.expose_secret(), newer);
    assert_eq!(home.run(&["logout", "--only-here"]).code, 0);
}

#[test]
fn a_file_with_a_flipped_bit_is_set_aside_and_a_login_begins_anew() {
    let home = Home::new();
    home.log_in_itself(&[]);
    let folder = home.path(".local/state/hallpass/sessions");
    let files = folder.read_dir().unwrap().map(|file| file.unwrap().path());
    let largest = files
        .max_by_key(|file| file.metadata().unwrap().len())
        .unwrap();
    let mut bytes = std::fs::read(&largest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&largest, bytes).unwrap();
    let ran = home.run(&["list"]);
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(ran.stderr.contains("session `default` cannot"), "{ran:?}");
    let ran = home.run(&["list", "--json"]);
    assert_eq!(ran.json()["unreadable"].as_array().unwrap().len(), 1);
    let told: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(told["error"], "store");
    let ran = home.run(&["token"]);
    assert_eq!(ran.code, 7, "{ran:?}");
    assert_eq!(home.log_in_itself(&[]).code, 0);
    assert!(home.token().starts_with("access-"));
}

#[test]
fn a_store_that_others_can_read_is_refused_with_what_to_mend() {
    let home = Home::new();
    let folder = home.path("open");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    let ran = home.run(&["list", "--store", folder.to_str().unwrap()]);
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(ran.stderr.contains("permissions"), "{ran:?}");
}

#[test]
fn the_folder_can_be_elsewhere() {
    let home = Home::new();
    let elsewhere = home.path("elsewhere");
    let elsewhere = elsewhere.to_str().unwrap();
    assert_eq!(home.log_in_itself(&["--store", elsewhere]).code, 0);
    assert_eq!(home.run(&["token"]).code, 3);
    let token = home
        .hallpass(&["token"])
        .env("HALLPASS_STORE", elsewhere)
        .output()
        .unwrap();
    assert_eq!(token.status.code(), Some(0));
    let usual = home
        .hallpass(&["token"])
        .env("XDG_STATE_HOME", home.path("state"))
        .output();
    assert_eq!(usual.unwrap().status.code(), Some(3));
}
