//! A reqwest client that authorises what it sends.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, Response, ResponseBuilderExt, Url, redirect};
use reqwest_middleware::{ClientBuilder, Error, Middleware, Next, Result};

use crate::{Applied, Security};

use super::redirect::{Hop, MAX_HOPS, RedirectError, Sent};
use super::{Exchange, OtherOrigins, Policy};

/// A `reqwest` client with a middleware that authorises what it sends.
///
/// After a 401 the request goes out once more with other tokens, if the source of those that were refused has any; after a demand for a
/// nonce (RFC 9449 §9) with a proof that has it; then come the alternatives of the requirement. Every other answer is handed back as it
/// is: a 401 that nothing more can be done about, 403, and what cannot go out again because its body was a stream.
///
/// The middleware follows redirects itself, each as a request of its own, so that what is put on one goes no further: a client that follows
/// them takes every header but `Authorization` and cookies to wherever they lead. That is why the client is built here. At another origin
/// arrives no credential, no body, and no header of the caller's but `Accept`, `Accept-Encoding`, `Accept-Language`, `Range` and
/// `User-Agent`; nothing is authorised any more from there on. What is not followed is a [`RedirectError`].
///
/// ```
/// # use hallpass::{AuthorizedClient, Origin, Scheme, Session, reqwest};
/// # fn install_a_tls_provider() { rustls::crypto::ring::default_provider().install_default().ok(); }
/// # async fn example(session: Session) -> Result<(), Box<dyn std::error::Error>> {
/// # install_a_tls_provider();
/// let api = Origin::new("https://api.example")?;
/// let security = Scheme::oauth("OAuthACG", &api, session)?;
/// let client = AuthorizedClient::new(security).build(reqwest::Client::builder())?.build();
///
/// let response = client.get("https://api.example/files").send().await?;
/// # Ok(()) }
/// ```
///
/// Errors are `reqwest_middleware`'s: [`SecurityError`](crate::SecurityError) and [`RedirectError`] are in its `Middleware`, where
/// `downcast_ref` finds them. No address in them has a query.
#[derive(Clone)]
pub struct AuthorizedClient {
    policy: Policy,
    outer: Vec<Arc<dyn Middleware>>,
    redirects: bool,
}

impl AuthorizedClient {
    /// Authorises requests by a requirement, or by one scheme.
    pub fn new(security: impl Into<Security>) -> Self {
        Self {
            policy: Policy::new(security.into()),
            outer: Vec::new(),
            redirects: true,
        }
    }

    /// With something else for requests to other origins than an error.
    #[must_use]
    pub fn with_other_origins(mut self, other_origins: OtherOrigins) -> Self {
        self.policy.other_origins = other_origins;
        self
    }

    /// Handing redirects back as the answers they are.
    #[must_use]
    pub fn without_redirects(mut self) -> Self {
        self.redirects = false;
        self
    }

    /// With somebody who is told of each request that was authorised: log [`Applied::passed_over`], or nobody learns that the better
    /// scheme has failed.
    #[must_use]
    pub fn with_observer(mut self, observer: impl Fn(&Applied) + Send + Sync + 'static) -> Self {
        self.policy = self.policy.with_observer(observer);
        self
    }

    /// With a middleware that comes before: it sees requests with nothing put on them, and one that it sends again is authorised anew.
    #[must_use]
    pub fn behind(mut self, outer: impl Middleware) -> Self {
        self.outer.push(Arc::new(outer));
        self
    }

    /// Builds the client, which follows no redirects itself. A middleware that is added to what comes back sees every credential.
    ///
    /// `default_headers` of the builder's are put on every request, also on one that follows a redirect elsewhere: let none of them be
    /// secret. A key of the API's own is a [`Scheme`](crate::Scheme).
    ///
    /// # Errors
    /// What `reqwest` says.
    ///
    /// # Panics
    /// reqwest does, where its own features bring no TLS provider and the process has none: see "Features" in this crate's README.
    pub fn build(
        self,
        client: reqwest::ClientBuilder,
    ) -> std::result::Result<ClientBuilder, reqwest::Error> {
        let client = client.redirect(redirect::Policy::none()).build()?;
        let builder = ClientBuilder::new(client);
        let builder = self
            .outer
            .into_iter()
            .fold(builder, ClientBuilder::with_arc);
        Ok(builder.with(Authorizing {
            policy: self.policy,
            redirects: self.redirects,
        }))
    }
}

impl fmt::Debug for AuthorizedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizedClient")
            .field("policy", &self.policy)
            .field("redirects", &self.redirects)
            .finish_non_exhaustive()
    }
}

/// Nobody can put it on a client that follows redirects.
struct Authorizing {
    policy: Policy,
    redirects: bool,
}

#[async_trait]
impl Middleware for Authorizing {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let is_bare = self.policy.leaves_bare(&request);
        let mut hop = Hop { request, is_bare };
        for _ in 0..=MAX_HOPS {
            let sent = Sent::of(&hop);
            let response = self.send(hop, extensions, next.clone()).await?;
            if !self.redirects {
                return Ok(response);
            }
            let security = &self.policy.security;
            match sent.redirected(response.status(), response.headers(), security) {
                Ok(Some(redirected)) => hop = redirected,
                Ok(None) => return Ok(response),
                Err(error) => return Err(Error::middleware(error)),
            }
        }
        Err(Error::middleware(RedirectError::TooMany))
    }
}

impl Authorizing {
    /// Sends one hop, until an answer stands.
    async fn send(
        &self,
        Hop { request, is_bare }: Hop,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        if is_bare {
            let sent = next.run(request, extensions).await;
            return sent.map_err(Error::without_url);
        }
        let copy = request.try_clone();
        let begun = self.policy.begin(request, copy).await;
        let (mut exchange, mut request) = begun.map_err(Error::middleware)?;
        loop {
            let sent = next.clone().run(request, extensions).await;
            let mut response = sent.map_err(Error::without_url)?;
            exchange.clean(response.headers_mut());
            response = without_secrets(response, &exchange);
            let (status, headers) = (response.status(), response.headers());
            let again = exchange.answered(status, headers, Request::try_clone);
            match again.await.map_err(Error::middleware)? {
                Some(next) => (exchange, request) = next,
                None => return Ok(response),
            }
            self.policy.observe(&exchange);
        }
    }
}

/// An answer shows the address that was asked in its `Debug` and in the errors made of it.
fn without_secrets(response: Response, exchange: &Exchange<Request>) -> Response {
    let cleaned = exchange.applied().without_secrets(response.url().as_str());
    let Some(Ok(url)) = cleaned.map(|text| Url::parse(&text)) else {
        return response;
    };
    let mut response = http::Response::from(response);
    if let Ok(named) = http::Response::builder().url(url).body(()) {
        response
            .extensions_mut()
            .extend(named.into_parts().0.extensions);
    }
    Response::from(response)
}
