//! What goes wrong in a redirect, as the application sees it.

use hallpass::{ImplicitCredentials, Profile, TokenSet};
use hallpass_testkit::{Config, Endpoint, NamedFault, TestServer};

use crate::support::{REDIRECT_URI, consent, log_in, native, provider, scopes};
use crate::table::{Outcome, check};

async fn by_code(fault: NamedFault, profile: Profile) -> Outcome<TokenSet> {
    let server = TestServer::start(Config::new());
    server.inject(fault);
    let provider = provider(&server).await.with_profile(profile);
    let outcome = log_in(&server, &provider.client(native())).await;
    // What is not good is not sent on.
    let sent = server.requests_to(Endpoint::Token).len();
    assert_eq!(sent, usize::from(outcome.is_ok()), "{}", fault.name());
    outcome
}

async fn by_token(fault: NamedFault, profile: Profile) -> Outcome<TokenSet> {
    let server = TestServer::start(Config::new());
    server.inject(fault);
    let provider = provider(&server).await.with_profile(profile);
    let client = provider.client(
        ImplicitCredentials::new()
            .with_client_id("httpig")
            .with_redirect_uri(REDIRECT_URI)
            .with_scopes(scopes("read write")),
    );
    let (url, pending) = client.authorization_url()?;
    let callback = consent(&server, url.as_str());
    let tokens = client.receive_token(pending, callback.as_str())?;
    assert_eq!(tokens.refresh_token, None);
    Ok(tokens)
}

const SLASH: Option<(&str, &str)> = Some((r#"{"issuer":"trailing_slash"}"#, "ok"));

#[tokio::test]
async fn a_redirect_with_a_code_is_right_or_an_error_that_sends_nothing() {
    let rows = [
        (NamedFault::StateAltered, "StateMismatch, Fail", None),
        (NamedFault::StateMissing, "StateMismatch, Fail", None),
        (NamedFault::StateTruncated, "StateMismatch, Fail", None),
        (NamedFault::ShortStateRefused, "ok", None),
        (NamedFault::IssuerWrong, "IssuerMismatch, Fail", None),
        (NamedFault::IssuerMissing, "IssuerMismatch, Fail", None),
        (NamedFault::IssuerSlash, "IssuerMismatch, Fail", SLASH),
        (NamedFault::DuplicateState, "DuplicateParameter, Fail", None),
        (NamedFault::DuplicateCode, "DuplicateParameter, Fail", None),
        (NamedFault::CodeAndError, "Malformed, Fail", None),
        (NamedFault::EmptyCode, "Malformed, Fail", None),
        (NamedFault::EmptyAccessToken, "ok", None),
        (
            NamedFault::ConsentDenied,
            "access_denied, Reauthorize",
            None,
        ),
        (
            NamedFault::ConsentTemporarilyUnavailable,
            "temporarily_unavailable, Retry",
            None,
        ),
        (
            NamedFault::ConsentErrorLineBreaks,
            "access_denied, Reauthorize",
            None,
        ),
        (NamedFault::CodeInFragment, "WrongResponseMode, Fail", None),
    ];
    check(&rows, by_code).await;
}

#[tokio::test]
async fn a_redirect_with_a_token_is_right_or_an_error() {
    let named = Some((r#"{"token_parameter":"token_or_access_token"}"#, "ok"));
    let rows = [
        (NamedFault::StateAltered, "StateMismatch, Fail", None),
        (NamedFault::IssuerWrong, "IssuerMismatch, Fail", None),
        (NamedFault::IssuerSlash, "IssuerMismatch, Fail", SLASH),
        (NamedFault::IssuerInQuery, "ok", None),
        (NamedFault::TokenInQuery, "WrongResponseMode, Fail", None),
        (NamedFault::RefreshTokenInFragment, "ok", None),
        (
            NamedFault::TokenForAccessToken,
            "NoAccessToken, Fail",
            named,
        ),
        (
            NamedFault::EmptyAccessToken,
            "DuplicateParameter, Fail",
            None,
        ),
        (NamedFault::CodeAndError, "Malformed, Fail", None),
        (
            NamedFault::ConsentDenied,
            "access_denied, Reauthorize",
            None,
        ),
    ];
    check(&rows, by_token).await;
}
