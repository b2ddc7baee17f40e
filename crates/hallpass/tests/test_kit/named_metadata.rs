//! Metadata that is not as RFC 8414 says, as the application sees it.

use std::sync::Arc;

use hallpass::driver::{Driver, ReqwestTransport};
use hallpass::{Issuer, Profile, Provider};
use hallpass_testkit::{Body, Config, Endpoint, Fault, NamedFault, TestServer, Value};

use crate::support::{Clock, log_in, native};
use crate::table::{Outcome, check, seen};

async fn discover(server: &Arc<TestServer>, profile: Profile) -> Outcome<Provider> {
    let driver = Driver::new(ReqwestTransport::new().unwrap(), Clock::new(server));
    let issuer = Issuer::new(server.issuer()).unwrap();
    Provider::discover_with_profile("OAuthACG", issuer, profile, driver).await
}

/// The whole way: metadata, consent, exchange.
async fn from_metadata_to_token(fault: NamedFault, profile: Profile) -> Outcome<()> {
    let server = Arc::new(TestServer::start(Config::new()));
    server.inject(fault);
    let provider = discover(&server, profile).await?;
    log_in(&server, &provider.client(native())).await?;
    Ok(())
}

#[tokio::test]
async fn metadata_is_the_issuers_own_and_complete_or_an_error() {
    let slash = Some((r#"{"issuer":"trailing_slash"}"#, "ok"));
    let rows = [
        (NamedFault::MetadataOnlyOAuth, "ok", None),
        (NamedFault::MetadataOnlyOpenId, "ok", None),
        (NamedFault::MetadataDiffers, "ok", None),
        (
            NamedFault::MetadataIssuerSlash,
            "MetadataIssuer, Fail",
            slash,
        ),
        (
            NamedFault::MetadataIssuerWrong,
            "MetadataIssuer, Fail",
            None,
        ),
        (NamedFault::MetadataPlainOnly, "PkceUnsupported, Fail", None),
        (NamedFault::MetadataInsecureEndpoint, "Metadata, Fail", None),
    ];
    check(&rows, from_metadata_to_token).await;
}

#[tokio::test]
async fn no_endpoint_of_the_metadata_may_be_anything_but_an_https_address() {
    for value in [
        "http://as.example/token",
        "https://user:canary@as.example/token",
        "https://as.example/token#canary",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "$(x)",
        "--flag",
    ] {
        for name in [
            "authorization_endpoint",
            "token_endpoint",
            "revocation_endpoint",
            "device_authorization_endpoint",
            "pushed_authorization_request_endpoint",
            "introspection_endpoint",
            "registration_endpoint",
        ] {
            let server = Arc::new(TestServer::start(Config::new()));
            server.inject(Fault::MetadataMember {
                name: name.to_owned(),
                value: Value::text(value),
            });
            let outcome = discover(&server, Profile::STRICT).await;
            assert_eq!(seen(&outcome), "Metadata, Fail", "{name}: {value}");
            let error = outcome.unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(name) && !shown.contains("canary"), "{shown}");
        }
    }
}

#[tokio::test]
async fn metadata_of_a_server_that_is_busy_is_waited_for_and_a_redirect_is_not_followed() {
    let at = Endpoint::Metadata;
    let busy = || Fault::TooManyRequests { retry_after: 3 }.at(at);
    let server = Arc::new(TestServer::start(Config::new()));
    server.inject(busy().times(2));
    assert!(discover(&server, Profile::STRICT).await.is_ok());

    let server = Arc::new(TestServer::start(Config::new()));
    server.inject(busy());
    let outcome = discover(&server, Profile::STRICT).await;
    assert_eq!(seen(&outcome), "status 429, Retry after 3s");
    assert_eq!(server.requests_to(at).len(), 3);

    for (injection, expected) in [
        (
            Fault::Redirect {
                status: 302,
                location: "http://169.254.169.254/".into(),
            },
            "status 302, Fail",
        ),
        (
            Fault::Body {
                status: 200,
                body: Body::Html,
            },
            "ContentType, Fail",
        ),
        (Fault::EndlessBody, "Transport, Retry"),
    ] {
        let server = Arc::new(TestServer::start(Config::new()));
        server.inject(injection.at(at));
        let outcome = discover(&server, Profile::STRICT).await;
        assert_eq!(seen(&outcome), expected);
    }
}
