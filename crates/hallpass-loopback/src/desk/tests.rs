//! Every decision, without a socket.

use http::Request;

use hallpass_grant::{
    AuthorizationRequest, Client, Code, Endpoint, Pending, ResponseType, ServerMetadata,
};

use super::*;

/// 32 bytes of 8, as the client writes them.
const STATE: &str = "CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg";
const PAGE: &str = "the-page-token";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const HOST: (&str, &str) = ("host", "127.0.0.1:4711");
const ORIGIN: (&str, &str) = ("origin", "http://127.0.0.1:4711");
const TOKEN: (&str, &str) = ("hallpass-page-token", PAGE);

fn desk(mode: ResponseMode) -> Desk {
    Desk {
        authority: "127.0.0.1:4711".to_owned(),
        path: "/callback".to_owned(),
        mode,
        page_token: PAGE.into(),
    }
}

fn pending(mode: ResponseMode) -> Pending<Code> {
    let endpoint = |text| Endpoint::new(text).unwrap();
    let server = ServerMetadata::default()
        .with_authorization_endpoint(endpoint("https://as.example/authorize"))
        .with_token_endpoint(endpoint("https://as.example/token"));
    let client = Client::new(server, "c").unwrap();
    let client = client.with_redirect_uri("http://127.0.0.1:4711/callback");
    let request = AuthorizationRequest::new().response_mode(mode);
    let now = time::UtcDateTime::UNIX_EPOCH;
    let client = client.unwrap();
    let begun = client.code().unwrap();
    begun.begin(request, &mut || Ok([8; 32]), now).unwrap().1
}

type Header = (&'static str, &'static str);

fn head(method: &str, target: &str, headers: &[Header]) -> Parts {
    let request = Request::builder().method(method).uri(target);
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    request.body(()).unwrap().into_parts().0
}

/// What is answered while the login waits: the status, or `None` where the callback is taken.
fn answered<R: ResponseType>(
    pending: &Pending<R>,
    method: &str,
    target: &str,
    headers: &[Header],
    body: &str,
) -> Option<u16> {
    let mode = pending.response_mode();
    let head = head(method, target, headers);
    let expects = |callback: &Callback<'_>| pending.expects(callback);
    match desk(mode).waiting(&head, body.as_bytes(), &expects) {
        Decision::Show(status, _) => Some(status.as_u16()),
        Decision::Take(_) => None,
    }
}

