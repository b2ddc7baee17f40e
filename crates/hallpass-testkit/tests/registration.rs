//! Clients that register themselves (RFC 7591) and manage what they registered (RFC 7592).

mod common;

use base64ct::{Base64, Encoding};
use common::*;
use hallpass_testkit::{AuthorizationServer, Config, Request, Response, TEST_KEY};
use serde_json::{Value, json};

fn send(
    server: &mut AuthorizationServer,
    method: &str,
    path: &str,
    token: &str,
    body: &Value,
) -> Response {
    let request = Request {
        method: method.to_owned(),
        target: path.to_owned(),
        body: body.to_string().into_bytes(),
        ..Request::default()
    };
    let request = request
        .with_header("Content-Type", "application/json")
        .with_header("Authorization", format!("Bearer {token}"));
    server.respond(&request, NOW)
}

fn register(server: &mut AuthorizationServer, metadata: &Value) -> Value {
    let response = send(server, "POST", "/oauth/register", "", metadata);
    assert_eq!(response.status, 201, "{}", response.text());
    assert_eq!(response.header_value("cache-control"), Some("no-store"));
    json(&response)
}

/// A request to manage this client.
fn manage(
    server: &mut AuthorizationServer,
    method: &str,
    client: &Value,
    body: &Value,
) -> Response {
    let uri = text(client, "registration_client_uri");
    let path = uri.strip_prefix("https://auth.example").unwrap().to_owned();
    send(
        server,
        method,
        &path,
        text(client, "registration_access_token"),
        body,
    )
}

fn app() -> Value {
    json!({
        "redirect_uris": [CALLBACK],
        "client_name": "An app",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "scope": "read write",
    })
}

fn service(method: &str) -> Value {
    let mut jwk: Value = serde_json::from_str(TEST_KEY).unwrap();
    jwk.as_object_mut().unwrap().remove("d");
    json!({
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": method,
        "scope": "read",
        "jwks": { "keys": [jwk] },
    })
}

/// What the answer says beside what the client had said.
fn without_servers_own(client: &Value) -> Value {
    let mut members = client.as_object().unwrap().clone();
    members.retain(|name, _| {
        !name.starts_with("registration_") && !name.ends_with("_at") && name != "client_secret"
    });
    Value::Object(members)
}

#[test]
fn a_client_that_registered_works_at_every_endpoint() {
    let mut server = server();
    let client = register(&mut server, &app());
    assert_eq!(client["client_id_issued_at"], NOW);
    assert_eq!(client.get("client_secret"), None);
    for (name, value) in app().as_object().unwrap() {
        assert_eq!(client[name], *value, "{name}");
    }
    let id = text(&client, "client_id");
    let location = allow(&mut server, &code_url(&[("client_id", id)]));
    let code = in_query(&location, "code").unwrap();
    let request = exchange_request(&code, &[("client_id", id)]);
    let tokens = json(&server.respond(&request, NOW));
    assert!(tokens["refresh_token"].is_string(), "{tokens}");
    let described = introspect(&mut server, text(&tokens, "access_token"), NOW);
    assert_eq!(described["client_id"], id);
}

#[test]
fn what_a_client_leaves_out_has_the_defaults_of_the_rfc() {
    let mut server = server();
    let client = register(
        &mut server,
        &json!({ "redirect_uris": [CALLBACK], "logo_uri": 7 }),
    );
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(client["grant_types"], json!(["authorization_code"]));
    assert_eq!(client["response_types"], json!(["code"]));
    assert!(text(&client, "scope").contains("read write"), "{client}");
    assert!(client["client_secret"].is_string());
    assert_eq!(client["client_secret_expires_at"], 0);
    assert_eq!(client.get("logo_uri"), None);
}

#[test]
fn a_client_is_held_to_the_method_it_registered() {
    for registered in [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ] {
        let mut server = server();
        let client = register(&mut server, &service(registered));
        let id = text(&client, "client_id");
        let secret = client["client_secret"].as_str().unwrap_or("none");
        let assertion = sign(&claims("1", json!({ "iss": id, "sub": id })));
        let grant = ("grant_type", "client_credentials");
        let basic = format!(
            "Basic {}",
            Base64::encode_string(format!("{id}:{secret}").as_bytes())
        );
        let requests = [
            (
                "client_secret_basic",
                token_request(&[grant]).with_header("Authorization", basic),
            ),
            (
                "client_secret_post",
                token_request(&[grant, ("client_id", id), ("client_secret", secret)]),
            ),
            (
                "private_key_jwt",
                token_request(&[
                    grant,
                    (
                        "client_assertion_type",
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                    ),
                    ("client_assertion", &assertion),
                ]),
            ),
            ("none", token_request(&[grant, ("client_id", id)])),
        ];
        for (used, request) in requests {
            let response = server.respond(&request, NOW);
            if used == registered {
                assert_eq!(response.status, 200, "{registered}: {}", response.text());
            } else {
                assert_eq!(
                    refusal(&response).1,
                    "invalid_client",
                    "{registered} {used}"
                );
            }
        }
    }
}

