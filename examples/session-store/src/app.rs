//! The application: log in, see a page of one's own, log out.

use std::{error, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use hallpass::{
    ApiError, AuthorizationCode, Callback, Client, Code, Key, SessionError, TokenSet, TokenStore,
    grant::Pending, reqwest,
};
use tower_sessions::{
    Expiry, Session as WebSession, SessionManagerLayer, cookie::SameSite, session::Id,
};

use crate::WebSessions;

/// What every request needs: who we are to the authorization server, where things are kept, and whom we call.
#[derive(Clone)]
pub struct App {
    client: Client<AuthorizationCode>,
    store: Arc<dyn TokenStore>,
    api: String,
    http: reqwest::Client,
}

// What the web session holds: at most these two, and never a token.
const PENDING: &str = "pending";
const LOGIN: &str = "login";

impl App {
    /// An application that calls `api` for its users. Everything it keeps is in `store`.
    pub fn new(
        client: Client<AuthorizationCode>,
        store: Arc<dyn TokenStore>,
        api: impl Into<String>,
        http: reqwest::Client,
    ) -> Self {
        let api = api.into();
        Self {
            client,
            store,
            api,
            http,
        }
    }

    /// Its pages, with the session middleware around them.
    pub fn router(self) -> Router {
        let sessions = SessionManagerLayer::new(WebSessions::new(Arc::clone(&self.store)))
            // Lax: the browser comes back from another site, and has to bring the cookie.
            .with_same_site(SameSite::Lax)
            // This example is served without TLS on this machine. Where there is TLS: true.
            .with_secure(false)
            // A day after it was last changed, which is at login: a request that only reads is no activity to the middleware.
            // With `with_always_save` it would be, and write all it has read over what another one has changed meanwhile.
            .with_expiry(Expiry::OnInactivity(time::Duration::days(1)));
        Router::new()
            .route("/", get(home))
            .route("/login", get(login))
            .route("/callback", get(callback))
            .route("/files", get(files))
            .route("/logout", post(logout))
            .layer(sessions)
            .with_state(self)
    }

    /// The tokens of one login. Its name is in the web session, so that a browser names its own and no other.
    fn session(&self, login: &str) -> Result<hallpass::Session, Failed> {
        let key = Key::new(format!("tokens\n{login}"));
        Ok(self.client.session(Arc::clone(&self.store), key)?)
    }

    /// Ends a login, here and at the server. Whatever goes wrong is told to the log alone: it must keep nobody from leaving, or
    /// from logging in again. Tokens that the store could not give back are out of this browser's reach all the same.
    async fn end(&self, login: &str) {
        let ended = match self.session(login) {
            Ok(session) => session.logout().await.map_err(Failed::from),
            Err(failed) => Err(failed),
        };
        if let Err(failed) = ended {
            eprintln!("a login could not be ended: {}", failed.0);
        }
    }
}

async fn home(web: WebSession) -> Result<Html<&'static str>, Failed> {
    Ok(Html(match web.get::<String>(LOGIN).await? {
        Some(_) => {
            r#"<a href="/files">My files</a> <form method="post" action="/logout"><button>Log out</button></form>"#
        }
        None => r#"<a href="/login">Log in</a>"#,
    }))
}

async fn login(State(app): State<App>, web: WebSession) -> Result<Redirect, Failed> {
    let (url, pending) = app.client.authorization_url()?;
    web.insert(PENDING, &pending).await?;
    Ok(Redirect::to(url.as_str()))
}

async fn callback(State(app): State<App>, web: WebSession, uri: Uri) -> Result<Response, Failed> {
    let answer = uri.to_string();
    let begun = web.get::<Pending<Code>>(PENDING).await?;
    // An answer that this browser did not ask for costs nobody a login.
    let Some(pending) = begun.filter(|begun| begun.expects(&Callback::from(answer.as_str())))
    else {
        let says = "This browser has begun no such login.";
        return Ok((StatusCode::BAD_REQUEST, says).into_response());
    };
    web.remove_value(PENDING).await?;
    let tokens = match app.client.fetch_token(pending, answer.as_str()).await {
        Ok(tokens) => tokens,
        Err(error) => return Ok((StatusCode::FORBIDDEN, error.to_string()).into_response()),
    };
    if let Some(before) = web.remove::<String>(LOGIN).await? {
        app.end(&before).await;
    }
    // A new id for a browser that may do more than before: whoever planted the old one has nothing.
    web.cycle_id().await?;
    let login = Id::default().to_string();
    app.session(&login)?.save(&tokens).await?;
    web.insert(LOGIN, login).await?;
    Ok(Redirect::to("/files").into_response())
}

async fn files(State(app): State<App>, web: WebSession) -> Result<Response, Failed> {
    let Some(login) = web.get::<String>(LOGIN).await? else {
        return Ok(Redirect::to("/login").into_response());
    };
    let tokens = match app.session(&login)?.tokens().await {
        Ok(tokens) => TokenSet::clone(&tokens),
        // Logged out elsewhere, or ended by the server before: only the user can begin again.
        Err(SessionError::Missing | SessionError::Ended { .. }) => {
            return Ok(Redirect::to("/login").into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let request = app.http.get(&app.api);
    let response = app.client.with_token(tokens).send(request).await?;
    let text = ApiError::check_response(response)?.text().await?;
    Ok(text.into_response())
}

async fn logout(State(app): State<App>, web: WebSession) -> Result<Redirect, Failed> {
    if let Some(login) = web.get::<String>(LOGIN).await? {
        app.end(&login).await;
    }
    web.flush().await?;
    Ok(Redirect::to("/"))
}

/// What no page is there for. The browser learns that it went wrong; the log, what.
struct Failed(Box<dyn error::Error + Send + Sync>);

impl<E: Into<Box<dyn error::Error + Send + Sync>>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0);
        (StatusCode::INTERNAL_SERVER_ERROR, "This went wrong.").into_response()
    }
}
