//! What is missing is named before any request, joined as the requirement joins it.

use std::error::Error as _;

use hallpass::{Requirement, Scheme, SchemeFailure, SecurityError, TokenLack, Unmet};

use crate::support::{NOW, Script, api, at, files, key, security, token, tokenless};

async fn unmet(requirement: Requirement) -> Unmet {
    let schemes = [
        tokenless("OAuthACG"),
        key("tenant", ""),
        key("apiKey", ""),
        key("good", "value"),
    ];
    let mut request = files();
    let error = security(schemes, requirement).authorize(&mut request).await;
    assert!(request.headers().is_empty());
    match error {
        Err(SecurityError::Unmet(unmet)) => unmet,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_scheme_without_a_token_is_named_as_the_clients_own_error_names_it() {
    let error = unmet("OAuthACG".into()).await;
    let text = "[OAuthACG: OAuthToken is undefined or expired.]";
    assert_eq!(error.to_string(), text);
    assert_eq!(error.source().unwrap().to_string(), text);
    let [SchemeFailure::NoToken(no)] = error.causes() else {
        panic!("{error:?}")
    };
    assert_eq!(no.lack, TokenLack::Undefined);
}

#[tokio::test]
async fn all_joins_with_and_any_joins_with_or() {
    let [acg, tenant, key] = [
        "[OAuthACG: OAuthToken is undefined or expired.]",
        "[tenant: key is undefined.]",
        "[apiKey: key is undefined.]",
    ];
    let all = Requirement::all(["OAuthACG", "tenant"]);
    let any = Requirement::any(["OAuthACG", "apiKey"]);
    for (requirement, text) in [
        (all.clone(), format!("{acg} and {tenant}")),
        (any.clone(), format!("{acg} or {key}")),
        (
            Requirement::any(["apiKey".into(), all]),
            format!("{key} or ({acg} and {tenant})"),
        ),
        (
            Requirement::all(["tenant".into(), any]),
            format!("{tenant} and ({acg} or {key})"),
        ),
    ] {
        assert_eq!(unmet(requirement).await.to_string(), text);
    }
}

#[tokio::test]
async fn of_an_all_only_those_are_named_that_are_missing() {
    let error = unmet(Requirement::all(["good", "apiKey", "good"])).await;
    assert_eq!(error.to_string(), "[apiKey: key is undefined.]");
    let met = Requirement::any(["apiKey", "good"]);
    let error = unmet(Requirement::all([met, "OAuthACG".into()])).await;
    assert_eq!(
        error.to_string(),
        "[OAuthACG: OAuthToken is undefined or expired.]"
    );
}

#[tokio::test]
async fn a_token_is_expired_by_the_clock_and_the_skew_of_its_client() {
    let client = |skew| {
        Script::default().client().clone_with(|own| {
            let own = own.with_token(token("canary").with_expiry(at(NOW + 3)));
            own.with_clock_skew(std::time::Duration::from_secs(skew))
        })
    };
    let of = |skew| {
        let scheme = Scheme::oauth("OAuthACG", api(), client(skew)).unwrap();
        security([scheme], "OAuthACG")
    };
    let mut request = files();
    assert_eq!(
        of(2).authorize(&mut request).await.unwrap().schemes(),
        ["OAuthACG"]
    );
    assert_eq!(request.headers()["authorization"], "Bearer canary");

    let error = of(10).authorize(&mut files()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "[OAuthACG: OAuthToken is undefined or expired.]"
    );
}

#[tokio::test]
async fn a_token_set_in_hand_is_looked_at_too() {
    for (expires_at, usable) in [(at(NOW - 1_000_000), false), (at(32_503_680_000), true)] {
        let tokens = token("canary").with_expiry(expires_at);
        let scheme = Scheme::oauth("OAuthIG", api(), tokens).unwrap();
        let applied = security([scheme], "OAuthIG").authorize(&mut files()).await;
        assert_eq!(applied.is_ok(), usable);
    }
}

#[tokio::test]
async fn every_kind_of_scheme_says_what_is_undefined() {
    for (scheme, text) in [
        (Scheme::bearer("s", api(), ""), "[s: token is undefined.]"),
        (
            Scheme::basic("s", api(), "", ""),
            "[s: user name is undefined.]",
        ),
        (
            Scheme::header_key("s", api(), "x-key", ""),
            "[s: key is undefined.]",
        ),
        (
            Scheme::query_key("s", api(), "key", ""),
            "[s: key is undefined.]",
        ),
        (
            Scheme::cookie_key("s", api(), "key", ""),
            "[s: key is undefined.]",
        ),
    ] {
        let error = security([scheme.unwrap()], "s")
            .authorize(&mut files())
            .await;
        assert_eq!(error.unwrap_err().to_string(), text);
    }
}
