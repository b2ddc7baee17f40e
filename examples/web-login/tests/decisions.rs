//! What the application decides, without a browser and without a socket of its own. The cookies are those of the internet.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, header::SET_COOKIE},
};
use hallpass::{
    AuthorizationCodeCredentials, Issuer, Provider, Scopes, reqwest,
    store::{ListKeys, MemoryStore},
};
use hallpass_testkit::{Config, Decision, Endpoint, TestServer, User};
use tower::ServiceExt;
use web_login::{App, Home};

const HOME: &str = "https://app.example";
const SESSION: &str = "__Host-session";
const LOGIN: &str = "__Host-login-";

/// The application, beside its authorization server.
struct Site {
    server: TestServer,
    store: Arc<MemoryStore>,
    router: Router,
}

impl Site {
    async fn open() -> Self {
        Self::open_at(Config::default()).await
    }

    async fn open_at(config: Config) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = TestServer::start(config);
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

    fn browser(&self) -> Browser<'_> {
        Browser {
            site: self,
            cookies: BTreeMap::new(),
        }
    }

    async fn kept(&self) -> usize {
        ListKeys::keys(&*self.store).await.unwrap().len()
    }
}

/// Keeps cookies and follows nothing by itself.
struct Browser<'s> {
    site: &'s Site,
    cookies: BTreeMap<String, String>,
}

struct Page {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Page {
    fn location(&self) -> &str {
        let location = self.headers.get("location");
        location.map_or("", |to| to.to_str().unwrap())
    }
}

impl Browser<'_> {
    async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path)).await
    }

    /// As a form of our own pages does.
    async fn post(&mut self, path: &str) -> Page {
        let request = Request::post(path).header("sec-fetch-site", "same-origin");
        self.send(request).await
    }

    async fn send(&mut self, request: axum::http::request::Builder) -> Page {
        let pairs = self.cookies.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = request.header("cookie", pairs.join("; "));
        let request = request.body(Body::empty()).unwrap();
        let response = self.site.router.clone().oneshot(request).await.unwrap();
        for set in response.headers().get_all(SET_COOKIE) {
            self.keep(set.to_str().unwrap());
        }
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Page {
            status,
            headers,
            text: String::from_utf8(text.to_vec()).unwrap(),
        }
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
            false => self.cookies.insert(name.to_owned(), value.to_owned()),
        };
    }

    /// Begins a login, and returns the path at which the user comes back from the authorization server.
    async fn comes_back_from(&mut self, login: &str, user: &User, decision: &Decision) -> String {
        let away = self.get(login).await;
        assert_eq!(away.status, 303);
        let back = self.site.server.consent(away.location(), user, decision);
        back.unwrap().strip_prefix(HOME).unwrap().to_owned()
    }

    async fn comes_back_as(&mut self, user: &User) -> String {
        self.comes_back_from("/login", user, &Decision::Allow).await
    }

    async fn logs_in_as(&mut self, user: &User) {
        let back = self.comes_back_as(user).await;
        let page = self.get(&back).await;
        assert_eq!((page.status, page.location()), (303, "/account"));
    }

    fn logins(&self) -> usize {
        let names = self.cookies.keys();
        names.filter(|name| name.starts_with(LOGIN)).count()
    }
}

#[tokio::test]
async fn two_users_see_their_own_and_one_who_logs_out_takes_nobody_along() {
    let site = Site::open().await;
    let (mut alice, mut bob, mut nobody) = (site.browser(), site.browser(), site.browser());
    alice.logs_in_as(&User::alice()).await;
    bob.logs_in_as(&User::bob()).await;
    let hers = alice.get("/account").await;
    assert!(hers.status == 200 && hers.text.contains("<strong>alice</strong>"));
    let his = bob.get("/account").await;
    assert!(his.status == 200 && his.text.contains("<strong>bob</strong>"));
    assert_eq!(nobody.get("/account").await.status, 303);
    assert_eq!(site.kept().await, 2);

    let kept = alice.cookies.clone();
    assert_eq!(alice.post("/logout").await.location(), "/");
    assert!(alice.cookies.is_empty());
    assert_eq!(site.server.requests_to(Endpoint::Revocation).len(), 1);
    assert_eq!(site.kept().await, 1);
    // Her cookie is worth nothing any more, not even where somebody has kept it.
    alice.cookies = kept;
    assert_eq!(alice.get("/account").await.status, 303);
    assert_eq!(bob.get("/account").await.status, 200);
}

#[tokio::test]
async fn an_answer_brought_by_another_browser_is_refused_and_costs_nobody_a_login() {
    let site = Site::open().await;
    let (mut alice, mut mallory) = (site.browser(), site.browser());
    let hers = alice.comes_back_as(&User::alice()).await;
    let forged = mallory.comes_back_as(&User::bob()).await;
    for (browser, answer) in [(&mut alice, &forged), (&mut mallory, &hers)] {
        assert_eq!(browser.get(answer).await.status, 400);
    }
    assert_eq!(site.browser().get(&hers).await.status, 400);
    assert_eq!(site.server.requests_to(Endpoint::Token).len(), 0);
    assert_eq!(alice.get(&hers).await.location(), "/account");
}

#[tokio::test]
async fn a_callback_is_taken_once() {
    let site = Site::open().await;
    let mut alice = site.browser();
    let back = alice.comes_back_as(&User::alice()).await;
    let before = alice.cookies.clone();
    assert_eq!(alice.get(&back).await.status, 303);
    assert_eq!(alice.logins(), 0);
    assert_eq!(alice.get(&back).await.status, 400);
    // Also with the cookie that was taken away.
    alice.cookies.extend(before);
    assert_eq!(alice.get(&back).await.status, 400);
    assert_eq!(site.server.requests_to(Endpoint::Token).len(), 1);
    assert_eq!(alice.get("/account").await.status, 200);
}

