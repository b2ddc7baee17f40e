use hallpass_grant::{Lost, Refused};

use super::*;

const ANSWER: &str = r#"{"subject":"acct:other@example.com","links":[
    {"rel":"http://webfinger.net/rel/avatar","href":7},
    {"rel":"http://openid.net/specs/connect/1.0/issuer","href":"https://op.example/t"},
    {"rel":"http://openid.net/specs/connect/1.0/issuer","href":"https://second.example"}]}"#;

fn at(seconds: i64) -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(1_700_000_000 + seconds).unwrap()
}

fn begun(text: &str) -> (WebFinger, String) {
    let identifier = Identifier::new(text).unwrap();
    let mut conversation = WebFinger::also_on_this_machine(&identifier).unwrap();
    let sent = sent(conversation.step(Input::Begin, at(0)));
    (conversation, sent)
}

fn sent(step: Result<Step<Issuer>, Error>) -> String {
    match step.unwrap() {
        Step::Send(request) => {
            assert_eq!(request.method().as_str(), "GET");
            assert_eq!(request.header("authorization"), None);
            request.endpoint().as_str().to_owned()
        }
        other => panic!("{other:?}"),
    }
}

fn answer(body: &str) -> Input {
    let response = Response::new(200).with_header("content-type", "application/jrd+json");
    Input::Response(response.with_body(body.as_bytes().to_vec()))
}

fn issuer(step: Result<Step<Issuer>, Error>) -> String {
    match step.unwrap() {
        Step::Done(issuer) => issuer.to_string(),
        other => panic!("{other:?}"),
    }
}

fn redirected(to: &str) -> Input {
    Input::Response(Response::new(307).with_header("Location", to))
}

#[test]
fn the_request_is_the_one_of_the_specification() {
    let (_, acct) = begun("joe@example.com");
    assert_eq!(
        acct,
        "https://example.com/.well-known/webfinger?resource=acct%3Ajoe%40example.com\
         &rel=http%3A%2F%2Fopenid.net%2Fspecs%2Fconnect%2F1.0%2Fissuer"
    );
    let (_, encoded) = begun("acct:juliet%40capulet.example@shopping.example.com");
    assert!(encoded.starts_with(
        "https://shopping.example.com/.well-known/webfinger?resource=acct%3Ajuliet%2540capulet.example%40shopping.example.com&rel="
    ));
    let (_, port) = begun("example.com:8080");
    assert!(port.starts_with(
        "https://example.com:8080/.well-known/webfinger?resource=https%3A%2F%2Fexample.com%3A8080%2F&rel="
    ));
    // A resource of http is asked about over https all the same (RFC 7033 §4).
    let (_, http) = begun("http://example.com/joe");
    assert!(http.starts_with("https://example.com/.well-known/webfinger?resource=http%3A%2F%2F"));
}

#[test]
fn the_first_issuer_is_the_one_whoever_the_answer_is_about() {
    let (mut conversation, _) = begun("joe@example.com");
    assert_eq!(
        issuer(conversation.step(answer(ANSWER), at(1))),
        "https://op.example/t"
    );
    let over = conversation
        .step(Input::Begin, at(1))
        .map(|_| ())
        .unwrap_err();
    assert_eq!(over.kind(), &ErrorKind::Misuse(Misuse::Over));
}

