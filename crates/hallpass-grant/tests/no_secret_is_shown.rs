//! No Debug, Display or error of a public type shows a secret, a code, a token, a state or a query string.

mod common;
#[path = "common/signer.rs"]
mod signer;

use std::error::Error as _;
use std::fmt::Debug;

use hallpass_grant::token::{AccessToken, RefreshToken, Scopes, Secret};
use hallpass_grant::{
    AuthorizationRequest, Callback, Client, ClientAuthentication, Conversation, Discovery, Error,
    Input, Issuer, RandomError, Response, ServerMetadata, Signature, Step,
};

use common::*;

/// Nothing that must be kept is written without this in it.
const CANARY: &str = "canary";

fn shows_nothing(value: &impl Debug) {
    let shown = format!("{value:?} {value:#?}");
    for secret in [CANARY, STATE, VERIFIER] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

fn error_shows_nothing(error: &Error) {
    shows_nothing(error);
    let mut shown = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        shown += &format!(" {cause} {cause:?}");
        source = cause.source();
    }
    for secret in [CANARY, STATE, VERIFIER] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

fn secretive(authentication: ClientAuthentication) -> Client {
    let server = ServerMetadata::default()
        .with_device_authorization_endpoint(endpoint("https://as.example/d?key=canary"))
        .with_pushed_authorization_request_endpoint(endpoint("https://as.example/p?key=canary"))
        .with_authorization_endpoint(endpoint("https://as.example/a?key=canary"))
        .with_token_endpoint(endpoint("https://as.example/t?key=canary"));
    Client::new(server, "cid")
        .unwrap()
        .with_authentication(authentication)
        .with_redirect_uri("https://app.example/cb?key=canary#canary")
        .unwrap()
}

#[test]
fn a_login_shows_nothing_from_its_beginning_to_its_end() {
    for authentication in [
        ClientAuthentication::Basic("canary-secret".into()),
        ClientAuthentication::Post("canary-secret".into()),
        ClientAuthentication::PrivateKeyJwt(key()),
    ] {
        let client = secretive(authentication);
        shows_nothing(&client);
        shows_nothing(&client.code().unwrap());
        shows_nothing(&client.implicit().unwrap());
        let request = AuthorizationRequest::new()
            .parameter("login_hint", "canary")
            .unwrap();
        shows_nothing(&request);
        let (url, pending) = client
            .code()
            .unwrap()
            .begin(request, &mut draws(SEED), NOW)
            .unwrap();
        shows_nothing(&url);
        shows_nothing(&pending);
        shows_nothing(pending.state());
        let callback = format!("/cb?code=canary-code&state={STATE}");
        let callback = Callback::from_url(&callback);
        shows_nothing(&callback);
        let code = pending.receive(&callback, NOW).unwrap();
        shows_nothing(&code);
        let mut call = client.exchange(code).unwrap();
        shows_nothing(&call);
        let mut step = call.step(Input::Begin, NOW).unwrap();
        shows_nothing(&call);
        if let Step::Sign(input) = &step {
            shows_nothing(input);
            let signature = Signature::new(
                *b"canary-canary-canary-canary-canary-canary-canary-canary-canary-c",
            );
            shows_nothing(&signature);
            step = call.step(Input::Signature(signature), NOW).unwrap();
        }
        shows_nothing(&step);
        shows_nothing(&call);
        let request = sent(step);
        shows_nothing(&request);
        shows_nothing(request.body());
        let answer = r#"{"access_token":"canary-token","token_type":"bearer","refresh_token":"canary-refresh",
            "id_token":"canary-id","canary":"canary"}"#;
        let response = json(200, answer).with_header("location", "https://a/#access_token=canary");
        shows_nothing(&response);
        let input = Input::Response(response);
        shows_nothing(&input);
        let step = call.step(input, NOW).unwrap();
        shows_nothing(&step);
        shows_nothing(&done(step));
        shows_nothing(&call);
    }
}

#[test]
fn a_refresh_shows_nothing() {
    let token = RefreshToken::new("canary").unwrap();
    shows_nothing(&token);
    let client = secretive(ClientAuthentication::None);
    let mut call = client
        .refresh(&token, &Scopes::new(), None, &mut draws(SEED))
        .unwrap();
    shows_nothing(&call);
    shows_nothing(&call.step(Input::Begin, NOW).unwrap());
}

