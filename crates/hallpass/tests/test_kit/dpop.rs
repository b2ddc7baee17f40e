//! Tokens that are bound to a key (RFC 9449).

use hallpass::token::{Json, TokenType};
use hallpass::{
    AuthorizeError, Client, ErrorCode, ErrorKind, Recovery, SigningAlgorithm, SigningKeyName,
    Violation,
};
use hallpass_testkit::{Config, Endpoint, Fault, NamedFault, TestServer};

use crate::support::{
    active, call, code, dpop_key, http, log_in, native, oauthacg, other_key, provider, scopes,
    service, test_key, violation, with_token,
};

async fn bound(server: &TestServer) -> Client<hallpass::AuthorizationCode> {
    let credentials = native().with_dpop(dpop_key(test_key()));
    let client = provider(server).await.client(credentials);
    let tokens = log_in(server, &client).await.unwrap();
    with_token(&client, tokens)
}

/// How often something was asked.
fn asked(server: &TestServer, endpoint: Endpoint) -> usize {
    server.requests_to(endpoint).len()
}

#[tokio::test]
async fn a_bound_login_opens_the_resource_and_so_does_what_a_refresh_brings() {
    for nonces in [false, true] {
        let server = TestServer::start(Config::new().dpop_nonces(nonces));
        let provider = provider(&server).await;
        for credentials in [native(), oauthacg()] {
            let client = provider.client(credentials.with_dpop(dpop_key(test_key())));
            let tokens = log_in(&server, &client).await.unwrap();
            assert_eq!(tokens.token_type, TokenType::Dpop);
            let client = with_token(&client, tokens);
            assert!(call(&server, &client).await.unwrap().contains("alice"));
            let client = with_token(&client, client.refresh_token().await.unwrap());
            assert!(call(&server, &client).await.unwrap().contains("alice"));
        }
    }
}

#[tokio::test]
async fn a_services_bound_token_says_which_key_it_is_bound_to() {
    let server = TestServer::start(Config::new().dpop_nonces(true));
    let key = dpop_key(test_key());
    let credentials = service().with_dpop(key.clone()).with_scopes(scopes("read"));
    let client = provider(&server).await.client(credentials);
    let tokens = client.fetch_token().await.unwrap();
    let token = active(&server, &tokens).await;
    assert_eq!(token.token_type.as_deref(), Some("DPoP"));
    let cnf = token.extra.value("cnf").and_then(Json::as_object).unwrap();
    let thumbprint = cnf.value("jkt").and_then(Json::as_str);
    assert_eq!(thumbprint, Some(key.thumbprint().as_str()));
    assert!(call(&server, &with_token(&client, tokens)).await.is_ok());
}

#[tokio::test]
async fn a_pushed_login_is_bound_from_its_beginning() {
    let server = TestServer::start(Config::new().dpop_nonces(true));
    let client = provider(&server)
        .await
        .client(native().with_dpop(dpop_key(test_key())));
    let (url, pending) = client.push_authorization_request().await.unwrap();
    let callback = crate::support::consent(&server, url.as_str());
    let tokens = client
        .fetch_token(pending, callback.as_str())
        .await
        .unwrap();
    assert!(call(&server, &with_token(&client, tokens)).await.is_ok());
}

#[tokio::test]
async fn one_demand_for_a_nonce_is_answered_and_the_nonce_kept_for_the_next_call() {
    let server = TestServer::start(Config::new().dpop_nonces(true));
    let client = bound(&server).await;
    // Another key value knows no nonce yet.
    let client = client.clone_with(|own| own.with_dpop(dpop_key(test_key())));
    assert!(call(&server, &client).await.is_ok());
    assert_eq!(asked(&server, Endpoint::Resource), 2);
    assert!(call(&server, &client).await.is_ok());
    assert_eq!(asked(&server, Endpoint::Resource), 3);
}

#[tokio::test]
async fn a_demand_that_never_ends_is_answered_once() {
    let server = TestServer::start(Config::new());
    let client = bound(&server).await;
    server.inject(NamedFault::DpopNonceNeverGoodAtResource);
    let error = call(&server, &client).await.unwrap_err();
    assert_eq!(error.error.as_deref(), Some("use_dpop_nonce"));
    let proofs: Vec<_> = server
        .requests_to(Endpoint::Resource)
        .iter()
        .map(|request| request.header("dpop").unwrap().to_owned())
        .collect();
    assert_eq!(proofs.len(), 2);
    assert_ne!(proofs[0], proofs[1]);

    server.inject(NamedFault::DpopNonceNeverGood);
    let before = asked(&server, Endpoint::Token);
    let error = client.refresh_token().await.unwrap_err();
    assert_eq!(code(&error), &ErrorCode::USE_DPOP_NONCE);
    assert_eq!(error.recovery(), Recovery::Fail);
    assert_eq!(asked(&server, Endpoint::Token), before + 2);
    // The refresh token was not used up by that.
    server.heal();
    assert!(client.refresh_token().await.is_ok());
}

