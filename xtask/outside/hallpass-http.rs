use std::sync::Mutex;

use hallpass_http::blocking::{SystemClock, Transport, drive};
use hallpass_http::grant::{Discovery, Issuer, Request, Response};
use hallpass_http::{NoSigner, TransportError};

/// A transport of one's own: it answers itself.
#[derive(Default)]
struct Answers(Mutex<Vec<String>>);

impl Transport for Answers {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.0.lock().unwrap().push(request.endpoint().as_str().to_owned());
        let metadata = br#"{"issuer":"https://as.example","token_endpoint":"https://as.example/token",
            "response_types_supported":["code"]}"#;
        Ok(Response::new(200)
            .with_header("content-type", "application/json")
            .with_body(metadata.to_vec()))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let transport = Answers::default();
    let mut discovery = Discovery::new(Issuer::new("https://as.example")?);
    let server = drive(&mut discovery, &transport, &NoSigner, &SystemClock)?;
    assert_eq!(server.token_endpoint.unwrap().as_str(), "https://as.example/token");
    assert_eq!(transport.0.lock().unwrap().len(), 1);
    #[cfg(feature = "default")]
    drop(hallpass_http::Driver::tokio()?);
    Ok(())
}
