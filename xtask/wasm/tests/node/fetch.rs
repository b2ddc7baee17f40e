//! `FetchTransport` against a server that misbehaves as its paths say.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use hallpass_grant::{Endpoint, Lost, Request, Response};
use hallpass_http::{
    BrowserRuntime, FetchTransport, Runtime, Transport, TransportError, TransportErrorKind,
};
use hallpass_token::AccessToken;
use serde_json::Value;
use wasm_bindgen::prelude::*;

fn request(server: &str, path: &str) -> Request {
    Request::get(Endpoint::new(format!("{server}{path}")).unwrap())
}

async fn get(server: &str, path: &str) -> Result<Response, TransportError> {
    FetchTransport::new().send(request(server, path)).await
}

/// What came to the server so far.
async fn seen(server: &str) -> Vec<String> {
    let response = get(server, "/seen").await.unwrap();
    serde_json::from_slice(response.body()).unwrap()
}

async fn assert_refused(sent: Result<Response, TransportError>, kind: TransportErrorKind) {
    let error = sent.unwrap_err();
    let told = (error.kind(), error.lost());
    assert_eq!(told, (kind, Lost::MaybeSent), "{error:?}");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[wasm_bindgen]
pub async fn what_is_sent_is_the_request_and_nothing_of_the_page(_: String, server: String) {
    let token = AccessToken::new("the-token").unwrap();
    let post = || {
        let endpoint = Endpoint::new(format!("{server}/echo?tenant=1")).unwrap();
        Request::post(endpoint).with_access_token_in_form(&token)
    };
    // The first answer sets a cookie, and the second request does not bring it.
    let _first = FetchTransport::new().send(post()).await.unwrap();
    let response = FetchTransport::new().send(post()).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.header("content-type"), Some("application/json"));
    let headers: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(headers["content-length"], "22");
    assert_eq!(headers["accept"], "application/json");
    assert_eq!(headers["cookie"], Value::Null);
    assert_eq!(headers["referer"], Value::Null);
}

#[wasm_bindgen]
pub async fn a_redirect_is_an_answer_and_is_not_followed(_: String, server: String) {
    let response = get(&server, "/redirect").await.unwrap();
    assert!((300..400).contains(&response.status()), "{response:?}");
    assert!(!seen(&server).await.contains(&"GET /caught".to_owned()));
}

#[wasm_bindgen]
pub async fn an_answer_without_a_body_is_an_answer(_: String, server: String) {
    let response = get(&server, "/empty").await.unwrap();
    assert_eq!((response.status(), response.body()), (204, &b""[..]));
}

#[wasm_bindgen]
pub async fn a_body_of_exactly_the_limit_is_whole(_: String, server: String) {
    let response = get(&server, "/limit").await.unwrap();
    assert_eq!(response.body().len(), 1024 * 1024);
}

#[wasm_bindgen]
pub async fn a_larger_body_is_refused_and_never_cut_off(_: String, server: String) {
    for path in ["/over?canary", "/announced?canary", "/endless?canary"] {
        assert_refused(get(&server, path).await, TransportErrorKind::TooLarge).await;
    }
    let small = FetchTransport::new().with_max_body(1);
    let sent = small.send(request(&server, "/seen?canary")).await;
    assert_refused(sent, TransportErrorKind::TooLarge).await;
}

#[wasm_bindgen]
pub async fn a_request_ends_in_its_time_whatever_the_server_does(_: String, server: String) {
    let limit = Duration::from_millis(150);
    let transport = FetchTransport::new().with_timeout(limit);
    for path in ["/silent?canary", "/drops?canary"] {
        let begun = BrowserRuntime.steady();
        let sent = transport.send(request(&server, path)).await;
        let took = BrowserRuntime.steady() - begun;
        assert!((limit..limit * 20).contains(&took), "{took:?}");
        assert_refused(sent, TransportErrorKind::Timeout).await;
    }
}

#[wasm_bindgen]
pub async fn a_connection_that_ends_leaves_open_what_the_server_has_seen(
    _: String,
    server: String,
) {
    let cut = get(&server, "/cut?canary").await;
    assert_refused(cut, TransportErrorKind::Interrupted).await;
    let refused = get(&server, "/refused?canary").await;
    assert_refused(refused, TransportErrorKind::Other).await;
}

#[wasm_bindgen]
pub async fn where_nobody_answers_fetch_does_not_say_so() {
    // The port of the protocol that discards what it is sent. Browsers refuse it by themselves.
    for nobody in ["http://127.0.0.1:1", "http://127.0.0.1:9"] {
        let sent = get(nobody, "/token?canary").await;
        assert_refused(sent, TransportErrorKind::Other).await;
    }
}

#[wasm_bindgen]
pub async fn a_caller_who_gives_up_ends_the_request(_: String, server: String) {
    let closed = "closed /silent".to_owned();
    let before = count(&server, &closed).await;
    let transport = FetchTransport::new();
    let mut sent = transport.send(request(&server, "/silent"));
    poll_fn(|context| {
        assert!(sent.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
    let asked = "GET /silent".to_owned();
    while count(&server, &asked).await <= before {
        BrowserRuntime.sleep(Duration::from_millis(5)).await;
    }
    drop(sent);
    while count(&server, &closed).await <= before {
        BrowserRuntime.sleep(Duration::from_millis(5)).await;
    }
}

async fn count(server: &str, line: &str) -> usize {
    let seen = seen(server).await;
    seen.iter().filter(|seen| *seen == line).count()
}
