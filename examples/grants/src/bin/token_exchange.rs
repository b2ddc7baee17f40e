//! A service that was called with a user's token, and calls another service for her (RFC 8693). It does not pass her token on: it
//! exchanges it for one that is good at the other service alone.

use std::error::Error;

use hallpass::{
    ApiError, AuthorizationCodeCredentials, ClientCredentialsCredentials, ExchangedToken, Issuer,
    Provider, Scopes, TokenExchange, TokenTypeUri,
};
use hallpass_testkit::TestServer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = TestServer::start(Default::default()); // stands in for your provider
    let provider = Provider::discover("example", Issuer::new(server.issuer())?).await?;

    // Alice's application calls this service with her token.
    let application = provider.client(
        AuthorizationCodeCredentials::new()
            .with_client_id("native")
            .with_redirect_uri("http://127.0.0.1:4711/callback")
            .with_scopes(Scopes::parse("read write")?),
    );
    let incoming = grants::log_in(&server, &application).await?.access_token;

    let service = provider.client(
        ClientCredentialsCredentials::new()
            .with_client_id("service")
            .with_client_secret("service-secret"), // yours comes from a file or the environment
    );
    let exchange = TokenExchange::new(TokenTypeUri::ACCESS_TOKEN, incoming.expose_secret())
        .with_audience("billing")
        .with_scopes(Scopes::parse("read")?);
    let ExchangedToken::AccessToken(tokens) = service.exchange_token(&exchange).await? else {
        return Err("the server gave something that is not for requests".into());
    };
    println!("Alice's token for reading and writing became one for reading at billing: {tokens:?}");

    let service = service.with_token(tokens);
    let request = grants::http_client()?.get(server.resource_url());
    let response = service.send(request).await?;
    let response = ApiError::check_response(response)?;
    println!(
        "The API says {}: {}",
        response.status(),
        response.text().await?
    );
    Ok(())
}
