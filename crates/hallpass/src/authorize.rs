//! Putting a token on a request.

use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use hallpass_token::{Expiry, TokenSet};

use crate::Client;

/// There is no token that could be put on a request. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("[{scheme}: OAuthToken is undefined or expired.]")]
#[non_exhaustive]
pub struct NoToken {
    /// The provider's name.
    pub scheme: String,
    /// Which of the two.
    pub lack: TokenLack,
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenLack {
    /// There never was one: ask for consent.
    Undefined,
    /// Its time has passed: refresh it, or ask for consent.
    Expired,
}

/// Why a token was not put on a request. Nothing was sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizeError {
    /// There is no token.
    #[error(transparent)]
    NoToken(#[from] NoToken),
    /// The request goes to another machine without TLS: everybody on the way could read the token.
    #[error(
        "a token is put on https requests alone (http is for this machine): change the request's address"
    )]
    Insecure,
    /// The request has an `Authorization` header already.
    #[error("the request has an Authorization header already: take it off, or do not authorise it")]
    AlreadyAuthorized,
    /// The request could not be built in the first place.
    #[cfg(feature = "reqwest")]
    #[error("the request could not be built")]
    Request(#[source] reqwest::Error),
}

impl<G: Clone + Default> Client<G> {
    /// Puts the token on a request (RFC 6750 §2.1).
    ///
    /// Whose address it is, is the caller's to know: the token goes to whatever https address the request has.
    ///
    /// ```no_run
    /// # fn example(client: hallpass::Client<hallpass::AuthorizationCode>) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut request = http::Request::get("https://api.example/files").body(())?;
    /// client.authorize(&mut request)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`AuthorizeError`]; the request is then as it was.
    pub fn authorize<B>(&self, request: &mut http::Request<B>) -> Result<(), AuthorizeError> {
        let token = self.usable_token()?;
        let uri = request.uri();
        // A request without a scheme is one whose connection is made already.
        let secure = uri
            .scheme_str()
            .is_none_or(|scheme| is_secure(scheme, uri.host()));
        put(token, secure, request.headers_mut())
    }

    /// Puts the token on a `reqwest` request, by the same rules as [`authorize`](Self::authorize).
    ///
    /// ```no_run
    /// # async fn example(client: hallpass::Client<hallpass::AuthorizationCode>) -> Result<(), Box<dyn std::error::Error>> {
    /// let http = hallpass::reqwest::Client::new();
    /// let response = client.authorize_reqwest(http.get("https://api.example/files"))?.send().await?;
    /// hallpass::ApiError::check(response.status(), response.headers())?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`AuthorizeError`]; nothing was sent.
    #[cfg(feature = "reqwest")]
    pub fn authorize_reqwest(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::RequestBuilder, AuthorizeError> {
        let token = self.usable_token()?;
        let (client, request) = request.build_split();
        let mut request = request.map_err(|error| AuthorizeError::Request(error.without_url()))?;
        let secure = is_secure(request.url().scheme(), request.url().host_str());
        put(token, secure, request.headers_mut())?;
        Ok(reqwest::RequestBuilder::from_parts(client, request))
    }

    fn usable_token(&self) -> Result<&TokenSet, NoToken> {
        let lack = |lack| NoToken {
            scheme: self.provider().name().to_owned(),
            lack,
        };
        match (self.credentials().token(), self.token_expiry()) {
            (None, _) => Err(lack(TokenLack::Undefined)),
            (Some(_), Some(Expiry::Expired)) => Err(lack(TokenLack::Expired)),
            (Some(token), _) => Ok(token),
        }
    }
}

fn put(token: &TokenSet, secure: bool, headers: &mut HeaderMap) -> Result<(), AuthorizeError> {
    if !secure {
        return Err(AuthorizeError::Insecure);
    }
    if headers.contains_key(AUTHORIZATION) {
        return Err(AuthorizeError::AlreadyAuthorized);
    }
    let text = format!(
        "{} {}",
        token.token_type.scheme(),
        token.access_token.expose_secret()
    );
    // A token is printable ASCII by its type, which is what a header value may be.
    if let Ok(mut value) = HeaderValue::try_from(text) {
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(())
}

fn is_secure(scheme: &str, host: Option<&str>) -> bool {
    match scheme {
        "https" => true,
        "http" => host.is_some_and(|host| {
            let address = host.trim_start_matches('[').trim_end_matches(']');
            let address = address.parse::<std::net::IpAddr>();
            host == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }),
        _ => false,
    }
}
