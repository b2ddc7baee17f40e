//! Tokens bound to a key (RFC 9449): every proof is verified by code that shares nothing with the library's.

mod common;
#[path = "common/signer.rs"]
mod signer;

use hallpass_grant::token::{AccessToken, TokenSet, TokenType};
use hallpass_grant::{
    Call, Client, ClientAuthentication, Conversation, DpopKey, Error, ErrorKind, Input, Lost,
    Misuse, NotSigned, Profile, Recovery, Request, Response, SigningAlgorithm, SigningKeyName,
    Step, TokenAnswer, TokenTypeMember, Violation,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json as value;

use common::*;
use signer::*;

const BOUND: &str = r#"{"access_token":"T","token_type":"DPoP"}"#;
const API: &str = "https://resource.example.org/protectedresource";
/// RFC 9449 §7.1, figures 12 and 13: a token and its hash.
const RFC_TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
const RFC_HASH: &str = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo";

fn bound_with(key: &DpopKey) -> Client {
    client_of(server_with_issuer())
        .with_dpop(key.clone())
        .unwrap()
}

fn bound() -> Client {
    bound_with(&dpop_key())
}

fn asserting() -> Client {
    bound().with_authentication(ClientAuthentication::PrivateKeyJwt(key()))
}

fn request_of<C: Conversation>(call: &mut C, input: Input) -> Request {
    sent(signed(call, input, NOW).unwrap())
}

/// RFC 9449 §8: the answer of a server that wants this nonce.
fn demand(nonce: &str) -> Input {
    let body =
        r#"{"error":"use_dpop_nonce","error_description":"Authorization server requires nonce"}"#;
    Input::Response(json(400, body).with_header("DPoP-Nonce", nonce))
}

/// Exchanges a code and gives this answer to the first request.
fn answered(client: &Client, answer: Response) -> Result<TokenSet, Error> {
    let mut call = exchange_of(client);
    let _request = request_of(&mut call, Input::Begin);
    call.step(Input::Response(answer), NOW).map(done)
}

fn proof_for(key: &DpopKey, method: &str, target: &str) -> Jws {
    let token = AccessToken::new(RFC_TOKEN).unwrap();
    let mut proof = key.proof(method, target, &token, &mut draws(SEED)).unwrap();
    read_proof(finished(&mut proof, NOW).expose_secret())
}

fn elsewhere<T: Serialize + DeserializeOwned>(value: T) -> T {
    serde_json::from_str(&serde_json::to_string(&value).unwrap()).unwrap()
}

#[test]
fn a_token_request_carries_a_proof_for_just_that_request() {
    let server = server().with_token_endpoint(endpoint("https://as.example/token?tenant=1"));
    let client = client_of(server).with_dpop(dpop_key()).unwrap();
    let request = request_of(&mut exchange_of(&client), Input::Begin);
    assert_eq!(
        request.endpoint().as_str(),
        "https://as.example/token?tenant=1"
    );
    let proof = proof_of(&request);
    let mut jwk = public_jwk();
    jwk.as_object_mut()
        .unwrap()
        .retain(|name, _| !["use", "kid"].contains(&name.as_str()));
    assert_eq!(
        proof.header,
        value!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk})
    );
    assert_eq!(
        proof.claims,
        value!({
            "jti": proof.jti(),
            "htm": "POST",
            "htu": "https://as.example/token",
            "iat": NOW.unix_timestamp(),
        })
    );
    assert_eq!(proof.jti().len(), 43);
    assert!(![STATE, VERIFIER, CHALLENGE].contains(&&*proof.jti()));
}

#[test]
fn the_proof_of_an_api_call_names_the_token_and_no_query() {
    for target in [
        API.to_owned(),
        format!("{API}?a=b&c=d"),
        format!("{API}?x#f"),
        format!("{API}#f?g"),
    ] {
        let proof = proof_for(&dpop_key(), "GET", &target);
        assert_eq!(
            proof.claims,
            value!({
                "jti": proof.jti(),
                "htm": "GET",
                "htu": API,
                "iat": NOW.unix_timestamp(),
                "ath": RFC_HASH,
            })
        );
    }
    let other = proof_for(&dpop_key(), "DELETE", API);
    assert_eq!(other.claims["htm"], "DELETE");
}