#[tokio::test]
async fn an_id_that_was_planted_is_never_taken_over() {
    let site = Site::open().await;
    let planted = "p".repeat(43);
    let (mut alice, mut thief) = (site.browser(), site.browser());
    for browser in [&mut alice, &mut thief] {
        browser.cookies.insert(SESSION.to_owned(), planted.clone());
    }
    alice.logs_in_as(&User::alice()).await;
    assert_ne!(alice.cookies[SESSION], planted);
    assert_eq!(thief.get("/account").await.status, 303);
}

#[tokio::test]
async fn a_second_login_has_another_id_and_ends_the_first() {
    let site = Site::open().await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    let first = alice.cookies.clone();
    alice.logs_in_as(&User::bob()).await;
    assert_ne!(alice.cookies[SESSION], first[SESSION]);
    assert!(alice.get("/account").await.text.contains("bob"));
    assert_eq!(site.kept().await, 1);
    assert_eq!(site.server.requests_to(Endpoint::Revocation).len(), 1);
    alice.cookies = first;
    assert_eq!(alice.get("/account").await.status, 303);
}

#[tokio::test]
async fn several_tabs_log_in_at_once_and_each_goes_on_where_it_began() {
    let site = Site::open().await;
    let mut alice = site.browser();
    let mut backs = Vec::new();
    for tab in 1..=3 {
        let here = format!("/account?tab={tab}");
        let login = alice.get(&here).await.location().to_owned();
        let back = alice
            .comes_back_from(&login, &User::alice(), &Decision::Allow)
            .await;
        backs.push((here, back));
    }
    assert_eq!(alice.logins(), 3);
    for (here, back) in backs.iter().rev() {
        assert_eq!(alice.get(back).await.location(), here);
    }
    assert_eq!(alice.logins(), 0);
    assert_eq!(site.kept().await, 1);
}

#[tokio::test]
async fn logins_that_nobody_finishes_do_not_fill_the_browser() {
    let site = Site::open().await;
    let mut alice = site.browser();
    for _ in 0..20 {
        alice.get("/login").await;
        assert!(alice.logins() <= 8);
    }
    alice.logs_in_as(&User::alice()).await;
}

#[tokio::test]
async fn a_login_leads_nowhere_but_home() {
    let site = Site::open().await;
    let mut alice = site.browser();
    for elsewhere in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "/%09/evil.example",
        "/login",
    ] {
        let login = format!("/login?return_to={elsewhere}");
        let back = alice
            .comes_back_from(&login, &User::alice(), &Decision::Allow)
            .await;
        assert_eq!(alice.get(&back).await.location(), "/account", "{elsewhere}");
    }
}

#[tokio::test]
async fn a_login_is_ended_by_our_own_form_alone() {
    let site = Site::open().await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    assert_eq!(alice.get("/logout").await.status, 405);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("x", "y"),
    ] {
        let forged = alice
            .send(Request::post("/logout").header(name, value))
            .await;
        assert_eq!(forged.status, 403, "{name}: {value}");
    }
    assert_eq!(site.server.requests_to(Endpoint::Revocation).len(), 0);
    assert_eq!(alice.get("/account").await.status, 200);
    // A browser that does not know `Sec-Fetch-Site`.
    let own = alice
        .send(Request::post("/logout").header("origin", HOME))
        .await;
    assert_eq!(own.location(), "/");
    assert_eq!(alice.get("/account").await.status, 303);
}

#[tokio::test]
async fn who_has_said_no_is_told_so_and_may_try_again() {
    let site = Site::open().await;
    let mut alice = site.browser();
    let back = alice
        .comes_back_from(
            "/login?return_to=/account?tab=2",
            &User::alice(),
            &Decision::Deny,
        )
        .await;
    let page = alice.get(&back).await;
    assert_eq!(page.status, 403);
    assert!(page.text.contains("You have not given access"));
    assert!(
        page.text.contains("/login?return_to=%2Faccount%3Ftab%3D2"),
        "{}",
        page.text
    );
    assert_eq!((alice.cookies.len(), site.kept().await), (0, 0));
    assert_eq!(site.server.requests_to(Endpoint::Token).len(), 0);
}

#[tokio::test]
async fn a_token_that_the_api_refuses_is_refreshed_and_a_login_that_is_over_is_begun_again() {
    let site = Site::open().await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    // Over for the API, which knows the time better, and not for us.
    site.server.advance(Duration::from_secs(3601));
    assert_eq!(alice.get("/account").await.status, 200);
    assert_eq!(site.server.with(|server| server.refreshes()), 1);

    site.server.with(|server| server.revoke_everything());
    let page = alice.get("/account?tab=2").await;
    assert_eq!(page.location(), "/login?return_to=%2Faccount%3Ftab%3D2");
    assert_eq!((alice.cookies.len(), site.kept().await), (0, 0));
}

#[tokio::test]
async fn every_answer_has_its_guards_and_no_page_shows_a_secret() {
    let site = Site::open().await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    for path in [
        "/",
        "/account",
        "/login",
        "/callback?code=x&state=y",
        "/logout",
        "/none",
        "/style.css",
        "/fresh.js",
    ] {
        let page = alice.get(path).await;
        let header = |name: &str| page.headers[name].to_str().unwrap();
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert!(
            header("strict-transport-security").starts_with("max-age="),
            "{path}"
        );
        for exchange in site.server.requests_to(Endpoint::Resource) {
            let token = exchange.header("authorization").unwrap();
            let token = token.strip_prefix("Bearer ").unwrap();
            assert!(!page.text.contains(token) && !format!("{:?}", page.headers).contains(token));
        }
    }
}
