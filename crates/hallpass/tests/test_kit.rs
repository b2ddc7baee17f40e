//! The whole way on the test kit's server, with its faults switched on.
#![cfg(feature = "reqwest")]

use hallpass::{
    AccessToken, ApiError, AuthorizationCode, AuthorizationCodeCredentials, Client, ErrorCode,
    ErrorKind, Implicit, ImplicitCredentials, Issuer, Profile, Provider, ProviderError, Scopes,
    TokenSet, Violation,
};
use hallpass_testkit::{
    Body, Config, Decision, Endpoint, Fault, Hostile, TestServer, TokenParameter, User, Value,
};

async fn provider(server: &TestServer) -> Provider {
    let issuer = Issuer::new(server.issuer()).unwrap();
    Provider::discover("OAuthACG", issuer).await.unwrap()
}

async fn code_client(server: &TestServer) -> Client<AuthorizationCode> {
    provider(server).await.client(
        AuthorizationCodeCredentials::new()
            .with_client_id("oauthacg")
            .with_client_secret("acg-secret")
            .with_redirect_uri("http://127.0.0.1/callback")
            .with_scopes(Scopes::parse("file_requests.read").unwrap()),
    )
}

async fn implicit_client(server: &TestServer, profile: Profile) -> Client<Implicit> {
    let credentials = ImplicitCredentials::new()
        .with_client_id("httpig")
        .with_redirect_uri("http://127.0.0.1/callback")
        .with_scopes(Scopes::parse("read write").unwrap());
    provider(server)
        .await
        .with_profile(profile)
        .client(credentials)
}

async fn log_in(
    server: &TestServer,
    client: &Client<AuthorizationCode>,
) -> Result<TokenSet, ProviderError> {
    let (url, pending) = client.authorization_url()?;
    let callback = server
        .consent(url.as_str(), &User::alice(), &Decision::Allow)
        .unwrap();
    client.fetch_token(pending, callback.as_str()).await
}

fn receive(server: &TestServer, client: &Client<Implicit>) -> Result<TokenSet, ProviderError> {
    let (url, pending) = client.authorization_url()?;
    let callback = server
        .consent(url.as_str(), &User::alice(), &Decision::Allow)
        .unwrap();
    client.receive_token(pending, callback.as_str())
}

async fn call(server: &TestServer, client: &Client<AuthorizationCode>) -> Result<String, ApiError> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .authorize_reqwest(http.get(server.resource_url()))
        .unwrap();
    let response = request.send().await.unwrap();
    ApiError::check(response.status(), response.headers())?;
    Ok(response.text().await.unwrap())
}

