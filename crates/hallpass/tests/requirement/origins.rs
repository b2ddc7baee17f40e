//! A secret goes to the origins of its scheme and to no other.

use hallpass::{InvalidOrigin, Origin, Requirement, Scheme, SecurityError};

use crate::support::{Script, api, key, request, security, shown, tokenless};

fn every_kind(origin: &Origin) -> [Scheme; 6] {
    [
        Scheme::oauth("oauth", origin, crate::support::token("canary")).unwrap(),
        Scheme::bearer("bearer", origin, "canary").unwrap(),
        Scheme::basic("basic", origin, "alice", "canary").unwrap(),
        Scheme::header_key("header", origin, "x-api-key", "canary").unwrap(),
        Scheme::query_key("query", origin, "key", "canary").unwrap(),
        Scheme::cookie_key("cookie", origin, "sid", "canary").unwrap(),
    ]
}

#[tokio::test]
async fn a_secret_for_one_origin_is_never_written_for_another() {
    for scheme in every_kind(&api()) {
        let name = scheme.name().to_owned();
        let security = security([scheme], name.as_str());
        for uri in [
            "https://evil.example/",
            "https://api.example:8443/",
            "https://api.example:80/",
            "https://www.api.example/",
            "https://api.example.evil.example/",
            "https://evil.example/https://api.example/",
            "https://evil.example?https://api.example/",
            "http://localhost/",
        ] {
            let mut request = request(uri);
            let error = security.authorize(&mut request).await.unwrap_err();
            assert_eq!(shown(&request), shown(&crate::support::request(uri)));
            let SecurityError::OtherOrigin { scheme, origin } = &error else {
                panic!("{uri}: {error:?}")
            };
            assert_eq!(*scheme, name);
            assert_ne!(*origin, api());
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
    }
}

#[tokio::test]
async fn an_address_that_does_not_say_where_it_goes_gets_nothing() {
    for scheme in every_kind(&api()) {
        let name = scheme.name().to_owned();
        let security = security([scheme], name.as_str());
        for uri in [
            "/files",
            "*",
            "api.example:443",
            "http://api.example/",
            "ftp://api.example/",
            "https://alice:pw@api.example/",
            "https://api.example./",
        ] {
            let mut request = request(uri);
            let error = security.authorize(&mut request).await.unwrap_err();
            assert!(
                matches!(error, SecurityError::Address(_)),
                "{uri}: {error:?}"
            );
            assert_eq!(shown(&request), [uri]);
        }
    }
    let security = security([key("apiKey", "canary")], "apiKey");
    let error = security
        .authorize(&mut request("/files"))
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        SecurityError::Address(InvalidOrigin::Relative)
    ));
}

#[tokio::test]
async fn one_origin_may_be_written_in_several_ways() {
    for uri in [
        "https://api.example",
        "https://API.example/x",
        "HTTPS://api.example:443/?x=https://evil.example",
    ] {
        let security = security([key("apiKey", "secret")], "apiKey");
        assert!(security.authorize(&mut request(uri)).await.is_ok(), "{uri}");
    }
}

#[tokio::test]
async fn a_scheme_may_have_several_origins() {
    let here = Origin::new("http://127.0.0.1:8080").unwrap();
    let security = security([key("apiKey", "secret").with_origin(here)], "apiKey");
    for uri in ["https://api.example/", "http://127.0.0.1:8080/"] {
        assert!(security.authorize(&mut request(uri)).await.is_ok(), "{uri}");
    }
    let error = security.authorize(&mut request("http://127.0.0.1/")).await;
    assert!(matches!(error, Err(SecurityError::OtherOrigin { .. })));
}

#[tokio::test]
async fn another_origin_is_an_error_whichever_scheme_would_be_used_and_nobody_is_asked() {
    let other = Origin::new("https://other.example").unwrap();
    let script = Script::default();
    let session = Scheme::oauth("session", api(), script.expired_session().await).unwrap();
    let foreign = Scheme::header_key("foreign", &other, "x-key", "canary").unwrap();
    for requirement in [
        Requirement::any(["session", "foreign"]),
        Requirement::any(["foreign", "session"]),
        Requirement::all(["session", "foreign"]),
        Requirement::any(["lacking", "foreign"]),
    ] {
        let schemes = [session.clone(), foreign.clone(), tokenless("lacking")];
        let security = security(schemes, requirement);
        let mut request = request("https://api.example/");
        let error = security.authorize(&mut request).await.unwrap_err();
        assert!(
            matches!(&error, SecurityError::OtherOrigin { scheme, .. } if scheme == "foreign"),
            "{error:?}"
        );
        assert!(request.headers().is_empty());
    }
    assert_eq!(script.requests(), 0);
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn a_reqwest_request_to_another_origin_gets_nothing() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = hallpass::reqwest::Client::new();
    for scheme in every_kind(&api()) {
        let name = scheme.name().to_owned();
        let security = security([scheme], name.as_str());
        for url in [
            "https://evil.example/",
            "https://api.example:8443/",
            "http://api.example/",
        ] {
            let mut request = http.get(url).build().unwrap();
            assert!(security.authorize(&mut request).await.is_err(), "{url}");
            assert!(request.headers().is_empty() && request.url().as_str() == url);
        }
        let mut request = http.get("https://API.example:443/x").build().unwrap();
        assert!(security.authorize(&mut request).await.is_ok());
    }
}
