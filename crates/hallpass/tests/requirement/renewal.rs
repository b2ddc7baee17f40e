//! What the resource refused is written once more where its source has other tokens, and only there.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hallpass::{
    Alternatives, Requirement, Scheme, Security, SecurityError, TokenFailure, TokenLack, TokenSet,
    TokenSource, Tokens,
};
use http::{HeaderMap, StatusCode};

use crate::support::{Answer, Script, api, files, key, request, security, token};

/// What it says when it is told of a refusal.
type Reply = Box<dyn Fn() -> Result<Option<TokenSet>, TokenFailure> + Send + Sync>;

struct Told {
    reply: Reply,
    refused: Arc<Mutex<Vec<TokenSet>>>,
}

#[async_trait]
impl TokenSource for Told {
    async fn obtain(&self) -> Result<Tokens, TokenFailure> {
        Ok(token("first").into())
    }

    async fn refused(&self, tokens: &TokenSet) -> Result<Option<Tokens>, TokenFailure> {
        self.refused.lock().unwrap().push(tokens.clone());
        Ok((self.reply)()?.map(Tokens::from))
    }
}

fn told(
    name: &str,
    reply: impl Fn() -> Result<Option<TokenSet>, TokenFailure> + Send + Sync + 'static,
) -> (Scheme, Arc<Mutex<Vec<TokenSet>>>) {
    let refused = Arc::default();
    let source = Told {
        reply: Box::new(reply),
        refused: Arc::clone(&refused),
    };
    (Scheme::oauth(name, api(), source).unwrap(), refused)
}

/// What is written, one after the other, while the resource says 401.
async fn written(security: &Security) -> (Vec<String>, SecurityError) {
    let mut left = security.alternatives();
    let mut all = Vec::new();
    loop {
        match attempt(left).await {
            Ok((text, next)) => {
                all.push(text);
                left = next.unwrap();
            }
            Err(error) => return (all, error),
        }
    }
}

async fn attempt(left: Alternatives) -> Result<(String, Option<Alternatives>), SecurityError> {
    let mut request = files();
    let applied = left.authorize(&mut request).await?;
    let token = request.headers().get("authorization");
    let token = token.map(|own| own.to_str().unwrap().to_owned());
    let names = applied.schemes().join(" with ");
    let next = applied.answered(StatusCode::UNAUTHORIZED, &HeaderMap::new());
    Ok((format!("{names}: {}", token.unwrap_or_default()), next))
}

#[tokio::test]
async fn other_tokens_are_written_once_and_then_comes_the_next_alternative() {
    let (oauth, refused) = told("oauth", || Ok(Some(token("second"))));
    let both = Requirement::all(["oauth", "tenant"]);
    let security = security(
        [oauth, key("tenant", "t"), key("apiKey", "k")],
        Requirement::any(["oauth".into(), both, "apiKey".into()]),
    );
    let (all, error) = written(&security).await;
    let second = "oauth with tenant: Bearer second";
    let expected = [
        "oauth: Bearer first",
        "oauth: Bearer second",
        second,
        "apiKey: ",
    ];
    assert_eq!(all, expected);
    assert!(matches!(error, SecurityError::Unmet(_)));
    assert_eq!(*refused.lock().unwrap(), [token("first")]);
}

