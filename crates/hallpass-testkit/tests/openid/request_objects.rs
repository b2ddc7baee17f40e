//! Authorization requests as a JWT (OpenID Connect Core §6).

use hallpass_testkit::{Algorithm, AuthorizationServer, Client, Config};
use serde_json::{Value, json};

use crate::{common::*, relying_party::*};

const WHERE: &str = "https://app.example/request.jwt";

/// What an object has in place of the parameters of the request.
fn object(algorithm: &str, more: &Value) -> String {
    let mut claims = json!({
        "iss": "rp",
        "aud": "https://auth.example",
        "client_id": "rp",
        "nonce": "from-the-object",
        "max_age": 60,
        "claims": { "id_token": { "email": null } },
    });
    let members = claims.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    own_jwt(algorithm, &claims)
}

fn url(name: &str, value: &str) -> String {
    login_url("code", &[(name, value), ("nonce", "from-the-query")])
}

fn claims_for(server: &mut AuthorizationServer, url: &str) -> Value {
    let location = allow(server, url);
    let code = answer(&location, "code").unwrap_or_else(|| panic!("a code in {location}"));
    claims_of(text(&redeem(server, &code), "id_token"))
}

#[test]
fn what_the_object_says_counts_more_than_the_query() {
    for algorithm in ["none", "HS256"] {
        let mut server = provider(Algorithm::Rs256);
        let claims = claims_for(&mut server, &url("request", &object(algorithm, &json!({}))));
        assert_eq!(claims["nonce"], "from-the-object", "{algorithm}");
        assert_eq!(claims["email"], "alice@example.com", "{algorithm}");
    }
}

#[test]
fn an_object_may_be_elsewhere() {
    let mut server = provider(Algorithm::Rs256);
    server.host_request_object(WHERE, object("none", &json!({})));
    let claims = claims_for(&mut server, &url("request_uri", WHERE));
    assert_eq!(claims["nonce"], "from-the-object");
    let location = allow(
        &mut server,
        &url("request_uri", "https://app.example/nothing"),
    );
    assert_eq!(
        answer(&location, "error").as_deref(),
        Some("invalid_request_uri")
    );
}

#[test]
fn a_key_of_the_client_signs() {
    let client = Client::private_key_jwt("rp", &public_key().to_string())
        .redirect_uri(CALLBACK)
        .scopes(["openid"])
        .request_object_algorithm(Algorithm::Es256);
    let mut server = AuthorizationServer::new(Config::new().client(client));
    let location = allow(&mut server, &url("request", &object("ES256", &json!({}))));
    assert!(answer(&location, "code").is_some(), "{location}");
    let location = allow(&mut server, &url("request", &object("none", &json!({}))));
    assert_eq!(
        answer(&location, "error").as_deref(),
        Some("invalid_request_object")
    );
}

#[test]
fn an_object_that_is_not_the_clients_is_refused() {
    let mut server = provider(Algorithm::Rs256);
    let broken = object("HS256", &json!({})) + "AA";
    for (object, why) in [
        ("a.b.c".to_owned(), "nonsense"),
        (broken, "signature"),
        (object("ES256", &json!({})), "key"),
        (
            object("none", &json!({ "client_id": "native" })),
            "client_id",
        ),
        (object("none", &json!({ "iss": "native" })), "iss"),
        (
            object("none", &json!({ "aud": "https://other.example" })),
            "aud",
        ),
        (object("none", &json!({ "exp": NOW })), "exp"),
        (object("none", &json!({ "request": "a.b.c" })), "nested"),
    ] {
        let location = allow(&mut server, &url("request", &object));
        let error = answer(&location, "error");
        assert_eq!(error.as_deref(), Some("invalid_request_object"), "{why}");
    }
}

#[test]
fn an_object_can_be_pushed() {
    let mut server = provider(Algorithm::Rs256);
    let own = parameters(&url("request", &object("none", &json!({}))), '?');
    let mut form: Vec<_> = own
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    form.push(("client_secret", SECRET));
    let pushed = server.respond(
        &hallpass_testkit::Request::post_form("/oauth/par", &form),
        NOW,
    );
    let pushed = json(&pushed);
    let uri = form_urlencoded::byte_serialize(text(&pushed, "request_uri").as_bytes());
    let uri: String = uri.collect();
    let url = format!("https://auth.example/oauth/authorize?client_id=rp&request_uri={uri}");
    assert_eq!(claims_for(&mut server, &url)["nonce"], "from-the-object");
}
