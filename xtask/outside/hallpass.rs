//@ readme = true

// With what is on by default: the program that the README begins with.
#[cfg(feature = "default")]
include!("readme.rs");

#[cfg(not(feature = "default"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use hallpass::{ClientCredentialsCredentials, Endpoint, Scopes, ServerMetadata};

    let endpoint = Endpoint::new("https://as.example/token")?;
    let server = ServerMetadata::default().with_token_endpoint(endpoint);
    assert!(server.authorization_endpoint.is_none());
    let secret = ClientCredentialsCredentials::new().with_client_secret("my-secret");
    assert!(!format!("{secret:?}").contains("my-secret"));
    assert_eq!(Scopes::parse("read write")?.len(), 2);
    Ok(())
}
