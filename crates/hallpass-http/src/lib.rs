#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod blocking;
#[cfg(all(feature = "fetch", target_arch = "wasm32", target_os = "unknown"))]
mod browser_runtime;
mod drive;
mod driver;
#[cfg(all(feature = "fetch", target_arch = "wasm32", target_os = "unknown"))]
mod event_loop;
#[cfg(all(feature = "fetch", target_arch = "wasm32", target_os = "unknown"))]
mod fetch_transport;
mod heard;
mod os_random;
#[cfg(feature = "reqwest")]
mod reqwest_transport;
mod runtime;
mod setup_error;
mod signer;
#[cfg(feature = "tokio")]
mod tokio_runtime;
mod transport;
mod transport_error;

pub use async_trait::async_trait;
pub use hallpass_grant as grant;

#[cfg(all(feature = "fetch", target_arch = "wasm32", target_os = "unknown"))]
pub use browser_runtime::BrowserRuntime;
pub use drive::drive;
pub use driver::Driver;
#[cfg(all(feature = "fetch", target_arch = "wasm32", target_os = "unknown"))]
pub use fetch_transport::FetchTransport;
pub use heard::Heard;
pub use os_random::OsRandom;
#[cfg(feature = "reqwest")]
pub use reqwest_transport::{ReqwestTransport, ReqwestTransportBuilder};
pub use runtime::{Runtime, Task, Work};
pub use setup_error::SetupError;
pub use signer::{NoSigner, SignError, Signer};
#[cfg(feature = "tokio")]
pub use tokio_runtime::TokioRuntime;
pub use transport::Transport;
pub use transport_error::{TransportError, TransportErrorKind};
