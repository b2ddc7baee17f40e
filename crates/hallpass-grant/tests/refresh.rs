//! A new access token with a refresh token (RFC 6749 §6).

mod common;

use base64ct::{Base64UrlUnpadded, Encoding};

use hallpass_grant::token::{RefreshToken, Secret, TokenSet};
use hallpass_grant::{
    Call, Client, Conversation, Error, ErrorKind, Input, Lost, Misuse, RandomError, Response,
    ServerMetadata, TokenAnswer, Violation,
};

use common::*;

fn refresh_token() -> RefreshToken {
    RefreshToken::new("R+1").unwrap()
}

fn answered(response: Response) -> Result<TokenSet, Error> {
    let granted = scopes("read write");
    let mut call = client()
        .refresh(&refresh_token(), &granted, None, &mut draws(SEED))
        .unwrap();
    let _request = sent(call.step(Input::Begin, NOW).unwrap());
    call.step(Input::Response(response), NOW).map(done)
}

#[test]
fn the_form_names_scopes_only_where_they_are_narrowed() {
    let granted = scopes("read write");
    let form = |narrowed: Option<&str>| {
        let narrowed = narrowed.map(scopes);
        let call = client().refresh(
            &refresh_token(),
            &granted,
            narrowed.as_ref(),
            &mut draws(SEED),
        );
        let request = sent(call.unwrap().step(Input::Begin, NOW).unwrap());
        body(&request).to_owned()
    };
    assert_eq!(
        form(None),
        "grant_type=refresh_token&refresh_token=R%2B1&client_id=cid"
    );
    assert_eq!(
        form(Some("read")),
        "grant_type=refresh_token&refresh_token=R%2B1&scope=read&client_id=cid"
    );
}

#[test]
fn the_old_refresh_token_is_kept_unless_a_new_one_comes() {
    let kept = |member: &str| {
        let answer = format!(r#"{{"access_token":"T","token_type":"bearer"{member}}}"#);
        let set = answered(json(200, &answer)).unwrap();
        set.refresh_token.unwrap().expose_secret().to_owned()
    };
    assert_eq!(kept(""), "R+1");
    assert_eq!(kept(r#","refresh_token":null"#), "R+1");
    assert_eq!(kept(r#","refresh_token":"""#), "R+1");
    assert_eq!(kept(r#","refresh_token":"R2""#), "R2");
}

#[test]
fn an_answer_without_scopes_keeps_those_that_were_granted_or_asked_for() {
    let answer = r#"{"access_token":"T","token_type":"bearer"}"#;
    assert_eq!(
        answered(json(200, answer)).unwrap().scopes,
        scopes("read write")
    );
    let (granted, narrowed) = (scopes("read write"), scopes("read"));
    let call = client().refresh(
        &refresh_token(),
        &granted,
        Some(&narrowed),
        &mut draws(SEED),
    );
    let mut call = call.unwrap();
    let _request = sent(call.step(Input::Begin, NOW).unwrap());
    let set = done(call.step(Input::Response(json(200, answer)), NOW).unwrap());
    assert_eq!(set.scopes, narrowed);
}

#[test]
fn there_is_no_refresh_without_a_refresh_token() {
    assert!(RefreshToken::new("").is_err());
    assert!(RefreshToken::new("a\r\nb").is_err());
}

#[test]
fn what_is_missing_is_told_before_any_request() {
    let bare = Client::new(ServerMetadata::default(), "cid").unwrap();
    let error = bare
        .refresh(&refresh_token(), &scopes(""), None, &mut draws(SEED))
        .unwrap_err();
    assert_eq!(*misuse(&error), Misuse::Missing("token endpoint"));
    let mut broken = || Err::<[u8; 32], _>(RandomError);
    let error = client()
        .refresh(&refresh_token(), &scopes(""), None, &mut broken)
        .unwrap_err();
    assert_eq!(*misuse(&error), Misuse::Random);
}

#[test]
fn a_lost_answer_leaves_the_refresh_token_in_doubt() {
    let mut call = client()
        .refresh(&refresh_token(), &scopes(""), None, &mut draws(SEED))
        .unwrap();
    let _request = sent(call.step(Input::Begin, NOW).unwrap());
    let error = call.step(Input::Lost(Lost::MaybeSent), NOW).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::InDoubt);
}

/// A signed token with these claims. Its signature is none that anybody looks at here.
fn id_token(claims: &str) -> Secret {
    let part = |json: &str| Base64UrlUnpadded::encode_string(json.as_bytes());
    Secret::new(format!(
        "{}.{}.AA",
        part(r#"{"alg":"RS256"}"#),
        part(claims)
    ))
}

#[test]
fn refreshed_tokens_about_another_user_are_not_handed_out() {
    let refreshed = |before: &Secret, now: Option<&Secret>| {
        let call = client().refresh(&refresh_token(), &scopes(""), None, &mut draws(SEED));
        let call = call.unwrap().about_subject_of(before);
        // What was stored in between knows it still.
        let stored = serde_json::to_string(&call).unwrap();
        let mut call: Call<TokenAnswer> = serde_json::from_str(&stored).unwrap();
        let _request = sent(call.step(Input::Begin, NOW).unwrap());
        let member = now.map_or(String::new(), |now| {
            format!(r#","id_token":"{}""#, now.expose_secret())
        });
        let answer = format!(r#"{{"access_token":"T","token_type":"bearer"{member}}}"#);
        call.step(Input::Response(json(200, &answer)), NOW)
            .map(done)
    };
    let alice = id_token(r#"{"iss":"https://as.example","sub":"alice","iat":1}"#);
    let later = id_token(r#"{"iss":"https://as.example","sub":"alice","iat":2}"#);
    assert_eq!(
        refreshed(&alice, Some(&later)).unwrap().id_token,
        Some(later.clone())
    );
    assert!(refreshed(&alice, None).is_ok());
    for (other, claims) in [
        ("subject", r#"{"iss":"https://as.example","sub":"bob"}"#),
        ("issuer", r#"{"iss":"https://other.example","sub":"alice"}"#),
        ("no subject", r#"{"iss":"https://as.example"}"#),
        ("no text", r#"{"iss":"https://as.example","sub":7}"#),
        (
            "twice",
            r#"{"iss":"https://as.example","sub":"bob","sub":"alice"}"#,
        ),
    ] {
        let error = refreshed(&alice, Some(&id_token(claims))).unwrap_err();
        let expected = ErrorKind::Violation(Violation::OtherSubject);
        assert_eq!(*error.kind(), expected, "{other}");
        assert!(!format!("{error:?}").contains("bob"), "{error:?}");
    }
    for garbage in ["", "a.b", "a.b.c", "a.b.c.d.e"] {
        assert!(refreshed(&alice, Some(&Secret::new(garbage))).is_err());
        // With what cannot be read nothing is compared.
        assert!(refreshed(&Secret::new(garbage), Some(&later)).is_ok());
    }
}
