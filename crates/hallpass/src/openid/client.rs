//! A client that logs users in.

use hallpass_grant::{AuthorizationUrl, Callback, Code, Error, Issuer, Misuse};
use hallpass_http::{Driver, OsRandom};
use hallpass_oidc::{
    Authenticated, AuthenticationRequest, IdTokenClaims, JwtRules, Login, ProviderDiscovery,
    ProviderMetadata, Refreshed, RelyingParty, RelyingPartyMetadata, ResponseType, UserInfo,
    UserInfoMethod,
};
use hallpass_token::TokenSet;

use crate::{AuthorizationCode, AuthorizationCodeCredentials, Provider};

/// A client of an OpenID provider: it logs users in, and hands out who they are when everything that the provider says has been verified.
///
/// Cheap to clone, and one for all users: the provider's keys are fetched once, and nothing of a single login is in it.
#[derive(Clone, Debug)]
pub struct Client {
    oauth: crate::Client<AuthorizationCode>,
    relying_party: RelyingParty,
}

impl Client {
    /// Asks a provider for its metadata (OpenID Connect Discovery), and becomes its client.
    ///
    /// # Errors
    /// [`Misuse::Invalid`] for an issuer that is no https address; what [`ProviderDiscovery`] can end with; [`Misuse::Missing`] names what
    /// the credentials lack.
    #[cfg(feature = "reqwest")]
    pub async fn discover(
        issuer: &str,
        credentials: AuthorizationCodeCredentials,
    ) -> Result<Self, Error> {
        Self::discover_with(issuer, credentials, Driver::tokio()?).await
    }

    /// The same through a driver of the caller's: `Driver::tokio()?.with_signer(…)` for a client that proves itself with a key.
    ///
    /// # Errors
    /// As for [`discover`](Self::discover).
    pub async fn discover_with(
        issuer: &str,
        credentials: AuthorizationCodeCredentials,
        driver: Driver,
    ) -> Result<Self, Error> {
        let read = Issuer::new(issuer).map_err(|invalid| {
            let misuse = Misuse::Invalid {
                field: "issuer",
                reason: "it has to be the https address that the provider calls itself by",
            };
            Error::from(misuse).with_source(invalid)
        });
        let provider = driver.drive(&mut ProviderDiscovery::new(read?)).await?;
        Self::new(provider, credentials, driver)
    }

    /// A client of a provider that is known: its metadata stored, or written by hand.
    ///
    /// # Errors
    /// [`Misuse::Missing`] names what the credentials lack.
    pub fn new(
        provider: ProviderMetadata,
        credentials: AuthorizationCodeCredentials,
        driver: Driver,
    ) -> Result<Self, Error> {
        let server = provider.server().as_ref().clone();
        let oauth = Provider::with_driver(provider.issuer().as_str(), server, driver);
        let oauth = oauth.client(credentials);
        let relying_party = RelyingParty::new(oauth.grants()?, provider)?;
        Ok(Self {
            oauth,
            relying_party,
        })
    }

    /// The same client, as it is registered: what its ID tokens and UserInfo are signed with, and what it always asks for.
    ///
    /// Where they are registered as encrypted (feature `openid-encryption`), the keys that open them have to be there before a login begins.
    ///
    /// # Errors
    /// For an algorithm that no token is believed with, or that opens none.
    pub fn with_registration(self, registered: &RelyingPartyMetadata) -> Result<Self, Error> {
        Ok(Self {
            relying_party: self.relying_party.with_registration(registered)?,
            ..self
        })
    }

    /// The same client with other rules for ID tokens: another algorithm than RS256, other audiences beside this client.
    #[must_use]
    pub fn with_rules(self, change: impl FnOnce(JwtRules) -> JwtRules) -> Self {
        Self {
            relying_party: self.relying_party.with_rules(change),
            ..self
        }
    }

    /// The same client, whose UserInfo is encrypted for this key: an answer that is not is refused. The key for ID tokens is one of their
    /// [rules](Self::with_rules).
    #[cfg(feature = "openid-encryption")]
    #[must_use]
    pub fn with_user_info_key(self, key: hallpass_jose::DecryptionKey) -> Self {
        Self {
            relying_party: self.relying_party.with_user_info_key(key),
            ..self
        }
    }

