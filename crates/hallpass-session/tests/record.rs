//! What is stored is read again, by this release and by every later one.

use hallpass_grant::token::{AccessToken, RefreshToken, Scopes, SecretBytes, TokenSet};
use hallpass_grant::{Client, Issuer, ServerMetadata};
use hallpass_session::{Record, RecordError};
use time::UtcDateTime;

fn client(id: &str) -> Client {
    let issuer = Issuer::new("https://as.example").unwrap();
    Client::new(ServerMetadata::default().with_issuer(issuer), id).unwrap()
}

fn record() -> Record {
    let tokens = TokenSet::new(AccessToken::new("stored-access").unwrap())
        .with_expiry(UtcDateTime::from_unix_timestamp(1_700_003_600).unwrap())
        .with_refresh_token(RefreshToken::new("stored-refresh").unwrap())
        .with_scopes(Scopes::parse("read write").unwrap());
    Record::new(&client("client"), tokens)
}

#[test]
fn the_form_of_version_one_is_read_and_written_as_it_always_was() {
    let stored = include_str!("records/version-1.json").trim();
    let read = Record::decode(&SecretBytes::new(stored)).unwrap();
    assert_eq!(read, record());
    assert_eq!(read.encode().expose_secret(), stored.as_bytes());
}

#[test]
fn a_newer_form_and_damage_are_two_errors() {
    let decode = |text: &str| Record::decode(&SecretBytes::new(text)).unwrap_err();
    assert_eq!(
        decode(r#"{"version":7,"whatever":1}"#),
        RecordError::Newer(7)
    );
    for damaged in [
        "",
        "{}",
        "canary",
        r#"{"version":1}"#,
        r#"{"version":0}"#,
        "\u{0}\u{1}",
    ] {
        let error = decode(damaged);
        assert_eq!(error, RecordError::Corrupt);
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}

#[test]
fn another_clients_record_is_refused() {
    let error = record().tokens_of(&client("other")).unwrap_err();
    assert_eq!(error, RecordError::OtherClient);
    assert!(record().tokens_of(&client("client")).is_ok());
}

#[test]
fn debug_of_a_record_shows_no_token() {
    assert!(!format!("{:?}", record()).contains("stored-"));
}
