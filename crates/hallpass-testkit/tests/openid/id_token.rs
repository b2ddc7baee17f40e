//! ID tokens of the code grant and of refreshes (OpenID Connect Core §3.1.3 and §12.2).

use hallpass_testkit::{Algorithm, Config};
use serde_json::{Value, json};

use crate::{common::*, relying_party::*};

#[test]
fn a_code_comes_with_an_id_token_for_whoever_asked_for_openid() {
    let mut server = provider(Algorithm::Rs256);
    let tokens = logged_in(&mut server, &[]);
    let claims = verified(text(&tokens, "id_token"), &jwks(&mut server)).expect("a signature");
    assert_eq!(claims["iss"], "https://auth.example");
    assert_eq!(
        (&claims["sub"], &claims["aud"]),
        (&json!("alice"), &json!("rp"))
    );
    assert_eq!(claims["nonce"], NONCE);
    assert_eq!(claims["auth_time"], NOW);
    assert_eq!(
        (&claims["iat"], &claims["exp"]),
        (&json!(NOW), &json!(NOW + 600))
    );
    assert_eq!(text(&claims, "at_hash").len(), 22);
    assert!(claims["sid"].is_string() && claims["azp"].is_null() && claims["acr"].is_null());

    let plain = tokens_of_native();
    assert!(plain["id_token"].is_null(), "{plain}");
}

fn tokens_of_native() -> Value {
    crate::common::tokens(&mut server())
}

#[test]
fn each_algorithm_signs_with_a_key_that_is_published() {
    for (algorithm, name, hash) in [
        (Algorithm::Rs256, "RS256", 22),
        (Algorithm::Rs384, "RS384", 32),
        (Algorithm::Rs512, "RS512", 43),
        (Algorithm::Ps256, "PS256", 22),
        (Algorithm::Es256, "ES256", 22),
        (Algorithm::EdDsa, "EdDSA", 43),
    ] {
        let mut server = provider(algorithm);
        let tokens = logged_in(&mut server, &[]);
        let id_token = text(&tokens, "id_token");
        assert_eq!(header(id_token)["alg"], name);
        let claims = verified(id_token, &jwks(&mut server)).expect(name);
        assert_eq!(text(&claims, "at_hash").len(), hash, "{name}");
    }
}

#[test]
fn a_client_may_have_its_secret_as_key_or_no_signature() {
    let mut server = provider(Algorithm::Hs256);
    let tokens = logged_in(&mut server, &[]);
    let id_token = text(&tokens, "id_token");
    assert!(is_hmac(id_token, SECRET.as_bytes()));
    assert_eq!(header(id_token), json!({ "alg": "HS256", "typ": "JWT" }));

    let mut server = provider(Algorithm::None);
    let tokens = logged_in(&mut server, &[]);
    let id_token = text(&tokens, "id_token");
    assert_eq!(header(id_token)["alg"], "none");
    assert!(id_token.ends_with('.'));
}

#[test]
fn a_refresh_comes_with_an_id_token_of_the_same_login_without_a_nonce() {
    let mut server = provider(Algorithm::Rs256);
    let tokens = logged_in(&mut server, &[]);
    let first = claims_of(text(&tokens, "id_token"));
    let again = refreshed(&mut server, text(&tokens, "refresh_token"));
    let second = verified(text(&again, "id_token"), &jwks(&mut server)).unwrap();
    for same in ["iss", "sub", "aud", "auth_time", "sid"] {
        assert_eq!(first[same], second[same], "{same}");
    }
    assert_eq!(
        (&second["iat"], &second["nonce"]),
        (&json!(NOW + 10), &Value::Null)
    );
    assert_ne!(first["at_hash"], second["at_hash"]);
}

#[test]
fn what_was_asked_for_is_in_it() {
    let mut server = provider(Algorithm::Rs256);
    let asked =
        json!({ "id_token": { "email": null, "shoe_size": null, "acr": { "value": "2" } } });
    let changes = [
        ("claims", asked.to_string()),
        ("acr_values", "1 0".to_owned()),
    ];
    let changes = changes
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let tokens = logged_in(&mut server, &changes);
    let claims = claims_of(text(&tokens, "id_token"));
    assert_eq!(
        (&claims["email"], &claims["acr"]),
        (&json!("alice@example.com"), &json!("2"))
    );
    assert!(claims["name"].is_null() && claims["shoe_size"].is_null());

    let tokens = logged_in(&mut server, &[("acr_values", "1 0"), ("nonce", "")]);
    let claims = claims_of(text(&tokens, "id_token"));
    assert_eq!(
        (&claims["acr"], &claims["nonce"]),
        (&json!("1"), &Value::Null)
    );
}

#[test]
fn its_lifetime_is_a_setting() {
    let config = Config::new().client(client());
    let config = config.id_token_lifetime(std::time::Duration::from_secs(7));
    let mut server = hallpass_testkit::AuthorizationServer::new(config);
    let tokens = logged_in(&mut server, &[]);
    assert_eq!(claims_of(text(&tokens, "id_token"))["exp"], NOW + 7);
}
