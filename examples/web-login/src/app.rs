//! The application: what every request needs, and where each goes.

use std::sync::Arc;

use axum::{
    Router,
    extract::{FromRef, State},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
            STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hallpass::{AuthorizationCode, Client, PendingLogins, Session, TokenStore, reqwest};
use tokio::time::Instant;

use crate::{
    Home, account, cookie_pairs::CookiePairs, cookies, login, logout, page,
    web_sessions::WebSessions,
};

/// Who we are to the authorization server, where things are kept, and whom we call.
#[derive(Clone)]
pub struct App(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) home: Home,
    pub(crate) client: Client<AuthorizationCode>,
    /// The tokens. Whoever holds them is named by a web session, and by nothing in the browser.
    pub(crate) store: Arc<dyn TokenStore>,
    pub(crate) pending: PendingLogins,
    pub(crate) web_sessions: WebSessions<Session>,
    pub(crate) api: String,
    pub(crate) http: reqwest::Client,
}

impl App {
    /// An application that browsers reach at `home`, and that calls `api` for its users. The client's redirect URI has to be
    /// [`Home::redirect_uri`].
    pub fn new(
        home: Home,
        client: Client<AuthorizationCode>,
        store: Arc<dyn TokenStore>,
        api: impl Into<String>,
        http: reqwest::Client,
    ) -> Self {
        Self(Arc::new(Parts {
            pending: PendingLogins::new(client.provider()),
            web_sessions: WebSessions::new(),
            api: api.into(),
            home,
            client,
            store,
            http,
        }))
    }

    /// Its pages, with the headers that each of them needs.
    pub fn router(self) -> Router {
        let guarded = middleware::map_response_with_state(self.clone(), guard);
        Router::new()
            .route("/", get(welcome))
            .route("/account", get(account::show))
            .route("/login", get(login::begin))
            .route("/callback", get(login::finish))
            // No other method: what ends a login is no link.
            .route("/logout", post(logout::end))
            .route(
                "/style.css",
                get(async || file("text/css", include_str!("style.css"))),
            )
            .route(
                "/fresh.js",
                get(async || file("text/javascript", include_str!("fresh.js"))),
            )
            .fallback(nothing_here)
            .method_not_allowed_fallback(no_such_method)
            .layer(guarded)
            .with_state(self)
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<App> for Home {
    fn from_ref(app: &App) -> Self {
        app.parts().home.clone()
    }
}

impl Parts {
    /// Who is logged in here: the id of the web session, and the tokens.
    pub(crate) fn logged_in<'p>(&self, pairs: &'p CookiePairs) -> Option<(&'p str, Session)> {
        let id = cookies::session(&self.home, pairs)?;
        let session = self.web_sessions.find(id, Instant::now())?;
        Some((id, session))
    }
}

async fn welcome(State(app): State<App>, pairs: CookiePairs) -> Response {
    page::welcome(app.parts().logged_in(&pairs).is_some())
}

fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, kind)], text)
}

async fn nothing_here() -> Response {
    page::refused(
        StatusCode::NOT_FOUND,
        "There is nothing here",
        "The address may have a mistake in it.",
    )
}

async fn no_such_method() -> Response {
    page::refused(
        StatusCode::METHOD_NOT_ALLOWED,
        "This cannot be done by a link",
        "Go back, and use the button. Nothing was done.",
    )
}

/// Nothing is loaded but our own two files, nobody frames a page, and none is kept.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

async fn guard(State(app): State<App>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
        (X_FRAME_OPTIONS, "DENY"),
        // Whoever opens a window on us, or loads what is ours, holds nothing of it.
        (OPENER_POLICY, "same-origin"),
        (RESOURCE_POLICY, "same-origin"),
        // Where a callback's page leads to, nobody reads its address. `no-referrer` would make the forms' `Origin` null.
        (REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(value) = app.parts().home.transport_security() {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(value));
    }
    response
}