#[test]
fn a_bound_token_goes_nowhere_in_the_clear() {
    let token = AccessToken::new(RFC_TOKEN).unwrap();
    for target in ["http://api.example/", "https://u:p@api.example/", "", "/v1"] {
        let begun = dpop_key().proof("GET", target, &token, &mut draws(SEED));
        assert!(
            matches!(misuse(&begun.unwrap_err()), Misuse::Invalid { .. }),
            "{target}"
        );
        let asked = dpop_key().is_challenged(target, &Response::new(401));
        assert!(asked.is_err(), "{target}");
    }
}

#[test]
fn the_thumbprint_is_the_one_of_rfc_9449_section_6_1() {
    let jwk = r#"{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}"#;
    let key = DpopKey::new(dpop_name(), jwk).unwrap();
    let expected = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    assert_eq!(key.thumbprint(), expected);
    assert_eq!(thumbprint(&serde_json::from_str(jwk).unwrap()), expected);
}

#[test]
fn the_authorization_request_names_the_key_that_the_code_is_bound_to() {
    let (url, _) = begin_code(&bound());
    assert_eq!(query_of(&url)["dpop_jkt"], thumbprint(&public_jwk()));
    let (url, _) = begin_code(&client());
    assert!(!url.as_str().contains("dpop_jkt"));
}

#[test]
fn an_implicit_login_of_a_client_with_a_key_is_refused_because_its_token_would_not_be_bound() {
    let error = bound().implicit().map(|_| ()).unwrap_err();
    assert!(matches!(
        misuse(&error),
        Misuse::Invalid {
            field: "DPoP key",
            ..
        }
    ));
}

#[test]
fn a_stored_key_with_its_private_half_or_of_another_kind_is_refused() {
    let stored = serde_json::to_value(dpop_key()).unwrap();
    assert!(serde_json::from_value::<DpopKey>(stored.clone()).is_ok());
    let mut private = stored.clone();
    private["public"]["d"] = "PRIVATE-CANARY".into();
    let error = serde_json::from_value::<DpopKey>(private).unwrap_err();
    assert!(!error.to_string().contains("CANARY"));
    let mut other = stored;
    other["public"]["crv"] = "P-384".into();
    assert!(serde_json::from_value::<DpopKey>(other).is_err());
}

#[test]
fn a_call_that_is_begun_twice_from_one_stored_copy_repeats_no_jti() {
    let mut first = exchange_of(&bound());
    let mut second = first.clone();
    let first = proof_of(&request_of(&mut first, Input::Begin)).jti();
    let later = NOW + time::Duration::SECOND;
    let second = signed(&mut second, Input::Begin, later).unwrap();
    assert_ne!(first, proof_of(&sent(second)).jti());
}

#[test]
fn a_demand_for_a_nonce_is_met_once_with_a_new_proof_and_the_same_code() {
    let mut call = exchange_of(&bound());
    let first = request_of(&mut call, Input::Begin);
    let later = NOW + time::Duration::SECOND;
    let second = sent(signed(&mut call, demand("n-1"), later).unwrap());
    assert_eq!(body(&first), body(&second));
    assert!(body(&second).contains("code=SplxlOBe"));
    let (first, second) = (proof_of(&first), proof_of(&second));
    assert_eq!(first.claims.get("nonce"), None);
    assert_eq!(second.claims["nonce"], "n-1");
    assert_ne!(first.jti(), second.jti());
    assert_eq!(second.claims["iat"], later.unix_timestamp());
    let set = call.step(Input::Response(json(200, BOUND)), NOW).unwrap();
    assert_eq!(done(set).token_type, TokenType::Dpop);
}

#[test]
fn a_second_demand_for_a_nonce_is_an_error() {
    let mut call = exchange_of(&bound());
    let _first = request_of(&mut call, Input::Begin);
    let _second = request_of(&mut call, demand("n-1"));
    let error = call.step(demand("n-2"), NOW).unwrap_err();
    assert_eq!(error.refused().unwrap().code().unwrap(), "use_dpop_nonce");
    let over = call.step(Input::Begin, NOW).unwrap_err();
    assert_eq!(*misuse(&over), Misuse::Over);
}

