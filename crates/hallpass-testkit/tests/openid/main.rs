//! The server as an OpenID provider, seen by a relying party that believes nothing.

#[path = "../common/mod.rs"]
mod common;
mod discovery;
mod faults;
mod id_token;
mod keys;
mod login;
mod relying_party;
mod response_types;
mod user_info;
