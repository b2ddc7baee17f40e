//! Every fault that has a name changes something that a client sees, and nothing makes the server fall over.

mod common;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use common::*;
use hallpass_testkit::{
    Algorithm, AuthorizationServer, Client, Config, Decision, GrantType, NamedFault, Request,
    Response, TEST_KEY, User,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const JWT: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client that does a little of everything, and all that it was answered.
struct Visitor {
    server: AuthorizationServer,
    seen: Vec<String>,
}

impl Visitor {
    fn new(fault: Option<NamedFault>) -> Self {
        let raw = Client::confidential("raw", "a+b c").grant_types([GrantType::ClientCredentials]);
        let config = Config::new().client(raw);
        let config = config.client(relying_party(Algorithm::Rs256));
        let config = config.client(relying_party(Algorithm::Es256));
        let config = config.distributed_claim("credit_score", hallpass_testkit::Value::json("650"));
        let mut server = AuthorizationServer::new(config);
        if let Some(fault) = fault {
            server.inject(fault);
        }
        Self {
            server,
            seen: Vec::new(),
        }
    }

    /// Looks where faults of OpenID Connect happen, or where the others do.
    fn visit(mut self, is_openid: bool) -> Vec<String> {
        if is_openid {
            self.ask_who_it_is();
            return self.seen;
        }
        self.look_at_metadata();
        self.log_in();
        self.refresh_and_revoke();
        self.authenticate();
        self.wait_as_a_device();
        self.push_and_register();
        self.prove_a_key();
        self.seen
    }

    fn ask(&mut self, request: &Request) -> Response {
        let response = self.server.respond(request, NOW);
        let (status, headers) = (response.status, &response.headers);
        let length = response.body.len().min(4096);
        let body = String::from_utf8_lossy(&response.body[..length]).into_owned();
        let delivery = response.delivery;
        self.seen
            .push(format!("{status} {headers:?} {delivery:?} {body}"));
        response
    }

    fn browse(&mut self, url: &str) -> String {
        let alice = User::alice();
        let came_to = self.server.consent(url, &alice, &Decision::Allow, NOW);
        self.seen.push(format!("{came_to:?}"));
        came_to.unwrap_or_default()
    }

    /// A member of an answer, if there is one.
    fn member(response: &Response, name: &str) -> String {
        let members: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        members[name].as_str().unwrap_or("none").to_owned()
    }

    fn look_at_metadata(&mut self) {
        self.ask(&Request::get("/.well-known/oauth-authorization-server"));
        self.ask(&Request::get("/.well-known/openid-configuration"));
    }

    fn log_in(&mut self) {
        self.browse(&code_url(&[("state", "short")]));
        self.browse(&token_url(&[]));
        self.browse(&code_url(&[("client_id", "Rs256"), ("scope", "openid")]));
    }

    fn code(&mut self) -> String {
        let location = self.browse(&code_url(&[]));
        let code = parameters(&location, '?');
        let code = code.into_iter().find(|(name, _)| name == "code");
        code.map_or_else(|| "none".to_owned(), |(_, code)| code)
    }

    fn refresh_and_revoke(&mut self) {
        let code = self.code();
        let tokens = self.ask(&exchange_request(&code, &[]));
        for token in [&Self::member(&tokens, "refresh_token"), "no-such-token"] {
            let form = [
                ("grant_type", "refresh_token"),
                ("client_id", "native"),
                ("refresh_token", token),
                ("scope", "read"),
            ];
            self.ask(&token_request(&form));
        }
        let token = Self::member(&tokens, "access_token");
        for path in ["/oauth/token", "/oauth/revoke"] {
            let form = [("client_id", "native"), ("token", token.as_str())];
            self.ask(&Request::post_form(path, &form));
        }
    }

    fn authenticate(&mut self) {
        let wrong = [
            ("grant_type", "client_credentials"),
            ("client_id", "service"),
            ("client_secret", "wrong"),
        ];
        self.ask(&token_request(&wrong));
        let credentials = Base64::encode_string(b"raw:a%2Bb+c");
        let encoded = token_request(&[("grant_type", "client_credentials")]);
        self.ask(&encoded.with_header("Authorization", format!("Basic {credentials}")));
        let (issuer, endpoint) = ("https://auth.example", "https://auth.example/oauth/token");
        for (jti, aud) in [
            ("a", json!(issuer)),
            ("b", json!(endpoint)),
            ("c", json!([issuer])),
        ] {
            let assertion = sign(&claims(jti, json!({ "aud": aud })));
            let form = [
                ("grant_type", "client_credentials"),
                ("client_assertion_type", JWT),
                ("client_assertion", &assertion),
            ];
            self.ask(&token_request(&form));
        }
    }

    fn wait_as_a_device(&mut self) {
        let form = [("client_id", "device")];
        let device = self.ask(&Request::post_form("/oauth/device_authorization", &form));
        let device = Self::member(&device, "device_code");
        let form = [
            ("grant_type", DEVICE),
            ("client_id", "device"),
            ("device_code", &device),
        ];
        self.ask(&token_request(&form));
    }

    fn push_and_register(&mut self) {
        let form = parameters(&code_url(&[]), '?');
        let form: Vec<_> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let pushed = self.ask(&Request::post_form("/oauth/par", &form));
        let uri = Self::member(&pushed, "request_uri").replace(':', "%3A");
        for _ in 0..2 {
            let target = format!("/oauth/authorize?client_id=native&request_uri={uri}");
            self.ask(&Request::get(target));
        }
        let register = Request {
            method: "POST".to_owned(),
            target: "/oauth/register".to_owned(),
            body: json!({ "redirect_uris": [CALLBACK] })
                .to_string()
                .into_bytes(),
            ..Request::default()
        };
        self.ask(&register.with_header("Content-Type", "application/json"));
    }

    fn ask_who_it_is(&mut self) {
        let client = "Rs256";
        let location = self.browse(&login_url("code id_token token", client));
        let answer = parameters(&location, '#');
        let code = answer.into_iter().find(|(name, _)| name == "code");
        let code = code.map_or_else(|| "none".to_owned(), |(_, code)| code);
        let own = [("client_id", client), ("client_secret", "rp-secret")];
        let tokens = self.ask(&exchange_request(&code, &own));
        self.ask(&Request::get("/oauth/jwks"));
        let token = Self::member(&tokens, "access_token");
        for path in ["/oauth/userinfo", "/oauth/claims"] {
            let request = Request::get(path);
            self.ask(&request.with_header("Authorization", format!("Bearer {token}")));
        }
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &Self::member(&tokens, "refresh_token")),
            own[0],
            own[1],
        ];
        self.ask(&token_request(&form));
        let hint = Self::member(&tokens, "id_token");
        let form = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", "https://app.example/after"),
            ("state", "abc"),
        ];
        self.ask(&Request::post_form("/oauth/logout", &form));
        let told = self.server.take_back_channel_logouts();
        let told = told.iter().map(|told| told.logout_token.as_str());
        self.seen.push(told.collect());
        let begun = self.server.third_party_login(client, None, None);
        self.seen.push(format!("{begun:?}"));
        self.browse(&login_url("id_token", "Es256"));
        self.ask(&Request::get(
            "/.well-known/webfinger?resource=acct:alice@auth.example",
        ));
    }

    fn prove_a_key(&mut self) {
        let code = self.code();
        let proof = proof("a", "POST", "/oauth/token", json!({}));
        let tokens = self.ask(&exchange_request(&code, &[]).with_header("DPoP", proof));
        let token = Self::member(&tokens, "access_token");
        let hash = Base64UrlUnpadded::encode_string(&Sha256::digest(&token));
        let proof = self::proof("b", "GET", "/resource", json!({ "ath": hash }));
        let request = Request::get("/resource").with_header("DPoP", proof);
        self.ask(&request.with_header("Authorization", format!("DPoP {token}")));
    }
}

