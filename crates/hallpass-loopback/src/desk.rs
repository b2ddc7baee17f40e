//! What becomes of a request: a function of its head, its body and how far the login is. No socket, no clock.

use http::header::{self, HeaderMap, HeaderName};
use http::request::Parts;
use http::{Method, StatusCode};
use subtle::ConstantTimeEq;

use hallpass_grant::token::Secret;
use hallpass_grant::{Callback, ResponseMode};

use crate::page::Page;

/// Where the page puts its token: a header that another site's page may not send without asking first, which is refused.
pub(crate) const PAGE_TOKEN: HeaderName = HeaderName::from_static("hallpass-page-token");

/// What the page that relays is served with. Its address has the token in it until its script runs, and Chromium lists as visited, with the
/// fragment, what is anything but not found.
const RELAY_STATUS: StatusCode = StatusCode::NOT_FOUND;

/// Looks at each request once.
pub(crate) struct Desk {
    /// As a `Host` header has it: `127.0.0.1:4711`.
    pub(crate) authority: String,
    /// The redirect URI's path.
    pub(crate) path: String,
    /// The part of the redirect that the answer must be in.
    pub(crate) mode: ResponseMode,
    /// What the page that was served here knows, and no other.
    pub(crate) page_token: Secret,
}

/// What to do about a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Show a page; nothing else happens.
    Show(StatusCode, Page),
    /// It is the callback of this login: the one thing that ends the wait.
    Take(Kept),
}

/// A callback as it came: the target of the request, with the fragment where there is one, and the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    target: Secret,
    form: Option<Secret>,
}

/// What a request is, before anybody looks whose login it answers.
enum Asked {
    Callback(Kept),
    RelayPage,
}

