//! The application, and a browser that is none.

use std::{ops::Index, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, Request, header::SET_COOKIE},
};
use hallpass::{
    AuthorizationCodeCredentials, Issuer, Provider, Scopes, reqwest,
    store::{ListKeys, MemoryStore},
};
use hallpass_testkit::{Decision, TestServer, User};
use tower::ServiceExt;
use web_login::{App, Home};

pub(crate) const HOME: &str = "https://app.example";
pub(crate) const SESSION: &str = "__Host-session";
pub(crate) const LOGIN: &str = "__Host-login-";

/// The application, beside its authorization server.
pub(crate) struct Site {
    pub(crate) server: TestServer,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) router: Router,
}

impl Site {
    pub(crate) async fn open() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = TestServer::start(Default::default());
        let home = Home::new(HOME).unwrap();
        let issuer = Issuer::new(server.issuer()).unwrap();
        let provider = Provider::discover("example", issuer).await.unwrap();
        let client = provider.client(
            AuthorizationCodeCredentials::new()
                .with_client_id("native")
                .with_redirect_uri(home.redirect_uri())
                .with_scopes(Scopes::parse("read").unwrap()),
        );
        let store = Arc::new(MemoryStore::new());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let app = App::new(home, client, store.clone(), server.resource_url(), http);
        Self {
            server,
            store,
            router: app.router(),
        }
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser {
            site: self,
            cookies: Jar::default(),
        }
    }

    /// What is answered to this, whoever asks.
    pub(crate) async fn answer(&self, request: axum::http::request::Builder) -> Page {
        let request = request.body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Page {
            status,
            headers,
            text: String::from_utf8(text.to_vec()).unwrap(),
        }
    }

    /// What is answered to a browser that brings exactly these cookies.
    pub(crate) async fn answer_to(&self, path: &str, cookies: &[u8]) -> Page {
        let cookies = HeaderValue::from_bytes(cookies).unwrap();
        self.answer(Request::get(path).header("cookie", cookies))
            .await
    }

    pub(crate) async fn kept(&self) -> usize {
        ListKeys::keys(&*self.store).await.unwrap().len()
    }
}

/// Cookies, the oldest first, as browsers send them.
#[derive(Clone, Default)]
pub(crate) struct Jar(pub(crate) Vec<(String, String)>);

impl Jar {
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value.to_owned(),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
    }

    fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    pub(crate) fn header(&self) -> String {
        let pairs = self.0.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }
}

impl Index<&str> for Jar {
    type Output = str;

    fn index(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        &found.expect("it is kept").1
    }
}

/// Keeps cookies and follows nothing by itself.
pub(crate) struct Browser<'s> {
    site: &'s Site,
    pub(crate) cookies: Jar,
}

pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn location(&self) -> &str {
        let location = self.headers.get("location");
        location.map_or("", |to| to.to_str().unwrap())
    }
}

impl Browser<'_> {
    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path)).await
    }

    /// As a form of our own pages does.
    pub(crate) async fn post(&mut self, path: &str) -> Page {
        let request = Request::post(path).header("sec-fetch-site", "same-origin");
        self.send(request).await
    }

    pub(crate) async fn send(&mut self, request: axum::http::request::Builder) -> Page {
        let request = request.header("cookie", self.cookies.header());
        let page = self.site.answer(request).await;
        for set in page.headers.get_all(SET_COOKIE) {
            self.keep(set.to_str().unwrap());
        }
        page
    }

    fn keep(&mut self, set: &str) {
        for guard in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(set.contains(guard), "{set}");
        }
        assert!(
            set.starts_with("__Host-") && !set.contains("Domain"),
            "{set}"
        );
        let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
        match set.contains("Max-Age=0") {
            true => self.cookies.remove(name),
            false => self.cookies.set(name, value),
        };
    }

    /// Begins a login, and returns the path at which the user comes back from the authorization server.
    pub(crate) async fn comes_back_from(
        &mut self,
        login: &str,
        user: &User,
        decision: &Decision,
    ) -> String {
        let away = self.get(login).await;
        assert_eq!(away.status, 303);
        let back = self.site.server.consent(away.location(), user, decision);
        back.unwrap().strip_prefix(HOME).unwrap().to_owned()
    }

    pub(crate) async fn comes_back_as(&mut self, user: &User) -> String {
        self.comes_back_from("/login", user, &Decision::Allow).await
    }

    pub(crate) async fn logs_in_as(&mut self, user: &User) {
        let back = self.comes_back_as(user).await;
        let page = self.get(&back).await;
        assert_eq!((page.status, page.location()), (303, "/account"));
    }

    pub(crate) fn logins(&self) -> usize {
        let cookies = self.cookies.0.iter();
        cookies.filter(|(name, _)| name.starts_with(LOGIN)).count()
    }
}
