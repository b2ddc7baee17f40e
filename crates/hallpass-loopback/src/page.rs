//! The pages a user sees: HTML that a phone, a keyboard and a screen reader can use, that loads nothing, and that nothing may frame.

use base64ct::{Base64, Encoding};
use http::header::{self, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use sha2::{Digest, Sha256};

use crate::Options;

const FRAME: &str = include_str!("pages/frame.html");
const STYLE: &str = include_str!("pages/style.css");
/// Takes the callback's parameters out of the address bar and the history.
const FORGET: &str = include_str!("pages/forget.js");
/// Takes the fragment out of the address bar and the history, and only then posts it.
const RELAY: &str = include_str!("pages/relay.js");

/// What a page is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// Sends the fragment on. Has the token that shows where the fragment comes from.
    Relay { token: String },
    /// The login is done.
    Done,
    /// The callback is here, and the application says no more.
    Received,
    /// The user, or the server for them, said no.
    Denied { reason: Option<String> },
    /// It came to nothing.
    Failed { reason: Option<String> },
    /// A callback that answers another login, or none.
    Stray,
    /// The login has its callback already.
    Answered,
    /// What is not served here.
    Nothing,
    /// What is not let in.
    Refused,
}

/// How the pages of one receiver look.
pub(crate) struct Pages {
    name: String,
    style: String,
    policy: Policies,
}

struct Policies {
    relay: HeaderValue,
    other: HeaderValue,
}

impl Pages {
    pub(crate) fn new(options: &Options) -> Self {
        let style = match options.colour {
            Some(colour) => format!("{STYLE}:root{{--accent:{colour}}}\n"),
            None => STYLE.to_owned(),
        };
        let policy = |script: &str, connect: &str| {
            let policy = format!(
                "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; {connect}\
                 base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                hash(&style),
                hash(script),
            );
            // Base64 and the text above are what a header may hold.
            HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
        };
        Self {
            name: shown(&options.name, 60),
            policy: Policies {
                relay: policy(RELAY, "connect-src 'self'; "),
                other: policy(FORGET, ""),
            },
            style,
        }
    }

    /// The whole answer that shows a page.
    pub(crate) fn response(&self, status: StatusCode, page: &Page) -> Response<String> {
        let policy = match page {
            Page::Relay { .. } => &self.policy.relay,
            _ => &self.policy.other,
        };
        let mut response = Response::new(self.html(page));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if !matches!(page, Page::Relay { .. }) {
            headers.insert(CLEAR_SITE_DATA, CLEARED);
        }
        response
    }

    fn html(&self, page: &Page) -> String {
        let (kind, title, template) = page.parts();
        let name = escape(&self.name);
        let reason = match page.reason() {
            Some(reason) => format!(
                "<p class=\"reason\">Reason: {}</p>\n",
                escape(&shown(reason, 512))
            ),
            None => String::new(),
        };
        let values = [("name", name.as_str()), ("reason", &reason)];
        let title = fill(title, &values);
        let content = fill(template, &values);
        let (token, script) = match page {
            Page::Relay { token } => (token.as_str(), RELAY),
            _ => ("", FORGET),
        };
        let values = [
            ("name", name.as_str()),
            ("kind", kind),
            ("title", &title),
            ("token", token),
            ("style", &self.style),
            ("content", &content),
            ("script", script),
        ];
        fill(FRAME, &values)
    }
}

impl Page {
    /// The class that decides colour and sign, the title, and the text.
    fn parts(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            // Its script says `wait`, when there is something to wait for.
            Self::Relay { .. } => (
                "note",
                "Finishing the login",
                include_str!("pages/relay.html"),
            ),
            Self::Done => ("good", "The login is done", include_str!("pages/done.html")),
            Self::Received => (
                "good",
                "Go back to {{name}}",
                include_str!("pages/received.html"),
            ),
            Self::Denied { .. } => (
                "bad",
                "No access was given",
                include_str!("pages/denied.html"),
            ),
            Self::Failed { .. } => ("bad", "The login failed", include_str!("pages/failed.html")),
            Self::Stray => (
                "bad",
                "This is not the login in progress",
                include_str!("pages/stray.html"),
            ),
            Self::Answered => (
                "note",
                "This login is over",
                include_str!("pages/answered.html"),
            ),
            Self::Nothing => (
                "note",
                "Nothing is here",
                include_str!("pages/nothing.html"),
            ),
            Self::Refused => (
                "bad",
                "This is not allowed",
                include_str!("pages/refused.html"),
            ),
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::Denied { reason } | Self::Failed { reason } => reason.as_deref(),
            _ => None,
        }
    }
}

/// What another program that had this port before has left in the browser: a service worker would be asked in our place. Not on the page
/// that relays a fragment: Chromium writes the address of whatever clears into its log, and there the token is still in it.
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");
const CLEARED: HeaderValue = HeaderValue::from_static("\"cache\", \"storage\"");

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

fn hash(text: &str) -> String {
    Base64::encode_string(&Sha256::digest(text))
}

/// A text that can be shown: bounded, without control characters and marks that turn a line's direction.
fn shown(text: &str, characters: usize) -> String {
    let is_invisible = |c: char| {
        c.is_control()
            || matches!(
                c,
                '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            )
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
            || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    let mut characters_left = text.chars();
    let mut shown: String = characters_left
        .by_ref()
        .take(characters)
        .map(|c| if is_invisible(c) { ' ' } else { c })
        .collect();
    if characters_left.next().is_some() {
        shown.push('…');
    }
    shown
}

/// What stands in an attribute or between tags.
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
fn fill(template: &str, values: &[(&str, &str)]) -> String {
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
