use super::*;
use crate::Colour;

fn pages() -> Pages {
    let colour = Colour::rgb(1, 2, 255);
    Pages::new(&Options::new("<b>\"A&B\"</b>\u{202e}").with_colour(colour))
}

fn every_page() -> [Page; 9] {
    let reason = || Some("'<script>alert(1)</script>\u{202e}\n{{token}}".to_owned());
    let token = "page-token".to_owned();
    [
        Page::Relay { token },
        Page::Done,
        Page::Received,
        Page::Denied { reason: reason() },
        Page::Failed { reason: reason() },
        Page::Stray,
        Page::Answered,
        Page::Nothing,
        Page::Refused,
    ]
}

/// What stands between two marks that are there exactly once.
fn between<'h>(html: &'h str, begin: &str, end: &str) -> &'h str {
    let (_, rest) = html.split_once(begin).unwrap();
    assert!(!rest.contains(begin), "{begin} is there twice: {html}");
    rest.split_once(end).unwrap().0
}

#[test]
fn every_page_has_its_one_style_and_one_script_by_hash_and_loads_nothing() {
    let pages = pages();
    for page in every_page() {
        let response = pages.response(StatusCode::OK, &page);
        let header = |name: &str| response.headers()[name].to_str().unwrap();
        let html = response.body();
        let style = hash(between(html, "<style>", "</style>"));
        let script = hash(between(html, "<script>", "</script>"));
        let connect = match page {
            Page::Relay { .. } => "connect-src 'self'; ",
            _ => "",
        };
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; {connect}\
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        assert_eq!(header("content-security-policy"), policy);
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
        assert_eq!(header("cache-control"), "no-store");
        match page {
            Page::Relay { .. } => assert!(!response.headers().contains_key("clear-site-data")),
            _ => assert_eq!(header("clear-site-data"), "\"cache\", \"storage\""),
        }
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        assert!(!header("content-security-policy").contains("unsafe"));
        for loads in ["src=", "href=", "url(", "@import", " on", "style="] {
            let markup = html.replace(between(html, "<script>", "</script>"), "");
            assert!(
                !markup
                    .split('<')
                    .any(|tag| tag.split('>').next().unwrap().contains(loads)),
                "{page:?} has {loads}"
            );
        }
    }
}

#[test]
fn what_a_server_says_and_the_name_are_never_markup() {
    let pages = pages();
    for page in every_page() {
        let html = pages.html(&page);
        assert!(
            html.contains("&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;"),
            "{html}"
        );
        assert!(
            !html.contains("<b>") && !html.contains("<script>alert"),
            "{html}"
        );
        assert!(!html.contains('\u{202e}'), "{html}");
        if page.reason().is_some() {
            let reason = "Reason: &#39;&lt;script&gt;alert(1)&lt;/script&gt;  {{token}}</p>";
            assert!(html.contains(reason), "{html}");
        } else {
            assert!(!html.contains("{{"), "{html}");
        }
    }
}

#[test]
fn only_the_page_that_relays_has_the_token() {
    let pages = pages();
    for page in every_page() {
        let is_relay = matches!(page, Page::Relay { .. });
        assert_eq!(
            pages
                .html(&page)
                .contains("page-token\" content=\"page-token\""),
            is_relay
        );
    }
}

#[test]
fn every_page_can_be_read_aloud_on_a_phone_in_the_dark_and_without_scripts() {
    let pages = pages();
    for page in every_page() {
        let html = pages.html(&page);
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"));
        assert!(!between(&html, "<title>", "</title>").is_empty());
        assert!(html.contains("name=\"viewport\" content=\"width=device-width,initial-scale=1\""));
        assert!(
            html.contains("color-scheme:light dark") && html.contains("prefers-color-scheme:dark")
        );
        assert!(html.contains("<main>") && html.contains("role=\"status\""));
        assert!(html.contains("<h1>") && html.contains("aria-hidden=\"true\""));
        assert!(html.contains("--accent:#0102ff"));
    }
    let token = String::new();
    let relay = pages.html(&Page::Relay { token });
    let without_script = between(&relay, "<noscript>", "</noscript>");
    assert!(
        without_script.contains("needs JavaScript"),
        "{without_script}"
    );
}

#[test]
fn the_script_forgets_the_fragment_before_it_does_anything_else_and_posts_once() {
    let at = |text: &str| RELAY.find(text).unwrap();
    assert!(at("location.hash") < at("history.replaceState"));
    assert!(at("history.replaceState") < at("fetch("));
    assert_eq!(RELAY.matches("fetch(").count(), 1);
    // Nothing of another program's on `127.0.0.1` goes along, nothing is kept, and it goes nowhere else.
    for kept in [
        "credentials: \"omit\"",
        "cache: \"no-store\"",
        "redirect: \"error\"",
    ] {
        assert_eq!(RELAY.matches(kept).count(), 1, "{kept}");
    }
    for never in [
        "innerHTML",
        "eval",
        "localStorage",
        "sessionStorage",
        "document.write",
    ] {
        assert!(!RELAY.contains(never), "{never}");
    }
}

#[test]
fn of_a_reason_512_characters_are_shown_and_of_a_name_60() {
    let pages = Pages::new(&Options::new("n".repeat(61)));
    let reason = Some("ä".repeat(513));
    for page in [
        Page::Denied {
            reason: reason.clone(),
        },
        Page::Failed { reason },
    ] {
        let html = pages.html(&page);
        assert!(html.contains(&format!("Reason: {}…</p>", "ä".repeat(512))));
        assert_eq!(
            between(&html, "<p class=\"name\">", "</p>"),
            format!("{}…", "n".repeat(60))
        );
    }
}

#[test]
fn a_text_that_is_too_long_is_cut() {
    assert_eq!(shown("äöü", 3), "äöü");
    assert_eq!(shown("äöüß", 3), "äöü…");
    assert_eq!(shown("a\tb\u{200b}c", 9), "a b c");
}
