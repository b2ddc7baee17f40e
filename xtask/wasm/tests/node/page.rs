//! What a page in a browser does, which `page.mjs` has it do: a login by PKCE without a server of its own.

use hallpass::driver::{Driver, FetchTransport, Transport, TransportErrorKind};
use hallpass::grant::{Lost, Request};
use hallpass::{
    AuthorizationCode, AuthorizationCodeCredentials, Client, Code, Endpoint, Issuer, Pending,
    Provider, Scopes, ServerMetadata,
};
use wasm_bindgen::prelude::*;

/// The browser goes to `testkit` itself; what the page asks goes to `gateway`, which allows its origin.
fn client(testkit: &str, gateway: &str, redirect_uri: &str) -> Client<AuthorizationCode> {
    let endpoint = |server: &str, path| Endpoint::new(format!("{server}{path}")).unwrap();
    let server = ServerMetadata::default()
        .with_issuer(Issuer::new(testkit).unwrap())
        .with_authorization_endpoint(endpoint(testkit, "/oauth/authorize"))
        .with_token_endpoint(endpoint(gateway, "/oauth/token"));
    Provider::with_driver("page", server, Driver::browser()).client(
        AuthorizationCodeCredentials::new()
            .with_client_id("native")
            .with_redirect_uri(redirect_uri)
            .with_scopes(Scopes::parse("read").unwrap()),
    )
}

/// Where to send the browser, and what waits for it in the page's storage.
#[wasm_bindgen]
pub fn page_login(testkit: &str, gateway: &str, redirect_uri: &str) -> Vec<String> {
    let (url, pending) = client(testkit, gateway, redirect_uri)
        .authorization_url()
        .unwrap();
    let pending = serde_json::to_string(&pending).unwrap();
    vec![url.as_str().to_owned(), pending]
}

/// What comes back is exchanged, and the token is used and refreshed.
#[wasm_bindgen]
pub async fn page_callback(
    testkit: String,
    gateway: String,
    redirect_uri: String,
    pending: String,
    callback: String,
) -> String {
    let client = client(&testkit, &gateway, &redirect_uri);
    let pending: Pending<Code> = serde_json::from_str(&pending).unwrap();
    let tokens = client.fetch_token(pending, &*callback).await.unwrap();
    let first = tokens.access_token.clone();
    let tokens = client.with_token(tokens).refresh_token().await.unwrap();
    assert_ne!(first, tokens.access_token);

    let api = Endpoint::new(format!("{gateway}/resource")).unwrap();
    let request = Request::get(api).with_access_token(tokens.token_type, &tokens.access_token);
    let response = FetchTransport::new().send(request).await.unwrap();
    assert_eq!(response.status(), 200);
    String::from_utf8(response.body().to_vec()).unwrap()
}

/// What a browser does otherwise than Node.js.
#[wasm_bindgen]
pub async fn page_failures(gateway: String) {
    let get = async |path| {
        let endpoint = Endpoint::new(format!("{gateway}{path}")).unwrap();
        FetchTransport::new().send(Request::get(endpoint)).await
    };
    let redirect = get("/redirect").await.unwrap();
    assert_eq!(
        (redirect.status(), redirect.header("location")),
        (302, None)
    );
    // Answered, and withheld from this page.
    let withheld = get("/withheld?canary").await.unwrap_err();
    assert_eq!(withheld.kind(), TransportErrorKind::Other);
    assert_eq!(withheld.lost(), Lost::MaybeSent);
    assert!(!format!("{withheld:?}").contains("canary"), "{withheld:?}");
}
