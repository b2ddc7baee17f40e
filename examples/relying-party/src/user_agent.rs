//! A browser without scripts or pictures, for runs without a person: it follows redirects, keeps cookies, fills in forms, and
//! takes the answer out of where the browser would have gone next. Nothing has to listen there.

use std::collections::BTreeMap;

use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Response};
use url::Url;

use crate::failure::Failure;
use crate::page::{Form, Page};

/// How many pages and redirects a login may take.
const STEPS: usize = 40;

/// The browser of one user.
pub(crate) struct UserAgent {
    http: Client,
    user: Option<User>,
    cookies: BTreeMap<(String, String), String>,
    /// Our address that a provider frames when somebody logs out.
    framed: Option<String>,
}

/// Who logs in.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) password: String,
}

/// Where the browser came to.
pub(crate) enum Arrived {
    /// The address it was meant to come to, by a redirect: query and fragment are in it.
    Redirect(Url),
    /// The same by a form that was posted.
    Form(String),
    /// A page that goes no further.
    Page,
}

enum Next {
    Get(Url),
    Send(Url, Method, String),
}

impl UserAgent {
    pub(crate) fn new(http: Client, user: Option<User>) -> Self {
        Self {
            http,
            user,
            cookies: BTreeMap::new(),
            framed: None,
        }
    }

    /// Loads this address, too, where a page would have a script put it into a frame.
    pub(crate) fn with_framed(mut self, address: Option<String>) -> Self {
        self.framed = address;
        self
    }

    /// Goes to an address and on from there, until it would go to `goal`.
    pub(crate) async fn go(&mut self, to: &str, goal: &str) -> Result<Arrived, Failure> {
        let goal = address(goal)?;
        let mut next = Next::Get(address(to)?);
        for _ in 0..STEPS {
            let (url, method, form) = match next {
                Next::Get(url) => (url, Method::GET, String::new()),
                Next::Send(url, method, form) => (url, method, form),
            };
            if is_same(&url, &goal) {
                return Ok(match method {
                    Method::POST => Arrived::Form(form),
                    _ => Arrived::Redirect(url),
                });
            }
            if !matches!(url.scheme(), "http" | "https") {
                let message = "the provider leads to an address that is no web page";
                return Err(Failure::violation("redirect", message));
            }
            let response = self.send(method, &url, form).await?;
            if let Some(to) = response.headers().get(LOCATION) {
                let to = to.to_str().ok().and_then(|to| url.join(to).ok());
                next = Next::Get(to.ok_or_else(|| {
                    Failure::violation("redirect", "the provider redirects to what is no address")
                })?);
                continue;
            }
            let status = response.status();
            let html = response.text().await.map_err(lost)?;
            let page = Page::read(&html);
            self.load_frames(&url, &page, &html).await;
            let refresh = page.refresh.as_deref().and_then(|to| url.join(to).ok());
            next = match (page.forms.first(), refresh) {
                (Some(form), _) => self.fill_in(&url, form)?,
                (None, Some(to)) => Next::Get(to),
                (None, None) if status.is_success() => return Ok(Arrived::Page),
                (None, None) => {
                    let message = format!("the provider shows an error page: {}", shown(&html));
                    return Err(Failure::refused(
                        &format!("http_{}", status.as_u16()),
                        message,
                    ));
                }
            };
        }
        let message = "the provider does not come to an end: 40 pages, and no answer";
        Err(Failure::violation("redirect_loop", message))
    }

    fn fill_in(&self, page: &Url, form: &Form) -> Result<Next, Failure> {
        let target = form.target(page).ok_or_else(|| {
            Failure::violation(
                "redirect",
                "a form of the provider's goes to what is no address",
            )
        })?;
        let user = match (&self.user, form.asks_for_password()) {
            (None, true) => {
                let message =
                    "the provider asks for a name and a password: give --user and --password-file";
                return Err(Failure::usage(message));
            }
            (user, _) => user.as_ref(),
        };
        let sent = form.filled(user.map(|user| (user.name.as_str(), user.password.as_str())));
        Ok(match form.is_post() {
            true => Next::Send(target, Method::POST, sent),
            false => {
                let mut target = target;
                target.set_query(Some(&sent));
                Next::Get(target)
            }
        })
    }

