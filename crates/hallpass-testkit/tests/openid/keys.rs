//! The keys at `jwks_uri` (RFC 7517).

use hallpass_testkit::{Algorithm, AuthorizationServer, Config, Request};

use crate::{common::*, relying_party::*};

#[test]
fn the_set_has_public_keys_of_each_kind_and_says_how_long_it_may_be_kept() {
    let mut server = provider(Algorithm::Rs256);
    let response = server.respond(&Request::get("/oauth/jwks"), NOW);
    assert_eq!(
        response.header_value("cache-control"),
        Some("public, max-age=300")
    );
    let jwks = json(&response);
    let keys = jwks["keys"].as_array().unwrap();
    let kinds: Vec<_> = keys.iter().map(|key| text(key, "kty")).collect();
    assert_eq!(kinds, ["RSA", "EC", "OKP"]);
    assert!(
        keys.iter()
            .all(|key| key["d"].is_null() && key["use"] == "sig")
    );

    let quiet = Config::new().jwks_cache_control(None);
    let response = AuthorizationServer::new(quiet).respond(&Request::get("/oauth/jwks"), NOW);
    assert_eq!(response.header_value("cache-control"), None);
}

#[test]
fn a_rotation_signs_with_new_keys_and_keeps_the_old_ones_until_they_are_withdrawn() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let mut server = provider(algorithm);
        let before = logged_in(&mut server, &[]);
        server.rotate_keys();
        let after = logged_in(&mut server, &[]);
        let (before, after) = (text(&before, "id_token"), text(&after, "id_token"));
        assert_ne!(header(before)["kid"], header(after)["kid"]);
        let both = jwks(&mut server);
        assert!(verified(before, &both).is_some() && verified(after, &both).is_some());
        server.withdraw_keys();
        let new = jwks(&mut server);
        assert!(verified(before, &new).is_none() && verified(after, &new).is_some());
        assert_eq!(new["keys"].as_array().map(Vec::len), Some(3));
    }
}
