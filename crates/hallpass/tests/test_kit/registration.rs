//! Clients that register themselves (RFC 7591), and manage that (RFC 7592).

use hallpass::{
    AccessToken, AuthorizationCodeCredentials, ClientCredentialsCredentials, ClientMetadata,
    ErrorCode, ErrorKind, MacAlgorithm, MacKey, Misuse, Provider, Recovery, RegisteredClient,
    Violation, grant::ClientAuthentication,
};
use hallpass_testkit::{Config, Endpoint, Fault, NamedFault, TestServer};

use crate::support::{call, code, log_in, provider, scopes, with_token};

const REDIRECT_URI: &str = "https://new.example/callback";

fn web() -> ClientMetadata {
    ClientMetadata::new()
        .with_name("A new client")
        .with_redirect_uri(REDIRECT_URI)
        .with_grant_type("authorization_code")
        .with_grant_type("refresh_token")
        .with_scopes(scopes("read"))
}

async fn read(
    provider: &Provider,
    client: &RegisteredClient,
) -> Result<RegisteredClient, hallpass::ProviderError> {
    provider.drive(&mut client.read()?).await
}

#[tokio::test]
async fn a_client_registers_logs_in_changes_its_name_and_goes() {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await;
    let first = provider.register(&web(), None).await.unwrap();
    let client = provider.client(
        AuthorizationCodeCredentials::new()
            .with_client_id(&first.client_id)
            .with_client_secret(first.client_secret.clone().unwrap())
            .with_redirect_uri(REDIRECT_URI)
            .with_scopes(scopes("read")),
    );
    let client = with_token(&client, log_in(&server, &client).await.unwrap());
    assert!(call(&server, &client).await.unwrap().contains("alice"));

    // Stored and read again: it still manages itself.
    let stored = serde_json::to_string(&first).unwrap();
    let first: RegisteredClient = serde_json::from_str(&stored).unwrap();
    let renamed = web().with_name("Another name");
    let mut update = first.update(&renamed).unwrap();
    let second = provider.drive(&mut update).await.unwrap();
    assert_eq!(second.metadata.client_name.as_deref(), Some("Another name"));
    assert_ne!(
        second.registration_access_token,
        first.registration_access_token
    );
    let error = read(&provider, &first).await.unwrap_err();
    assert_eq!(error.refused().unwrap().status(), Some(401));
    assert_eq!(read(&provider, &second).await.unwrap(), second);

    provider.drive(&mut second.delete().unwrap()).await.unwrap();
    assert!(read(&provider, &second).await.is_err());
    assert!(call(&server, &client).await.unwrap_err().is_unauthorized());
    let error = client.refresh_token().await.unwrap_err();
    assert_eq!(code(&error), &ErrorCode::INVALID_CLIENT);
}

#[tokio::test]
async fn a_client_is_held_to_the_one_way_to_prove_itself_that_it_named() {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await;
    let service = |method: &str| {
        ClientMetadata::new()
            .with_grant_type("client_credentials")
            .with_authentication_method(method)
            .with_scopes(scopes("read"))
    };
    for (method, works) in [
        ("client_secret_basic", [true, false, false]),
        ("client_secret_post", [false, true, false]),
        ("client_secret_jwt", [false, false, true]),
    ] {
        let registered = provider.register(&service(method), None).await.unwrap();
        let secret = registered.client_secret.clone().unwrap();
        let credentials = ClientCredentialsCredentials::new().with_client_id(&registered.client_id);
        let basic = credentials.clone().with_client_secret(secret.clone());
        let body = credentials
            .clone()
            .with_client_secret_in_body(secret.clone());
        let key = MacKey::new(MacAlgorithm::Hs256, secret.clone()).unwrap();
        let signing = credentials.with_signing_secret(key);
        assert_eq!(signing.client_secret(), Some(&secret));
        let own = ClientCredentialsCredentials::of_registered(&registered, None).unwrap();
        assert!(provider.client(own).fetch_token().await.is_ok(), "{method}");
        for (credentials, succeeds) in [basic, body, signing].into_iter().zip(works) {
            let outcome = provider.client(credentials).fetch_token().await;
            assert_eq!(outcome.is_ok(), succeeds, "{method}: {outcome:?}");
            if let Err(error) = outcome {
                assert_eq!(error.recovery(), Recovery::Fix, "{method}: {error:?}");
            }
        }
    }
}