#[tokio::test]
async fn the_same_tokens_are_not_written_again() {
    for reply in [|| Ok(None), || Ok(Some(token("first")))] {
        let (oauth, refused) = told("oauth", reply);
        let (all, _) = written(&security([oauth], "oauth")).await;
        assert_eq!(all, ["oauth: Bearer first"]);
        assert_eq!(refused.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_source_that_has_no_tokens_any_more_is_used_in_no_other_alternative() {
    let (oauth, _) = told("oauth", || Err(TokenFailure::Lack(TokenLack::Expired)));
    let security = security(
        [oauth, key("a", "1"), key("b", "2"), key("c", "3")],
        Requirement::any([
            Requirement::all([
                Requirement::any(["a", "b"]),
                Requirement::any(["oauth", "c"]),
            ]),
            "oauth".into(),
        ]),
    );
    let (all, error) = written(&security).await;
    let names: Vec<_> = all
        .iter()
        .map(|text| text.split(": ").next().unwrap())
        .collect();
    assert_eq!(names, ["a with oauth", "a with c", "b with c"]);
    let SecurityError::Unmet(unmet) = error else {
        panic!("{error:?}")
    };
    assert_eq!(unmet.refused().len(), 3);
    let cause = unmet.causes()[0].to_string();
    assert_eq!(cause, "[oauth: OAuthToken is undefined or expired.]");
}

#[tokio::test]
async fn an_all_is_not_written_without_the_member_that_failed_since() {
    let (oauth, _) = told("oauth", || Err(TokenFailure::Lack(TokenLack::Expired)));
    let either = Requirement::any(["a", "b"]);
    let security = security(
        [oauth, key("a", "1"), key("b", "2"), key("c", "3")],
        Requirement::any([Requirement::all([either, "oauth".into()]), "c".into()]),
    );
    let (all, _) = written(&security).await;
    assert_eq!(all, ["a with oauth: Bearer first", "c: "]);
}

#[tokio::test]
async fn each_source_is_told_of_its_own_refusal() {
    let (first, told_first) = told("first", || Ok(None));
    let (second, told_second) = told("second", || Ok(Some(token("other"))));
    let either = Requirement::any(["second", "first"]);
    let (all, _) = written(&security([first, second], either)).await;
    let expected = [
        "second: Bearer first",
        "second: Bearer other",
        "first: Bearer first",
    ];
    assert_eq!(all, expected);
    assert_eq!(told_first.lock().unwrap().len(), 1);
    assert_eq!(told_second.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_an_alternative_must_not_hide_is_an_error_after_a_refusal_too() {
    let broken = Answer::Says(200, r#"{"token_type":"bearer"}"#);
    let script = Script::of([broken]);
    let session = script.session();
    let refresh = hallpass::RefreshToken::new("canary-refresh").unwrap();
    session
        .save(&token("canary").with_refresh_token(refresh))
        .await
        .unwrap();
    let oauth = Scheme::oauth("oauth", api(), session).unwrap();
    let either = Requirement::any(["oauth", "apiKey"]);
    let (all, error) = written(&security([oauth, key("apiKey", "k")], either)).await;
    assert_eq!(all, ["oauth: Bearer canary"]);
    assert!(matches!(error, SecurityError::Tokens { .. }), "{error:?}");
}

#[tokio::test]
async fn a_session_refreshes_only_the_token_that_was_refused() {
    let fresh = r#"{"access_token":"new","token_type":"bearer"}"#;
    let script = Script::of([Answer::Says(200, fresh)]);
    let session = script.session();
    let refresh = hallpass::RefreshToken::new("r").unwrap();
    session
        .save(&token("old").with_refresh_token(refresh))
        .await
        .unwrap();
    for _ in 0..5 {
        let others = TokenSource::refused(&session, &token("old")).await.unwrap();
        assert_eq!(others.unwrap().access_token, token("new").access_token);
    }
    assert_eq!(script.requests(), 1);
}

#[tokio::test]
async fn a_session_that_cannot_be_refreshed_has_nothing_better() {
    let script = Script::default();
    let session = script.session();
    session.save(&token("old")).await.unwrap();
    let others = TokenSource::refused(&session, &token("old")).await;
    assert!(others.unwrap().is_none());
    session.forget().await.unwrap();
    let others = TokenSource::refused(&session, &token("old")).await;
    let Err(TokenFailure::Lack(TokenLack::Undefined)) = others else {
        panic!("{others:?}")
    };
}

#[tokio::test]
async fn where_a_server_repeats_the_query_the_secrets_in_it_are_found() {
    let long = "0123456789abcdef&";
    let schemes = [
        Scheme::query_key("long", api(), "api_key", long).unwrap(),
        Scheme::query_key("short", api(), "pin", "1").unwrap(),
    ];
    let security = security(schemes, Requirement::all(["long", "short"]));
    let mut sent = request("https://api.example/?a=%20");
    let applied = security.authorize(&mut sent).await.unwrap();
    let written = sent.uri().query().unwrap();
    for (address, without) in [
        ("https://b.example/x?{}", Some("https://b.example/x?a=%20")),
        ("/x?{}&z#f", Some("/x?a=%20&z#f")),
        ("/x?api_key=0123456789abcdef%26#f", Some("/x#f")),
        ("?to=%2Fx%3Fapi_key%3D0123456789abcdef%26&n=1", Some("?n=1")),
        ("/x?page=1&n=11", None),
        ("/x?pin=2", None),
        ("/x", None),
        ("/x#?pin=1", None),
        ("", None),
    ] {
        let address = address.replace("{}", written);
        assert_eq!(
            applied.without_secrets(&address).as_deref(),
            without,
            "{address}"
        );
    }
}
