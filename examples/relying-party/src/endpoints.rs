//! Our own endpoints: what each does with a request, and what the rest of the program hears of it.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};

use hallpass_oidc::SessionPage;
use hyper::StatusCode;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::listener::{Answer, Answers, Asked};
use crate::party::Party;

/// Where each endpoint is, behind the listener's address.
pub(crate) const CALLBACK: &str = "/callback";
pub(crate) const GOODBYE: &str = "/goodbye";
pub(crate) const BACK_CHANNEL_LOGOUT: &str = "/backchannel-logout";
pub(crate) const FRONT_CHANNEL_LOGOUT: &str = "/frontchannel-logout";
pub(crate) const INITIATE_LOGIN: &str = "/initiate-login";
pub(crate) const JWKS: &str = "/jwks.json";
pub(crate) const REQUEST_OBJECT: &str = "/request-object";
pub(crate) const SESSION: &str = "/session";
const SESSION_FRAME: &str = "/session-frame";

/// What the endpoints have heard.
pub(crate) enum Event {
    /// A browser came back from the provider.
    Callback(Asked, oneshot::Sender<Answer>),
    /// Somebody sends a user here to log in.
    InitiatedLogin(Asked, oneshot::Sender<Answer>),
    /// A browser came back from a logout.
    Goodbye(Asked),
    /// A logout token came; it was taken or it was not.
    BackChannelLogout,
    /// A browser brought word of a logout; it was taken or it was not.
    FrontChannelLogout,
    /// What the session's page saw: `unchanged`, `changed` or `error`.
    Session(String),
}

/// The endpoints.
pub(crate) struct Endpoints {
    callback: String,
    goodbye: String,
    jwks: Value,
    events: mpsc::UnboundedSender<Event>,
    party: OnceLock<Party>,
    has_rejected: AtomicBool,
    request_object: Mutex<Option<String>>,
    session: Mutex<Option<SessionPage>>,
}

