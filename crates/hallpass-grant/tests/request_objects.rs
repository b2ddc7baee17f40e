//! Authorization requests in a JWT (RFC 9101, OpenID Connect Core §6): what is in it, what stands beside it, and what it can never be.

mod common;
#[path = "common/signer.rs"]
mod signer;

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass_grant::token::Secret;
use hallpass_grant::{
    AuthorizationRequest, AuthorizationUrl, Call, Callback, Client, ClientAuthentication, Code,
    Conversation, Input, Issuer, MacAlgorithm, MacKey, Misuse, NotSigned, ObjectRequest, Pending,
    Profile, PushedAnswer, Request, RequestObject, ScopeSeparator, ServerMetadata, Signature,
    SigningAlgorithm, SigningKeyName, Step,
};
use serde_json::{Value, json as object};
use sha2::{Digest, Sha256};

use common::*;
use signer::{assertion_of, dpop_key, read_signed, signed};

const AT: &str = "https://client.example/requests/8f2e";

fn client() -> Client {
    client_of(server_with_issuer())
}

fn openid() -> AuthorizationRequest {
    AuthorizationRequest::new().scopes(scopes("openid email"))
}

fn begun(client: &Client, request: AuthorizationRequest) -> (AuthorizationUrl, Pending<Code>) {
    let grant = client.code().unwrap();
    grant.begin(request, &mut draws(SEED), NOW).unwrap()
}

fn object_of(client: &Client, request: AuthorizationRequest) -> RequestObject {
    let (url, _) = begun(client, request);
    let object = client.request_object(url, key(), &mut draws(30));
    object.unwrap()
}

fn finished(mut object: RequestObject) -> ObjectRequest {
    done(signed(&mut object, Input::Begin, NOW).unwrap())
}

