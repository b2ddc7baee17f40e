//! The whole way on the test kit's server, each grant with its faults switched on.
#![cfg(feature = "reqwest")]

mod assertions;
mod canaries;
mod client_credentials;
mod code;
mod device;
mod dpop;
mod implicit;
mod introspection;
mod legacy_password;
mod named_metadata;
mod named_outages;
mod named_redirects;
mod named_refusals;
mod named_tokens;
#[cfg(feature = "openid")]
mod openid;
mod pushed;
mod redirects;
mod registration;
mod resource;
mod revocation;
mod sessions;
mod support;
mod table;
mod token_endpoint;
mod token_exchange;
