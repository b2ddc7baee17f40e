//! What every answer has, and what no page shows.

use std::collections::BTreeSet;

use hallpass_testkit::{Body, Endpoint, Fault, User};

use crate::site::Site;

const POLICY: [&str; 6] = [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
];

#[tokio::test]
async fn every_answer_has_its_guards_and_no_page_shows_a_secret() {
    let site = Site::open().await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    for path in [
        "/",
        "/account",
        "/login",
        "/callback?code=x&state=y",
        "/logout",
        "/none",
        "/style.css",
        "/fresh.js",
    ] {
        let page = alice.get(path).await;
        let header = |name: &str| page.headers[name].to_str().unwrap();
        let policy: BTreeSet<_> = header("content-security-policy").split("; ").collect();
        assert_eq!(policy, BTreeSet::from(POLICY), "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        for policy in ["cross-origin-opener-policy", "cross-origin-resource-policy"] {
            assert_eq!(header(policy), "same-origin", "{path}");
        }
        assert!(
            header("strict-transport-security").starts_with("max-age="),
            "{path}"
        );
        for exchange in site.server.requests_to(Endpoint::Resource) {
            let token = exchange.header("authorization").unwrap();
            let token = token.strip_prefix("Bearer ").unwrap();
            assert!(!page.text.contains(token) && !format!("{:?}", page.headers).contains(token));
        }
    }
}

#[tokio::test]
async fn the_users_page_hides_itself_when_it_is_left_and_is_loaded_again_when_it_comes_back() {
    let site = Site::open().await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    let page = alice.get("/account").await;
    assert!(page.text.contains("<script src=\"/fresh.js\"></script>"));
    let script = alice.get("/fresh.js").await;
    assert_eq!(script.headers["content-type"], "text/javascript");
    for part in [
        "addEventListener(\"pagehide\", () => { document.body.hidden = true; });",
        "addEventListener(\"pageshow\", (event) => { if (event.persisted) location.reload(); });",
    ] {
        assert!(script.text.contains(part), "{}", script.text);
    }
}

#[tokio::test]
async fn what_the_api_says_is_text_and_no_markup() {
    let site = Site::open().await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    let body = r#"{"sub":"<i>s</i>","scope":"<i>c</i>","message":"<i>m</i>"}"#;
    let body = Body::Json(body.to_owned());
    let fault = Fault::Body { status: 200, body };
    site.server.inject(fault.at(Endpoint::Resource));
    let page = alice.get("/account").await;
    assert!(page.status == 200 && !page.text.contains("<i>"));
    for part in ["s", "c", "m"] {
        let shown = format!("&lt;i&gt;{part}&lt;/i&gt;");
        assert!(page.text.contains(&shown), "{}", page.text);
    }
}

#[tokio::test]
async fn what_went_wrong_is_for_the_log_and_not_for_the_user() {
    let site = Site::open().await;
    let mut alice = site.browser();
    alice.logs_in_as(&User::alice()).await;
    let mut pages = BTreeSet::new();
    for (status, body) in [
        (200, Body::Html),
        (200, Body::EmptyObject),
        (503, Body::Error("canary".to_owned())),
    ] {
        let fault = Fault::Body { status, body };
        site.server.inject(fault.at(Endpoint::Resource).times(1));
        let page = alice.get("/account").await;
        assert_eq!(page.status, 500);
        assert!(
            page.text
                .contains("It is not your fault. Try again in a moment.")
        );
        pages.insert(page.text);
    }
    // Three things went wrong, and nobody sees which.
    assert_eq!(pages.len(), 1);
    assert_eq!(alice.get("/account").await.status, 200);
}
