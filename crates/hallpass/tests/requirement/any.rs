//! The first that can be used is used, and why the others were not is kept.

use std::error::Error as _;

use hallpass::store::{Entry, Key, Revision, StoreError, StoreErrorKind, SwapError, TokenStore};
use hallpass::{
    Client, ClientCredentials, ClientCredentialsCredentials, ErrorKind, Requirement, Scheme,
    SecurityError, TokenFailure, TokenSource, Tokens,
};

use crate::support::{Answer, Script, api, files, key, security, shown, tokenless};

fn either() -> Requirement {
    Requirement::any(["OAuthACG", "apiKey"])
}

#[tokio::test]
async fn the_first_that_can_be_used_is_used_and_the_others_are_not_asked() {
    let script = Script::default();
    let second = Scheme::oauth("OAuthACG", api(), script.expired_session().await).unwrap();
    let security = security(
        [second, key("apiKey", "secret")],
        Requirement::any(["apiKey", "OAuthACG"]),
    );
    let mut request = files();
    let applied = security.authorize(&mut request).await.unwrap();
    assert_eq!(applied.schemes(), ["apiKey"]);
    assert!(applied.passed_over().is_empty());
    assert_eq!(
        shown(&request),
        ["https://api.example/files", "apikey: secret"]
    );
    assert_eq!(script.requests(), 0);
}

#[tokio::test]
async fn one_without_a_token_is_passed_over() {
    let security = security([tokenless("OAuthACG"), key("apiKey", "secret")], either());
    let applied = security.authorize(&mut files()).await.unwrap();
    assert_eq!(applied.schemes(), ["apiKey"]);
    assert_eq!(
        applied.passed_over()[0].to_string(),
        "[OAuthACG: OAuthToken is undefined or expired.]"
    );
}

#[tokio::test]
async fn one_whose_token_request_fails_is_passed_over_and_the_cause_is_kept() {
    for (answer, is_cause) in [
        (
            Answer::Says(401, r#"{"error":"invalid_client"}"#),
            (|kind| matches!(kind, ErrorKind::Refused(no) if no.status() == Some(401)))
                as fn(&ErrorKind) -> bool,
        ),
        (Answer::Says(400, r#"{"error":"invalid_grant"}"#), |kind| {
            matches!(kind, ErrorKind::Refused(_))
        }),
        (Answer::IsUnreachable, |kind| {
            matches!(kind, ErrorKind::Transport)
        }),
    ] {
        let script = Script::of([answer]);
        let first = Scheme::oauth("OAuthACG", api(), script.expired_session().await).unwrap();
        let security = security([first, key("apiKey", "secret")], either());
        let mut request = files();
        let applied = security.authorize(&mut request).await.unwrap();
        assert_eq!(applied.schemes(), ["apiKey"]);
        assert_eq!(
            shown(&request),
            ["https://api.example/files", "apikey: secret"]
        );
        let [cause] = applied.passed_over() else {
            panic!("{applied:?}")
        };
        assert_eq!(cause.scheme(), "OAuthACG");
        assert!(is_cause(cause.provider().unwrap().kind()), "{cause:?}");
        assert_eq!(script.requests(), 1);
    }
}

#[tokio::test]
async fn where_all_fail_every_cause_is_in_the_error_and_in_its_chain() {
    let script = Script::of([Answer::IsUnreachable]);
    let first = Scheme::oauth("OAuthACG", api(), script.expired_session().await).unwrap();
    let security = security([first, key("apiKey", "")], either());
    let mut request = files();
    let error = security.authorize(&mut request).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "[OAuthACG: the authorization server could not be talked to: try again] or [apiKey: key is undefined.]"
    );
    assert!(request.headers().is_empty());
    let SecurityError::Unmet(unmet) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(unmet.causes().len(), 2);
    let mut chain = Vec::new();
    let mut next = unmet.source();
    while let Some(error) = next {
        chain.push(error.to_string());
        next = error.source();
    }
    assert!(
        chain.last().unwrap().contains("https://as.example/token"),
        "{chain:?}"
    );
}

