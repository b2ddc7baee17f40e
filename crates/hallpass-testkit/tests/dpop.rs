//! Tokens bound to a key (RFC 9449).

mod common;

use base64ct::{Base64UrlUnpadded, Encoding};
use common::*;
use hallpass_testkit::{
    AuthorizationServer, Client, Config, Fault, GrantType, NamedFault, Request, Response, Rotation,
};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const TOKEN: &str = "https://auth.example/oauth/token";

fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

struct Key(SigningKey);

impl Key {
    fn new(seed: u8) -> Self {
        Self(SigningKey::from_slice(&[seed; 32]).unwrap())
    }

    fn jwk(&self) -> Value {
        let point = self.0.verifying_key().to_sec1_point(false);
        let (x, y) = (&point.as_bytes()[1..33], &point.as_bytes()[33..]);
        json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) })
    }

    /// RFC 7638 §3.1.
    fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let (x, y) = (&jwk["x"], &jwk["y"]);
        let members = format!("{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":{x},\"y\":{y}}}");
        base64url(&Sha256::digest(members))
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| base64url(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature: Signature = self.0.sign(signed.as_bytes());
        format!("{signed}.{}", base64url(&signature.to_bytes()))
    }

    /// A proof for the token endpoint, with these claims changed.
    fn proof(&self, jti: &str, changes: &Value) -> String {
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() });
        let mut claims = json!({ "jti": jti, "htm": "POST", "htu": TOKEN, "iat": NOW });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.sign(&header, &claims)
    }

    fn for_resource(&self, jti: &str, token: &str, nonce: &str) -> String {
        let changes = json!({
            "htm": "GET",
            "htu": "https://auth.example/resource",
            "ath": base64url(&Sha256::digest(token)),
            "nonce": nonce,
        });
        self.proof(jti, &changes)
    }
}

fn with_proof(request: Request, proof: &str) -> Request {
    request.with_header("DPoP", proof)
}

/// The tokens of `native`, bound to this key.
fn bound_tokens(server: &mut AuthorizationServer, key: &Key) -> Value {
    let code = code(server);
    let request = with_proof(exchange_request(&code, &[]), &key.proof(&code, &json!({})));
    let response = server.respond(&request, NOW);
    assert_eq!(response.status, 200, "{}", response.text());
    json(&response)
}

fn refresh_with(server: &mut AuthorizationServer, token: &str, proof: Option<&str>) -> Response {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "native"),
        ("refresh_token", token),
    ];
    let request = token_request(&form);
    let request = match proof {
        Some(proof) => with_proof(request, proof),
        None => request,
    };
    server.respond(&request, NOW)
}

fn see(server: &mut AuthorizationServer, token: &str, proof: &str) -> Response {
    let request =
        Request::get("/resource?page=2").with_header("Authorization", format!("DPoP {token}"));
    server.respond(&with_proof(request, proof), NOW)
}

fn challenge(response: &Response) -> &str {
    response
        .header_value("www-authenticate")
        .unwrap_or_default()
}

fn nonce(response: &Response) -> String {
    response
        .header_value("dpop-nonce")
        .expect("a nonce")
        .to_owned()
}

/// The refusal of an exchange with this proof; the code stays good.
fn refused(proof: &str) -> (u16, String) {
    let mut server = server();
    let code = code(&mut server);
    let request = with_proof(exchange_request(&code, &[]), proof);
    let refusal = refusal(&server.respond(&request, NOW));
    let again = exchange_request(&code, &[]);
    assert_eq!(server.respond(&again, NOW).status, 200);
    refusal
}

#[test]
fn a_proof_binds_the_token_to_its_key() {
    let (mut server, key) = (server(), Key::new(1));
    let tokens = bound_tokens(&mut server, &key);
    assert_eq!(tokens["token_type"], "DPoP");
    let token = text(&tokens, "access_token");
    let proof = key.for_resource("r1", token, "");
    assert_eq!(see(&mut server, token, &proof).status, 200);
}

