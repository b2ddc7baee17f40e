//! Both adapters behind one face, and sources that count.

use std::error::Error;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use hallpass::reqwest::{self, Method};
use hallpass::reqwest_middleware::{ClientWithMiddleware, Error as MiddlewareError};
use hallpass::{
    AccessToken, AuthorizeLayer, AuthorizedClient, CallError, Origin, OtherOrigins, RedirectError,
    Scheme, Security, SecurityError, TokenFailure, TokenSet, TokenSource, Tokens,
};
use http::Request;
use http_body_util::Full;
use hyper_util::client::legacy::{Client as Hyper, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tower::{Layer, ServiceExt};

pub(crate) type Body = Full<Cursor<Vec<u8>>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Adapter {
    Tower,
    Reqwest,
}

pub(crate) const BOTH: [Adapter; 2] = [Adapter::Tower, Adapter::Reqwest];

/// A request that can be sent by both.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) body: &'static str,
}

pub(crate) fn get(url: impl Into<String>) -> Call {
    Call {
        method: Method::GET,
        url: url.into(),
        headers: Vec::new(),
        body: "",
    }
}

pub(crate) fn post(url: impl Into<String>, body: &'static str) -> Call {
    Call {
        method: Method::POST,
        body,
        ..get(url)
    }
}

/// What is behind a call that failed.
#[derive(Debug)]
pub(crate) enum Failure {
    Security(SecurityError),
    Redirect(RedirectError),
    Send(String),
}

impl Adapter {
    /// The answer's status and headers.
    pub(crate) async fn send(
        self,
        security: &Security,
        call: Call,
    ) -> Result<(u16, http::HeaderMap), Failure> {
        self.send_with(security, OtherOrigins::Refused, call).await
    }

    pub(crate) async fn send_with(
        self,
        security: &Security,
        other_origins: OtherOrigins,
        call: Call,
    ) -> Result<(u16, http::HeaderMap), Failure> {
        match self {
            Self::Tower => {
                let layer = AuthorizeLayer::new(security.clone()).with_other_origins(other_origins);
                let body = Full::new(Cursor::new(call.body.as_bytes().to_vec()));
                let request = call.headers.iter().fold(
                    Request::builder().method(call.method).uri(&call.url),
                    |request, (name, value)| request.header(*name, *value),
                );
                let sent = layer
                    .layer(hyper())
                    .oneshot(request.body(body).unwrap())
                    .await;
                let response = sent.map_err(|error| match error {
                    CallError::Authorize(error) => Failure::Security(error),
                    other => Failure::Send(shown(&other)),
                })?;
                Ok((response.status().as_u16(), response.headers().clone()))
            }
            Self::Reqwest => {
                let client = AuthorizedClient::new(security.clone());
                let client = client.with_other_origins(other_origins);
                let client = built(client);
                let request = client.request(call.method, &call.url);
                let request = call.headers.iter().fold(request, |request, (name, value)| {
                    request.header(*name, *value)
                });
                let request = match call.body {
                    "" => request,
                    body => request.body(body),
                };
                let response = request.send().await.map_err(failure)?;
                Ok((response.status().as_u16(), response.headers().clone()))
            }
        }
    }
}

pub(crate) fn hyper() -> Hyper<HttpConnector, Body> {
    Hyper::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build_http()
}

pub(crate) fn built(client: AuthorizedClient) -> ClientWithMiddleware {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0);
    client.build(builder).unwrap().build()
}

pub(crate) fn failure(error: MiddlewareError) -> Failure {
    let text = shown(&error);
    let MiddlewareError::Middleware(inner) = error else {
        return Failure::Send(text);
    };
    match inner.downcast::<SecurityError>() {
        Ok(error) => Failure::Security(error),
        Err(inner) => Failure::Redirect(inner.downcast().unwrap()),
    }
}

/// An error as a log has it.
pub(crate) fn shown(error: &(dyn Error + 'static)) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!(" {cause} {cause:?}");
        source = cause.source();
    }
    text
}

pub(crate) fn origin(url: &str) -> Origin {
    Origin::try_from(&url.parse::<http::Uri>().unwrap()).unwrap()
}

pub(crate) fn token(text: &str) -> TokenSet {
    TokenSet::new(AccessToken::new(text).unwrap())
}

pub(crate) fn oauth(url: &str, source: impl TokenSource + 'static) -> Security {
    Scheme::oauth("OAuthACG", origin(url), source)
        .unwrap()
        .into()
}

/// It has a token, and one more after a refusal. It counts how often it is told of one.
#[derive(Clone, Default)]
pub(crate) struct Renewable(Arc<AtomicUsize>);

impl Renewable {
    pub(crate) fn refusals(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl TokenSource for Renewable {
    async fn obtain(&self) -> Result<Tokens, TokenFailure> {
        Ok(match self.refusals() {
            0 => token("stale").into(),
            _ => token("fresh").into(),
        })
    }

    async fn refused(&self, tokens: &TokenSet) -> Result<Option<Tokens>, TokenFailure> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok((*tokens == token("stale")).then(|| token("fresh").into()))
    }
}
