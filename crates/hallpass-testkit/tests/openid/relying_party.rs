//! A relying party that does by hand what every test needs.

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass_testkit::{
    Algorithm, AuthorizationServer, Client, Config, GrantType, Request, Response,
};
use ring::{
    hmac,
    signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
        RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
        UnparsedPublicKey,
    },
};
use serde_json::Value;

use crate::common::*;

pub(crate) const NONCE: &str = "n-0S6_WzA2Mj";
pub(crate) const SECRET: &str = "a secret of 32 bytes or some more";

/// A server with the client `rp`, which may do everything, and whose JWTs are signed so.
pub(crate) fn provider(algorithm: Algorithm) -> AuthorizationServer {
    AuthorizationServer::new(Config::new().client(client().id_token_algorithm(algorithm)))
}

pub(crate) fn client() -> Client {
    Client::confidential("rp", SECRET)
        .redirect_uri(CALLBACK)
        .scopes(["openid", "profile", "email", "address", "phone"])
        .grant_types([
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::Implicit,
        ])
}

/// The URL of a request by `rp`, with these parameters changed; an empty one is left out.
pub(crate) fn login_url(response_type: &str, changes: &[(&str, &str)]) -> String {
    let own = [
        ("response_type", response_type),
        ("client_id", "rp"),
        ("scope", "openid"),
        ("nonce", NONCE),
    ];
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = own.into_iter().filter(|(name, _)| !is_changed(name));
    let all: Vec<_> = kept.chain(changes.iter().copied()).collect();
    code_url(&all)
}

/// What an answer says, wherever it stands.
pub(crate) fn answer(location: &str, name: &str) -> Option<String> {
    in_fragment(location, name).or_else(|| in_query(location, name))
}

/// The tokens for a code.
pub(crate) fn redeem(server: &mut AuthorizationServer, code: &str) -> Value {
    let changes = [("client_id", "rp"), ("client_secret", SECRET)];
    let response = server.respond(&exchange_request(code, &changes), NOW);
    assert_eq!(response.status, 200, "{}", response.text());
    json(&response)
}

pub(crate) fn refreshed(server: &mut AuthorizationServer, refresh_token: &str) -> Value {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "rp"),
        ("client_secret", SECRET),
        ("refresh_token", refresh_token),
    ];
    let response = server.respond(&token_request(&form), NOW + 10);
    assert_eq!(response.status, 200, "{}", response.text());
    json(&response)
}

/// The tokens of a login by `code`.
pub(crate) fn logged_in(server: &mut AuthorizationServer, changes: &[(&str, &str)]) -> Value {
    let location = allow(server, &login_url("code", changes));
    let code = answer(&location, "code").expect("a code");
    redeem(server, &code)
}

pub(crate) fn jwks(server: &mut AuthorizationServer) -> Value {
    json(&server.respond(&Request::get("/oauth/jwks"), NOW))
}

pub(crate) fn user_info(server: &mut AuthorizationServer, token: &str) -> Response {
    let request = Request::get("/oauth/userinfo");
    server.respond(
        &request.with_header("Authorization", format!("Bearer {token}")),
        NOW,
    )
}

/// Header or claims, believed by nobody.
pub(crate) fn part(compact: &str, at: usize) -> Value {
    let part = compact.split('.').nth(at).expect("three parts");
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).expect("base64url")).expect("JSON")
}

pub(crate) fn header(compact: &str) -> Value {
    part(compact, 0)
}

pub(crate) fn claims_of(compact: &str) -> Value {
    part(compact, 1)
}

/// The claims, if the key that the header names has signed them.
pub(crate) fn verified(compact: &str, jwks: &Value) -> Option<Value> {
    let header = header(compact);
    let keys = jwks["keys"].as_array()?;
    let key = keys.iter().find(|key| key["kid"] == header["kid"])?;
    is_signed(compact, key).then(|| claims_of(compact))
}

/// Whether this key has signed.
pub(crate) fn is_signed(compact: &str, key: &Value) -> bool {
    let (signed, signature) = compact.rsplit_once('.').expect("three parts");
    let (signed, signature) = (signed.as_bytes(), decode(signature));
    let member = |name: &str| decode(key[name].as_str().unwrap_or_default());
    let algorithm = header(compact)["alg"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let parameters = match algorithm.as_str() {
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &RSA_PSS_2048_8192_SHA256,
        "ES256" => {
            let point = [vec![4], member("x"), member("y")].concat();
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
            return key.verify(signed, &signature).is_ok();
        }
        "EdDSA" => {
            let key = UnparsedPublicKey::new(&ED25519, member("x"));
            return key.verify(signed, &signature).is_ok();
        }
        _ => return false,
    };
    let (n, e) = (member("n"), member("e"));
    RsaPublicKeyComponents { n, e }
        .verify(parameters, signed, &signature)
        .is_ok()
}

pub(crate) fn is_hmac(compact: &str, key: &[u8]) -> bool {
    let (signed, signature) = compact.rsplit_once('.').expect("three parts");
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::verify(&key, signed.as_bytes(), &decode(signature)).is_ok()
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(text).unwrap_or_default()
}

/// A JWT of the client's own, signed by the key of RFC 7515 appendix A.3, by `SECRET` or not at all.
pub(crate) fn own_jwt(algorithm: &str, claims: &Value) -> String {
    let header = serde_json::json!({ "alg": algorithm });
    if algorithm == "ES256" {
        return sign_with(&header, claims);
    }
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(&header), part(claims));
    let signature = match algorithm {
        "HS256" => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
            Base64UrlUnpadded::encode_string(hmac::sign(&key, signed.as_bytes()).as_ref())
        }
        _ => String::new(),
    };
    format!("{signed}.{signature}")
}

/// The public half of the key of RFC 7515 appendix A.3.
pub(crate) fn public_key() -> Value {
    let mut jwk: Value = serde_json::from_str(hallpass_testkit::TEST_KEY).unwrap();
    jwk.as_object_mut().unwrap().remove("d");
    jwk
}

/// What a server answers to a client that registers.
pub(crate) fn register(server: &mut AuthorizationServer, metadata: &Value) -> Value {
    let mut request = Request::post_form("/oauth/register", &[]);
    request.headers[0].1 = "application/json".to_owned();
    request.body = metadata.to_string().into_bytes();
    json(&server.respond(&request, NOW))
}