impl Desk {
    /// While no callback has come. `expects` compares `state` alone and takes nothing.
    pub(crate) fn waiting(
        &self,
        head: &Parts,
        body: &[u8],
        expects: &dyn Fn(&Callback<'_>) -> bool,
    ) -> Decision {
        match self.read(head, body) {
            Err((status, page)) => Decision::Show(status, page),
            Ok(Asked::RelayPage) => {
                let token = self.page_token.expose_secret().to_owned();
                Decision::Show(RELAY_STATUS, Page::Relay { token })
            }
            Ok(Asked::Callback(kept)) if expects(&kept.callback()) => Decision::Take(kept),
            Ok(Asked::Callback(_)) => Decision::Show(StatusCode::BAD_REQUEST, Page::Stray),
        }
    }

    /// When the callback has been taken: the same once more (a reload, a second tab) is shown how it ended, and nothing is sent twice.
    pub(crate) fn over(
        &self,
        head: &Parts,
        body: &[u8],
        taken: &Kept,
        outcome: &Page,
    ) -> (StatusCode, Page) {
        match self.read(head, body) {
            Err(refused) => refused,
            Ok(Asked::Callback(kept)) if kept.is_same(taken) => (StatusCode::OK, outcome.clone()),
            Ok(_) => (StatusCode::GONE, Page::Answered),
        }
    }

    fn read(&self, head: &Parts, body: &[u8]) -> Result<Asked, (StatusCode, Page)> {
        let refused = Err((StatusCode::FORBIDDEN, Page::Refused));
        if !self.is_for_us(head) {
            return refused;
        }
        if head.uri.path() != self.path {
            return Err((StatusCode::NOT_FOUND, Page::Nothing));
        }
        // A guess of the browser's. It asks again when the user really comes.
        if is_prefetch(&head.headers) {
            return Err((StatusCode::SERVICE_UNAVAILABLE, Page::Nothing));
        }
        let target = match head.uri.query() {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        };
        let kept = |target: String, form: Option<&str>| Kept {
            target: target.into(),
            form: form.map(Into::into),
        };
        match (&head.method, self.mode) {
            (&Method::GET, ResponseMode::Fragment) => Ok(Asked::RelayPage),
            (&Method::GET, _) => Ok(Asked::Callback(kept(target, None))),
            (&Method::POST, ResponseMode::Fragment) => {
                if !self.is_of_our_page(&head.headers) {
                    return refused;
                }
                let fragment = form(&head.headers, body)?;
                Ok(Asked::Callback(kept(format!("{target}#{fragment}"), None)))
            }
            (&Method::POST, ResponseMode::FormPost) => {
                let form = form(&head.headers, body)?;
                Ok(Asked::Callback(kept(target, Some(form))))
            }
            _ => Err((StatusCode::METHOD_NOT_ALLOWED, Page::Nothing)),
        }
    }

    /// A page of another site may have its name lead to this machine (DNS rebinding): then that name is in `Host`.
    fn is_for_us(&self, head: &Parts) -> bool {
        let is_ours = |authority: &str| {
            authority == self.authority || Some(authority) == self.authority.strip_suffix(":80")
        };
        let named = head.uri.authority();
        only(&head.headers, &header::HOST).is_some_and(is_ours)
            && named.is_none_or(|authority| is_ours(authority.as_str()))
    }

    fn is_of_our_page(&self, headers: &HeaderMap) -> bool {
        let origin =
            only(headers, &header::ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
        let is_ours = origin.is_some_and(|authority| {
            authority == self.authority || Some(authority) == self.authority.strip_suffix(":80")
        });
        let token = only(headers, &PAGE_TOKEN).unwrap_or("");
        let expected = self.page_token.expose_secret();
        let is_known: bool = token.as_bytes().ct_eq(expected.as_bytes()).into();
        let is_near = only(headers, &SEC_FETCH_SITE).is_none_or(|site| site == "same-origin");
        is_ours && is_known && is_near && !expected.is_empty()
    }
}

impl Kept {
    pub(crate) fn callback(&self) -> Callback<'_> {
        match &self.form {
            Some(form) => Callback::from_form(self.target.expose_secret(), form.expose_secret()),
            None => Callback::from_url(self.target.expose_secret()),
        }
    }

    /// The value of a parameter of the answer, decoded: the first, for what is only shown.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let answer = match (&self.form, self.target.expose_secret().split_once('#')) {
            (Some(form), _) => form.expose_secret(),
            (None, Some((_, fragment))) => fragment,
            (None, None) => self.target.expose_secret().split_once('?')?.1,
        };
        let mut pairs = form_urlencoded::parse(answer.as_bytes());
        pairs.find_map(|(known, value)| (known == name).then(|| value.into_owned()))
    }

    fn is_same(&self, other: &Self) -> bool {
        fn bytes(kept: &Kept) -> [&[u8]; 2] {
            let form = kept.form.as_ref().map_or("", Secret::expose_secret);
            [kept.target.expose_secret().as_bytes(), form.as_bytes()]
        }
        let ([target, form], [other_target, other_form]) = (bytes(self), bytes(other));
        (target.ct_eq(other_target) & form.ct_eq(other_form)).into()
    }
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const PREFETCH: [HeaderName; 4] = [
    HeaderName::from_static("sec-purpose"),
    HeaderName::from_static("purpose"),
    HeaderName::from_static("x-purpose"),
    HeaderName::from_static("x-moz"),
];

fn is_prefetch(headers: &HeaderMap) -> bool {
    let mut said = PREFETCH.into_iter().flat_map(|name| headers.get_all(name));
    said.any(|value| {
        let value = value.as_bytes().to_ascii_lowercase();
        value.starts_with(b"prefetch") || value.starts_with(b"preview")
    })
}

/// The value of a header that stands there exactly once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// A body that is a form, as text.
fn form<'b>(headers: &HeaderMap, body: &'b [u8]) -> Result<&'b str, (StatusCode, Page)> {
    let media_type = only(headers, &header::CONTENT_TYPE).unwrap_or("");
    let media_type = media_type.split(';').next().unwrap_or("").trim();
    if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, Page::Nothing));
    }
    std::str::from_utf8(body).map_err(|_| (StatusCode::BAD_REQUEST, Page::Stray))
}

#[cfg(test)]
mod tests;
