//! What Debug shows in place of secrets.

const MASK: &str = "***";

/// The parameters whose values are shown; what is not listed here is masked, so that a new parameter is secret first.
const SHOWN: &[&str] = &[
    "actor_token_type",
    "audience",
    "client_assertion_type",
    "client_id",
    "code_challenge_method",
    "decision",
    "error",
    "expires_in",
    "grant_type",
    "iss",
    "issued_token_type",
    "requested_token_type",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "step",
    "subject_token_type",
    "token_type",
    "token_type_hint",
];

/// A text that Debug does not show.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Masked(String);

impl Masked {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Masked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(MASK)
    }
}

/// A URL or target with the values of its query and fragment masked.
pub(crate) fn url(url: &str) -> String {
    let (rest, fragment) = split(url, '#');
    let (path, query) = split(rest, '?');
    let mut shown = path.to_owned();
    for (mark, part) in [('?', query), ('#', fragment)] {
        if let Some(part) = part {
            shown.push(mark);
            shown.push_str(&parameters(part));
        }
    }
    shown
}

/// Headers with the values of those that carry credentials masked.
pub(crate) fn headers(headers: &[(String, String)]) -> Vec<(&str, String)> {
    let shown = |name: &str, value: &str| match name.to_ascii_lowercase().as_str() {
        "authorization" | "proxy-authorization" => {
            let scheme = value
                .split(' ')
                .next()
                .filter(|scheme| ["Basic", "Bearer", "DPoP"].contains(scheme));
            format!("{} {MASK}", scheme.unwrap_or(MASK))
        }
        "cookie" | "set-cookie" | "dpop" => MASK.to_owned(),
        "location" | "referer" => url(value),
        _ => value.to_owned(),
    };
    headers
        .iter()
        .map(|(name, value)| (name.as_str(), shown(name, value)))
        .collect()
}

/// A body: a form with its values masked, anything else by its length.
pub(crate) fn body(headers: &[(String, String)], body: &[u8]) -> String {
    let is_form = headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("content-type")
            && value.starts_with("application/x-www-form-urlencoded")
    });
    match std::str::from_utf8(body) {
        Ok(text) if is_form => parameters(text),
        _ => format!("{} bytes", body.len()),
    }
}

fn parameters(text: &str) -> String {
    let shown = text.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if SHOWN.contains(&name) => pair.to_owned(),
        Some((name, _)) => format!("{name}={MASK}"),
        None => MASK.to_owned(),
    });
    shown.collect::<Vec<_>>().join("&")
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at)
        .map_or((text, None), |(before, after)| (before, Some(after)))
}
