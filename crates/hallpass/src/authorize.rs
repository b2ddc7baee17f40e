//! Putting a token on a request.

use http::HeaderMap;

use hallpass_token::{Expiry, Secret, TokenSet, TokenType};

use crate::presentation::{Target, check, is_challenged, prove, put};
use crate::{Client, InvalidOrigin, SecurityError};
#[cfg(feature = "reqwest")]
use crate::{Origin, Scheme, SchemeFailure, TokenFailure, middleware::Exchange};

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
    /// The request's address does not say where it goes, or goes to another machine without TLS, where everybody on the way could read
    /// the token.
    #[error("no token can be put on this request: {0}")]
    Address(#[from] InvalidOrigin),
    /// The request has an `Authorization` header already.
    #[error("the request has an Authorization header already: take it off, or do not authorise it")]
    AlreadyAuthorized,
    /// The token is bound to a key (RFC 9449): it goes with a proof, which has to be signed.
    #[error(
        "the token is bound to a key: use `authorize_with_proof` or `send`, which have a proof signed"
    )]
    NeedsProof,
    /// The token is bound to a key, and the credentials name none.
    #[error(
        "the token is bound to a key, and the credentials have none: give them the key it was bound to"
    )]
    NoKey,
    /// The proof could not be made.
    #[error(transparent)]
    Proof(#[from] hallpass_grant::Error),
    /// Something else that keeps a secret off a request.
    #[error(transparent)]
    Security(SecurityError),
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
        let is_free = check(&Target::of(request), request.headers());
        is_free.and_then(|()| match token.token_type {
            TokenType::Dpop => Err(AuthorizeError::NeedsProof),
            _ => Ok(()),
        })?;
        put(token, None, request.headers_mut());
        Ok(())
    }

    /// Puts the token on a `reqwest` request, by the same rules as [`authorize`](Self::authorize).
    ///
    /// ```no_run
    /// # async fn example(client: hallpass::Client<hallpass::AuthorizationCode>) -> Result<(), Box<dyn std::error::Error>> {
    /// // reqwest's own TLS features install a provider; without them, install one, once.
    /// # rustls::crypto::ring::default_provider().install_default().ok();
    /// let http = hallpass::reqwest::Client::new();
    /// let response = client.authorize_reqwest(http.get("https://api.example/files"))?.send().await?;
    /// let response = hallpass::ApiError::check_response(response)?;
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
        check(&Target::of_reqwest(&request), request.headers())?;
        if token.token_type == TokenType::Dpop {
            return Err(AuthorizeError::NeedsProof);
        }
        put(token, None, request.headers_mut());
        Ok(reqwest::RequestBuilder::from_parts(client, request))
    }

    /// Puts the token on a request, whatever kind it is: one that is bound to a key with a proof for just this request (RFC 9449 §7).
    ///
    /// An answer that demands a nonce ([`demands_nonce`](Self::demands_nonce)) is one to make the request again after, once.
    ///
    /// # Errors
    /// [`AuthorizeError`]; the request is then as it was.
    pub async fn authorize_with_proof<B>(
        &self,
        request: &mut http::Request<B>,
    ) -> Result<(), AuthorizeError> {
        let token = self.usable_token()?;
        let target = Target::of(request);
        check(&target, request.headers())?;
        let proof = self.proof(&target, token).await?;
        put(token, proof.as_ref(), request.headers_mut());
        Ok(())
    }

    /// Looks at what an API answered to a request with a proof: keeps the nonce it sent, and tells whether the request was refused
    /// for the want of one (RFC 9449 §9).
    pub fn demands_nonce(
        &self,
        uri: &http::Uri,
        status: http::StatusCode,
        headers: &HeaderMap,
    ) -> bool {
        let Some(key) = self.credentials().dpop() else {
            return false;
        };
        is_challenged(key, &uri.to_string(), status, headers)
    }

    /// Sends a `reqwest` request with the token on it, whatever kind it is. A bound token's proof is made for just this request, and made
    /// again once if the API demands a nonce and the body can be sent again.
    ///
    /// A redirect that the `reqwest` client follows takes the token no further than its origin, but a proof, and headers of your own, to
    /// wherever it leads: give that client [`redirect::Policy::none`](reqwest::redirect::Policy::none) where you can, or take an
    /// `AuthorizedClient` (feature `reqwest-middleware`).
    ///
    /// ```no_run
    /// # async fn example(client: hallpass::Client<hallpass::AuthorizationCode>) -> Result<(), Box<dyn std::error::Error>> {
    /// let http = hallpass::reqwest::Client::new();
    /// let response = client.send(http.get("https://api.example/files")).await?;
    /// let response = hallpass::ApiError::check_response(response)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`SendError`].
    #[cfg(feature = "reqwest")]
    pub async fn send(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, SendError> {
        let (client, request) = request.build_split();
        let request = request.map_err(|error| AuthorizeError::Request(error.without_url()))?;
        let origin = Origin::try_from(request.url()).map_err(AuthorizeError::from)?;
        let scheme = Scheme::of_client(self, origin);
        let copy = request.try_clone();
        let begun = Exchange::begin(&scheme.into(), request, copy).await;
        let (mut exchange, mut request) = begun.map_err(not_authorized)?;
        loop {
            let mut sent_to = request.url().clone();
            sent_to.set_fragment(None);
            let sent = client.execute(request).await;
            let response = sent.map_err(|error| SendError::Send(error.without_url()))?;
            // Behind a redirect somebody else answers, and what was asked for may be done already.
            if *response.url() != sent_to {
                return Ok(response);
            }
            let (status, headers) = (response.status(), response.headers());
            let again = exchange.answered(status, headers, reqwest::Request::try_clone);
            match again.await.map_err(not_authorized)? {
                Some(next) => (exchange, request) = next,
                None => return Ok(response),
            }
        }
    }

    async fn proof(
        &self,
        target: &Target,
        token: &TokenSet,
    ) -> Result<Option<Secret>, AuthorizeError> {
        if token.token_type != TokenType::Dpop {
            return Ok(None);
        }
        let key = self.credentials().dpop().ok_or(AuthorizeError::NoKey)?;
        let driver = self.provider().driver();
        let proof = prove(driver, key, &target.method, &target.uri, token).await?;
        Ok(Some(proof))
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

/// Why a requirement that is one client's token alone is not met.
#[cfg(feature = "reqwest")]
fn not_authorized(error: SecurityError) -> AuthorizeError {
    match error {
        SecurityError::Address(invalid) => AuthorizeError::Address(invalid),
        SecurityError::Occupied { .. } => AuthorizeError::AlreadyAuthorized,
        SecurityError::NoKey { .. } => AuthorizeError::NoKey,
        SecurityError::Tokens {
            source: TokenFailure::Provider(error),
            ..
        } => AuthorizeError::Proof(error),
        SecurityError::Unmet(unmet) => match unmet.causes() {
            [SchemeFailure::NoToken(lacking)] => AuthorizeError::NoToken(lacking.clone()),
            _ => AuthorizeError::Security(unmet.into()),
        },
        other => AuthorizeError::Security(other),
    }
}

/// Why a request has no answer.
#[cfg(feature = "reqwest")]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The token was not put on it. Nothing was sent, or an answer demanded what cannot be given.
    #[error(transparent)]
    Authorize(#[from] AuthorizeError),
    /// The request, or its answer, was lost on the way.
    #[error("the API could not be talked to")]
    Send(#[source] reqwest::Error),
}
