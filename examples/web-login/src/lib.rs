#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod account;
mod app;
mod cookie_pairs;
mod cookies;
mod failed;
mod home;
mod local_path;
mod login;
mod logout;
mod page;
mod same_origin;
mod set_cookies;
mod web_sessions;

pub use app::App;
pub use home::{Home, InvalidHome};