#[tokio::test]
async fn a_session_is_refreshed_for_the_call() {
    let fresh = r#"{"access_token":"canary-new","token_type":"bearer","expires_in":3600}"#;
    let script = Script::of([Answer::Says(200, fresh)]);
    let session = script.expired_session().await;
    let scheme = Scheme::oauth("OAuthACG", api(), session).unwrap();
    let security = security([scheme], "OAuthACG");
    for _ in 0..3 {
        let mut request = files();
        let applied = security.authorize(&mut request).await.unwrap();
        assert_eq!(applied.schemes(), ["OAuthACG"]);
        assert_eq!(request.headers()["authorization"], "Bearer canary-new");
        assert!(request.headers()["authorization"].is_sensitive());
    }
    assert_eq!(script.requests(), 1);
}

#[tokio::test]
async fn what_somebody_has_to_see_is_not_passed_over() {
    let broken = Script::of([Answer::Says(
        200,
        r#"{"access_token":"x","token_type":"mac"}"#,
    )]);
    let first = Scheme::oauth("OAuthACG", api(), broken.expired_session().await).unwrap();
    let schemes = [first, key("apiKey", "secret")];
    let mut request = files();
    let error = security(schemes, either())
        .authorize(&mut request)
        .await
        .unwrap_err();
    assert!(
        matches!(error, SecurityError::Tokens { ref scheme, .. } if scheme == "OAuthACG"),
        "{error:?}"
    );
    assert!(request.headers().is_empty());

    let store = std::sync::Arc::new(BrokenStore);
    let session = Script::default()
        .client()
        .session(store, Key::new("alice"))
        .unwrap();
    let first = Scheme::oauth("OAuthACG", api(), session).unwrap();
    let schemes = [first, key("apiKey", "secret")];
    let error = security(schemes, either())
        .authorize(&mut files())
        .await
        .unwrap_err();
    assert!(matches!(error, SecurityError::Tokens { .. }), "{error:?}");
}

/// A source of one's own: a program's token, asked for each time.
struct Asked(Client<ClientCredentials>);

#[async_trait::async_trait]
impl TokenSource for Asked {
    async fn obtain(&self) -> Result<Tokens, TokenFailure> {
        Ok(self.0.fetch_token().await?.into())
    }
}

#[tokio::test]
async fn client_credentials_that_were_not_set_are_named_and_passed_over_without_a_request() {
    for (credentials, missing) in [
        (ClientCredentialsCredentials::new(), "client id"),
        (
            ClientCredentialsCredentials::new()
                .with_client_id("service")
                .with_client_secret(""),
            "client secret",
        ),
    ] {
        let script = Script::default();
        let client = script.client().provider().client(credentials);
        let scheme = Scheme::oauth("OAuthCCG", api(), Asked(client)).unwrap();
        let schemes = [scheme, key("apiKey", "secret")];
        let alone = security(schemes.clone(), "OAuthCCG");
        let error = alone.authorize(&mut files()).await.unwrap_err().to_string();
        assert!(
            error.starts_with("[OAuthCCG: ") && error.contains(missing),
            "{error}"
        );

        let either = security(schemes, Requirement::any(["OAuthCCG", "apiKey"]));
        let applied = either.authorize(&mut files()).await.unwrap();
        assert_eq!(applied.schemes(), ["apiKey"]);
        assert_eq!(script.requests(), 0);
    }
}

struct BrokenStore;

#[async_trait::async_trait]
impl TokenStore for BrokenStore {
    async fn load(&self, _: &Key) -> Result<Option<Entry>, StoreError> {
        Err(StoreError::new(
            StoreErrorKind::Unavailable,
            "the disk is gone",
        ))
    }

    async fn swap(&self, _: &Key, _: Option<Revision>, _: Option<Entry>) -> Result<(), SwapError> {
        Err(SwapError::Conflict)
    }
}
