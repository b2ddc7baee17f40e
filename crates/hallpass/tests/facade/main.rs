//! The facade, one file per behaviour.

mod authorize;
mod credentials;
mod pending_logins;
mod provider_errors;
mod support;