#[tokio::test]
async fn where_not_everybody_may_register_the_initial_access_token_entitles_to_it() {
    let server = TestServer::start(Config::new().initial_access_token("canary-initial"));
    let provider = provider(&server).await;
    let wrong = AccessToken::new("wrong").unwrap();
    for token in [None, Some(&wrong)] {
        let error = provider.register(&web(), token).await.unwrap_err();
        assert_eq!(error.refused().unwrap().status(), Some(401));
    }
    let initial = AccessToken::new("canary-initial").unwrap();
    assert!(provider.register(&web(), Some(&initial)).await.is_ok());
}

#[tokio::test]
async fn what_no_client_may_be_is_refused_by_its_own_name() {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await;
    let no_uri = ClientMetadata::new().with_grant_type("authorization_code");
    let bad_uri = web().with_redirect_uri("https://new.example/#fragment");
    for metadata in [no_uri, bad_uri] {
        let error = provider.register(&metadata, None).await.unwrap_err();
        let expected = [
            ErrorCode::INVALID_REDIRECT_URI,
            ErrorCode::INVALID_CLIENT_METADATA,
        ];
        assert!(expected.contains(code(&error)), "{error:?}");
        assert_eq!(error.recovery(), Recovery::Fix);
    }
}

#[tokio::test]
async fn what_servers_write_otherwise_in_a_registration_changes_nothing() {
    let clean = TestServer::start(Config::new());
    let expected = provider(&clean).await.register(&web(), None).await;
    let expected = expected.unwrap();
    for fault in [
        NamedFault::RegistrationOk,
        NamedFault::RegistrationNulls,
        NamedFault::RegistrationTexts,
    ] {
        let server = TestServer::start(Config::new());
        server.inject(fault);
        let provider = provider(&server).await;
        let registered = provider.register(&web(), None).await.unwrap();
        assert_eq!(registered.client_secret_expires_at, None);
        assert!(registered.client_secret.is_some());
        assert_eq!(
            registered.metadata.redirect_uris,
            expected.metadata.redirect_uris,
            "{}",
            fault.name()
        );
        let mut update = registered.update(&registered.metadata).unwrap();
        assert!(
            provider.drive(&mut update).await.is_ok(),
            "{}",
            fault.name()
        );
    }
}

#[tokio::test]
async fn a_lost_answer_is_a_second_client_at_worst_and_a_lost_change_is_in_doubt() {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await;
    let lost = || Fault::LoseAnswer.at(Endpoint::Registration).once();
    server.inject(lost());
    let error = provider.register(&web(), None).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Transport);

    let registered = provider.register(&web(), None).await.unwrap();
    server.inject(lost());
    let mut update = registered.update(&web()).unwrap();
    let error = provider.drive(&mut update).await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::InDoubt);
    assert!(read(&provider, &registered).await.is_err());
}

#[tokio::test]
async fn what_a_registration_lacks_is_named_when_it_is_needed() {
    let registered = async |fault: NamedFault| {
        let server = TestServer::start(Config::new());
        server.inject(fault);
        provider(&server).await.register(&web(), None).await
    };
    let nobody = registered(NamedFault::RegistrationNoClientId).await;
    let kind = nobody.unwrap_err().kind().clone();
    assert!(
        matches!(kind, ErrorKind::Violation(Violation::Malformed(_))),
        "{kind:?}"
    );

    let without = registered(NamedFault::RegistrationNoSecret).await.unwrap();
    let missing = AuthorizationCodeCredentials::of_registered(&without, None).unwrap_err();
    assert_eq!(
        *missing.kind(),
        ErrorKind::Misuse(Misuse::Missing("client secret"))
    );

    // What the server has made of it is what the client goes by, and can be looked at.
    let by_post = registered(NamedFault::RegistrationOtherMethod)
        .await
        .unwrap();
    let authentication = by_post.authentication(None).unwrap();
    assert!(matches!(authentication, ClientAuthentication::Post(_)));
    let elsewhere = registered(NamedFault::RegistrationOtherRedirectUris).await;
    let elsewhere = elsewhere.unwrap().metadata.redirect_uris;
    assert_eq!(elsewhere, ["https://evil.example/callback"]);
}

#[cfg(feature = "openid")]
#[tokio::test]
async fn a_client_that_is_registered_for_unsigned_id_tokens_is_none() {
    use hallpass::openid::RelyingPartyMetadata;

    let server = TestServer::start(Config::new());
    server.inject(NamedFault::RegistrationOtherAlgorithm);
    let registered = provider(&server)
        .await
        .register(&web(), None)
        .await
        .unwrap();
    let openid = RelyingPartyMetadata::of(&registered.metadata).unwrap();
    assert!(openid.id_token_algorithm().is_err());
}