    /// Begins a login. Send the user agent to the address; keep the [`Login`] in that user's session until it comes back.
    ///
    /// It asks for the credentials' scopes, and for `openid`.
    ///
    /// # Errors
    /// [`Misuse::Missing`] names what the credentials or the provider's metadata lack.
    pub fn authorization_url(&self) -> Result<(AuthorizationUrl, Login<Code>), Error> {
        self.authorization_url_with(|request| request)
    }

    /// Begins a login that asks for more, or with another response type: `R` is what comes in the redirect.
    ///
    /// ```
    /// # fn example(client: hallpass::openid::Client) -> Result<(), hallpass::ProviderError> {
    /// use std::time::Duration;
    /// use hallpass::{ResponseMode, openid::{CodeIdToken, Login}};
    ///
    /// let (url, login): (_, Login<CodeIdToken>) = client.authorization_url_with(|request| {
    ///     request.max_age(Duration::from_secs(600)).response_mode(ResponseMode::FormPost)
    /// })?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As for [`authorization_url`](Self::authorization_url); [`Misuse::Invalid`] for what contradicts itself.
    pub fn authorization_url_with<R: ResponseType>(
        &self,
        change: impl FnOnce(AuthenticationRequest) -> AuthenticationRequest,
    ) -> Result<(AuthorizationUrl, Login<R>), Error> {
        let mut scopes = self.oauth.credentials().scopes().clone();
        let missing = |_| Misuse::Missing("the scope `openid`");
        scopes.insert("openid").map_err(missing)?;
        let request = change(AuthenticationRequest::new().scopes(scopes));
        let now = self.oauth.provider().driver().now();
        self.relying_party.login(&request, &mut OsRandom, now)
    }

    /// Checks what the user agent brought back, exchanges the code where there is one, verifies the ID token, and hands out who the user is.
    ///
    /// # Errors
    /// Every check's own error: a [`Fault`](hallpass_oidc::Fault) names what is wrong with a token. Then what the provider may answer.
    pub async fn authenticate<'a, R: ResponseType>(
        &self,
        login: Login<R>,
        callback: impl Into<Callback<'a>>,
    ) -> Result<Authenticated<R::Tokens>, Error> {
        let driver = self.oauth.provider().driver();
        let mut authentication =
            self.relying_party
                .receive(login, &callback.into(), driver.now())?;
        driver.drive(&mut authentication).await
    }

    /// Asks the provider for more about the user of these tokens, who is whom this ID token is about.
    ///
    /// # Errors
    /// [`Misuse::OtherClient`] when that ID token is another provider's or for another client; [`Misuse::Missing`] when the provider has no
    /// UserInfo endpoint; a [`Fault`](hallpass_oidc::Fault) for an answer about somebody else, or one that is not signed as it has to be.
    pub async fn user_info(
        &self,
        tokens: &TokenSet,
        about: &IdTokenClaims,
    ) -> Result<UserInfo, Error> {
        let method = UserInfoMethod::default();
        let request = self
            .relying_party
            .user_info(tokens, about, method, &mut OsRandom);
        self.oauth.provider().drive(&mut request?).await
    }

    /// Gets new tokens with the refresh token among these. An ID token that comes with them must be about the same user.
    ///
    /// A [`Session`](crate::Session) of [`oauth`](Self::oauth) does the same ahead of the tokens' end; it compares an ID token and does not
    /// verify its signature.
    ///
    /// # Errors
    /// [`Misuse::Missing`] without a refresh token; what the provider may answer; a [`Fault`](hallpass_oidc::Fault), and then nothing is
    /// handed out.
    pub async fn refresh(
        &self,
        tokens: &TokenSet,
        about: &IdTokenClaims,
    ) -> Result<Refreshed, Error> {
        let refresh_token = tokens.refresh_token.as_ref();
        let refresh_token = refresh_token.ok_or(Misuse::Missing("refresh token"))?;
        let (granted, random) = (&tokens.scopes, &mut OsRandom);
        let refresh = self
            .relying_party
            .refresh(refresh_token, granted, None, about, random);
        self.oauth.provider().drive(&mut refresh?).await
    }

    /// The client as OAuth knows it: with the tokens of a login it calls APIs, keeps a session, revokes.
    pub fn oauth(&self) -> &crate::Client<AuthorizationCode> {
        &self.oauth
    }

    /// The client as OpenID Connect knows it: for conversations that are driven by hand, `client.oauth().provider().drive(…)`.
    pub fn relying_party(&self) -> &RelyingParty {
        &self.relying_party
    }
}
