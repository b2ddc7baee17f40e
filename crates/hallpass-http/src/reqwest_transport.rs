//! The transport on reqwest.

mod builder;
mod failure;
mod public_addresses;

use async_trait::async_trait;
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue};

use hallpass_grant::{Lost, Reach, Request, Response};

use crate::{SetupError, Transport, TransportError, TransportErrorKind};

pub use builder::ReqwestTransportBuilder;

/// A [`Transport`] on reqwest, rustls and tokio.
///
/// - HTTP/1.1 over TLS 1.2 or 1.3; the operating system decides which certificates are trusted.
/// - A request ends after 15 seconds in all, an answer at 1 MiB; both can be set. A longer answer is an error, never cut off.
/// - No redirect is followed, no cookie kept, nothing retried, no compressed answer asked for.
/// - The only headers beside the request's own are `host`, `content-length`, `accept-encoding: identity` and
///   `user-agent: hallpass/<version>`.
/// - Each request has a connection of its own: a kept one that the server closes just then is a lost answer, and a lost
///   answer puts a refresh token in doubt.
/// - `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` are heeded, but never for a server on this machine.
///
/// It cannot be made from a `reqwest::Client` of yours: a client does not tell which redirects it follows, which headers it
/// adds or how much it reads, and what it does for an API must not reach a token endpoint.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    direct: reqwest::Client,
    proxied: reqwest::Client,
    max_body: usize,
    /// Nothing nearer is connected to.
    nearest: Reach,
}

impl ReqwestTransport {
    /// A transport as it is by default.
    ///
    /// # Errors
    /// [`SetupError::Trust`], when this machine has no root certificates.
    pub fn new() -> Result<Self, SetupError> {
        Self::builder().build()
    }

    /// A transport with settings.
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder::new()
    }

    fn prepare(
        &self,
        request: &Request,
    ) -> Result<reqwest::RequestBuilder, Box<dyn std::error::Error + Send + Sync>> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(
                "reqwest needs a tokio runtime: use the blocking transport, or one of your own"
                    .into(),
            );
        }
        // An address that stands in the request itself is never looked up.
        if request.endpoint().reach() < self.nearest {
            return Err("the server is not on the Internet".into());
        }
        let method = reqwest::Method::from_bytes(request.method().as_str().as_bytes())?;
        let client = match request.endpoint().is_loopback() {
            true => &self.direct,
            false => &self.proxied,
        };
        let mut headers =
            HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
        for (name, value) in request.headers() {
            let mut value = HeaderValue::from_str(value)?;
            value.set_sensitive(true);
            headers.append(HeaderName::from_bytes(name.as_bytes())?, value);
        }
        let prepared = client
            .request(method, request.endpoint().as_str())
            .headers(headers);
        Ok(match request.body().is_empty() {
            true => prepared,
            false => prepared.body(request.body().expose_secret().to_vec()),
        })
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Response, Unread> {
        let announced = response.content_length().unwrap_or(0);
        if announced > self.max_body as u64 {
            return Err(Unread::TooLarge);
        }
        // What is announced is a promise, and a promise reserves no memory without end.
        let mut body = Vec::with_capacity(announced.min(64 * 1024) as usize);
        while let Some(chunk) = response.chunk().await? {
            if chunk.len() > self.max_body - body.len() {
                return Err(Unread::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut read = Response::new(response.status().as_u16()).with_body(body);
        for (name, value) in response.headers() {
            // A value that is no text must not count as absent.
            read = read.with_header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
        Ok(read)
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let endpoint = request.endpoint();
        let prepared = self.prepare(&request).map_err(|source| {
            TransportError::new(TransportErrorKind::InvalidRequest, Lost::NotSent, endpoint)
                .with_source(source)
        })?;
        let response = prepared
            .send()
            .await
            .map_err(|error| failure::classified(error, endpoint))?;
        self.read(response).await.map_err(|unread| match unread {
            Unread::TooLarge => {
                TransportError::new(TransportErrorKind::TooLarge, Lost::MaybeSent, endpoint)
            }
            Unread::Failed(error) => failure::classified(error, endpoint),
        })
    }
}

enum Unread {
    TooLarge,
    Failed(reqwest::Error),
}

impl From<reqwest::Error> for Unread {
    fn from(error: reqwest::Error) -> Self {
        Self::Failed(error)
    }
}
