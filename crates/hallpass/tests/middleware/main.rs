//! The middleware, each behaviour in both adapters, against real sockets.
#![cfg(all(feature = "reqwest-middleware", feature = "tower"))]

mod alternatives;
mod api;
mod bodies;
mod no_secret_is_shown;
mod nonces;
mod other_origins;
mod redirects;
mod stale_tokens;
mod support;
