//! Who may ask for tokens, and how.

use std::fmt;

use crate::{
    AuthenticationMethod, GrantType, TEST_KEY, client_keys::Keys, loopback,
    openid_client::OpenIdSettings,
};

/// Those of the clients that log users in.
const OPENID_SCOPES: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

/// A registered client.
///
/// ```
/// use hallpass_testkit::{Client, Config, GrantType};
///
/// let client = Client::confidential("backup", "a secret")
///     .redirect_uri("https://backup.example/callback")
///     .scopes(["read", "write"])
///     .grant_types([GrantType::AuthorizationCode, GrantType::RefreshToken]);
/// let config = Config::new().client(client);
/// # let _ = config;
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct Client {
    id: String,
    secret: Option<String>,
    keys: Keys,
    methods: Vec<AuthenticationMethod>,
    redirect_uris: Vec<String>,
    scopes: Vec<String>,
    grant_types: Vec<GrantType>,
    name: Option<String>,
    raw_basic: bool,
    require_dpop: bool,
    require_pushed_authorization_requests: bool,
    pub(crate) openid: OpenIdSettings,
}

impl Client {
    /// A client that cannot keep a secret: an app, a page, a program. It may do the code grant and refresh.
    pub fn public(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: None,
            keys: Keys::default(),
            methods: vec![AuthenticationMethod::None],
            redirect_uris: Vec::new(),
            scopes: Vec::new(),
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            name: None,
            raw_basic: false,
            require_dpop: false,
            require_pushed_authorization_requests: false,
            openid: OpenIdSettings::default(),
        }
    }

    /// A client with a secret, which it sends by Basic or in the form, or signs an assertion with. It may do the code grant and refresh.
    pub fn confidential(id: impl Into<String>, secret: impl Into<String>) -> Self {
        let methods = [
            AuthenticationMethod::ClientSecretBasic,
            AuthenticationMethod::ClientSecretPost,
            AuthenticationMethod::ClientSecretJwt,
        ];
        Self {
            secret: Some(secret.into()),
            methods: methods.into(),
            ..Self::public(id)
        }
    }

    /// A client that signs an assertion by ES256, RS256 or PS256 in place of sending a secret (RFC 7523 §2.2). It may do the code grant
    /// and refresh.
    ///
    /// # Panics
    /// If this is no JWK of a public P-256 or RSA key, and no set of them.
    pub fn private_key_jwt(id: impl Into<String>, jwk: &str) -> Self {
        let jwk = serde_json::from_str(jwk).unwrap_or_default();
        let keys = Keys::read(&jwk).expect("a JWK of a public P-256 or RSA key, or a set of them");
        Self::public(id).with_keys(keys)
    }

    pub(crate) fn with_keys(self, keys: Keys) -> Self {
        Self {
            keys,
            methods: vec![AuthenticationMethod::PrivateKeyJwt],
            ..self
        }
    }

    /// Holds the client to one way to show who it is.
    #[must_use]
    pub fn authentication_method(mut self, method: AuthenticationMethod) -> Self {
        self.methods = vec![method];
        self
    }

    /// One more redirect URI. It is compared as text, but an `http` one on a loopback IP fits with any port (RFC 8252
    /// §7.3).
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// The scopes it may have, which are also those it gets when it asks for none.
    #[must_use]
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The grants it may use, in place of code and refresh.
    #[must_use]
    pub fn grant_types(mut self, grant_types: impl IntoIterator<Item = GrantType>) -> Self {
        self.grant_types = grant_types.into_iter().collect();
        self
    }

    /// Reads Basic as it is and not form-encoded, as some providers do although RFC 6749 §2.3.1 says otherwise.
    #[must_use]
    pub fn raw_basic(mut self) -> Self {
        self.raw_basic = true;
        self
    }

    /// What the pages call it, in place of its id (`client_name`, RFC 7591 §2).
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Refuses authorization requests of this client that it has not pushed (RFC 9126 §6).
    #[must_use]
    pub fn require_pushed_authorization_requests(mut self) -> Self {
        self.require_pushed_authorization_requests = true;
        self
    }

    /// Refuses token requests of this client without a DPoP proof (`dpop_bound_access_tokens`, RFC 9449 §5.2).
    #[must_use]
    pub fn require_dpop(mut self) -> Self {
        self.require_dpop = true;
        self
    }

    /// The client id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The secret, which a public client has not.
    pub fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(crate) fn accepts(&self, method: AuthenticationMethod) -> bool {
        self.methods.contains(&method)
    }

    /// Whether it cannot show who it is (RFC 6749 §2.1).
    pub(crate) fn is_public(&self) -> bool {
        self.accepts(AuthenticationMethod::None)
    }

    pub(crate) fn shown_name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    pub(crate) fn has_to_push(&self) -> bool {
        self.require_pushed_authorization_requests
    }

    pub(crate) fn redirect_uris(&self) -> &[String] {
        &self.redirect_uris
    }

    pub(crate) fn own_scopes(&self) -> &[String] {
        &self.scopes
    }

    pub(crate) fn own_grant_types(&self) -> &[GrantType] {
        &self.grant_types
    }

    pub(crate) fn needs_dpop(&self) -> bool {
        self.require_dpop
    }

    pub(crate) fn reads_basic_raw(&self) -> bool {
        self.raw_basic
    }

    pub(crate) fn may(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }

    /// The redirect URI to answer to: the one asked for if it is registered, the only one registered if none was asked for.
    pub(crate) fn redirect_to<'a>(&'a self, asked: Option<&'a str>) -> Option<&'a str> {
        match (asked, self.redirect_uris.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(asked), known) => known
                .iter()
                .any(|known| loopback::fits(known, asked))
                .then_some(asked),
        }
    }

    /// The scopes asked for, if the client may have them all.
    pub(crate) fn allowed(&self, asked: Option<&str>) -> Option<Vec<String>> {
        let Some(asked) = asked else {
            return Some(self.scopes.clone());
        };
        let asked: Vec<String> = asked
            .split(' ')
            .filter(|scope| !scope.is_empty())
            .map(str::to_owned)
            .collect();
        asked
            .iter()
            .all(|scope| self.scopes.contains(scope))
            .then_some(asked)
    }

    /// The clients that every [`Config::new`](crate::Config::new) knows.
    pub(crate) fn known() -> Vec<Self> {
        use GrantType::{
            AuthorizationCode, ClientCredentials, DeviceCode, Implicit, JwtBearer, Password,
            RefreshToken, TokenExchange,
        };
        let at_home = |client: Self| {
            let client = client.redirect_uri("http://127.0.0.1/callback");
            client
                .redirect_uri("http://[::1]/callback")
                .redirect_uri("https://app.example/callback")
        };
        vec![
            at_home(Self::public("httpig"))
                .scopes(["read", "write"])
                .grant_types([Implicit]),
            at_home(Self::public("petstore_auth"))
                .scopes(["read:pets", "write:pets"])
                .grant_types([Implicit]),
            at_home(Self::confidential("oauthacg", "acg-secret"))
                .scopes(["file_requests.read"])
                .grant_types([AuthorizationCode, RefreshToken]),
            at_home(Self::public("native")).scopes(["read", "write", "file_requests.read"]),
            Self::public("id 1")
                .redirect_uri("http://127.0.0.1/callback?x=1&y=%C3%A9")
                .scopes(["read", "write"])
                .grant_types([AuthorizationCode, RefreshToken, Implicit]),
            Self::confidential("odd:client é", "c:%+é &s")
                .redirect_uri("https://app.example/callback")
                .scopes(["read"]),
            Self::confidential("service", "service-secret")
                .scopes(["read", "write"])
                .grant_types([ClientCredentials, Password, RefreshToken, TokenExchange]),
            at_home(Self::public("jwt").with_keys(Keys::of_private(TEST_KEY)))
                .scopes(["read", "write"])
                .grant_types([
                    AuthorizationCode,
                    RefreshToken,
                    ClientCredentials,
                    JwtBearer,
                ]),
            Self::public("device")
                .scopes(["read", "write"])
                .grant_types([DeviceCode, RefreshToken]),
            Self::public("terminal")
                .scopes(["read", "write"])
                .grant_types([Password, RefreshToken]),
            at_home(Self::confidential("openid", "openid-secret"))
                .post_logout_redirect_uri("http://127.0.0.1/logged-out")
                .post_logout_redirect_uri("https://app.example/logged-out")
                .scopes(OPENID_SCOPES)
                .grant_types([AuthorizationCode, RefreshToken, Implicit]),
            at_home(Self::public("openid-native"))
                .post_logout_redirect_uri("http://127.0.0.1/logged-out")
                .scopes(OPENID_SCOPES)
                .grant_types([AuthorizationCode, RefreshToken, Implicit]),
        ]
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("methods", &self.methods)
            .field("redirect_uris", &self.redirect_uris)
            .field("scopes", &self.scopes)
            .field("grant_types", &self.grant_types)
            .finish_non_exhaustive()
    }
}