#[test]
fn only_the_callback_of_this_login_is_taken_in_the_part_that_was_asked_for() {
    use ResponseMode::*;
    let good = format!("access_token=t&state={STATE}");
    let in_query = format!("/callback?{good}");
    let page = [HOST, ORIGIN, TOKEN, FORM];
    let (relay, query, form) = (pending(Fragment), pending(Query), pending(FormPost));
    type Case<'c> = (
        &'c Pending<Code>,
        &'c str,
        &'c str,
        &'c [Header],
        &'c str,
        Option<u16>,
    );
    let cases: &[Case<'_>] = &[
        (&query, "GET", &in_query, &[HOST], "", None),
        (&query, "GET", "/callback?state=x", &[HOST], "", Some(400)),
        (&query, "GET", "/callback?state=", &[HOST], "", Some(400)),
        (&query, "GET", "/callback?%%%=&&&", &[HOST], "", Some(400)),
        (&query, "GET", "/callback", &[HOST], "", Some(400)),
        (&query, "HEAD", &in_query, &[HOST], "", Some(405)),
        (&query, "POST", &in_query, &[HOST, FORM], &good, Some(405)),
        (&query, "OPTIONS", &in_query, &[HOST], "", Some(405)),
        (&query, "GET", "/favicon.ico", &[HOST], "", Some(404)),
        (&query, "GET", "/callback/", &[HOST], "", Some(404)),
        (&query, "GET", "*", &[HOST], "", Some(404)),
        (&form, "POST", "/callback", &[HOST, FORM], &good, None),
        (
            &form,
            "POST",
            "/callback",
            &[HOST, ("origin", "null"), FORM],
            &good,
            None,
        ),
        (
            &form,
            "POST",
            "/callback",
            &[HOST, ("origin", "https://as.example"), FORM],
            &good,
            None,
        ),
        (
            &form,
            "POST",
            "/callback",
            &[HOST, FORM],
            "state=x",
            Some(400),
        ),
        (&form, "POST", "/callback", &[HOST, FORM], "", Some(400)),
        (&form, "POST", "/callback", &[HOST], &good, Some(415)),
        (
            &form,
            "POST",
            "/callback",
            &[HOST, ("content-type", "text/plain")],
            &good,
            Some(415),
        ),
        (&form, "POST", &in_query, &[HOST, FORM], "", Some(400)),
        (&form, "GET", &in_query, &[HOST], "", Some(400)),
        (&relay, "GET", "/callback", &[HOST], "", Some(404)),
        (&relay, "GET", &in_query, &[HOST], "", Some(404)),
        (&relay, "POST", "/callback", &page, &good, None),
        (
            &relay,
            "POST",
            "/callback?iss=https://as.example",
            &page,
            &good,
            None,
        ),
        (&relay, "POST", "/callback", &page, "state=x", Some(400)),
        (&relay, "PUT", "/callback", &page, &good, Some(405)),
    ];
    for (pending, method, target, headers, body, expected) in cases {
        let answered = answered(pending, method, target, headers, body);
        assert_eq!(answered, *expected, "{method} {target} {headers:?} {body}");
    }
}

#[test]
fn a_fragment_from_anywhere_but_our_page_is_forbidden() {
    let relay = pending(ResponseMode::Fragment);
    let good = format!("access_token=t&state={STATE}");
    let near = ("sec-fetch-site", "same-origin");
    let taken = answered(
        &relay,
        "POST",
        "/callback",
        &[HOST, ORIGIN, TOKEN, FORM, near],
        &good,
    );
    assert_eq!(taken, None);
    let forged: &[&[Header]] = &[
        &[HOST, FORM],
        &[HOST, ORIGIN, FORM],
        &[HOST, TOKEN, FORM],
        &[HOST, ORIGIN, FORM, ("hallpass-page-token", "")],
        &[
            HOST,
            ORIGIN,
            FORM,
            ("hallpass-page-token", "the-page-tokem"),
        ],
        &[
            HOST,
            ORIGIN,
            FORM,
            ("hallpass-page-token", "the-page-token2"),
        ],
        &[HOST, ORIGIN, FORM, TOKEN, TOKEN],
        &[HOST, ORIGIN, ORIGIN, FORM, TOKEN],
        &[HOST, FORM, TOKEN, ("origin", "null")],
        &[HOST, FORM, TOKEN, ("origin", "https://127.0.0.1:4711")],
        &[HOST, FORM, TOKEN, ("origin", "http://127.0.0.1:4712")],
        &[
            HOST,
            FORM,
            TOKEN,
            ("origin", "http://127.0.0.1:4711.evil.example"),
        ],
        &[HOST, FORM, TOKEN, ("origin", "https://evil.example")],
        &[HOST, ORIGIN, TOKEN, FORM, ("sec-fetch-site", "cross-site")],
        &[HOST, ORIGIN, TOKEN, FORM, ("sec-fetch-site", "same-site")],
    ];
    for headers in forged {
        let status = answered(&relay, "POST", "/callback", headers, &good);
        assert_eq!(status, Some(403), "{headers:?}");
    }
}

