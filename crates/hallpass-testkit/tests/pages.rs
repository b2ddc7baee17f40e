//! The pages a user sees, the resource, the metadata, the journal.

mod common;

use common::*;
use hallpass_testkit::{AuthorizationServer, Client, Config, Endpoint, Request};

fn target() -> String {
    code_url(&[]).replace("https://auth.example", "")
}

#[test]
fn a_browser_logs_in_and_then_sees_what_is_asked_for() {
    let mut server = server();
    let login = server.respond(&Request::get(target()), NOW);
    assert_eq!(login.status, 200);
    let page = login.text();
    for part in [
        "<label for=\"username\">",
        "<label for=\"password\">",
        "name=\"viewport\"",
        "lang=\"en\"",
        "native",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let form = [
        ("step", "login"),
        ("username", "alice"),
        ("password", "wonderland"),
    ];
    let logged_in = server.respond(&Request::post_form(target(), &form), NOW);
    assert_eq!(
        (logged_in.status, logged_in.location()),
        (303, Some(target().as_str()))
    );
    let cookie = logged_in.header_value("set-cookie").unwrap().to_owned();
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let consent = server
        .respond(&Request::get(target()).with_header("Cookie", &cookie), NOW)
        .text();
    for part in [
        "Read scope",
        "<code>write</code>",
        "alice",
        ">Allow</button>",
        ">Deny</button>",
    ] {
        assert!(consent.contains(part), "{part}");
    }

    let logout = Request::post_form(target(), &[("step", "logout")]).with_header("Cookie", &cookie);
    assert!(
        server
            .respond(&logout, NOW)
            .text()
            .contains("for=\"password\"")
    );
    let gone = server.respond(&Request::get(target()).with_header("Cookie", &cookie), NOW);
    assert!(gone.text().contains("for=\"password\""));
}

#[test]
fn a_wrong_password_is_told_on_the_login_page() {
    let mut server = server();
    let form = [
        ("step", "login"),
        ("username", "alice"),
        ("password", "wrong"),
    ];
    let page = server.respond(&Request::post_form(target(), &form), NOW);
    assert_eq!(page.status, 403);
    assert!(page.text().contains("role=\"alert\""));
    assert_eq!(page.header_value("set-cookie"), None);
}

#[test]
fn a_decision_without_the_pages_own_value_decides_nothing() {
    let mut server = server();
    let form = [
        ("step", "login"),
        ("username", "alice"),
        ("password", "wonderland"),
    ];
    let logged_in = server.respond(&Request::post_form(target(), &form), NOW);
    let cookie = logged_in
        .header_value("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    for csrf in ["", "guessed"] {
        let form = [
            ("step", "consent"),
            ("decision", "allow"),
            ("scope:read", "on"),
            ("csrf", csrf),
        ];
        let response = server.respond(
            &Request::post_form(target(), &form).with_header("Cookie", &cookie),
            NOW,
        );
        assert_eq!((response.status, response.location()), (200, None));
    }
}

#[test]
fn no_page_can_be_framed_or_stored() {
    let mut server = server();
    for target in [target(), "/oauth/authorize".to_owned()] {
        let page = server.respond(&Request::get(target), NOW);
        assert_eq!(page.header_value("cache-control"), Some("no-store"));
        assert_eq!(page.header_value("x-frame-options"), Some("DENY"));
        let policy = page.header_value("content-security-policy").unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
    }
}

#[test]
fn a_client_or_scope_with_markup_in_it_is_only_text() {
    let client = Client::public("<script>x</script>")
        .redirect_uri(CALLBACK)
        .scopes(["\"><img>"]);
    let mut server = AuthorizationServer::new(Config::new().client(client));
    let url = code_url(&[("client_id", "<script>x</script>"), ("scope", "\"><img>")]);
    let location = allow(&mut server, &url);
    assert!(in_query(&location, "code").is_some());
    for exchange in server.journal() {
        let page = exchange.response.text();
        assert!(
            !page.contains("<script>") && !page.contains("<img>"),
            "{page}"
        );
    }
}

#[test]
fn the_resource_says_what_is_missing() {
    let mut server = server();
    let tokens = tokens(&mut server);
    let token = text(&tokens, "access_token");

    let nothing = server.respond(&Request::get("/resource"), NOW);
    assert_eq!(
        (nothing.status, nothing.header_value("www-authenticate")),
        (401, Some("Bearer realm=\"testkit\""))
    );
    let unknown = resource(&mut server, "/resource", "unknown", NOW);
    assert_eq!(unknown.status, 401);
    assert!(
        unknown
            .header_value("www-authenticate")
            .unwrap()
            .contains("error=\"invalid_token\"")
    );
    let too_little = resource(&mut server, "/resource/pets", token, NOW);
    assert_eq!(too_little.status, 403);
    assert!(
        too_little
            .header_value("www-authenticate")
            .unwrap()
            .contains("scope=\"read:pets\"")
    );
    let in_url = server.respond(
        &Request::get(format!("/resource?access_token={token}")),
        NOW,
    );
    assert_eq!(in_url.status, 400);
}

#[test]
fn the_metadata_tells_where_everything_is() {
    let mut server = AuthorizationServer::new(Config::new().issuer("https://id.example"));
    for path in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
    ] {
        let response = server.respond(&Request::get(path), NOW);
        let metadata = json(&response);
        assert_eq!(
            response.header_value("content-type"),
            Some("application/json")
        );
        assert_eq!(metadata["issuer"], "https://id.example");
        assert_eq!(
            metadata["authorization_endpoint"],
            "https://id.example/oauth/authorize"
        );
        assert_eq!(metadata["token_endpoint"], "https://id.example/oauth/token");
        assert_eq!(
            metadata["code_challenge_methods_supported"],
            serde_json::json!(["S256"])
        );
        assert_eq!(
            metadata["authorization_response_iss_parameter_supported"],
            true
        );
    }
}

#[test]
fn the_journal_keeps_everything_and_shows_no_secret() {
    let mut server = server();
    let code = code(&mut server);
    let tokens = json(&server.respond(&exchange_request(&code, &[]), NOW));
    resource(&mut server, "/resource", text(&tokens, "access_token"), NOW);

    let requests = server.requests_to(Endpoint::Token);
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].form_parameter("code"), Some(code.clone()));
    assert_eq!(
        requests[0].form_parameter("code_verifier").as_deref(),
        Some(VERIFIER)
    );

    let shown = format!("{server:?} {:?}", server.journal().collect::<Vec<_>>());
    let secrets = [
        &code,
        VERIFIER,
        STATE,
        "wonderland",
        "acg-secret",
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
    ];
    for secret in secrets {
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
    assert!(
        shown.contains("/oauth/token") && shown.contains("grant_type=authorization_code"),
        "{shown}"
    );

    server.clear_journal();
    assert_eq!(server.requests(), []);
    assert!(server.is_valid(text(&tokens, "access_token"), NOW));
}

#[test]
fn there_is_nothing_elsewhere() {
    let mut server = server();
    for target in ["/", "", "*", "/oauth", "/oauth/authorize/", "/%2e%2e/"] {
        assert_eq!(
            server.respond(&Request::get(target), NOW).status,
            404,
            "{target}"
        );
    }
}
