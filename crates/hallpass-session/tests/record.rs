//! What is stored is read again, by this release and by every later one.

use std::time::Duration;

use hallpass_grant::token::{AccessToken, RefreshToken, Scopes, SecretBytes, TokenSet};
use hallpass_grant::{Client, Endpoint, Issuer, ServerMetadata};
use hallpass_session::{End, Login, Owner, Record, RecordError, Refresh};
use time::UtcDateTime;

const ENDPOINT: &str = "https://as.example/token";

fn client(id: &str) -> Client {
    client_of(id, Some("https://as.example"), Some(ENDPOINT))
}

fn client_of(id: &str, issuer: Option<&str>, endpoint: Option<&str>) -> Client {
    let mut server = ServerMetadata::default();
    server.issuer = issuer.map(|issuer| Issuer::new(issuer).unwrap());
    server.token_endpoint = endpoint.map(|endpoint| Endpoint::new(endpoint).unwrap());
    Client::new(server, id).unwrap()
}

fn tokens() -> TokenSet {
    TokenSet::new(AccessToken::new("stored-access").unwrap())
        .with_expiry(UtcDateTime::from_unix_timestamp(1_700_003_600).unwrap())
        .with_refresh_token(RefreshToken::new("stored-refresh").unwrap())
        .with_scopes(Scopes::parse("read write").unwrap())
}

fn record() -> Record {
    let login =
        Login::from_bytes(*b"\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10");
    record_of(&client("client"), login)
}

fn record_of(client: &Client, login: Login) -> Record {
    Record::new(Owner::from(client), login, tokens(), at(1_700_000_000))
}

/// What releases wrote that knew no logins.
fn old_record() -> Record {
    record_of(&client("client"), Login::UNKNOWN)
}

fn at(seconds: i64) -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(seconds).unwrap()
}

fn stored(text: &str) -> Record {
    decoded(text).unwrap()
}

fn decoded(text: &str) -> Result<Record, RecordError> {
    Record::decode(&SecretBytes::new(text.trim()))
}

fn check(record: &Record, client: &Client) -> Result<(), RecordError> {
    record.check(&Owner::from(client))
}

#[test]
fn the_form_of_version_three_is_read_and_written_as_it_always_was() {
    let claim = Refresh::Claimed {
        holder: 0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f,
        at: at(1_700_003_500),
        lease: Duration::from_secs(30),
    };
    let failure = Refresh::Failed {
        at: at(1_700_003_500),
        pause: Duration::from_millis(1_234),
    };
    for (file, refresh, doubt) in [
        (
            include_str!("records/version-3-idle.json"),
            Refresh::Idle,
            0,
        ),
        (include_str!("records/version-3-claimed.json"), claim, 0),
        (include_str!("records/version-3-failed.json"), failure, 2),
        (
            include_str!("records/version-3-ended.json"),
            Refresh::Ended(End::Refused),
            0,
        ),
        (
            include_str!("records/version-3-ended-in-doubt.json"),
            Refresh::Ended(End::InDoubt),
            1,
        ),
    ] {
        let mut expected = record();
        (expected.refresh, expected.doubt) = (refresh, doubt);
        assert_eq!(stored(file), expected);
        assert_eq!(
            expected.encode().expose_secret(),
            file.trim().as_bytes(),
            "{refresh:?}"
        );
    }
}

#[test]
fn a_newer_form_is_read_if_it_says_that_this_release_can() {
    let readable = include_str!("records/version-4-readable-from-3.json");
    assert_eq!(stored(readable), record());
    let unreadable = include_str!("records/version-4-readable-from-4.json");
    assert_eq!(decoded(unreadable), Err(RecordError::Newer(4)));
}

#[test]
fn the_form_of_version_two_is_read_and_written_again_as_the_newest() {
    let read = stored(include_str!("records/version-2.json"));
    assert_eq!(read, old_record());
    assert_eq!(stored_again(&read), read);
    assert_eq!(check(&read, &client("client")), Ok(()));
}

#[test]
fn the_form_of_version_one_is_read_and_its_issuer_says_whose_it_is() {
    let read = stored(include_str!("records/version-1.json"));
    let mut expected = old_record();
    expected.owner.token_endpoint = None;
    expected.obtained_at = None;
    assert_eq!(read, expected);
    assert_eq!(stored_again(&read), expected);
    assert_eq!(check(&read, &client("client")), Ok(()));
    for issuer in [Some("https://evil.example"), None] {
        let other = client_of("client", issuer, Some(ENDPOINT));
        assert_eq!(check(&read, &other), Err(RecordError::OtherClient));
    }
}

