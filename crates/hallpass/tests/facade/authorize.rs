//! A token goes on a request only when there is one, it has not expired, and nobody on the way can read it.

use hallpass::{
    AccessToken, AuthorizationCode, AuthorizationCodeCredentials, AuthorizeError, Client,
    TokenLack, TokenSet,
};
use http::Request;
use time::UtcDateTime;

use crate::support::{NOW, Script};

fn client(token: Option<TokenSet>) -> Client<AuthorizationCode> {
    // A stored token alone is enough.
    let credentials = AuthorizationCodeCredentials::new();
    let credentials = match token {
        Some(token) => credentials.with_token(token),
        None => credentials,
    };
    Script::default().provider().client(credentials)
}

fn token() -> TokenSet {
    TokenSet::new(AccessToken::new("canary-access").unwrap())
}

fn authorize(client: &Client<AuthorizationCode>, uri: &str) -> Result<Request<()>, AuthorizeError> {
    let mut request = Request::get(uri).body(()).unwrap();
    client.authorize(&mut request)?;
    Ok(request)
}

#[test]
fn a_client_from_a_stored_token_alone_authorises_a_request() {
    let stored = serde_json::to_string(&token()).unwrap();
    let client = client(Some(serde_json::from_str(&stored).unwrap()));
    for uri in [
        "https://api.example/x",
        "http://127.0.0.1:8080/x",
        "http://localhost/x",
        "http://[::1]/",
        "/x",
    ] {
        let request = authorize(&client, uri).unwrap();
        assert_eq!(request.headers()["authorization"], "Bearer canary-access");
        assert!(request.headers()["authorization"].is_sensitive());
        assert!(!format!("{request:?}").contains("canary"));
    }
}

#[test]
fn a_missing_and_an_expired_token_are_typed_errors_with_the_schemes_name() {
    let now = UtcDateTime::from_unix_timestamp(NOW).unwrap();
    for (token, lack) in [
        (None, TokenLack::Undefined),
        (Some(token().with_expiry(now)), TokenLack::Expired),
    ] {
        let error = authorize(&client(token), "https://api.example/").unwrap_err();
        assert_eq!(
            error.to_string(),
            "[OAuthACG: OAuthToken is undefined or expired.]"
        );
        assert!(matches!(error, AuthorizeError::NoToken(no) if no.lack == lack));
    }
}

#[test]
fn a_token_never_goes_to_another_machine_without_tls() {
    for uri in [
        "http://api.example/",
        "http://127.0.0.1.example/",
        "ftp://api.example/",
        "http://10.0.0.1/",
    ] {
        let error = authorize(&client(Some(token())), uri).unwrap_err();
        assert!(matches!(error, AuthorizeError::Address(_)), "{uri}");
    }
}

#[test]
fn a_header_that_is_there_already_is_not_overwritten() {
    let mut request = Request::get("https://api.example/").body(()).unwrap();
    request
        .headers_mut()
        .insert("authorization", "Basic x".parse().unwrap());
    let error = client(Some(token())).authorize(&mut request).unwrap_err();
    assert!(matches!(error, AuthorizeError::AlreadyAuthorized));
    assert_eq!(request.headers()["authorization"], "Basic x");
}

#[test]
fn a_line_break_never_gets_into_a_header() {
    assert!(AccessToken::new("a\r\nX-Evil: 1").is_err());
    assert!(serde_json::from_str::<TokenSet>(r#"{"access_token":"a\r\nX-Evil: 1"}"#).is_err());
}

#[cfg(feature = "reqwest")]
#[test]
fn a_reqwest_request_is_authorised_by_the_same_rules() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();
    let client = client(Some(token()));
    let request = client
        .authorize_reqwest(http.get("https://api.example/x"))
        .unwrap()
        .build()
        .unwrap();
    assert_eq!(request.headers()["authorization"], "Bearer canary-access");
    let error = client
        .authorize_reqwest(http.get("http://api.example/?canary=1"))
        .unwrap_err();
    assert!(matches!(error, AuthorizeError::Address(_)));
    let error = client
        .authorize_reqwest(http.get("no address, canary"))
        .unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
}
