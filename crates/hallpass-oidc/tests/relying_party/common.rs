//! What the tests share: a provider with its keys, tokens that it signs, and a driver that answers from the test.

use std::collections::BTreeMap;
use std::time::Duration;

use hallpass_grant::{
    Client, Conversation, Endpoint, Error, Input, Issuer, Lost, NotSigned, RandomError, Request,
    Response, ServerMetadata, Signature, Step,
};
use hallpass_jose::{Jwk, PrivateJwk, SignatureAlgorithm};
use hallpass_oidc::{Fault, JwtRules, ProviderKeys, ProviderMetadata, RelyingParty};
use hallpass_token::{Json, Members};
use time::UtcDateTime;

pub(crate) const NOW: i64 = 1_700_000_000;
pub(crate) const ISSUER: &str = "https://op.example";
pub(crate) const CLIENT: &str = "cid";
pub(crate) const JWKS_URI: &str = "https://op.example/jwks";

pub(crate) fn at(seconds: i64) -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(seconds).unwrap()
}

pub(crate) fn now() -> UtcDateTime {
    at(NOW)
}

pub(crate) fn members(json: &str) -> Members {
    Members::read(json.as_bytes()).unwrap()
}

/// The provider's metadata, with these members more or instead.
pub(crate) fn metadata(more: &str) -> String {
    let mut all = members(
        r#"{"issuer":"https://op.example",
            "authorization_endpoint":"https://op.example/authorize",
            "token_endpoint":"https://op.example/token",
            "userinfo_endpoint":"https://op.example/userinfo",
            "jwks_uri":"https://op.example/jwks"}"#,
    );
    for (name, value) in members(more).iter() {
        all.insert(name, value.clone());
    }
    serde_json::to_string(&all).unwrap()
}

pub(crate) fn provider_with(more: &str) -> ProviderMetadata {
    let issuer = Issuer::new(ISSUER).unwrap();
    let server = ServerMetadata::read(metadata(more).as_bytes(), &issuer).unwrap();
    ProviderMetadata::new(server).unwrap()
}

pub(crate) fn provider() -> ProviderMetadata {
    provider_with("{}")
}

/// The key the provider signs with.
pub(crate) fn rsa() -> PrivateJwk {
    let key = PrivateJwk::from_pkcs8_pem(include_str!("../vectors/rsa-a.pem"));
    key.unwrap().with_id("rsa-a")
}

/// The one after it.
pub(crate) fn next_rsa() -> PrivateJwk {
    let key = PrivateJwk::from_pkcs8_pem(include_str!("../vectors/rsa-b.pem"));
    key.unwrap().with_id("rsa-b")
}

pub(crate) fn p256() -> PrivateJwk {
    let key = PrivateJwk::from_pkcs8_pem(include_str!("../vectors/p-256.pem"));
    key.unwrap().with_id("p-256")
}

pub(crate) fn ed25519() -> PrivateJwk {
    let key = PrivateJwk::from_pkcs8_pem(include_str!("../vectors/ed25519.pem"));
    key.unwrap().with_id("ed25519")
}

pub(crate) fn jwks<'k>(keys: impl IntoIterator<Item = &'k PrivateJwk>) -> String {
    let keys: Vec<&Jwk> = keys.into_iter().map(PrivateJwk::public).collect();
    serde_json::to_string(&BTreeMap::from([("keys", keys)])).unwrap()
}

/// The claims of an ID token that is as it should be, with these instead; `null` takes one away.
pub(crate) fn claims(instead: &str) -> Members {
    let mut all = members(
        r#"{"iss":"https://op.example","sub":"24400320","aud":"cid","exp":1700000300,"iat":1699999990}"#,
    );
    for (name, value) in members(instead).iter() {
        match value {
            Json::Null => drop(all.remove(name)),
            value => drop(all.insert(name, value.clone())),
        }
    }
    all
}

pub(crate) fn signed(key: &PrivateJwk, algorithm: SignatureAlgorithm, claims: &Members) -> String {
    typed(key, algorithm, None, claims)
}

pub(crate) fn typed(
    key: &PrivateJwk,
    algorithm: SignatureAlgorithm,
    token_type: Option<&str>,
    claims: &Members,
) -> String {
    let key = key.signing_key(algorithm).unwrap();
    let payload = serde_json::to_vec(claims).unwrap();
    key.token(token_type, &payload).unwrap()
}

