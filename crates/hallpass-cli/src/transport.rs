//! The way to a server, not made before something is sent: TLS and the machine's certificates take longer than everything else that a
//! token at hand needs.

use std::path::Path;

use hallpass::driver::{
    Driver, ReqwestTransport, TokioRuntime, Transport, TransportError, TransportErrorKind,
    async_trait,
};
use hallpass::grant::{Lost, Request, Response};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::sync::OnceCell;

use crate::error::Failure;
use crate::secret;

/// A driver that trusts the certificates in this file too.
pub(crate) fn driver(ca: Option<&Path>) -> Result<Driver, Failure> {
    let ca = ca.map(certificates).transpose()?;
    let made = OnceCell::new();
    Ok(Driver::new(Late { ca, made }, TokioRuntime))
}

/// The way to a server, made when something is sent first.
struct Late {
    ca: Option<String>,
    made: OnceCell<ReqwestTransport>,
}

impl Late {
    fn make(&self) -> Result<ReqwestTransport, hallpass::driver::SetupError> {
        let builder = ReqwestTransport::builder();
        match &self.ca {
            Some(pem) => builder.with_root_certificate_pem(pem.as_bytes())?.build(),
            None => builder.build(),
        }
    }
}

#[async_trait]
impl Transport for Late {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let made = self.made.get_or_try_init(|| async { self.make() }).await;
        let transport = made.map_err(|error| {
            let kind = TransportErrorKind::Other;
            TransportError::new(kind, Lost::NotSent, request.endpoint()).with_source(error)
        })?;
        transport.send(request).await
    }
}

/// The text of a file with certificates, if that is what it is.
fn certificates(path: &Path) -> Result<String, Failure> {
    let text = secret::file(path)?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    match read.is_ok_and(|read| !read.is_empty()) {
        true => Ok(text),
        false => Err(Failure::usage(format!(
            "{} has no certificate in PEM form in it",
            path.display()
        ))),
    }
}
