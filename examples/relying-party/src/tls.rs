//! TLS: whom we trust, the certificate that we show to providers, and the one that our own endpoints have.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use base64ct::{Base64, Encoding};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use tokio_rustls::TlsAcceptor;

use crate::failure::Failure;

/// Reads a file whole.
pub(crate) fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| Failure::of(file.display(), error))
}

/// Reads a secret: a line break at its end is none of it.
pub(crate) fn secret(file: &Path) -> Result<String, Failure> {
    let text = read(file)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// What our own endpoints show.
pub(crate) fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, Failure> {
    let unusable = |error: &dyn std::fmt::Display| Failure::of("the listener's certificate", error);
    let chain = chain(certificate)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable(&error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| unusable(&error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The client's certificate as a JWK has it (`x5c`, RFC 7517 §4.7).
pub(crate) fn x5c(certificate: &Path) -> Result<Vec<Value>, Failure> {
    let chain = chain(certificate)?;
    Ok(chain
        .iter()
        .map(|der| Base64::encode_string(der).into())
        .collect())
}

fn chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let unusable = |error| Failure::of(file.display(), error);
    let chain = CertificateDer::pem_file_iter(file).map_err(unusable)?;
    chain.collect::<Result<_, _>>().map_err(unusable)
}

/// The HTTP client of the user agent. It shows no certificate: a user is not the client.
pub(crate) fn user_agent(ca: Option<&str>) -> Result<reqwest::Client, Failure> {
    // `reqwest` leaves the choice of a crypto provider to the application.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let unusable = |error| Failure::of("the user agent's HTTP client", error);
    let mut http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_secs(30));
    if let Some(pem) = ca {
        for certificate in
            reqwest::Certificate::from_pem_bundle(pem.as_bytes()).map_err(unusable)?
        {
            http = http.add_root_certificate(certificate);
        }
    }
    http.build().map_err(unusable)
}
