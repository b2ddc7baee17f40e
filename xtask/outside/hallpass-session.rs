//@ hallpass-grant = "ours"
//@ hallpass-http = "ours"
//@ hallpass-store = "ours"
use std::sync::Arc;

use hallpass_grant::token::Scopes;
use hallpass_grant::{Client, ClientAuthentication, Endpoint, Request, Response, ServerMetadata};
use hallpass_http::TransportError;
use hallpass_http::blocking::Transport;
use hallpass_session::Key;
use hallpass_session::blocking::{Driver, Session};
use hallpass_store::MemoryStore;

/// It gives one token, and no other.
struct Answers;

impl Transport for Answers {
    fn send(&self, _: Request) -> Result<Response, TransportError> {
        let tokens = br#"{"access_token":"2YotnFZFEjr1","token_type":"bearer","expires_in":3600}"#;
        Ok(Response::new(200)
            .with_header("content-type", "application/json")
            .with_body(tokens.to_vec()))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = ServerMetadata::default()
        .with_token_endpoint(Endpoint::new("https://as.example/token")?);
    let client = Client::new(server, "reports")?
        .with_authentication(ClientAuthentication::Basic("my-secret".into()));
    let (store, key) = (Arc::new(MemoryStore::new()), Key::new("reports"));
    let scopes = Scopes::parse("read")?;
    let session = Session::client_credentials(store, key, client, scopes, Driver::new(Answers));
    let tokens = session.tokens()?;
    assert_eq!(tokens.access_token.expose_secret(), "2YotnFZFEjr1");
    Ok(())
}
