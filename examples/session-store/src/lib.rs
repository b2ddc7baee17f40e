#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod app;
mod web_sessions;

pub use app::App;
pub use web_sessions::WebSessions;
