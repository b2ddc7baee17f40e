//! A user at a browser without pictures: follows redirects, keeps cookies, fills in forms.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Response, Url, redirect::Policy};

const STEPS: usize = 20;

/// What the user does when asked for consent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Allow,
    Deny,
}

/// Who logs in.
#[derive(Clone, Copy)]
pub(crate) struct User {
    name: &'static str,
    password: &'static str,
}

impl User {
    pub(crate) const ALICE: Self = Self {
        name: "alice",
        password: "wonderland",
    };
    pub(crate) const BOB: Self = Self {
        name: "bob",
        password: "builder",
    };
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
        let mut next = Step::get(url);
        for _ in 0..STEPS {
            match self.visit(next).await {
                Seen::Sent(to) if to.as_str().starts_with(redirect_uri) => return to.into(),
                Seen::Sent(to) => next = Step::Get(to),
                Seen::Page(page) => {
                    next = page.interaction(User::ALICE, answer).unwrap_or_else(|| {
                        panic!(
                            "neither a login nor a consent page: {} {}",
                            page.at, page.html
                        )
                    });
                }
            }
        }
        panic!("the server did not come to an end");
    }

    /// Goes where a device has sent its user (`verification_uri`, or the complete one), types the code where it is asked
    /// for, says that it is the device's, logs in and consents. RFC 8628, section 3.3.
    pub(crate) async fn approve_device(
        &mut self,
        verification_uri: &str,
        user_code: &str,
        user: User,
    ) {
        let last = self
            .device(verification_uri, user_code, user, Answer::Allow)
            .await;
        assert!(last.html.contains("<h1>Sign-in Success</h1>"), "{last:?}");
    }

    /// The same way, but the user does not consent.
    pub(crate) async fn deny_device(
        &mut self,
        verification_uri: &str,
        user_code: &str,
        user: User,
    ) {
        let last = self
            .device(verification_uri, user_code, user, Answer::Deny)
            .await;
        assert!(last.html.contains("request was interrupted"), "{last:?}");
    }

    /// Walks the device's pages until one has no question that has not been answered.
    async fn device(&mut self, uri: &str, user_code: &str, user: User, answer: Answer) -> Page {
        let mut next = Step::get(uri);
        let mut is_typed = false;
        for _ in 0..STEPS {
            let page = match self.visit(next).await {
                Seen::Sent(to) => {
                    next = Step::Get(to);
                    continue;
                }
                Seen::Page(page) => page,
            };
            // The page that asks for the code comes again where the code was not taken.
            next = match page.interaction(user, answer) {
                Some(step) => step,
                None if page.asks_for("type=\"text\" name=\"user_code\"") && !is_typed => {
                    is_typed = true;
                    page.submit(&[("user_code", user_code)])
                }
                None if page.asks_for("type=\"hidden\" name=\"user_code\"") => page.submit(&[]),
                None => return page,
            };
        }
        panic!("the server did not come to an end");
    }

    async fn visit(&mut self, step: Step) -> Seen {
        let response = match step {
            Step::Get(url) => self.send(Method::GET, url, None).await,
            Step::Post(url, form) => self.send(Method::POST, url, Some(form)).await,
        };
        let at = response.url().clone();
        match response.headers().get(LOCATION) {
            Some(to) => Seen::Sent(at.join(to.to_str().unwrap()).unwrap()),
            None => Seen::Page(Page {
                at,
                html: response.text().await.unwrap(),
            }),
        }
    }

    async fn send(&mut self, method: Method, url: Url, form: Option<String>) -> Response {
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

/// What the user does next.
enum Step {
    Get(Url),
    Post(Url, String),
}

impl Step {
    fn get(url: &str) -> Self {
        Self::Get(Url::parse(url).expect("an address"))
    }
}

/// What the server answered.
enum Seen {
    Sent(Url),
    Page(Page),
}

#[derive(Debug)]
struct Page {
    at: Url,
    html: String,
}

impl Page {
    fn asks_for(&self, input: &str) -> bool {
        self.html.contains(input)
    }

    /// What to do on a login or a consent page; both are forms that post to themselves, with a link that says no.
    fn interaction(&self, user: User, answer: Answer) -> Option<Step> {
        if self.asks_for("type=\"password\"") {
            let form = format!("login={}&password={}", user.name, user.password);
            return Some(Step::Post(self.at.clone(), form));
        }
        if !self.html.contains("<h1>Consent</h1>") {
            return None;
        }
        Some(match answer {
            Answer::Allow => Step::Post(self.at.clone(), "ok=1".to_owned()),
            Answer::Deny => Step::Get(self.join(self.attribute("href").unwrap())),
        })
    }

    /// The page's form as it stands, with what the user typed.
    fn submit(&self, typed: &[(&str, &str)]) -> Step {
        let action = self.join(self.attribute("action").unwrap());
        // A query is written as a form is.
        let mut form = action.clone();
        form.query_pairs_mut().clear().extend_pairs(typed);
        for input in self.html.split("<input").skip(1) {
            let input = input.split('>').next().unwrap();
            if let (true, Some(name)) =
                (input.contains("type=\"hidden\""), attribute(input, "name"))
            {
                let value = attribute(input, "value").unwrap_or_default();
                form.query_pairs_mut().append_pair(name, value);
            }
        }
        Step::Post(action, form.query().unwrap_or_default().to_owned())
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        attribute(&self.html, name)
    }

    fn join(&self, link: &str) -> Url {
        self.at.join(link).unwrap()
    }
}

/// The first value of that attribute.
fn attribute<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = html.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}