#[test]
fn introspection_tells_the_key() {
    let (mut server, key) = (server(), Key::new(1));
    let tokens = bound_tokens(&mut server, &key);
    let members = introspect(&mut server, text(&tokens, "access_token"), NOW);
    assert_eq!(members["token_type"], "DPoP");
    assert_eq!(members["cnf"]["jkt"], key.thumbprint());
}

#[test]
fn without_a_proof_the_token_is_a_bearer_token() {
    let mut server = server();
    let tokens = tokens(&mut server);
    assert_eq!(tokens["token_type"], "Bearer");
    let token = text(&tokens, "access_token");
    let proof = Key::new(1).for_resource("r1", token, "");
    let refused = see(&mut server, token, &proof);
    assert_eq!(refused.status, 401);
    assert!(challenge(&refused).contains("error=\"invalid_token\""));
}

#[test]
fn the_metadata_names_the_algorithm() {
    let metadata = Request::get("/.well-known/oauth-authorization-server");
    let metadata = json(&server().respond(&metadata, NOW));
    assert_eq!(
        metadata["dpop_signing_alg_values_supported"],
        json!(["ES256"])
    );
}

#[test]
fn a_proof_with_a_wrong_claim_is_refused_and_the_code_stays_good() {
    let key = Key::new(1);
    for changes in [
        json!({ "htm": "GET" }),
        json!({ "htm": null }),
        json!({ "htu": "https://auth.example/oauth2/token" }),
        json!({ "htu": "https://auth.example/oauth/token?a=b" }),
        json!({ "htu": "https://evil.example/oauth/token" }),
        json!({ "iat": NOW - 61 }),
        json!({ "iat": NOW + 61 }),
        json!({ "iat": "1700000000" }),
        json!({ "jti": "" }),
        json!({ "jti": 7 }),
    ] {
        let refusal = refused(&key.proof("a", &changes));
        assert_eq!(refusal, (400, "invalid_dpop_proof".to_owned()), "{changes}");
    }
}

#[test]
fn a_proof_may_be_a_minute_off() {
    for iat in [NOW - 60, NOW + 60] {
        let (mut server, key) = (server(), Key::new(1));
        let code = code(&mut server);
        let proof = key.proof("a", &json!({ "iat": iat }));
        let request = with_proof(exchange_request(&code, &[]), &proof);
        assert_eq!(server.respond(&request, NOW).status, 200);
    }
}

#[test]
fn a_proof_with_a_wrong_header_is_refused() {
    let (key, other) = (Key::new(1), Key::new(2));
    let mut private = key.jwk();
    private["d"] = base64url(&[1; 32]).into();
    let claims = json!({ "jti": "a", "htm": "POST", "htu": TOKEN, "iat": NOW });
    for header in [
        json!({ "typ": "JWT", "alg": "ES256", "jwk": key.jwk() }),
        json!({ "alg": "ES256", "jwk": key.jwk() }),
        json!({ "typ": "dpop+jwt", "alg": "none", "jwk": key.jwk() }),
        json!({ "typ": "dpop+jwt", "alg": "ES256" }),
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": private }),
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": other.jwk() }),
    ] {
        let refusal = refused(&key.sign(&header, &claims));
        assert_eq!(refusal, (400, "invalid_dpop_proof".to_owned()), "{header}");
    }
    assert_eq!(refused("x").1, "invalid_dpop_proof");
}

#[test]
fn a_request_with_two_proofs_is_refused() {
    let (mut server, key) = (server(), Key::new(1));
    let request = with_proof(exchange_request("x", &[]), &key.proof("a", &json!({})));
    let request = with_proof(request, &key.proof("b", &json!({})));
    assert_eq!(
        refusal(&server.respond(&request, NOW)),
        (400, "invalid_dpop_proof".to_owned())
    );
}