impl Endpoints {
    /// `callback` and `goodbye` are the paths to which a browser comes back.
    pub(crate) fn new(
        callback: String,
        goodbye: String,
        jwks: Value,
    ) -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (events, heard) = mpsc::unbounded_channel();
        let endpoints = Self {
            callback,
            goodbye,
            jwks,
            events,
            party: OnceLock::new(),
            has_rejected: AtomicBool::new(false),
            request_object: Mutex::new(None),
            session: Mutex::new(None),
        };
        (endpoints, heard)
    }

    /// Whoever reads logout tokens, as soon as it is known.
    pub(crate) fn introduce(&self, party: Party) {
        let _ = self.party.set(party);
    }

    /// The request object that the provider fetches.
    pub(crate) fn offer(&self, request_object: String) {
        if let Ok(mut kept) = self.request_object.lock() {
            *kept = Some(request_object);
        }
    }

    /// The page that watches the session.
    pub(crate) fn watch(&self, page: SessionPage) {
        if let Ok(mut kept) = self.session.lock() {
            *kept = Some(page);
        }
    }

    /// Whether somebody told of a logout in a way that had to be rejected.
    pub(crate) fn has_rejected(&self) -> bool {
        self.has_rejected.load(Ordering::Relaxed)
    }

    async fn route(&self, asked: Asked) -> Answer {
        match asked.path.as_str() {
            path if path == self.callback => self.callback(asked).await,
            path if path == self.goodbye => {
                self.tell(Event::Goodbye(asked));
                Answer::text(StatusCode::OK, "You are logged out.\n")
            }
            BACK_CHANNEL_LOGOUT => self.back_channel_logout(asked).await,
            FRONT_CHANNEL_LOGOUT => self.front_channel_logout(&asked),
            INITIATE_LOGIN => self.handed_over(Event::InitiatedLogin, asked).await,
            JWKS => Answer::of(
                StatusCode::OK,
                "application/jwk-set+json",
                self.jwks.to_string(),
            ),
            REQUEST_OBJECT => match kept(&self.request_object) {
                Some(text) => Answer::of(StatusCode::OK, "application/oauth-authz-req+jwt", text),
                None => not_yet(),
            },
            SESSION if asked.is_post() => {
                self.tell(Event::Session(asked.body));
                Answer::text(StatusCode::OK, "")
            }
            SESSION => Answer::html(SESSION_PAGE),
            SESSION_FRAME => match kept(&self.session) {
                Some(page) => Answer::exactly(StatusCode::OK, page.headers(), page.html()),
                None => not_yet(),
            },
            _ => Answer::text(StatusCode::NOT_FOUND, "Nothing is here.\n"),
        }
    }

    async fn callback(&self, asked: Asked) -> Answer {
        // What is in a fragment stays in the browser: a page has to send it here.
        if !asked.is_post() && asked.query.is_empty() {
            return Answer::html(FRAGMENT_PAGE);
        }
        self.handed_over(Event::Callback, asked).await
    }

    async fn back_channel_logout(&self, asked: Asked) -> Answer {
        let Some(party) = self.party.get() else {
            return not_yet();
        };
        let (is_taken, answer) = party.back_channel_logout(&asked).await;
        self.has_rejected.fetch_or(!is_taken, Ordering::Relaxed);
        self.tell(Event::BackChannelLogout);
        let status = StatusCode::from_u16(answer.status()).unwrap_or_default();
        Answer::exactly(status, answer.headers(), answer.body())
    }

    fn front_channel_logout(&self, asked: &Asked) -> Answer {
        let Some(party) = self.party.get() else {
            return not_yet();
        };
        let is_taken = party.front_channel_logout(asked);
        self.has_rejected.fetch_or(!is_taken, Ordering::Relaxed);
        self.tell(Event::FrontChannelLogout);
        match is_taken {
            true => Answer::html("<!doctype html><title>Logged out</title>Logged out.\n"),
            false => Answer::text(StatusCode::BAD_REQUEST, "This names no session.\n"),
        }
    }

    /// Has the rest of the program answer.
    async fn handed_over(
        &self,
        event: impl FnOnce(Asked, oneshot::Sender<Answer>) -> Event,
        asked: Asked,
    ) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.tell(event(asked, reply));
        answer.await.unwrap_or_else(|_| not_yet())
    }

    fn tell(&self, event: Event) {
        // Nobody listens any more when the program ends.
        let _ = self.events.send(event);
    }
}

impl Answers for Endpoints {
    fn answer(&self, asked: Asked) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>> {
        Box::pin(self.route(asked))
    }
}

fn kept<T: Clone>(value: &Mutex<Option<T>>) -> Option<T> {
    value.lock().ok().and_then(|kept| kept.clone())
}

fn not_yet() -> Answer {
    Answer::text(StatusCode::SERVICE_UNAVAILABLE, "Not now.\n")
}

/// Posts the fragment to where the page is, and shows what is answered.
const FRAGMENT_PAGE: &str = r#"<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Login</title>
<p id="said">One moment…</p><noscript>This page needs scripts to take over the login.</noscript>
<script>
const answer = location.hash.slice(1);
history.replaceState(null, '', location.pathname);
const headers = { 'content-type': 'application/x-www-form-urlencoded' };
fetch(location.pathname, { method: 'POST', headers, body: answer })
  .then((response) => response.text())
  .then((text) => { document.getElementById('said').textContent = text; });
</script>
"#;

/// Has the page that watches the session in a frame, and tells what that sees.
const SESSION_PAGE: &str = r#"<!doctype html><meta charset="utf-8"><title>Session</title>
<p>Your session at the provider: <b id="seen">not known yet</b></p><iframe src="/session-frame" hidden></iframe>
<script>
addEventListener('message', (message) => {
  if (message.origin !== location.origin || !message.data.session) return;
  document.getElementById('seen').textContent = message.data.session;
  fetch(location.pathname, { method: 'POST', body: message.data.session });
});
</script>
"#;
