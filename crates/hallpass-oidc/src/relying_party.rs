//! The relying party: a client that logs users in.

#[cfg(feature = "encryption")]
use std::sync::Arc;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use time::UtcDateTime;

use hallpass_grant::{
    AuthorizationRequest, AuthorizationUrl, Callback, Client, Error, Misuse, Random,
};
#[cfg(feature = "encryption")]
use hallpass_jose::DecryptionKey;
use hallpass_jose::SignatureAlgorithm;
use hallpass_token::Secret;

use crate::asked::Asked;
use crate::authentication_request::NoncePolicy;
#[cfg(feature = "encryption")]
use crate::token_encryption::TokenEncryption;
use crate::{
    Authentication, AuthenticationRequest, IdTokenClaims, JwtRules, Login, ProviderKeys,
    ProviderMetadata, RelyingPartyMetadata, ResponseType, SessionState,
};

/// A client registered with a provider, and what that provider's tokens have to be.
///
/// Cheap to clone; shared by as many users as there are. Clones share the provider's keys, and nothing of a single login is in it.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    client: Client,
    provider: ProviderMetadata,
    rules: JwtRules,
    user_info_algorithm: Option<SignatureAlgorithm>,
    #[cfg(feature = "encryption")]
    user_info_encryption: TokenEncryption,
    default_max_age: Option<u64>,
    require_auth_time: bool,
}

/// What every ID token has (OpenID Connect Core §2).
const CLAIMS: &[&str] = &["iss", "sub", "aud", "exp", "iat"];

/// How old an ID token may be: it is made for the login that it is taken in.
const OLDEST: Duration = Duration::from_secs(60 * 60);

impl RelyingParty {
    /// A client of this provider's. ID tokens are signed with RS256 unless it is registered otherwise:
    /// [`with_registration`](Self::with_registration), [`with_rules`](Self::with_rules).
    ///
    /// # Errors
    /// [`Misuse::OtherClient`] when the client is one of another server's.
    pub fn new(client: Client, provider: ProviderMetadata) -> Result<Self, Error> {
        if client.server().issuer.as_ref() != Some(provider.issuer()) {
            return Err(Misuse::OtherClient.into());
        }
        let provider = match client.server().is_for_mutual_tls() {
            true => provider.for_mutual_tls()?,
            false => provider,
        };
        let rules = JwtRules::new(ProviderKeys::new(&provider), client.id())
            .with_issuer_comparison(client.profile().issuer);
        Ok(Self {
            rules: rules.requiring_only(CLAIMS).not_older_than(OLDEST),
            client,
            provider,
            user_info_algorithm: None,
            #[cfg(feature = "encryption")]
            user_info_encryption: TokenEncryption::default(),
            default_max_age: None,
            require_auth_time: false,
        })
    }

    /// The same client, as it is registered: with the algorithms of ID tokens and UserInfo, and the defaults of `max_age` and `auth_time`.
    ///
    /// Where they are registered as encrypted, others are refused, and the keys that open them (feature `encryption`:
    /// `JwtRules::with_decryption_key`, `with_user_info_key`) have to be there before a login begins, or UserInfo is asked for.
    ///
    /// # Errors
    /// Those of [`RelyingPartyMetadata::id_token_algorithm`], for an algorithm that no token is believed with or that opens none;
    /// [`Misuse::Invalid`] where tokens are registered as encrypted and the feature `encryption` is off.
    pub fn with_registration(mut self, registered: &RelyingPartyMetadata) -> Result<Self, Error> {
        let algorithm = registered.id_token_algorithm()?;
        self.rules = self.rules.with_algorithms(&[algorithm]);
        self.user_info_algorithm = registered.user_info_algorithm()?;
        self = self.with_registered_encryption(registered)?;
        self.default_max_age = registered.default_max_age;
        self.require_auth_time = registered.require_auth_time;
        Ok(self)
    }

    #[cfg(feature = "encryption")]
    fn with_registered_encryption(mut self, own: &RelyingPartyMetadata) -> Result<Self, Error> {
        let encryption = self.rules.encryption().clone().registered(
            own.id_token_encrypted_response_alg.as_deref(),
            own.id_token_encrypted_response_enc.as_deref(),
        )?;
        self.rules = self.rules.encrypted(encryption);
        self.user_info_encryption = self.user_info_encryption.registered(
            own.userinfo_encrypted_response_alg.as_deref(),
            own.userinfo_encrypted_response_enc.as_deref(),
        )?;
        Ok(self)
    }

    #[cfg(not(feature = "encryption"))]
    fn with_registered_encryption(self, own: &RelyingPartyMetadata) -> Result<Self, Error> {
        let is_encrypted = own.id_token_encrypted_response_alg.is_some()
            || own.userinfo_encrypted_response_alg.is_some();
        match is_encrypted {
            true => Err(Misuse::Invalid {
                field: "encrypted_response_alg",
                reason: "encrypted tokens are opened with the feature `encryption` alone",
            }
            .into()),
            false => Ok(self),
        }
    }

    /// The same client with other rules for ID tokens: change what [`rules`](Self::rules) gives, or what this takes.
    ///
    /// ```
    /// # use hallpass_oidc::RelyingParty;
    /// # use hallpass_jose::SignatureAlgorithm;
    /// # fn changed(relying_party: RelyingParty) -> RelyingParty {
    /// relying_party.with_rules(|rules| rules.with_algorithms(&[SignatureAlgorithm::Es256]).trusting(["api"]))
    /// # }
    /// ```
    #[must_use]
    pub fn with_rules(mut self, change: impl FnOnce(JwtRules) -> JwtRules) -> Self {
        self.rules = change(self.rules);
        self
    }

