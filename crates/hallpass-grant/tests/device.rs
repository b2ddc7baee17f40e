//! A login on a device without a browser (RFC 8628): its exact requests, and when it asks.

mod common;
#[path = "common/signer.rs"]
mod signer;

use std::time::Duration;

use hallpass_grant::token::{Scopes, TokenSet};
use hallpass_grant::{
    Client, ClientAuthentication, Conversation, DeviceAuthorization, DevicePoll, Error, ErrorKind,
    Input, Lost, Misuse, NotSigned, RandomError, Recovery, Response, ServerMetadata, Step,
    Violation,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use time::UtcDateTime;

use common::*;
use signer::*;

/// RFC 8628 §3.2, the example.
const ANSWER: &str = r#"{
    "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://example.com/device",
    "verification_uri_complete": "https://example.com/device?user_code=WDJB-MJHT",
    "expires_in": 1800,
    "interval": 5
}"#;
const TOKEN: &str = r#"{"access_token":"T","token_type":"bearer"}"#;

fn device_server() -> ServerMetadata {
    server_with_issuer()
        .with_device_authorization_endpoint(endpoint("https://as.example/device_authorization"))
}

fn device_client() -> Client {
    client_of(device_server())
}

fn authorized(client: &Client, answer: &str) -> Result<DeviceAuthorization, Error> {
    let mut call = client
        .device(&scopes("read write"), &mut draws(SEED))
        .unwrap();
    let _request = sent(signed(&mut call, Input::Begin, NOW)?);
    call.step(Input::Response(json(200, answer)), NOW).map(done)
}

fn device(answer: &str) -> DeviceAuthorization {
    authorized(&device_client(), answer).unwrap()
}

