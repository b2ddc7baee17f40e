//! The facade, one file per behaviour.

mod authorize;
mod credentials;
mod provider_errors;
mod support;
