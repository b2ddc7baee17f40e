//! Who may ask for tokens, and how.

use std::fmt;

use crate::loopback;

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
    redirect_uris: Vec<String>,
    scopes: Vec<String>,
    grant_types: Vec<GrantType>,
    raw_basic: bool,
}

/// What a client may do.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GrantType {
    /// `response_type=code` (RFC 6749 §4.1).
    AuthorizationCode,
    /// `response_type=token` (RFC 6749 §4.2).
    Implicit,
    /// `grant_type=refresh_token` (RFC 6749 §6). Without it the client gets no refresh tokens.
    RefreshToken,
    /// `grant_type=client_credentials` (RFC 6749 §4.4), for clients with a secret.
    ClientCredentials,
    /// `grant_type=password` (RFC 6749 §4.3).
    Password,
}

impl Client {
    /// A client that cannot keep a secret: an app, a page, a program. It may do the code grant and refresh.
    pub fn public(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: None,
            redirect_uris: Vec::new(),
            scopes: Vec::new(),
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            raw_basic: false,
        }
    }

    /// A client with a secret, which it sends by Basic or in the form. It may do the code grant and refresh.
    pub fn confidential(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            secret: Some(secret.into()),
            ..Self::public(id)
        }
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

    /// The client id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The secret, which a public client has not.
    pub fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
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
        use GrantType::{AuthorizationCode, ClientCredentials, Implicit, Password, RefreshToken};
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
                .grant_types([ClientCredentials, Password, RefreshToken]),
            Self::public("terminal")
                .scopes(["read", "write"])
                .grant_types([Password, RefreshToken]),
        ]
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("confidential", &self.secret.is_some())
            .field("redirect_uris", &self.redirect_uris)
            .field("scopes", &self.scopes)
            .field("grant_types", &self.grant_types)
            .finish_non_exhaustive()
    }
}
