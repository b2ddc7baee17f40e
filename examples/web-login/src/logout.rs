//! The end of a login, here and at the authorization server.

use axum::{extract::State, response::Redirect};
use hallpass::Session;
use tokio::time::Instant;

use crate::{
    App, app::Parts, cookie_pairs::CookiePairs, cookies, same_origin::SameOrigin,
    set_cookies::SetCookies,
};

/// `POST /logout`, from our own pages alone.
pub(crate) async fn end(
    _: SameOrigin,
    State(app): State<App>,
    pairs: CookiePairs,
) -> (SetCookies, Redirect) {
    let app = app.parts();
    if let Some(id) = cookies::session(&app.home, &pairs) {
        end_session(app, id).await;
    }
    let mut cookies = SetCookies::default();
    cookies::remove_session(&app.home, &mut cookies);
    (cookies, Redirect::to("/"))
}

pub(crate) async fn end_session(app: &Parts, id: &str) {
    if let Some(session) = app.web_sessions.end(id) {
        revoke(session).await;
    }
}

/// Those whose browsers never came back: their tokens are revoked too. Nobody waits for it.
pub(crate) fn end_those_over(app: &App) {
    let over = app.parts().web_sessions.sweep(Instant::now());
    tokio::spawn(async move {
        for session in over {
            revoke(session).await;
        }
    });
}

/// Whatever goes wrong is told to the log alone: the web session is over, and nothing must keep a user from leaving.
pub(crate) async fn revoke(session: Session) {
    if let Err(error) = session.logout().await {
        eprintln!("tokens could not be revoked: {error}");
    }
}