#[test]
fn a_record_of_version_one_without_issuer_is_refused_until_its_endpoint_is_written_into_it() {
    let mut read = stored(include_str!("records/version-1-without-issuer.json"));
    let ours = client_of("client", None, Some(ENDPOINT));
    let theirs = client_of("client", None, Some("https://evil.example/token"));
    for client in [&ours, &theirs] {
        assert_eq!(check(&read, client), Err(RecordError::UnknownServer));
    }
    read.owner.token_endpoint = Some(Endpoint::new(ENDPOINT).unwrap());
    let again = stored_again(&read);
    assert_eq!(check(&again, &ours), Ok(()));
    assert_eq!(check(&again, &theirs), Err(RecordError::OtherClient));
}

fn stored_again(record: &Record) -> Record {
    Record::decode(&record.encode()).unwrap()
}

#[test]
fn a_newer_form_and_damage_are_two_errors() {
    let newer = decoded(r#"{"version":7,"whatever":1}"#);
    assert_eq!(newer, Err(RecordError::Newer(7)));
    for damaged in [
        "",
        "{}",
        "canary",
        r#"{"version":1}"#,
        r#"{"version":0}"#,
        "\u{0}\u{1}",
    ] {
        let error = decoded(damaged).unwrap_err();
        assert_eq!(error, RecordError::Corrupt);
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}

#[test]
fn a_token_in_the_place_of_another_value_is_not_quoted() {
    let whole = include_str!("records/version-3-claimed.json");
    for (from, to) in [
        (r#""token_type":"Bearer""#, r#""token_type":{"canary":1}"#),
        (r#""expires_at":1700003600"#, r#""expires_at":"canary""#),
        (r#""obtained_at":1700000000"#, r#""obtained_at":"canary""#),
        ("1700000000", "9223372036854775807"),
        (r#""at":1700003500"#, r#""at":"canary""#),
        (r#""lease_ms":30000"#, r#""lease_ms":"canary""#),
        (r#"{"claimed""#, r#"{"canary""#),
        (r#""doubt":0"#, r#""doubt":"canary""#),
        (r#""login":"01"#, r#""login":"canary"#),
        (r#""version":3"#, r#""version":"canary""#),
        (ENDPOINT, "canary"),
    ] {
        let damaged = whole.replace(from, to);
        assert_ne!(damaged, whole);
        let error = Record::decode(&SecretBytes::new(damaged)).unwrap_err();
        assert_eq!(error, RecordError::Corrupt, "{from}");
        assert!(std::error::Error::source(&error).is_none());
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}

#[test]
fn another_clients_record_is_refused() {
    assert_eq!(check(&record(), &client("client")), Ok(()));
    let refused = check(&record(), &client("other"));
    assert_eq!(refused, Err(RecordError::OtherClient));
    let named = Record::new(Owner::named("vault"), Login::UNKNOWN, tokens(), at(0));
    let named = stored_again(&named);
    assert_eq!(named.check(&Owner::named("vault")), Ok(()));
    let other = named.check(&Owner::named("other"));
    assert_eq!(other, Err(RecordError::OtherClient));
}

#[test]
fn a_record_of_another_token_endpoint_is_refused_with_or_without_an_issuer() {
    for issuer in [Some("https://as.example"), None] {
        let ours = client_of("client", issuer, Some(ENDPOINT));
        let record = stored_again(&record_of(&ours, Login::UNKNOWN));
        assert_eq!(check(&record, &ours), Ok(()));
        for endpoint in [Some("https://evil.example/token"), None] {
            let theirs = client_of("client", issuer, endpoint);
            let refused = check(&record, &theirs);
            assert_eq!(refused, Err(RecordError::OtherClient), "{endpoint:?}");
        }
    }
    // A client without a token endpoint keeps its own records too.
    let implicit = client_of("client", None, None);
    let record = stored_again(&record_of(&implicit, Login::UNKNOWN));
    assert_eq!(check(&record, &implicit), Ok(()));
}

#[test]
fn debug_of_a_record_shows_no_token() {
    assert!(!format!("{:?}", record()).contains("stored-"));
}
