//! The server as an OpenID provider, seen by a relying party that believes nothing.

#[path = "../common/mod.rs"]
mod common;

mod assertions;
mod before_login;
mod claims_of_others;
mod discovery;
mod faults;
mod id_token;
mod keys;
mod login;
mod logout;
mod registration;
mod relying_party;
mod request_objects;
mod response_types;
mod session;
mod user_info;
