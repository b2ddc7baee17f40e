//! `url::Url` in and out.

use url::Url;

use crate::{AuthorizationUrl, Callback, Endpoint, InvalidEndpoint};

impl TryFrom<&Url> for Endpoint {
    type Error = InvalidEndpoint;

    fn try_from(url: &Url) -> Result<Self, InvalidEndpoint> {
        Self::new(url.as_str())
    }
}

impl TryFrom<&Endpoint> for Url {
    type Error = url::ParseError;

    fn try_from(endpoint: &Endpoint) -> Result<Self, url::ParseError> {
        Self::parse(endpoint.as_str())
    }
}

impl TryFrom<AuthorizationUrl> for Url {
    type Error = url::ParseError;

    fn try_from(url: AuthorizationUrl) -> Result<Self, url::ParseError> {
        Self::parse(url.as_str())
    }
}

impl<'a> From<&'a Url> for Callback<'a> {
    fn from(url: &'a Url) -> Self {
        Self::from_url(url.as_str())
    }
}
