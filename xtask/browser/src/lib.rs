#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod browser;
mod look;
mod sent;

pub use browser::{Browser, Profile, Scripts};
pub use look::Look;
pub use sent::Sent;
pub use thirtyfour::{
    Cookie, SameSite,
    error::{WebDriverError, WebDriverResult},
};