#[test]
fn a_proof_is_good_for_once() {
    let (mut server, key) = (server(), Key::new(1));
    let tokens = bound_tokens(&mut server, &key);
    let proof = key.proof("again", &json!({}));
    let token = text(&tokens, "refresh_token");
    let next = json(&refresh_with(&mut server, token, Some(&proof)));
    let token = text(&next, "refresh_token");
    assert_eq!(
        refusal(&refresh_with(&mut server, token, Some(&proof))),
        (400, "invalid_dpop_proof".to_owned())
    );
    let token = text(&next, "access_token");
    let proof = key.for_resource("r", token, "");
    assert_eq!(see(&mut server, token, &proof).status, 200);
    let again = see(&mut server, token, &proof);
    assert_eq!(again.status, 401);
    assert!(challenge(&again).contains("error=\"invalid_dpop_proof\""));
}

#[test]
fn a_bound_token_is_no_bearer_token() {
    let mut server = server();
    let tokens = bound_tokens(&mut server, &Key::new(1));
    let token = text(&tokens, "access_token");
    let refused = resource(&mut server, "/resource", token, NOW);
    assert_eq!(refused.status, 401);
    assert!(challenge(&refused).contains("error=\"invalid_token\""));
}

#[test]
fn a_bound_token_needs_a_proof_of_its_own_key_and_for_itself() {
    let (mut server, key) = (server(), Key::new(1));
    let tokens = bound_tokens(&mut server, &key);
    let token = text(&tokens, "access_token");
    for (proof, error) in [
        (Key::new(2).for_resource("a", token, ""), "invalid_token"),
        (
            key.for_resource("b", "another-token", ""),
            "invalid_dpop_proof",
        ),
        (key.proof("c", &json!({})), "invalid_dpop_proof"),
    ] {
        let refused = see(&mut server, token, &proof);
        assert_eq!(refused.status, 401);
        let expected = format!("DPoP algs=\"ES256\", error=\"{error}\"");
        assert!(challenge(&refused).starts_with(&expected), "{refused:?}");
    }
    let request = Request::get("/resource").with_header("Authorization", format!("DPoP {token}"));
    assert_eq!(server.respond(&request, NOW).status, 401);
}

#[test]
fn a_refresh_token_of_a_public_client_is_bound_too() {
    let (mut server, key) = (server(), Key::new(1));
    let tokens = bound_tokens(&mut server, &key);
    let token = text(&tokens, "refresh_token");
    let other = Key::new(2).proof("a", &json!({}));
    for proof in [None, Some(other.as_str())] {
        let refused = refusal(&refresh_with(&mut server, token, proof));
        assert_eq!(refused, (400, "invalid_grant".to_owned()));
    }
    let own = key.proof("b", &json!({}));
    let next = json(&refresh_with(&mut server, token, Some(&own)));
    assert_eq!(next["token_type"], "DPoP");
}

#[test]
fn a_refresh_token_of_a_confidential_client_can_move_to_another_key() {
    let mut server = AuthorizationServer::new(Config::new().rotation(Rotation::Never));
    let ask = |server: &mut AuthorizationServer, form: &[(&str, &str)], proof: &str| {
        let by_service = [
            ("client_id", "service"),
            ("client_secret", "service-secret"),
        ];
        let form = [&by_service[..], form].concat();
        json(&server.respond(&with_proof(token_request(&form), proof), NOW))
    };
    let password = [
        ("grant_type", "password"),
        ("username", "alice"),
        ("password", "wonderland"),
    ];
    let tokens = ask(&mut server, &password, &Key::new(1).proof("a", &json!({})));
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&tokens, "refresh_token")),
    ];
    let next = ask(&mut server, &refresh, &Key::new(2).proof("b", &json!({})));
    assert_eq!(next["token_type"], "DPoP");
}

#[test]
fn a_code_can_be_bound_to_a_key() {
    let (mut server, key) = (server(), Key::new(1));
    let url = code_url(&[("dpop_jkt", &key.thumbprint())]);
    let code = in_query(&allow(&mut server, &url), "code").unwrap();
    let request = exchange_request(&code, &[]);
    let refused = refusal(&server.respond(&request, NOW));
    assert_eq!(refused, (400, "invalid_grant".to_owned()));
    let other = with_proof(request.clone(), &Key::new(2).proof("a", &json!({})));
    let refused = refusal(&server.respond(&other, NOW));
    assert_eq!(refused, (400, "invalid_grant".to_owned()));
    let own = with_proof(request, &key.proof("b", &json!({})));
    assert_eq!(server.respond(&own, NOW).status, 200);
}

