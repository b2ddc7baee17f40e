//! The page that asks the provider's page how the session stands (OpenID Connect Session Management §3.1, the RP iframe).

use std::fmt;
use std::time::Duration;

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use hallpass_grant::{Endpoint, Error, Misuse};

use super::SessionState;
use crate::{ProviderMetadata, RelyingParty};

const PAGE: &str = include_str!("pages/session.html");
const SCRIPT: &str = include_str!("pages/session.js");

/// The page that this application has in a hidden frame while somebody is logged in.
///
/// It loads the provider's page into a frame of its own and asks it every few seconds. It writes to nobody but the provider's origin,
/// believes nobody else, and may be framed by this application alone. What it hears stands in `data-session` of its root element and is told to the page
/// around it, as a message `{ session: "unchanged" }`, `"changed"` or `"error"`, each only when it is new. After `changed` and `error` it asks
/// no more: with `error` nothing is known of the session, and the provider is not to be asked again.
///
/// A browser that keeps other sites' cookies out of frames has the provider's page say `changed` from the beginning on.
///
/// `Debug` shows the provider's origin.
#[derive(Clone)]
pub struct SessionPage {
    check_session_iframe: Endpoint,
    message: String,
    every: Duration,
    next: String,
}

/// What the page does when the session has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnChange {
    /// It tells the page around it and stays.
    #[default]
    TellParent,
    /// It tells the page around it and goes to this path of the application's, which begins a login with `prompt=none` and the last ID token as
    /// `id_token_hint`: see [`SessionChange`](crate::SessionChange).
    GoTo(String),
}

impl SessionPage {
    /// The page for a session that was begun with this state.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the provider has no such page; [`Misuse::Invalid`] for a client id with a space in it, and for a path that
    /// is not one of this application's.
    pub fn new(
        provider: &ProviderMetadata,
        client_id: &str,
        session_state: &SessionState,
        on_change: OnChange,
    ) -> Result<Self, Error> {
        let page = provider.check_session_iframe();
        let page = page.ok_or(Misuse::Missing("check session iframe"))?;
        if client_id.contains(' ') {
            return Err(Misuse::Invalid {
                field: "client_id",
                reason: "the provider's page takes what stands before the first space for the client id",
            }
            .into());
        }
        let next = match on_change {
            OnChange::TellParent => String::new(),
            OnChange::GoTo(path) if is_own(&path) => path,
            OnChange::GoTo(_) => {
                return Err(Misuse::Invalid {
                    field: "path",
                    reason: "it begins with one slash, and everything in it that must be is percent-encoded",
                }
                .into());
            }
        };
        Ok(Self {
            check_session_iframe: page.clone(),
            message: format!("{client_id} {}", session_state.as_str()),
            every: Duration::from_secs(5),
            next,
        })
    }

    /// Asks every so often; without this, every 5 seconds. At least a second passes, and at most an hour.
    #[must_use]
    pub fn every(mut self, pause: Duration) -> Self {
        self.every = pause.clamp(Duration::from_secs(1), Duration::from_secs(3600));
        self
    }

    /// The page. Serve it with its [`headers`](Self::headers).
    pub fn html(&self) -> String {
        let values = [
            ("source", escape(self.check_session_iframe.as_str())),
            ("origin", escape(&self.origin())),
            ("message", escape(&self.message)),
            ("every", self.every.as_millis().to_string()),
            ("next", escape(&self.next)),
            ("script", SCRIPT.to_owned()),
        ];
        fill(PAGE, &values)
    }

    /// The headers of the page: above all, which script may run in it and what it may frame.
    pub fn headers(&self) -> [(&'static str, String); 5] {
        let policy = format!(
            "default-src 'none'; script-src 'sha256-{}'; frame-src {}; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'self'",
            Base64::encode_string(&Sha256::digest(SCRIPT)),
            self.origin(),
        );
        [
            ("content-type", "text/html; charset=utf-8".to_owned()),
            ("content-security-policy", policy),
            ("cache-control", "no-store".to_owned()),
            ("referrer-policy", "strict-origin".to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
        ]
    }

    /// As a browser writes it: without the port that the scheme has anyway.
    fn origin(&self) -> String {
        let origin = self.check_session_iframe.origin();
        let port = match origin.starts_with("https:") {
            true => ":443",
            false => ":80",
        };
        origin.strip_suffix(port).unwrap_or(origin).to_owned()
    }
}

impl RelyingParty {
    /// The page that watches a session of this client's.
    ///
    /// # Errors
    /// As for [`SessionPage::new`].
    pub fn session_page(
        &self,
        session_state: &SessionState,
        on_change: OnChange,
    ) -> Result<SessionPage, Error> {
        SessionPage::new(
            self.provider(),
            self.client().id(),
            session_state,
            on_change,
        )
    }
}

impl fmt::Debug for SessionPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionPage(at {})", self.origin())
    }
}

/// Whether a path leads to this application and nowhere else.
fn is_own(path: &str) -> bool {
    let stays = path.starts_with('/') && !path.starts_with("//");
    stays && Endpoint::new(format!("https://own.example{path}")).is_ok()
}

/// What stands in an attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Puts values, already escaped, where the template names them. A value is never looked through for names.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut parts = template.split("{{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or(("", part));
        let value = values.iter().find(|(known, _)| *known == name);
        filled.push_str(value.map_or("", |(_, value)| value));
        filled.push_str(rest);
    }
    filled
}

#[cfg(test)]
mod tests;
