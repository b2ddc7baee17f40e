//! The program logs in to an OpenID certified provider, without a person. `cargo xtask test provider` runs these.

mod clients;
mod logins;
mod logouts;
mod provider;
mod run;
