//! The end of a login, here and at the authorization server.

use std::time::Instant;

use axum::{extract::State, response::Redirect};
use axum_extra::extract::CookieJar;
use hallpass::Session;

use crate::{App, app::Parts, cookies, same_origin::SameOrigin};

/// `POST /logout`, from our own pages alone.
pub(crate) async fn end(
    _: SameOrigin,
    State(app): State<App>,
    jar: CookieJar,
) -> (CookieJar, Redirect) {
    let app = app.parts();
    if let Some(id) = cookies::session(&app.home, &jar) {
        end_session(app, &id).await;
    }
    (cookies::without_session(&app.home, jar), Redirect::to("/"))
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
async fn revoke(session: Session) {
    if let Err(error) = session.logout().await {
        eprintln!("tokens could not be revoked: {error}");
    }
}
