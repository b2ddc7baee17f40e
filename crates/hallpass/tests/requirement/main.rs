//! Schemes, combined: one file per behaviour.

mod all;
mod alternatives;
mod any;
mod bound_tokens;
mod ended;
mod golden;
mod hostile;
mod messages;
mod no_secret_is_shown;
mod origins;
mod renewal;
mod support;
