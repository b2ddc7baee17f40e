//! Two users in two browsers, over HTTP.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use hallpass::{
    AuthorizationCodeCredentials, Issuer, Key, Provider, Scopes, TokenStore, reqwest,
    store::{Entry, ListKeys, MemoryStore, Revision, StoreError, StoreErrorKind, SwapError},
};
use hallpass_testkit::{Config, Decision, Endpoint, TestServer, User};
use session_store::App;

/// The application on a port of its own, beside its authorization server.
struct Site {
    server: TestServer,
    store: Arc<Store>,
    address: String,
}

/// Keeps entries in memory, and cannot read those of some keys.
#[derive(Default)]
struct Store {
    memory: MemoryStore,
    damaged: Mutex<Vec<Key>>,
}

#[async_trait]
impl TokenStore for Store {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        if self.damaged.lock().unwrap().contains(key) {
            return Err(StoreError::new(StoreErrorKind::Corrupt, "it is damaged"));
        }
        TokenStore::load(&self.memory, key).await
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        TokenStore::swap(&self.memory, key, expected, new).await
    }
}

impl Site {
    async fn open() -> Self {
        Self::open_at(Config::default()).await
    }

    async fn open_at(config: Config) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = TestServer::start(config);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let issuer = Issuer::new(server.issuer()).unwrap();
        let provider = Provider::discover("example", issuer).await.unwrap();
        let client = provider.client(
            AuthorizationCodeCredentials::new()
                .with_client_id("native")
                .with_redirect_uri(format!("{address}/callback"))
                .with_scopes(Scopes::parse("read").unwrap()),
        );
        let store = Arc::new(Store::default());
        let app = App::new(client, store.clone(), server.resource_url(), http());
        tokio::spawn(async move { axum::serve(listener, app.router()).await });
        Self {
            server,
            store,
            address,
        }
    }

    fn browser(&self) -> Browser<'_> {
        Browser {
            site: self,
            http: http(),
            cookie: None,
        }
    }

    async fn keys(&self, of: &str) -> usize {
        self.keys_of(of).await.len()
    }

    async fn keys_of(&self, of: &str) -> Vec<Key> {
        let mut keys = ListKeys::keys(&self.store.memory).await.unwrap();
        keys.retain(|key| key.as_str().starts_with(of));
        keys
    }

    /// Writes what is no record where the only tokens are.
    async fn tear_the_tokens(&self) {
        let key = &self.keys_of("tokens\n").await[0];
        let held = self.store.load(key).await.unwrap().unwrap();
        let torn = Entry::new(Revision::from_bytes([9; 16]), b"torn".to_vec());
        let swap = self.store.swap(key, Some(held.revision), Some(torn));
        swap.await.unwrap();
    }
}

fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// Keeps one cookie and follows nothing by itself.
struct Browser<'s> {
    site: &'s Site,
    http: reqwest::Client,
    cookie: Option<String>,
}

struct Page {
    status: u16,
    location: String,
    text: String,
}

impl Browser<'_> {
    async fn get(&mut self, path: &str) -> Page {
        let url = format!("{}{path}", self.site.address);
        self.send(self.http.get(url)).await
    }

    async fn post(&mut self, path: &str) -> Page {
        let url = format!("{}{path}", self.site.address);
        self.send(self.http.post(url)).await
    }

    async fn send(&mut self, mut request: reqwest::RequestBuilder) -> Page {
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.send().await.unwrap();
        if let Some(set) = response.headers().get("set-cookie") {
            let set = set.to_str().unwrap();
            let pair = set.split(';').next().unwrap();
            let is_taken_away = pair.ends_with('=');
            let is_guarded = set.contains("HttpOnly") && set.contains("SameSite=Lax");
            assert!(is_taken_away || is_guarded, "{set}");
            self.cookie = (!is_taken_away).then(|| pair.to_owned());
        }
        let location = response.headers().get("location");
        Page {
            status: response.status().as_u16(),
            location: location.map_or(String::new(), |to| to.to_str().unwrap().to_owned()),
            text: response.text().await.unwrap(),
        }
    }

    /// The path at which the user comes back from the authorization server.
    async fn comes_back_as(&mut self, user: &User) -> String {
        let to_server = self.get("/login").await;
        assert_eq!(to_server.status, 303);
        let back = self
            .site
            .server
            .consent(&to_server.location, user, &Decision::Allow);
        let back = back.unwrap();
        back.strip_prefix(&self.site.address).unwrap().to_owned()
    }

    async fn logs_in_as(&mut self, user: &User) {
        let path = self.comes_back_as(user).await;
        let page = self.get(&path).await;
        assert_eq!((page.status, page.location.as_str()), (303, "/files"));
    }
}

