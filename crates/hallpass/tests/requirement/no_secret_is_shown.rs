//! No Debug and no message shows a secret, and everything may cross threads.

use hallpass::{
    Alternatives, Applied, Origin, Requirement, RequirementError, Scheme, SchemeFailure, Schemes,
    Security, SecurityError, TokenFailure, Unmet,
};

use crate::support::{Answer, Script, api, files, security};

#[tokio::test]
async fn no_debug_shows_a_secret_from_the_scheme_to_the_last_error() {
    let fresh = r#"{"access_token":"canary-new","token_type":"bearer"}"#;
    let said = Answer::Says(401, r#"{"error":"invalid_client","x":"canary"}"#);
    let script = Script::of([Answer::Says(200, fresh), said]);
    let session = script.expired_session().await;
    let other = script.expired_session().await;
    let schemes = [
        Scheme::oauth("session", api(), session).unwrap(),
        Scheme::oauth("other", api(), other).unwrap(),
        Scheme::bearer("bearer", api(), "canary-bearer").unwrap(),
        Scheme::basic("basic", api(), "canary-user", "canary-password").unwrap(),
        Scheme::header_key("header", api(), "x-api-key", "canary-header").unwrap(),
        Scheme::query_key("query", api(), "key", "canary-query").unwrap(),
        Scheme::cookie_key("cookie", api(), "sid", "canary-cookie").unwrap(),
    ];
    let mut seen = format!("{schemes:?} {:#?}", Schemes::new(schemes.clone()).unwrap());
    let keys = Requirement::all(["header", "query", "cookie"]);
    let security = security(
        schemes,
        Requirement::any([
            "session".into(),
            "other".into(),
            "bearer".into(),
            "basic".into(),
            keys,
        ]),
    );
    let mut left = security.alternatives();
    seen += &format!("{security:#?} {left:?}");
    let error = loop {
        let mut request = files();
        match left.authorize(&mut request).await {
            Ok(applied) => {
                seen += &format!("{applied:#?} {:?}", request.headers());
                left = applied.refused();
                seen += &format!("{left:#?}");
            }
            Err(error) => break error,
        }
    };
    seen += &format!("{error} {error:#?}");
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        seen += &format!("{cause} {cause:?}");
        source = cause.source();
    }
    assert!(seen.contains("invalid_client"), "{seen}");
    assert!(!seen.contains("canary"), "{seen}");
    let encoded = "Y2FuYXJ5"; // "canary"
    assert!(!seen.contains(encoded), "{seen}");
}

#[test]
fn everything_may_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<(
        Origin,
        Scheme,
        Schemes,
        Requirement,
        Security,
        Alternatives,
        Applied,
    )>();
    crosses::<(
        RequirementError,
        SecurityError,
        SchemeFailure,
        TokenFailure,
        Unmet,
    )>();

    fn is_send(_: impl Send) {}
    let security = security([], Requirement::all([""; 0]));
    let mut request = http::Request::new(std::cell::Cell::new(1));
    is_send(security.authorize(&mut request));
}
