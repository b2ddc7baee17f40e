//! A redirect takes no credential to another origin, and repeats nothing there.

use hallpass::{AuthorizeLayer, AuthorizedClient, OtherOrigins, RedirectError, SecurityError};
use http::{Method, Request, header::LOCATION};
use http_body_util::Full;
use tower::{ServiceBuilder, ServiceExt};
use tower_http::follow_redirect::FollowRedirectLayer;

use crate::api::{Api, Heard};
use crate::other_origins::every_kind;
use crate::support::{Adapter, Call, Failure, built, failure, get, hyper, post};

/// Sends `/` there, with the query that it was asked with, as many servers do.
fn redirecting(status: u16, to: String) -> Api {
    Api::start(move |heard| match heard.target.split_once('?') {
        Some(("/", query)) => (status, vec![("location", format!("{to}?{query}&more=1"))]),
        _ => (200, Vec::new()),
    })
}

fn has_no_credential(heard: &Heard) {
    assert!(!heard.whole.contains("canary"), "{}", heard.whole);
    for name in [
        "authorization",
        "cookie",
        "dpop",
        "x-api-key",
        "x-mine",
        "referer",
    ] {
        assert_eq!(heard.header(name), None);
    }
}

fn with_own_header(call: Call) -> Call {
    Call {
        headers: vec![("x-mine", "a key of one's own"), ("accept", "text/plain")],
        ..call
    }
}

#[tokio::test]
async fn at_another_origin_arrives_no_credential() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Api::friendly();
        let api = redirecting(status, elsewhere.url("/there"));
        let security = every_kind(&api.url("/"));
        let call = with_own_header(get(api.url("/?page=1")));
        let answer = Adapter::Reqwest.send(&security, call).await.unwrap();
        assert_eq!(answer.0, 200);
        let heard = &elsewhere.heard()[0];
        assert_eq!(heard.target, "/there?page=1&more=1");
        assert_eq!(heard.header("accept"), Some("text/plain"));
        has_no_credential(heard);
        assert_eq!(api.heard()[0].whole.matches("canary").count(), 4);
    }
}

