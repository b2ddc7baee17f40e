//! A tower layer.

use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::{Applied, Security, SecurityError};

use super::{Cloned, OtherOrigins, Policy, Repeat};

/// A tower layer for clients: what goes through it is authorised.
///
/// After a 401 the request goes out once more with other tokens, if the source of those that were refused has any; after a demand for a
/// nonce (RFC 9449 §9) with a proof that has it; then come the alternatives of the requirement. Every other answer is handed back as it
/// is: a 401 that nothing more can be done about, 403, and what goes out again no more because its body was sent ([`Repeat`]).
///
/// Redirects are handed back as well. What follows them belongs *around* this layer (`tower_http`'s `FollowRedirect`), where each hop is a request
/// of its own, and one to another origin gets nothing. What follows redirects *inside* of it carries every header to wherever they lead.
///
/// ```
/// # use hallpass::{AuthorizeLayer, Origin, Scheme, Session};
/// # use http::{Request, Response};
/// # use std::convert::Infallible;
/// # use tower::{ServiceBuilder, ServiceExt, service_fn};
/// # async fn example(session: Session) -> Result<(), Box<dyn std::error::Error>> {
/// # let client = service_fn(async |_: Request<String>| Ok::<_, Infallible>(Response::new(())));
/// let api = Origin::new("https://api.example")?;
/// let security = Scheme::oauth("OAuthACG", &api, session)?;
/// let client = ServiceBuilder::new().layer(AuthorizeLayer::new(security)).service(client);
///
/// let request = Request::get("https://api.example/files").body(String::new())?;
/// let response = client.oneshot(request).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct AuthorizeLayer<R = Cloned> {
    policy: Policy,
    repeat: R,
}

/// The service of an [`AuthorizeLayer`].
#[derive(Clone, Debug)]
pub struct Authorize<S, R = Cloned> {
    inner: S,
    policy: Policy,
    repeat: Arc<R>,
}

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The request was not authorised. Nothing was sent; or it was sent, refused with 401, and what would be better could not be had.
    #[error(transparent)]
    Authorize(#[from] SecurityError),
    /// What the client says that sends it.
    #[error("the API could not be talked to")]
    Send(#[source] Box<dyn StdError + Send + Sync>),
}

impl AuthorizeLayer {
    /// Authorises what goes through it by a requirement, or by one scheme.
    pub fn new(security: impl Into<Security>) -> Self {
        Self {
            policy: Policy::new(security.into()),
            repeat: Cloned,
        }
    }
}

impl<R> AuthorizeLayer<R> {
    /// With another way to send a body again than its clone.
    #[must_use]
    pub fn with_repeat<Q>(self, repeat: Q) -> AuthorizeLayer<Q> {
        AuthorizeLayer {
            policy: self.policy,
            repeat,
        }
    }

    /// With something else for requests to other origins than an error.
    #[must_use]
    pub fn with_other_origins(mut self, other_origins: OtherOrigins) -> Self {
        self.policy.other_origins = other_origins;
        self
    }

    /// With somebody who is told of each request that was authorised: log [`Applied::passed_over`], or nobody learns that the better
    /// scheme has failed.
    #[must_use]
    pub fn with_observer(mut self, observer: impl Fn(&Applied) + Send + Sync + 'static) -> Self {
        self.policy = self.policy.with_observer(observer);
        self
    }
}

impl<S, R: Clone> Layer<S> for AuthorizeLayer<R> {
    type Service = Authorize<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        Authorize {
            inner,
            policy: self.policy.clone(),
            repeat: Arc::new(self.repeat.clone()),
        }
    }
}

impl<S, R, B, C> Service<Request<B>> for Authorize<S, R>
where
    S: Service<Request<B>, Response = Response<C>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn StdError + Send + Sync>>,
    R: Repeat<B> + Send + Sync + 'static,
    B: Send + 'static,
    C: Send + 'static,
{
    type Response = Response<C>;
    type Error = CallError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<C>, CallError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        self.inner.poll_ready(context).map_err(sending)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let clone = self.inner.clone();
        // The one that was found ready is the one to call.
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let (policy, repeat) = (self.policy.clone(), Arc::clone(&self.repeat));
        if policy.leaves_bare(&request) {
            let sent = inner.call(request);
            return Box::pin(async move { sent.await.map_err(sending) });
        }
        Box::pin(async move {
            let again = |sent: &Request<B>| Some(with_body(sent, repeat.repeat(sent.body())?));
            let copy = again(&request);
            let (mut exchange, mut request) = policy.begin(request, copy).await?;
            loop {
                let mut response = inner.call(request).await.map_err(sending)?;
                exchange.clean(response.headers_mut());
                let (status, headers) = (response.status(), response.headers());
                match exchange.answered(status, headers, again).await? {
                    Some(next) => (exchange, request) = next,
                    None => return Ok(response),
                }
                drop(response);
                policy.observe(&exchange);
                poll_fn(|context| inner.poll_ready(context))
                    .await
                    .map_err(sending)?;
            }
        })
    }
}

/// The same request with this body.
fn with_body<B>(request: &Request<B>, body: B) -> Request<B> {
    let mut same = Request::new(body);
    *same.method_mut() = request.method().clone();
    *same.uri_mut() = request.uri().clone();
    *same.version_mut() = request.version();
    *same.headers_mut() = request.headers().clone();
    *same.extensions_mut() = request.extensions().clone();
    same
}

fn sending(error: impl Into<Box<dyn StdError + Send + Sync>>) -> CallError {
    CallError::Send(error.into())
}
