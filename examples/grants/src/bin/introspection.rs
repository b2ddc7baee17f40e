//! The other side: an API that asks the authorization server what a token is good for (RFC 7662).

use std::error::Error;

use hallpass::{
    AccessToken, AuthorizationCodeCredentials, Client, ClientCredentials,
    ClientCredentialsCredentials, Introspection, Issuer, Provider, Scopes,
};
use hallpass_testkit::TestServer;
use http::{Request, StatusCode};

/// What the API answers a request, and whom it has let in.
async fn admit(
    api: &Client<ClientCredentials>,
    request: &Request<()>,
) -> Result<(StatusCode, Option<String>), Box<dyn Error>> {
    let header = request.headers().get("authorization");
    let token = header.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let Some(token) = token.and_then(|text| AccessToken::new(text).ok()) else {
        return Ok((StatusCode::UNAUTHORIZED, None));
    };
    Ok(match api.introspect(&token).await? {
        Introspection::Inactive => (StatusCode::UNAUTHORIZED, None),
        Introspection::Active(known) => match known.scopes {
            Some(scopes) if scopes.contains_value("read") => (StatusCode::OK, known.subject),
            _ => (StatusCode::FORBIDDEN, None),
        },
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = TestServer::start(Default::default()); // stands in for your provider
    let provider = Provider::discover("example", Issuer::new(server.issuer())?).await?;
    let api = provider.client(
        ClientCredentialsCredentials::new()
            .with_client_id("service")
            .with_client_secret("service-secret"), // yours comes from a file or the environment
    );

    let application = AuthorizationCodeCredentials::new()
        .with_client_id("native")
        .with_redirect_uri("http://127.0.0.1:4711/callback");
    for scopes in ["write", "read"] {
        let scopes = Scopes::parse(scopes)?;
        let alice = provider.client(application.clone_with(|copy| copy.with_scopes(scopes)));
        let tokens = grants::log_in(&server, &alice).await?;
        let alice = alice.with_token(tokens);
        let mut request = Request::get("https://api.example/").body(())?;
        alice.authorize(&mut request)?;
        let (status, user) = admit(&api, &request).await?;
        println!(
            "The API says {status} to a token for {}, user: {user:?}",
            alice.credentials().scopes()
        );
    }
    Ok(())
}
