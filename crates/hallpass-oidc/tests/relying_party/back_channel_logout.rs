//! Logout tokens (OpenID Connect Back-Channel Logout §2.4 to §2.8).

use std::num::NonZeroUsize;
use std::time::Duration;

use hallpass_grant::{
    Conversation, Error, ErrorKind, Input, Issuer, IssuerComparison, Lost, Misuse, Response, Step,
};
use hallpass_jose::SignatureAlgorithm;
use hallpass_oidc::{
    BackChannelLogout, LogoutRules, LogoutToken, ProviderKeys, SeenLogoutTokens, SessionRequirement,
};
use hallpass_token::{Json, Members};
use time::UtcDateTime;

use crate::common::*;

const FORM: &str = "application/x-www-form-urlencoded";

/// The claims of a logout token that is as it should be, with these instead; `null` takes one away.
fn logout(instead: &str) -> Members {
    let mut all = members(
        r#"{"iss":"https://op.example","sub":"24400320","aud":"cid","iat":1699999990,"exp":1700000110,"jti":"bWJq",
            "sid":"08a5","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}"#,
    );
    for (name, value) in members(instead).iter() {
        match value {
            Json::Null => drop(all.remove(name)),
            value => drop(all.insert(name, value.clone())),
        }
    }
    all
}

fn logout_rules() -> LogoutRules {
    LogoutRules::new(rules())
}

fn read_by(token: &str, rules: LogoutRules) -> Result<LogoutToken, Error> {
    let body = format!("logout_token={token}");
    let mut logout = BackChannelLogout::read("POST", FORM, body.as_bytes(), rules)?;
    silent(&mut logout)
}

fn by(instead: &str, rules: LogoutRules) -> Result<LogoutToken, Error> {
    let token = signed(&rsa(), SignatureAlgorithm::Rs256, &logout(instead));
    read_by(&token, rules)
}

fn with(instead: &str) -> Result<LogoutToken, Error> {
    by(instead, logout_rules())
}

fn op() -> Issuer {
    Issuer::new(ISSUER).unwrap()
}

#[test]
fn a_logout_token_says_what_is_over() {
    let token = with("{}").unwrap();
    assert_eq!(token.issuer(), &op());
    assert_eq!(token.subject(), Some("24400320"));
    assert_eq!(token.session(), Some("08a5"));
    assert_eq!(token.id(), "bWJq");
    assert_eq!(token.issued_at(), at(NOW - 10));
    assert_eq!(token.expires_at(), Some(at(NOW + 110)));
    assert_eq!(format!("{token:?}"), "LogoutToken(of https://op.example)");
}