    /// What is in a page's frames; who fails there fails alone.
    async fn load_frames(&mut self, at: &Url, page: &Page, html: &str) {
        let mut frames: Vec<Url> = page
            .frames
            .iter()
            .filter_map(|src| at.join(src).ok())
            .collect();
        // Where a script makes the frame, its address stands in the script.
        if let Some(framed) = self.framed.as_deref().filter(|_| page.frames.is_empty()) {
            frames.extend(in_script(html, framed).and_then(|url| Url::parse(&url).ok()));
        }
        for frame in frames {
            let _ = self.send(Method::GET, &frame, String::new()).await;
        }
    }

    async fn send(&mut self, method: Method, url: &Url, form: String) -> Result<Response, Failure> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|((at, _), _)| *at == host)
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let mut request = self.http.request(method.clone(), url.clone());
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        if method == Method::POST {
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form);
        }
        let response = request.send().await.map_err(lost)?;
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie
                .to_str()
                .ok()
                .and_then(|cookie| cookie.split(';').next());
            let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let key = (host.clone(), name.trim().to_owned());
            match value.trim() {
                "" => self.cookies.remove(&key),
                value => self.cookies.insert(key, value.to_owned()),
            };
        }
        Ok(response)
    }
}

fn address(text: &str) -> Result<Url, Failure> {
    Url::parse(text).map_err(|error| Failure::usage(format!("{error}: an address has to be whole")))
}

/// Whether it is the same place, whatever it carries.
fn is_same(url: &Url, goal: &Url) -> bool {
    (url.origin() == goal.origin() || url.scheme() == goal.scheme())
        && url.host() == goal.host()
        && url.port_or_known_default() == goal.port_or_known_default()
        && url.path() == goal.path()
}

/// The address that begins so, as a script's text has it.
fn in_script(html: &str, begins: &str) -> Option<String> {
    let plain = html
        .replace("\\/", "/")
        .replace("\\u0026", "&")
        .replace("&amp;", "&");
    let from = plain.find(begins)?;
    let rest = &plain[from..];
    let end = rest.find(['"', '\'', '<', ' ', '\\']).unwrap_or(rest.len());
    Some(rest[..end].to_owned())
}

/// Never the address: its query is the user's.
fn lost(error: reqwest::Error) -> Failure {
    Failure::of("the user agent got no answer", error.without_url())
}

/// The words of a page, a few of them.
fn shown(html: &str) -> String {
    let mut words = String::new();
    let mut is_shown = true;
    for token in html5gum::Tokenizer::new(html).flatten() {
        match token {
            html5gum::Token::StartTag(tag) => {
                is_shown = !matches!(&**tag.name, b"script" | b"style")
            }
            html5gum::Token::EndTag(_) => is_shown = true,
            html5gum::Token::String(text) if is_shown => {
                words.push_str(&String::from_utf8_lossy(&text));
                words.push(' ');
            }
            _ => {}
        }
    }
    let words: Vec<&str> = words.split_whitespace().take(40).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_a_script_is_found_as_a_browser_would_build_it() {
        let html = r"<script>iframe.src = 'https:\/\/rp.example\/front?iss=a\u0026sid=b';</script>";
        assert_eq!(
            in_script(html, "https://rp.example/front").as_deref(),
            Some("https://rp.example/front?iss=a&sid=b")
        );
    }

    #[test]
    fn what_a_redirect_carries_makes_it_no_other_place() {
        let goal = address("https://rp.example/cb").unwrap();
        assert!(is_same(
            &address("https://rp.example/cb?code=1#x").unwrap(),
            &goal
        ));
        assert!(!is_same(&address("https://rp.example/cb2").unwrap(), &goal));
        assert!(!is_same(&address("http://rp.example/cb").unwrap(), &goal));
    }
}
