//! A transport that prints what goes through it.

use async_trait::async_trait;
use hallpass::grant::{Request, Response};
use hallpass_http::{ReqwestTransport, Transport, TransportError};

use crate::masked;

/// Sends through reqwest, and tells what it sends and what comes back.
pub struct Narrator(pub ReqwestTransport);

#[async_trait]
impl Transport for Narrator {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        println!(
            "    → {} {}",
            request.method().as_str(),
            request.endpoint().as_str()
        );
        if let Some(authorization) = request.header("authorization") {
            let (scheme, secret) = authorization.split_once(' ').unwrap_or((authorization, ""));
            println!("        authorization: {scheme} {}", masked::mask(secret));
        }
        let body = String::from_utf8_lossy(request.body().expose_secret()).into_owned();
        println!(
            "      {}",
            masked::form(&body).trim_start_matches("\n      ")
        );
        let response = self.0.send(request).await?;
        println!("    ← {}", response.status());
        Ok(response)
    }
}
