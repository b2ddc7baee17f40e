//! What real token and revocation endpoints were seen to do.

mod common;

use base64ct::{Base64, Encoding};
use common::*;
use hallpass_testkit::{
    AuthorizationServer, Client, Config, Endpoint, Fault, NamedFault, Request, Response,
};
use serde_json::Value;

const DEAD: &str = "no-such-code";

/// The answer to a good exchange while this is on.
fn good(fault: NamedFault) -> Value {
    json(&good_response(fault))
}

fn good_response(fault: NamedFault) -> Response {
    let mut server = server();
    let code = code(&mut server);
    server.inject(fault);
    let response = server.respond(&exchange_request(&code, &[]), NOW);
    assert_eq!(response.status, 200, "{}", response.text());
    response
}

/// The answer to a code that is none while this is on.
fn dead(fault: NamedFault) -> Response {
    let mut server = server();
    server.inject(fault);
    server.respond(&exchange_request(DEAD, &[]), NOW)
}

fn type_of(response: &Response) -> &str {
    response.header_value("content-type").unwrap_or_default()
}

fn form(response: &Response) -> Vec<(String, String)> {
    form_urlencoded::parse(&response.body)
        .into_owned()
        .collect()
}

fn in_form(response: &Response, name: &str) -> Option<String> {
    let found = form(response).into_iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value)
}

fn revoke(server: &mut AuthorizationServer, path: &str, token: &str) -> Response {
    let form = [("client_id", "native"), ("token", token)];
    server.respond(&Request::post_form(path, &form), NOW)
}

#[test]
fn a_dropped_scope_is_not_granted_and_not_told_of() {
    let mut server = server();
    server.inject(NamedFault::DroppedScope.once());
    let code = {
        let url = code_url(&[("scope", "read file_requests.read")]);
        in_query(&allow(&mut server, &url), "code").unwrap()
    };
    let tokens = json(&server.respond(&exchange_request(&code, &[]), NOW));
    assert_eq!(tokens.get("scope"), None);
    let token = text(&tokens, "access_token");
    assert_eq!(
        resource(&mut server, "/resource/files", token, NOW).status,
        403
    );
    assert_eq!(
        text(
            &json(&resource(&mut server, "/resource", token, NOW)),
            "scope"
        ),
        "read"
    );
}

#[test]
fn a_dropped_scope_is_missing_from_an_implicit_answer_too() {
    let mut server = server();
    server.inject(NamedFault::DroppedScope);
    let location = allow(&mut server, &token_url(&[]));
    assert_eq!(in_fragment(&location, "scope"), None);
}

#[test]
fn the_answer_says_nothing_of_the_scopes() {
    assert_eq!(good(NamedFault::NoScope).get("scope"), None);
}

#[test]
fn scopes_have_commas_or_stand_in_an_array() {
    assert_eq!(good(NamedFault::ScopeCommas)["scope"], "read,write");
    assert_eq!(
        good(NamedFault::ScopeArray)["scope"],
        serde_json::json!(["read", "write"])
    );
}

#[test]
fn expires_in_is_missing_a_text_a_fraction_or_null() {
    assert_eq!(good(NamedFault::NoExpiresIn).get("expires_in"), None);
    assert_eq!(good(NamedFault::ExpiresInText)["expires_in"], "3600");
    assert_eq!(good(NamedFault::ExpiresInFloat)["expires_in"], 3599.5);
    assert!(good(NamedFault::ExpiresInNull)["expires_in"].is_null());
}

#[test]
fn token_type_is_missing_in_another_case_or_unknown() {
    assert_eq!(good(NamedFault::NoTokenType).get("token_type"), None);
    assert_eq!(good(NamedFault::TokenTypeLowerCase)["token_type"], "bearer");
    assert_eq!(good(NamedFault::TokenTypeUpperCase)["token_type"], "BEARER");
    assert_eq!(good(NamedFault::TokenTypeUnknown)["token_type"], "mac");
}

#[test]
fn the_tokens_stand_in_an_object_and_work() {
    let mut server = server();
    server.inject(NamedFault::NestedTokens);
    let tokens = tokens(&mut server);
    assert_eq!(tokens.get("access_token"), None);
    let token = text(&tokens["authed_user"], "access_token");
    assert_eq!(resource(&mut server, "/resource", token, NOW).status, 200);
}

#[test]
fn only_a_client_with_a_secret_gets_refresh_tokens() {
    assert_eq!(
        good(NamedFault::NoRefreshTokenForPublic).get("refresh_token"),
        None
    );
    let mut server = server();
    server.inject(NamedFault::NoRefreshTokenForPublic);
    let request = token_request(&[
        ("grant_type", "password"),
        ("client_id", "service"),
        ("client_secret", "service-secret"),
        ("username", "alice"),
        ("password", "wonderland"),
    ]);
    assert!(
        json(&server.respond(&request, NOW))
            .get("refresh_token")
            .is_some()
    );
}

