//! One call, several schemes: what is used, what is passed over, and what comes after a 401.

use std::error::Error;
use std::sync::Arc;

use hallpass::reqwest::{self, StatusCode, redirect::Policy};
use hallpass::store::MemoryStore;
use hallpass::{
    AuthorizationCodeCredentials, AuthorizedClient, ClientCredentialsCredentials, Endpoint, Key,
    Origin, Provider, Requirement, Scheme, Schemes, Scopes, Security, SecurityError,
    ServerMetadata,
};
use hallpass_testkit::TestServer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    for line in story().await? {
        println!("{line}");
    }
    Ok(())
}

/// Calls until the resource accepts an alternative, or there is none left.
async fn call(
    http: &reqwest::Client,
    url: &str,
    security: &Security,
    told: &mut Vec<String>,
) -> Result<StatusCode, Box<dyn Error>> {
    let mut left = security.alternatives();
    loop {
        let (request, applied) = left.authorize_reqwest(http.get(url)).await?;
        let response = request.send().await?;
        let status = response.status();
        told.push(format!("{}: {status}", applied.schemes().join(" with ")));
        let passed_over = applied.passed_over().iter();
        told.extend(passed_over.map(|cause| format!("passed over: {cause}")));
        match applied.answered(status, response.headers()) {
            Some(next) => left = next,
            None => return Ok(status),
        }
    }
}

async fn story() -> Result<Vec<String>, Box<dyn Error>> {
    // `reqwest` leaves the choice of a crypto provider to the application. This one takes ring, as hallpass does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = TestServer::start(Default::default());
    let api = Origin::new(server.base_url())?;
    let schemes = schemes(&server, &api).await?;
    // A redirect would carry the header `X-Tenant` to wherever it points.
    let http = reqwest::Client::builder()
        .redirect(Policy::none())
        .build()?;
    let mut told = Vec::new();

    let security = schemes.require(Requirement::any([
        "OAuthACG".into(),
        "staleToken".into(),
        Requirement::all(["OAuthCCG", "tenant"]),
    ]))?;
    told.push(format!("needed: {}", security.requirement()));
    call(&http, &server.resource_url(), &security, &mut told).await?;

    let elsewhere = http.get("https://api.example.com/resource");
    if let Err(error @ SecurityError::OtherOrigin { .. }) =
        security.authorize_reqwest(elsewhere).await
    {
        told.push(format!("not sent: {error}"));
    }
    if let Err(error) = schemes.require(Requirement::all(["OAuthCCG", "staleToken"])) {
        told.push(format!("not possible: {error}"));
    }

    // The same without a loop of one's own.
    let client = AuthorizedClient::new(security)
        .build(reqwest::Client::builder())?
        .build();
    let response = client.get(server.resource_url()).send().await?;
    told.push(format!("by itself: {}", response.status()));
    Ok(told)
}

async fn schemes(server: &TestServer, api: &Origin) -> Result<Schemes, Box<dyn Error>> {
    let metadata = ServerMetadata::default()
        .with_authorization_endpoint(Endpoint::new(server.authorization_endpoint())?)
        .with_token_endpoint(Endpoint::new(server.token_endpoint())?);
    let provider = Provider::new("testkit", metadata)?;
    // A user who has not logged in yet.
    let user = provider.client(AuthorizationCodeCredentials::new().with_client_id("native"));
    // The program itself.
    let service = provider.client(
        ClientCredentialsCredentials::new()
            .with_client_id("service")
            .with_client_secret("service-secret")
            .with_scopes(Scopes::parse("read")?),
    );
    let service = service.session(Arc::new(MemoryStore::new()), Key::new("service"))?;
    Ok(Schemes::new([
        Scheme::oauth("OAuthACG", api, user)?,
        Scheme::bearer("staleToken", api, "from-a-forgotten-configuration")?,
        Scheme::oauth("OAuthCCG", api, service)?,
        Scheme::header_key("tenant", api, "X-Tenant", "acme")?,
    ])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_story_goes_as_the_readme_tells_it() {
        let told = story().await.unwrap();
        let begin = [
            "needed: OAuthACG or staleToken or (OAuthCCG and tenant)",
            "staleToken: 401 Unauthorized",
            "passed over: [OAuthACG: OAuthToken is undefined or expired.]",
            "OAuthCCG with tenant: 200 OK",
            "passed over: [OAuthACG: OAuthToken is undefined or expired.]",
        ];
        assert_eq!(told[..5], begin);
        assert!(
            told[5].starts_with("not sent: the scheme OAuthACG is not for https://api.example.com")
        );
        assert!(told[6].starts_with("not possible: OAuthCCG and staleToken"));
        assert_eq!(told[7..], ["by itself: 200 OK"]);
    }
}
