//! Sessions that have no token to give: what is said, what to do next, and whether an alternative is used.

use std::sync::Arc;

use hallpass::driver::{Driver, Runtime, Task, Work};
use hallpass::session::{Login, Record};
use hallpass::store::{Entry, MemoryStore, Revision, TokenStore};
use hallpass::{
    End, Key, Owner, Provider, Recovery, RefreshToken, Requirement, Scheme, SchemeFailure,
    SecurityError, Session, SessionError, TokenFailure, TokenSet,
};

use crate::support::{Answer, NOW, Script, api, at, files, key, security, token};

const REFUSED: Answer = Answer::Says(400, r#"{"error":"invalid_grant"}"#);

fn expired() -> TokenSet {
    let refresh = RefreshToken::new("canary-refresh").unwrap();
    let expired = token("canary-old").with_expiry(at(NOW - 1));
    expired.with_refresh_token(refresh)
}

/// A session whose refresh token may have been used twice.
async fn doubtful(script: &Script) -> Session {
    let store = Arc::new(MemoryStore::new());
    let session = script.client().session(store.clone(), Key::new("alice"));
    let session = session.unwrap();
    let owner = Owner::from(session.client().unwrap());
    let mut record = Record::new(owner, Login::from_bytes([1; 16]), expired(), at(NOW - 3600));
    record.doubt = 2;
    let entry = Entry::new(Revision::from_bytes([1; 16]), record.encode());
    let swapped = TokenStore::swap(&*store, &Key::new("alice"), None, Some(entry)).await;
    swapped.unwrap();
    session
}

/// Why the session was passed over for a key.
async fn cause(session: Session) -> String {
    let scheme = Scheme::oauth("OAuthACG", api(), session).unwrap();
    let either = Requirement::any(["OAuthACG", "apiKey"]);
    let security = security([scheme, key("apiKey", "secret")], either);
    let applied = security.authorize(&mut files()).await.unwrap();
    assert_eq!(applied.schemes(), ["apiKey"]);
    let [cause] = applied.passed_over() else {
        panic!("{applied:?}")
    };
    format!("{:?}: {cause}", cause.recovery())
}

#[tokio::test]
async fn a_session_that_has_ended_says_how_and_is_passed_over() {
    let refused = cause(Script::of([REFUSED]).expired_session().await).await;
    assert_eq!(
        refused,
        "Reauthorize: [OAuthACG: the session is over: the authorization server no longer takes its refresh token: ask for consent again]"
    );
    let in_doubt = cause(doubtful(&Script::of([REFUSED])).await).await;
    assert_eq!(
        in_doubt,
        "Reauthorize: [OAuthACG: the session is over: the authorization server no longer takes its refresh token, which may have been \
         used twice after a crash or a lost answer: ask for consent again]"
    );
}

#[tokio::test]
async fn a_server_that_failed_a_moment_ago_is_passed_over_without_being_asked() {
    let script = Script::of([Answer::Says(503, "")]);
    let store = Arc::new(MemoryStore::new());
    let session = || script.client().session(store.clone(), Key::new("alice"));
    let first = session().unwrap();
    first.save(&expired()).await.unwrap();
    assert!(cause(first).await.starts_with("Retry { after: "));
    // Another program, which finds in the store that it was tried.
    let other = cause(session().unwrap()).await;
    assert!(
        other.starts_with("Retry { after: Some(") && other.contains("failed a moment ago"),
        "{other}"
    );
    assert_eq!(script.requests(), 1);
}

/// A runtime that has been shut down.
struct ShutDown;

#[async_trait::async_trait]
impl Runtime for ShutDown {
    async fn sleep(&self, _: std::time::Duration) {}

    fn spawn(&self, _: Task) {}

    fn spawn_blocking(&self, _: Work) {}
}

#[tokio::test]
async fn a_runtime_that_was_shut_down_is_not_passed_over() {
    let server = Script::default().client().provider().server().clone();
    let driver = Driver::new(Script::default(), ShutDown);
    let client = Provider::with_driver("server", server, driver);
    let client = client.client(hallpass::AuthorizationCodeCredentials::new().with_client_id("id"));
    let session = client.session(Arc::new(MemoryStore::new()), Key::new("alice"));
    let scheme = Scheme::oauth("OAuthACG", api(), session.unwrap()).unwrap();
    let either = Requirement::any(["OAuthACG", "apiKey"]);
    let security = security([scheme, key("apiKey", "secret")], either);
    let error = security.authorize(&mut files()).await.unwrap_err();
    let SecurityError::Tokens {
        source: source @ TokenFailure::Session(SessionError::Abandoned),
        ..
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(source.recovery(), Recovery::Fix);
    assert!(error.to_string().contains("shut down"), "{error}");
}

#[tokio::test]
async fn who_learns_of_an_end_elsewhere_is_told_the_same() {
    let script = Script::of([REFUSED]);
    let store = Arc::new(MemoryStore::new());
    let session = || script.client().session(store.clone(), Key::new("alice"));
    let first = session().unwrap();
    first.save(&expired()).await.unwrap();
    for (session, is_told_why) in [(first, true), (session().unwrap(), false)] {
        let scheme = Scheme::oauth("OAuthACG", api(), session).unwrap();
        let error = security([scheme], "OAuthACG")
            .authorize(&mut files())
            .await
            .unwrap_err();
        let SecurityError::Unmet(unmet) = &error else {
            panic!("{error:?}")
        };
        let [cause] = unmet.causes() else {
            panic!("{error:?}")
        };
        let SchemeFailure::Session {
            source: SessionError::Ended { how, .. },
            ..
        } = cause
        else {
            panic!("{cause:?}")
        };
        assert_eq!(*how, End::Refused);
        assert_eq!(cause.provider().is_some(), is_told_why);
        assert_eq!(cause.recovery(), Recovery::Reauthorize);
    }
    assert_eq!(script.requests(), 1);
}
