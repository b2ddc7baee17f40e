//! Credentials are plain values: what is missing is named when it is needed, and a change leaves the original alone.

use hallpass::{
    AccessToken, AuthorizationCodeCredentials, ErrorKind, Expiry, ImplicitCredentials, Misuse,
    ProviderError, RefreshToken, Scopes, ServerMetadata, TokenSet,
};
use time::UtcDateTime;

use crate::support::{NOW, Script, credentials, endpoint};

fn token() -> TokenSet {
    TokenSet::new(AccessToken::new("canary-access").unwrap())
}

fn missing(error: &ProviderError) -> &'static str {
    match error.kind() {
        ErrorKind::Misuse(Misuse::Missing(field)) => field,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_getter_gives_back_what_was_set() {
    let credentials = credentials()
        .with_token(token())
        .with_clock_skew(std::time::Duration::from_secs(10));
    assert_eq!(credentials.client_id(), Some("canary-free-client"));
    assert_eq!(
        credentials.client_secret().unwrap().expose_secret(),
        "canary-client-secret"
    );
    assert_eq!(
        credentials.redirect_uri(),
        Some("https://app.example/callback")
    );
    assert_eq!(
        credentials.scopes(),
        &Scopes::parse("file_requests.read").unwrap()
    );
    assert_eq!(credentials.token(), Some(&token()));
    assert_eq!(credentials.clock_skew().as_secs(), 10);
}

#[test]
fn clone_with_leaves_the_original_unchanged_and_can_clear_a_token() {
    let client = Script::default()
        .provider()
        .client(credentials().with_token(token()));
    let without = client.clone_with(|copy| copy.with_client_id("other").without_token());
    assert_eq!(without.credentials().token(), None);
    assert_eq!(without.credentials().client_id(), Some("other"));
    assert_eq!(
        without.credentials().redirect_uri(),
        client.credentials().redirect_uri()
    );
    assert_eq!(client.credentials().token(), Some(&token()));
    assert_eq!(client.credentials().client_id(), Some("canary-free-client"));
}

#[test]
fn each_required_value_is_named_when_it_is_missing_or_empty() {
    let provider = Script::default().provider();
    let url = |credentials: AuthorizationCodeCredentials| {
        missing(
            &provider
                .client(credentials)
                .authorization_url()
                .unwrap_err(),
        )
    };
    assert_eq!(url(AuthorizationCodeCredentials::new()), "client id");
    assert_eq!(url(credentials().with_client_id("")), "client id");
    assert_eq!(url(credentials().with_client_secret("")), "client secret");
    assert_eq!(url(credentials().with_redirect_uri("")), "redirect URI");

    let implicit = provider.client(ImplicitCredentials::new());
    assert_eq!(
        missing(&implicit.authorization_url().unwrap_err()),
        "client id"
    );

    let server = |server| Script::default().provider_of(server).client(credentials());
    let error = server(ServerMetadata::default())
        .authorization_url()
        .unwrap_err();
    assert_eq!(missing(&error), "token endpoint");
    let half = ServerMetadata::default().with_token_endpoint(endpoint("https://as.example/token"));
    assert_eq!(
        missing(&server(half).authorization_url().unwrap_err()),
        "authorization endpoint"
    );
}

#[tokio::test]
async fn a_refresh_without_a_refresh_token_is_an_error_and_sends_nothing() {
    let script = Script::default();
    let client = script.provider().client(credentials());
    assert_eq!(missing(&client.refresh_token().await.unwrap_err()), "token");
    let client = client.clone_with(|copy| copy.with_token(token()));
    assert_eq!(
        missing(&client.refresh_token().await.unwrap_err()),
        "refresh token"
    );
    assert!(script.requests().is_empty());
}

#[test]
fn no_token_and_a_token_without_an_end_are_two_answers() {
    let client = Script::default().provider().client(credentials());
    assert_eq!(client.token_expiry(), None);
    let client = client.clone_with(|copy| copy.with_token(token()));
    assert_eq!(client.token_expiry(), Some(Expiry::Unknown));
}

#[test]
fn a_token_that_ends_in_three_seconds_is_expired_for_a_skew_of_ten() {
    let end = UtcDateTime::from_unix_timestamp(NOW + 3).unwrap();
    let client = Script::default()
        .provider()
        .client(credentials().with_token(token().with_expiry(end)));
    assert_eq!(client.token_expiry(), Some(Expiry::Valid));
    let skewed = client.clone_with(|copy| copy.with_clock_skew(std::time::Duration::from_secs(10)));
    assert_eq!(skewed.token_expiry(), Some(Expiry::Expired));
}

#[test]
fn debug_of_a_client_shows_no_secret_and_no_token() {
    let token = token().with_refresh_token(RefreshToken::new("canary-refresh").unwrap());
    let client = Script::default()
        .provider()
        .client(credentials().with_token(token));
    let shown = format!(
        "{client:?} {client:#?} {:?}",
        client.authorization_url().unwrap()
    );
    assert!(
        !shown.replace("canary-free", "").contains("canary"),
        "{shown}"
    );
    assert!(!shown.contains("state="), "{shown}");
}

#[tokio::test]
async fn a_secret_with_a_line_break_is_told_before_anything_is_sent() {
    let script = Script::answering([]);
    let credentials = hallpass::ClientCredentialsCredentials::new()
        .with_client_id("service")
        .with_client_secret("secret\n");
    let error = script.provider().client(credentials).fetch_token().await;
    let error = error.unwrap_err();
    assert!(error.to_string().contains("trim"), "{error}");
    assert!(script.requests().is_empty());
}
