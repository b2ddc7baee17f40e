//! The program at a terminal, as a person sees it, on an OpenID certified provider. `cargo xtask test provider` starts it and
//! runs these.
#![cfg(unix)]

mod at_once;
mod login;
mod odd_terminals;
mod terminal;
mod transcript;
// The person at the browser is the same as the facade's.
#[path = "../../../hallpass/tests/real_provider/user_agent.rs"]
mod user_agent;

use user_agent::{Answer, User, UserAgent};

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run these tests with `cargo xtask test provider`, which starts the provider")
    })
}

fn issuer() -> String {
    variable("HALLPASS_PROVIDER")
}

/// What the person does at the browser; a runtime is nothing a terminal needs.
fn at_the_browser<T>(does: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(does)
}

/// Opens the address the program has shown, logs in and answers; the browser is then sent where the program listens.
fn answer(url: &str, answer: Answer) {
    at_the_browser(async {
        let redirect_uri = parameter(url, "redirect_uri");
        let callback = UserAgent::new().consent(url, &redirect_uri, answer).await;
        let page = reqwest::get(callback.as_str()).await.unwrap();
        let status = page.status();
        assert!(
            status.is_success(),
            "{status}: {}",
            page.text().await.unwrap()
        );
    });
}

/// Opens the address on another device, compares the code and allows.
fn approve(uri: &str, code: &str) {
    at_the_browser(UserAgent::new().approve_device(uri, code, User::ALICE));
}

fn deny(uri: &str, code: &str) {
    at_the_browser(UserAgent::new().deny_device(uri, code, User::BOB));
}

fn parameter(url: &str, name: &str) -> String {
    let url = reqwest::Url::parse(url).unwrap();
    let found = url.query_pairs().find(|(own, _)| own == name);
    found.unwrap().1.into_owned()
}
