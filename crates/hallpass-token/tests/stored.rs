//! A token set that was stored is the same one when it comes back.

use hallpass_token::{AccessToken, Expiry, Json, Members, RefreshToken, Scopes, TokenSet};
use time::UtcDateTime;

fn full() -> TokenSet {
    let mut set = TokenSet::new(AccessToken::new("canary-access").unwrap())
        .with_expiry(UtcDateTime::from_unix_timestamp(1_700_000_000).unwrap())
        .with_refresh_token(RefreshToken::new("canary-refresh").unwrap())
        .with_scopes(Scopes::parse("read write").unwrap());
    set.id_token = Some("canary-id".into());
    set.extra = Members::read(br#"{"userinfo":{"name":"canary-name"}}"#).unwrap();
    set
}

#[test]
fn a_stored_set_comes_back_whole() {
    let text = serde_json::to_string(&full()).unwrap();
    assert!(text.contains("\"expires_at\":1700000000"), "{text}");
    assert_eq!(serde_json::from_str::<TokenSet>(&text).unwrap(), full());
}

#[test]
fn an_access_token_alone_is_enough() {
    let set: TokenSet = serde_json::from_str(r#"{"access_token":"t"}"#).unwrap();
    assert_eq!(set, TokenSet::new(AccessToken::new("t").unwrap()));
    let expiry = set.expiry(UtcDateTime::MAX, Default::default());
    assert_eq!(expiry, Expiry::Unknown);
}

#[test]
fn what_the_server_added_is_kept() {
    let name = full().extra("userinfo").and_then(|json| match json {
        Json::Object(members) => members
            .value("name")
            .and_then(Json::as_str)
            .map(str::to_owned),
        _ => None,
    });
    assert_eq!(name.as_deref(), Some("canary-name"));
}

#[test]
fn debug_of_a_full_set_shows_no_secret() {
    let shown = format!("{:?} {:#?}", full(), full());
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn values_are_send_and_sync() {
    fn check<T: Send + Sync>() {}
    check::<TokenSet>();
    check::<Members>();
}
