//! Putting a token on a request.

use http::HeaderMap;

use hallpass_token::{Expiry, Secret, TokenSet, TokenType};

use crate::presentation::{Target, check, is_challenged, prove, put};
use crate::{Client, InvalidOrigin};

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
    /// wherever it leads: give that client [`redirect::Policy::none`](reqwest::redirect::Policy::none) where you can.
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
        let again = request.try_clone();
        let (response, is_challenged) = self.send_once(request).await?;
        match again {
            Some(again) if is_challenged => Ok(self.send_once(again).await?.0),
            _ => Ok(response),
        }
    }

    /// The answer, whose nonce is kept, and whether it demands one.
    #[cfg(feature = "reqwest")]
    async fn send_once(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<(reqwest::Response, bool), SendError> {
        let token = self.usable_token().map_err(AuthorizeError::from)?;
        let (client, request) = request.build_split();
        let mut request = request.map_err(|error| AuthorizeError::Request(error.without_url()))?;
        let target = Target::of_reqwest(&request);
        check(&target, request.headers())?;
        let proof = self.proof(&target, token).await?;
        put(token, proof.as_ref(), request.headers_mut());
        let mut sent_to = request.url().clone();
        sent_to.set_fragment(None);
        let sent = client.execute(request).await;
        let response = sent.map_err(|error| SendError::Send(error.without_url()))?;
        // Behind a redirect somebody else answers, and what was asked for may be done already.
        let is_ours = *response.url() == sent_to;
        let key = self.credentials().dpop().filter(|_| is_ours);
        let (status, headers) = (response.status(), response.headers());
        let is_challenged =
            key.is_some_and(|key| is_challenged(key, sent_to.as_str(), status, headers));
        Ok((response, is_challenged))
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
