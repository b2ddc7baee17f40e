//! Requests that are authorised on their way: what a middleware does, whatever it is a middleware of.

mod exchange;
#[cfg(feature = "reqwest-middleware")]
mod redirect;
#[cfg(feature = "tower")]
mod repeat;
#[cfg(feature = "reqwest-middleware")]
mod reqwest_client;
#[cfg(feature = "tower")]
mod tower_layer;

pub(crate) use exchange::Exchange;
#[cfg(feature = "reqwest-middleware")]
pub use redirect::RedirectError;
#[cfg(feature = "tower")]
pub use repeat::{Cloned, Repeat, SentOnce};
#[cfg(feature = "reqwest-middleware")]
pub use reqwest_client::AuthorizedClient;
#[cfg(feature = "tower")]
pub use tower_layer::{Authorize, AuthorizeLayer, CallError};

#[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
pub use policy::OtherOrigins;
#[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
pub(crate) use policy::Policy;

#[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
mod policy;