#[test]
fn a_pushed_request_binds_its_code_to_the_key_of_its_proof() {
    let (mut server, key) = (server(), Key::new(1));
    let form = parameters(&code_url(&[]), '?');
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let par = json!({ "htu": "https://auth.example/oauth/par" });
    let push = |form: &[(&str, &str)], jti| {
        with_proof(
            Request::post_form("/oauth/par", form),
            &key.proof(jti, &par),
        )
    };
    let pushed = json(&server.respond(&push(&form, "a"), NOW));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("client_id", "native"),
            ("request_uri", text(&pushed, "request_uri")),
        ])
        .finish();
    let url = format!("https://auth.example/oauth/authorize?{query}");
    let code = in_query(&allow(&mut server, &url), "code").unwrap();
    let request = exchange_request(&code, &[]);
    assert_eq!(refusal(&server.respond(&request, NOW)).1, "invalid_grant");
    let own = with_proof(request, &key.proof("b", &json!({})));
    assert_eq!(server.respond(&own, NOW).status, 200);

    let other = Key::new(2).thumbprint();
    let form = [&form[..], &[("dpop_jkt", other.as_str())]].concat();
    assert_eq!(
        refusal(&server.respond(&push(&form, "c"), NOW)),
        (400, "invalid_dpop_proof".to_owned())
    );
}

#[test]
fn a_dpop_jkt_that_is_no_hash_is_refused() {
    let mut server = server();
    let url = code_url(&[("dpop_jkt", "short")]);
    let url = url.strip_prefix("https://auth.example").unwrap();
    let answer = server.respond(&Request::get(url), NOW);
    let location = answer.location().unwrap();
    assert_eq!(
        in_query(location, "error").as_deref(),
        Some("invalid_request")
    );
}

#[test]
fn a_client_can_be_held_to_proofs() {
    let client = Client::confidential("bound", "secret")
        .grant_types([GrantType::ClientCredentials])
        .require_dpop();
    let mut server = AuthorizationServer::new(Config::new().client(client));
    let request = token_request(&[
        ("grant_type", "client_credentials"),
        ("client_id", "bound"),
        ("client_secret", "secret"),
    ]);
    assert_eq!(
        refusal(&server.respond(&request, NOW)),
        (400, "invalid_dpop_proof".to_owned())
    );
    let request = with_proof(request, &Key::new(1).proof("a", &json!({})));
    assert_eq!(server.respond(&request, NOW).status, 200);
}

#[test]
fn a_nonce_is_asked_for_and_comes_with_each_answer() {
    let mut server = AuthorizationServer::new(Config::new().dpop_nonces(true));
    let key = Key::new(1);
    let code = code(&mut server);
    let exchange = exchange_request(&code, &[]);
    let asked = server.respond(
        &with_proof(exchange.clone(), &key.proof("a", &json!({}))),
        NOW,
    );
    assert_eq!(refusal(&asked), (400, "use_dpop_nonce".to_owned()));
    let proof = key.proof("b", &json!({ "nonce": nonce(&asked) }));
    let answer = server.respond(&with_proof(exchange, &proof), NOW);
    assert_eq!(answer.status, 200);
    assert_eq!(nonce(&answer), nonce(&asked));

    let tokens = json(&answer);
    let token = text(&tokens, "access_token");
    let wrong = key.for_resource("c", token, &nonce(&answer));
    let asked = see(&mut server, token, &wrong);
    assert_eq!(asked.status, 401);
    let expected = "DPoP algs=\"ES256\", error=\"use_dpop_nonce\"";
    assert!(challenge(&asked).starts_with(expected));
    assert_ne!(
        nonce(&asked),
        nonce(&answer),
        "the resources have their own"
    );
    let proof = key.for_resource("d", token, &nonce(&asked));
    let seen = see(&mut server, token, &proof);
    assert_eq!((seen.status, nonce(&seen)), (200, nonce(&asked)));
}

