//! A page for whoever is logged in.

use axum::{
    extract::State,
    http::Uri,
    response::{IntoResponse, Redirect, Response},
};
use hallpass::{ApiError, Recovery, Session, SessionError, Tokens, reqwest};
use serde::Deserialize;

use crate::{
    App, app::Parts, cookie_pairs::CookiePairs, cookies, failed::Failed, local_path::LocalPath,
    logout, page, set_cookies::SetCookies,
};

/// What the API tells of the user.
#[derive(Deserialize)]
pub(crate) struct Account {
    #[serde(rename = "sub")]
    pub(crate) user: String,
    pub(crate) scope: String,
    pub(crate) message: String,
}

/// `GET /account`: what the API says to the user's token.
pub(crate) async fn show(
    State(app): State<App>,
    pairs: CookiePairs,
    uri: Uri,
) -> Result<Response, Failed> {
    let app = app.parts();
    let Some((id, session)) = app.logged_in(&pairs) else {
        return Ok(to_login(&uri).into_response());
    };
    match call(app, &session).await {
        Ok(account) => Ok(page::account(&account)),
        // The authorization server has ended it, or the API believes it no more: only the user can begin again.
        Err(CallError::LoggedOut) => {
            logout::end_session(app, id).await;
            let mut cookies = SetCookies::default();
            cookies::remove_session(&app.home, &mut cookies);
            Ok((cookies, to_login(&uri)).into_response())
        }
        Err(CallError::Failed(failed)) => Err(failed),
    }
}

fn to_login(uri: &Uri) -> Redirect {
    let here = LocalPath::new(&uri.to_string()).unwrap_or_default();
    Redirect::to(&here.after_login())
}

enum CallError {
    LoggedOut,
    Failed(Failed),
}

async fn call(app: &Parts, session: &Session) -> Result<Account, CallError> {
    let tokens = session.tokens().await?;
    let refused = tokens.access_token.clone();
    let mut response = send(app, tokens).await?;
    if response.status() == reqwest::StatusCode::UNAUTHORIZED {
        // The API knows more than the clock: once more with another token, if there is one.
        let tokens = session.refused(&refused).await?;
        if tokens.access_token != refused {
            response = send(app, tokens).await?;
        }
    }
    let response = ApiError::check_response(response)?;
    let text = response.text().await?;
    serde_json::from_str(&text).map_err(|error| CallError::Failed(error.into()))
}

async fn send(app: &Parts, tokens: Tokens) -> Result<reqwest::Response, CallError> {
    let request = app.http.get(&app.api);
    Ok(app.client.with_token(tokens).send(request).await?)
}

impl From<SessionError> for CallError {
    fn from(error: SessionError) -> Self {
        match error.recovery() {
            Recovery::Reauthorize => Self::LoggedOut,
            _ => Self::Failed(error.into()),
        }
    }
}

impl From<ApiError> for CallError {
    fn from(error: ApiError) -> Self {
        match error.is_unauthorized() {
            true => Self::LoggedOut,
            false => Self::Failed(error.into()),
        }
    }
}

impl From<hallpass::SendError> for CallError {
    fn from(error: hallpass::SendError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<reqwest::Error> for CallError {
    fn from(error: reqwest::Error) -> Self {
        Self::Failed(error.without_url().into())
    }
}