/// Carries out a conversation with these answers, and looks at all that is seen on the way.
fn watched<C: Conversation + Debug>(mut conversation: C, answers: &[Response]) -> C::Output
where
    C::Output: Debug,
{
    let mut answers = answers.iter();
    let (mut input, mut now) = (Input::Begin, NOW);
    loop {
        shows_nothing(&conversation);
        shows_nothing(&input);
        let step = conversation.step(input, now).unwrap();
        shows_nothing(&step);
        input = match step {
            Step::Send(_) => Input::Response(answers.next().unwrap().clone()),
            Step::Sign(to_sign) => Input::Signature(signer::sign(&to_sign)),
            Step::Wait(until) => {
                now = until;
                Input::Woken
            }
            Step::Done(output) => return output,
        };
    }
}

#[test]
fn the_grants_without_a_redirect_show_nothing() {
    let token = json(
        200,
        r#"{"access_token":"canary","token_type":"bearer","refresh_token":"canary"}"#,
    );
    let answers = [token];
    let client = secretive(ClientAuthentication::Post("canary-secret".into()));
    let random = || draws(SEED);
    let call = client.client_credentials(&scopes("read"), &mut random());
    let call = call.unwrap().with_parameter("x", "canary").unwrap();
    shows_nothing(&watched(call, &answers));
    let password = Secret::new("canary");
    let call = client.legacy_password("canary", &password, &Scopes::new(), &mut random());
    shows_nothing(&watched(call.unwrap(), &answers));
}