#[test]
fn each_claim_must_be_there_and_right() {
    for (instead, expected) in [
        (r#"{"iss":null}"#, "missing_claim"),
        (r#"{"iss":"https://evil.example"}"#, "issuer"),
        (r#"{"iss":7}"#, "malformed"),
        (r#"{"aud":null}"#, "missing_claim"),
        (r#"{"aud":"other"}"#, "audience"),
        (r#"{"aud":["cid","other"]}"#, "audience"),
        (r#"{"iat":null}"#, "missing_claim"),
        (r#"{"iat":1700000001}"#, "issued_at"),
        (r#"{"iat":"1699999990"}"#, "malformed"),
        (r#"{"exp":null}"#, "missing_claim"),
        (r#"{"exp":1700000000}"#, "expired"),
        (r#"{"exp":"1700000110"}"#, "malformed"),
        (r#"{"jti":null}"#, "missing_claim"),
        (r#"{"jti":""}"#, "claim"),
        (r#"{"jti":7}"#, "malformed"),
        (r#"{"sub":7}"#, "malformed"),
        (r#"{"sub":""}"#, "claim"),
        (r#"{"sid":7}"#, "malformed"),
        (r#"{"sid":""}"#, "claim"),
        (r#"{"sub":null,"sid":null}"#, "logout_session"),
        (r#"{"events":null}"#, "missing_claim"),
        (r#"{"events":{}}"#, "logout_event"),
        (r#"{"events":[]}"#, "logout_event"),
        (
            r#"{"events":"http://schemas.openid.net/event/backchannel-logout"}"#,
            "logout_event",
        ),
        (
            r#"{"events":{"http://schemas.openid.net/event/backchannel-logout":null}}"#,
            "logout_event",
        ),
        (
            r#"{"events":{"http://schemas.openid.net/event/backchannel-logout":true}}"#,
            "logout_event",
        ),
        (
            r#"{"events":{"http://schemas.openid.net/event/other":{}}}"#,
            "logout_event",
        ),
        (r#"{"nonce":"n"}"#, "logout_nonce"),
        (r#"{"nonce":""}"#, "logout_nonce"),
        (r#"{"nonce":7}"#, "logout_nonce"),
        ("{}", "none"),
        (r#"{"sub":null}"#, "none"),
        (r#"{"sid":null}"#, "none"),
        (r#"{"aud":["cid"]}"#, "none"),
        (
            r#"{"exp":1700000001,"iat":1700000000,"other":[null]}"#,
            "none",
        ),
        (
            r#"{"events":{"x":1,"http://schemas.openid.net/event/backchannel-logout":{"y":1}}}"#,
            "none",
        ),
    ] {
        assert_eq!(fault(with(instead)), expected, "{instead}");
    }
    let mut null = logout("{}");
    null.insert("nonce", Json::Null);
    let token = signed(&rsa(), SignatureAlgorithm::Rs256, &null);
    assert_eq!(fault(read_by(&token, logout_rules())), "logout_nonce");
}

#[test]
fn a_session_must_be_named_where_the_client_is_registered_so() {
    let required = || logout_rules().with_session(SessionRequirement::Required);
    assert_eq!(fault(by(r#"{"sid":null}"#, required())), "logout_session");
    assert_eq!(fault(by(r#"{"sub":null}"#, required())), "none");
    let optional = required().with_session(SessionRequirement::Optional);
    assert_eq!(fault(by(r#"{"sid":null}"#, optional)), "none");
}

#[test]
fn it_is_signed_as_id_tokens_are_and_never_unsigned() {
    let claims = logout("{}");
    let none = "eyJhbGciOiJub25lIn0.e30.";
    assert_eq!(fault(read_by(none, logout_rules())), "unsigned");
    let other = signed(&p256(), SignatureAlgorithm::Es256, &claims);
    assert_eq!(
        fault(read_by(&other, logout_rules())),
        "unexpected_algorithm"
    );
    let forged = signed(
        &next_rsa().with_id("rsa-a"),
        SignatureAlgorithm::Rs256,
        &claims,
    );
    assert_eq!(fault(read_by(&forged, logout_rules())), "signature");
    assert_eq!(fault(read_by("a.b", logout_rules())), "malformed");
}

#[test]
fn a_token_of_another_kind_is_no_logout_token() {
    let of = |kind| {
        let token = typed(&rsa(), SignatureAlgorithm::Rs256, kind, &logout("{}"));
        fault(read_by(&token, logout_rules()))
    };
    for kind in [
        None,
        Some("JWT"),
        Some("logout+jwt"),
        Some("application/logout+jwt"),
        Some("LOGOUT+JWT"),
    ] {
        assert_eq!(of(kind), "none", "{kind:?}");
    }
    for kind in ["at+jwt", "secevent+jwt", "dpop+jwt", "oauth-authz-req+jwt"] {
        assert_eq!(of(Some(kind)), "token_type", "{kind}");
    }
    // An ID token that somebody has come by ends nobody's session.
    let id_token = signed(
        &rsa(),
        SignatureAlgorithm::Rs256,
        &crate::common::claims(r#"{"jti":"1"}"#),
    );
    assert_eq!(fault(read_by(&id_token, logout_rules())), "missing_claim");
}

#[test]
fn an_old_token_is_refused_to_the_second_and_its_age_alone_counts_without_expiry() {
    let issued = |ago: i64| format!(r#"{{"iat":{}}}"#, NOW - ago);
    assert_eq!(fault(with(&issued(600))), "none");
    assert_eq!(fault(with(&issued(601))), "issued_at");
    let fresh = || logout_rules().not_older_than(Duration::from_secs(60));
    assert_eq!(fault(by(&issued(60), fresh())), "none");
    assert_eq!(fault(by(&issued(61), fresh())), "issued_at");
    let drafts = || logout_rules().without_expiry();
    assert_eq!(fault(by(r#"{"exp":null}"#, drafts())), "none");
    assert_eq!(fault(by(r#"{"exp":1699999999}"#, drafts())), "expired");
    assert_eq!(fault(by(r#"{"jti":null}"#, drafts())), "missing_claim");
    let old = format!(r#"{{"exp":null,"iat":{}}}"#, NOW - 601);
    assert_eq!(fault(by(&old, drafts())), "issued_at");
}

#[test]
fn the_sessions_that_are_over_end_and_no_others() {
    let both = with("{}").unwrap();
    assert!(both.ends(op(), "24400320", Some("08a5")));
    assert!(!both.ends(op(), "24400320", Some("08a6")));
    assert!(!both.ends(op(), "other", Some("08a5")));
    assert!(both.ends(op(), "24400320", None));
    assert!(!both.ends(op(), "other", None));
    let elsewhere = Issuer::new("https://other.example").unwrap();
    assert!(!both.ends(elsewhere, "24400320", Some("08a5")));

    let session = with(r#"{"sub":null}"#).unwrap();
    assert!(session.ends(op(), "anybody", Some("08a5")));
    assert!(!session.ends(op(), "anybody", Some("08a6")));
    assert!(!session.ends(op(), "anybody", None));

    let user = with(r#"{"sid":null}"#).unwrap();
    assert!(user.ends(op(), "24400320", Some("08a5")));
    assert!(user.ends(op(), "24400320", None));
    assert!(!user.ends(op(), "other", Some("08a5")));
}

#[test]
fn only_a_posted_form_with_one_token_is_read() {
    let token = signed(&rsa(), SignatureAlgorithm::Rs256, &logout("{}"));
    let read = |method: &str, content_type: &str, body: &str| {
        BackChannelLogout::read(method, content_type, body.as_bytes(), logout_rules())
    };
    let good = format!("other=1&logout_token={token}&x=");
    for content_type in [FORM, "Application/X-WWW-Form-Urlencoded; charset=utf-8"] {
        assert!(read("POST", content_type, &good).is_ok());
    }
    for (method, content_type, body) in [
        ("GET", FORM, good.as_str()),
        ("PUT", FORM, &good),
        ("post", FORM, &good),
        ("POST", "application/json", &good),
        ("POST", "", &good),
        ("POST", "text/plain", &good),
        ("POST", "multipart/form-data", &good),
        ("POST", FORM, ""),
        ("POST", FORM, "logout_token="),
        ("POST", FORM, "Logout_Token=a.b.c"),
    ] {
        assert_eq!(
            fault(read(method, content_type, body)),
            "logout_request",
            "{method} {content_type}"
        );
    }
    let bytes = BackChannelLogout::read("POST", FORM, b"logout_token=\xff", logout_rules());
    assert_eq!(fault(bytes), "logout_request");
    let twice = format!("{good}&logout_token={token}");
    assert!(matches!(
        read("POST", FORM, &twice).unwrap_err().kind(),
        ErrorKind::Violation(_)
    ));
    let long = format!("logout_token={}", "a".repeat(70_000));
    assert!(matches!(
        read("POST", FORM, &long).unwrap_err().kind(),
        ErrorKind::Violation(_)
    ));
}

#[test]
fn the_provider_is_told_in_the_words_of_the_specification() {
    let headers = |outcome: &Result<(), Error>| {
        let answer = BackChannelLogout::answer(outcome);
        let headers: Vec<_> = answer.headers().collect();
        (answer.status(), headers, answer.body())
    };
    let unstored = [
        ("cache-control", "no-cache, no-store"),
        ("pragma", "no-cache"),
    ];
    assert_eq!(headers(&Ok(())), (200, unstored.to_vec(), ""));
    let json = [unstored.as_slice(), &[("content-type", "application/json")]].concat();
    let refused = with(r#"{"jti":null}"#).map(|_| ());
    assert_eq!(
        headers(&refused),
        (400, json.clone(), r#"{"error":"invalid_request"}"#)
    );
    let failed = Err(Error::transport("the store is away"));
    assert_eq!(headers(&failed), (400, json, r#"{"error":"server_error"}"#));
}

#[test]
fn the_providers_keys_are_asked_for_where_they_are_not_known() {
    let token = signed(&rsa(), SignatureAlgorithm::Rs256, &logout("{}"));
    let rules = hallpass_oidc::JwtRules::new(ProviderKeys::new(&provider()), CLIENT);
    let body = format!("logout_token={token}");
    let begin = || {
        let rules = LogoutRules::new(rules.clone());
        BackChannelLogout::read("POST", FORM, body.as_bytes(), rules).unwrap()
    };
    let mut asked = Vec::new();
    let read = drive(&mut begin(), |request| {
        asked.push(request.endpoint().as_str().to_owned());
        match asked.len() {
            1 => Input::Lost(Lost::MaybeSent),
            _ => Input::Response(json(jwks([&rsa()]))),
        }
    });
    assert_eq!(read.unwrap().id(), "bWJq");
    assert_eq!(asked, [JWKS_URI, JWKS_URI]);
    // The next one finds them.
    assert!(silent(&mut begin()).is_ok());
}

#[test]
fn an_input_that_answers_nothing_changes_nothing() {
    let token = signed(&rsa(), SignatureAlgorithm::Rs256, &logout("{}"));
    let rules = hallpass_oidc::JwtRules::new(ProviderKeys::new(&provider()), CLIENT);
    let body = format!("logout_token={token}");
    let mut logout =
        BackChannelLogout::read("POST", FORM, body.as_bytes(), LogoutRules::new(rules)).unwrap();
    only(&mut logout, &[Input::Begin], &Misuse::UnexpectedInput);
    let sent = logout.step(Input::Begin, now()).unwrap();
    assert!(matches!(sent, Step::Send(_)));
    only(
        &mut logout,
        &[
            Input::Response(Response::new(200)),
            Input::Lost(Lost::NotSent),
        ],
        &Misuse::UnexpectedInput,
    );
    let done = logout
        .step(Input::Response(json(jwks([&rsa()]))), now())
        .unwrap();
    assert!(matches!(done, Step::Done(_)));
    only(&mut logout, &[], &Misuse::Over);
}

#[test]
fn a_relying_party_knows_its_own_rules() {
    let token = signed(&rsa(), SignatureAlgorithm::Rs256, &logout("{}"));
    let body = format!("logout_token={token}");
    let rules = relying_party().logout_rules();
    let mut logout = BackChannelLogout::read("POST", FORM, body.as_bytes(), rules).unwrap();
    let read = drive(&mut logout, |_| Input::Response(json(jwks([&rsa()]))));
    assert!(read.unwrap().ends(ISSUER, "24400320", Some("08a5")));
}

#[test]
fn a_provider_that_writes_its_issuer_in_another_way_ends_the_sessions_it_began_so() {
    let rules = rules().with_issuer_comparison(IssuerComparison::TrailingSlash);
    let token = by(r#"{"iss":"https://op.example/"}"#, LogoutRules::new(rules)).unwrap();
    for issuer in ["https://op.example", "https://op.example/"] {
        assert!(token.ends(issuer, "24400320", None), "{issuer}");
    }
    assert!(!token.ends("https://op.example//", "24400320", None));
    assert_eq!(token.issuer(), &op());
}

fn named(id: &str, issued: i64) -> LogoutToken {
    let instead = format!(r#"{{"jti":"{id}","iat":{issued}}}"#);
    with(&instead).unwrap()
}

fn later(seconds: i64) -> UtcDateTime {
    at(NOW + seconds)
}

#[test]
fn a_token_counts_once() {
    let mut seen = SeenLogoutTokens::new(NonZeroUsize::new(9).unwrap());
    assert!(seen.is_empty());
    assert!(seen.remember(&named("a", NOW), now()).is_ok());
    assert_eq!(
        fault(seen.remember(&named("a", NOW), later(600))),
        "replayed"
    );
    assert!(seen.remember(&named("b", NOW), now()).is_ok());
    assert_eq!((seen.len(), seen.is_empty()), (2, false));
    // Another issuer's token of the same name is another token.
    let keys = hallpass_jose::JwkSet::parse(jwks([&rsa()]).as_bytes()).unwrap();
    let keys = ProviderKeys::given(Issuer::new("https://other.example").unwrap(), keys);
    let rules = LogoutRules::new(hallpass_oidc::JwtRules::new(keys, CLIENT));
    let other = by(r#"{"jti":"a","iss":"https://other.example"}"#, rules).unwrap();
    assert!(seen.remember(&other, now()).is_ok());
    assert_eq!(
        format!("{seen:?}"),
        "SeenLogoutTokens(3, at most 9 of an issuer)"
    );
}

#[test]
fn a_token_is_remembered_as_long_as_the_rules_that_took_it_would_take_it_and_no_longer() {
    let mut seen = SeenLogoutTokens::new(NonZeroUsize::MIN);
    seen.remember(&named("a", NOW), now()).unwrap();
    seen.forget(later(600));
    assert_eq!(seen.len(), 1);
    seen.forget(later(601));
    assert_eq!(seen.len(), 0);
    let token = |seconds: u64| {
        let rules = LogoutRules::new(rules().with_leeway(Duration::from_secs(5)));
        let rules = rules.not_older_than(Duration::from_secs(seconds));
        by(&format!(r#"{{"jti":"a","iat":{NOW}}}"#), rules).unwrap()
    };
    for (seconds, last) in [(10, 15), (86_400, 86_405)] {
        let token = token(seconds);
        seen.remember(&token, now()).unwrap();
        assert_eq!(fault(seen.remember(&token, later(last))), "replayed");
        assert_eq!(fault(seen.remember(&token, later(last + 1))), "none");
        seen.forget(later(2 * last));
    }
    seen.remember(&token(u64::MAX), now()).unwrap();
    seen.forget(later(1_000_000_000));
    assert_eq!(seen.len(), 1);
}

#[test]
fn of_too_many_tokens_those_that_end_first_are_forgotten() {
    let mut seen = SeenLogoutTokens::new(NonZeroUsize::new(2).unwrap());
    seen.remember(&named("late", NOW), now()).unwrap();
    seen.remember(&named("early", NOW - 100), now()).unwrap();
    seen.remember(&named("other", NOW - 50), now()).unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!(fault(seen.remember(&named("late", NOW), now())), "replayed");
    assert_eq!(
        fault(seen.remember(&named("other", NOW - 50), now())),
        "replayed"
    );
}

#[test]
fn no_issuer_has_anothers_tokens_forgotten() {
    let mut seen = SeenLogoutTokens::new(NonZeroUsize::new(2).unwrap());
    let victim = named("victim", NOW - 9);
    seen.remember(&victim, now()).unwrap();
    let keys = hallpass_jose::JwkSet::parse(jwks([&rsa()]).as_bytes()).unwrap();
    let keys = ProviderKeys::given(Issuer::new("https://evil.example").unwrap(), keys);
    let evil = LogoutRules::new(hallpass_oidc::JwtRules::new(keys, CLIENT));
    for n in 0..4 {
        let instead = format!(r#"{{"iss":"https://evil.example","jti":"{n}","iat":{NOW}}}"#);
        let token = by(&instead, evil.clone()).unwrap();
        seen.remember(&token, now()).unwrap();
    }
    assert_eq!(seen.len(), 3);
    assert_eq!(fault(seen.remember(&victim, now())), "replayed");
}
