//! Clients that sign with their secret or with a key of RSA (OpenID Connect Core §9).

use hallpass_testkit::{
    Algorithm, AuthenticationMethod, AuthorizationServer, Client, Config, Response,
};
use ring::{rand::SystemRandom, signature::RSA_PKCS1_SHA256};
use serde_json::json;

use crate::{common::*, relying_party::*};

const JWT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn exchange(server: &mut AuthorizationServer, assertion: &str) -> Response {
    let location = allow(server, &login_url("code", &[]));
    let code = answer(&location, "code").unwrap();
    let changes = [
        ("client_id", "rp"),
        ("client_assertion_type", JWT),
        ("client_assertion", assertion),
    ];
    server.respond(&exchange_request(&code, &changes), NOW)
}

#[test]
fn a_secret_can_sign_and_need_not_be_sent() {
    let mut server = provider(Algorithm::Rs256);
    let own = |jti| claims(jti, json!({ "iss": "rp", "sub": "rp" }));
    let response = exchange(&mut server, &own_jwt("HS256", &own("a")));
    assert_eq!(response.status, 200, "{}", response.text());
    for wrong in [
        own_jwt("HS256", &own("a")),
        own_jwt("none", &own("b")),
        own_jwt("ES256", &own("c")),
        own_jwt("HS256", &own("d")) + "AA",
    ] {
        let response = exchange(&mut server, &wrong);
        assert_eq!(refusal(&response), (400, "invalid_client".to_owned()));
    }
    let only_basic = client().authentication_method(AuthenticationMethod::ClientSecretBasic);
    let mut server = AuthorizationServer::new(Config::new().client(only_basic));
    let response = exchange(&mut server, &own_jwt("HS256", &own("a")));
    assert_eq!(refusal(&response), (400, "invalid_client".to_owned()));
}

#[test]
fn a_key_of_rsa_can_sign() {
    // One of those that this crate keeps for the server.
    let key = ring::rsa::KeyPair::from_pkcs8(include_bytes!("../../src/keys/rsa-1.pk8")).unwrap();
    let mut own_keys = AuthorizationServer::new(Config::new());
    let jwk = jwks(&mut own_keys)["keys"][0].clone();
    let client = Client::private_key_jwt("rp", &jwk.to_string())
        .redirect_uri(CALLBACK)
        .scopes(["openid"]);
    let mut server = AuthorizationServer::new(Config::new().client(client));
    let claims = claims("a", json!({ "iss": "rp", "sub": "rp" }));
    let unsigned = own_jwt("RS256", &claims);
    let signed = unsigned.trim_end_matches('.');
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    let signature = <base64ct::Base64UrlUnpadded as base64ct::Encoding>::encode_string(&signature);
    let response = exchange(&mut server, &format!("{signed}.{signature}"));
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(exchange(&mut server, &unsigned).status, 400);
}
