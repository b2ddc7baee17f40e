//! A client that registers itself, and the management of what was registered (RFC 7591, RFC 7592).

mod common;

use hallpass_grant::token::{AccessToken, Json};
use hallpass_grant::{
    Client, ClientAuthentication, ClientMetadata, Conversation, Error, ErrorCode, ErrorKind, Input,
    Issuer, MacAlgorithm, Method, Misuse, Recovery, RegisteredClient, Request, Response,
    ServerMetadata, Step, Violation,
};
use serde_json::Value;

use common::*;

const REQUEST: &str = include_str!("vectors/rfc7591-section-3.1.json");
const RESPONSE: &str = include_str!("vectors/rfc7591-section-3.2.1.json");
const REFUSAL: &str = include_str!("vectors/rfc7591-section-3.2.2.json");
const MANAGED: &str = include_str!("vectors/rfc7592-section-3.json");
const UPDATE: &str = include_str!("vectors/rfc7592-section-2.2.json");

const MANAGEMENT_URI: &str = "https://server.example.com/register/s6BhdRkqt3";
const MANAGEMENT_BEARER: &str = "Bearer reg-23410913-abewfq.123483";

fn server_that_registers() -> ServerMetadata {
    server().with_registration_endpoint(endpoint("https://server.example.com/register"))
}

fn register(response: Response) -> Result<RegisteredClient, Error> {
    let server = server_that_registers();
    answered(
        server.register(&ClientMetadata::new(), None).unwrap(),
        response,
    )
}

fn managed() -> RegisteredClient {
    register(json(201, MANAGED)).unwrap()
}

/// What reading the registration again gives.
fn read_again(answer: &str) -> Result<RegisteredClient, Error> {
    answered(managed().read().unwrap(), json(200, answer))
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn text(text: &str) -> Json {
    Json::String(text.to_owned())
}

fn malformed(error: &Error) -> &'static str {
    match violation(error) {
        Violation::Malformed(what) => what,
        other => panic!("{other:?}"),
    }
}

fn metadata_of_rfc_7591() -> ClientMetadata {
    ClientMetadata::new()
        .with_redirect_uri("https://client.example.org/callback")
        .with_redirect_uri("https://client.example.org/callback2")
        .with_name("My Example Client")
        .with_authentication_method("client_secret_basic")
        .with_member("client_name#ja-Jpan-JP", text("クライアント名"))
        .with_member("logo_uri", text("https://client.example.org/logo.png"))
        .with_member(
            "jwks_uri",
            text("https://client.example.org/my_public_keys.jwks"),
        )
        .with_member("example_extension_parameter", text("example_value"))
}

#[test]
fn the_request_of_rfc_7591_section_3_1_is_sent() {
    let server = server_that_registers();
    let mut call = server.register(&metadata_of_rfc_7591(), None).unwrap();
    let request = request_of(&mut call);
    assert_eq!(request.method(), Method::Post);
    assert_eq!(
        request.endpoint().as_str(),
        "https://server.example.com/register"
    );
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(value(body(&request)), value(REQUEST));
}

#[test]
fn what_was_not_said_is_not_sent() {
    let body_of = |metadata: &ClientMetadata| {
        let mut call = server_that_registers().register(metadata, None).unwrap();
        body(&request_of(&mut call)).to_owned()
    };
    assert_eq!(body_of(&ClientMetadata::new()), "{}");
    let every = ClientMetadata::new()
        .with_redirect_uri("http://127.0.0.1/cb")
        .with_authentication_method("none")
        .with_grant_type("authorization_code")
        .with_response_type("code")
        .with_name("A \"tool\"")
        .with_scopes(scopes("read write"))
        .with_member("software_id", text("4NRB1"));
    assert_eq!(
        body_of(&every),
        concat!(
            r#"{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"none","#,
            r#""grant_types":["authorization_code"],"response_types":["code"],"client_name":"A \"tool\"","#,
            r#""scope":"read write","software_id":"4NRB1"}"#
        )
    );
}

#[test]
fn an_initial_access_token_is_sent_as_a_bearer() {
    let token = AccessToken::new("ey23f2.adfj230.af32-developer321").unwrap();
    let server = server_that_registers();
    let mut call = server
        .register(&ClientMetadata::new(), Some(&token))
        .unwrap();
    assert_eq!(
        request_of(&mut call).header("authorization"),
        Some("Bearer ey23f2.adfj230.af32-developer321")
    );
}