#[test]
fn a_nonce_is_taken_for_a_while_after_it_has_changed() {
    let mut server = AuthorizationServer::new(Config::new().dpop_nonces(true));
    let key = Key::new(1);
    let mut ask = |jti: &str, nonce: &str, now: u64| {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "native"),
            ("refresh_token", "x"),
        ];
        let proof = key.proof(jti, &json!({ "nonce": nonce, "iat": now }));
        server.respond(&with_proof(token_request(&form), &proof), now)
    };
    let old = nonce(&ask("a", "", NOW));
    let later = ask("b", &old, NOW + 300);
    assert_eq!(refusal(&later).1, "invalid_grant");
    assert_ne!(nonce(&later), old);
    assert_eq!(refusal(&ask("c", &old, NOW + 600)).1, "use_dpop_nonce");
}

#[test]
fn without_the_setting_no_nonce_is_sent() {
    let (mut server, key) = (server(), Key::new(1));
    let code = code(&mut server);
    let request = with_proof(exchange_request(&code, &[]), &key.proof("a", &json!({})));
    let answer = server.respond(&request, NOW);
    assert_eq!(answer.header_value("dpop-nonce"), None);
}

#[test]
fn no_nonce_is_ever_good() {
    let (mut server, key) = (server(), Key::new(1));
    let code = code(&mut server);
    server.inject(NamedFault::DpopNonceNeverGood);
    let mut last = String::new();
    for jti in ["a", "b", "c"] {
        let proof = key.proof(jti, &json!({ "nonce": last }));
        let asked = server.respond(&with_proof(exchange_request(&code, &[]), &proof), NOW);
        assert_eq!(refusal(&asked), (400, "use_dpop_nonce".to_owned()));
        assert_ne!(nonce(&asked), last);
        last = nonce(&asked);
    }
    let plain = server.respond(&exchange_request(&code, &[]), NOW);
    assert_eq!(plain.status, 200, "a request without a proof is answered");
}

#[test]
fn no_nonce_is_ever_good_at_the_resources() {
    let (mut server, key) = (server(), Key::new(1));
    let tokens = bound_tokens(&mut server, &key);
    let token = text(&tokens, "access_token");
    server.inject(NamedFault::DpopNonceNeverGoodAtResource);
    let mut last = String::new();
    for jti in ["a", "b"] {
        let asked = see(&mut server, token, &key.for_resource(jti, token, &last));
        assert_eq!(asked.status, 401);
        assert!(challenge(&asked).contains("error=\"use_dpop_nonce\""));
        last = nonce(&asked);
    }
}

#[test]
fn each_answer_has_a_new_nonce_and_only_that_is_good() {
    let (mut server, key) = (server(), Key::new(1));
    server.inject(NamedFault::DpopNonceEachTime);
    let mut ask = |jti: &str, nonce: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "native"),
            ("refresh_token", "x"),
        ];
        let proof = key.proof(jti, &json!({ "nonce": nonce }));
        server.respond(&with_proof(token_request(&form), &proof), NOW)
    };
    let first = ask("a", "");
    assert_eq!(refusal(&first).1, "use_dpop_nonce");
    let second = ask("b", &nonce(&first));
    assert_eq!(refusal(&second).1, "invalid_grant");
    assert_ne!(nonce(&second), nonce(&first));
    assert_eq!(refusal(&ask("c", &nonce(&first))).1, "use_dpop_nonce");
}

#[test]
fn a_server_that_does_not_know_proofs_answers_with_a_bearer_token() {
    let (mut server, key) = (server(), Key::new(1));
    server.inject(Fault::DpopIgnored.once());
    let tokens = bound_tokens(&mut server, &key);
    assert_eq!(tokens["token_type"], "Bearer");
    let token = text(&tokens, "access_token");
    assert_eq!(resource(&mut server, "/resource", token, NOW).status, 200);
    assert_eq!(bound_tokens(&mut server, &key)["token_type"], "DPoP");
}
