//! What the API refuses is followed by the alternatives of a requirement.

use std::sync::{Arc, Mutex};

use hallpass::{AuthorizeLayer, AuthorizedClient, Requirement, Scheme, Schemes, Security};
use http::Request;
use http_body_util::Full;
use tower::{Layer, ServiceExt};

use crate::api::Api;
use crate::support::{BOTH, Renewable, built, get, hyper, origin, post};

fn either(api: &Api, requirement: Requirement) -> (Security, Renewable) {
    let source = Renewable::default();
    let here = origin(&api.url("/"));
    let schemes = Schemes::new([
        Scheme::oauth("session", &here, source.clone()).unwrap(),
        Scheme::header_key("tenant", &here, "x-tenant", "acme").unwrap(),
        Scheme::query_key("apiKey", &here, "api_key", "k&1").unwrap(),
        Scheme::bearer("unset", &here, "").unwrap(),
    ]);
    (schemes.unwrap().require(requirement).unwrap(), source)
}

#[tokio::test]
async fn after_the_renewed_token_comes_the_next_alternative() {
    for adapter in BOTH {
        let api = Api::start(|heard| match heard.target.contains("api_key=k%261") {
            true => (200, Vec::new()),
            false => (401, Vec::new()),
        });
        let both = Requirement::all(["session", "tenant"]);
        let (security, source) = either(&api, Requirement::any([both, "apiKey".into()]));
        let call = post(api.url("/files?page=1"), "a=1");
        assert_eq!(adapter.send(&security, call).await.unwrap().0, 200);
        let seen: Vec<_> = api
            .heard()
            .iter()
            .map(|heard| {
                assert_eq!(heard.body, "a=1");
                let header = |name| heard.header(name).map(str::to_owned);
                (
                    heard.target.clone(),
                    header("authorization"),
                    header("x-tenant"),
                )
            })
            .collect();
        let with = |token: &str| {
            let token = Some(format!("Bearer {token}"));
            ("/files?page=1".to_owned(), token, Some("acme".to_owned()))
        };
        let last = ("/files?page=1&api_key=k%261".to_owned(), None, None);
        assert_eq!(seen, [with("stale"), with("fresh"), last]);
        assert_eq!(source.refusals(), 1);
    }
}

#[tokio::test]
async fn when_none_is_left_the_last_answer_stands() {
    for adapter in BOTH {
        let api = Api::saying(401, "www-authenticate", "Custom");
        let (security, _) = either(&api, Requirement::any(["unset", "tenant", "apiKey"]));
        let answer = adapter.send(&security, get(api.url("/"))).await.unwrap();
        assert_eq!(
            (answer.0, &answer.1["www-authenticate"]),
            (401, &"Custom".parse().unwrap())
        );
        assert_eq!(api.heard().len(), 2);
    }
}

#[tokio::test]
async fn who_observes_is_told_of_each_request_and_of_what_was_passed_over() {
    let api = Api::start(|heard| match heard.header("x-tenant") {
        Some(_) => (401, Vec::new()),
        None => (200, Vec::new()),
    });
    let told = Arc::new(Mutex::new(Vec::new()));
    let (security, _) = either(&api, Requirement::any(["unset", "tenant", "apiKey"]));
    let observer = || {
        let told = Arc::clone(&told);
        move |applied: &hallpass::Applied| {
            let passed_over = applied.passed_over()[0].to_string();
            told.lock()
                .unwrap()
                .push(format!("{}: {passed_over}", applied.schemes()[0]));
        }
    };
    let layer = AuthorizeLayer::new(security.clone()).with_observer(observer());
    let request = Request::get(api.url("/")).body(Full::default()).unwrap();
    layer.layer(hyper()).oneshot(request).await.unwrap();
    let client = built(AuthorizedClient::new(security).with_observer(observer()));
    client.get(api.url("/")).send().await.unwrap();
    let both = ["tenant", "apiKey"].map(|name| format!("{name}: [unset: token is undefined.]"));
    assert_eq!(*told.lock().unwrap(), [both.clone(), both].concat());
}
