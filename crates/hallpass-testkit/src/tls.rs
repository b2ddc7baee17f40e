//! Certificates: a good one, and those a client must refuse.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use time::{Duration, OffsetDateTime};
use tokio_rustls::TlsAcceptor;

/// The certificate a server shows.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Certificate {
    /// For 127.0.0.1, `::1` and `localhost`, signed by [`TestServer::ca_pem`](crate::TestServer::ca_pem).
    Valid,
    /// The same, but it ended yesterday.
    Expired,
    /// The same, but for `other.example`.
    WrongHost,
    /// The same, but signed by itself.
    SelfSigned,
}

/// A key, its certificate, and who has signed it. All are new.
pub(crate) struct Identity {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca_pem: String,
}

impl Identity {
    /// # Panics
    /// If the machine has no randomness for the keys.
    pub(crate) fn new(certificate: Certificate) -> Self {
        Self::try_new(certificate).expect("the machine has randomness for keys")
    }

    fn try_new(certificate: Certificate) -> Result<Self, Box<dyn std::error::Error>> {
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        authority
            .distinguished_name
            .push(rcgen::DnType::CommonName, "hallpass-testkit authority");
        let authority_key = KeyPair::generate()?;
        let ca_pem = authority.self_signed(&authority_key)?.pem();

        let key = KeyPair::generate()?;
        let params = params(certificate)?;
        let signed = match certificate {
            Certificate::SelfSigned => params.self_signed(&key)?,
            _ => params.signed_by(&key, &Issuer::new(authority, authority_key))?,
        };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![signed.der().clone()], key)?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            ca_pem,
        })
    }
}

fn params(certificate: Certificate) -> Result<CertificateParams, rcgen::Error> {
    let hosts: &[&str] = match certificate {
        Certificate::WrongHost => &["other.example"],
        _ => &["127.0.0.1", "::1", "localhost"],
    };
    let mut params = CertificateParams::new(
        hosts
            .iter()
            .map(|host| (*host).to_owned())
            .collect::<Vec<_>>(),
    )?;
    let now = OffsetDateTime::now_utc();
    params.not_before = now - Duration::days(30);
    params.not_after = match certificate {
        Certificate::Expired => now - Duration::days(1),
        _ => now + Duration::days(30),
    };
    Ok(params)
}