#[tokio::test]
async fn two_users_see_their_own_and_one_who_logs_out_takes_nobody_along() {
    let site = Site::open().await;
    let (mut alice, mut bob, mut nobody) = (site.browser(), site.browser(), site.browser());
    alice.logs_in_as(&User::alice()).await;
    bob.logs_in_as(&User::bob()).await;

    let page = alice.get("/files").await;
    assert!(
        page.status == 200 && page.text.contains("alice"),
        "{}",
        page.text
    );
    let page = bob.get("/files").await;
    assert!(
        page.status == 200 && page.text.contains("bob"),
        "{}",
        page.text
    );
    assert_eq!(nobody.get("/files").await.location, "/login");
    assert_eq!(site.keys("tokens\n").await, 2);

    let cookie = alice.cookie.clone();
    assert_eq!(alice.post("/logout").await.location, "/");
    assert_eq!(site.keys("tokens\n").await, 1);
    assert_eq!(site.server.requests_to(Endpoint::Revocation).len(), 1);
    // Her cookie is worth nothing any more, not even where somebody has kept it.
    alice.cookie = cookie;
    assert_eq!(alice.get("/files").await.location, "/login");
    assert_eq!(bob.get("/files").await.status, 200);
}

#[tokio::test]
async fn an_answer_for_another_browser_is_refused_and_nothing_is_sent() {
    let site = Site::open().await;
    let (mut alice, mut mallory) = (site.browser(), site.browser());
    let hers = alice.comes_back_as(&User::alice()).await;
    let forged = mallory.comes_back_as(&User::bob()).await;
    assert_eq!(alice.get(&forged).await.status, 400);
    assert_eq!(site.server.requests_to(Endpoint::Token).len(), 0);
    // Her own login is as it was.
    assert_eq!(alice.get(&hers).await.location, "/files");
    assert_eq!(alice.get(&hers).await.status, 400);
}

#[tokio::test]
async fn a_login_gives_the_browser_another_cookie_and_replaces_the_login_before() {
    let site = Site::open().await;
    let mut alice = site.browser();
    let back = alice.comes_back_as(&User::alice()).await;
    let planted = alice.cookie.clone();
    alice.get(&back).await;
    assert!(alice.cookie.is_some() && alice.cookie != planted);
    let mut thief = site.browser();
    thief.cookie = planted;
    assert_eq!(thief.get("/files").await.location, "/login");

    alice.logs_in_as(&User::bob()).await;
    assert!(alice.get("/files").await.text.contains("bob"));
    assert_eq!(site.keys("tokens\n").await, 1);
    assert_eq!(site.keys("web session\n").await, 1);
}

#[tokio::test]
async fn tokens_that_cannot_be_read_keep_nobody_from_leaving_or_logging_in_again() {
    let site = Site::open().await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    site.tear_the_tokens().await;
    assert_eq!(alice.get("/files").await.status, 500);
    assert_eq!(alice.post("/logout").await.location, "/");
    assert!(alice.get("/").await.text.contains("Log in"));
    assert_eq!(site.keys("tokens\n").await, 0);
    assert_eq!(site.keys("web session\n").await, 0);

    alice.logs_in_as(&User::alice()).await;
    site.tear_the_tokens().await;
    alice.logs_in_as(&User::alice()).await;
    assert_eq!(alice.get("/files").await.status, 200);
    assert_eq!(site.keys("tokens\n").await, 1);
}

#[tokio::test]
async fn a_store_that_cannot_read_the_tokens_keeps_nobody_from_leaving_or_logging_in_again() {
    let site = Site::open().await;
    let mut alice = site.browser();
    let damage = async || {
        let tokens = site.keys_of("tokens\n").await;
        site.store.damaged.lock().unwrap().extend(tokens);
    };
    alice.logs_in_as(&User::alice()).await;
    damage().await;
    assert_eq!(alice.post("/logout").await.location, "/");
    assert!(alice.get("/").await.text.contains("Log in"));
    assert_eq!(site.keys("web session\n").await, 0);

    alice.logs_in_as(&User::alice()).await;
    damage().await;
    alice.logs_in_as(&User::alice()).await;
    assert_eq!(alice.get("/files").await.status, 200);
}

#[tokio::test]
async fn a_login_that_the_server_has_ended_leads_to_another_login() {
    // Over when it comes, so that each request asks for another.
    let site = Site::open_at(Config::default().access_token_lifetime(Duration::ZERO)).await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    site.server.with(|server| server.revoke_everything());
    for _ in 0..2 {
        assert_eq!(alice.get("/files").await.location, "/login");
    }
    alice.logs_in_as(&User::alice()).await;
    assert_eq!(site.keys("tokens\n").await, 1);
}

#[tokio::test]
async fn a_request_that_only_reads_neither_prolongs_a_web_session_nor_writes_one_over_another() {
    let site = Site::open().await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    let key = &site.keys_of("web session\n").await[0];
    let before = site.store.load(key).await.unwrap();
    assert_eq!(alice.get("/files").await.status, 200);
    assert_eq!(site.store.load(key).await.unwrap(), before);
}
