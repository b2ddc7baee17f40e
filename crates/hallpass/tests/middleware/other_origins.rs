//! What a request to another origin gets: nothing.

use hallpass::{OtherOrigins, Requirement, Scheme, Schemes, Security, SecurityError};

use crate::api::Api;
use crate::support::{BOTH, Call, Failure, get, origin, token};

/// A credential of every kind.
pub(crate) fn every_kind(api: &str) -> Security {
    let here = origin(api);
    let schemes = Schemes::new([
        Scheme::oauth("oauth", &here, token("canary-oauth-token")).unwrap(),
        Scheme::header_key("header", &here, "x-api-key", "canary-header-key").unwrap(),
        Scheme::query_key("query", &here, "key", "canary-query-key").unwrap(),
        Scheme::cookie_key("cookie", &here, "sid", "canary-cookie-key").unwrap(),
    ]);
    let all = Requirement::all(["oauth", "header", "query", "cookie"]);
    schemes.unwrap().require(all).unwrap()
}

#[tokio::test]
async fn a_request_to_another_origin_is_not_sent() {
    for adapter in BOTH {
        let (api, elsewhere) = (Api::friendly(), Api::friendly());
        let security = every_kind(&api.url("/"));
        let failed = adapter.send(&security, get(elsewhere.url("/"))).await;
        let Err(Failure::Security(SecurityError::OtherOrigin { origin: to, .. })) = failed else {
            panic!("{failed:?}")
        };
        assert_eq!(to, origin(&elsewhere.url("/")));
        assert!(elsewhere.heard().is_empty() && api.heard().is_empty());
    }
}

#[tokio::test]
async fn where_other_origins_are_let_through_nothing_is_put_on_their_requests() {
    for adapter in BOTH {
        let (api, elsewhere) = (Api::friendly(), Api::friendly());
        let security = every_kind(&api.url("/"));
        let call = Call {
            headers: vec![("x-mine", "1")],
            ..get(elsewhere.url("/?a=1"))
        };
        for call in [call, get(api.url("/"))] {
            let sent = adapter.send_with(&security, OtherOrigins::Bare, call);
            assert_eq!(sent.await.unwrap().0, 200);
        }
        let heard = &elsewhere.heard()[0];
        assert_eq!(
            (heard.target.as_str(), heard.header("x-mine")),
            ("/?a=1", Some("1"))
        );
        assert!(!heard.whole.contains("canary"), "{}", heard.whole);
        assert_eq!(api.heard()[0].whole.matches("canary").count(), 4);
    }
}
