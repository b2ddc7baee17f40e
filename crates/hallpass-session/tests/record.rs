//! What is stored is read again, by this release and by every later one.

use hallpass_grant::token::{AccessToken, RefreshToken, Scopes, SecretBytes, TokenSet};
use hallpass_grant::{Client, Endpoint, Issuer, ServerMetadata};
use hallpass_session::{Record, RecordError};
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
    Record::new(&client("client"), tokens())
}

fn stored(text: &str) -> Record {
    Record::decode(&SecretBytes::new(text.trim())).unwrap()
}

#[test]
fn the_form_of_version_two_is_read_and_written_as_it_always_was() {
    let file = include_str!("records/version-2.json").trim();
    let mut expected = record();
    expected.refreshed_at = Some(UtcDateTime::from_unix_timestamp(1_700_000_000).unwrap());
    assert_eq!(stored(file), expected);
    assert_eq!(expected.encode().expose_secret(), file.as_bytes());
}

#[test]
fn the_form_of_version_one_is_read_and_its_issuer_says_whose_it_is() {
    let read = stored(include_str!("records/version-1.json"));
    let mut expected = record();
    expected.token_endpoint = None;
    assert_eq!(read, expected);
    assert_eq!(stored_again(&read), expected);
    assert_eq!(read.clone().tokens_of(&client("client")), Ok(tokens()));
    for issuer in [Some("https://evil.example"), None] {
        let other = client_of("client", issuer, Some(ENDPOINT));
        let refused = read.clone().tokens_of(&other);
        assert_eq!(refused, Err(RecordError::OtherClient));
    }
}

#[test]
fn a_record_of_version_one_without_issuer_is_refused_until_its_endpoint_is_written_into_it() {
    let mut read = stored(include_str!("records/version-1-without-issuer.json"));
    let ours = client_of("client", None, Some(ENDPOINT));
    let theirs = client_of("client", None, Some("https://evil.example/token"));
    for client in [&ours, &theirs] {
        let refused = read.clone().tokens_of(client);
        assert_eq!(refused, Err(RecordError::UnknownServer));
    }
    read.token_endpoint = Some(Endpoint::new(ENDPOINT).unwrap());
    let again = stored_again(&read);
    assert_eq!(again.clone().tokens_of(&ours), Ok(tokens()));
    assert_eq!(again.tokens_of(&theirs), Err(RecordError::OtherClient));
}

fn stored_again(record: &Record) -> Record {
    Record::decode(&record.encode()).unwrap()
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
fn a_token_in_the_place_of_another_value_is_not_quoted() {
    let whole = include_str!("records/version-2.json");
    for (from, to) in [
        (r#""token_type":"Bearer""#, r#""token_type":{"canary":1}"#),
        (r#""expires_at":1700003600"#, r#""expires_at":"canary""#),
        (r#""refreshed_at":1700000000"#, r#""refreshed_at":"canary""#),
        ("1700000000", "9223372036854775807"),
        (r#""version":2"#, r#""version":"canary""#),
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
    assert!(record().tokens_of(&client("client")).is_ok());
    let error = record().tokens_of(&client("other")).unwrap_err();
    assert_eq!(error, RecordError::OtherClient);
}

#[test]
fn a_record_of_another_token_endpoint_is_refused_with_or_without_an_issuer() {
    for issuer in [Some("https://as.example"), None] {
        let ours = client_of("client", issuer, Some(ENDPOINT));
        let record = stored_again(&Record::new(&ours, tokens()));
        assert!(record.clone().tokens_of(&ours).is_ok());
        for endpoint in [Some("https://evil.example/token"), None] {
            let theirs = client_of("client", issuer, endpoint);
            let refused = record.clone().tokens_of(&theirs);
            assert_eq!(refused, Err(RecordError::OtherClient), "{endpoint:?}");
        }
    }
    // A client without a token endpoint keeps its own records too.
    let implicit = client_of("client", None, None);
    let record = stored_again(&Record::new(&implicit, tokens()));
    assert!(record.tokens_of(&implicit).is_ok());
}

#[test]
fn debug_of_a_record_shows_no_token() {
    assert!(!format!("{:?}", record()).contains("stored-"));
}