#[test]
fn a_refresh_token_stays_good_where_the_public_client_gets_no_new_one() {
    let mut server = server();
    let tokens = tokens(&mut server);
    server.inject(NamedFault::NoRefreshTokenForPublic);
    for _ in 0..2 {
        let answer = refresh(&mut server, text(&tokens, "refresh_token"), NOW);
        assert_eq!(json(&answer).get("refresh_token"), None);
    }
    assert_eq!(server.reuses(), 0);
}

#[test]
fn a_refresh_gives_more_scopes_than_it_was_asked_for() {
    let mut server = server();
    let tokens = tokens(&mut server);
    server.inject(NamedFault::RefreshMoreScopes);
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "native"),
        ("refresh_token", text(&tokens, "refresh_token")),
        ("scope", "read"),
    ];
    let answer = json(&server.respond(&token_request(&form), NOW));
    assert_eq!(answer["scope"], "read write");
}

#[test]
fn answers_and_refusals_are_form_encoded_though_json_is_accepted() {
    let mut server = server();
    let code = code(&mut server);
    server.inject(NamedFault::FormEncoded);
    let asks_json =
        |code: &str| exchange_request(code, &[]).with_header("Accept", "application/json");
    let refused = server.respond(&asks_json(DEAD), NOW);
    assert_eq!(refused.status, 400);
    assert_eq!(in_form(&refused, "error").as_deref(), Some("invalid_grant"));
    let answer = server.respond(&asks_json(&code), NOW);
    assert_eq!(type_of(&answer), "application/x-www-form-urlencoded");
    assert_eq!(in_form(&answer, "scope").as_deref(), Some("read write"));
    assert_eq!(in_form(&answer, "expires_in").as_deref(), Some("3600"));
    let token = in_form(&answer, "access_token").unwrap();
    assert!(server.is_valid(&token, NOW));
}

#[test]
fn an_answer_is_form_encoded_until_json_is_asked_for() {
    let mut server = server();
    server.inject(NamedFault::FormEncodedUnlessAccepted);
    let request = exchange_request(DEAD, &[]).with_header("Accept", "*/*");
    let answer = server.respond(&request, NOW);
    assert_eq!(type_of(&answer), "application/x-www-form-urlencoded");
    let request = exchange_request(DEAD, &[]).with_header("Accept", "Application/JSON, */*;q=0.1");
    assert_eq!(type_of(&server.respond(&request, NOW)), "application/json");
}

#[test]
fn a_dead_grant_is_told_in_other_words() {
    for (fault, status, error) in [
        (NamedFault::DeadGrantInvalidRequest, 400, "invalid_request"),
        (NamedFault::DeadGrantAccessDenied, 400, "access_denied"),
        (NamedFault::DeadGrantInvalidCode, 403, "invalid_code"),
    ] {
        let mut server = server();
        server.inject(fault);
        let answer = refresh(&mut server, "no-such-token", NOW);
        assert_eq!(answer.status, status);
        assert_eq!(answer.text(), format!("{{\"error\":\"{error}\"}}"));
        assert_eq!(dead(fault).status, status);
    }
}

#[test]
fn an_error_that_is_not_meant_keeps_its_words() {
    let mut server = server();
    server.inject(NamedFault::DeadGrantInvalidCode);
    let request = token_request(&[("grant_type", "x"), ("client_id", "native")]);
    assert_eq!(
        refusal(&server.respond(&request, NOW)),
        (400, "unsupported_grant_type".to_owned())
    );
}

#[test]
fn a_wrong_secret_is_an_unauthorized_client() {
    let mut server = server();
    server.inject(NamedFault::WrongSecretUnauthorizedClient);
    let request = token_request(&[
        ("grant_type", "client_credentials"),
        ("client_id", "service"),
        ("client_secret", "wrong"),
    ]);
    assert_eq!(
        refusal(&server.respond(&request, NOW)),
        (400, "unauthorized_client".to_owned())
    );
}

#[test]
fn a_pending_authorization_is_401() {
    let mut server = server();
    server.inject(Fault::TokenError {
        error: "authorization_pending".to_owned(),
        description: String::new(),
    });
    server.inject(NamedFault::PendingUnauthorized);
    assert_eq!(
        refusal(&server.respond(&exchange_request(DEAD, &[]), NOW)),
        (401, "authorization_pending".to_owned())
    );
}

#[test]
fn a_refusal_is_empty() {
    for (fault, status) in [
        (NamedFault::ErrorEmpty400, 400),
        (NamedFault::ErrorEmpty401, 401),
    ] {
        let answer = dead(fault);
        assert_eq!((answer.status, answer.text().as_str()), (status, ""));
        good(fault);
    }
}

#[test]
fn a_refusal_is_a_page_with_200() {
    let answer = dead(NamedFault::ErrorHtml200);
    assert_eq!(answer.status, 200);
    assert!(type_of(&answer).starts_with("text/html"));
    assert!(answer.text().contains("<p>invalid_grant</p>"));
    good(NamedFault::ErrorHtml200);
}

#[test]
fn a_refusal_is_200_and_not_ok() {
    let answer = dead(NamedFault::ErrorNotOk);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text(), "{\"ok\":false,\"error\":\"invalid_grant\"}");
    good(NamedFault::ErrorNotOk);
}

