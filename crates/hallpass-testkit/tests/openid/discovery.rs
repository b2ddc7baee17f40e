//! What the provider says about itself (OpenID Connect Discovery §4).

use hallpass_testkit::Request;

use crate::common::*;

#[test]
fn the_document_has_every_member_that_is_required() {
    let mut server = server();
    let request = Request::get("/.well-known/openid-configuration");
    let metadata = json(&server.respond(&request, NOW));
    assert_eq!(metadata["issuer"], "https://auth.example");
    assert_eq!(metadata["jwks_uri"], "https://auth.example/oauth/jwks");
    assert_eq!(
        metadata["userinfo_endpoint"],
        "https://auth.example/oauth/userinfo"
    );
    let lists = |name: &str, value: &str| {
        let list = metadata[name].as_array().expect(name);
        list.iter().any(|known| known == value)
    };
    for (name, value) in [
        ("response_types_supported", "code id_token token"),
        ("subject_types_supported", "public"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("scopes_supported", "openid"),
        ("claims_supported", "sub"),
        ("claims_supported", "email"),
    ] {
        assert!(lists(name, value), "{value} in {name}");
    }
    assert_eq!(metadata["claims_parameter_supported"], true);
}