#[test]
fn what_a_client_binds_itself_to_is_demanded_of_it() {
    let mut server = server();
    let mut metadata = app();
    metadata["require_pushed_authorization_requests"] = true.into();
    metadata["dpop_bound_access_tokens"] = true.into();
    metadata["grant_types"] = json!(["authorization_code", "password"]);
    let client = register(&mut server, &metadata);
    assert_eq!(client["require_pushed_authorization_requests"], true);
    assert_eq!(client["dpop_bound_access_tokens"], true);
    let id = text(&client, "client_id");
    let location = allow(&mut server, &code_url(&[("client_id", id)]));
    assert_eq!(
        in_query(&location, "error").as_deref(),
        Some("invalid_request")
    );
    let form = [
        ("grant_type", "password"),
        ("client_id", id),
        ("username", "alice"),
        ("password", "wonderland"),
    ];
    let refused = refusal(&server.respond(&token_request(&form), NOW));
    assert_eq!(refused, (400, "invalid_dpop_proof".to_owned()));
}

#[test]
fn the_pages_call_a_client_by_its_name() {
    let mut server = server();
    let client = register(&mut server, &app());
    let url = code_url(&[("client_id", text(&client, "client_id"))]);
    let page = server.respond(&Request::get(url.replace("https://auth.example", "")), NOW);
    assert!(
        page.text().contains("<strong>An app</strong>"),
        "{}",
        page.text()
    );
}

#[test]
fn what_a_client_may_not_be_is_refused() {
    let mut server = server();
    let private: Value = serde_json::from_str(TEST_KEY).unwrap();
    let with = |name: &str, value: Value| {
        let mut metadata = app();
        metadata[name] = value;
        metadata
    };
    for (metadata, expected) in [
        (
            with("redirect_uris", json!(["http://app.example/"])),
            "invalid_redirect_uri",
        ),
        (
            with("redirect_uris", json!(["https://app.example/#a"])),
            "invalid_redirect_uri",
        ),
        (
            with("redirect_uris", json!(CALLBACK)),
            "invalid_redirect_uri",
        ),
        (with("redirect_uris", json!([])), "invalid_redirect_uri"),
        (with("redirect_uris", Value::Null), "invalid_redirect_uri"),
        (
            with("grant_types", json!(["magic"])),
            "invalid_client_metadata",
        ),
        (
            with("grant_types", json!("authorization_code")),
            "invalid_client_metadata",
        ),
        (
            with("grant_types", json!(["implicit"])),
            "invalid_client_metadata",
        ),
        (
            with(
                "grant_types",
                json!(["authorization_code", "client_credentials"]),
            ),
            "invalid_client_metadata",
        ),
        (
            with("response_types", json!(["token"])),
            "invalid_client_metadata",
        ),
        (
            with("response_types", json!(["code", "id_token"])),
            "invalid_client_metadata",
        ),
        (
            with("token_endpoint_auth_method", json!("tls_client_auth")),
            "invalid_client_metadata",
        ),
        (
            with("token_endpoint_auth_method", json!("private_key_jwt")),
            "invalid_client_metadata",
        ),
        (
            with("token_endpoint_auth_signing_alg", json!("none")),
            "invalid_client_metadata",
        ),
        (
            with("scope", json!("read everything")),
            "invalid_client_metadata",
        ),
        (with("scope", json!(["read"])), "invalid_client_metadata"),
        (with("client_name", json!(7)), "invalid_client_metadata"),
        (
            with("jwks_uri", json!("https://app.example/jwks")),
            "invalid_client_metadata",
        ),
        (
            with("jwks", json!({ "keys": [] })),
            "invalid_client_metadata",
        ),
        (
            with("jwks", json!({ "keys": [private] })),
            "invalid_client_metadata",
        ),
        (json!([]), "invalid_client_metadata"),
    ] {
        let response = send(&mut server, "POST", "/oauth/register", "", &metadata);
        assert_eq!(refusal(&response), (400, expected.to_owned()), "{metadata}");
    }
    let form = Request::post_form("/oauth/register", &[("client_name", "x")]);
    let refused = refusal(&server.respond(&form, NOW));
    assert_eq!(refused, (400, "invalid_client_metadata".to_owned()));
    assert_eq!(
        server.respond(&Request::get("/oauth/register"), NOW).status,
        405
    );
}

#[test]
fn a_server_may_ask_for_a_token_first() {
    let config = Config::new().initial_access_token("CANARY");
    assert!(!format!("{config:?}").contains("CANARY"));
    let mut server = AuthorizationServer::new(config);
    let refused = send(&mut server, "POST", "/oauth/register", "wrong", &app());
    assert_eq!(refusal(&refused), (401, "invalid_token".to_owned()));
    assert!(
        refused
            .header_value("www-authenticate")
            .unwrap()
            .starts_with("Bearer ")
    );
    let taken = send(&mut server, "POST", "/oauth/register", "CANARY", &app());
    assert_eq!(taken.status, 201);
}