/// The example with another interval, or none.
fn every(interval: &str) -> DeviceAuthorization {
    device(&ANSWER.replace(r#""interval": 5"#, &format!(r#""x": 0{interval}"#)))
}

fn poll_of(client: &Client, device: &DeviceAuthorization) -> DevicePoll {
    client.poll(device, &mut draws(20)).unwrap()
}

fn refusal(status: u16, code: &str) -> Input {
    Input::Response(json(status, &format!(r#"{{"error":"{code}"}}"#)))
}

fn pending() -> Input {
    refusal(400, "authorization_pending")
}

fn elsewhere<T: Serialize + DeserializeOwned>(value: T) -> T {
    serde_json::from_str(&serde_json::to_string(&value).unwrap()).unwrap()
}

/// A clock, and a poll that goes by it.
struct Clock {
    poll: DevicePoll,
    now: UtcDateTime,
}

impl Clock {
    fn new(poll: DevicePoll) -> Self {
        Self { poll, now: NOW }
    }

    /// Waits until something is sent, and tells how many seconds after `input` that was.
    fn wait(&mut self, input: Input) -> Result<i64, Error> {
        let heard = self.now;
        let mut step = signed(&mut self.poll, input, self.now)?;
        while let Step::Wait(until) = step {
            assert!(until > self.now, "no wait goes back");
            self.now = until;
            step = signed(&mut self.poll, Input::Woken, self.now)?;
        }
        match step {
            Step::Send(_) => Ok((self.now - heard).whole_seconds()),
            _ => panic!("nothing was sent"),
        }
    }

    fn ended(&mut self, input: Input) -> Error {
        self.wait(input).unwrap_err()
    }
}

fn polling(device: &DeviceAuthorization) -> Clock {
    let mut clock = Clock::new(poll_of(&device_client(), device));
    clock.wait(Input::Begin).unwrap();
    clock
}

#[test]
fn the_device_asks_with_this_form() {
    let form = |authentication: ClientAuthentication| {
        let client = device_client().with_authentication(authentication);
        let mut call = client
            .device(&scopes("read write"), &mut draws(SEED))
            .unwrap();
        let request = sent(call.step(Input::Begin, NOW).unwrap());
        assert_eq!(
            request.endpoint().as_str(),
            "https://as.example/device_authorization"
        );
        let authorization = request.header("authorization").map(str::to_owned);
        (body(&request).to_owned(), authorization)
    };
    let basic = Some("Basic Y2lkOnM=".to_owned());
    for (authentication, expected, authorization) in [
        (
            ClientAuthentication::None,
            "scope=read+write&client_id=cid",
            None,
        ),
        (
            ClientAuthentication::Basic("s".into()),
            "scope=read+write",
            basic,
        ),
        (
            ClientAuthentication::Post("s".into()),
            "scope=read+write&client_id=cid&client_secret=s",
            None,
        ),
    ] {
        assert_eq!(form(authentication), (expected.to_owned(), authorization));
    }
    let mut call = device_client()
        .device(&Scopes::new(), &mut draws(SEED))
        .unwrap();
    let request = sent(call.step(Input::Begin, NOW).unwrap());
    assert_eq!(body(&request), "client_id=cid");
}

#[test]
fn the_token_is_asked_for_with_this_form() {
    let form = |authentication: ClientAuthentication| {
        let client = device_client().with_authentication(authentication);
        let mut poll = poll_of(&client, &device(ANSWER));
        let Step::Wait(until) = poll.step(Input::Begin, NOW).unwrap() else {
            panic!("the first poll waits too");
        };
        let request = sent(poll.step(Input::Woken, until).unwrap());
        assert_eq!(
            request.endpoint().as_str(),
            "https://as.example/oauth/token"
        );
        body(&request).to_owned()
    };
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code\
                 &device_code=GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS";
    assert_eq!(
        form(ClientAuthentication::None),
        format!("{grant}&client_id=cid")
    );
    assert_eq!(form(ClientAuthentication::Basic("s".into())), grant);
    assert_eq!(
        form(ClientAuthentication::Post("s".into())),
        format!("{grant}&client_id=cid&client_secret=s")
    );
}

#[test]
fn an_answer_becomes_what_the_device_shows() {
    let device = device(ANSWER);
    assert_eq!(device.user_code, "WDJB-MJHT");
    assert_eq!(
        device.verification_uri.as_str(),
        "https://example.com/device"
    );
    let complete = device.verification_uri_complete.as_ref().unwrap();
    assert_eq!(
        complete.as_str(),
        "https://example.com/device?user_code=WDJB-MJHT"
    );
    assert_eq!(device.expires_at, NOW + time::Duration::seconds(1800));
    assert_eq!(device.interval(), Duration::from_secs(5));
    assert_eq!(*device.scopes(), scopes("read write"));
}

#[test]
fn the_name_that_google_gives_the_page_is_read_and_the_rfcs_comes_first() {
    let google = ANSWER.replace("verification_uri\"", "verification_url\"");
    assert_ne!(google, ANSWER);
    assert_eq!(
        device(&google).verification_uri.as_str(),
        "https://example.com/device"
    );
    let both = ANSWER.replace(
        "\"expires_in\"",
        "\"verification_url\": \"https://other.example/\", \"expires_in\"",
    );
    assert_eq!(
        device(&both).verification_uri.as_str(),
        "https://example.com/device"
    );
}

#[test]
fn every_interval_has_a_meaning_or_an_error() {
    for (interval, seconds) in [
        ("", 5),
        (r#", "interval": null"#, 5),
        (r#", "interval": 7"#, 7),
        (r#", "interval": "7""#, 7),
        (r#", "interval": 1.9"#, 2),
        (r#", "interval": 0"#, 1),
        (r#", "interval": 0.2"#, 1),
        (r#", "interval": -5"#, 1),
        (r#", "interval": 600"#, 600),
    ] {
        let device = every(interval);
        assert_eq!(
            device.interval(),
            Duration::from_secs(seconds),
            "{interval}"
        );
        let mut clock = Clock::new(poll_of(&device_client(), &device));
        assert_eq!(clock.wait(Input::Begin).unwrap() as u64, seconds);
        assert_eq!(clock.wait(pending()).unwrap() as u64, seconds);
    }
    for interval in ["true", "\"soon\"", "[5]", "{}"] {
        let answer = ANSWER.replace("\"interval\": 5", &format!("\"interval\": {interval}"));
        violation(&authorized(&device_client(), &answer).unwrap_err());
    }
}

#[test]
fn an_interval_beyond_the_end_expires_without_a_request() {
    for interval in ["1801", "18446744073709551615", "1e300", "\"1e400\""] {
        let device = every(&format!(r#", "interval": {interval}"#));
        let mut clock = Clock::new(poll_of(&device_client(), &device));
        let error = clock.ended(Input::Begin);
        assert!(matches!(error.kind(), ErrorKind::Expired(_)), "{interval}");
        assert_eq!(clock.now, device.expires_at);
    }
}

#[test]
fn pending_with_400_or_401_is_asked_again_after_the_interval() {
    let mut clock = polling(&device(ANSWER));
    for status in [400, 401, 403, 428] {
        let input = refusal(status, "authorization_pending");
        assert_eq!(clock.wait(input).unwrap(), 5, "{status}");
    }
    let set = clock
        .poll
        .step(Input::Response(json(200, TOKEN)), clock.now);
    assert_eq!(done(set.unwrap()).scopes, scopes("read write"));
    let over = clock.poll.step(Input::Begin, clock.now).unwrap_err();
    assert_eq!(*misuse(&over), Misuse::Over);
}

#[test]
fn slow_down_adds_five_seconds_each_time_and_for_good() {
    let mut clock = polling(&device(ANSWER));
    assert_eq!(clock.wait(refusal(400, "slow_down")).unwrap(), 10);
    assert_eq!(clock.wait(pending()).unwrap(), 10);
    assert_eq!(clock.wait(refusal(400, "slow_down")).unwrap(), 15);
    assert_eq!(clock.wait(pending()).unwrap(), 15);
    clock.poll = elsewhere(clock.poll);
    assert_eq!(clock.wait(Input::Begin).unwrap(), 15);
    // There is no interval that a server cannot lengthen.
    let mut clock = polling(&every(r#", "interval": 300"#));
    assert_eq!(clock.wait(refusal(400, "slow_down")).unwrap(), 305);
}

#[test]
fn the_users_no_is_final() {
    let mut clock = polling(&device(ANSWER));
    let error = clock.ended(refusal(400, "access_denied"));
    assert_eq!(error.refused().unwrap().code().unwrap(), "access_denied");
    assert_eq!(error.recovery(), Recovery::Reauthorize);
    for input in every_input() {
        let error = clock.poll.step(input, clock.now).unwrap_err();
        assert_eq!(*misuse(&error), Misuse::Over);
    }
}

#[test]
fn what_waiting_cannot_mend_ends_it() {
    for code in [
        "invalid_grant",
        "invalid_client",
        "unauthorized_client",
        "x",
    ] {
        let error = polling(&device(ANSWER)).ended(refusal(400, code));
        assert_eq!(error.refused().unwrap().code().unwrap().as_str(), code);
    }
    let untyped = Input::Response(json(200, r#"{"access_token":"T"}"#));
    let error = polling(&device(ANSWER)).ended(untyped);
    assert_eq!(*violation(&error), Violation::TokenType);
}

#[test]
fn the_end_of_the_codes_is_typed_and_nothing_is_sent_after_it() {
    let device = device(ANSWER);
    let mut clock = polling(&device);
    let error = loop {
        assert!(clock.now < device.expires_at, "sent after the end");
        match clock.wait(pending()) {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(*error.kind(), ErrorKind::Expired("the user code"));
    assert_eq!(error.recovery(), Recovery::Reauthorize);
    assert_eq!(clock.now, device.expires_at);
    let error = polling(&device).ended(refusal(400, "expired_token"));
    assert_eq!(*error.kind(), ErrorKind::Expired("the user code"));
    // A program that comes back too late asks nothing.
    for late in [device.expires_at, UtcDateTime::MAX] {
        let error = poll_of(&device_client(), &device).step(Input::Begin, late);
        assert!(matches!(error.unwrap_err().kind(), ErrorKind::Expired(_)));
    }
    // An answer that was on its way is taken all the same.
    let mut clock = polling(&device);
    let set = clock
        .poll
        .step(Input::Response(json(200, TOKEN)), UtcDateTime::MAX);
    assert_eq!(done(set.unwrap()).access_token.expose_secret(), "T");
}

#[test]
fn a_lost_answer_and_a_busy_server_only_slow_it_down() {
    let busy = |status: u16, after: &str| {
        Input::Response(Response::new(status).with_header("Retry-After", after))
    };
    let mut clock = polling(&device(ANSWER));
    // RFC 8628 section 3.5 recommends to double after a timeout.
    assert_eq!(clock.wait(Input::Lost(Lost::MaybeSent)).unwrap(), 10);
    assert_eq!(clock.wait(Input::Lost(Lost::NotSent)).unwrap(), 20);
    assert_eq!(clock.wait(pending()).unwrap(), 20);
    for status in [429, 500, 502, 503] {
        let mut clock = polling(&device(ANSWER));
        assert!(clock.wait(busy(status, "")).unwrap() >= 5, "{status}");
        assert_eq!(clock.wait(busy(status, "90")).unwrap(), 90);
        assert!(clock.wait(pending()).unwrap() < 90);
    }
    let mut clock = polling(&device(ANSWER));
    let html = json(503, "<html>").with_header("Retry-After", "86400");
    let error = clock.ended(Input::Response(html));
    assert!(matches!(error.kind(), ErrorKind::Expired(_)));
    assert_eq!(clock.now, device(ANSWER).expires_at);
}

#[test]
fn a_network_that_is_down_for_long_is_tried_every_five_minutes_and_a_slower_server_no_faster() {
    let mut clock = polling(&device(&ANSWER.replace("1800", "86400")));
    let mut lost = || clock.wait(Input::Lost(Lost::NotSent)).unwrap();
    let gaps: Vec<i64> = (0..9).map(|_| lost()).collect();
    assert_eq!(gaps, [10, 20, 40, 80, 160, 300, 300, 300, 300]);
    let mut clock = polling(&every(r#", "interval": 600"#));
    assert_eq!(clock.wait(Input::Lost(Lost::NotSent)).unwrap(), 600);
}

#[test]
fn no_assertion_repeats_a_jti_over_polls_restarts_and_failures() {
    let authentication = ClientAuthentication::PrivateKeyJwt(key());
    let client = device_client().with_authentication(authentication);
    let device = authorized(&client, ANSWER).unwrap();
    let mut poll = poll_of(&client, &device);
    let mut now = NOW;
    let mut seen = Vec::new();
    let mut input = Input::Begin;
    for turn in 0..200 {
        poll = elsewhere(poll);
        input = match poll.step(input, now).unwrap() {
            Step::Wait(until) => {
                now = until;
                Input::Woken
            }
            Step::Sign(_) if turn % 7 == 0 => Input::NotSigned(NotSigned::Failed),
            Step::Sign(to_sign) => Input::Signature(sign(&to_sign)),
            Step::Send(request) => {
                seen.push(assertion_of(&request).jti());
                match turn % 5 {
                    0 => Input::Begin,
                    1 => Input::Lost(Lost::MaybeSent),
                    _ => pending(),
                }
            }
            Step::Done(_) => panic!("nobody has answered"),
        };
        if now + time::Duration::seconds(600) > device.expires_at {
            break;
        }
    }
    let polls = seen.len();
    seen.sort();
    seen.dedup();
    assert!(polls > 3, "{polls}");
    assert_eq!(seen.len(), polls);
}

#[test]
fn an_endless_demand_for_nonces_ends_it_after_one_answer() {
    let client = device_client().with_dpop(dpop_key()).unwrap();
    let mut clock = Clock::new(poll_of(&client, &device(ANSWER)));
    let demand = || {
        let body = r#"{"error":"use_dpop_nonce"}"#;
        Input::Response(json(400, body).with_header("DPoP-Nonce", "n"))
    };
    clock.wait(Input::Begin).unwrap();
    assert_eq!(clock.wait(demand()).unwrap(), 0);
    let error = clock.wait(demand()).unwrap_err();
    let code = error.refused().unwrap().code().unwrap();
    assert_eq!(*code, hallpass_grant::ErrorCode::USE_DPOP_NONCE);
}

#[test]
fn a_poll_stored_at_each_step_goes_on_in_another_process() {
    let device: DeviceAuthorization = elsewhere(device(ANSWER));
    assert_eq!(device.user_code, "WDJB-MJHT");
    for authentication in authentications() {
        let client = device_client().with_authentication(authentication);
        for stop in 0..4 {
            let mut poll = poll_of(&client, &device);
            let mut now = NOW;
            let mut step = poll.step(Input::Begin, now).unwrap();
            for _ in 0..stop {
                step = match step {
                    Step::Wait(until) => {
                        now = until;
                        poll.step(Input::Woken, now).unwrap()
                    }
                    Step::Sign(to_sign) => {
                        poll.step(Input::Signature(sign(&to_sign)), now).unwrap()
                    }
                    Step::Send(_) => poll.step(pending(), now).unwrap(),
                    Step::Done(_) => panic!("nobody has answered"),
                };
            }
            let mut clock = Clock::new(elsewhere(poll));
            clock.now = now;
            assert_eq!(clock.poll.expires_at(), device.expires_at);
            assert_eq!(clock.wait(Input::Begin).unwrap(), 5);
            let set: TokenSet = done(
                clock
                    .poll
                    .step(Input::Response(json(200, TOKEN)), clock.now)
                    .unwrap(),
            );
            assert_eq!(set.access_token.expose_secret(), "T");
        }
    }
}

#[test]
fn hostile_and_broken_answers_are_violations() {
    let with = |name: &str, value: &str| {
        let mut answer: serde_json::Value = serde_json::from_str(ANSWER).unwrap();
        let value = serde_json::from_str(value).unwrap();
        answer.as_object_mut().unwrap().insert(name.into(), value);
        authorized(&device_client(), &answer.to_string()).map(drop)
    };
    for page in [
        r#""javascript:alert(1)""#,
        r#""data:text/html,x""#,
        r#""file:///etc/passwd""#,
        r#""http://example.com/device""#,
        r#""http://127.0.0.1:631/""#,
        r#""https://user:pw@example.com/""#,
        r#""https://example.com/\r\nx""#,
        r#""https://example.com/ --flag""#,
        r#""--flag""#,
        r#""$(x)""#,
        "1",
        "[]",
    ] {
        for name in ["verification_uri", "verification_uri_complete"] {
            violation(&with(name, page).expect_err(page));
        }
    }
    for code in [
        r#""\u0007""#,
        r#""A\nB""#,
        r#""\u001b[31mA""#,
        r#""A\u202eB""#,
        r#""\u200b""#,
        r#""""#,
        "null",
        "7",
        "{}",
    ] {
        violation(&with("user_code", code).expect_err(code));
    }
    let long = |length: usize| format!("\"{}\"", "A".repeat(length));
    assert!(with("user_code", &long(64)).is_ok());
    violation(&with("user_code", &long(65)).unwrap_err());
    violation(&with("user_code", &long(1 << 20)).unwrap_err());
    for code in ["null", r#""""#, "7"] {
        violation(&with("device_code", code).expect_err(code));
    }
    for end in ["true", "\"soon\"", "[]"] {
        violation(&with("expires_in", end).expect_err(end));
    }
    for name in ["device_code", "user_code", "verification_uri"] {
        violation(&with(name, "null").expect_err(name));
    }
    for whole in ["", "[]", "{}", "null", "<html>"] {
        violation(&authorized(&device_client(), whole).unwrap_err());
    }
}

#[test]
fn a_lost_device_request_leaves_nothing_in_doubt() {
    let mut call = device_client()
        .device(&Scopes::new(), &mut draws(SEED))
        .unwrap();
    let _request = sent(call.step(Input::Begin, NOW).unwrap());
    let error = call.step(Input::Lost(Lost::MaybeSent), NOW).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Transport);
}

#[test]
fn what_shows_the_device_shows_no_code() {
    let device = device(ANSWER);
    let poll = poll_of(&device_client(), &device);
    let shown = format!("{device:?} {device:#?} {poll:?} {poll:#?}");
    for code in ["GmRh", "WDJB", "user_code="] {
        assert!(!shown.contains(code), "{shown}");
    }
}

#[test]
fn another_client_and_another_server_cannot_poll() {
    let device = device(ANSWER);
    let other = Client::new(device_server(), "other").unwrap();
    let moved = device_server().with_token_endpoint(endpoint("https://evil.example/token"));
    let nowhere = ServerMetadata::default();
    for client in [other, client_of(moved), client_of(nowhere)] {
        let error = client.poll(&device, &mut draws(SEED)).unwrap_err();
        assert_eq!(*misuse(&error), Misuse::OtherClient);
    }
}

#[test]
fn a_server_without_the_endpoint_and_a_broken_random_source_are_told() {
    let error = client()
        .device(&Scopes::new(), &mut draws(SEED))
        .unwrap_err();
    assert_eq!(
        *misuse(&error),
        Misuse::Missing("device authorization endpoint")
    );
    let mut broken = || Err::<[u8; 32], _>(RandomError);
    let begun = device_client().device(&Scopes::new(), &mut broken);
    assert_eq!(*misuse(&begun.unwrap_err()), Misuse::Random);
    let begun = device_client().poll(&device(ANSWER), &mut broken);
    assert_eq!(*misuse(&begun.unwrap_err()), Misuse::Random);
}

/// What a server does with one poll.
#[derive(Clone, Debug)]
enum Server {
    Pending(u16),
    SlowDown(u16),
    Busy(u16, Option<u64>),
    Lost(Lost),
    /// The device loses its power and comes back with what it had stored.
    Restart,
}

fn any_server() -> impl Strategy<Value = Server> {
    prop_oneof![
        prop_oneof![Just(400), Just(401)].prop_map(Server::Pending),
        prop_oneof![Just(400), Just(401)].prop_map(Server::SlowDown),
        (
            prop_oneof![Just(429_u16), 500_u16..600],
            prop::option::of(0_u64..2000)
        )
            .prop_map(|(status, after)| Server::Busy(status, after)),
        prop_oneof![Just(Lost::NotSent), Just(Lost::MaybeSent)].prop_map(Server::Lost),
        Just(Server::Restart),
    ]
}

proptest! {
    /// The interval is counted here as RFC 8628 §3.2 and §3.5 say, and not asked from the library.
    #[test]
    fn nothing_is_polled_before_the_interval_or_after_the_end(
        interval in prop::option::of(0_u64..700),
        lifetime in 0_i64..4000,
        behaviour in prop::collection::vec((any_server(), 0_i64..4), 1..12),
    ) {
        let given = interval.map(|seconds| format!(r#", "interval": {seconds}"#));
        let text = ANSWER
            .replace(",\n    \"interval\": 5", &given.unwrap_or_default())
            .replace("1800", &lifetime.to_string());
        let device = device(&text);
        let mut least = interval.unwrap_or(5).max(1) as i64;
        let mut clock = Clock::new(poll_of(&device_client(), &device));
        let mut behaviour = behaviour.iter().cycle();
        let (mut input, mut retry_after, mut polls) = (Input::Begin, 0, 0_i64);
        let shortest = least;
        let error = loop {
            match clock.wait(input) {
                Ok(waited) => prop_assert!(waited >= least.max(retry_after), "{waited} after {polls}"),
                Err(error) => break error,
            }
            polls += 1;
            prop_assert!(clock.now < device.expires_at);
            let (server, latency) = behaviour.next().unwrap();
            clock.now += time::Duration::seconds(*latency);
            retry_after = 0;
            input = match server {
                Server::Pending(status) => refusal(*status, "authorization_pending"),
                Server::SlowDown(status) => {
                    least += 5;
                    refusal(*status, "slow_down")
                }
                Server::Busy(status, after) => {
                    retry_after = after.unwrap_or(0) as i64;
                    let after = after.map(|seconds| seconds.to_string()).unwrap_or_default();
                    Input::Response(Response::new(*status).with_header("Retry-After", &after))
                }
                Server::Lost(lost) => Input::Lost(*lost),
                Server::Restart => {
                    clock.poll = elsewhere(clock.poll);
                    Input::Begin
                }
            };
        };
        prop_assert!(matches!(error.kind(), ErrorKind::Expired(_)), "{error}");
        prop_assert!(clock.now >= device.expires_at);
        prop_assert!(polls <= lifetime / shortest);
    }
}
