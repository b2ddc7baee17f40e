//! How a client shows who it is (RFC 6749 §2.3).

mod common;

use base64ct::{Base64, Encoding};
use common::*;
use hallpass_testkit::{AuthorizationServer, Client, Config, GrantType, Request, Response};

const FORM: [(&str, &str); 1] = [("grant_type", "client_credentials")];

fn with_basic(
    server: &mut AuthorizationServer,
    credentials: &str,
    form: &[(&str, &str)],
) -> Response {
    let header = format!("Basic {}", Base64::encode_string(credentials.as_bytes()));
    server.respond(
        &token_request(form).with_header("Authorization", header),
        NOW,
    )
}

fn invalid_client(status: u16) -> (u16, String) {
    (status, "invalid_client".to_owned())
}

#[test]
fn a_secret_may_come_by_basic_or_in_the_form() {
    let mut server = server();
    assert_eq!(
        with_basic(&mut server, "service:service-secret", &FORM).status,
        200
    );
    let form = [
        FORM[0],
        ("client_id", "service"),
        ("client_secret", "service-secret"),
    ];
    assert_eq!(server.respond(&token_request(&form), NOW).status, 200);
}

#[test]
fn a_wrong_secret_by_basic_is_401_with_a_challenge() {
    let mut server = server();
    for credentials in [
        "service:wrong",
        "service:",
        "nobody:x",
        "no colon",
        "native:x",
        "service:%zz",
    ] {
        let response = with_basic(&mut server, credentials, &FORM);
        assert_eq!(refusal(&response), invalid_client(401), "{credentials}");
        assert!(
            response
                .header_value("www-authenticate")
                .unwrap()
                .starts_with("Basic "),
            "{credentials}"
        );
        assert_eq!(response.header_value("cache-control"), Some("no-store"));
    }
    let other_scheme = token_request(&FORM).with_header("Authorization", "Bearer x");
    assert_eq!(
        refusal(&server.respond(&other_scheme, NOW)),
        invalid_client(401)
    );
}

#[test]
fn a_wrong_or_missing_secret_in_the_form_is_400() {
    let mut server = server();
    for more in [
        vec![("client_id", "service"), ("client_secret", "wrong")],
        vec![("client_id", "service")],
        vec![("client_id", "nobody")],
        vec![("client_id", "native"), ("client_secret", "x")],
        vec![],
    ] {
        let form = [FORM.to_vec(), more].concat();
        assert_eq!(
            refusal(&server.respond(&token_request(&form), NOW)),
            invalid_client(400),
            "{form:?}"
        );
    }
}

#[test]
fn id_and_secret_are_form_encoded_inside_basic() {
    let odd = Client::confidential("odd:client é", "c:%+é &s")
        .scopes(["read"])
        .grant_types([GrantType::ClientCredentials]);
    let mut server = AuthorizationServer::new(Config::new().client(odd));
    let encoded = "odd%3Aclient+%C3%A9:c%3A%25%2B%C3%A9+%26s";
    assert_eq!(with_basic(&mut server, encoded, &FORM).status, 200);
    assert_eq!(
        with_basic(&mut server, "odd:client é:c:%+é &s", &FORM).status,
        401
    );
}

#[test]
fn a_client_of_the_old_kind_sends_its_secret_as_it_is() {
    let raw = Client::confidential("cid", "c:s&é")
        .scopes(["read"])
        .grant_types([GrantType::ClientCredentials]);
    let mut server = AuthorizationServer::new(Config::new().client(raw.raw_basic()));
    assert_eq!(with_basic(&mut server, "cid:c:s&é", &FORM).status, 200);
    assert_eq!(
        with_basic(&mut server, "cid:c%3As%26%C3%A9", &FORM).status,
        401
    );
}

#[test]
fn a_client_that_authenticates_twice_or_as_two_is_refused() {
    let mut server = server();
    let twice = [FORM[0], ("client_secret", "service-secret")];
    let as_two = [FORM[0], ("client_id", "native")];
    for form in [twice, as_two] {
        let response = with_basic(&mut server, "service:service-secret", &form);
        assert_eq!(refusal(&response), (400, "invalid_request".to_owned()));
    }
}

#[test]
fn a_request_that_is_not_as_rfc_6749_wants_it_is_refused() {
    let mut server = server();
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "native"),
        ("refresh_token", "x"),
    ];
    let invalid = (400, "invalid_request".to_owned());

    let mut json_body = token_request(&form);
    json_body.headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    assert_eq!(refusal(&server.respond(&json_body, NOW)), invalid);

    let in_url = Request::post_form("/oauth/token?refresh_token=x", &form);
    assert_eq!(refusal(&server.respond(&in_url, NOW)), invalid);

    let twice = [form.to_vec(), vec![form[2]]].concat();
    assert_eq!(
        refusal(&server.respond(&token_request(&twice), NOW)),
        invalid
    );

    assert_eq!(
        refusal(&server.respond(&token_request(&form[1..]), NOW)),
        invalid
    );
    assert_eq!(
        refusal(&server.respond(&token_request(&form[..2]), NOW)),
        invalid
    );

    let unknown = [("grant_type", "magic"), ("client_id", "native")];
    assert_eq!(
        refusal(&server.respond(&token_request(&unknown), NOW)),
        (400, "unsupported_grant_type".to_owned())
    );
    let forbidden = [
        ("grant_type", "authorization_code"),
        ("client_id", "httpig"),
    ];
    assert_eq!(
        refusal(&server.respond(&token_request(&forbidden), NOW)),
        (400, "unauthorized_client".to_owned())
    );

    let by_get = server.respond(&Request::get("/oauth/token"), NOW);
    assert_eq!(
        (by_get.status, by_get.header_value("allow")),
        (405, Some("POST"))
    );
}

#[test]
fn an_endpoint_may_have_a_query_of_its_own() {
    let mut server = server();
    let form = [
        FORM[0],
        ("client_id", "service"),
        ("client_secret", "service-secret"),
    ];
    assert_eq!(
        server
            .respond(&Request::post_form("/oauth/token?tenant=1", &form), NOW)
            .status,
        200
    );
}
