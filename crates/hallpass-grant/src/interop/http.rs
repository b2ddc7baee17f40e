//! `http::Request` out, `http::Response` in.

use http::{HeaderValue, Uri, header::HeaderName};

use crate::{Callback, Endpoint, InvalidEndpoint, Method, Request, Response};

/// The body is a copy: `http` has no type that wipes itself.
impl TryFrom<Request> for http::Request<Vec<u8>> {
    type Error = http::Error;

    fn try_from(request: Request) -> Result<Self, http::Error> {
        let method = match request.method() {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
            Method::Delete => http::Method::DELETE,
        };
        let mut converted = http::Request::builder()
            .method(method)
            .uri(request.endpoint().as_str())
            .body(request.body().expose_secret().to_vec())?;
        for (name, value) in request.headers() {
            let mut value = HeaderValue::try_from(value)?;
            value.set_sensitive(matches!(name, "authorization" | "dpop"));
            converted
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
        Ok(converted)
    }
}

/// A header value that is not text is kept with replacement characters: it must not count as absent.
impl<B: Into<Vec<u8>>> From<http::Response<B>> for Response {
    fn from(response: http::Response<B>) -> Self {
        let (parts, body) = response.into_parts();
        let texts = parts
            .headers
            .iter()
            .map(|(n, v)| (n.as_str(), String::from_utf8_lossy(v.as_bytes())));
        texts
            .fold(
                Self::new(parts.status.as_u16()),
                |response, (name, value)| response.with_header(name, &value),
            )
            .with_body(body.into())
    }
}

impl TryFrom<&Uri> for Endpoint {
    type Error = InvalidEndpoint;

    fn try_from(uri: &Uri) -> Result<Self, InvalidEndpoint> {
        Self::new(uri.to_string())
    }
}

impl TryFrom<&Endpoint> for Uri {
    type Error = http::uri::InvalidUri;

    fn try_from(endpoint: &Endpoint) -> Result<Self, http::uri::InvalidUri> {
        endpoint.as_str().parse()
    }
}

/// The query alone: an `http::Uri` has no fragment.
impl<'a> From<&'a Uri> for Callback<'a> {
    fn from(uri: &'a Uri) -> Self {
        Self::from_url(uri.path_and_query().map_or("", |target| target.as_str()))
    }
}
