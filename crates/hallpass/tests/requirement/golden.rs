//! Requests as they go out, for each kind of scheme.

use hallpass::{InvalidScheme, Scheme};

use crate::support::{api, request, security, shown, token};

async fn written(scheme: Result<Scheme, InvalidScheme>, uri: &str) -> Vec<String> {
    let mut request = request(uri);
    let name = "scheme";
    let security = security([scheme.unwrap()], name);
    assert_eq!(
        security.authorize(&mut request).await.unwrap().schemes(),
        [name]
    );
    shown(&request)
}

const FILES: &str = "https://api.example/files";

#[tokio::test]
async fn headers_are_written_as_their_rfcs_say() {
    for (scheme, header) in [
        (
            Scheme::oauth("scheme", api(), token("t0k-en")),
            "authorization: Bearer t0k-en",
        ),
        (
            Scheme::bearer("scheme", api(), "t0k-en"),
            "authorization: Bearer t0k-en",
        ),
        // The two examples of RFC 7617.
        (
            Scheme::basic("scheme", api(), "Aladdin", "open sesame"),
            "authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        ),
        (
            Scheme::basic("scheme", api(), "test", "123\u{a3}"),
            "authorization: Basic dGVzdDoxMjPCow==",
        ),
        (
            Scheme::basic("scheme", api(), "key", ""),
            "authorization: Basic a2V5Og==",
        ),
        (
            Scheme::basic("scheme", api(), "", "key:x"),
            "authorization: Basic OmtleTp4",
        ),
        (
            Scheme::header_key("scheme", api(), "X-Api-Key", "ak&1 x"),
            "x-api-key: ak&1 x",
        ),
        (
            Scheme::header_key("scheme", api(), "Authorization", "ApiKey 1"),
            "authorization: ApiKey 1",
        ),
        (
            Scheme::cookie_key("scheme", api(), "__Host-sid", "a=b&c"),
            "cookie: __Host-sid=a=b&c",
        ),
    ] {
        assert_eq!(written(scheme, FILES).await, [FILES, header]);
    }
}

#[tokio::test]
async fn a_query_key_is_percent_encoded_and_the_rest_of_the_query_stays() {
    let key = |name, key| Scheme::query_key("scheme", api(), name, key);
    for (scheme, before, after) in [
        (key("api_key", "ak&1"), "/files", "/files?api_key=ak%261"),
        (key("api_key", "ak&1"), "", "/?api_key=ak%261"),
        (key("api_key", "ak&1"), "/?", "/?api_key=ak%261"),
        (key("k", "1"), "/?a=b&", "/?a=b&k=1"),
        (
            key("k", "1"),
            "/?a=%7e+%2B&&a=;/?@'",
            "/?a=%7e+%2B&&a=;/?@'&k=1",
        ),
        (key("k", "1"), "/?K=2&xk=3&k[]=4", "/?K=2&xk=3&k[]=4&k=1"),
        (key("k 1", "-._~"), "/", "/?k%201=-._~"),
        (key("k", "+ é\r\n%#"), "/", "/?k=%2B%20%C3%A9%0D%0A%25%23"),
    ] {
        let written = written(scheme, &format!("https://api.example{before}")).await;
        assert_eq!(written, [format!("https://api.example{after}")]);
    }
}

#[tokio::test]
async fn the_parts_of_a_request_are_written_like_a_request() {
    let scheme = Scheme::query_key("scheme", api(), "api_key", "ak&1").unwrap();
    let (mut parts, ()) = request(FILES).into_parts();
    security([scheme], "scheme")
        .authorize(&mut parts)
        .await
        .unwrap();
    assert_eq!(parts.uri, "https://api.example/files?api_key=ak%261");
    let scheme = Scheme::bearer("scheme", api(), "canary").unwrap();
    security([scheme], "scheme")
        .authorize(&mut parts)
        .await
        .unwrap();
    assert_eq!(parts.headers["authorization"], "Bearer canary");
    assert!(parts.headers["authorization"].is_sensitive());
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn a_reqwest_request_is_written_like_any_other() {
    use hallpass::Requirement;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = hallpass::reqwest::Client::new();
    let security = security(
        [
            Scheme::basic("login", api(), "Aladdin", "open sesame").unwrap(),
            Scheme::query_key("query", api(), "api_key", "ak&1").unwrap(),
            Scheme::cookie_key("cookie", api(), "sid", "x").unwrap(),
        ],
        Requirement::all(["login", "query", "cookie"]),
    );
    let request = http
        .get("https://api.example/files?a=%7e+%2B'")
        .header("cookie", "a=b");
    let (request, applied) = security.authorize_reqwest(request).await.unwrap();
    assert_eq!(applied.schemes(), ["login", "query", "cookie"]);
    let mut request = request.build().unwrap();
    assert_eq!(
        request.url().as_str(),
        "https://api.example/files?a=%7e+%2B%27&api_key=ak%261"
    );
    assert_eq!(
        request.headers()["authorization"],
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    );
    assert_eq!(request.headers()["cookie"], "a=b; sid=x");

    let before = format!("{request:?}");
    let error = security.authorize(&mut request).await.unwrap_err();
    assert!(
        matches!(error, hallpass::SecurityError::Occupied { .. }),
        "{error:?}"
    );
    assert_eq!(format!("{request:?}"), before);
    let error = security
        .authorize_reqwest(http.get("no address, canary"))
        .await
        .unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
}