#[test]
fn what_is_no_demand_for_a_nonce_is_an_error_at_once() {
    let demanded = r#"{"error":"use_dpop_nonce"}"#;
    let nonce = |response: Response| response.with_header("dpop-nonce", "n-1");
    for answer in [
        // RFC 9449 section 8: the demand comes with its nonce.
        json(400, demanded),
        json(400, demanded).with_header("dpop-nonce", ""),
        json(400, demanded).with_header("dpop-nonce", &"n".repeat(100_000)),
        nonce(json(500, demanded)),
        nonce(json(200, demanded)),
        nonce(json(400, r#"{"error":"invalid_dpop_proof"}"#)),
        nonce(json(400, r#"{"error":"invalid_grant"}"#)),
        nonce(json(400, r#"{"error_description":"use_dpop_nonce"}"#)),
    ] {
        let shown = format!("{answer:?}");
        let error = answered(&bound(), answer).unwrap_err();
        assert!(error.refused().is_some(), "{shown}");
    }
    // Who proves no possession has no nonce to send.
    let demand = nonce(json(400, demanded));
    assert!(answered(&client(), demand).unwrap_err().refused().is_some());
}

#[test]
fn an_apis_challenge_is_found_among_others_and_only_there() {
    let challenge = |status: u16, headers: &[&str]| {
        let response = headers
            .iter()
            .fold(Response::new(status), |response, text| {
                response.with_header("WWW-Authenticate", text)
            });
        let response = response.with_header("DPoP-Nonce", "n-1");
        dpop_key().is_challenged(API, &response).unwrap()
    };
    let demand = r#"DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof""#;
    assert!(challenge(401, &[demand]));
    assert!(challenge(401, &[r#"dpop error=use_dpop_nonce"#]));
    assert!(challenge(
        401,
        &[r#"DPoP realm="a, b", ERROR = "use_dpop_nonce""#]
    ));
    assert!(challenge(401, &[r#"Bearer realm="x""#, demand]));
    // RFC 9110 section 11.6.1: one field may hold several challenges.
    assert!(challenge(401, &[&format!("Bearer, {demand}")]));
    assert!(challenge(
        401,
        &[&format!(
            r#"Bearer realm="a\"b, DPoP", error="invalid_token", {demand}"#
        )]
    ));
    assert!(challenge(401, &[&format!("{demand}, Bearer")]));
    for other in [
        "",
        "DPoP",
        r#"DPoP algs="ES256 PS256""#,
        r#"DPoP error="invalid_token", error_description="no use_dpop_nonce here""#,
        r#"Bearer error="use_dpop_nonce""#,
        r#"DPoP algs="ES256", Bearer error="use_dpop_nonce""#,
        r#"Bearer realm="DPoP error=use_dpop_nonce""#,
        r#"Bearer realm=", DPoP error="#,
    ] {
        assert!(!challenge(401, &[other]), "{other}");
    }
    assert!(!challenge(403, &[demand]));
    assert!(!challenge(200, &[demand]));
    let unsaid = Response::new(401).with_header("WWW-Authenticate", demand);
    assert!(!dpop_key().is_challenged(API, &unsaid).unwrap());
}

#[test]
fn a_nonce_is_used_from_then_on_by_every_clone_of_the_key_at_its_origin_alone() {
    let key = dpop_key();
    let client = bound_with(&key);
    // RFC 9449 section 8.2: it may come with a success.
    let answer = json(200, BOUND).with_header("DPoP-Nonce", "as-1");
    answered(&client, answer).unwrap();
    let nonce = |request: &Request| proof_of(request).claims.get("nonce").cloned();
    let request = request_of(&mut exchange_of(&client), Input::Begin);
    assert_eq!(nonce(&request), Some("as-1".into()));
    let at = |target: &str| proof_for(&key, "GET", target).claims.get("nonce").cloned();
    assert_eq!(at("https://as.example/userinfo"), Some("as-1".into()));
    assert_eq!(at("https://as.example:8443/userinfo"), None);
    assert_eq!(at(API), None);
    let answer = Response::new(200).with_header("DPoP-Nonce", "rs-1");
    assert!(!key.clone().is_challenged(API, &answer).unwrap());
    assert_eq!(at(API), Some("rs-1".into()));
    let request = request_of(&mut exchange_of(&client.clone()), Input::Begin);
    assert_eq!(nonce(&request), Some("as-1".into()));
    // A refusal brings one as well, and the newest counts.
    let refused = json(400, r#"{"error":"invalid_grant"}"#).with_header("DPoP-Nonce", "as-2");
    answered(&client, refused).unwrap_err();
    assert_eq!(at("https://as.example/userinfo"), Some("as-2".into()));
}

#[test]
fn a_nonce_of_any_text_stays_inside_its_claim() {
    let key = dpop_key();
    let hostile = r#"n","htm":"GET","é"#;
    let answer = Response::new(200).with_header("DPoP-Nonce", hostile);
    assert!(!key.is_challenged(API, &answer).unwrap());
    let proof = proof_for(&key, "POST", API);
    assert_eq!(proof.claims["htm"], "POST");
    assert_eq!(proof.claims["nonce"], hostile);
}

#[test]
fn a_bearer_token_where_a_bound_one_was_asked_for_is_a_downgrade() {
    let bearer = r#"{"access_token":"T","token_type":"Bearer"}"#;
    let error = answered(&bound(), json(200, bearer)).unwrap_err();
    assert_eq!(*violation(&error), Violation::Downgrade);
    let untyped = json(200, r#"{"access_token":"T"}"#);
    let error = answered(&bound(), untyped.clone()).unwrap_err();
    assert_eq!(*violation(&error), Violation::TokenType);
    // A profile that reads a missing type as bearer makes it no better.
    let mut profile = Profile::STRICT;
    profile.token_type = TokenTypeMember::Optional;
    let error = answered(&bound().with_profile(profile), untyped).unwrap_err();
    assert_eq!(*violation(&error), Violation::Downgrade);
}

#[test]
fn a_bound_token_for_a_client_without_a_key_is_refused() {
    let error = answered(&client(), json(200, BOUND)).unwrap_err();
    assert_eq!(*violation(&error), Violation::TokenType);
    let set = answered(&bound(), json(200, &BOUND.replace("DPoP", "dpop"))).unwrap();
    assert_eq!(set.token_type, TokenType::Dpop);
}

#[test]
fn a_key_that_is_lost_ends_in_a_new_consent() {
    let mut call = exchange_of(&bound());
    let _input = call.step(Input::Begin, NOW).unwrap();
    let lost = || Input::NotSigned(NotSigned::UnknownKey);
    let error = call.step(lost(), NOW).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::KeyLost);
    assert_eq!(error.recovery(), Recovery::Reauthorize);
    let token = AccessToken::new(RFC_TOKEN).unwrap();
    let mut proof = dpop_key()
        .proof("GET", API, &token, &mut draws(SEED))
        .unwrap();
    let _input = proof.step(Input::Begin, NOW).unwrap();
    let error = proof.step(lost(), NOW).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::KeyLost);
}

#[test]
fn a_signer_that_failed_costs_no_code_before_or_after_a_demand() {
    for challenged in [false, true] {
        let mut call = exchange_of(&bound());
        let mut seen = Vec::new();
        if challenged {
            seen.push(proof_of(&request_of(&mut call, Input::Begin)).jti());
            let _input = call.step(demand("n-1"), NOW).unwrap();
        } else {
            let _input = call.step(Input::Begin, NOW).unwrap();
        }
        let failed = Input::NotSigned(NotSigned::Failed);
        let error = call.step(failed, NOW).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Transport);
        assert_eq!(error.recovery(), Recovery::Retry { after: None });
        let request = request_of(&mut call, Input::Begin);
        assert!(body(&request).contains("code=SplxlOBe"));
        assert!(!seen.contains(&proof_of(&request).jti()));
    }
}

#[test]
fn a_lost_answer_leaves_the_code_in_doubt_after_a_demand_too() {
    let mut call = exchange_of(&bound());
    let _first = request_of(&mut call, Input::Begin);
    let _second = request_of(&mut call, demand("n-1"));
    let mut unsent = call.clone();
    let error = call.step(Input::Lost(Lost::MaybeSent), NOW).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::InDoubt);
    let error = unsent.step(Input::Lost(Lost::NotSent), NOW).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Transport);
    let request = request_of(&mut unsent, Input::Begin);
    assert_eq!(proof_of(&request).claims["nonce"], "n-1");
}

#[test]
fn with_private_key_jwt_the_assertion_is_signed_first_and_both_are_new_after_a_demand() {
    let mut call = exchange_of(&asserting());
    let mut seen = Vec::new();
    let mut input = Input::Begin;
    for _ in 0..2 {
        let Step::Sign(assertion) = call.step(input, NOW).unwrap() else {
            panic!("no assertion");
        };
        assert_eq!(*assertion.key(), key());
        let signature = Input::Signature(sign(&assertion));
        let Step::Sign(proof) = call.step(signature, NOW).unwrap() else {
            panic!("no proof");
        };
        assert_eq!(*proof.key(), dpop_name());
        let signature = Input::Signature(sign(&proof));
        let request = sent(call.step(signature, NOW).unwrap());
        seen.push(assertion_of(&request).jti());
        seen.push(proof_of(&request).jti());
        input = demand("n-1");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 4);
    let error = call.step(demand("n-2"), NOW).unwrap_err();
    assert!(error.refused().is_some());
}

#[test]
fn no_attempt_repeats_a_jti() {
    let mut call = exchange_of(&asserting());
    let mut seen = Vec::new();
    for _ in 0..5 {
        let request = request_of(&mut call, Input::Begin);
        seen.extend([assertion_of(&request).jti(), proof_of(&request).jti()]);
        assert!(call.step(Input::Lost(Lost::NotSent), NOW).is_err());
        call = elsewhere(call);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 10);
}

/// What is stored knows what was demanded: the clone of the key that heard it is in another process.
#[test]
fn stored_before_each_step_it_meets_the_demand_all_the_same() {
    for client in [bound(), asserting()] {
        let mut call: Call<TokenAnswer> = exchange_of(&client);
        let mut requests = Vec::new();
        let mut input = Input::Begin;
        let set = loop {
            call = elsewhere(call);
            input = match call.step(input, NOW).unwrap() {
                Step::Sign(to_sign) => Input::Signature(sign(&to_sign)),
                Step::Send(request) => {
                    requests.push(proof_of(&request));
                    match requests.len() {
                        1 => demand("n-1"),
                        _ => Input::Response(json(200, BOUND)),
                    }
                }
                Step::Wait(_) => panic!("nothing waits here"),
                Step::Done(set) => break set,
            };
        };
        assert_eq!(set.token_type, TokenType::Dpop);
        assert_eq!(requests.len(), 2);
        assert_eq!(requests[1].claims["nonce"], "n-1");
    }
}

#[test]
fn a_stored_key_signs_like_the_one_it_was() {
    let key = elsewhere(dpop_key());
    assert_eq!(key.thumbprint(), thumbprint(&public_jwk()));
    assert_eq!(*key.name(), dpop_name());
    assert_eq!(proof_for(&key, "GET", API).claims["ath"], RFC_HASH);
}

#[test]
fn a_key_that_the_server_cannot_verify_or_that_is_private_is_refused() {
    let mut server = server();
    server.dpop_signing_alg_values_supported = Some(vec!["RS256".into()]);
    let error = client_of(server).with_dpop(dpop_key()).unwrap_err();
    assert!(matches!(misuse(&error), Misuse::Invalid { .. }));
    let mut jwk = public_jwk();
    jwk["d"] = "canary".into();
    let error = DpopKey::new(dpop_name(), &jwk.to_string()).unwrap_err();
    assert!(matches!(misuse(&error), Misuse::Invalid { .. }));
    assert!(!format!("{error} {error:?}").contains("canary"));
    let rsa = SigningKeyName::new(SigningAlgorithm::Rs256, DPOP_KEY);
    assert!(DpopKey::new(rsa, &public_jwk().to_string()).is_err());
}