/// Header and claims, unverified.
fn read(jwt: &str) -> (Value, Value) {
    let mut parts = jwt.split('.').map(|part| {
        let bytes = Base64UrlUnpadded::decode_vec(part).unwrap();
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

fn claims(request: AuthorizationRequest) -> Value {
    let made = finished(object_of(&client(), request));
    read_signed(made.object.expose_secret()).claims
}

#[test]
fn the_object_says_what_the_address_would_have_said() {
    let made = finished(object_of(&client(), openid()));
    let jws = read_signed(made.object.expose_secret());
    let header = object!({"alg": "ES256", "typ": "oauth-authz-req+jwt", "kid": "key-1"});
    assert_eq!(jws.header, header);
    let mut claims = jws.claims;
    let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert_eq!(jti.as_str().unwrap().len(), 43);
    let now = NOW.unix_timestamp();
    let expected = object!({
        "iss": "cid",
        "aud": ISSUER,
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "client_id": "cid",
        "response_type": "code",
        "redirect_uri": "https://app.example/cb",
        "scope": "openid email",
        "state": STATE,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    });
    assert_eq!(claims, expected);
}

#[test]
fn beside_it_stands_what_makes_the_request_one_of_oauth_and_openid_connect() {
    let made = finished(object_of(&client(), openid()));
    let url = made.url.as_str();
    let expected = "https://as.example/oauth/authorize?response_type=code&client_id=cid&scope=openid+email&request=";
    assert_eq!(
        url.strip_prefix(expected),
        Some(made.object.expose_secret())
    );
    assert!(!url.contains(STATE) && !url.contains(CHALLENGE));
    // However the provider joins scopes.
    let mut profile = Profile::STRICT;
    profile.requested_scopes = ScopeSeparator::Comma;
    let made = finished(object_of(&client().with_profile(profile), openid()));
    assert_eq!(query_of(&made.url)["scope"], "openid,email");
    // Without OpenID Connect nothing more than RFC 6749 asks for.
    let made = finished(object_of(
        &client(),
        AuthorizationRequest::new().scopes(scopes("read")),
    ));
    let query = query_of(&made.url);
    let names: Vec<_> = query.keys().map(String::as_str).collect();
    assert_eq!(names, ["client_id", "request", "response_type"]);
}

#[test]
fn by_reference_the_address_is_the_applications_and_names_what_is_there() {
    let made = finished(object_of(&client(), openid()).at(AT).unwrap());
    let query = query_of(&made.url);
    let hash = Sha256::digest(made.object.expose_secret());
    let hash = Base64UrlUnpadded::encode_string(&hash);
    assert_eq!(query["request_uri"], format!("{AT}#{hash}"));
    let names: Vec<_> = query.keys().map(String::as_str).collect();
    let expected = ["client_id", "request_uri", "response_type", "scope"];
    assert_eq!(names, expected);
    read_signed(made.object.expose_secret());
    assert_eq!(RequestObject::MEDIA_TYPE, "application/oauth-authz-req+jwt");
}

#[test]
fn only_an_https_address_of_moderate_length_is_a_reference() {
    let long = format!("https://client.example/{}", "a".repeat(460));
    for address in [
        "",
        "requests/1",
        "http://client.example/1",
        "https://client.example/1#x",
        &long,
    ] {
        let error = object_of(&client(), openid()).at(address).unwrap_err();
        let is_told = matches!(
            misuse(&error),
            Misuse::Invalid {
                field: "request_uri",
                ..
            }
        );
        assert!(is_told, "{address}: {error}");
    }
    let just = format!("https://client.example/{}", "a".repeat(445));
    let made = finished(object_of(&client(), openid()).at(&just).unwrap());
    assert_eq!(query_of(&made.url)["request_uri"].len(), 512);
}

#[test]
fn the_login_goes_on_as_it_was_begun() {
    let (url, pending) = begun(&client(), openid());
    let object = client().request_object(url, key(), &mut draws(30)).unwrap();
    let _made = finished(object);
    let callback = format!("/cb?code=SplxlOBe&state={STATE}&iss=https%3A%2F%2Fas.example");
    let code = pending
        .receive(&Callback::from_url(&callback), NOW)
        .unwrap();
    assert!(client().exchange(code).is_ok());
}

#[test]
fn an_object_is_no_client_assertion() {
    // RFC 7523 §3 asks for `sub`; RFC 9101 §10.8 for an object that has none, and a `typ` of its own.
    let made = finished(object_of(&client(), openid()));
    let jws = read_signed(made.object.expose_secret());
    assert_eq!(jws.claims.get("sub"), None);
    assert_eq!(jws.header["typ"], "oauth-authz-req+jwt");
    // And nothing that is given makes it one: neither a request nor a profile, which may come from a file.
    for name in ["sub", "iss", "aud", "exp", "nbf", "iat", "jti"] {
        let request = openid().parameter(name, "cid").unwrap();
        let mut profile = Profile::STRICT;
        profile.authorization_parameters = vec![(name.into(), "cid".into())].into();
        for (client, request) in [
            (client(), request),
            (client().with_profile(profile), openid()),
        ] {
            let (url, _) = begun(&client, request.clone());
            let error = client.request_object(url.clone(), key(), &mut draws(30));
            let expected = Misuse::ReservedParameter(name);
            assert_eq!(*misuse(&error.unwrap_err()), expected);
            let error = client.unsigned_request_object(url, &mut draws(30));
            assert_eq!(*misuse(&error.unwrap_err()), expected);
            let error = client_of(pushing()).code().unwrap().push_signed(
                openid().parameter(name, "cid").unwrap(),
                key(),
                &mut draws(SEED),
                NOW,
            );
            assert_eq!(*misuse(&error.unwrap_err()), expected);
        }
    }
}

#[test]
fn numbers_lists_and_objects_are_written_as_json() {
    let request = openid()
        .resource("https://a.example/")
        .unwrap()
        .resource("https://b.example/")
        .unwrap()
        .resource("https://c.example/")
        .unwrap();
    let parameters = [
        ("max_age", "3600"),
        ("claims", r#"{"userinfo":{"email":null}}"#),
        ("authorization_details", r#"[{"type":"payment"}]"#),
        ("registration", r#"{"client_name":"A"}"#),
        ("login_hint", "42"),
        ("a b&", "é+%"),
    ];
    let request = parameters
        .into_iter()
        .fold(request, |request, (name, value)| {
            request.parameter(name, value).unwrap()
        });
    let claims = claims(request);
    assert_eq!(claims["max_age"], 3600);
    assert_eq!(claims["claims"], object!({"userinfo": {"email": null}}));
    let details = object!([{"type": "payment"}]);
    assert_eq!(claims["authorization_details"], details);
    assert_eq!(claims["registration"], object!({"client_name": "A"}));
    assert_eq!(claims["login_hint"], "42");
    assert_eq!(claims["a b&"], "é+%");
    let resources = [
        "https://a.example/",
        "https://b.example/",
        "https://c.example/",
    ];
    assert_eq!(claims["resource"], object!(resources));
}

#[test]
fn what_is_no_json_stays_the_text_it_is() {
    let request = openid().parameter("max_age", "-1").unwrap();
    let request = request.parameter("claims", "{").unwrap();
    let claims = claims(request.parameter("registration", "7").unwrap());
    assert_eq!(claims["max_age"], "-1");
    assert_eq!(claims["claims"], "{");
    assert_eq!(claims["registration"], "7");
}

#[test]
fn a_secret_signs_without_a_signer() {
    let (url, _) = begun(&client(), openid());
    let key = MacKey::new(MacAlgorithm::Hs256, MAC_SECRET).unwrap();
    let mut object = client()
        .request_object(url, key.clone(), &mut draws(30))
        .unwrap();
    let made = done(object.step(Input::Begin, NOW).unwrap());
    let (header, claims) = read(made.object.expose_secret());
    assert_eq!(
        header,
        object!({"alg": "HS256", "typ": "oauth-authz-req+jwt"})
    );
    assert_eq!(claims["iss"], "cid");
    assert_eq!(
        made.object.expose_secret().split('.').nth(2).unwrap().len(),
        43
    );
    // The same client can prove itself with the same secret, by another JWT.
    let client = client().with_authentication(ClientAuthentication::SecretJwt(key));
    let request = request_of(&mut exchange_of(&client));
    assert!(!body(&request).contains(made.object.expose_secret()));
}

#[test]
fn without_a_signature_only_where_that_is_asked_for() {
    let (url, _) = begun(&client(), openid());
    let mut object = client()
        .unsigned_request_object(url, &mut draws(30))
        .unwrap();
    let made = done(object.step(Input::Begin, NOW).unwrap());
    let jwt = made.object.expose_secret();
    let (header, claims) = read(jwt);
    assert_eq!(
        header,
        object!({"alg": "none", "typ": "oauth-authz-req+jwt"})
    );
    assert_eq!(claims["state"], STATE);
    assert!(jwt.ends_with('.') && jwt.matches('.').count() == 2);
}

#[test]
fn an_endpoints_own_query_stays_the_servers() {
    let at = endpoint("https://as.example/authorize?tenant=a%20b");
    let client = client_of(server_with_issuer().with_authorization_endpoint(at));
    let made = finished(object_of(&client, openid()));
    let start = "https://as.example/authorize?tenant=a%20b&response_type=code&client_id=cid&";
    assert!(
        made.url.as_str().starts_with(start),
        "{}",
        made.url.as_str()
    );
    let jws = read_signed(made.object.expose_secret());
    assert_eq!(jws.claims.get("tenant"), None);
}

#[test]
fn the_request_of_another_client_or_server_is_refused() {
    let (url, _) = begun(&client(), openid());
    let other = Client::new(server_with_issuer(), "other").unwrap();
    let at = endpoint("https://other.example/authorize");
    let elsewhere = client_of(server_with_issuer().with_authorization_endpoint(at));
    for client in [other, elsewhere] {
        let error = client.request_object(url.clone(), key(), &mut draws(30));
        assert_eq!(*misuse(&error.unwrap_err()), Misuse::OtherClient);
    }
}

#[test]
fn without_an_issuer_there_is_nobody_to_address_it_to() {
    let client = client_of(server());
    let (url, _) = begun(&client, openid());
    let error = client.request_object(url, key(), &mut draws(30));
    assert_eq!(*misuse(&error.unwrap_err()), Misuse::Missing("issuer"));
}

#[test]
fn an_object_is_not_put_into_another() {
    let by_value = object_of(&client(), openid());
    let by_reference = object_of(&client(), openid()).at(AT).unwrap();
    for object in [by_value, by_reference] {
        let url = finished(object).url;
        let error = client().request_object(url, key(), &mut draws(30));
        assert!(matches!(
            misuse(&error.unwrap_err()),
            Misuse::Invalid { .. }
        ));
    }
}

#[test]
fn a_signer_that_does_not_sign_costs_nothing_and_every_attempt_has_its_own_jti() {
    let mut object = object_of(&client(), openid());
    let mut inputs = Vec::new();
    for _ in 0..3 {
        let Step::Sign(input) = object.step(Input::Begin, NOW).unwrap() else {
            panic!("nothing to sign");
        };
        inputs.push(input.bytes().to_vec());
        object
            .step(Input::NotSigned(NotSigned::Failed), NOW)
            .unwrap_err();
    }
    inputs.dedup();
    assert_eq!(inputs.len(), 3);
    let _input = object.step(Input::Begin, NOW).unwrap();
    let unknown = object.step(Input::NotSigned(NotSigned::UnknownKey), NOW);
    assert_eq!(*misuse(&unknown.unwrap_err()), Misuse::UnknownSigningKey);
    finished(object);
}

#[test]
fn an_object_takes_only_what_answers_it_and_can_be_stored_meanwhile() {
    let refused = |object: &RequestObject, expected: Misuse| {
        for input in every_input() {
            let is_answer = matches!(input, Input::Signature(_) | Input::NotSigned(_));
            if expected == Misuse::UnexpectedInput && is_answer {
                continue;
            }
            let error = object.clone().step(input, NOW).unwrap_err();
            assert_eq!(*misuse(&error), expected);
        }
    };
    let mut object = object_of(&client(), openid());
    let _input = object.step(Input::Begin, NOW).unwrap();
    refused(&object, Misuse::UnexpectedInput);
    let der = Signature::new([48; 71]);
    let error = object.step(Input::Signature(der), NOW).unwrap_err();
    assert_eq!(*misuse(&error), Misuse::SignatureForm);
    let stored = serde_json::to_string(&object).unwrap();
    let mut restored: RequestObject = serde_json::from_str(&stored).unwrap();
    let signature = || Input::Signature(Signature::new([3; 64]));
    let there = done(restored.step(signature(), NOW).unwrap());
    let here = done(object.step(signature(), NOW).unwrap());
    assert_eq!(there.object, here.object);
    assert_eq!(there.url, here.url);
    refused(&object, Misuse::Over);
}

#[test]
fn nothing_of_the_request_is_shown() {
    let request = openid().parameter("login_hint", "canary@example").unwrap();
    let object = object_of(&client(), request);
    let made = finished(object.clone());
    let jwt = made.object.expose_secret();
    for shown in [format!("{object:?}"), format!("{made:?}")] {
        for canary in ["canary", STATE, CHALLENGE, jwt, "eyJ"] {
            assert!(!shown.contains(canary), "{shown}");
        }
    }
}

fn pushing() -> ServerMetadata {
    server_with_issuer()
        .with_pushed_authorization_request_endpoint(endpoint("https://as.example/par"))
}

fn pushed(client: &Client) -> Call<PushedAnswer> {
    let grant = client.code().unwrap();
    grant
        .push_signed(openid(), key(), &mut draws(SEED), NOW)
        .unwrap()
}

fn sent_by(client: &Client) -> Request {
    sent(signed(&mut pushed(client), Input::Begin, NOW).unwrap())
}

fn request_in(request: &Request) -> signer::Jws {
    let mut pairs = pairs(body(request)).into_iter();
    let object = pairs.find(|(name, _)| name == "request").unwrap().1;
    read_signed(&object)
}

#[test]
fn a_pushed_object_has_the_whole_request_in_it_and_only_the_client_beside_it() {
    let basic = client_of(pushing()).with_authentication(ClientAuthentication::Basic("s".into()));
    for client in [basic, client_of(pushing())] {
        let request = sent_by(&client);
        let pairs = pairs(body(&request));
        let names: Vec<_> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["client_id", "request"]);
        let claims = request_in(&request).claims;
        assert_eq!(claims["client_id"], "cid");
        assert_eq!(claims["state"], STATE);
        assert_eq!(claims["code_challenge"], CHALLENGE);
        assert_eq!(claims["aud"], ISSUER);
        assert_eq!(claims.get("sub"), None);
    }
}

#[test]
fn beside_a_client_assertion_it_is_another_jwt_with_another_jti() {
    let client = client_of(pushing())
        .with_authentication(ClientAuthentication::PrivateKeyJwt(key()))
        .with_dpop(dpop_key())
        .unwrap();
    let request = sent_by(&client);
    let (assertion, object) = (assertion_of(&request), request_in(&request));
    assert_eq!(assertion.claims["sub"], "cid");
    assert_eq!(object.claims.get("sub"), None);
    assert_ne!(assertion.jti(), object.jti());
    // The key is named in the request; nothing is bound by the push itself.
    assert!(object.claims["dpop_jkt"].is_string());
    assert_eq!(request.header("dpop"), None);
}

#[test]
fn a_pushed_object_ends_in_the_same_login() {
    let mut call = pushed(&client_of(pushing()));
    let _request = sent(signed(&mut call, Input::Begin, NOW).unwrap());
    let answer = json(201, r#"{"request_uri":"urn:example:1","expires_in":60}"#);
    let request = done(call.step(Input::Response(answer), NOW).unwrap());
    let (url, pending) = request.begin(NOW).unwrap();
    let query = query_of(&url);
    let names: Vec<_> = query.keys().map(String::as_str).collect();
    assert_eq!(names, ["client_id", "request_uri"]);
    assert_eq!(*pending.state(), Secret::new(STATE));
}

#[test]
fn a_state_that_the_server_repeats_is_not_shown() {
    let mut call = pushed(&client_of(pushing()));
    let _request = sent(signed(&mut call, Input::Begin, NOW).unwrap());
    let body = format!(r#"{{"error":"invalid_request","error_description":"state {STATE}"}}"#);
    let error = call
        .step(Input::Response(json(400, &body)), NOW)
        .unwrap_err();
    assert!(!format!("{error} {error:?}").contains(STATE), "{error}");
}

#[test]
fn it_is_addressed_to_the_issuer_and_signed_with_the_key_that_is_named() {
    let issuer = Issuer::new("https://tenant.example/a").unwrap();
    let client = client_of(server().with_issuer(issuer));
    let made = finished(object_of(&client, openid()));
    let jws = read_signed(made.object.expose_secret());
    assert_eq!(jws.claims["aud"], "https://tenant.example/a");
    assert!(
        made.url
            .as_str()
            .starts_with("https://as.example/oauth/authorize?")
    );
    let rsa = SigningKeyName::new(SigningAlgorithm::Rs256, "rsa");
    let (url, _) = begun(&client, openid());
    let mut object = client
        .request_object(url, rsa.clone(), &mut draws(30))
        .unwrap();
    let Step::Sign(input) = object.step(Input::Begin, NOW).unwrap() else {
        panic!("nothing to sign");
    };
    assert_eq!(*input.key(), rsa);
}
