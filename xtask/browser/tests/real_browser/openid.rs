//! OpenID Connect in the browser: `id_token token` in the fragment, and a session that is watched.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri},
    response::{Html, IntoResponse, Redirect},
    routing::get,
};
use browser::{Browser, Scripts, WebDriverResult};
use hallpass::{
    AuthorizationCodeCredentials, Secret,
    driver::OsRandom,
    loopback::{Options, Receiver},
    openid::{Client, Code, IdTokenToken, Login, OnChange, SessionState},
};
use hallpass_testkit::TestServer;
use tokio::net::TcpListener;

async fn client(server: &TestServer, redirect_uri: &str) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let credentials = AuthorizationCodeCredentials::new()
        .with_client_id("openid-native")
        .with_redirect_uri(redirect_uri);
    let client = Client::discover(&server.issuer(), credentials).await;
    client.unwrap()
}

#[tokio::test]
async fn an_id_token_in_the_fragment_says_who_it_is_and_stays_out_of_every_request()
-> WebDriverResult<()> {
    let server = TestServer::start(Default::default());
    let receiver = Receiver::bind(Options::new("Photo Printer")).unwrap();
    let client = client(&server, &receiver.redirect_uri()).await;
    let begun = client.authorization_url_with::<IdTokenToken>(|request| request);
    let (url, login) = begun.unwrap();
    let logged_in = tokio::spawn(async move {
        let received = receiver.receive(&login).await.unwrap();
        let user = client.authenticate(login, &received).await;
        received.tell(user).await
    });
    let alice = Browser::open(Scripts::On).await;
    alice.goto(url.as_str()).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.allows().await?;
    alice.reads("You are logged in").await;
    let user = logged_in.await.unwrap().unwrap();
    assert_eq!(user.id_token.subject(), "alice");
    let id_token = user.raw_id_token.expose_secret();
    for sent in alice.sent().await? {
        assert!(!sent.url.contains(id_token) && !sent.referrer.contains(id_token));
    }
    assert!(!alice.source().await?.contains(id_token));
    alice.close().await.map(drop)
}

/// An application that watches its user's session at the provider.
#[derive(Clone)]
struct Site {
    client: Client,
    login: Arc<Mutex<Option<Login<Code>>>>,
    user: Arc<Mutex<Option<(SessionState, Secret)>>>,
}

async fn callback(State(site): State<Site>, uri: Uri) -> Redirect {
    let login = site.login.lock().unwrap().take().unwrap();
    let user = site.client.authenticate(login, &*uri.to_string()).await;
    let user = user.unwrap();
    let state = user.session_state.unwrap();
    *site.user.lock().unwrap() = Some((state, user.raw_id_token));
    Redirect::to("/app")
}

async fn app() -> Html<&'static str> {
    Html("<!doctype html><title>Photos</title><p>Your photos</p><iframe src=/session></iframe>")
}

async fn session(State(site): State<Site>) -> impl IntoResponse {
    let (state, _) = site.user.lock().unwrap().clone().unwrap();
    let page = site.client.relying_party();
    let page = page.session_page(&state, OnChange::TellParent).unwrap();
    (StatusCode::OK, page.headers(), page.html())
}

#[tokio::test]
async fn a_session_that_has_ended_at_the_provider_is_noticed() -> WebDriverResult<()> {
    let server = TestServer::start(Default::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let client = client(&server, &format!("{origin}/callback")).await;
    let (url, login) = client.authorization_url().unwrap();
    let site = Site {
        client,
        login: Arc::new(Mutex::new(Some(login))),
        user: Arc::default(),
    };
    let router = Router::new()
        .route("/callback", get(callback))
        .route("/app", get(app))
        .route("/logged-out", get(async || "Logged out at the provider"))
        .route("/session", get(session))
        .with_state(site.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });

    let alice = Browser::open(Scripts::On).await;
    alice.goto(url.as_str()).await?;
    alice.logs_in_as("alice", "wonderland").await?;
    alice.allows().await?;
    alice.reads("Your photos").await;
    hears(&alice, "unchanged").await?;

    // She logs out at the provider, and the application has not been told.
    let (_, id_token) = site.user.lock().unwrap().clone().unwrap();
    let logout = site.client.relying_party().logout().unwrap();
    let logout = logout.id_token_hint(id_token.expose_secret());
    let back = format!("{origin}/logged-out");
    let (url, pending) = logout.url_and_back(&back, &mut OsRandom).unwrap();
    alice.goto(url.as_str()).await?;
    alice.reads("Logged out at the provider").await;
    pending.receive(&alice.address().await?).unwrap();
    alice.goto(&format!("{origin}/app")).await?;
    hears(&alice, "changed").await?;
    let complaints = alice.complaints().await?;
    let policy = complaints
        .iter()
        .filter(|text| text.contains("Content Security"));
    assert_eq!(policy.count(), 0, "{complaints:?}");
    alice.close().await.map(drop)
}

/// Waits until the frame has heard this of the provider's page.
async fn hears(browser: &Browser, expected: &str) -> WebDriverResult<()> {
    let ask = "const frame = document.querySelector('iframe'); return frame.contentDocument.documentElement.dataset.session ?? null";
    let mut heard = serde_json::Value::Null;
    for _ in 0..100 {
        heard = browser.run(ask).await?;
        if heard == expected {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the frame has heard {heard}, and not {expected}");
}
