//! When a token ends does not depend on where the machine thinks it is.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a time zone is the environment of a process"
)]

use std::process::Command;

use hallpass_token::{AccessToken, Lifetime, TokenSet};
use time::UtcDateTime;

const CHILD: &str = "HALLPASS_TEST_TIME_ZONE_CHILD";

fn stored() -> String {
    let arrived = UtcDateTime::from_unix_timestamp(1_700_000_000).unwrap();
    let tokens = TokenSet::new(AccessToken::new("t").unwrap())
        .with_expiry(Lifetime::from_seconds(3600).after(arrived));
    let text = serde_json::to_string(&tokens).unwrap();
    let read: TokenSet = serde_json::from_str(&text).unwrap();
    format!("{text} {}", read.expires_at.unwrap())
}

#[test]
fn expiry_is_the_same_in_every_time_zone() {
    if std::env::var_os(CHILD).is_some() {
        println!("stored: {}", stored());
        return;
    }
    for zone in ["UTC", "America/New_York", "Asia/Karachi"] {
        let child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "expiry_is_the_same_in_every_time_zone",
                "--nocapture",
            ])
            .env(CHILD, "1")
            .env("TZ", zone)
            .output()
            .unwrap();
        let out = String::from_utf8(child.stdout).unwrap();
        assert!(
            out.contains(&format!("stored: {}", stored())),
            "{zone}: {out}"
        );
        assert!(out.contains("\"expires_at\":1700003600"), "{zone}: {out}");
    }
}