#[test]
fn a_client_reads_what_it_registered() {
    let mut server = server();
    let client = register(&mut server, &app());
    let read = manage(&mut server, "GET", &client, &Value::Null);
    assert_eq!((read.status, json(&read)), (200, client));
}

#[test]
fn a_change_replaces_everything_and_the_token_too() {
    let mut server = server();
    let client = register(&mut server, &app());
    let mut change = without_servers_own(&client);
    change["redirect_uris"] = json!(["https://app.example/other"]);
    change.as_object_mut().unwrap().remove("client_name");
    let response = manage(&mut server, "PUT", &client, &change);
    assert_eq!(response.status, 200, "{}", response.text());
    let changed = json(&response);
    assert_eq!(
        (&changed["client_id"], changed.get("client_name")),
        (&client["client_id"], None)
    );
    assert_eq!(
        changed["redirect_uris"],
        json!(["https://app.example/other"])
    );

    assert_ne!(
        changed["registration_access_token"],
        client["registration_access_token"]
    );
    assert_eq!(
        manage(&mut server, "GET", &client, &Value::Null).status,
        401
    );
    assert_eq!(
        manage(&mut server, "GET", &changed, &Value::Null).status,
        200
    );

    let url = code_url(&[("client_id", text(&client, "client_id"))]);
    let path = url.replace("https://auth.example", "");
    assert_eq!(server.respond(&Request::get(path), NOW).status, 400);
}

#[test]
fn a_secret_stays_unless_the_method_needs_none() {
    let mut server = server();
    let client = register(&mut server, &service("client_secret_post"));
    let mut change = without_servers_own(&client);
    change["client_secret"] = client["client_secret"].clone();
    let same = json(&manage(&mut server, "PUT", &client, &change));
    assert_eq!(same["client_secret"], client["client_secret"]);
    let mut change = without_servers_own(&client);
    change["token_endpoint_auth_method"] = "private_key_jwt".into();
    let none = json(&manage(&mut server, "PUT", &same, &change));
    assert_eq!(none.get("client_secret"), None);
}

#[test]
fn a_change_with_what_is_the_servers_own_is_refused_and_changes_nothing() {
    let mut server = server();
    let client = register(&mut server, &service("client_secret_basic"));
    for (name, value) in [
        (
            "registration_access_token",
            client["registration_access_token"].clone(),
        ),
        (
            "registration_client_uri",
            client["registration_client_uri"].clone(),
        ),
        ("client_id_issued_at", json!(NOW)),
        ("client_secret_expires_at", json!(0)),
        ("client_id", json!("service")),
        ("client_id", Value::Null),
        ("client_secret", json!("one of my own")),
        ("scope", json!("everything")),
    ] {
        let mut change = without_servers_own(&client);
        change[name] = value;
        let response = manage(&mut server, "PUT", &client, &change);
        let expected = (400, "invalid_client_metadata".to_owned());
        assert_eq!(refusal(&response), expected, "{name}");
    }
    assert_eq!(
        json(&manage(&mut server, "GET", &client, &Value::Null)),
        client
    );
}

#[test]
fn a_client_that_goes_takes_its_tokens_with_it() {
    let mut server = server();
    let client = register(&mut server, &app());
    let id = text(&client, "client_id");
    let location = allow(&mut server, &code_url(&[("client_id", id)]));
    let code = in_query(&location, "code").unwrap();
    let request = exchange_request(&code, &[("client_id", id)]);
    let tokens = json(&server.respond(&request, NOW));
    assert_eq!(
        manage(&mut server, "DELETE", &client, &Value::Null).status,
        204
    );
    assert!(!server.is_valid(text(&tokens, "access_token"), NOW));
    assert_eq!(
        manage(&mut server, "GET", &client, &Value::Null).status,
        401
    );
    let form = [("grant_type", "refresh_token"), ("client_id", id)];
    let refused = refusal(&server.respond(&token_request(&form), NOW));
    assert_eq!(refused, (400, "invalid_client".to_owned()));
}

#[test]
fn nobody_else_manages_a_client() {
    let mut server = server();
    let (one, other) = (register(&mut server, &app()), register(&mut server, &app()));
    let mut mixed = one.clone();
    mixed["registration_access_token"] = other["registration_access_token"].clone();
    for method in ["GET", "PUT", "DELETE"] {
        let refused = manage(&mut server, method, &mixed, &without_servers_own(&one));
        assert_eq!(
            refusal(&refused),
            (401, "invalid_token".to_owned()),
            "{method}"
        );
    }
    let known = send(
        &mut server,
        "DELETE",
        "/oauth/register/native",
        "",
        &Value::Null,
    );
    assert_eq!(known.status, 401);
    assert_eq!(manage(&mut server, "PATCH", &one, &Value::Null).status, 405);
    let shown = format!("{server:?}");
    assert!(
        !shown.contains(text(&one, "registration_access_token")),
        "{shown}"
    );
}
