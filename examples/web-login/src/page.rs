//! The pages: HTML that a phone, a keyboard and a screen reader can use. `maud` escapes whatever is put into them.

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};

use crate::{account::Account, local_path::LocalPath};

pub(crate) fn welcome(is_logged_in: bool) -> Response {
    let content = match is_logged_in {
        true => html! {
            p { "You are logged in." }
            p { a.button href="/account" { "My account" } }
            (logout())
        },
        false => html! {
            p { "This application knows nothing of you until you log in." }
            p { a.button href="/login" { "Log in" } }
        },
    };
    framed(StatusCode::OK, "Welcome", &content)
}

pub(crate) fn account(account: &Account) -> Response {
    let content = html! {
        p { "You are logged in as " strong { (account.user) } "." }
        dl {
            dt { "The API says" }
            dd { (account.message) }
            dt { "This application may" }
            dd { code { (account.scope) } }
        }
        (logout())
        script src="/fresh.js" {}
    };
    framed(StatusCode::OK, "My account", &content)
}

/// Why a login did not come about, and the way to another try.
pub(crate) fn not_logged_in(
    status: StatusCode,
    title: &str,
    text: &str,
    return_to: &LocalPath,
) -> Response {
    let content = html! {
        p { (text) }
        // No form: `form-action` would stop the redirect that follows.
        p { a.button href=(return_to.after_login()) { "Log in again" } }
    };
    framed(status, title, &content)
}

/// What was not done, and why.
pub(crate) fn refused(status: StatusCode, title: &str, text: &str) -> Response {
    let content = html! {
        p { (text) }
        p { a.button href="/" { "To the first page" } }
    };
    framed(status, title, &content)
}

fn logout() -> Markup {
    html! {
        form method="post" action="/logout" { button.quiet { "Log out" } }
    }
}

fn framed(status: StatusCode, title: &str, content: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – Web login" }
                link rel="stylesheet" href="/style.css";
            }
            body {
                main {
                    h1 { (title) }
                    (content)
                }
            }
        }
    };
    (status, Html(page.into_string())).into_response()
}
