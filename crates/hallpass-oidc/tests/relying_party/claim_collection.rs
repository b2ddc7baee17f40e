//! Aggregated and distributed claims (OpenID Connect Core §5.6.2).

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass_grant::{
    Conversation, ErrorKind, Input, Issuer, IssuerComparison, Lost, Misuse, Request, Response, Step,
};
use hallpass_jose::{JwkSet, PrivateJwk, SignatureAlgorithm};
use hallpass_oidc::{
    ClaimCollection, ClaimSources, ClaimsProviders, CollectedClaims, Fault, JwtRules, ProviderKeys,
};
use hallpass_token::Json;

use crate::common::*;

const BANK: &str = "https://bank.example";

fn bank() -> JwtRules {
    let keys = JwkSet::parse(jwks([&p256()]).as_bytes()).unwrap();
    let keys = ProviderKeys::given(Issuer::new(BANK).unwrap(), keys);
    JwtRules::new(keys, CLIENT)
        .with_algorithms(&[SignatureAlgorithm::Es256])
        .requiring_only(&["iss"])
}

fn providers() -> ClaimsProviders {
    ClaimsProviders::new(rules()).and(bank())
}

fn by_op(claims: &str) -> String {
    signed(&rsa(), SignatureAlgorithm::Rs256, &members(claims))
}

fn by_bank(claims: &str) -> String {
    signed(&p256(), SignatureAlgorithm::Es256, &members(claims))
}

fn sources(names: &str, sources: &str) -> ClaimSources {
    let claims = members(&format!(
        r#"{{"sub":"1","_claim_names":{names},"_claim_sources":{sources}}}"#
    ));
    ClaimSources::of(&claims, &Issuer::new(ISSUER).unwrap()).unwrap()
}

fn aggregated(token: &str) -> ClaimSources {
    sources(
        r#"{"score":"a"}"#,
        &format!(r#"{{"a":{{"JWT":"{token}"}}}}"#),
    )
}

fn distributed() -> ClaimSources {
    sources(
        r#"{"score":"a"}"#,
        r#"{"a":{"endpoint":"https://bank.example/claims?x=1","access_token":"ksj3n283dke"}}"#,
    )
}

fn jwt(token: &str) -> Response {
    Response::new(200)
        .with_header("content-type", "application/jwt")
        .with_body(token.as_bytes().to_vec())
}

fn collect(
    sources: &ClaimSources,
    providers: ClaimsProviders,
    answer: impl FnMut(&Request) -> Input,
) -> CollectedClaims {
    drive(&mut ClaimCollection::new(sources, providers), answer).unwrap()
}

fn score(collected: &CollectedClaims) -> Option<&Json> {
    collected.claims.value("score")
}

/// Why the only source has failed.
fn failure(collected: &CollectedClaims) -> &'static str {
    assert!(collected.claims.is_empty());
    let [(name, error)] = collected.failed.as_slice() else {
        panic!("{collected:?}");
    };
    assert_eq!(name, "a");
    Fault::of(error).map_or("none", Fault::name)
}

fn of_aggregated(token: &str) -> CollectedClaims {
    collect(&aggregated(token), providers(), |request| {
        panic!("{request:?}")
    })
}