#[test]
fn a_link_that_cannot_be_used_is_not_passed_over() {
    let link = |href: &str| format!(r#"{{"links":[{{"rel":"{ISSUER}","href":{href}}}]}}"#);
    let cases = [
        ("{}".to_owned(), "issuer"),
        (r#"{"links":[]}"#.to_owned(), "issuer"),
        (
            format!(r#"{{"links":[{{"rel":"{ISSUER}/","href":"https://op.example"}}]}}"#),
            "issuer",
        ),
        (
            r#"{"links":[{"href":"https://op.example"}]}"#.to_owned(),
            "issuer",
        ),
        (r#"{"links":{}}"#.to_owned(), "links"),
        (r#"{"links":null}"#.to_owned(), "links"),
        (r#"{"links":["https://op.example"]}"#.to_owned(), "links"),
        (format!(r#"{{"links":[{{"rel":"{ISSUER}"}}]}}"#), "href"),
        (link("7"), "href"),
        (link(r#""http://op.example""#), "href"),
        (link(r#""https://op.example?x=1""#), "href"),
        (link(r##""https://op.example#x""##), "href"),
        (link(r#""https://localhost:1""#), "href"),
        (link(r#""http://127.0.0.1""#), "href"),
        (link(r#""https://10.0.0.1""#), "href"),
        (link(r#""https://op.internal""#), "href"),
        (link(r#""""#), "href"),
    ];
    for (body, what) in cases {
        let (mut conversation, _) = begun("joe@example.com");
        let error = conversation
            .step(answer(&body), at(1))
            .map(|_| ())
            .unwrap_err();
        assert_eq!(Fault::of(&error), Some(&Fault::WebFinger(what)), "{body}");
        let over = conversation
            .step(Input::Begin, at(1))
            .map(|_| ())
            .unwrap_err();
        assert_eq!(over.kind(), &ErrorKind::Misuse(Misuse::Over));
    }
}

#[test]
fn this_machine_is_asked_only_where_that_is_wanted() {
    for text in [
        "joe@localhost:1",
        "joe@localhost",
        "https://127.0.0.1:9/joe",
        "joe@a.localhost",
        "[::1]:80",
    ] {
        let identifier = Identifier::new(text).unwrap();
        let refused = WebFinger::new(&identifier).map(|_| ()).unwrap_err();
        assert_eq!(
            refused,
            InvalidIdentifier::Host(InvalidEndpoint::Inward),
            "{text}"
        );
        assert!(WebFinger::also_on_this_machine(&identifier).is_ok());
    }
    let (mut conversation, _) = begun("joe@localhost:8443");
    let body = ANSWER.replace("https://op.example/t", "http://localhost:1");
    assert_eq!(
        issuer(conversation.step(answer(&body), at(1))),
        "http://localhost:1"
    );
}

#[test]
fn only_the_internet_is_asked_unless_more_is_wanted() {
    for text in [
        "10.0.0.5:8443",
        "joe@169.254.169.254",
        "joe@100.64.0.1",
        "joe@224.0.0.1",
        "https://192.168.1.1/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "https://[64:ff9b::a00:1]/",
        "joe@intranet",
        "joe@printer.local",
        "joe@metadata.google.internal",
    ] {
        let identifier = Identifier::new(text).unwrap();
        let refused = WebFinger::new(&identifier).map(|_| ()).unwrap_err();
        let not_public = InvalidIdentifier::Host(InvalidEndpoint::NotPublic);
        assert_eq!(refused, not_public, "{text}");
        assert!(WebFinger::also_on_this_machine(&identifier).is_ok());
    }
    for text in [
        "joe@ip6-localhost",
        "joe@localhost.localdomain",
        "[::7f00:1]:80",
    ] {
        let identifier = Identifier::new(text).unwrap();
        let refused = WebFinger::new(&identifier).map(|_| ()).unwrap_err();
        let inward = InvalidIdentifier::Host(InvalidEndpoint::Inward);
        assert_eq!(refused, inward, "{text}");
    }
    let (mut conversation, _) = begun("joe@10.0.0.5");
    let place = "https://10.0.0.6/";
    assert_eq!(sent(conversation.step(redirected(place), at(1))), place);
}

#[test]
fn a_host_that_nobody_can_ask_is_refused() {
    for text in [
        "joe@",
        "joe@example..com",
        "https:///joe",
        "example.com:99999",
        "joe@exämple.com",
        "joe@0x7f.1",
        "joe@2130706433",
    ] {
        let identifier = Identifier::new(text).unwrap();
        for begun in [
            WebFinger::new(&identifier),
            WebFinger::also_on_this_machine(&identifier),
        ] {
            assert!(matches!(begun, Err(InvalidIdentifier::Host(_))), "{text}");
        }
    }
    let elsewhere = Identifier::new("joe@example.com").unwrap();
    assert!(WebFinger::new(&elsewhere).is_ok());
}

#[test]
fn three_redirects_elsewhere_are_followed_and_a_fourth_is_not() {
    let (mut conversation, _) = begun("joe@example.com");
    for hop in 1..=3 {
        let place = format!("https://hop{hop}.example/?x=1");
        assert_eq!(sent(conversation.step(redirected(&place), at(hop))), place);
    }
    let stored = serde_json::to_string(&conversation).unwrap();
    let mut stored: WebFinger = serde_json::from_str(&stored).unwrap();
    assert_eq!(
        issuer(stored.step(answer(ANSWER), at(4))),
        "https://op.example/t"
    );
    let error = conversation.step(redirected("https://hop4.example"), at(4));
    let error = error.map(|_| ()).unwrap_err();
    assert_eq!(Fault::of(&error), Some(&Fault::WebFinger("redirects")));
}

#[test]
fn no_redirect_leads_inward_or_into_the_clear() {
    for place in [
        "http://example.com/",
        "https://localhost/",
        "http://127.0.0.1/",
        "https://ip6-localhost/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "https://[fd00::1]/",
        "https://intranet/",
        "//evil.example/",
        "/x",
        "file:///etc/passwd",
    ] {
        let (mut conversation, _) = begun("joe@example.com");
        let error = conversation.step(redirected(place), at(1)).map(|_| ());
        let error = error.unwrap_err();
        assert_eq!(
            Fault::of(&error),
            Some(&Fault::WebFinger("redirects")),
            "{place}"
        );
        let over = conversation
            .step(Input::Begin, at(1))
            .map(|_| ())
            .unwrap_err();
        assert_eq!(over.kind(), &ErrorKind::Misuse(Misuse::Over));
    }
    // One that leads nowhere is an answer like any other.
    let (mut conversation, _) = begun("joe@example.com");
    let nowhere = Input::Response(Response::new(302));
    assert!(conversation.step(nowhere, at(1)).is_err());
}

#[test]
fn a_lost_answer_is_asked_for_again_three_times_in_all() {
    let (mut conversation, first) = begun("joe@example.com");
    for (pause, lost) in [(1, Lost::MaybeSent), (2, Lost::NotSent)] {
        let step = conversation.step(Input::Lost(lost), at(0)).unwrap();
        assert!(
            matches!(step, Step::Wait(until) if until == at(pause)),
            "{step:?}"
        );
        assert!(conversation.step(Input::Begin, at(0)).is_err());
        assert_eq!(sent(conversation.step(Input::Woken, at(pause))), first);
    }
    let error = conversation
        .step(Input::Lost(Lost::MaybeSent), at(3))
        .map(|_| ());
    assert_eq!(error.unwrap_err().kind(), &ErrorKind::Transport);
}

#[test]
fn a_server_that_is_busy_is_left_alone_as_long_as_it_asks_and_no_longer_than_a_minute() {
    let busy = |seconds: &str| {
        let (mut conversation, _) = begun("joe@example.com");
        let busy = Response::new(503).with_header("retry-after", seconds);
        conversation.step(Input::Response(busy), at(0))
    };
    assert!(matches!(busy("60").unwrap(), Step::Wait(until) if until == at(60)));
    let refused = busy("61").map(|_| ()).unwrap_err();
    assert_eq!(refused.refused().and_then(Refused::status), Some(503));
}

#[test]
fn a_host_that_knows_nobody_of_that_name_refuses() {
    let (mut conversation, _) = begun("joe@example.com");
    let error = conversation.step(Input::Response(Response::new(404)), at(1));
    let error = error.map(|_| ()).unwrap_err();
    assert_eq!(error.refused().and_then(Refused::status), Some(404));
    let (mut html, _) = begun("joe@example.com");
    let page = Response::new(200)
        .with_header("content-type", "text/html")
        .with_body(b"<p>".to_vec());
    assert!(html.step(Input::Response(page), at(1)).is_err());
}
