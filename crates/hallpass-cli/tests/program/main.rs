//! The program as its users see it: the built binary against the test kit's server.
#![cfg(unix)]

mod beside;
mod browser;
mod credential;
mod device;
mod inspect;
mod introspect;
mod kept;
mod login;
mod logout;
mod no_secret_is_shown;
mod refreshes;
mod scripts;
mod secrets;
mod support;
mod terminal;
