//! Settings of the transport.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::Resolve;
use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls_platform_verifier::Verifier;

use hallpass_grant::Reach;

use super::public_addresses::{OperatingSystem, PublicAddresses};
use crate::{ReqwestTransport, SetupError};

/// Settings of a [`ReqwestTransport`]. What is not here cannot be set, because a conversation relies on it.
pub struct ReqwestTransportBuilder {
    timeout: Duration,
    max_body: usize,
    roots: Vec<CertificateDer<'static>>,
    identity: Option<Identity>,
    proxy: Proxy,
    /// What is looked up where only public addresses are connected to.
    public: Option<Arc<dyn Resolve>>,
}

/// What a server that asks is shown, and what proves it.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

enum Proxy {
    OfEnvironment,
    None,
    Fixed(Box<reqwest::Proxy>),
}

const TIMEOUT: Duration = Duration::from_secs(15);
const MAX_BODY: usize = 1024 * 1024;
const USER_AGENT: &str = concat!("hallpass/", env!("CARGO_PKG_VERSION"));

impl ReqwestTransportBuilder {
    pub(super) fn new() -> Self {
        Self {
            timeout: TIMEOUT,
            max_body: MAX_BODY,
            roots: Vec::new(),
            identity: None,
            proxy: Proxy::OfEnvironment,
            public: None,
        }
    }

    /// How long a request may take in all, from looking up the name to the last byte of the answer; 15 seconds
    /// unless set. Two thirds of it may pass until there is a connection.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many bytes the body of an answer may have; 1,048,576 (1 MiB) unless set.
    #[must_use]
    pub fn with_max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Trusts the certificates in this PEM text too, beside those of the operating system.
    ///
    /// # Errors
    /// [`SetupError::RootCertificate`] when there is none in it, or one that cannot be read.
    pub fn with_root_certificate_pem(mut self, pem: &[u8]) -> Result<Self, SetupError> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let read = read.ok().filter(|read| !read.is_empty());
        self.roots.extend(read.ok_or(SetupError::RootCertificate)?);
        Ok(self)
    }

    /// Shows this certificate to every server that asks for one (RFC 8705): `chain` is the PEM text of the certificate and those up to its
    /// authority, `key` that of its private key (PKCS #8, SEC 1 or PKCS #1). It names the client to whoever asks, a proxy's TLS included.
    ///
    /// # Errors
    /// [`SetupError::ClientCertificate`] when there is no certificate or no key in them, or one that cannot be read.
    pub fn with_client_certificate_pem(
        mut self,
        chain: &[u8],
        key: &[u8],
    ) -> Result<Self, SetupError> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = read.ok().filter(|read| !read.is_empty());
        let identity = chain.zip(PrivateKeyDer::from_pem_slice(key).ok());
        let (chain, key) = identity.ok_or(SetupError::ClientCertificate)?;
        self.identity = Some(Identity { chain, key });
        Ok(self)
    }

    /// Goes through this proxy, whatever the environment says; never to a server on this machine. User name and password
    /// may stand in the address.
    ///
    /// # Errors
    /// [`SetupError::Proxy`] when it is no address of a proxy.
    pub fn with_proxy(mut self, address: &str) -> Result<Self, SetupError> {
        let is_http = address.starts_with("http://") || address.starts_with("https://");
        let proxy = reqwest::Proxy::all(address).ok().filter(|_| is_http);
        self.proxy = Proxy::Fixed(Box::new(proxy.ok_or(SetupError::Proxy)?));
        Ok(self)
    }

    /// Goes through no proxy, whatever the environment says.
    #[must_use]
    pub fn without_proxy(mut self) -> Self {
        self.proxy = Proxy::None;
        self
    }

    /// Connects to addresses on the Internet alone ([`Reach::Global`](hallpass_grant::Reach)), wherever a server's name leads: for what anybody can
    /// name, such as the host of an identifier that a visitor types. No proxy is used, for that would look names up itself.
    #[must_use]
    pub fn public_addresses_only(mut self) -> Self {
        self.public = Some(Arc::new(OperatingSystem));
        self
    }

    #[cfg(test)]
    pub(super) fn looking_up_with(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.public = Some(resolver);
        self
    }

    /// Builds the transport.
    ///
    /// # Errors
    /// [`SetupError::RootCertificate`] for a root certificate that cannot be used; [`SetupError::ClientCertificate`] for a client's, or where
    /// the key is another one's; [`SetupError::Trust`] when this machine has no roots.
    pub fn build(self) -> Result<ReqwestTransport, SetupError> {
        let tls = tls(self.roots, self.identity)?;
        let only_public = self.public.is_some();
        let direct = client(&tls, self.timeout).no_proxy();
        let direct = match self.public {
            None => direct,
            Some(resolver) => direct.dns_resolver(Arc::new(PublicAddresses(resolver))),
        };
        let direct = built(direct)?;
        let proxied = client(&tls, self.timeout);
        let proxied = match self.proxy {
            _ if only_public => direct.clone(),
            Proxy::OfEnvironment => built(proxied)?,
            Proxy::None => built(proxied.no_proxy())?,
            Proxy::Fixed(proxy) => built(proxied.no_proxy().proxy(*proxy))?,
        };
        Ok(ReqwestTransport {
            direct,
            proxied,
            max_body: self.max_body,
            nearest: match only_public {
                true => Reach::Global,
                false => Reach::ThisMachine,
            },
        })
    }
}

fn built(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, SetupError> {
    builder
        .build()
        .map_err(|error| SetupError::Client(error.into()))
}

/// Says everything, even what is so by default: another crate in the build can change the defaults by turning features on.
fn client(tls: &ClientConfig, timeout: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .user_agent(USER_AGENT)
        .timeout(timeout)
        .connect_timeout(timeout - timeout / 3)
        .pool_max_idle_per_host(0)
        .http1_only()
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
}

/// The provider is given, not installed: what else is in the process keeps its own.
fn tls(
    roots: Vec<CertificateDer<'static>>,
    identity: Option<Identity>,
) -> Result<ClientConfig, SetupError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = match roots.is_empty() {
        true => Verifier::new(provider.clone()),
        false => Verifier::new_with_extra_roots(roots, provider.clone()),
    };
    let verifier = verifier.map_err(|error| match error {
        rustls::Error::InvalidCertificate(_) => SetupError::RootCertificate,
        other => SetupError::Trust(other.into()),
    })?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| SetupError::Client(error.into()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match identity {
        None => config.with_no_client_auth(),
        Some(own) => config
            .with_client_auth_cert(own.chain, own.key)
            .map_err(|_| SetupError::ClientCertificate)?,
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

impl fmt::Debug for ReqwestTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proxy = match self.proxy {
            Proxy::OfEnvironment => "of the environment",
            Proxy::None => "none",
            Proxy::Fixed(_) => "fixed",
        };
        f.debug_struct("ReqwestTransportBuilder")
            .field("timeout", &self.timeout)
            .field("max_body", &self.max_body)
            .field("roots", &self.roots.len())
            .field("client certificate", &self.identity.is_some())
            .field("proxy", &proxy)
            .field("public addresses only", &self.public.is_some())
            .finish()
    }
}
