//! To the authorization server and back.

use axum::{
    extract::{Query, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use hallpass::{ErrorCode, Key, ProviderError};
use serde::Deserialize;
use tokio::time::Instant;

use crate::{
    App,
    cookie_pairs::CookiePairs,
    cookies::{self, BegunLogin},
    failed::Failed,
    local_path::LocalPath,
    logout, page,
    set_cookies::SetCookies,
    web_sessions::{Browser, random_id},
};

#[derive(Deserialize)]
pub(crate) struct Begin {
    return_to: Option<String>,
}

/// `GET /login?return_to=/account`: sends the browser away with a ticket of its own.
pub(crate) async fn begin(
    State(app): State<App>,
    pairs: CookiePairs,
    Query(asked): Query<Begin>,
) -> Result<(SetCookies, Redirect), Failed> {
    let app = app.parts();
    let return_to = asked.return_to.as_deref().and_then(LocalPath::new);
    let (url, pending) = app.client.authorization_url()?;
    let begun = BegunLogin {
        ticket: app.pending.keep(pending)?,
        return_to: return_to.unwrap_or_default(),
    };
    let mut cookies = SetCookies::default();
    cookies::set_login(&app.home, &mut cookies, &pairs, &begun);
    Ok((cookies, Redirect::to(url.as_str())))
}

/// `GET /callback`: takes the answer to a login that this browser has begun, once.
pub(crate) async fn finish(
    State(app): State<App>,
    pairs: CookiePairs,
    uri: Uri,
) -> Result<Response, Failed> {
    let parts = app.parts();
    let answer = uri.to_string();
    let begun = cookies::begun_logins(&parts.home, &pairs);
    let browser = Browser::new(begun.iter().map(|begun| begun.ticket.clone()));
    let answered = begun.into_iter().find_map(|begun| {
        let pending = parts.pending.take(&begun.ticket, answer.as_str())?;
        Some((begun, pending))
    });
    // Another browser's answer, one that nobody asked for, or this one for the second time. It takes nothing.
    let Some((begun, pending)) = answered else {
        return Ok(page::refused(
            StatusCode::BAD_REQUEST,
            "This login cannot be finished here",
            "It was begun in another browser, it took longer than ten minutes, or it is finished already.",
        ));
    };
    let mut cookies = SetCookies::default();
    cookies::remove_login(&parts.home, &mut cookies, &begun);
    let tokens = match parts.client.fetch_token(pending, answer.as_str()).await {
        Ok(tokens) => tokens,
        Err(error) => return Ok((cookies, not_logged_in(&error, &begun.return_to)).into_response()),
    };

    // Whoever was logged in here is so no more, and the id is a new one: nobody can have planted it.
    if let Some(before) = cookies::session(&parts.home, &pairs) {
        logout::end_session(parts, before).await;
    }
    let key = Key::new(format!("web-login\n{}", random_id()?));
    let session = parts.client.session(parts.store.clone(), key)?;
    session.save(&tokens).await?;
    let (id, meanwhile) = parts.web_sessions.begin(session, browser, Instant::now())?;
    // Another tab of the same browser, that came back at the same moment: one cookie cannot name both.
    for session in meanwhile {
        logout::revoke(session).await;
    }
    logout::end_those_over(&app);
    cookies::set_session(&parts.home, &mut cookies, &id);
    Ok((cookies, Redirect::to(begun.return_to.as_str())).into_response())
}

fn not_logged_in(error: &ProviderError, return_to: &LocalPath) -> Response {
    let code = error.refused().and_then(|refused| refused.code());
    if code == Some(&ErrorCode::ACCESS_DENIED) {
        return page::not_logged_in(
            StatusCode::FORBIDDEN,
            "You have not given access",
            "Without it there is nothing to show. If you have changed your mind, log in again.",
            return_to,
        );
    }
    eprintln!("a login came to nothing: {error}");
    page::not_logged_in(
        StatusCode::BAD_GATEWAY,
        "The login came to nothing",
        "The server that you logged in at has answered otherwise than it should. Try again in a moment.",
        return_to,
    )
}
