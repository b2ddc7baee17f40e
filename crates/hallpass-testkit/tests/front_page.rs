//! The page that lists what the server offers, and switches faults.

mod common;

use common::*;
use hallpass_testkit::{AuthorizationServer, Config, Fault, NamedFault, Request, Response};
use serde_json::Value;

fn with_page() -> AuthorizationServer {
    AuthorizationServer::new(Config::new().front_page(true))
}

fn page(server: &mut AuthorizationServer) -> String {
    let response = server.respond(&Request::get("/"), NOW);
    assert_eq!(response.status, 200);
    response.text()
}

fn press(server: &mut AuthorizationServer, verb: &str, value: &str) -> Response {
    server.respond(&Request::post_form("/", &[(verb, value)]), NOW)
}

#[test]
fn there_is_no_page_unless_it_is_asked_for() {
    let mut server = server();
    assert_eq!(server.respond(&Request::get("/"), NOW).status, 404);
    assert_eq!(press(&mut server, "on", "dropped-scope").status, 404);
    assert_eq!(server.faults().count(), 0);
}

#[test]
fn it_lists_every_endpoint_of_the_metadata() {
    let mut server = with_page();
    let metadata = Request::get("/.well-known/oauth-authorization-server");
    let metadata = json(&server.respond(&metadata, NOW));
    let page = page(&mut server);
    let members = metadata.as_object().unwrap().iter();
    let endpoints = members.filter(|(name, _)| name.ends_with("_endpoint"));
    for url in endpoints.filter_map(|(_, value)| Value::as_str(value)) {
        let path = url.strip_prefix("https://auth.example").unwrap();
        assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
    }
}

#[test]
fn it_lists_clients_users_scopes_and_faults() {
    let page = page(&mut with_page());
    for text in [
        "<strong>native</strong>, no secret",
        "<strong>odd:client é</strong>, secret <code>c:%+é &amp;s</code>",
        "<strong>jwt</strong>, signs with its key",
        "<strong>alice</strong>, password <code>wonderland</code>",
        "<code>read:pets</code>: read your pets",
    ] {
        assert!(page.contains(text), "{text}");
    }
    for fault in NamedFault::ALL {
        let button = format!("<button name=\"on\" value=\"{}\"", fault.name());
        assert!(page.contains(&button), "{button}");
    }
}

#[test]
fn it_needs_no_script_and_nothing_from_elsewhere() {
    let page = page(&mut with_page());
    for text in ["<script", "<link", "<img", "@import", "url("] {
        assert!(!page.contains(text), "{text}");
    }
}

#[test]
fn its_links_lead_to_codes_and_tokens() {
    let mut server = with_page();
    let page = page(&mut server);
    let links = page.split("href=\"https://auth.example").skip(1);
    let links: Vec<String> = links
        .map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&"))
        .collect();
    assert_eq!(links.len(), 2);
    let answer = |server: &mut AuthorizationServer, at: usize| {
        allow(server, &format!("https://auth.example{}", links[at]))
    };
    let code = in_query(&answer(&mut server, 0), "code").unwrap();
    let callback = ("redirect_uri", "http://127.0.0.1/callback");
    let tokens = server.respond(&exchange_request(&code, &[callback]), NOW);
    assert_eq!(tokens.status, 200, "the line for the shell fits the link");
    assert!(in_fragment(&answer(&mut server, 1), "access_token").is_some());
}

#[test]
fn a_button_switches_a_fault_on_and_off() {
    let mut server = with_page();
    let pressed = press(&mut server, "on", "dropped-scope");
    assert_eq!(
        (pressed.status, pressed.location()),
        (303, Some("/#dropped-scope"))
    );
    press(&mut server, "on", "dropped-scope");
    let active: Vec<_> = server.faults().cloned().collect();
    assert_eq!(active, [Fault::DroppedScope], "twice on is on");
    let shown = page(&mut server);
    assert!(shown.contains("<button name=\"off\" value=\"dropped-scope\""));
    assert!(shown.contains("One fault is on."));
    press(&mut server, "off", "dropped-scope");
    assert_eq!(server.faults().count(), 0);
}

#[test]
fn a_fault_at_two_places_is_switched_at_each() {
    let mut server = with_page();
    press(&mut server, "on", "dpop-nonce-never-good");
    press(&mut server, "on", "dpop-nonce-never-good-at-resource");
    press(&mut server, "off", "dpop-nonce-never-good");
    let shown = page(&mut server);
    assert!(shown.contains("<button name=\"on\" value=\"dpop-nonce-never-good\""));
    assert!(shown.contains("<button name=\"off\" value=\"dpop-nonce-never-good-at-resource\""));
}

#[test]
fn one_button_switches_all_off() {
    let mut server = with_page();
    press(&mut server, "on", "dropped-scope");
    press(&mut server, "on", "no-scope");
    assert_eq!(press(&mut server, "heal", "all").status, 303);
    assert_eq!(server.faults().count(), 0);
}

#[test]
fn a_fault_that_is_none_is_not_found() {
    let mut server = with_page();
    assert_eq!(press(&mut server, "on", "no-such-fault").status, 404);
    assert_eq!(press(&mut server, "x", "y").status, 400);
}

#[test]
fn another_page_switches_nothing() {
    let mut server = with_page();
    let press = |server: &mut AuthorizationServer, origin: &str| {
        let request = Request::post_form("/", &[("on", "dropped-scope")])
            .with_header("Host", "127.0.0.1:8080")
            .with_header("Origin", origin);
        server.respond(&request, NOW).status
    };
    for origin in ["https://evil.example", "null", "http://127.0.0.1:8081"] {
        assert_eq!(press(&mut server, origin), 403, "{origin}");
    }
    assert_eq!(server.faults().count(), 0);
    assert_eq!(press(&mut server, "http://127.0.0.1:8080"), 303);
}

#[test]
fn a_browser_is_let_say_where_the_pages_own_forms_come_from() {
    // With no-referrer it would post them from the origin `null`.
    let response = with_page().respond(&Request::get("/"), NOW);
    let policy = response.header_value("referrer-policy");
    assert_eq!(policy, Some("same-origin"));
}

#[test]
fn what_a_client_is_called_is_never_markup() {
    let client = hallpass_testkit::Client::public("<script>x</script>");
    let config = Config::new().front_page(true).client(client);
    let page = page(&mut AuthorizationServer::new(config));
    assert!(!page.contains("<script"));
    assert!(page.contains("&lt;script&gt;"));
}