fn violation(error: &ProviderError) -> &Violation {
    match error.kind() {
        ErrorKind::Violation(violation) => violation,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_discovered_server_is_walked_from_consent_to_an_authorised_call_and_a_refresh() {
    let server = TestServer::start(Config::new());
    let client = code_client(&server).await;
    let tokens = log_in(&server, &client).await.unwrap();
    let first = client.clone_with(|own| own.with_token(tokens));
    assert!(call(&server, &first).await.unwrap().contains("alice"));

    let second = first.clone_with(|own| own.without_token());
    let tokens = first.refresh_token().await.unwrap();
    let second = second.clone_with(|own| own.with_token(tokens));
    assert!(call(&server, &second).await.unwrap().contains("alice"));

    // The first refresh token again: the server takes the whole family for stolen.
    let error = first.refresh_token().await.unwrap_err();
    assert_eq!(
        error.refused().unwrap().code(),
        Some(&ErrorCode::INVALID_GRANT)
    );
    assert!(call(&server, &second).await.unwrap_err().is_unauthorized());
}

#[tokio::test]
async fn a_token_the_server_does_not_know_is_an_api_error_and_no_provider_error() {
    let server = TestServer::start(Config::new());
    let token = TokenSet::new(AccessToken::new("unknown").unwrap());
    let client = code_client(&server)
        .await
        .clone_with(|own| own.with_token(token));
    let error = call(&server, &client).await.unwrap_err();
    assert_eq!(error.error.as_deref(), Some("invalid_token"));
}

#[tokio::test]
async fn whatever_is_wrong_with_the_redirect_the_token_endpoint_hears_nothing_of_it() {
    let server = TestServer::start(Config::new());
    let client = code_client(&server).await;
    for (fault, expected) in [
        (Fault::StateAltered, Some(Violation::StateMismatch)),
        (Fault::StateMissing, Some(Violation::StateMismatch)),
        (Fault::StateTruncated, Some(Violation::StateMismatch)),
        (Fault::IssuerWrong, Some(Violation::IssuerMismatch)),
        (Fault::IssuerMissing, Some(Violation::IssuerMismatch)),
        (
            Fault::DuplicateParameter("code".into()),
            Some(Violation::DuplicateParameter),
        ),
        (Fault::Appended("&a=%zz".into()), Some(Violation::Encoding)),
        (
            Fault::CodeInFragment,
            Some(Violation::WrongResponseMode("code")),
        ),
        (Fault::CodeAndError, None),
        (Fault::EmptyCode, None),
    ] {
        server.inject(fault.clone().once());
        let error = log_in(&server, &client).await.unwrap_err();
        match expected {
            Some(expected) => assert_eq!(violation(&error), &expected, "{fault:?}"),
            None => assert!(
                matches!(violation(&error), Violation::Malformed(_)),
                "{fault:?}"
            ),
        }
    }
    server.with(|server| {
        assert!(server.requests_to(Endpoint::Token).is_empty());
    });
    assert!(log_in(&server, &client).await.is_ok());
}

#[tokio::test]
async fn a_hostile_description_is_shown_harmlessly() {
    let server = TestServer::start(Config::new());
    let client = code_client(&server).await;
    for hostile in [Hostile::CrLf, Hostile::Ansi, Hostile::Html] {
        server.inject(Fault::HostileDescription(hostile).once());
        let shown = log_in(&server, &client).await.unwrap_err().to_string();
        assert!(shown.contains("denied"), "{shown}");
        assert!(
            !shown.contains(['\r', '\n', '\u{1b}', '\u{9b}', '<', '>']),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn an_implicit_answer_is_taken_apart_by_the_profiles_rules() {
    let server = TestServer::start(Config::new());
    let strict = implicit_client(&server, Profile::STRICT).await;
    let httpig = implicit_client(&server, Profile::HTTPIG).await;
    assert!(receive(&server, &strict).is_ok());
    for (parameter, by_strict, by_httpig) in [
        (TokenParameter::Only, false, true),
        (TokenParameter::Equal, true, true),
        (TokenParameter::Different, true, false),
    ] {
        server.inject(Fault::TokenParameter(parameter).times(2));
        assert_eq!(
            receive(&server, &strict).is_ok(),
            by_strict,
            "{parameter:?}"
        );
        assert_eq!(
            receive(&server, &httpig).is_ok(),
            by_httpig,
            "{parameter:?}"
        );
    }
}

#[tokio::test]
async fn a_token_in_the_query_is_refused_and_a_refresh_token_in_the_fragment_discarded() {
    let server = TestServer::start(Config::new());
    let client = implicit_client(&server, Profile::STRICT).await;
    server.inject(Fault::TokenInQuery.once());
    let error = receive(&server, &client).unwrap_err();
    assert!(matches!(violation(&error), Violation::WrongResponseMode(_)));

    server.inject(Fault::RefreshTokenInFragment.once());
    assert_eq!(receive(&server, &client).unwrap().refresh_token, None);

    server.inject(Fault::TokenType(Value::Absent).once());
    assert_eq!(
        violation(&receive(&server, &client).unwrap_err()),
        &Violation::TokenType
    );
}

#[tokio::test]
async fn a_token_endpoint_that_makes_no_sense_gives_a_typed_error_each_time() {
    let server = TestServer::start(Config::new());
    let client = code_client(&server).await;
    for fault in [
        Fault::Body {
            status: 200,
            body: Body::EmptyObject,
        },
        Fault::Body {
            status: 200,
            body: Body::EmptyArray,
        },
        Fault::Body {
            status: 200,
            body: Body::Text,
        },
        Fault::Body {
            status: 200,
            body: Body::Empty,
        },
        Fault::Body {
            status: 200,
            body: Body::Html,
        },
        Fault::ContentType("text/html".into()),
        Fault::AccessToken(Value::json("null")),
        Fault::AccessToken(Value::json("7")),
        Fault::AccessToken(Value::text("")),
        Fault::TokenType(Value::text("mac")),
        Fault::DuplicateMember("access_token".into()),
        Fault::JsonDepth(10_000),
        Fault::ExpiresIn(Value::text("abc")),
    ] {
        server.inject(fault.clone().once());
        let error = log_in(&server, &client).await.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Violation(_)),
            "{fault:?}: {error:?}"
        );
    }
    for fault in [
        Fault::Body {
            status: 502,
            body: Body::Html,
        },
        Fault::TooManyRequests { retry_after: 1 },
        Fault::Redirect {
            status: 307,
            location: "//evil.example/".into(),
        },
    ] {
        server.inject(fault.clone().once());
        let error = log_in(&server, &client).await.unwrap_err();
        assert!(error.refused().is_some(), "{fault:?}: {error:?}");
    }
    for fault in [
        Fault::CloseBeforeAnswer,
        Fault::LoseAnswer,
        Fault::EndlessBody,
    ] {
        server.inject(fault.clone().once());
        let error = log_in(&server, &client).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::InDoubt, "{fault:?}");
    }
}

#[tokio::test]
async fn a_server_that_offers_only_plain_pkce_gets_no_login() {
    let server = TestServer::start(Config::new());
    server.inject(Fault::PkcePlainOnly);
    let error = code_client(&server).await.authorization_url().unwrap_err();
    assert_eq!(violation(&error), &Violation::PkceUnsupported);
}