#[test]
fn a_refusal_is_form_encoded() {
    for (fault, status) in [
        (NamedFault::ErrorFormEncoded200, 200),
        (NamedFault::ErrorFormEncoded400, 400),
    ] {
        let answer = dead(fault);
        assert_eq!(answer.status, status);
        assert_eq!(type_of(&answer), "application/x-www-form-urlencoded");
        assert_eq!(in_form(&answer, "error").as_deref(), Some("invalid_grant"));
        assert!(in_form(&answer, "error_description").is_some());
        good(fault);
    }
}

#[test]
fn a_refusal_in_other_words_can_have_another_form_too() {
    let mut server = server();
    server.inject(NamedFault::DeadGrantAccessDenied);
    server.inject(NamedFault::ErrorNotOk);
    let answer = server.respond(&exchange_request(DEAD, &[]), NOW);
    assert_eq!(answer.text(), "{\"ok\":false,\"error\":\"access_denied\"}");
}

#[test]
fn another_form_is_at_its_own_endpoint() {
    let mut server = server();
    server.inject(
        NamedFault::ErrorEmpty400
            .injection()
            .at(Endpoint::Revocation),
    );
    assert_ne!(server.respond(&exchange_request(DEAD, &[]), NOW).text(), "");
    let nobody = Request::post_form("/oauth/revoke", &[("client_id", "nobody")]);
    assert_eq!(server.respond(&nobody, NOW).text(), "");
}

#[test]
fn an_error_description_has_line_breaks() {
    let answer = json(&dead(NamedFault::TokenErrorLineBreaks));
    assert!(text(&answer, "error_description").contains("\r\n"));
}

#[test]
fn a_form_encoded_basic_secret_is_refused_and_a_raw_one_is_not() {
    let client = Client::confidential("raw", "a+b c")
        .grant_types([hallpass_testkit::GrantType::ClientCredentials]);
    let mut server = AuthorizationServer::new(Config::new().client(client));
    let mut ask = |fault: Option<NamedFault>, secret: &str| {
        server.heal();
        if let Some(fault) = fault {
            server.inject(fault);
        }
        let credentials = Base64::encode_string(format!("raw:{secret}").as_bytes());
        let request = token_request(&[("grant_type", "client_credentials")])
            .with_header("Authorization", format!("Basic {credentials}"));
        server.respond(&request, NOW).status
    };
    assert_eq!(ask(None, "a%2Bb+c"), 200);
    assert_eq!(ask(Some(NamedFault::RawBasic), "a%2Bb+c"), 401);
    assert_eq!(ask(None, "a+b c"), 401);
    assert_eq!(ask(Some(NamedFault::RawBasic), "a+b c"), 200);
}

#[test]
fn the_token_endpoint_sends_to_a_login_page_unless_json_is_accepted() {
    let mut server = server();
    let code = code(&mut server);
    server.inject(NamedFault::LoginUnlessAccepted);
    let request = exchange_request(&code, &[]);
    let answer = server.respond(&request, NOW);
    assert_eq!(
        (answer.status, answer.location()),
        (302, Some("https://auth.example/login"))
    );
    let request = request.with_header("Accept", "application/json");
    assert_eq!(server.respond(&request, NOW).status, 200);
}

#[test]
fn a_revocation_answers_an_object_and_is_carried_out() {
    let mut server = server();
    let tokens = tokens(&mut server);
    let token = text(&tokens, "access_token");
    server.inject(NamedFault::RevocationEmptyObject);
    let answer = revoke(&mut server, "/oauth/revoke", token);
    assert_eq!((answer.status, answer.text().as_str()), (200, "{}"));
    assert!(!server.is_valid(token, NOW));
}

#[test]
fn a_revocation_answers_200_with_an_error_and_is_not_carried_out() {
    let mut server = server();
    let tokens = tokens(&mut server);
    let token = text(&tokens, "access_token");
    server.inject(NamedFault::RevocationError200);
    assert_eq!(
        refusal(&revoke(&mut server, "/oauth/revoke", token)),
        (200, "invalid_token".to_owned())
    );
    assert!(server.is_valid(token, NOW));
}

#[test]
fn revocation_is_at_the_token_endpoint_and_the_metadata_says_so() {
    let mut server = server();
    let tokens = tokens(&mut server);
    let token = text(&tokens, "access_token");
    assert_eq!(revoke(&mut server, "/oauth/token", token).status, 400);
    server.inject(NamedFault::RevocationAtToken);
    let metadata = Request::get("/.well-known/oauth-authorization-server");
    let metadata = json(&server.respond(&metadata, NOW));
    assert_eq!(metadata["revocation_endpoint"], metadata["token_endpoint"]);
    assert_eq!(revoke(&mut server, "/oauth/token", token).status, 200);
    assert!(!server.is_valid(token, NOW));
    let new = code(&mut server);
    let answer = server.respond(&exchange_request(&new, &[]), NOW);
    assert_eq!(answer.status, 200, "tokens are still there to be had");
}
