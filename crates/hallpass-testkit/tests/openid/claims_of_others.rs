//! Claims that another provider says (OpenID Connect Core §5.6.2).

use hallpass_testkit::{AuthorizationServer, Config, Request, Value};
use serde_json::json;

use crate::{common::*, relying_party::*};

#[test]
fn user_info_brings_claims_along_and_says_where_others_are() {
    let config = Config::new()
        .client(client())
        .aggregated_claim("shoe_size", Value::json("37"))
        .distributed_claim("credit_score", Value::json("650"));
    let mut server = AuthorizationServer::new(config);
    let tokens = logged_in(&mut server, &[]);
    let told = json(&user_info(&mut server, text(&tokens, "access_token")));
    let names = json!({ "shoe_size": "aggregated", "credit_score": "distributed" });
    assert_eq!(told["_claim_names"], names);
    let sources = &told["_claim_sources"];
    let jwks = jwks(&mut server);
    let aggregated = verified(text(&sources["aggregated"], "JWT"), &jwks).unwrap();
    assert_eq!(aggregated["shoe_size"], 37);
    assert_eq!(aggregated["iss"], "https://auth.example");

    let elsewhere = &sources["distributed"];
    assert_eq!(elsewhere["endpoint"], "https://auth.example/oauth/claims");
    let token = text(elsewhere, "access_token");
    let request = Request::get("/oauth/claims");
    let request = request.with_header("Authorization", format!("Bearer {token}"));
    let response = server.respond(&request, NOW);
    assert_eq!(
        response.header_value("content-type"),
        Some("application/jwt")
    );
    let distributed = verified(&response.text(), &jwks).unwrap();
    assert_eq!(distributed["credit_score"], 650);
    let refused = server.respond(&Request::get("/oauth/claims"), NOW);
    assert_eq!(refused.status, 401);
}
