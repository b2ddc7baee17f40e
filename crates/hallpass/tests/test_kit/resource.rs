//! Tokens for the resources and audiences that were named (RFC 8707).

use hallpass::{ErrorCode, ErrorKind, Misuse};
use hallpass_testkit::{Config, Endpoint, TestServer};

use crate::support::{active, code, log_in, native, provider, service, service_client};

const FILES: &str = "https://files.example/";

#[tokio::test]
async fn a_services_token_is_for_every_resource_and_audience_that_it_named() {
    let server = TestServer::start(Config::new());
    let credentials = service()
        .with_resource(FILES)
        .with_resource("https://pets.example/?v=1")
        .with_audience("billing");
    let client = provider(&server).await.client(credentials);
    let tokens = client.fetch_token().await.unwrap();
    let mut audiences = active(&server, &tokens).await.audiences;
    audiences.sort();
    assert_eq!(audiences, ["billing", FILES, "https://pets.example/?v=1"]);
}

#[tokio::test]
async fn a_login_is_for_the_resource_that_was_named_and_so_is_what_a_refresh_brings() {
    let server = TestServer::start(Config::new());
    let client = provider(&server)
        .await
        .client(native().with_resource(FILES));
    let tokens = log_in(&server, &client).await.unwrap();
    assert_eq!(active(&server, &tokens).await.audiences, [FILES]);
    let client = client.clone_with(|own| own.with_token(tokens));
    let tokens = client.refresh_token().await.unwrap();
    assert_eq!(active(&server, &tokens).await.audiences, [FILES]);
}

#[tokio::test]
async fn a_token_without_a_resource_names_none() {
    let server = TestServer::start(Config::new());
    let tokens = service_client(&server).await.fetch_token().await.unwrap();
    assert!(active(&server, &tokens).await.audiences.is_empty());
}

#[tokio::test]
async fn a_resource_that_the_server_does_not_know_is_invalid_target() {
    let server = TestServer::start(Config::new().resource(FILES));
    let provider = provider(&server).await;
    let known = provider.client(service().with_resource(FILES));
    assert!(known.fetch_token().await.is_ok());
    let unknown = provider.client(service().with_resource("https://other.example/"));
    let error = unknown.fetch_token().await.unwrap_err();
    assert_eq!(code(&error), &ErrorCode::INVALID_TARGET);

    let login = provider.client(native().with_resource("https://other.example/"));
    let error = log_in(&server, &login).await.unwrap_err();
    assert_eq!(code(&error), &ErrorCode::INVALID_TARGET);
}

#[tokio::test]
async fn what_is_no_resource_is_told_before_anything_is_sent() {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await;
    for resource in ["files", "https://files.example/#part", ""] {
        let client = provider.client(service().with_resource(resource));
        let error = client.fetch_token().await.unwrap_err();
        let ErrorKind::Misuse(Misuse::Invalid { field, .. }) = error.kind() else {
            panic!("{error:?}");
        };
        assert_eq!(*field, "resource");
    }
    assert!(server.requests_to(Endpoint::Token).is_empty());
}
