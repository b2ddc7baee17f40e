//! Refusals in other words and other forms, as the application sees them.

use hallpass::{AuthorizationCodeCredentials, Profile, TokenSet};
use hallpass_testkit::{Client, Config, GrantType, NamedFault, TestServer};

use crate::support::{consent, log_in, native, provider, service, with_token};
use crate::table::{Outcome, check, seen};

/// A service that has another secret than the server knows.
async fn with_a_wrong_secret(fault: NamedFault, profile: Profile) -> Outcome<TokenSet> {
    let server = TestServer::start(Config::new());
    server.inject(fault);
    let provider = provider(&server).await.with_profile(profile);
    let client = provider.client(service().with_client_secret("wrong"));
    client.fetch_token().await
}

#[tokio::test]
async fn a_wrong_secret_is_never_taken_for_an_answer_and_mostly_called_by_its_name() {
    let form = r#"{"answer":"json_or_form"}"#;
    let form = Some((form, "invalid_client, Fix"));
    let rows = [
        (
            NamedFault::WrongSecretUnauthorizedClient,
            "unauthorized_client, Fix",
            None,
        ),
        (NamedFault::ErrorEmpty400, "status 400, Fail", None),
        (NamedFault::ErrorEmpty401, "status 401, Fail", None),
        (NamedFault::ErrorHtml200, "ContentType, Fail", None),
        (NamedFault::ErrorJson200, "invalid_client, Fix", None),
        (NamedFault::ErrorNotOk, "invalid_client, Fix", None),
        (NamedFault::ErrorFormEncoded200, "ContentType, Fail", form),
        (NamedFault::ErrorFormEncoded400, "status 400, Fail", form),
        (NamedFault::FormEncoded, "status 401, Fail", form),
        (
            NamedFault::FormEncodedUnlessAccepted,
            "invalid_client, Fix",
            None,
        ),
        (
            NamedFault::TokenErrorLineBreaks,
            "invalid_request, Fix",
            None,
        ),
        (NamedFault::LoginUnlessAccepted, "invalid_client, Fix", None),
    ];
    check(&rows, with_a_wrong_secret).await;
}

/// A refresh token that the server has taken back.
async fn with_a_dead_refresh_token(fault: NamedFault, profile: Profile) -> Outcome<TokenSet> {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await.with_profile(profile);
    let client = provider.client(native());
    let client = with_token(&client, log_in(&server, &client).await.unwrap());
    server.inject(fault);
    server.with(|server| server.revoke_everything());
    let outcome = client.refresh_token().await;
    let refused = outcome.as_ref().unwrap_err().refused().unwrap();
    let is_over = seen(&outcome).ends_with(", Reauthorize");
    assert!(is_over || !refused.ends_grant());
    outcome
}

#[tokio::test]
async fn a_dead_refresh_token_is_one_to_log_in_again_after_where_the_profile_knows_its_name() {
    let rows = [
        (
            NamedFault::RefreshInvalidGrant,
            "invalid_grant, Reauthorize",
            None,
        ),
        (
            NamedFault::DeadGrantInvalidRequest,
            "invalid_request, Fix",
            Some((
                r#"{"dead_refresh_token":["invalid_request"]}"#,
                "invalid_request, Reauthorize",
            )),
        ),
        (
            NamedFault::DeadGrantAccessDenied,
            "access_denied, Reauthorize",
            Some((
                r#"{"dead_refresh_token":["access_denied"]}"#,
                "access_denied, Reauthorize",
            )),
        ),
        (
            NamedFault::DeadGrantInvalidCode,
            "invalid_code, Reauthorize",
            Some((
                r#"{"dead_refresh_token":["invalid_code"]}"#,
                "invalid_code, Reauthorize",
            )),
        ),
    ];
    check(&rows, with_a_dead_refresh_token).await;
}

/// A code that was used before.
async fn with_a_spent_code(fault: NamedFault, profile: Profile) -> Outcome<TokenSet> {
    let server = TestServer::start(Config::new());
    let provider = provider(&server).await.with_profile(profile);
    let client = provider.client(native());
    let (url, pending) = client.authorization_url().unwrap();
    let callback = consent(&server, url.as_str());
    let again = pending.clone();
    client.fetch_token(pending, callback.as_str()).await?;
    server.inject(fault);
    client.fetch_token(again, callback.as_str()).await
}

#[tokio::test]
async fn a_spent_code_is_one_to_log_in_again_after() {
    let rows = [
        (
            NamedFault::DeadGrantInvalidRequest,
            "invalid_request, Fix",
            None,
        ),
        (
            NamedFault::DeadGrantAccessDenied,
            "access_denied, Reauthorize",
            None,
        ),
        (
            NamedFault::DeadGrantInvalidCode,
            "invalid_code, Reauthorize",
            None,
        ),
    ];
    check(&rows, with_a_spent_code).await;
}

/// A client whose id and secret are other texts when they are form-encoded.
async fn with_odd_characters(fault: NamedFault, profile: Profile) -> Outcome<TokenSet> {
    let odd =
        Client::confidential("odd client", "a+b c%").grant_types([GrantType::ClientCredentials]);
    let server = TestServer::start(Config::new().client(odd));
    server.inject(fault);
    let provider = provider(&server).await.with_profile(profile);
    let credentials = service()
        .with_client_id("odd client")
        .with_client_secret("a+b c%");
    provider.client(credentials).fetch_token().await
}

#[tokio::test]
async fn a_server_that_does_not_decode_basic_needs_a_profile_and_the_error_says_which() {
    let rows = [(
        NamedFault::RawBasic,
        "invalid_client, Fix",
        Some((r#"{"basic":"raw"}"#, "ok")),
    )];
    check(&rows, with_odd_characters).await;
}

#[tokio::test]
async fn a_description_with_line_breaks_is_one_line() {
    let outcome = with_a_wrong_secret(NamedFault::TokenErrorLineBreaks, Profile::STRICT).await;
    let shown = outcome.unwrap_err().to_string();
    assert!(
        shown.contains("denied") && !shown.contains(['\r', '\n']),
        "{shown}"
    );
}

#[tokio::test]
async fn a_public_client_that_should_have_a_secret_is_told_to_be_mended() {
    let server = TestServer::start(Config::new());
    let credentials = AuthorizationCodeCredentials::new()
        .with_client_id("oauthacg")
        .with_redirect_uri(crate::support::REDIRECT_URI);
    let client = provider(&server).await.client(credentials);
    let outcome = log_in(&server, &client).await;
    assert_eq!(seen(&outcome), "invalid_client, Fix");
}