    /// The same client, whose UserInfo must be signed with this algorithm (`userinfo_signed_response_alg`): an answer that is not signed is
    /// refused.
    #[must_use]
    pub fn with_signed_user_info(mut self, algorithm: SignatureAlgorithm) -> Self {
        self.user_info_algorithm = Some(algorithm);
        self
    }

    /// The same client, whose signed UserInfo is encrypted for this key (`userinfo_encrypted_response_alg`): an answer that is not encrypted
    /// is refused.
    #[cfg(feature = "encryption")]
    #[must_use]
    pub fn with_user_info_key(mut self, key: impl Into<Arc<DecryptionKey>>) -> Self {
        self.user_info_encryption = self.user_info_encryption.with_key(key.into());
        self
    }

    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The provider.
    pub fn provider(&self) -> &ProviderMetadata {
        &self.provider
    }

    /// What an ID token has to be. Logout tokens and signed authorization responses are signed as they are.
    pub fn rules(&self) -> &JwtRules {
        &self.rules
    }

    /// What signed UserInfo has to be: signed as it is registered, or else as ID tokens are, and about nobody in particular yet.
    pub(crate) fn user_info_rules(&self) -> JwtRules {
        let rules = self.rules.clone().requiring_only(&[]);
        let rules = rules.not_older_than(Duration::MAX);
        #[cfg(feature = "encryption")]
        let rules = rules.encrypted(self.user_info_encryption.clone());
        match self.user_info_algorithm {
            Some(algorithm) => rules.with_algorithms(&[algorithm]),
            None => rules,
        }
    }

    /// How UserInfo must be signed, if it must.
    pub fn user_info_algorithm(&self) -> Option<SignatureAlgorithm> {
        self.user_info_algorithm
    }

    /// Begins a login: send the user agent to the address, and keep the rest, bound to that user agent, until it comes back.
    ///
    /// # Errors
    /// [`Misuse::Missing`] without the scope `openid`, where the server has not the endpoints that it takes, and without the key for ID tokens
    /// that are registered as encrypted; [`Misuse::Invalid`] for a key of another algorithm; [`Misuse::PushRequired`]; [`Misuse::Random`].
    pub fn login<R: ResponseType>(
        &self,
        request: &AuthenticationRequest,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<(AuthorizationUrl, Login<R>), Error> {
        let (request, asked) = self.ask::<R>(request, random)?;
        let (url, pending) = R::begin(&self.client, request, random, now)?;
        Ok((url, Login { pending, asked }))
    }

    /// Checks the response of a login (state, issuer, error), and begins what is left to do: keys, ID token, code.
    ///
    /// # Errors
    /// [`Misuse::OtherClient`] when another client began it; what [`Pending::receive`](hallpass_grant::Pending::receive) can end with.
    pub fn receive<R: ResponseType>(
        &self,
        login: Login<R>,
        callback: &Callback<'_>,
        now: UtcDateTime,
    ) -> Result<Authentication<R>, Error> {
        let Login { pending, asked } = login;
        asked.check_client(&self.rules)?;
        let mode = pending.response_mode();
        let (state, began) = (pending.state().clone(), pending.began());
        let received = R::take(pending, callback, now)?;
        let parameters = callback.parameters(mode)?;
        let session_state = parameters.value("session_state");
        // It protects nothing of the login: one that is none costs the watching of the session, and not the login.
        let session_state = session_state.and_then(|state| SessionState::new(state).ok());
        Authentication::new(self, asked, began, state, session_state, received)
    }

    /// Whether an ID token is of this provider's and for this client.
    ///
    /// # Errors
    /// [`Misuse::OtherClient`] where it is not.
    pub(crate) fn check_own(&self, id_token: &IdTokenClaims) -> Result<(), Error> {
        let mut audiences = id_token.audiences().iter();
        let is_own =
            audiences.any(|own| own == self.client.id()) && self.rules.is_issuer(id_token.issuer());
        is_own
            .then_some(())
            .ok_or_else(|| Misuse::OtherClient.into())
    }

    /// The request with a nonce of its own, and what is expected for it.
    pub(crate) fn ask<R: ResponseType>(
        &self,
        request: &AuthenticationRequest,
        random: &mut impl Random,
    ) -> Result<(AuthorizationRequest, Asked), Error> {
        let mut oauth = request.to_oauth()?;
        // OAuth lets it out where only one is registered; OpenID Connect never (Core §3.1.2.1).
        if self.client.redirect_uri().is_none() {
            return Err(Misuse::Missing("redirect URI").into());
        }
        #[cfg(feature = "encryption")]
        self.rules.encryption().check()?;
        let nonce = match request.nonce {
            NoncePolicy::NotForCode if R::IS_CODE => None,
            _ => Some(draw_nonce(random)?),
        };
        if let Some(nonce) = &nonce {
            oauth = oauth.nonce(nonce.expose_secret());
        }
        let asked = Asked {
            issuer: self.provider.issuer().clone(),
            client_id: self.client.id().to_owned(),
            nonce,
            max_age: request.max_age.or(self.default_max_age),
            auth_time: self.require_auth_time,
            acr_values: request.acr_values.clone(),
            claims: request.claims.clone(),
        };
        Ok((oauth, asked))
    }
}

/// 256 bits of their own: a nonce stands in a request that logs may show, and tells nothing of state or verifier.
fn draw_nonce(random: &mut impl Random) -> Result<Secret, Error> {
    let bytes = random.draw()?;
    Ok(Base64UrlUnpadded::encode_string(&bytes).into())
}