/// A client that wants everything signed by this algorithm, which is its name.
fn relying_party(algorithm: Algorithm) -> Client {
    Client::confidential(format!("{algorithm:?}"), "rp-secret")
        .redirect_uri(CALLBACK)
        .scopes(["openid"])
        .grant_types([
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::Implicit,
        ])
        .id_token_algorithm(algorithm)
        .user_info_algorithm(algorithm)
        .initiate_login_uri("https://app.example/login")
        .post_logout_redirect_uri("https://app.example/after")
        .front_channel_logout_uri("https://app.example/front")
        .back_channel_logout_uri("https://app.example/back")
}

/// A login by one of them.
fn login_url(response_type: &str, client: &str) -> String {
    code_url(&[
        ("response_type", response_type),
        ("client_id", client),
        ("scope", "openid"),
        ("nonce", "n-0S6_WzA2Mj"),
        ("acr_values", "1"),
    ])
}

fn proof(jti: &str, method: &str, path: &str, more: Value) -> String {
    let mut jwk: Value = serde_json::from_str(TEST_KEY).unwrap();
    jwk.as_object_mut().unwrap().remove("d");
    let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk });
    let address = format!("https://auth.example{path}");
    let mut claims = json!({ "jti": jti, "htm": method, "htu": address, "iat": NOW });
    if let Some(hash) = more.get("ath") {
        claims["ath"] = hash.clone();
    }
    sign_with(&header, &claims)
}

#[test]
fn every_named_fault_is_seen_by_a_client() {
    let plain = |is_openid| Visitor::new(None).visit(is_openid);
    let healthy = [plain(false), plain(true)];
    assert_eq!(healthy[0], plain(false), "a visit can be repeated");
    assert_eq!(healthy[1], plain(true), "a visit can be repeated");
    for fault in NamedFault::ALL {
        let seen = Visitor::new(Some(*fault)).visit(fault.is_openid());
        let healthy = &healthy[usize::from(fault.is_openid())];
        assert!(seen != *healthy, "{} changes nothing", fault.name());
    }
}

#[test]
fn a_healthy_server_gives_the_visitor_what_it_came_for() {
    for is_openid in [false, true] {
        let seen = Visitor::new(None).visit(is_openid);
        let last = seen.last().expect("an answer");
        assert!(last.starts_with("200 "), "{last}");
    }
}
