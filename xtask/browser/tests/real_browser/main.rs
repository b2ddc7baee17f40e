//! What only a browser can show. `cargo xtask test browser` runs it.

mod site;
mod web_login;