#[tokio::test]
async fn a_nonce_that_changes_with_each_answer_costs_nothing() {
    let server = TestServer::start(Config::new().dpop_nonces(true));
    server.inject(NamedFault::DpopNonceEachTime);
    let client = bound(&server).await;
    for _ in 0..3 {
        assert!(call(&server, &client).await.is_ok());
    }
    assert!(asked(&server, Endpoint::Resource) <= 4);
}

#[tokio::test]
async fn a_server_that_does_not_look_at_the_proof_gives_a_token_that_is_not_handed_out() {
    let server = TestServer::start(Config::new());
    server.inject(NamedFault::DpopIgnored);
    let provider = provider(&server).await;
    let client = provider.client(service().with_dpop(dpop_key(test_key())));
    let error = client.fetch_token().await.unwrap_err();
    assert_eq!(violation(&error), &Violation::Downgrade);
    assert_eq!(error.recovery(), Recovery::Fail);

    // A login's code is bound to the key already.
    let client = provider.client(native().with_dpop(dpop_key(test_key())));
    assert!(log_in(&server, &client).await.is_err());
}

#[tokio::test]
async fn a_stolen_bound_token_is_worth_nothing_as_a_bearer_token() {
    let server = TestServer::start(Config::new());
    let client = bound(&server).await;
    let stolen = client.credentials().token().unwrap().clone();
    let request = http()
        .get(server.resource_url())
        .bearer_auth(stolen.access_token.expose_secret());
    assert_eq!(request.send().await.unwrap().status(), 401);

    let request = http().get(server.resource_url());
    let refused = client.authorize_reqwest(request).unwrap_err();
    assert!(matches!(refused, AuthorizeError::NeedsProof));
}

#[tokio::test]
async fn another_key_opens_nothing_refreshes_nothing_and_a_lost_one_is_told() {
    let server = TestServer::start(Config::new());
    let client = bound(&server).await;
    let thief = client.clone_with(|own| own.with_dpop(dpop_key(other_key())));
    let error = call(&server, &thief).await.unwrap_err();
    assert_eq!(error.error.as_deref(), Some("invalid_token"));
    let error = thief.refresh_token().await.unwrap_err();
    assert_eq!(code(&error), &ErrorCode::INVALID_GRANT);
    assert_eq!(error.recovery(), Recovery::Reauthorize);

    // The signer has lost the key that is named: its public half is still known.
    let gone = SigningKeyName::new(SigningAlgorithm::Es256, "gone");
    let sent = asked(&server, Endpoint::Token);
    let jwk = serde_json::to_value(dpop_key(test_key())).unwrap();
    let mut lost = jwk.clone();
    lost["name"] = serde_json::to_value(gone).unwrap();
    let lost = serde_json::from_value(lost).unwrap();
    let client = client.clone_with(|own| own.with_dpop(lost));
    let error = client.refresh_token().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::KeyLost);
    assert_eq!(error.recovery(), Recovery::Reauthorize);
    assert_eq!(asked(&server, Endpoint::Token), sent);
    // The thief has not ended the session by trying.
    let owner = client.clone_with(|own| own.with_dpop(dpop_key(test_key())));
    assert!(owner.refresh_token().await.is_ok());
}

#[tokio::test]
async fn a_demand_for_a_nonce_from_behind_a_redirect_makes_nobody_do_the_same_twice() {
    let server = TestServer::start(Config::new());
    let elsewhere = TestServer::start(Config::new().dpop_nonces(true));
    let client = bound(&server).await;
    let location = elsewhere.resource_url();
    server.inject(
        Fault::Redirect {
            status: 303,
            location,
        }
        .at(Endpoint::Resource),
    );

    let request = http().post(server.resource_url()).body("pay");
    let response = client.send(request).await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(asked(&server, Endpoint::Resource), 1);
    let requests = elsewhere.requests_to(Endpoint::Resource);
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("authorization"), None);
}
