//! A body that can be sent once is sent once; the next request has something better.

use std::pin::Pin;
use std::task::{Context, Poll};

use hallpass::{AuthorizeLayer, AuthorizedClient, SentOnce};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::rt::TokioExecutor;
use tower::{Layer, ServiceExt};

use crate::api::Api;
use crate::support::{Renewable, built, oauth};

/// A stream, for all that anybody knows.
type Stream = BoxBody<&'static [u8], std::convert::Infallible>;

fn stream() -> Stream {
    Full::new(&b"a=1"[..]).boxed()
}

/// It takes a fresh token and no other.
fn choosy() -> Api {
    Api::start(|heard| match heard.header("authorization") {
        Some("Bearer fresh") => (200, Vec::new()),
        _ => (401, Vec::new()),
    })
}

#[tokio::test]
async fn through_tower_a_body_that_is_no_clone_is_sent_once() {
    let (api, source) = (choosy(), Renewable::default());
    let layer = AuthorizeLayer::new(oauth(&api.url("/"), source.clone())).with_repeat(SentOnce);
    let client = Hyper::builder(TokioExecutor::new()).build_http::<Stream>();
    for (status, heard) in [(401, 1), (200, 2)] {
        let request = Request::post(api.url("/")).body(stream()).unwrap();
        let response = layer.layer(client.clone()).oneshot(request).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(api.heard().len(), heard);
    }
    assert_eq!(source.refusals(), 1);
}

#[tokio::test]
async fn through_reqwest_a_stream_is_sent_once() {
    let (api, source) = (choosy(), Renewable::default());
    let client = built(AuthorizedClient::new(oauth(&api.url("/"), source.clone())));
    for (status, heard) in [(401, 1), (200, 2)] {
        let body = hallpass::reqwest::Body::wrap(Chunk::new());
        let response = client.post(api.url("/")).body(body).send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(api.heard().len(), heard);
    }
    assert_eq!(source.refusals(), 1);
}

#[tokio::test]
async fn a_way_of_the_users_own_sends_a_body_again() {
    let (api, source) = (choosy(), Renewable::default());
    let layer =
        AuthorizeLayer::new(oauth(&api.url("/"), source)).with_repeat(|_: &Stream| Some(stream()));
    let client = Hyper::builder(TokioExecutor::new()).build_http::<Stream>();
    let request = Request::post(api.url("/")).body(stream()).unwrap();
    let response: Response<_> = layer.layer(client).oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let bodies: Vec<_> = api.heard().into_iter().map(|heard| heard.body).collect();
    assert_eq!(bodies, ["a=1", "a=1"]);
}

/// A body that reqwest cannot repeat.
pub(crate) struct Chunk(Option<()>);

impl Chunk {
    pub(crate) fn new() -> Self {
        Self(Some(()))
    }
}

impl http_body::Body for Chunk {
    type Data = &'static [u8];
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        Poll::Ready(
            self.0
                .take()
                .map(|()| Ok(http_body::Frame::data(&b"a=1"[..]))),
        )
    }
}