#[test]
fn the_response_of_rfc_7591_section_3_2_1_is_a_client() {
    // RFC 7591 §3.2.1 says 201; there are servers that say 200.
    for status in [201, 200] {
        let client = register(json(status, RESPONSE)).unwrap();
        assert_eq!(client.client_id, "s6BhdRkqt3");
        let secret = client.client_secret.unwrap();
        assert_eq!(secret.expose_secret(), "cf136dc3c1fc93f31185e5885805d");
        assert_eq!(client.client_secret_expires_at, Some(2_893_276_800));
        assert_eq!(client.registration_access_token, None);
        assert_eq!(client.registration_client_uri, None);
        assert_eq!(
            client.metadata.grant_types,
            ["authorization_code", "refresh_token"]
        );
        let mut metadata = client.metadata;
        metadata.grant_types.clear();
        assert_eq!(metadata, metadata_of_rfc_7591());
    }
}

#[test]
fn the_error_of_rfc_7591_section_3_2_2_is_for_the_program_to_mend() {
    let error = register(json(400, REFUSAL)).unwrap_err();
    let refused = error.refused().unwrap();
    assert_eq!(*refused.code().unwrap(), ErrorCode::INVALID_REDIRECT_URI);
    assert_eq!(
        refused.description(),
        Some("The redirection URI http://sketchy.example.com is not allowed by this server.")
    );
    for code in [
        "invalid_redirect_uri",
        "invalid_client_metadata",
        "invalid_software_statement",
        "unapproved_software_statement",
    ] {
        let error = register(json(400, &format!(r#"{{"error":"{code}"}}"#))).unwrap_err();
        assert_eq!(error.recovery(), Recovery::Fix, "{code}");
    }
}

#[test]
fn null_counts_as_absent() {
    let client = register(json(
        201,
        r#"{"client_id":"c","client_secret":null,"client_secret_expires_at":null,"redirect_uris":null,
            "grant_types":null,"response_types":null,"scope":null,"client_name":null,
            "token_endpoint_auth_method":null,"registration_access_token":null,"registration_client_uri":null}"#,
    ))
    .unwrap();
    assert_eq!(client.client_secret, None);
    assert_eq!(client.client_secret_expires_at, None);
    assert_eq!(client.registration_access_token, None);
    assert_eq!(client.registration_client_uri, None);
    assert_eq!(client.metadata, ClientMetadata::new());
}

#[test]
fn a_secrets_end_may_be_a_text_and_zero_is_never() {
    let end = |value: &str| {
        let answer = format!(
            r#"{{"client_id":"c","client_secret":"s","client_secret_expires_at":{value}}}"#
        );
        register(json(201, &answer)).map(|client| client.client_secret_expires_at)
    };
    assert_eq!(end("0").unwrap(), None);
    assert_eq!(end(r#""0""#).unwrap(), None);
    assert_eq!(end("2893276800").unwrap(), Some(2_893_276_800));
    assert_eq!(end(r#""2893276800""#).unwrap(), Some(2_893_276_800));
    assert!(end(r#""never""#).is_err());
    assert!(end("[]").is_err());
}

#[test]
fn an_answer_that_is_no_registration_is_a_violation() {
    for answer in [
        "{}",
        r#"{"client_id":""}"#,
        r#"{"client_id":7}"#,
        r#"{"client_id":"c","redirect_uris":"https://client.example.org/callback"}"#,
        r#"{"client_id":"c","grant_types":[7]}"#,
        r#"{"client_id":"c","scope":"a\\b"}"#,
        r#"{"client_id":"c","registration_access_token":"a\nb"}"#,
    ] {
        malformed(&register(json(201, answer)).unwrap_err());
    }
}

#[test]
fn a_registration_is_managed_only_where_nobody_listens() {
    for uri in [
        "http://server.example.com/register/c",
        "https://server.example.com/register/c#f",
        "/register/c",
    ] {
        let answer = format!(
            r#"{{"client_id":"c","registration_access_token":"t","registration_client_uri":"{uri}"}}"#
        );
        let error = register(json(201, &answer)).unwrap_err();
        assert_eq!(
            malformed(&error),
            "registration_client_uri is no https address"
        );
        assert!(std::error::Error::source(&error).is_some());
    }
}

#[test]
fn reading_is_a_get_with_the_registration_access_token() {
    let request = request_of(&mut managed().read().unwrap());
    assert_eq!(request.method(), Method::Get);
    assert_eq!(request.endpoint().as_str(), MANAGEMENT_URI);
    assert_eq!(request.header("authorization"), Some(MANAGEMENT_BEARER));
    assert_eq!(request.header("content-type"), None);
    assert_eq!(body(&request), "");
}

#[test]
fn updating_is_the_put_of_rfc_7592_section_2_2() {
    let metadata = ClientMetadata::new()
        .with_redirect_uri("https://client.example.org/callback")
        .with_redirect_uri("https://client.example.org/alt")
        .with_grant_type("authorization_code")
        .with_grant_type("refresh_token")
        .with_authentication_method("client_secret_basic")
        .with_name("My New Example")
        .with_member(
            "jwks_uri",
            text("https://client.example.org/my_public_keys.jwks"),
        )
        .with_member("client_name#fr", text("Mon Nouvel Exemple"))
        .with_member("logo_uri", text("https://client.example.org/newlogo.png"))
        .with_member(
            "logo_uri#fr",
            text("https://client.example.org/fr/newlogo.png"),
        );
    let request = request_of(&mut managed().update(&metadata).unwrap());
    assert_eq!(request.method(), Method::Put);
    assert_eq!(request.endpoint().as_str(), MANAGEMENT_URI);
    assert_eq!(request.header("authorization"), Some(MANAGEMENT_BEARER));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(value(body(&request)), value(UPDATE));
}

#[test]
fn an_update_of_what_was_registered_has_nothing_in_it_that_only_the_server_may_say() {
    let client = managed();
    let request = request_of(&mut client.update(&client.metadata).unwrap());
    let sent = value(body(&request));
    for name in [
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_id_issued_at",
    ] {
        assert_eq!(sent.get(name), None, "{name} (RFC 7592 §2.2)");
    }
    assert_eq!(sent["client_id"], "s6BhdRkqt3");
}

#[test]
fn deleting_is_a_delete_and_a_204_its_success() {
    let mut call = managed().delete().unwrap();
    let request = request_of(&mut call);
    assert_eq!(request.method(), Method::Delete);
    assert_eq!(request.endpoint().as_str(), MANAGEMENT_URI);
    assert_eq!(request.header("authorization"), Some(MANAGEMENT_BEARER));
    assert_eq!(body(&request), "");
    done(call.step(Input::Response(Response::new(204)), NOW).unwrap());
    for status in [401, 403, 405] {
        let error = answered(managed().delete().unwrap(), Response::new(status)).unwrap_err();
        assert_eq!(error.refused().unwrap().status(), Some(status));
    }
}

#[test]
fn a_new_token_and_a_new_secret_replace_the_old_ones() {
    let client = read_again(
        r#"{"client_id":"s6BhdRkqt3","client_secret":"new","client_secret_expires_at":0,
            "registration_access_token":"reg-2",
            "registration_client_uri":"https://server.example.com/register/2"}"#,
    )
    .unwrap();
    assert_eq!(
        client.client_secret.as_ref().unwrap().expose_secret(),
        "new"
    );
    assert_eq!(client.client_secret_expires_at, None);
    let request = request_of(&mut client.read().unwrap());
    assert_eq!(request.header("authorization"), Some("Bearer reg-2"));
    assert_eq!(
        request.endpoint().as_str(),
        "https://server.example.com/register/2"
    );
}

#[test]
fn what_a_server_does_not_repeat_is_kept() {
    let client = read_again(r#"{"client_id":"s6BhdRkqt3","client_name":"Renamed"}"#).unwrap();
    let before = managed();
    assert_eq!(client.client_secret, before.client_secret);
    assert_eq!(
        client.registration_access_token,
        before.registration_access_token
    );
    assert_eq!(
        client.registration_client_uri,
        before.registration_client_uri
    );
    assert_eq!(client.metadata.client_name.as_deref(), Some("Renamed"));
}

#[test]
fn a_kept_secret_keeps_its_end() {
    let client = read_again(r#"{"client_id":"s6BhdRkqt3"}"#).unwrap();
    assert_eq!(client.client_secret_expires_at, Some(2_893_276_800));
    let said = read_again(r#"{"client_id":"s6BhdRkqt3","client_secret_expires_at":0}"#).unwrap();
    assert_eq!(said.client_secret_expires_at, None);
    let new = read_again(r#"{"client_id":"s6BhdRkqt3","client_secret":"new"}"#).unwrap();
    assert_eq!(new.client_secret_expires_at, None);
}

#[test]
fn another_clients_registration_is_not_taken() {
    let error = read_again(r#"{"client_id":"other","client_secret":"x"}"#).unwrap_err();
    assert_eq!(malformed(&error), "client_id is another client's");
    assert_eq!(error.recovery(), Recovery::Fail);
}

#[test]
fn what_a_lost_answer_leaves_is_told() {
    let server = server_that_registers();
    let call = server.register(&ClientMetadata::new(), None).unwrap();
    assert_eq!(lost_answer(call), ErrorKind::Transport);
    assert_eq!(lost_answer(managed().read().unwrap()), ErrorKind::InDoubt);
    let update = managed().update(&ClientMetadata::new()).unwrap();
    assert_eq!(lost_answer(update), ErrorKind::InDoubt);
    assert_eq!(
        lost_answer(managed().delete().unwrap()),
        ErrorKind::Transport
    );
}

#[test]
fn what_is_missing_is_told_before_any_request() {
    let error = server().register(&ClientMetadata::new(), None).unwrap_err();
    assert_eq!(*misuse(&error), Misuse::Missing("registration endpoint"));
    let unmanaged = register(json(201, RESPONSE)).unwrap();
    assert_eq!(
        *misuse(&unmanaged.read().unwrap_err()),
        Misuse::Missing("registration client URI")
    );
    let mut without_token = managed();
    without_token.registration_access_token = None;
    assert_eq!(
        *misuse(&without_token.delete().unwrap_err()),
        Misuse::Missing("registration access token")
    );
}

/// What a client with this registration sends for a token: its first step.
fn first_step(client: &Client) -> Step<hallpass_grant::token::TokenSet> {
    let grant = client.client_credentials(&scopes(""), &mut draws(SEED));
    grant.unwrap().step(Input::Begin, NOW).unwrap()
}

fn registered(members: &str) -> RegisteredClient {
    let answer = format!(r#"{{"client_id":"c"{members}}}"#);
    register(json(201, &answer)).unwrap()
}

#[test]
fn a_registration_is_for_the_server_that_made_it_and_no_other() {
    let of = |issuer: &str| server().with_issuer(Issuer::new(issuer).unwrap());
    let registering = server_that_registers().with_issuer(Issuer::new(ISSUER).unwrap());
    let made = |members: &str| {
        let call = registering.register(&ClientMetadata::new(), None);
        answered(call.unwrap(), json(201, members)).unwrap()
    };
    let managed = made(MANAGED);
    let again = answered(managed.read().unwrap(), json(200, MANAGED)).unwrap();
    assert_eq!(
        (&managed.issuer, &again.issuer),
        (&registering.issuer, &managed.issuer)
    );
    let made = made(r#"{"client_id":"c","client_secret":"canary"}"#);
    assert!(made.client(server_with_issuer(), None).is_ok());
    let elsewhere = [
        of("https://evil.example"),
        // It does not say who it is.
        server(),
    ];
    for server in elsewhere {
        let error = made.client(server, None).map(|_| ()).unwrap_err();
        assert_eq!(*misuse(&error), Misuse::OtherClient);
    }
    // One that was stored before the server was kept with it.
    let mut stored = serde_json::to_value(&made).unwrap();
    stored.as_object_mut().unwrap().remove("issuer");
    let stored: RegisteredClient = serde_json::from_value(stored).unwrap();
    assert!(stored.client(of("https://other.example"), None).is_ok());
}

#[test]
fn a_client_is_held_to_the_one_way_it_is_registered_for() {
    let sent_by = |members: &str| -> Request {
        let client = registered(members).client(server(), Some(key())).unwrap();
        sent(first_step(&client))
    };
    for (members, header, secret) in [
        (
            r#","client_secret":"s","token_endpoint_auth_method":"client_secret_basic""#,
            Some("Basic Yzpz"),
            "",
        ),
        // RFC 7591 §2: what is not said is client_secret_basic.
        (r#","client_secret":"s""#, Some("Basic Yzpz"), ""),
        (
            r#","client_secret":"s","token_endpoint_auth_method":"client_secret_post""#,
            None,
            "&client_id=c&client_secret=s",
        ),
    ] {
        let request = sent_by(members);
        assert_eq!(request.header("authorization"), header, "{members}");
        assert_eq!(
            body(&request),
            format!("grant_type=client_credentials{secret}")
        );
    }
}

#[test]
fn a_client_registered_with_a_key_signs() {
    let members = r#","client_secret":"s","token_endpoint_auth_method":"private_key_jwt""#;
    let client = registered(members).client(server(), Some(key())).unwrap();
    let Step::Sign(input) = first_step(&client) else {
        panic!("nothing to sign");
    };
    assert_eq!(*input.key(), key());
}

#[test]
fn a_public_client_sends_no_secret_that_came_all_the_same() {
    for members in [
        r#","token_endpoint_auth_method":"none""#,
        r#","token_endpoint_auth_method":"none","client_secret":"canary""#,
        "",
    ] {
        let client = registered(members).client(server(), None).unwrap();
        let granted = scopes("");
        let token = hallpass_grant::token::RefreshToken::new("R").unwrap();
        let mut call = client
            .refresh(&token, &granted, None, &mut draws(SEED))
            .unwrap();
        let request = request_of(&mut call);
        assert_eq!(request.header("authorization"), None);
        assert_eq!(
            body(&request),
            "grant_type=refresh_token&refresh_token=R&client_id=c"
        );
    }
}

#[test]
fn a_way_that_cannot_be_gone_is_told_before_any_request() {
    let client = |members| registered(members).client(server(), None);
    for members in [
        r#","token_endpoint_auth_method":"client_secret_basic""#,
        r#","token_endpoint_auth_method":"client_secret_post""#,
        r#","token_endpoint_auth_method":"client_secret_jwt""#,
    ] {
        assert_eq!(
            *misuse(&client(members).unwrap_err()),
            Misuse::Missing("client secret")
        );
    }
    assert_eq!(
        *misuse(&client(r#","token_endpoint_auth_method":"private_key_jwt""#).unwrap_err()),
        Misuse::Missing("signing key")
    );
    let secret = "a-client-secret-of-32-characters";
    for (method, algorithm) in [
        ("attest_jwt_client_auth", "ES256"),
        // The wrong kind of key, no key at all, and a hash that the secret is too short for.
        ("client_secret_jwt", "RS256"),
        ("client_secret_jwt", "none"),
        ("client_secret_jwt", "HS512"),
        ("private_key_jwt", "RS256"),
        ("private_key_jwt", "HS256"),
    ] {
        let members = format!(
            r#","client_secret":"{secret}","token_endpoint_auth_method":"{method}","token_endpoint_auth_signing_alg":"{algorithm}""#
        );
        let error = registered(&members).client(server(), Some(key()));
        let error = error.unwrap_err();
        assert!(
            matches!(misuse(&error), Misuse::Invalid { .. }),
            "{method} {algorithm}: {error}"
        );
    }
}

#[test]
fn a_client_registered_with_a_secret_that_signs_signs_as_it_is_registered() {
    let secret = "a-client-secret-of-32-characters".repeat(2);
    let algorithm = |signing_alg: &str| {
        let members = format!(
            r#","client_secret":"{secret}","token_endpoint_auth_method":"client_secret_jwt"{signing_alg}"#
        );
        match registered(&members).authentication(None).unwrap() {
            ClientAuthentication::SecretJwt(key) => key.algorithm(),
            other => panic!("{other:?}"),
        }
    };
    // OpenID Connect Registration §2: without one, any that the server knows; it must know HS256.
    assert_eq!(algorithm(""), MacAlgorithm::Hs256);
    for (name, expected) in [
        ("HS256", MacAlgorithm::Hs256),
        ("HS384", MacAlgorithm::Hs384),
        ("HS512", MacAlgorithm::Hs512),
    ] {
        let member = format!(r#","token_endpoint_auth_signing_alg":"{name}""#);
        assert_eq!(algorithm(&member), expected);
    }
}

#[test]
fn a_client_registered_with_a_key_or_a_certificate_needs_no_secret() {
    for (method, algorithm) in [
        ("private_key_jwt", "ES256"),
        ("tls_client_auth", "ES256"),
        ("self_signed_tls_client_auth", "ES256"),
    ] {
        let members = format!(
            r#","token_endpoint_auth_method":"{method}","token_endpoint_auth_signing_alg":"{algorithm}""#
        );
        let authentication = registered(&members).authentication(Some(key())).unwrap();
        match method {
            "private_key_jwt" => assert!(matches!(
                authentication,
                ClientAuthentication::PrivateKeyJwt(_)
            )),
            _ => assert!(matches!(authentication, ClientAuthentication::MutualTls)),
        }
    }
}

#[test]
fn the_only_redirect_uri_is_the_clients_and_of_several_none() {
    let redirect_uri = |uris: &str| {
        let client = registered(&format!(r#","redirect_uris":{uris}"#));
        let client = client.client(server(), None).unwrap();
        client.redirect_uri().map(str::to_owned)
    };
    assert_eq!(
        redirect_uri(r#"["https://app.example/cb"]"#).as_deref(),
        Some("https://app.example/cb")
    );
    assert_eq!(redirect_uri("[]"), None);
    assert_eq!(
        redirect_uri(r#"["https://a.example","https://b.example"]"#),
        None
    );
}

#[test]
fn a_registration_comes_back_from_where_it_was_stored() {
    let client = managed();
    let stored = serde_json::to_string(&client).unwrap();
    let again: RegisteredClient = serde_json::from_str(&stored).unwrap();
    assert_eq!(again, client);
    // A call can be stored as well, between its request and its answer.
    let mut call = client.read().unwrap();
    let _request = request_of(&mut call);
    let stored = serde_json::to_string(&call).unwrap();
    let mut call: hallpass_grant::Call<hallpass_grant::RegistrationAnswer> =
        serde_json::from_str(&stored).unwrap();
    let read = call
        .step(Input::Response(json(200, MANAGED)), NOW)
        .map(done);
    assert_eq!(read.unwrap(), client);
}

#[test]
fn no_secret_is_shown_by_debug() {
    let client = register(json(
        201,
        r#"{"client_id":"c","client_secret":"canary-1","registration_access_token":"canary-2",
            "registration_client_uri":"https://server.example.com/register?token=canary-3",
            "software_statement":"canary-4"}"#,
    ))
    .unwrap();
    let token = AccessToken::new("canary-5").unwrap();
    let server = server_that_registers();
    let initial = server.register(&client.metadata, Some(&token)).unwrap();
    let update = client.update(&client.metadata).unwrap();
    let as_client = client.client(server, None).unwrap();
    let shown = format!("{client:?} {initial:?} {update:?} {as_client:?}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn a_registration_is_managed_where_it_was_made_or_nowhere() {
    for uri in [
        "https://evil.example/internal?x=1",
        "http://127.0.0.1:2375/containers/db",
        "https://as.example:8443/c",
    ] {
        let server = server().with_registration_endpoint(endpoint("https://as.example/register"));
        let call = server.register(&ClientMetadata::new(), None).unwrap();
        let body = format!(
            r#"{{"client_id":"c","registration_access_token":"t","registration_client_uri":"{uri}"}}"#
        );
        let error = answered(call, json(201, &body)).unwrap_err();
        assert!(
            matches!(violation(&error), Violation::Malformed(_)),
            "{uri}"
        );
    }
}

#[test]
fn a_member_of_its_own_takes_the_place_of_the_field() {
    let metadata = ClientMetadata::new()
        .with_redirect_uri("http://127.0.0.1/cb")
        .with_member(
            "redirect_uris",
            hallpass_grant::token::Json::Array(Vec::new()),
        );
    let server = server().with_registration_endpoint(endpoint("https://as.example/register"));
    let mut call = server.register(&metadata, None).unwrap();
    assert_eq!(body(&request_of(&mut call)), r#"{"redirect_uris":[]}"#);
}
