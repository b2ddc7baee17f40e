//! All together, each where no other writes, and all of it or nothing.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use hallpass::{
    Place, Requirement, RequirementError, Scheme, Schemes, SecurityError, TokenFailure,
    TokenSource, Tokens,
};

use crate::support::{Answer, Script, api, files, key, request, security, shown, token, tokenless};

fn conflict(first: Scheme, second: Scheme, place: &str) {
    let (one, two) = (first.name().to_owned(), second.name().to_owned());
    let schemes = Schemes::new([first, second]).unwrap();
    let error = schemes
        .require(Requirement::all([one.as_str(), &two]))
        .unwrap_err();
    let RequirementError::Conflict {
        first,
        second,
        place: found,
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(
        (first, second, found.to_string().as_str()),
        (&one, &two, place)
    );
    let text = error.to_string();
    assert!(text.contains(&one) && text.contains(&two), "{text}");
    // One or the other is fine.
    assert!(schemes.require(Requirement::any([one, two])).is_ok());
}

#[test]
fn two_writers_of_one_place_are_an_error_that_names_both() {
    let bearer = || Scheme::bearer("token", api(), "canary").unwrap();
    let basic = || Scheme::basic("login", api(), "alice", "canary").unwrap();
    let header = |name, header| Scheme::header_key(name, api(), header, "canary").unwrap();
    let query = |name| Scheme::query_key(name, api(), "k", "canary").unwrap();
    let cookie = |name| Scheme::cookie_key(name, api(), "sid", "canary").unwrap();
    conflict(bearer(), basic(), "the header authorization");
    conflict(tokenless("OAuthACG"), bearer(), "the header authorization");
    conflict(
        header("own", "AUTHORIZATION"),
        basic(),
        "the header authorization",
    );
    conflict(
        header("upper", "X-Api-Key"),
        header("lower", "x-api-key"),
        "the header x-api-key",
    );
    conflict(query("one"), query("two"), "the query parameter \"k\"");
    conflict(cookie("one"), cookie("two"), "the cookie sid");
}

#[test]
fn two_writers_are_found_however_deep_they_stand() {
    let schemes = Schemes::new([
        Scheme::bearer("token", api(), "canary").unwrap(),
        Scheme::basic("login", api(), "alice", "canary").unwrap(),
        key("apiKey", "canary"),
    ])
    .unwrap();
    let either = Requirement::any(["apiKey", "token"]);
    let other = Requirement::any([Requirement::all(["login"]), "apiKey".into()]);
    let error = schemes.require(Requirement::all([either.clone(), other.clone()]));
    assert!(
        matches!(error, Err(RequirementError::Conflict { .. })),
        "{error:?}"
    );
    assert!(schemes.require(Requirement::any([either, other])).is_ok());
    // One scheme twice is one writer.
    assert!(
        schemes
            .require(Requirement::all(["token", "apiKey", "token"]))
            .is_ok()
    );
}

#[tokio::test]
async fn all_are_written_and_cookies_share_one_header() {
    let security = security(
        [
            Scheme::oauth("OAuthACG", api(), token("canary")).unwrap(),
            key("apiKey", "one"),
            Scheme::query_key("query", api(), "k", "two").unwrap(),
            Scheme::cookie_key("first", api(), "a", "three").unwrap(),
            Scheme::cookie_key("second", api(), "A", "four").unwrap(),
        ],
        Requirement::all(["OAuthACG", "apiKey", "query", "first", "second"]),
    );
    let mut request = request("https://api.example/files?page=1");
    request
        .headers_mut()
        .append("cookie", "theme=dark".parse().unwrap());
    request
        .headers_mut()
        .append("cookie", "lang=en".parse().unwrap());
    let applied = security.authorize(&mut request).await.unwrap();
    assert_eq!(
        applied.schemes(),
        ["OAuthACG", "apiKey", "query", "first", "second"]
    );
    assert_eq!(
        shown(&request),
        [
            "https://api.example/files?page=1&k=two",
            "apikey: one",
            "authorization: Bearer canary",
            "cookie: theme=dark; lang=en; a=three; A=four",
        ]
    );
    assert!(request.headers().values().all(|value| value.is_sensitive()));
}

#[tokio::test]
async fn what_the_request_has_already_is_not_overwritten_and_nothing_is_written() {
    let security = security(
        [
            Scheme::bearer("token", api(), "canary").unwrap(),
            Scheme::query_key("query", api(), "a k", "canary").unwrap(),
            Scheme::cookie_key("cookie", api(), "sid", "canary").unwrap(),
        ],
        Requirement::all(["token", "query", "cookie"]),
    );
    let plain = "https://api.example/files";
    for (uri, header, scheme, place) in [
        (
            plain,
            Some(("authorization", "Basic x")),
            "token",
            "the header authorization",
        ),
        (
            plain,
            Some(("cookie", "a=b;sid=x")),
            "cookie",
            "the cookie sid",
        ),
        (plain, Some(("cookie", "sid")), "cookie", "the cookie sid"),
        (
            "https://api.example/?x=1&%61%20k=2",
            None,
            "query",
            "the query parameter \"a k\"",
        ),
        (
            "https://api.example/?a+k",
            None,
            "query",
            "the query parameter \"a k\"",
        ),
    ] {
        let mut request = request(uri);
        if let Some((name, value)) = header {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let before = shown(&request);
        let error = security.authorize(&mut request).await.unwrap_err();
        let SecurityError::Occupied {
            scheme: found,
            place: taken,
        } = &error
        else {
            panic!("{error:?}")
        };
        assert_eq!(
            (found.as_str(), taken.to_string().as_str()),
            (scheme, place)
        );
        assert_eq!(shown(&request), before);
    }
}

#[tokio::test]
async fn after_one_that_fails_no_authorization_server_is_asked() {
    let script = Script::of([Answer::Says(500, "")]);
    let second = Scheme::oauth("second", api(), script.expired_session().await).unwrap();
    let schemes = Schemes::new([key("first", ""), second]).unwrap();
    let security = schemes
        .require(Requirement::all(["first", "second"]))
        .unwrap();
    let mut request = files();
    let error = security.authorize(&mut request).await.unwrap_err();
    assert_eq!(error.to_string(), "[first: key is undefined.]");
    assert_eq!(script.requests(), 0);

    let security = schemes.require("second").unwrap();
    assert!(security.authorize(&mut request).await.is_err());
    assert_eq!(script.requests(), 1);
    assert!(request.headers().is_empty());
}

#[tokio::test]
async fn what_is_missing_after_the_first_that_fails_is_named_too() {
    let session = Scheme::oauth("session", api(), Script::default().session()).unwrap();
    let security = security(
        [key("first", ""), session, key("last", "")],
        Requirement::all(["first", "session", "last"]),
    );
    let error = security.authorize(&mut files()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "[first: key is undefined.] and [session: OAuthToken is undefined or expired.] and [last: key is undefined.]"
    );
}

/// Never answers.
struct Waiting;

#[async_trait::async_trait]
impl TokenSource for Waiting {
    async fn obtain(&self) -> Result<Tokens, TokenFailure> {
        std::future::pending().await
    }
}

#[test]
fn a_future_that_is_dropped_has_written_nothing() {
    let waiting: Arc<dyn TokenSource> = Arc::new(Waiting);
    let waiting = Scheme::oauth("waiting", api(), waiting).unwrap();
    let security = security(
        [key("first", "x"), waiting],
        Requirement::all(["first", "waiting"]),
    );
    let mut request = files();
    {
        let mut context = Context::from_waker(Waker::noop());
        let mut future = pin!(security.authorize(&mut request));
        assert!(future.as_mut().poll(&mut context).is_pending());
    }
    assert_eq!(shown(&request), ["https://api.example/files"]);
}

#[tokio::test]
async fn all_of_none_needs_nothing_and_writes_nothing() {
    let mut request = files();
    let security = security([], Requirement::all([""; 0]));
    let applied = security.authorize(&mut request).await.unwrap();
    assert!(applied.schemes().is_empty());
    assert_eq!(shown(&request), ["https://api.example/files"]);
}

#[test]
fn a_place_is_a_value() {
    let place = Scheme::query_key("query", api(), "k", "x").unwrap().place();
    assert_eq!(place, Place::Query("k".to_owned()));
}
