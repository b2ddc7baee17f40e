//! A refresh whose answer may have a new ID token.

use hallpass_grant::{Error, ErrorKind, Input, IssuerComparison, Misuse, Response};
use hallpass_jose::SignatureAlgorithm;
use hallpass_oidc::{IdTokenClaims, Refresh, Refreshed, RelyingParty};
use hallpass_token::{Members, RefreshToken, Scopes};

use crate::common::*;

/// What the ID token of the login said.
fn before(instead: &str) -> IdTokenClaims {
    let mut all = claims(
        r#"{"nonce":"n-1","auth_time":1699990000,"email":"jane@example.com","at_hash":"x"}"#,
    );
    for (name, value) in claims(instead).iter() {
        all.insert(name, value.clone());
    }
    IdTokenClaims::try_from(all).unwrap()
}

fn begun(before: &IdTokenClaims) -> Result<Refresh, Error> {
    let token = RefreshToken::new("R1").unwrap();
    let granted = Scopes::parse("openid").unwrap();
    relying_party().refresh(&token, &granted, None, before, &mut draws(7))
}

fn refreshed(before: &IdTokenClaims, id_token: Option<&str>) -> Result<Refreshed, Error> {
    let id_token = id_token.map(|claims_instead| {
        let token = token(claims_instead);
        format!(r#","id_token":"{token}""#)
    });
    let id_token = id_token.unwrap_or_default();
    let tokens = format!(r#"{{"access_token":"T2","token_type":"Bearer"{id_token}}}"#);
    drive(&mut begun(before)?, |request| {
        Input::Response(match request.endpoint().as_str() {
            JWKS_URI => json(jwks([&rsa()])),
            _ => json(tokens.clone()),
        })
    })
}

#[test]
fn without_a_new_id_token_the_claims_of_the_login_stay() {
    let found = refreshed(&before("{}"), None).unwrap();
    assert_eq!(found.tokens.access_token.expose_secret(), "T2");
    let kept = found.tokens.refresh_token.unwrap();
    assert_eq!(kept.expose_secret(), "R1");
    assert_eq!(found.id_token, before("{}"));
}

#[test]
fn a_new_id_token_says_what_it_says_and_only_the_login_stays() {
    let login = r#"{"sid":"s-1","acr":"gold","groups":["admin"],"email_verified":true}"#;
    let new = r#"{"iat":1699999999,"email":"new@example.com"}"#;
    let found = refreshed(&before(login), Some(new)).unwrap().id_token;
    assert_eq!(found.issued_at(), at(NOW - 1));
    assert_eq!(found.nonce(), Some("n-1"));
    assert_eq!(found.auth_time(), Some(at(1_699_990_000)));
    let standard = found.standard().unwrap();
    assert_eq!(standard.email.as_deref(), Some("new@example.com"));
    assert_eq!(standard.verified_email(), None, "another one was verified");
    assert_eq!(found.session_id(), Some("s-1"));
    for withdrawn in ["acr", "groups", "email_verified", "at_hash"] {
        assert_eq!(found.members().value(withdrawn), None, "{withdrawn}");
    }
    let stored = Members::from(found.clone());
    assert_eq!(IdTokenClaims::try_from(stored).unwrap(), found);
}

#[test]
fn a_session_that_a_new_id_token_names_is_the_new_one() {
    let found = refreshed(&before(r#"{"sid":"s-1"}"#), Some(r#"{"sid":"s-2"}"#)).unwrap();
    assert_eq!(found.id_token.session_id(), Some("s-2"));
}

#[test]
fn a_new_id_token_is_about_the_same_user_client_and_login() {
    let both = r#"{"aud":["cid","api"],"azp":"cid"}"#;
    for (login, new, expected) in [
        ("{}", "{}", "none"),
        ("{}", r#"{"sub":"another"}"#, "other_subject"),
        ("{}", r#"{"iss":"https://evil.example"}"#, "issuer"),
        ("{}", r#"{"aud":"other"}"#, "audience"),
        ("{}", r#"{"azp":"cid"}"#, "authorized_party"),
        (r#"{"azp":"cid"}"#, "{}", "authorized_party"),
        (r#"{"azp":"cid"}"#, r#"{"azp":"cid"}"#, "none"),
        (both, "{}", "audience"),
        ("{}", r#"{"nonce":"n-1"}"#, "none"),
        ("{}", r#"{"nonce":"other"}"#, "nonce"),
        ("{}", r#"{"auth_time":1699990000}"#, "none"),
        ("{}", r#"{"auth_time":1699990001}"#, "auth_time"),
        ("{}", r#"{"exp":1699999000}"#, "expired"),
        ("{}", r#"{"exp":null}"#, "missing_claim"),
        ("{}", r#"{"at_hash":"wrong"}"#, "at_hash"),
        (
            "{}",
            r#"{"events":{"http://schemas.openid.net/event/backchannel-logout":{}}}"#,
            "token_type",
        ),
    ] {
        let found = refreshed(&before(login), Some(new));
        assert_eq!(fault(found), expected, "{login} then {new}");
    }
    let hash = SignatureAlgorithm::Rs256.half_hash(b"T2");
    let new = format!(r#"{{"at_hash":"{hash}"}}"#);
    assert!(refreshed(&before("{}"), Some(&new)).is_ok());
}

#[test]
fn a_party_that_is_not_this_client_is_refused_even_if_it_was_there_before() {
    let login = r#"{"azp":"other"}"#;
    let found = refreshed(&before(login), Some(login));
    assert_eq!(fault(found), "authorized_party");
}

#[test]
fn an_auth_time_that_was_not_known_before_is_taken() {
    let login = IdTokenClaims::try_from(claims("{}")).unwrap();
    let new = r#"{"auth_time":1699990000}"#;
    let found = refreshed(&login, Some(new)).unwrap();
    assert_eq!(found.id_token.auth_time(), Some(at(1_699_990_000)));
    let nonce = refreshed(&login, Some(r#"{"nonce":"n"}"#));
    assert_eq!(fault(nonce), "nonce");
}

#[test]
fn the_login_of_another_client_or_provider_is_not_refreshed() {
    for login in [r#"{"aud":"other"}"#, r#"{"iss":"https://b.example"}"#] {
        let error = begun(&before(login)).unwrap_err();
        let misuse = ErrorKind::Misuse(Misuse::OtherClient);
        assert_eq!(*error.kind(), misuse, "{login}");
    }
}

#[test]
fn a_provider_that_writes_its_issuer_with_a_slash_is_refreshed_where_that_is_said() {
    let slash = r#"{"iss":"https://op.example/"}"#;
    let lenient = relying_party()
        .with_rules(|rules| rules.with_issuer_comparison(IssuerComparison::TrailingSlash));
    let begun = |party: &RelyingParty| {
        let token = RefreshToken::new("R1").unwrap();
        let granted = Scopes::parse("openid").unwrap();
        party.refresh(&token, &granted, None, &before(slash), &mut draws(7))
    };
    let tokens = format!(
        r#"{{"access_token":"T2","token_type":"Bearer","id_token":"{}"}}"#,
        token(slash)
    );
    let found = drive(&mut begun(&lenient).unwrap(), |request| {
        Input::Response(match request.endpoint().as_str() {
            JWKS_URI => json(jwks([&rsa()])),
            _ => json(tokens.clone()),
        })
    });
    assert_eq!(found.unwrap().id_token.issuer(), "https://op.example/");
    assert!(begun(&relying_party()).is_err());
}

#[test]
fn a_refresh_token_that_is_dead_ends_it() {
    let mut refresh = begun(&before("{}")).unwrap();
    let refused = Response::new(400)
        .with_header("content-type", "application/json")
        .with_body(br#"{"error":"invalid_grant"}"#.to_vec());
    let error = drive(&mut refresh, |_| Input::Response(refused.clone()));
    assert!(error.unwrap_err().refused().unwrap().ends_grant());
    only(&mut refresh, &[], &Misuse::Over);
}

#[test]
fn an_input_that_answers_nothing_changes_nothing() {
    use hallpass_grant::{Conversation, Lost, Step};
    let unexpected = &Misuse::UnexpectedInput;
    let answers = [
        Input::Response(Response::new(503)),
        Input::Lost(Lost::NotSent),
    ];
    let mut refresh = begun(&before("{}")).unwrap();
    let shown = format!("{refresh:?}");
    assert!(shown.contains("Refreshing") && !shown.contains("24400320"));
    only(&mut refresh, &[Input::Begin], unexpected);
    let _request = refresh.step(Input::Begin, now()).unwrap();
    only(&mut refresh, &answers, unexpected);
    let token = token("{}");
    let tokens = format!(r#"{{"access_token":"T2","token_type":"Bearer","id_token":"{token}"}}"#);
    let _keys = refresh.step(Input::Response(json(tokens)), now()).unwrap();
    only(&mut refresh, &answers, unexpected);
    let keys = Input::Response(json(jwks([&rsa()])));
    assert!(matches!(refresh.step(keys, now()), Ok(Step::Done(_))));
    only(&mut refresh, &[], &Misuse::Over);
}
