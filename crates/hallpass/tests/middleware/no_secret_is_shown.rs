//! No Debug, no error and no answer shows a secret, and everything may cross threads.

use hallpass::{
    Authorize, AuthorizeLayer, AuthorizedClient, CallError, OtherOrigins, RedirectError,
};
use http_body_util::Full;
use tower::{Layer, ServiceExt};

use crate::api::Api;
use crate::other_origins::every_kind;
use crate::support::{built, hyper, shown};

#[tokio::test]
async fn nothing_shows_a_secret_whatever_comes_of_the_call() {
    let api = Api::saying(404, "x-ray", "1");
    let url = api.url("/files");
    let security = every_kind(&url);
    let layer = AuthorizeLayer::new(security.clone());
    let client = AuthorizedClient::new(security);
    let mut seen = format!("{layer:?} {:?} {client:?}", layer.layer(()));
    let client = built(client);

    let response = client.get(&url).send().await.unwrap();
    assert!(api.heard()[0].target.contains("canary"));
    seen += &format!("{response:?} {}", response.url());
    let error = response.error_for_status().unwrap_err();
    seen += &shown(&error);
    assert!(seen.contains("/files"), "{seen}");

    let gone = api.url("/").replace("127.0.0.1", "127.0.0.2");
    for url in [url.replace("http://", "https://"), gone] {
        let security = every_kind(&url);
        let client = built(AuthorizedClient::new(security.clone()));
        seen += &shown(&client.get(&url).send().await.unwrap_err());
        let request = http::Request::get(&url).body(Full::default()).unwrap();
        let sent = AuthorizeLayer::new(security)
            .layer(hyper())
            .oneshot(request)
            .await;
        seen += &shown(&sent.unwrap_err());
    }
    let elsewhere = "https://api.example/?own=canary";
    seen += &shown(&client.get(elsewhere).send().await.unwrap_err());
    assert!(!seen.contains("canary-"), "{seen}");
    assert!(!seen.contains("own=canary"), "{seen}");
}

#[test]
fn everything_may_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<(AuthorizeLayer, Authorize<()>, CallError)>();
    crosses::<(AuthorizedClient, RedirectError, OtherOrigins)>();
}
