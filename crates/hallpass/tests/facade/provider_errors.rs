//! What the provider says no with, and what it says when it does not make sense.

use hallpass::{
    AuthorizationCode, Client, ErrorCode, ErrorKind, ProviderError, Recovery, TokenSet, Violation,
};

use crate::support::{Script, credentials, json};

async fn exchange(script: &Script) -> Result<TokenSet, ProviderError> {
    let client = script.provider().client(credentials());
    log_in(&client).await
}

async fn log_in(client: &Client<AuthorizationCode>) -> Result<TokenSet, ProviderError> {
    let (_, pending) = client.authorization_url().unwrap();
    let callback = format!(
        "/callback?code=canary-code&state={}",
        pending.state().expose_secret()
    );
    client.fetch_token(pending, callback.as_str()).await
}

#[tokio::test]
async fn a_refusal_has_status_code_description_and_uri() {
    for status in [400, 401] {
        let body = r#"{"error":"invalid_grant","error_description":"expired","error_uri":"https://as.example/e"}"#;
        let script = Script::answering([json(status, body)]);
        let error = exchange(&script).await.unwrap_err();
        let refused = error.refused().unwrap();
        assert_eq!(refused.status(), Some(status));
        assert_eq!(refused.code(), Some(&ErrorCode::INVALID_GRANT));
        assert_eq!(refused.description(), Some("expired"));
        assert_eq!(refused.uri(), Some("https://as.example/e"));
        assert_eq!(error.recovery(), Recovery::Reauthorize);
        assert_eq!(script.requests().len(), 1);
    }
}

#[tokio::test]
async fn what_is_no_oauth_error_is_told_by_its_status_and_stays_readable() {
    for (status, body) in [
        (403, "<html>canary"),
        (500, ""),
        (302, "[]"),
        (400, "[]"),
        (502, "<html>canary"),
    ] {
        let script = Script::answering([json(status, body)]);
        let error = exchange(&script).await.unwrap_err();
        assert_eq!(error.refused().unwrap().status(), Some(status));
        assert_eq!(error.refused().unwrap().code(), None);
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains(&status.to_string()) && !shown.contains("canary"),
            "{shown}"
        );
        assert_eq!(script.requests().len(), 1, "a redirect is never followed");
    }
}

#[tokio::test]
async fn a_success_that_is_none_is_a_violation_and_an_error_in_it_a_refusal() {
    for body in [
        "{}",
        "[]",
        "text",
        "",
        "null",
        r#"{"access_token":null,"token_type":"bearer"}"#,
    ] {
        let error = exchange(&Script::answering([json(200, body)]))
            .await
            .unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Violation(_)),
            "{body}: {error:?}"
        );
    }
    let error = exchange(&Script::answering([json(
        200,
        r#"{"error":"invalid_grant"}"#,
    )]))
    .await
    .unwrap_err();
    assert_eq!(
        error.refused().unwrap().code(),
        Some(&ErrorCode::INVALID_GRANT)
    );
}

#[tokio::test]
async fn a_server_that_is_busy_says_when_to_come_back_and_nothing_is_lost() {
    let busy = json(429, "{}").with_header("retry-after", "7");
    let error = exchange(&Script::answering([busy])).await.unwrap_err();
    let seven = std::time::Duration::from_secs(7);
    assert_eq!(error.recovery(), Recovery::Retry { after: Some(seven) });
}

#[tokio::test]
async fn a_stray_callback_sends_nothing() {
    let script = Script::default();
    let client = script.provider().client(credentials());
    for callback in [
        "/callback?code=x&state=forged",
        "/callback?code=x",
        "/callback?error=access_denied&state=forged",
    ] {
        let (_, pending) = client.authorization_url().unwrap();
        let error = client.fetch_token(pending, callback).await.unwrap_err();
        assert_eq!(
            error.kind(),
            &ErrorKind::Violation(Violation::StateMismatch)
        );
    }
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn two_users_on_one_client_get_their_own_tokens_and_cannot_swap_responses() {
    let answer = |token: &str| {
        json(
            200,
            &format!(r#"{{"access_token":"{token}","token_type":"bearer"}}"#),
        )
    };
    let script = Script::answering([answer("alices"), answer("bobs")]);
    let client = script.provider().client(credentials());
    let (_, alice) = client.authorization_url().unwrap();
    let (_, bob) = client.authorization_url().unwrap();
    assert_ne!(alice.state(), bob.state());

    let callback = |code: &str, state: &str| format!("/callback?code={code}&state={state}");
    let alices = callback("a", alice.state().expose_secret());
    let bobs = callback("b", bob.state().expose_secret());
    let error = client
        .fetch_token(alice.clone(), bobs.as_str())
        .await
        .unwrap_err();
    assert_eq!(
        error.kind(),
        &ErrorKind::Violation(Violation::StateMismatch)
    );
    assert!(script.requests().is_empty());

    let first = client.fetch_token(alice, alices.as_str()).await.unwrap();
    let second = client.fetch_token(bob, bobs.as_str()).await.unwrap();
    assert_eq!(first.access_token.expose_secret(), "alices");
    assert_eq!(second.access_token.expose_secret(), "bobs");
    assert_eq!(client.credentials().token(), None);
}