#[test]
fn a_devices_login_shows_nothing() {
    let client = secretive(ClientAuthentication::PrivateKeyJwt(key()));
    let client = client.with_dpop(signer::dpop_key()).unwrap();
    let random = || draws(SEED);
    let answer = r#"{"device_code":"canary","user_code":"canary","expires_in":60,
        "verification_uri":"https://as.example/d?canary","verification_uri_complete":"https://as.example/d?canary"}"#;
    let call = client.device(&scopes("read"), &mut random()).unwrap();
    let device = watched(call, &[json(200, answer)]);
    shows_nothing(&device);
    let answers = [
        json(400, r#"{"error":"use_dpop_nonce"}"#).with_header("dpop-nonce", "canary"),
        json(
            400,
            r#"{"error":"authorization_pending","canary":"canary"}"#,
        ),
        json(200, r#"{"access_token":"canary","token_type":"dpop"}"#),
    ];
    let poll = client.poll(&device, &mut random()).unwrap();
    shows_nothing(&watched(poll, &answers));
    for answer in [
        answer.replace("https://as.example/d?canary", "javascript:canary"),
        answer.replace(r#""user_code":"canary""#, r#""user_code":"canary\u0007""#),
        answer.replace("60", r#""canary""#),
        "canary".to_owned(),
    ] {
        let mut call = client.device(&scopes("read"), &mut random()).unwrap();
        let _request = signer::signed(&mut call, Input::Begin, NOW).unwrap();
        let answer = Input::Response(json(200, &answer));
        error_shows_nothing(&call.step(answer, NOW).unwrap_err());
    }
}

#[test]
fn a_pushed_request_shows_nothing() {
    let client = secretive(ClientAuthentication::Post("canary-secret".into()));
    let request = || {
        let request = AuthorizationRequest::new();
        request.parameter("login_hint", "canary").unwrap()
    };
    shows_nothing(&request());
    let push = || {
        let grant = client.code().unwrap();
        grant.push(request(), &mut draws(SEED), NOW).unwrap()
    };
    let answer = |end: &str| {
        let answer = format!(r#"{{"request_uri":"canary","expires_in":{end}}}"#);
        json(201, &answer)
    };
    let pushed = watched(push(), &[answer("60")]);
    shows_nothing(&pushed);
    let end = pushed.expires_at();
    error_shows_nothing(&pushed.clone().begin(end).unwrap_err());
    let (url, pending) = pushed.begin(NOW).unwrap();
    shows_nothing(&url);
    shows_nothing(&pending);
    let mut call = push();
    let _request = sent(call.step(Input::Begin, NOW).unwrap());
    let answer = Input::Response(answer("\"canary\""));
    error_shows_nothing(&call.step(answer, NOW).unwrap_err());
}

#[test]
fn a_proof_shows_nothing() {
    let (key, token) = (signer::dpop_key(), AccessToken::new("canary").unwrap());
    shows_nothing(&key);
    let target = "https://api.example/v1?canary#canary";
    let nonce = Response::new(401).with_header("dpop-nonce", "canary");
    shows_nothing(&nonce);
    assert!(!key.is_challenged(target, &nonce).unwrap());
    shows_nothing(&key);
    let proof = || key.proof("GET", target, &token, &mut draws(SEED)).unwrap();
    let made = watched(proof(), &[]);
    shows_nothing(&made);
    // What was signed is no more to be seen than the proof itself.
    let (signed, _) = made.expose_secret().rsplit_once('.').unwrap();
    let mut half = proof();
    let _input = half.step(Input::Begin, NOW).unwrap();
    assert!(!format!("{half:?}").contains(signed));
    let inside = "https://canary:canary@api.example/";
    let refused = key.proof("GET", inside, &token, &mut draws(SEED));
    error_shows_nothing(&refused.unwrap_err());
    for jwk in [
        r#"{"kty":"EC","crv":"P-256","x":"canary","y":"canary","d":"canary"}"#,
        r#"{"kty":"canary"}"#,
        "canary",
    ] {
        let refused = hallpass_grant::DpopKey::new(signer::dpop_name(), jwk);
        error_shows_nothing(&refused.unwrap_err());
    }
}

#[test]
fn what_is_wrong_with_a_callback_is_told_without_it() {
    let client = secretive(ClientAuthentication::None);
    for callback in [
        "/cb?code=canary&state=canary".to_owned(),
        format!("/cb?code=canary&code=canary&state={STATE}"),
        format!("/cb?canary=1&canary=2&state={STATE}"),
        format!("/cb?code=canary%zz&state={STATE}"),
        format!("/cb?code=canary&error=e&state={STATE}"),
        format!("/cb?code=canary&access_token=canary&state={STATE}"),
        format!("/cb?state={STATE}#access_token=canary"),
        format!("/cb?code={}&state={STATE}", CANARY.repeat(20_000)),
        "/cb".to_owned(),
    ] {
        let (_, pending) = begin_code(&client);
        error_shows_nothing(
            &pending
                .receive(&Callback::from_url(&callback), NOW)
                .unwrap_err(),
        );
    }
    for rest in [
        "&access_token=canary",
        "&access_token=canary%00&token_type=bearer",
        "&access_token=canary&token_type=canary",
        "&access_token=canary&token_type=bearer&expires_in=canary",
        "&access_token=canary&token_type=bearer&scope=canary%22",
    ] {
        error_shows_nothing(&receive_token(&client, rest).unwrap_err());
    }
}

#[test]
fn what_is_wrong_with_an_answer_is_told_without_it() {
    for (status, answer) in [
        (200, "canary"),
        (200, r#"{"canary":"canary","canary":1}"#),
        (
            200,
            r#"{"access_token":"canary\u0000","token_type":"bearer"}"#,
        ),
        (200, r#"{"access_token":"canary","token_type":"canary"}"#),
        (
            200,
            r#"{"access_token":"canary","token_type":"bearer","expires_in":"canary"}"#,
        ),
        (
            200,
            r#"{"access_token":"canary","token_type":"bearer","scope":"canary\""}"#,
        ),
        (
            200,
            r#"{"access_token":"canary","token_type":"bearer","refresh_token":"canary\n"}"#,
        ),
        (500, "canary"),
        (400, r#"{"error":{"canary":"canary"}}"#),
    ] {
        error_shows_nothing(&exchange_answered(json(status, answer)).unwrap_err());
    }
}

#[test]
fn what_is_wrong_with_metadata_is_told_without_a_query() {
    let issuer = Issuer::new(ISSUER).unwrap();
    shows_nothing(&Discovery::new(issuer.clone()));
    let document =
        format!(r#"{{"issuer":"{ISSUER}","token_endpoint":"http://as.example/?canary"}}"#);
    error_shows_nothing(&ServerMetadata::read(document.as_bytes(), &issuer).unwrap_err());
    let document = format!(
        r#"{{"issuer":"{ISSUER}","token_endpoint":"https://as.example/?canary","canary":1}}"#
    );
    shows_nothing(&ServerMetadata::read(document.as_bytes(), &issuer).unwrap());
}

#[test]
fn misuse_is_told_without_what_was_misused() {
    error_shows_nothing(
        &client()
            .with_redirect_uri("https://app.example/?canary canary")
            .unwrap_err(),
    );
    let mut broken = || Err::<[u8; 32], _>(RandomError);
    let client = secretive(ClientAuthentication::None);
    let begun = client
        .code()
        .unwrap()
        .begin(AuthorizationRequest::new(), &mut broken, NOW);
    error_shows_nothing(&begun.unwrap_err());
}
