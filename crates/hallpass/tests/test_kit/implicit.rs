//! Logins by the implicit grant.

use hallpass::{
    Client, Implicit, ImplicitCredentials, Profile, ProviderError, TokenSet, Violation,
};
use hallpass_testkit::{Config, Fault, TestServer, TokenParameter, Value};

use crate::support::{REDIRECT_URI, call, consent, provider, scopes, violation, with_token};

async fn implicit_client(server: &TestServer, profile: Profile) -> Client<Implicit> {
    let credentials = ImplicitCredentials::new()
        .with_client_id("httpig")
        .with_redirect_uri(REDIRECT_URI)
        .with_scopes(scopes("read write"));
    let provider = provider(server).await.with_profile(profile);
    provider.client(credentials)
}

fn receive(server: &TestServer, client: &Client<Implicit>) -> Result<TokenSet, ProviderError> {
    let (url, pending) = client.authorization_url()?;
    let callback = consent(server, url.as_str());
    client.receive_token(pending, callback.as_str())
}

#[tokio::test]
async fn a_token_from_the_fragment_opens_the_resource() {
    let server = TestServer::start(Config::new());
    let client = implicit_client(&server, Profile::STRICT).await;
    let client = with_token(&client, receive(&server, &client).unwrap());
    assert!(call(&server, &client).await.unwrap().contains("alice"));
}

#[tokio::test]
async fn an_implicit_answer_is_taken_apart_by_the_profiles_rules() {
    let server = TestServer::start(Config::new());
    let strict = implicit_client(&server, Profile::STRICT).await;
    let httpig = implicit_client(&server, Profile::HTTPIG).await;
    assert!(receive(&server, &strict).is_ok());
    for (parameter, by_strict, by_httpig) in [
        (TokenParameter::Only, false, true),
        (TokenParameter::Equal, true, true),
        (TokenParameter::Different, true, false),
    ] {
        server.inject(Fault::TokenParameter(parameter).times(2));
        assert_eq!(
            receive(&server, &strict).is_ok(),
            by_strict,
            "{parameter:?}"
        );
        assert_eq!(
            receive(&server, &httpig).is_ok(),
            by_httpig,
            "{parameter:?}"
        );
    }
}

#[tokio::test]
async fn a_token_in_the_query_is_refused_and_a_refresh_token_in_the_fragment_discarded() {
    let server = TestServer::start(Config::new());
    let client = implicit_client(&server, Profile::STRICT).await;
    server.inject(Fault::TokenInQuery.once());
    let error = receive(&server, &client).unwrap_err();
    assert!(matches!(violation(&error), Violation::WrongResponseMode(_)));

    server.inject(Fault::RefreshTokenInFragment.once());
    assert_eq!(receive(&server, &client).unwrap().refresh_token, None);

    server.inject(Fault::TokenType(Value::Absent).once());
    assert_eq!(
        violation(&receive(&server, &client).unwrap_err()),
        &Violation::TokenType
    );
}