#[test]
fn a_foreign_host_is_forbidden() {
    let query = pending(ResponseMode::Query);
    let target = format!("/callback?state={STATE}");
    let absolute = format!("http://127.0.0.1:4711{target}");
    let foreign = format!("http://evil.example{target}");
    assert_eq!(answered(&query, "GET", &absolute, &[HOST], ""), None);
    let cases: &[(&str, &[Header])] = &[
        (&target, &[]),
        (&target, &[("host", "evil.example")]),
        (&target, &[("host", "evil.example:4711")]),
        (&target, &[("host", "localhost:4711")]),
        (&target, &[("host", "127.0.0.1")]),
        (&target, &[("host", "127.0.0.1:4712")]),
        (&target, &[("host", "127.0.0.1.:4711")]),
        (&target, &[("host", "[::1]:4711")]),
        (&target, &[HOST, HOST]),
        (&target, &[HOST, ("host", "evil.example")]),
        (&foreign, &[HOST]),
        ("/", &[("host", "evil.example")]),
    ];
    for (target, headers) in cases {
        let status = answered(&query, "GET", target, headers, "");
        assert_eq!(status, Some(403), "{target} {headers:?}");
    }
}

#[test]
fn a_port_that_goes_without_saying_may_be_left_out() {
    let mut desk = desk(ResponseMode::Query);
    desk.authority = "[::1]:80".to_owned();
    for host in ["[::1]", "[::1]:80"] {
        let head = head("GET", "/callback", &[("host", host)]);
        assert!(desk.is_for_us(&head), "{host}");
    }
}

#[test]
fn what_the_browser_only_guesses_is_not_taken() {
    let query = pending(ResponseMode::Query);
    let target = format!("/callback?state={STATE}");
    let guesses = [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
        ("x-purpose", "preview"),
        ("x-moz", "prefetch"),
    ];
    for guess in guesses {
        let status = answered(&query, "GET", &target, &[HOST, guess], "");
        assert_eq!(status, Some(503), "{guess:?}");
    }
    assert_eq!(answered(&query, "GET", &target, &[HOST], ""), None);
}

#[test]
fn when_it_is_over_the_same_callback_sees_how_it_ended_and_every_other_sees_that_it_did() {
    let desk = desk(ResponseMode::Query);
    let get = |target: &str| head("GET", target, &[HOST]);
    let taken = match desk.waiting(&get("/callback?state=s&code=c"), b"", &|_| true) {
        Decision::Take(kept) => kept,
        other => panic!("{other:?}"),
    };
    let over = |head: &Parts| {
        let (status, page) = desk.over(head, b"", &taken, &Page::Done);
        (status.as_u16(), page)
    };
    assert_eq!(over(&get("/callback?state=s&code=c")), (200, Page::Done));
    assert_eq!(
        over(&get("/callback?state=s&code=d")),
        (410, Page::Answered)
    );
    assert_eq!(over(&get("/callback")), (410, Page::Answered));
    assert_eq!(over(&get("/favicon.ico")), (404, Page::Nothing));
    let foreign = head(
        "GET",
        "/callback?state=s&code=c",
        &[("host", "evil.example")],
    );
    assert_eq!(over(&foreign), (403, Page::Refused));
}

#[test]
fn a_value_is_read_from_the_part_that_the_answer_is_in() {
    let kept = |target: &str, form: Option<&str>| Kept {
        target: target.into(),
        form: form.map(Into::into),
    };
    let error = |kept: Kept| kept.value("error");
    assert_eq!(error(kept("/c?error=a+b%3C", None)).unwrap(), "a b<");
    assert_eq!(error(kept("/c?error=q#error=f", None)).unwrap(), "f");
    assert_eq!(error(kept("/c?error=q", Some("error=p"))).unwrap(), "p");
    assert_eq!(error(kept("/c?error=q#x=y", None)), None);
    assert_eq!(error(kept("/c", None)), None);
}

#[test]
fn nothing_that_was_kept_is_shown() {
    let desk = desk(ResponseMode::FormPost);
    let head = head("POST", "/callback?x=canary", &[HOST, FORM]);
    let taken = desk.waiting(&head, b"code=canary", &|_| true);
    assert!(!format!("{taken:?}").contains("canary"), "{taken:?}");
}
