//! Logins that are held until their browser comes back.

use hallpass::driver::Driver;
use hallpass::{AuthorizationCode, Client, PendingLogins, Provider, ServerMetadata};

use crate::support::{Clock, Script, credentials, endpoint};

fn client(clock: &Clock) -> Client<AuthorizationCode> {
    let server = ServerMetadata::default()
        .with_authorization_endpoint(endpoint("https://as.example/oauth/authorize"))
        .with_token_endpoint(endpoint("https://as.example/oauth/token"));
    let driver = Driver::new(Script::default(), clock.clone());
    Provider::with_driver("OAuthACG", server, driver).client(credentials())
}

/// Begins a login: its ticket, and the callback that answers it.
fn begin(client: &Client<AuthorizationCode>, logins: &PendingLogins) -> (String, String) {
    let (_, pending) = client.authorization_url().unwrap();
    let callback = format!("/callback?code=c&state={}", pending.state().expose_secret());
    (logins.keep(pending).unwrap(), callback)
}

#[test]
fn a_login_is_taken_once_by_the_browser_that_began_it() {
    let client = client(&Clock::default());
    let logins = PendingLogins::new(client.provider());
    let (ticket, callback) = begin(&client, &logins);
    let (other_ticket, other_callback) = begin(&client, &logins);

    // Another browser, and a forged callback, take nothing and cost nothing.
    assert!(logins.take(&other_ticket, &callback).is_none());
    assert!(
        logins
            .take(&ticket, "/callback?code=c&state=forged")
            .is_none()
    );
    assert!(logins.take("", &callback).is_none());
    assert_eq!(logins.len(), 2);

    assert!(logins.take(&ticket, &callback).is_some());
    assert!(logins.take(&ticket, &callback).is_none());
    assert!(logins.take(&other_ticket, &other_callback).is_some());
    assert!(logins.is_empty());
}

#[test]
fn a_login_that_nobody_finishes_is_forgotten_after_ten_minutes() {
    let clock = Clock::default();
    let client = client(&clock);
    let logins = PendingLogins::new(client.provider());
    let (first, first_callback) = begin(&client, &logins);
    clock.advance(1);
    let (second, second_callback) = begin(&client, &logins);
    clock.advance(599);
    assert!(logins.take(&first, &first_callback).is_none());
    assert_eq!(logins.len(), 1);
    assert!(logins.take(&second, &second_callback).is_some());
}

#[test]
fn a_hundred_thousand_abandoned_starts_cost_no_more_than_the_cap() {
    let client = client(&Clock::default());
    let logins = PendingLogins::new(client.provider()).with_capacity(100);
    let (first, first_callback) = begin(&client, &logins);
    let (_, pending) = client.authorization_url().unwrap();
    for _ in 0..100_000 {
        logins.keep(pending.clone()).unwrap();
    }
    assert_eq!(logins.len(), 100);
    assert!(logins.take(&first, &first_callback).is_none());
    let (last, last_callback) = begin(&client, &logins);
    assert!(logins.take(&last, &last_callback).is_some());
}

#[test]
fn nothing_of_a_login_is_shown() {
    let client = client(&Clock::default());
    let logins = PendingLogins::new(client.provider());
    let (ticket, callback) = begin(&client, &logins);
    let (_, state) = callback.split_once("state=").unwrap();
    let shown = format!("{logins:?}");
    assert!(
        !shown.contains(&ticket) && !shown.contains(state),
        "{shown}"
    );
}
