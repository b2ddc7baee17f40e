//! A token that is bound to a key goes with a proof for just this request, or not at all (RFC 9449).

use async_trait::async_trait;
use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass::driver::{SignError, Signer};
use hallpass::grant::{DpopKey, Signature, SigningInput};
use hallpass::store::MemoryStore;
use hallpass::token::TokenType;
use hallpass::{
    AuthorizationCode, Client, Key, Requirement, Scheme, SecurityError, SigningAlgorithm,
    SigningKeyName, TokenSet,
};
use http::{HeaderMap, Request, StatusCode};

use crate::support::{Script, api, key, request, security, token};

/// The public key of RFC 9449 §4.2.
const JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"}"#;

/// Nobody here checks signatures: they have the right length.
struct AnySignature;

#[async_trait]
impl Signer for AnySignature {
    async fn sign(&self, _: &SigningInput) -> Result<Signature, SignError> {
        Ok(Signature::new(vec![1; 64]))
    }
}

fn bound() -> TokenSet {
    let mut tokens = token("canary");
    tokens.token_type = TokenType::Dpop;
    tokens
}

fn client() -> Client<AuthorizationCode> {
    let client = Script::default().client();
    let provider = client.provider().clone().with_signer(AnySignature);
    let key = DpopKey::new(SigningKeyName::new(SigningAlgorithm::Es256, "key"), JWK).unwrap();
    let credentials = client.credentials().clone();
    provider.client(credentials.with_dpop(key).with_token(bound()))
}

fn claims(request: &Request<()>) -> serde_json::Value {
    assert_eq!(request.headers()["authorization"], "DPoP canary");
    let proof = &request.headers()["dpop"];
    assert!(proof.is_sensitive());
    let payload = proof.to_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(payload).unwrap()).unwrap()
}

#[tokio::test]
async fn a_proof_names_the_method_and_the_address_without_its_query() {
    let session = client().session(std::sync::Arc::new(MemoryStore::new()), Key::new("alice"));
    let session = session.unwrap();
    session.save(&bound()).await.unwrap();
    for scheme in [
        Scheme::oauth("OAuthACG", api(), client()).unwrap(),
        Scheme::oauth("OAuthACG", api(), session).unwrap(),
    ] {
        let query = Scheme::query_key("query", api(), "k", "secret").unwrap();
        let security = security([scheme, query], Requirement::all(["OAuthACG", "query"]));
        let mut request = request("https://API.example:443/files?page=1");
        *request.method_mut() = http::Method::POST;
        security.authorize(&mut request).await.unwrap();
        let first = claims(&request);
        assert_eq!(first["htm"], "POST");
        assert_eq!(first["htu"], "https://api.example/files");

        let mut other = crate::support::request("https://api.example/");
        security.authorize(&mut other).await.unwrap();
        assert_ne!(claims(&other)["jti"], first["jti"]);
    }
}

#[tokio::test]
async fn a_demanded_nonce_brings_the_same_alternative_once_more_and_then_the_next() {
    let security = security(
        [
            Scheme::oauth("OAuthACG", api(), client()).unwrap(),
            key("apiKey", "k"),
        ],
        Requirement::any(["OAuthACG", "apiKey"]),
    );
    let mut demand = HeaderMap::new();
    demand.insert(
        "www-authenticate",
        "DPoP error=\"use_dpop_nonce\"".parse().unwrap(),
    );
    demand.insert("dpop-nonce", "eyJ7S".parse().unwrap());
    let mut left = security.alternatives();
    for (name, nonce) in [
        ("OAuthACG", None),
        ("OAuthACG", Some("eyJ7S")),
        ("apiKey", None),
    ] {
        let mut request = request("https://api.example/files");
        let applied = left.authorize(&mut request).await.unwrap();
        assert_eq!(applied.schemes(), [name]);
        if name == "OAuthACG" {
            assert_eq!(claims(&request)["nonce"].as_str(), nonce);
        }
        left = applied.answered(StatusCode::UNAUTHORIZED, &demand).unwrap();
    }
    let error = left.authorize(&mut request("https://api.example/")).await;
    assert!(matches!(error, Err(SecurityError::Unmet(_))), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_is_no_refusal_leaves_nothing_to_try() {
    let security = security([key("apiKey", "k")], "apiKey");
    for status in [200, 403, 404, 500] {
        let applied = security
            .authorize(&mut request("https://api.example/"))
            .await
            .unwrap();
        let status = StatusCode::from_u16(status).unwrap();
        assert!(applied.answered(status, &HeaderMap::new()).is_none());
    }
}

#[tokio::test]
async fn without_the_key_a_bound_token_is_not_written() {
    let keyless = Scheme::oauth("OAuthACG", api(), bound()).unwrap();
    let security = security(
        [keyless, key("apiKey", "k")],
        Requirement::any(["OAuthACG", "apiKey"]),
    );
    let mut request = request("https://api.example/");
    let error = security.authorize(&mut request).await.unwrap_err();
    assert!(matches!(error, SecurityError::NoKey { .. }), "{error:?}");
    assert!(request.headers().is_empty());
}
