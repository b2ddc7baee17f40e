//! A token for another (RFC 8693).

use hallpass::{
    ErrorCode, ExchangedToken, IssuedToken, Recovery, TokenExchange, TokenSet, TokenTypeUri,
};
use hallpass_testkit::{Config, TestServer};

use crate::support::{
    active, call, code, log_in, native, provider, scopes, service_client, with_token,
};

/// What somebody who calls this service has come with.
async fn incoming(server: &TestServer) -> TokenSet {
    let client = provider(server).await.client(native());
    log_in(server, &client).await.unwrap()
}

fn exchange(tokens: &TokenSet) -> TokenExchange {
    let token = tokens.access_token.expose_secret();
    TokenExchange::new(TokenTypeUri::ACCESS_TOKEN, token)
}

#[tokio::test]
async fn a_users_token_becomes_one_for_the_service_behind() {
    let server = TestServer::start(Config::new());
    let tokens = incoming(&server).await;
    let client = service_client(&server).await;
    let exchange = exchange(&tokens)
        .with_scopes(scopes("read"))
        .with_audience("billing")
        .with_resource("https://billing.example/")
        .unwrap();
    let exchanged = client.exchange_token(&exchange).await.unwrap();
    let ExchangedToken::AccessToken(exchanged) = exchanged else {
        panic!("{exchanged:?}");
    };
    assert_ne!(exchanged.access_token, tokens.access_token);
    let token = active(&server, &exchanged).await;
    assert_eq!(token.username.as_deref(), Some("alice"));
    assert_eq!(token.client_id.as_deref(), Some("service"));
    assert_eq!(token.scopes, Some(scopes("read")));
    let mut audiences = token.audiences;
    audiences.sort();
    assert_eq!(audiences, ["billing", "https://billing.example/"]);
    let client = with_token(&client, exchanged);
    assert!(call(&server, &client).await.unwrap().contains("alice"));
}

#[tokio::test]
async fn a_token_that_is_no_access_token_is_never_one_to_put_on_a_request() {
    let server = TestServer::start(Config::new());
    let tokens = incoming(&server).await;
    let client = service_client(&server).await;
    for wanted in [TokenTypeUri::JWT, TokenTypeUri::REFRESH_TOKEN] {
        let exchange = exchange(&tokens).with_requested_type(wanted.clone());
        let exchanged = client.exchange_token(&exchange).await.unwrap();
        let ExchangedToken::Other {
            issued_token_type,
            token,
            expires_at,
        } = exchanged
        else {
            panic!("{exchanged:?}");
        };
        assert_eq!(issued_token_type, wanted);
        assert!(expires_at.is_some());
        // It can be exchanged again for one that is.
        let again = TokenExchange::new(wanted, token);
        let exchanged = client.exchange_token(&again).await.unwrap();
        assert!(matches!(exchanged, ExchangedToken::AccessToken(_)));
    }
}

#[tokio::test]
async fn who_acts_for_whom_is_told_to_the_api() {
    let server = TestServer::start(Config::new());
    let tokens = incoming(&server).await;
    let client = service_client(&server).await;
    let own = client.fetch_token().await.unwrap();
    let exchange =
        exchange(&tokens).with_actor(TokenTypeUri::ACCESS_TOKEN, own.access_token.expose_secret());
    let ExchangedToken::AccessToken(exchanged) = client.exchange_token(&exchange).await.unwrap()
    else {
        panic!("an access token is what comes where nothing else was asked for");
    };
    let token = active(&server, &exchanged).await;
    assert_eq!(token.username.as_deref(), Some("alice"));
    let actor = token.extra.value("act").and_then(|act| act.as_object());
    let actor = actor.and_then(|act| act.value("sub")?.as_str());
    assert_eq!(actor, Some("service"));
}

#[tokio::test]
async fn a_token_that_is_gone_is_not_exchanged() {
    let server = TestServer::start(Config::new());
    let tokens = incoming(&server).await;
    let client = service_client(&server).await;
    server.with(|server| server.revoke_everything());
    let error = client.exchange_token(&exchange(&tokens)).await.unwrap_err();
    assert_eq!(code(&error), &ErrorCode::INVALID_REQUEST);
    assert_eq!(error.recovery(), Recovery::Fix);
    let gone = IssuedToken::Access(&tokens.access_token);
    let told = client.introspect(gone).await.unwrap();
    assert_eq!(told, hallpass::Introspection::Inactive);
}