#[test]
fn aggregated_claims_are_verified_with_the_keys_of_whoever_made_them() {
    let collected = of_aggregated(&by_bank(
        r#"{"iss":"https://bank.example","score":650,"other":1}"#,
    ));
    assert_eq!(score(&collected), Some(&Json::Integer(650)));
    assert_eq!(collected.claims.len(), 1);
    assert!(collected.failed.is_empty());
    // What names nobody is the provider's own.
    assert_eq!(
        score(&of_aggregated(&by_op(r#"{"score":650}"#))),
        Some(&Json::Integer(650))
    );
}

#[test]
fn claims_that_nobody_known_has_signed_are_refused() {
    for (token, expected) in [
        (by_bank(r#"{"score":650}"#), "unexpected_algorithm"),
        (
            by_op(r#"{"iss":"https://bank.example","score":650}"#),
            "unexpected_algorithm",
        ),
        (
            by_op(r#"{"iss":"https://evil.example","score":650}"#),
            "claim_source",
        ),
        (by_op(r#"{"iss":7,"score":650}"#), "claim"),
        (by_op(r#"{"aud":"other","score":650}"#), "audience"),
        (by_op(r#"{"exp":1699999999,"score":650}"#), "expired"),
        (
            signed(
                &next_rsa().with_id("rsa-a"),
                SignatureAlgorithm::Rs256,
                &members(r#"{"score":650}"#),
            ),
            "signature",
        ),
        (
            "eyJhbGciOiJub25lIn0.eyJzY29yZSI6NjUwfQ.".to_owned(),
            "unsigned",
        ),
        ("a.b".to_owned(), "malformed"),
        (String::new(), "malformed"),
    ] {
        assert_eq!(failure(&of_aggregated(&token)), expected, "{token}");
    }
}

#[test]
fn unsigned_claims_are_taken_only_where_that_is_wanted_and_only_from_the_provider_itself() {
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzY29yZSI6NjUwfQ.";
    let wanted = || providers().with_unsigned_aggregated_claims();
    let collected = collect(&aggregated(unsigned), wanted(), |request| {
        panic!("{request:?}")
    });
    assert_eq!(collected.unsigned.value("score"), Some(&Json::Integer(650)));
    assert!(collected.claims.is_empty() && collected.failed.is_empty());
    let elsewhere = collect(&distributed(), wanted(), |_| Input::Response(jwt(unsigned)));
    assert_eq!(failure(&elsewhere), "unsigned");
    for token in [
        // With a signature, in another spelling, with an extension, of no object.
        "eyJhbGciOiJub25lIn0.eyJzY29yZSI6NjUwfQ.AA",
        "eyJhbGciOiJub25lIn0.eyJzY29yZSI6NjUwfQ",
        "eyJhbGciOiJub25lIn0.eyJzY29yZSI6NjUwfQ==.",
        "eyJhbGciOiJOT05FIn0.eyJzY29yZSI6NjUwfQ.",
        "eyJhbGciOiJub25lIn0.W10.",
        "eyJhbGciOiJub25lIn0.eyJzY29yZSI6NjUwfQ..",
    ] {
        let collected = collect(&aggregated(token), wanted(), |request| {
            panic!("{request:?}")
        });
        assert_eq!(failure(&collected), "malformed", "{token}");
    }
    // A signed one is verified all the same.
    let forged = by_op(r#"{"score":650}"#).replace("eyJzY29yZ", "eyJzY29zZ");
    let collected = collect(&aggregated(&forged), wanted(), |request| {
        panic!("{request:?}")
    });
    assert!(collected.claims.is_empty() && collected.unsigned.is_empty());
}

#[test]
fn what_the_provider_signs_is_about_the_user_and_what_others_sign_says_who_they_are() {
    for (claims, expected) in [
        (r#"{"sub":"1","score":650}"#, None),
        (
            r#"{"iss":"https://op.example","sub":"1","score":650}"#,
            None,
        ),
        (r#"{"sub":"2","score":650}"#, Some("sub_of_claims")),
        // An ID token of somebody else's at the same client.
        (
            r#"{"iss":"https://op.example","sub":"2","aud":"cid","exp":1700000100,"iat":1699999990,"score":650}"#,
            Some("sub_of_claims"),
        ),
        (r#"{"sub":"","score":650}"#, Some("sub_of_claims")),
        (r#"{"sub":1,"score":650}"#, Some("claim")),
        (r#"{"sub":null,"score":650}"#, Some("claim")),
    ] {
        let token = by_op(claims);
        let elsewhere = collect(&distributed(), providers(), |_| {
            Input::Response(jwt(&token))
        });
        for collected in [of_aggregated(&token), elsewhere] {
            match expected {
                None => assert_eq!(score(&collected), Some(&Json::Integer(650)), "{claims}"),
                Some(fault) => assert_eq!(failure(&collected), fault, "{claims}"),
            }
        }
    }
    // Elsewhere the user may be called otherwise; but who says so is named, and is one that the application has named too.
    let other = by_bank(r#"{"iss":"https://bank.example","sub":"2","score":650}"#);
    assert_eq!(score(&of_aggregated(&other)), Some(&Json::Integer(650)));
    let nobody = by_bank(r#"{"sub":"1","score":650}"#);
    assert_eq!(failure(&of_aggregated(&nobody)), "unexpected_algorithm");
    let alone = collect(
        &aggregated(&other),
        ClaimsProviders::new(rules()),
        |request| panic!("{request:?}"),
    );
    assert_eq!(failure(&alone), "claim_source");
}

#[test]
fn unsigned_claims_of_the_providers_are_about_the_user_too() {
    let told = |payload: &str| {
        let payload = Base64UrlUnpadded::encode_string(payload.as_bytes());
        let sources = aggregated(&format!("eyJhbGciOiJub25lIn0.{payload}."));
        let wanted = providers().with_unsigned_aggregated_claims();
        collect(&sources, wanted, |request| panic!("{request:?}"))
    };
    for claims in [
        r#"{"sub":"1","score":650}"#,
        r#"{"iss":"https://bank.example","sub":"2","score":650}"#,
        r#"{"iss":"https://unknown.example","sub":"2","score":650}"#,
    ] {
        let collected = told(claims);
        assert_eq!(collected.unsigned.value("score"), Some(&Json::Integer(650)));
        assert_eq!(score(&collected), None, "{claims}");
    }
    for claims in [
        r#"{"sub":"2","score":650}"#,
        r#"{"iss":"https://op.example","sub":"2","score":650}"#,
    ] {
        let collected = told(claims);
        assert!(collected.unsigned.is_empty(), "{claims}");
        assert_eq!(failure(&collected), "sub_of_claims");
    }
}

#[test]
fn a_provider_that_writes_its_issuer_in_another_way_makes_its_own_claims() {
    let token = by_op(r#"{"iss":"https://op.example/","sub":"1","score":650}"#);
    let slash = rules().with_issuer_comparison(IssuerComparison::TrailingSlash);
    let collected = collect(
        &aggregated(&token),
        ClaimsProviders::new(slash),
        |request| panic!("{request:?}"),
    );
    assert_eq!(score(&collected), Some(&Json::Integer(650)));
    assert_eq!(failure(&of_aggregated(&token)), "claim_source");
}

#[test]
fn distributed_claims_are_asked_for_at_their_endpoint_with_its_token_alone() {
    let token = by_bank(r#"{"iss":"https://bank.example","score":650}"#);
    let mut asked = Vec::new();
    let collected = collect(&distributed(), providers(), |request| {
        assert_eq!(request.header("accept"), Some("application/jwt"));
        asked.push((
            request.method().as_str(),
            request.endpoint().as_str().to_owned(),
            request.header("authorization").map(str::to_owned),
        ));
        Input::Response(jwt(&token))
    });
    assert_eq!(score(&collected), Some(&Json::Integer(650)));
    let expected = (
        "GET",
        "https://bank.example/claims?x=1".to_owned(),
        Some("Bearer ksj3n283dke".to_owned()),
    );
    assert_eq!(asked, [expected]);

    let open = sources(
        r#"{"score":"a"}"#,
        r#"{"a":{"endpoint":"https://bank.example/"}}"#,
    );
    let collected = collect(&open, providers(), |request| {
        assert_eq!(request.header("authorization"), None);
        Input::Response(jwt(&token))
    });
    assert!(score(&collected).is_some());
}

#[test]
fn an_answer_that_is_no_signed_token_is_refused() {
    let good = by_op(r#"{"score":650}"#);
    let answered = |response: Response| {
        collect(&distributed(), providers(), |_| {
            Input::Response(response.clone())
        })
    };
    let as_type = |content_type: &str| {
        let response = Response::new(200).with_header("content-type", content_type);
        response.with_body(good.as_bytes().to_vec())
    };
    assert!(score(&answered(as_type("Application/JWT; charset=utf-8"))).is_some());
    assert!(
        score(&answered(
            Response::new(200).with_body(good.as_bytes().to_vec())
        ))
        .is_some()
    );
    assert!(score(&answered(jwt(&format!("{good}\n")))).is_some());
    for content_type in ["application/json", "text/html", ""] {
        assert_eq!(
            failure(&answered(as_type(content_type))),
            "claim_source",
            "{content_type}"
        );
    }
    let bytes = Response::new(200).with_body(vec![0xff]);
    assert_eq!(failure(&answered(bytes)), "claim_source");
    for status in [302, 401, 404, 503] {
        let response = Response::new(status).with_body(good.as_bytes().to_vec());
        let collected = answered(response);
        let refused = collected.failed[0]
            .1
            .refused()
            .and_then(|refused| refused.status());
        assert_eq!((refused, score(&collected)), (Some(status), None));
    }
}

#[test]
fn a_source_that_fails_costs_only_its_own_claims() {
    let all = sources(
        r#"{"a":"lost","b":"here","c":"there","d":"forged"}"#,
        &format!(
            r#"{{"lost":{{"endpoint":"https://lost.example/"}},"here":{{"JWT":"{}"}},
                "there":{{"endpoint":"https://bank.example/","access_token":"t"}},"forged":{{"JWT":"a.b.c"}}}}"#,
            by_op(r#"{"b":"B","c":"not its own","a":"neither"}"#)
        ),
    );
    let collected = collect(&all, providers(), |request| {
        match request.endpoint().as_str() {
            "https://lost.example/" => {
                assert_eq!(request.header("authorization"), None);
                Input::Lost(Lost::MaybeSent)
            }
            _ => Input::Response(jwt(&by_op(r#"{"c":"C"}"#))),
        }
    });
    let text = |name| collected.claims.value(name).and_then(Json::as_str);
    assert_eq!(
        (text("a"), text("b"), text("c"), text("d")),
        (None, Some("B"), Some("C"), None)
    );
    let failed: Vec<&str> = collected
        .failed
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(failed, ["lost", "forged"]);
    assert_eq!(collected.failed[0].1.kind(), &ErrorKind::Transport);
    let shown = format!("{collected:?}");
    assert!(
        !shown.contains("\"B\"") && !shown.contains("\"C\""),
        "{shown}"
    );
}

#[test]
fn the_makers_keys_are_asked_for_where_they_are_not_known() {
    let remote = |key: &PrivateJwk| {
        let keys = jwks([key]);
        let rules = JwtRules::new(ProviderKeys::new(&provider()), CLIENT);
        collect(
            &aggregated(&by_op(r#"{"score":650}"#)),
            ClaimsProviders::new(rules),
            move |request| {
                assert_eq!(request.endpoint().as_str(), JWKS_URI);
                Input::Response(json(keys.clone()))
            },
        )
    };
    assert!(score(&remote(&rsa())).is_some());
    assert_eq!(failure(&remote(&next_rsa())), "unknown_key");
}

#[test]
fn an_input_that_answers_nothing_changes_nothing() {
    let rules = JwtRules::new(ProviderKeys::new(&provider()), CLIENT);
    let mut collection = ClaimCollection::new(&distributed(), ClaimsProviders::new(rules));
    let answers = [
        Input::Response(Response::new(200)),
        Input::Lost(Lost::NotSent),
    ];
    only(&mut collection, &[Input::Begin], &Misuse::UnexpectedInput);
    let ready = "ClaimCollection { left: [ClaimSource(\"a\", 1 claims)], collected: CollectedClaims { claims: {0 members}, unsigned: {0 members}, failed: [] }, state: \"Ready\", .. }";
    assert_eq!(format!("{collection:?}"), ready);
    assert!(matches!(
        collection.step(Input::Begin, now()),
        Ok(Step::Send(_))
    ));
    only(&mut collection, &answers, &Misuse::UnexpectedInput);
    let token = Input::Response(jwt(&by_op(r#"{"score":650}"#)));
    assert!(matches!(collection.step(token, now()), Ok(Step::Send(_))));
    only(&mut collection, &answers, &Misuse::UnexpectedInput);
    let keys = Input::Response(json(jwks([&rsa()])));
    assert!(matches!(collection.step(keys, now()), Ok(Step::Done(_))));
    only(&mut collection, &[], &Misuse::Over);
}

#[test]
fn claims_need_not_say_all_that_an_id_token_has_to() {
    let providers = ClaimsProviders::new(relying_party().rules().clone());
    let sources = aggregated(&by_op(r#"{"score":650,"iat":1000000000}"#));
    let collected = collect(&sources, providers, |_| {
        Input::Response(json(jwks([&rsa()])))
    });
    assert_eq!(score(&collected), Some(&Json::Integer(650)));
}

#[cfg(feature = "encryption")]
#[test]
fn claims_may_come_unencrypted_where_id_tokens_may_not() {
    let secret = hallpass_jose::SymmetricKey::new([7; 16].as_slice());
    let key = secret.direct_key(hallpass_jose::ContentEncryption::A128Gcm);
    let providers = ClaimsProviders::new(rules().with_decryption_key(key.unwrap()));
    let signed = aggregated(&by_op(r#"{"score":650}"#));
    let collected = collect(&signed, providers.clone(), |request| panic!("{request:?}"));
    assert_eq!(score(&collected), Some(&Json::Integer(650)));
    let encrypted = collect(&aggregated("a.b.c.d.e"), providers, |request| {
        panic!("{request:?}")
    });
    assert_eq!(failure(&encrypted), "malformed");
}

#[test]
fn an_encrypted_token_does_not_open_without_a_key() {
    assert_eq!(failure(&of_aggregated("a.b.c.d.e")), "encryption");
}

#[test]
fn without_sources_nothing_is_asked_for() {
    let none = ClaimSources::of(&members(r#"{"sub":"1"}"#), &Issuer::new(ISSUER).unwrap()).unwrap();
    let collected = collect(&none, providers(), |request| panic!("{request:?}"));
    assert!(collected.claims.is_empty() && collected.failed.is_empty());
}
