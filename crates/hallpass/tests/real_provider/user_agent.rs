//! A user at a browser without pictures: follows redirects, keeps cookies, fills in forms.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Response, redirect::Policy};

/// What the user does when asked for consent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Allow,
    Deny,
}

/// `reqwest` leaves the choice of a crypto provider to the application; here the tests are that.
pub(crate) fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// One browser.
pub(crate) struct UserAgent {
    http: Client,
    cookies: BTreeMap<String, String>,
}

impl UserAgent {
    pub(crate) fn new() -> Self {
        install_crypto();
        let http = Client::builder().redirect(Policy::none()).no_proxy();
        Self {
            http: http.build().expect("a plain client"),
            cookies: BTreeMap::new(),
        }
    }

    /// Logs in as alice and answers, until the server sends the browser to the redirect URI. That address comes back.
    pub(crate) async fn consent(
        &mut self,
        url: &str,
        redirect_uri: &str,
        answer: Answer,
    ) -> String {
        let mut page = self.send(Method::GET, url, None).await;
        for _ in 0..20 {
            let at = page.url().clone();
            if let Some(location) = page.headers().get(LOCATION) {
                let next = at.join(location.to_str().unwrap()).unwrap();
                if next.as_str().starts_with(redirect_uri) {
                    return next.into();
                }
                page = self.send(Method::GET, next.as_str(), None).await;
                continue;
            }
            let html = page.text().await.unwrap();
            let form = match html.contains("type=\"password\"") {
                true => "login=alice&password=wonderland",
                false => "ok=1",
            };
            page = match (answer, html.contains("<h1>Consent</h1>")) {
                (Answer::Deny, true) => {
                    let link = html
                        .split("href=\"")
                        .nth(1)
                        .unwrap()
                        .split('"')
                        .next()
                        .unwrap();
                    self.send(Method::GET, at.join(link).unwrap().as_str(), None)
                        .await
                }
                _ => self.send(Method::POST, at.as_str(), Some(form)).await,
            };
        }
        panic!("the server did not come to an end");
    }

    async fn send(&mut self, method: Method, url: &str, form: Option<&'static str>) -> Response {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        let mut request = self
            .http
            .request(method, url)
            .header(COOKIE, cookies.join("; "));
        if let Some(form) = form {
            let kind = "application/x-www-form-urlencoded";
            request = request.header("content-type", kind).body(form);
        }
        let response = request.send().await.expect("the provider runs");
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        response
    }
}