/// A token that is as it should be but for these claims.
pub(crate) fn token(instead: &str) -> String {
    signed(&rsa(), SignatureAlgorithm::Rs256, &claims(instead))
}

pub(crate) fn given_keys() -> ProviderKeys {
    let set = hallpass_jose::JwkSet::parse(jwks([&rsa()]).as_bytes()).unwrap();
    ProviderKeys::given(Issuer::new(ISSUER).unwrap(), set)
}

pub(crate) fn rules() -> JwtRules {
    JwtRules::new(given_keys(), CLIENT).with_leeway(Duration::ZERO)
}

pub(crate) fn json(body: impl Into<String>) -> Response {
    Response::new(200)
        .with_header("content-type", "application/json")
        .with_body(body.into().into_bytes())
}

/// Drives a conversation that is answered by this; whatever waits is woken when its time has come.
pub(crate) fn drive<C: Conversation>(
    conversation: &mut C,
    mut answer: impl FnMut(&Request) -> Input,
) -> Result<C::Output, Error> {
    let mut now = now();
    let mut input = Input::Begin;
    loop {
        input = match conversation.step(input, now)? {
            Step::Send(request) => answer(&request),
            Step::Wait(until) => {
                now = until;
                Input::Woken
            }
            Step::Done(output) => return Ok(output),
            Step::Sign(_) => panic!("nothing is signed"),
        };
    }
}

/// Drives a conversation that sends nothing.
pub(crate) fn silent<C: Conversation>(conversation: &mut C) -> Result<C::Output, Error> {
    drive(conversation, |request| panic!("{request:?}"))
}

/// The name of the fault that an error is.
pub(crate) fn fault<T>(result: Result<T, Error>) -> &'static str {
    match result {
        Ok(_) => "none",
        Err(error) => match Fault::of(&error) {
            Some(fault) => fault.name(),
            None => panic!("{error:?}"),
        },
    }
}

pub(crate) fn endpoint(text: &str) -> Endpoint {
    Endpoint::new(text).unwrap()
}

pub(crate) fn every_input() -> Vec<Input> {
    vec![
        Input::Begin,
        Input::Response(Response::new(503)),
        Input::Lost(Lost::NotSent),
        Input::Lost(Lost::MaybeSent),
        Input::Signature(Signature::new([1; 64])),
        Input::NotSigned(NotSigned::Failed),
        Input::Woken,
    ]
}

/// Gives every input but those awaited, and looks whether anything has changed.
pub(crate) fn only<C>(conversation: &mut C, awaited: &[Input], misuse: &hallpass_grant::Misuse)
where
    C: Conversation + std::fmt::Debug,
{
    use std::mem::discriminant;
    let before = format!("{conversation:?}");
    for input in every_input() {
        if awaited
            .iter()
            .any(|own| discriminant(own) == discriminant(&input))
        {
            continue;
        }
        let shown = format!("{input:?} in {before}");
        match conversation.step(input, now()) {
            Err(error) => assert_eq!(
                *error.kind(),
                hallpass_grant::ErrorKind::Misuse(misuse.clone()),
                "{shown}"
            ),
            Ok(_) => panic!("{shown} was taken"),
        }
        assert_eq!(format!("{conversation:?}"), before, "{shown}");
    }
}

/// A client of this provider's.
pub(crate) fn relying_party_of(provider: ProviderMetadata) -> RelyingParty {
    let client = Client::new(provider.server().clone(), CLIENT).unwrap();
    let client = client.with_redirect_uri("https://rp.example/cb").unwrap();
    RelyingParty::new(client, provider).unwrap()
}

pub(crate) fn relying_party() -> RelyingParty {
    relying_party_of(provider())
}

/// A source whose draws are known: 32 times the first byte, then 32 times the next.
pub(crate) fn draws(first: u8) -> impl FnMut() -> Result<[u8; 32], RandomError> {
    let mut next = first;
    move || {
        next += 1;
        Ok([next - 1; 32])
    }
}

/// The decoded query of an address.
pub(crate) fn query_of(url: &str) -> BTreeMap<String, String> {
    let (_, query) = url.split_once('?').unwrap();
    let names = query.split('&').map(|pair| pair.split_once('=').unwrap().0);
    let parameters = hallpass_grant::Parameters::parse(query).unwrap();
    names
        .map(|name| (name.to_owned(), parameters.value(name).unwrap().to_owned()))
        .collect()
}
