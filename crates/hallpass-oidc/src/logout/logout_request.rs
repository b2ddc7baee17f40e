//! Ending the session at the provider (OpenID Connect RP-Initiated Logout §2).

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};

use hallpass_grant::{Endpoint, Error, Misuse, Random};
use hallpass_token::Secret;

use super::PendingLogout;
use crate::{ProviderMetadata, RelyingParty};

/// Sends the user agent to the provider, to end the session there. End the session here first.
///
/// `Debug` shows the endpoint alone: the values are personal.
#[derive(Clone)]
#[must_use = "nobody is logged out until the user agent is sent there"]
pub struct LogoutRequest {
    endpoint: Endpoint,
    parameters: Vec<(&'static str, String)>,
}

impl LogoutRequest {
    /// A logout of this client's.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the provider has no end session endpoint.
    pub fn new(provider: &ProviderMetadata, client_id: &str) -> Result<Self, Error> {
        let endpoint = provider.end_session_endpoint();
        let endpoint = endpoint.ok_or(Misuse::Missing("end session endpoint"))?;
        Ok(Self {
            endpoint: endpoint.clone(),
            parameters: vec![("client_id", client_id.to_owned())],
        })
    }

    /// With the ID token that the session was begun with, as it came: then the provider need not ask whose session it is. An expired one
    /// does as well.
    pub fn id_token_hint(self, id_token: &str) -> Self {
        self.with("id_token_hint", id_token)
    }

    /// With what tells the provider who is to be logged out, where there is no ID token.
    pub fn logout_hint(self, hint: &str) -> Self {
        self.with("logout_hint", hint)
    }

    /// With the languages that the user reads (RFC 5646), the best first, divided by spaces.
    pub fn ui_locales(self, locales: &str) -> Self {
        self.with("ui_locales", locales)
    }

    /// Where the user agent is sent, to stay there.
    pub fn url(&self) -> LogoutUrl {
        let parameters = self.parameters.iter();
        let parameters = parameters.map(|(name, value)| (*name, value.as_str()));
        LogoutUrl(self.endpoint.with_parameters(parameters))
    }

    /// Where the user agent is sent, to come back to this address, which must be registered (`post_logout_redirect_uris`), and what is
    /// kept until it does.
    ///
    /// # Errors
    /// [`Misuse::Missing`] for an empty address, [`Misuse::Random`].
    pub fn url_and_back(
        self,
        post_logout_redirect_uri: &str,
        random: &mut impl Random,
    ) -> Result<(LogoutUrl, PendingLogout), Error> {
        if post_logout_redirect_uri.is_empty() {
            return Err(Misuse::Missing("post-logout redirect URI").into());
        }
        let state = Base64UrlUnpadded::encode_string(&random.draw()?);
        let request = self
            .with("post_logout_redirect_uri", post_logout_redirect_uri)
            .with("state", &state);
        let pending = PendingLogout::new(Secret::new(state));
        Ok((request.url(), pending))
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.parameters.retain(|(own, _)| *own != name);
        self.parameters.push((name, value.to_owned()));
        self
    }
}

impl RelyingParty {
    /// A logout of this client's at its provider.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the provider has no end session endpoint.
    pub fn logout(&self) -> Result<LogoutRequest, Error> {
        LogoutRequest::new(self.provider(), self.client().id())
    }
}

impl fmt::Debug for LogoutRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogoutRequest({:?})", self.endpoint)
    }
}

/// Where the user agent is sent to log out. An ID token may be in its query, so `Debug` leaves the query out.
#[derive(Clone, PartialEq, Eq)]
pub struct LogoutUrl(String);

impl LogoutUrl {
    /// The whole address, for a `Location` header or a browser.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LogoutUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.split('?').next().unwrap_or("");
        write!(f, "LogoutUrl({shown}?…)")
    }
}

impl From<LogoutUrl> for String {
    fn from(url: LogoutUrl) -> Self {
        url.0
    }
}

impl AsRef<str> for LogoutUrl {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use hallpass_grant::{ErrorKind, Issuer, RandomError, ServerMetadata};
    use hallpass_token::Json;

    use super::*;

    fn provider(end_session: Option<&str>) -> ProviderMetadata {
        let issuer = Issuer::new("https://op.example").unwrap();
        let mut server = ServerMetadata::default().with_issuer(issuer);
        if let Some(endpoint) = end_session {
            let endpoint = Json::String(endpoint.to_owned());
            server.extra.insert("end_session_endpoint", endpoint);
        }
        ProviderMetadata::new(server).unwrap()
    }

    fn request() -> LogoutRequest {
        LogoutRequest::new(&provider(Some("https://op.example/end?t=1")), "c 1").unwrap()
    }

    #[test]
    fn a_logout_without_return_has_what_it_was_given_and_no_state() {
        assert_eq!(
            request().url().as_str(),
            "https://op.example/end?t=1&client_id=c+1"
        );
        let url = request()
            .id_token_hint("old")
            .id_token_hint("a.b.c")
            .logout_hint("jane@example.com")
            .ui_locales("de fr-CA")
            .url();
        assert_eq!(
            String::from(url),
            "https://op.example/end?t=1&client_id=c+1&id_token_hint=a.b.c&logout_hint=jane%40example.com&ui_locales=de+fr-CA"
        );
    }

    #[test]
    fn a_logout_with_return_has_the_address_and_a_fresh_state() {
        let back = "https://rp.example/bye?x=1";
        let (url, pending) = request().url_and_back(back, &mut || Ok([7; 32])).unwrap();
        let state = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
        assert_eq!(
            url.as_ref(),
            format!(
                "https://op.example/end?t=1&client_id=c+1&post_logout_redirect_uri=https%3A%2F%2Frp.example%2Fbye%3Fx%3D1&state={state}"
            )
        );
        assert!(pending.expects(&format!("/bye?x=1&state={state}")));
    }

    #[test]
    fn what_is_missing_is_named_and_randomness_has_no_fallback() {
        let kind = |error: Error| error.kind().clone();
        let missing = LogoutRequest::new(&provider(None), "c").map(|_| ());
        assert_eq!(
            kind(missing.unwrap_err()),
            ErrorKind::Misuse(Misuse::Missing("end session endpoint"))
        );
        let empty = request().url_and_back("", &mut || Ok([7; 32])).map(|_| ());
        assert_eq!(
            kind(empty.unwrap_err()),
            ErrorKind::Misuse(Misuse::Missing("post-logout redirect URI"))
        );
        let failed = request().url_and_back("https://rp.example", &mut || Err(RandomError));
        assert_eq!(
            kind(failed.map(|_| ()).unwrap_err()),
            ErrorKind::Misuse(Misuse::Random)
        );
    }

    #[test]
    fn debug_shows_no_query() {
        let request = request().id_token_hint("canary");
        let shown = "LogoutRequest(Endpoint(https://op.example/end))";
        assert_eq!(format!("{request:?}"), shown);
        let shown = "LogoutUrl(https://op.example/end?…)";
        assert_eq!(format!("{:?}", request.url()), shown);
    }
}
