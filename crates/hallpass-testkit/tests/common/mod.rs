//! A client that does by hand what every test needs.

#![allow(
    dead_code,
    reason = "every test file compiles this for itself and needs another part of it"
)]

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use hallpass_testkit::{AuthorizationServer, Config, Decision, Request, Response, TEST_KEY, User};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};

pub(crate) const NOW: u64 = 1_700_000_000;
pub(crate) const CALLBACK: &str = "https://app.example/callback";
pub(crate) const STATE: &str = "xyz-STATE";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) fn server() -> AuthorizationServer {
    AuthorizationServer::new(Config::new())
}

/// The URL of a request by `native` for a code, with these parameters changed; an empty one is left out.
pub(crate) fn code_url(changes: &[(&str, &str)]) -> String {
    let parameters = [
        ("response_type", "code"),
        ("client_id", "native"),
        ("redirect_uri", CALLBACK),
        ("scope", "read write"),
        ("state", STATE),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    url(&parameters, changes)
}

/// The URL of a request by `httpig` for a token, with these parameters changed; an empty one is left out.
pub(crate) fn token_url(changes: &[(&str, &str)]) -> String {
    let parameters = [
        ("response_type", "token"),
        ("client_id", "httpig"),
        ("redirect_uri", CALLBACK),
        ("scope", "read write"),
        ("state", STATE),
    ];
    url(&parameters, changes)
}

fn url(parameters: &[(&str, &str)], changes: &[(&str, &str)]) -> String {
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = parameters.iter().filter(|(name, _)| !is_changed(name));
    let all = kept.chain(changes).filter(|(_, value)| !value.is_empty());
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(all)
        .finish();
    format!("https://auth.example/oauth/authorize?{query}")
}

/// Where alice's browser is sent after she allowed.
pub(crate) fn allow(server: &mut AuthorizationServer, url: &str) -> String {
    server
        .consent(url, &User::alice(), &Decision::Allow, NOW)
        .expect("an answer to the client")
}

/// The parameters after this mark, decoded.
pub(crate) fn parameters(location: &str, mark: char) -> Vec<(String, String)> {
    let part = location.split_once(mark).map_or("", |(_, part)| part);
    form_urlencoded::parse(part.as_bytes())
        .into_owned()
        .collect()
}

/// The only value of this name in the query.
pub(crate) fn in_query(location: &str, name: &str) -> Option<String> {
    only(
        parameters(location.split('#').next().unwrap_or_default(), '?'),
        name,
    )
}

/// The only value of this name in the fragment.
pub(crate) fn in_fragment(location: &str, name: &str) -> Option<String> {
    only(parameters(location, '#'), name)
}

fn only(parameters: Vec<(String, String)>, name: &str) -> Option<String> {
    let mut values = parameters
        .into_iter()
        .filter(|(known, _)| known == name)
        .map(|(_, value)| value);
    let first = values.next();
    assert_eq!(values.next(), None, "{name} comes once");
    first
}

/// A code for `native`.
pub(crate) fn code(server: &mut AuthorizationServer) -> String {
    in_query(&allow(server, &code_url(&[])), "code").expect("a code")
}

pub(crate) fn token_request(form: &[(&str, &str)]) -> Request {
    Request::post_form("/oauth/token", form)
}

/// The request by `native` that exchanges a code, with these members changed; an empty one is left out.
pub(crate) fn exchange_request(code: &str, changes: &[(&str, &str)]) -> Request {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "native"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = form.iter().filter(|(name, _)| !is_changed(name));
    let all: Vec<_> = kept
        .chain(changes)
        .filter(|(_, value)| !value.is_empty())
        .copied()
        .collect();
    token_request(&all)
}

/// The tokens for a new code of `native`.
pub(crate) fn tokens(server: &mut AuthorizationServer) -> Value {
    let code = code(server);
    let response = server.respond(&exchange_request(&code, &[]), NOW);
    assert_eq!(response.status, 200, "{}", response.text());
    json(&response)
}

pub(crate) fn refresh(server: &mut AuthorizationServer, refresh_token: &str, now: u64) -> Response {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "native"),
        ("refresh_token", refresh_token),
    ];
    server.respond(&token_request(&form), now)
}

pub(crate) fn resource(
    server: &mut AuthorizationServer,
    path: &str,
    token: &str,
    now: u64,
) -> Response {
    server.respond(
        &Request::get(path).with_header("Authorization", format!("Bearer {token}")),
        now,
    )
}

pub(crate) fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).expect("JSON")
}

/// The member of this name, as text.
pub(crate) fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} is a text in {object}"))
}

/// Status and `error`.
pub(crate) fn refusal(response: &Response) -> (u16, String) {
    (response.status, text(&json(response), "error").to_owned())
}

/// What every assertion of the client `jwt` says but its `jti`, with these claims changed; `null` leaves one out.
pub(crate) fn claims(jti: &str, changes: Value) -> Value {
    let mut claims = json!({
        "iss": "jwt",
        "sub": "jwt",
        "aud": "https://auth.example",
        "iat": NOW,
        "exp": NOW + 60,
        "jti": jti,
    });
    let members = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        members.insert(name.clone(), value.clone());
    }
    members.retain(|_, value| !value.is_null());
    claims
}

/// A JWT signed with the key of the client `jwt`.
pub(crate) fn sign(claims: &Value) -> String {
    sign_with(&json!({ "alg": "ES256" }), claims)
}

pub(crate) fn sign_with(header: &Value, claims: &Value) -> String {
    let jwk: Value = serde_json::from_str(TEST_KEY).unwrap();
    let secret = Base64UrlUnpadded::decode_vec(text(&jwk, "d")).unwrap();
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(header), part(claims));
    let key = SigningKey::from_slice(&secret).unwrap();
    let signature: Signature = key.sign(signed.as_bytes());
    let signature = Base64UrlUnpadded::encode_string(&signature.to_bytes());
    format!("{signed}.{signature}")
}

/// A form posted by the client `service`, with its secret.
pub(crate) fn by_service(path: &str, form: &[(&str, &str)]) -> Request {
    let credentials = Base64::encode_string(b"service:service-secret");
    Request::post_form(path, form).with_header("Authorization", format!("Basic {credentials}"))
}

/// What introspection says of a token.
pub(crate) fn introspect(server: &mut AuthorizationServer, token: &str, now: u64) -> Value {
    let request = by_service("/oauth/introspect", &[("token", token)]);
    let response = server.respond(&request, now);
    assert_eq!(response.status, 200, "{}", response.text());
    json(&response)
}
