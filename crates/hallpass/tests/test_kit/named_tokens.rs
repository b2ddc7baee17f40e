//! What goes wrong in a token endpoint's good answers, as the application sees it.

use hallpass::{Client, Profile, TokenSet};
use hallpass_testkit::{Config, NamedFault, TestServer};

use crate::support::{log_in, native, provider, scopes, with_token};
use crate::table::{Outcome, check};

async fn login(fault: NamedFault, profile: Profile) -> Outcome<TokenSet> {
    let server = TestServer::start(Config::new());
    server.inject(fault);
    let provider = provider(&server).await.with_profile(profile);
    log_in(&server, &provider.client(native())).await
}

#[tokio::test]
async fn an_answer_is_read_as_it_was_meant_or_an_error() {
    let form = Some((r#"{"answer":"json_or_form"}"#, "ok"));
    let nested = Some((r#"{"token_object":"authed_user"}"#, "ok"));
    let optional = Some((r#"{"token_type":"optional"}"#, "ok"));
    let ignored = Some((r#"{"token_type":"ignored"}"#, "ok"));
    let rows = [
        (NamedFault::NoScope, "ok", None),
        (NamedFault::ScopeArray, "ok", None),
        (NamedFault::NoExpiresIn, "ok", None),
        (NamedFault::ExpiresInText, "ok", None),
        (NamedFault::ExpiresInFloat, "ok", None),
        (NamedFault::ExpiresInNull, "ok", None),
        (NamedFault::NoTokenType, "TokenType, Fail", optional),
        (NamedFault::TokenTypeLowerCase, "ok", None),
        (NamedFault::TokenTypeUpperCase, "ok", None),
        (NamedFault::TokenTypeUnknown, "TokenType, Fail", ignored),
        (NamedFault::NoAccessToken, "NoAccessToken, Fail", None),
        (NamedFault::NestedTokens, "NoAccessToken, Fail", nested),
        (NamedFault::NoRefreshToken, "ok", None),
        (NamedFault::NoRefreshTokenForPublic, "ok", None),
        (NamedFault::DuplicateAccessToken, "Json, Fail", None),
        (NamedFault::JsonDeep, "Json, Fail", None),
        (NamedFault::FormEncoded, "ContentType, Fail", form),
        (NamedFault::FormEncodedUnlessAccepted, "ok", None),
        (NamedFault::WrongContentType, "ContentType, Fail", None),
    ];
    check(&rows, login).await;
}

#[tokio::test]
async fn scopes_are_what_the_server_said_and_else_what_was_asked_for() {
    let commas = r#"{"granted_scopes":"comma"}"#;
    for (fault, profile, expected) in [
        (NamedFault::NoScope, "{}", "read write"),
        (NamedFault::ScopeArray, "{}", "read write"),
        (NamedFault::ScopeCommas, commas, "read write"),
        // RFC 6749 §5.1 makes silence mean all that was asked for: nobody can know better.
        (NamedFault::DroppedScope, "{}", "read write"),
        // One scope with a comma in it, which is none that was asked for: `TokenSet::compared_with` tells.
        (NamedFault::ScopeCommas, "{}", "read,write"),
    ] {
        let profile = serde_json::from_str(profile).unwrap();
        let tokens = login(fault, profile).await.unwrap();
        assert_eq!(tokens.scopes, scopes(expected), "{}", fault.name());
        let missing = tokens.compared_with(&scopes("read write")).missing;
        assert_eq!(missing.is_empty(), expected == "read write");
    }
}

#[tokio::test]
async fn a_lifetime_is_what_it_says_and_unknown_where_it_says_nothing() {
    for (fault, seconds) in [
        (NamedFault::ExpiresInText, Some(3600)),
        (NamedFault::ExpiresInFloat, Some(3599)),
        (NamedFault::NoExpiresIn, None),
        (NamedFault::ExpiresInNull, None),
    ] {
        let before = time::UtcDateTime::now();
        let tokens = login(fault, Profile::STRICT).await.unwrap();
        let lifetime = tokens.expires_at.map(|end| (end - before).whole_seconds());
        let apart = lifetime.zip(seconds).map(|(a, b)| (a - b).abs());
        assert_eq!(lifetime.is_some(), seconds.is_some(), "{}", fault.name());
        assert!(apart.is_none_or(|apart| apart <= 10), "{apart:?}");
    }
}

/// A client with the tokens of a login that nothing went wrong with.
async fn logged_in(server: &TestServer, profile: Profile) -> Client<hallpass::AuthorizationCode> {
    let provider = provider(server).await.with_profile(profile);
    let client = provider.client(native());
    let tokens = log_in(server, &client).await.unwrap();
    with_token(&client, tokens)
}

#[tokio::test]
async fn a_refresh_token_that_does_not_come_anew_is_kept() {
    for fault in [
        NamedFault::NoRefreshToken,
        NamedFault::NoRefreshTokenForPublic,
    ] {
        let server = TestServer::start(Config::new());
        let client = logged_in(&server, Profile::STRICT).await;
        server.inject(fault);
        for _ in 0..2 {
            let tokens = client.refresh_token().await.unwrap();
            let before = client.credentials().token().unwrap();
            assert_eq!(tokens.refresh_token, before.refresh_token);
        }
        // A login that brings none has none.
        let tokens = login(fault, Profile::STRICT).await.unwrap();
        assert_eq!(tokens.refresh_token, None, "{}", fault.name());
    }
}

#[tokio::test]
async fn a_refresh_that_brings_more_than_was_asked_for_says_which_scopes() {
    let server = TestServer::start(Config::new());
    let client = logged_in(&server, Profile::STRICT).await;
    server.inject(NamedFault::RefreshMoreScopes);
    let tokens = client.credentials().token().unwrap().clone();
    let narrow = client.clone_with(|own| own.with_token(tokens.with_scopes(scopes("read"))));
    let tokens = narrow.refresh_token().await.unwrap();
    let added = tokens.compared_with(&scopes("read")).added;
    assert_eq!(added, scopes("write"));
}