#[tokio::test]
async fn a_post_is_repeated_at_no_other_origin() {
    for (status, is_followed) in [
        (301, true),
        (302, true),
        (303, true),
        (307, false),
        (308, false),
    ] {
        let elsewhere = Api::friendly();
        let api = redirecting(status, elsewhere.url("/there"));
        let security = every_kind(&api.url("/"));
        let call = with_own_header(post(api.url("/"), "canary-body"));
        let answer = Adapter::Reqwest.send(&security, call).await;
        match is_followed {
            true => {
                assert_eq!(answer.unwrap().0, 200);
                let heard = &elsewhere.heard()[0];
                assert_eq!((heard.method.as_str(), heard.body.as_str()), ("GET", ""));
                has_no_credential(heard);
            }
            false => {
                assert!(
                    matches!(&answer, Err(Failure::Redirect(RedirectError::OtherOrigin { method, .. })) if method == Method::POST),
                    "{answer:?}"
                );
                assert!(elsewhere.heard().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn a_redirect_within_the_api_is_a_request_of_its_own() {
    for (status, method, body) in [(302, "GET", ""), (307, "POST", "a=1"), (308, "POST", "a=1")] {
        let api = redirecting(status, "/there".to_owned());
        let security = every_kind(&api.url("/"));
        let call = with_own_header(post(api.url("/?page=1"), "a=1"));
        assert_eq!(Adapter::Reqwest.send(&security, call).await.unwrap().0, 200);
        let heard = &api.heard()[1];
        assert_eq!((heard.method.as_str(), heard.body.as_str()), (method, body));
        assert_eq!(heard.target, "/there?page=1&more=1&key=canary-query-key");
        assert_eq!(heard.whole.matches("canary").count(), 4);
        assert_eq!(heard.header("x-mine"), Some("a key of one's own"));
    }
}

#[tokio::test]
async fn whoever_leads_away_and_back_gets_nothing_authorised() {
    let elsewhere = Api::start(|heard| {
        let back = heard.target.split_once("back=").unwrap().1;
        (302, vec![("location", back.to_owned())])
    });
    let there = elsewhere.url("/");
    let api = Api::start(move |heard| match heard.target.starts_with("/transfer") {
        true => (200, Vec::new()),
        false => {
            let back = format!("http://{}/transfer", heard.header("host").unwrap());
            (302, vec![("location", format!("{there}?back={back}"))])
        }
    });
    let security = every_kind(&api.url("/"));
    let answer = Adapter::Reqwest.send(&security, get(api.url("/"))).await;
    assert_eq!(answer.unwrap().0, 200);
    assert_eq!(api.heard().len(), 2);
    has_no_credential(&api.heard()[1]);
    has_no_credential(&elsewhere.heard()[0]);
}

#[tokio::test]
async fn redirects_without_end_are_an_error() {
    let api = redirecting(302, "/".to_owned());
    let security = every_kind(&api.url("/"));
    let failed = Adapter::Reqwest.send(&security, get(api.url("/"))).await;
    assert!(matches!(
        failed,
        Err(Failure::Redirect(RedirectError::TooMany))
    ));
    assert_eq!(api.heard().len(), 11);
}

#[tokio::test]
async fn a_redirect_that_is_handed_back_has_no_secret_in_its_address() {
    let elsewhere = Api::friendly();
    let api = redirecting(302, elsewhere.url("/there"));
    let security = every_kind(&api.url("/"));
    let (status, headers) = Adapter::Tower
        .send(&security, get(api.url("/?page=1")))
        .await
        .unwrap();
    assert_eq!(status, 302);
    assert_eq!(headers[LOCATION], elsewhere.url("/there?page=1&more=1"));

    let client = built(AuthorizedClient::new(security).without_redirects());
    let response = client.get(api.url("/?page=1")).send().await.unwrap();
    assert_eq!(
        response.headers()[LOCATION],
        elsewhere.url("/there?page=1&more=1")
    );
    assert!(elsewhere.heard().is_empty());
}

#[tokio::test]
async fn what_follows_redirects_around_the_layer_takes_nothing_to_another_origin() {
    for other_origins in [OtherOrigins::Refused, OtherOrigins::Bare] {
        let elsewhere = Api::friendly();
        let api = redirecting(302, elsewhere.url("/there"));
        let layer = AuthorizeLayer::new(every_kind(&api.url("/")));
        let client = ServiceBuilder::new()
            .layer(FollowRedirectLayer::new())
            .layer(layer.with_other_origins(other_origins))
            .service(hyper());
        let request = Request::get(api.url("/")).body(Full::default()).unwrap();
        let sent = client.oneshot(request).await;
        assert_eq!(api.heard().len(), 1);
        match other_origins {
            OtherOrigins::Bare => {
                assert_eq!(sent.unwrap().status(), 200);
                has_no_credential(&elsewhere.heard()[0]);
            }
            _ => {
                let error = sent.unwrap_err();
                assert!(
                    matches!(
                        &error,
                        hallpass::CallError::Authorize(SecurityError::OtherOrigin { .. })
                    ),
                    "{error:?}"
                );
                assert!(elsewhere.heard().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn a_stream_is_not_redirected_without_its_body() {
    let api = redirecting(307, "/there".to_owned());
    let client = built(AuthorizedClient::new(every_kind(&api.url("/"))));
    let body = hallpass::reqwest::Body::wrap(crate::bodies::Chunk::new());
    let sent = client.post(api.url("/")).body(body).send().await;
    let failed = failure(sent.unwrap_err());
    assert!(
        matches!(failed, Failure::Redirect(RedirectError::Body { .. })),
        "{failed:?}"
    );
    assert_eq!(api.heard().len(), 1);
}
