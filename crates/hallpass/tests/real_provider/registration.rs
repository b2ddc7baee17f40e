//! Clients that register themselves (RFC 7591), and manage that (RFC 7592).

use hallpass::token::Json;
use hallpass::{
    AccessToken, ClientCredentialsCredentials, ClientMetadata, Issuer, Provider, ProviderError,
    Scopes,
};

use crate::user_agent::Answer;
use crate::{REDIRECT_URI, credentials, log_in, provider, variable};

fn web() -> ClientMetadata {
    ClientMetadata::new()
        .with_name("A new client")
        .with_redirect_uri(REDIRECT_URI)
        .with_grant_type("authorization_code")
        .with_grant_type("refresh_token")
}

fn is_unauthorized(error: &ProviderError) -> bool {
    error.refused().unwrap().status() == Some(401)
}

#[tokio::test]
async fn a_client_registers_itself_logs_in_changes_its_name_and_goes() {
    let provider = provider().await;
    let first = provider.register(&web(), None).await.unwrap();
    let secret = first.client_secret.clone().unwrap();
    let client = provider.client(credentials(&first.client_id).with_client_secret(secret));
    assert!(log_in(&client, Answer::Allow).await.is_ok());

    let renamed = web().with_name("Another name");
    let second = provider
        .drive(&mut first.update(&renamed).unwrap())
        .await
        .unwrap();
    assert_eq!(second.metadata.client_name.as_deref(), Some("Another name"));
    // The change gave it a new registration access token; the old one is dead.
    let error = provider
        .drive(&mut first.read().unwrap())
        .await
        .unwrap_err();
    assert!(is_unauthorized(&error));
    let read = provider.drive(&mut second.read().unwrap()).await.unwrap();
    assert_eq!(read, second);

    provider.drive(&mut second.delete().unwrap()).await.unwrap();
    let error = provider
        .drive(&mut second.read().unwrap())
        .await
        .unwrap_err();
    assert!(is_unauthorized(&error));
}

#[tokio::test]
async fn what_the_server_made_of_a_registration_can_be_sent_back_to_it() {
    let provider = provider().await;
    let first = provider.register(&web(), None).await.unwrap();
    let same = provider
        .drive(&mut first.update(&first.metadata).unwrap())
        .await
        .unwrap();
    assert_eq!(same.metadata, first.metadata);
}

#[tokio::test]
async fn a_service_registers_itself_and_gets_a_token() {
    let provider = provider().await;
    let metadata = ClientMetadata::new()
        .with_grant_type("client_credentials")
        .with_member("response_types", Json::Array(Vec::new()))
        .with_scopes(Scopes::parse("api:read").unwrap());
    let registered = provider.register(&metadata, None).await.unwrap();
    let client = provider.client(
        ClientCredentialsCredentials::new()
            .with_client_id(registered.client_id)
            .with_client_secret(registered.client_secret.unwrap()),
    );
    assert!(client.fetch_token().await.is_ok());
}

#[tokio::test]
async fn where_not_everybody_may_register_the_initial_access_token_entitles_to_it() {
    let issuer = Issuer::new(variable("HALLPASS_PROVIDER") + "/guarded").unwrap();
    let provider = Provider::discover("guarded", issuer).await.unwrap();
    assert!(is_unauthorized(
        &provider.register(&web(), None).await.unwrap_err()
    ));
    let initial = AccessToken::new("hallpass-initial-access-token").unwrap();
    assert!(provider.register(&web(), Some(&initial)).await.is_ok());
}
