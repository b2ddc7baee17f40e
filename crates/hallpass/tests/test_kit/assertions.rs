//! Assertions: one says who the client is (`private_key_jwt`), another for whom it asks (RFC 7523).

use hallpass::grant::AssertionAudience;
use hallpass::{
    Assertion, AuthorizationCodeCredentials, Client, ClientCredentials,
    ClientCredentialsCredentials, ErrorCode, ErrorKind, JwtBearer, Misuse, Profile, Recovery,
    SigningAlgorithm, SigningKeyName,
};
use hallpass_testkit::{Config, Endpoint, NamedFault, TestServer};

use crate::support::{
    REDIRECT_URI, active, call, code, log_in, other_key, provider, scopes, test_key, with_token,
};

fn credentials() -> ClientCredentialsCredentials {
    ClientCredentialsCredentials::new()
        .with_client_id("jwt")
        .with_private_key(test_key())
        .with_scopes(scopes("read"))
}

async fn client(server: &TestServer) -> Client<ClientCredentials> {
    provider(server).await.client(credentials())
}

#[tokio::test]
async fn a_client_proves_itself_with_a_key_and_each_assertion_is_new() {
    let server = TestServer::start(Config::new());
    let client = client(&server).await;
    for _ in 0..2 {
        let tokens = client.fetch_token().await.unwrap();
        let client = with_token(&client, tokens);
        assert!(call(&server, &client).await.is_ok());
    }
    let sent = server.requests_to(Endpoint::Token);
    let assertion = |at: usize| sent[at].form_parameter("client_assertion").unwrap();
    assert_ne!(assertion(0), assertion(1));
    assert!(
        sent.iter()
            .all(|sent| sent.header("authorization").is_none()
                && sent.form_parameter("client_secret").is_none())
    );
}

#[cfg(feature = "openid")]
#[tokio::test]
async fn a_key_in_this_process_signs_for_any_client() {
    use hallpass::jose::PrivateJwk;
    use hallpass::token::TokenType;
    use hallpass::{DpopKey, LocalSigner};

    let key = PrivateJwk::parse(hallpass_testkit::TEST_KEY).unwrap();
    let signer = LocalSigner::new().with_key(test_key(), &key).unwrap();
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await.with_signer(signer);
    assert!(provider.client(credentials()).fetch_token().await.is_ok());
    let bound = DpopKey::new(test_key(), &key.public().to_json()).unwrap();
    let client = provider.client(credentials().with_dpop(bound));
    let tokens = client.fetch_token().await.unwrap();
    assert_eq!(tokens.token_type, TokenType::Dpop);
}

#[tokio::test]
async fn a_login_is_exchanged_and_refreshed_with_a_key() {
    let server = TestServer::start(Config::new());
    let client = provider(&server).await.client(
        AuthorizationCodeCredentials::new()
            .with_client_id("jwt")
            .with_private_key(test_key())
            .with_redirect_uri(REDIRECT_URI)
            .with_scopes(scopes("read")),
    );
    let client = with_token(&client, log_in(&server, &client).await.unwrap());
    let client = with_token(&client, client.refresh_token().await.unwrap());
    assert!(call(&server, &client).await.unwrap().contains("alice"));
    client.revoke_token().await.unwrap();
    assert!(call(&server, &client).await.unwrap_err().is_unauthorized());
}

#[tokio::test]
async fn a_key_that_is_not_the_clients_is_refused_and_one_that_nobody_has_sends_nothing() {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await;
    let wrong = provider.client(credentials().with_private_key(other_key()));
    let error = wrong.fetch_token().await.unwrap_err();
    assert_eq!(code(&error), &ErrorCode::INVALID_CLIENT);
    assert_eq!(error.recovery(), Recovery::Fix);

    let sent = server.requests_to(Endpoint::Token).len();
    let nobodys = SigningKeyName::new(SigningAlgorithm::Es256, "nobody's");
    let error = provider
        .client(credentials().with_private_key(nobodys))
        .fetch_token()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Misuse(Misuse::UnknownSigningKey));
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("nobody's"), "{cause}");
    assert_eq!(server.requests_to(Endpoint::Token).len(), sent);
}

#[tokio::test]
async fn a_server_that_wants_its_token_endpoint_named_needs_a_profile_and_one_that_wants_itself_none()
 {
    let server = TestServer::start(Config::new());
    let strict = provider(&server).await;
    let mut profile = Profile::STRICT;
    profile.assertion_audience = AssertionAudience::TokenEndpoint;
    let profiled = strict.clone().with_profile(profile);
    for (fault, by_strict, by_profiled) in [
        (NamedFault::AssertionAudienceIssuer, true, false),
        (NamedFault::AssertionAudienceTokenEndpoint, false, true),
        (NamedFault::AssertionAudienceNoList, true, true),
    ] {
        server.heal();
        server.inject(fault);
        for (provider, succeeds) in [(&strict, by_strict), (&profiled, by_profiled)] {
            let outcome = provider.client(credentials()).fetch_token().await;
            assert_eq!(outcome.is_ok(), succeeds, "{}", fault.name());
            if let Err(error) = outcome {
                assert_eq!(error.recovery(), Recovery::Fix);
                let shown = error.to_string();
                assert!(shown.contains("`assertion_audience`"), "{shown}");
            }
        }
    }
}

#[tokio::test]
async fn an_assertion_of_its_own_gets_a_service_a_users_token() {
    let server = TestServer::start(Config::new());
    let client = client(&server).await;
    let assertion = Assertion::new(test_key(), "jwt").with_subject("alice");
    for _ in 0..2 {
        let tokens = client
            .fetch_token_by_assertion(assertion.clone())
            .await
            .unwrap();
        assert!(tokens.refresh_token.is_none());
        let token = active(&server, &tokens).await;
        assert_eq!(token.username.as_deref(), Some("alice"));
        assert_eq!(token.scopes, Some(scopes("read")));
    }
    // A client that has nothing else to prove itself with is known by its assertion.
    let bare = ClientCredentialsCredentials::new().with_client_id("jwt");
    let bare = provider(&server).await.client(bare);
    assert!(bare.fetch_token_by_assertion(assertion).await.is_ok());
}

#[tokio::test]
async fn an_assertion_that_was_given_is_good_once() {
    let server = TestServer::start(Config::new());
    let client = client(&server).await;
    let own = Assertion::new(test_key(), "jwt").with_subject("bob");
    client.fetch_token_by_assertion(own).await.unwrap();
    // Somebody else signed it: here it is one that was seen on its way.
    let sent = server.requests_to(Endpoint::Token);
    let used = sent[0].form_parameter("assertion").unwrap();
    let given = JwtBearer::Given(used.into());
    let error = client.fetch_token_by_assertion(given).await.unwrap_err();
    assert_eq!(code(&error), &ErrorCode::INVALID_GRANT);
    assert_eq!(error.recovery(), Recovery::Reauthorize);
}

#[tokio::test]
async fn an_assertion_about_nobody_is_invalid_grant() {
    let server = TestServer::start(Config::new());
    let client = client(&server).await;
    let assertion = Assertion::new(test_key(), "jwt").with_subject("nobody");
    let error = client
        .fetch_token_by_assertion(assertion)
        .await
        .unwrap_err();
    assert_eq!(code(&error), &ErrorCode::INVALID_GRANT);
}
