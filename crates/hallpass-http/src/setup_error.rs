//! Why a transport could not be set up.

use hallpass_grant::{Error, Misuse};

/// Why a transport could not be set up. The program or the machine must be changed; no network was touched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// What was given as a root certificate is none.
    #[error("the root certificate is not a certificate in PEM form")]
    RootCertificate,
    /// What was given as the client's certificate and key is neither, or the key is another certificate's.
    #[error("the client's certificate and key are not PEM that belongs together")]
    ClientCertificate,
    /// What was given as a proxy is none. The address is not shown: there may be a password in it.
    #[error("the proxy is not an absolute http or https address")]
    Proxy,
    /// This machine has no root certificates, or they could not be read.
    #[error(
        "this machine's root certificates could not be loaded: install them (`ca-certificates`), or add your own"
    )]
    Trust(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be set up")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<SetupError> for Error {
    fn from(error: SetupError) -> Self {
        let (field, reason) = match &error {
            SetupError::RootCertificate => {
                ("root certificate", "it is not a certificate in PEM form")
            }
            SetupError::ClientCertificate => (
                "client certificate",
                "it and its key are not PEM that belongs together",
            ),
            SetupError::Proxy => ("proxy", "it is not an absolute http or https address"),
            SetupError::Trust(_) => (
                "trust store",
                "this machine's root certificates could not be loaded",
            ),
            SetupError::Client(_) => ("transport", "the HTTP client could not be set up"),
        };
        Self::from(Misuse::Invalid { field, reason }).with_source(error)
    }
}
