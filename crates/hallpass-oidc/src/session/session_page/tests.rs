use hallpass_grant::{ErrorKind, Issuer, ServerMetadata};
use hallpass_token::Json;

use super::*;

fn provider(iframe: Option<&str>) -> ProviderMetadata {
    let issuer = Issuer::new("https://op.example").unwrap();
    let mut server = ServerMetadata::default().with_issuer(issuer);
    if let Some(iframe) = iframe {
        let iframe = Json::String(iframe.to_owned());
        server.extra.insert("check_session_iframe", iframe);
    }
    ProviderMetadata::new(server).unwrap()
}

fn page_at(iframe: &str, client_id: &str, state: &str, on_change: OnChange) -> SessionPage {
    let state = SessionState::new(state).unwrap();
    SessionPage::new(&provider(Some(iframe)), client_id, &state, on_change).unwrap()
}

fn page(on_change: OnChange) -> SessionPage {
    page_at(
        "https://op.example/session/check?a=1&b=2",
        "c1",
        "hash.salt",
        on_change,
    )
}

fn policy(page: &SessionPage) -> String {
    let headers = page.headers().into_iter();
    let mut found = headers.filter(|(name, _)| *name == "content-security-policy");
    found.next().unwrap().1
}

#[test]
fn the_page_has_everything_its_script_needs_as_data() {
    let html = page(OnChange::GoTo("/silent?x=1&y=2".to_owned())).html();
    for expected in [
        r#"data-source="https://op.example/session/check?a=1&amp;b=2""#,
        r#"data-origin="https://op.example""#,
        r#"data-message="c1 hash.salt""#,
        r#"data-every="5000""#,
        r#"data-next="/silent?x=1&amp;y=2""#,
        "<iframe id=\"op\" title=",
        SCRIPT,
    ] {
        assert!(html.contains(expected), "{expected} in {html}");
    }
    assert!(!html.contains("{{"));
    assert!(
        page(OnChange::TellParent)
            .html()
            .contains(r#"data-next="""#)
    );
}

#[test]
fn nothing_that_stands_in_it_is_read_as_markup_or_script() {
    let evil = r#""><script>alert('1')</script>&{{script}}"#;
    let html = page_at(
        "https://op.example/check",
        evil,
        &format!("s{evil}"),
        OnChange::TellParent,
    )
    .html();
    let escaped = "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;{{script}}";
    assert!(
        html.contains(&format!(r#"data-message="{escaped} s{escaped}""#)),
        "{html}"
    );
    assert_eq!(html.matches("<script>").count(), 1);
    assert_eq!(html.matches("</script>").count(), 1);
    assert_eq!(html.matches("<iframe").count(), 1);
}

#[test]
fn only_its_script_runs_and_only_the_provider_is_framed() {
    let own = page(OnChange::TellParent);
    let html = own.html();
    let (_, rest) = html.split_once("<script>").unwrap();
    let (script, _) = rest.split_once("</script>").unwrap();
    let hash = Base64::encode_string(&Sha256::digest(script));
    assert_eq!(
        policy(&own),
        format!(
            "default-src 'none'; script-src 'sha256-{hash}'; frame-src https://op.example; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'self'"
        )
    );
    let names: Vec<&str> = own.headers().iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "content-type",
            "content-security-policy",
            "cache-control",
            "referrer-policy",
            "x-content-type-options"
        ]
    );
    assert_eq!(own.headers()[0].1, "text/html; charset=utf-8");
    assert_eq!(own.headers()[2].1, "no-store");
}

#[test]
fn the_origin_is_written_as_a_browser_does() {
    for (iframe, origin) in [
        ("https://op.example:443/check", "https://op.example"),
        ("https://op.example:80/check", "https://op.example:80"),
        ("https://op.example:8443/check", "https://op.example:8443"),
    ] {
        let page = page_at(iframe, "c", "s", OnChange::TellParent);
        assert!(
            page.html().contains(&format!("data-origin=\"{origin}\"")),
            "{iframe}"
        );
        assert!(
            policy(&page).contains(&format!("frame-src {origin};")),
            "{iframe}"
        );
        assert_eq!(format!("{page:?}"), format!("SessionPage(at {origin})"));
    }
    let issuer = Issuer::new("http://localhost").unwrap();
    let mut server = ServerMetadata::default().with_issuer(issuer);
    let iframe = Json::String("http://localhost:80/check".to_owned());
    server.extra.insert("check_session_iframe", iframe);
    let provider = ProviderMetadata::new(server).unwrap();
    let state = SessionState::new("s").unwrap();
    let page = SessionPage::new(&provider, "c", &state, OnChange::TellParent).unwrap();
    assert!(page.html().contains("data-origin=\"http://localhost\""));
}

#[test]
fn it_asks_no_more_often_than_once_a_second_and_no_less_than_once_an_hour() {
    for (asked, milliseconds) in [
        (0, 1000),
        (999, 1000),
        (1500, 1500),
        (3_600_000, 3_600_000),
        (u64::MAX, 3_600_000),
    ] {
        let html = page(OnChange::TellParent)
            .every(Duration::from_millis(asked))
            .html();
        assert!(
            html.contains(&format!(r#"data-every="{milliseconds}""#)),
            "{asked}"
        );
    }
}

#[test]
fn what_is_missing_or_leads_elsewhere_is_the_callers_mistake() {
    let state = SessionState::new("s").unwrap();
    let kind = |iframe: Option<&str>, client_id: &str, path: &str| {
        let on_change = OnChange::GoTo(path.to_owned());
        let page = SessionPage::new(&provider(iframe), client_id, &state, on_change);
        page.map(|_| ()).map_err(|error| error.kind().clone())
    };
    const IFRAME: Option<&str> = Some("https://op.example/check");
    assert_eq!(
        kind(None, "c", "/x"),
        Err(ErrorKind::Misuse(Misuse::Missing("check session iframe")))
    );
    assert!(matches!(
        kind(IFRAME, "c 1", "/x"),
        Err(ErrorKind::Misuse(Misuse::Invalid {
            field: "client_id",
            ..
        }))
    ));
    for path in [
        "",
        "x",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/a b",
        "/a#b",
        "/\"",
    ] {
        assert!(
            matches!(
                kind(IFRAME, "c", path),
                Err(ErrorKind::Misuse(Misuse::Invalid { field: "path", .. }))
            ),
            "{path}"
        );
    }
    assert_eq!(kind(IFRAME, "c", "/"), Ok(()));
}

/// What the script must have in it, each with what would happen otherwise. A browser runs it elsewhere.
#[test]
fn the_script_writes_to_the_provider_alone_and_believes_nobody_else() {
    for (expected, otherwise) in [
        (
            "frame.contentWindow.postMessage(message, origin)",
            "the session state goes to whoever is in the frame",
        ),
        (
            "event.origin !== origin",
            "anybody says that the session has changed",
        ),
        (
            "event.source !== frame.contentWindow",
            "another frame of the provider's does",
        ),
        (
            "parent.postMessage({ session: state }, location.origin)",
            "whoever frames the page learns of the session",
        ),
    ] {
        assert!(SCRIPT.contains(expected), "{otherwise}");
    }
    assert_eq!(SCRIPT.matches("postMessage(").count(), 2);
    assert!(!SCRIPT.contains("</") && !SCRIPT.contains("innerHTML") && !SCRIPT.contains("eval"));
}
