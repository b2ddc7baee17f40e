//! Tokens that are given back (RFC 7009).

use hallpass::{Client, ClientCredentials, ErrorKind, Introspection, Misuse, Recovery, TokenSet};
use hallpass_testkit::{Config, Endpoint, Fault, NamedFault, TestServer};

use crate::support::{call, code_client, introspect, log_in, service_client, with_token};

async fn service_with_token(server: &TestServer) -> (Client<ClientCredentials>, TokenSet) {
    let client = service_client(server).await;
    let tokens = client.fetch_token().await.unwrap();
    (with_token(&client, tokens.clone()), tokens)
}

#[tokio::test]
async fn a_login_that_is_given_back_opens_nothing_and_cannot_be_refreshed() {
    let server = TestServer::start(Config::new());
    let client = code_client(&server).await;
    let client = with_token(&client, log_in(&server, &client).await.unwrap());
    assert!(call(&server, &client).await.is_ok());
    client.revoke_token().await.unwrap();
    assert!(call(&server, &client).await.unwrap_err().is_unauthorized());
    let error = client.refresh_token().await.unwrap_err();
    assert_eq!(error.recovery(), Recovery::Reauthorize);
    // RFC 7009 §2.2: that it is gone already is no error.
    client.revoke_token().await.unwrap();
}

#[tokio::test]
async fn a_services_token_is_given_back_as_what_it_is() {
    let server = TestServer::start(Config::new());
    let (client, tokens) = service_with_token(&server).await;
    client.revoke_token().await.unwrap();
    assert_eq!(introspect(&server, &tokens).await, Introspection::Inactive);
    let sent = server.requests_to(Endpoint::Revocation);
    let hint = sent[0].form_parameter("token_type_hint");
    assert_eq!(hint.as_deref(), Some("access_token"));
}

#[tokio::test]
async fn without_a_token_there_is_nothing_to_give_back() {
    let server = TestServer::start(Config::new());
    let error = service_client(&server).await.revoke_token().await;
    assert_eq!(
        error.unwrap_err().kind(),
        &ErrorKind::Misuse(Misuse::Missing("token"))
    );
    assert!(server.requests_to(Endpoint::Revocation).is_empty());
}

#[tokio::test]
async fn a_good_answer_of_any_form_is_a_token_that_is_gone() {
    for fault in [
        NamedFault::RevocationEmptyObject,
        NamedFault::RevocationAtToken,
    ] {
        let server = TestServer::start(Config::new());
        server.inject(fault);
        let (client, tokens) = service_with_token(&server).await;
        client.revoke_token().await.unwrap();
        let told = introspect(&server, &tokens).await;
        assert_eq!(told, Introspection::Inactive, "{}", fault.name());
    }
}

#[tokio::test]
async fn a_token_that_the_server_refuses_as_invalid_is_gone_and_an_error_in_a_success_is_one() {
    let server = TestServer::start(Config::new());
    let (client, _) = service_with_token(&server).await;
    server.inject(NamedFault::RevocationError200);
    let error = client.revoke_token().await.unwrap_err();
    assert_eq!(error.refused().unwrap().code().unwrap(), "invalid_token");

    server.heal();
    for (status, is_gone) in [(400, true), (401, false), (503, false)] {
        let body = hallpass_testkit::Body::Error("invalid_token".to_owned());
        server.inject(Fault::Body { status, body }.at(Endpoint::Revocation).once());
        assert_eq!(client.revoke_token().await.is_ok(), is_gone, "{status}");
    }
}

#[tokio::test]
async fn a_revocation_that_may_not_have_happened_is_told_and_can_be_made_again() {
    let server = TestServer::start(Config::new());
    let (client, tokens) = service_with_token(&server).await;
    let at = Endpoint::Revocation;
    for injection in [
        Fault::CloseBeforeAnswer.at(at),
        Fault::LoseAnswer.at(at),
        Fault::TooManyRequests { retry_after: 1 }.at(at),
        Fault::Body {
            status: 503,
            body: hallpass_testkit::Body::Html,
        }
        .at(at),
    ] {
        server.inject(injection.clone().once());
        let error = client.revoke_token().await.unwrap_err();
        assert!(
            matches!(error.recovery(), Recovery::Retry { .. }),
            "{injection:?}: {error:?}"
        );
    }
    client.revoke_token().await.unwrap();
    assert_eq!(introspect(&server, &tokens).await, Introspection::Inactive);
}
