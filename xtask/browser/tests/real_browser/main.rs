//! What only a browser can show. `cargo xtask test browser` runs it.

mod code;
mod implicit;
mod native;
mod openid;
mod pages;
mod site;
mod web_login;
