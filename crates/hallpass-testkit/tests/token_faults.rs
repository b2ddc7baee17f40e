//! Each fault of the token endpoint and of the metadata, and those of any endpoint as far as they need no socket.

mod common;

use std::time::Duration;

use common::*;
use hallpass_testkit::{
    AuthorizationServer, Body, Delivery, Endpoint, Fault, Hostile, Request, Response, Value,
};

const METADATA: &str = "/.well-known/oauth-authorization-server";

/// The answer to an exchange while this is on, and the server.
fn exchange_with(fault: Fault) -> (AuthorizationServer, String, Response) {
    let mut server = server();
    let code = code(&mut server);
    server.inject(fault);
    let response = server.respond(&exchange_request(&code, &[]), NOW);
    (server, code, response)
}

fn answer(fault: Fault) -> Response {
    exchange_with(fault).2
}

/// Whether the code can be used once the fault is gone.
fn spares_the_code(fault: Fault) -> bool {
    let (mut server, code, _) = exchange_with(fault);
    server.heal();
    server.respond(&exchange_request(&code, &[]), NOW).status == 200
}

#[test]
fn the_members_of_the_answer_are_what_a_test_wants() {
    for token in ["null", "7", "\"\"", "{}"] {
        let shown = answer(Fault::AccessToken(Value::json(token))).text();
        assert!(
            shown.starts_with(&format!("{{\"access_token\":{token},")),
            "{shown}"
        );
    }
    assert!(
        !answer(Fault::AccessToken(Value::Absent))
            .text()
            .contains("\"access_token\"")
    );
    for number in ["-1", "1e400", "18446744073709551616", "\"3600\"", "1.9"] {
        let shown = answer(Fault::ExpiresIn(Value::json(number))).text();
        assert!(
            shown.contains(&format!("\"expires_in\":{number},")),
            "{shown}"
        );
    }
    assert_eq!(
        json(&answer(Fault::ExpiresIn(Value::text("abc"))))["expires_in"],
        "abc"
    );
    assert_eq!(
        json(&answer(Fault::ExpiresIn(Value::Absent))).get("expires_in"),
        None
    );
    assert_eq!(
        json(&answer(Fault::TokenType(Value::text("mac"))))["token_type"],
        "mac"
    );
    assert_eq!(
        json(&answer(Fault::TokenType(Value::text("BEARER"))))["token_type"],
        "BEARER"
    );
    assert_eq!(
        json(&answer(Fault::Scope(Value::Absent))).get("scope"),
        None
    );
    let expiry = Fault::ExtraMember {
        name: "expiry".to_owned(),
        value: Value::json("1"),
    };
    assert_eq!(json(&answer(expiry))["expiry"], 1);
}

#[test]
fn more_than_one_member_can_be_added() {
    let mut server = server();
    for name in ["a", "b"] {
        server.inject(Fault::ExtraMember {
            name: name.to_owned(),
            value: Value::json("true"),
        });
    }
    let tokens = tokens(&mut server);
    assert_eq!((&tokens["a"], &tokens["b"]), (&true.into(), &true.into()));
}

#[test]
fn json_is_deep_wide_or_says_something_twice() {
    let deep = answer(Fault::JsonDepth(10_000)).text();
    assert!(deep.contains(&"[".repeat(10_000)) && deep.starts_with("{\"access_token\":"));
    assert!(
        serde_json::from_str::<serde_json::Value>(&deep).is_err(),
        "a reader with a limit refuses it"
    );
    let wide = json(&answer(Fault::JsonMembers(100_000)));
    assert_eq!(wide.as_object().unwrap().len(), 100_005);
    let twice = answer(Fault::DuplicateMember("access_token".to_owned())).text();
    assert_eq!(twice.matches("\"access_token\"").count(), 2);
}

#[test]
fn an_answer_without_a_refresh_token_leaves_the_old_one_good() {
    let mut server = server();
    let tokens = tokens(&mut server);
    let token = text(&tokens, "refresh_token");
    server.inject(Fault::NoRefreshToken.once());
    assert_eq!(
        json(&refresh(&mut server, token, NOW)).get("refresh_token"),
        None
    );
    assert!(
        json(&refresh(&mut server, token, NOW))
            .get("refresh_token")
            .is_some()
    );
    assert_eq!(server.reuses(), 0);
}

#[test]
fn every_refresh_is_refused_and_nothing_is_lost() {
    let mut server = server();
    let tokens = tokens(&mut server);
    let token = text(&tokens, "refresh_token");
    server.inject(Fault::RefreshInvalidGrant);
    for _ in 0..2 {
        assert_eq!(
            refusal(&refresh(&mut server, token, NOW)),
            (400, "invalid_grant".to_owned())
        );
    }
    server.remove(&Fault::RefreshInvalidGrant);
    assert_eq!(refresh(&mut server, token, NOW).status, 200);
}

#[test]
fn an_error_of_ones_choice_is_answered() {
    let fault = Fault::TokenError {
        error: "invalid_scope".to_owned(),
        description: Hostile::Ansi.text(),
    };
    assert_eq!(
        refusal(&answer(fault.clone())),
        (400, "invalid_scope".to_owned())
    );
    assert_eq!(
        text(&json(&answer(fault.clone())), "error_description"),
        Hostile::Ansi.text()
    );
    assert!(spares_the_code(fault));
}

#[test]
fn a_body_is_no_answer() {
    for (body, expected) in [
        (Body::Empty, ""),
        (Body::EmptyObject, "{}"),
        (Body::EmptyArray, "[]"),
        (Body::Text, "Something went wrong."),
        (
            Body::Error("invalid_request".to_owned()),
            "{\"error\":\"invalid_request\"}",
        ),
        (Body::Json("nul".to_owned()), "nul"),
    ] {
        for status in [200, 400, 401, 503] {
            let fault = Fault::Body {
                status,
                body: body.clone(),
            };
            let response = answer(fault.clone());
            assert_eq!(
                (response.status, response.text().as_str()),
                (status, expected)
            );
            assert!(spares_the_code(fault));
        }
    }
    let gateway = answer(Fault::Body {
        status: 502,
        body: Body::Html,
    });
    assert!(
        gateway
            .header_value("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(gateway.text().starts_with("<!doctype html>"));
}

#[test]
fn a_busy_server_says_when_to_come_back() {
    let fault = Fault::TooManyRequests { retry_after: 17 };
    let response = answer(fault.clone());
    assert_eq!(
        (response.status, response.header_value("retry-after")),
        (429, Some("17"))
    );
    assert!(spares_the_code(fault));
}

#[test]
fn the_token_endpoint_redirects() {
    for (status, location) in [
        (307, "//evil.example/token"),
        (308, "https://evil.example/token"),
    ] {
        let response = answer(Fault::Redirect {
            status,
            location: location.to_owned(),
        });
        assert_eq!(
            (response.status, response.location()),
            (status, Some(location))
        );
    }
}

#[test]
fn a_good_answer_has_the_wrong_type() {
    let response = answer(Fault::ContentType("text/html".to_owned()));
    let types: Vec<_> = response
        .headers
        .iter()
        .filter(|(name, _)| name == "Content-Type")
        .collect();
    assert_eq!(
        types,
        [&("Content-Type".to_owned(), "text/html".to_owned())]
    );
    assert!(json(&response).get("access_token").is_some());
}

#[test]
fn an_answer_that_is_lost_costs_the_code_and_one_that_was_never_begun_does_not() {
    assert_eq!(answer(Fault::LoseAnswer).delivery, Delivery::Close);
    assert!(!spares_the_code(Fault::LoseAnswer));
    assert_eq!(answer(Fault::CloseBeforeAnswer).delivery, Delivery::Close);
    assert!(spares_the_code(Fault::CloseBeforeAnswer));
    assert_eq!(answer(Fault::Hang).delivery, Delivery::Hang);
    assert!(spares_the_code(Fault::Hang));
}

#[test]
fn an_answer_is_endless_slow_or_a_bomb() {
    assert_eq!(answer(Fault::EndlessBody).delivery, Delivery::Endless);
    let every = Duration::from_secs(1);
    assert_eq!(
        answer(Fault::Drip { every }).delivery,
        Delivery::Drip { every }
    );
    let bomb = answer(Fault::GzipBomb { mebibytes: 1024 });
    assert_eq!(bomb.header_value("content-encoding"), Some("gzip"));
    assert!(
        bomb.body.len() < 2 << 20,
        "{} bytes on the wire",
        bomb.body.len()
    );
}

#[test]
fn a_fault_of_any_endpoint_is_at_the_token_endpoint_unless_told() {
    let mut server = server();
    let fault = Fault::Body {
        status: 500,
        body: Body::Empty,
    };
    server.inject(fault.clone());
    assert_eq!(server.respond(&Request::get(METADATA), NOW).status, 200);
    assert_eq!(server.respond(&token_request(&[]), NOW).status, 500);
    server.heal();
    for (endpoint, path) in [
        (Endpoint::Metadata, METADATA),
        (Endpoint::Resource, "/resource"),
        (Endpoint::Revocation, "/oauth/revoke"),
    ] {
        server.inject(fault.clone().at(endpoint).once());
        assert_eq!(
            server.respond(&Request::get(path), NOW).status,
            500,
            "{path}"
        );
        assert_ne!(
            server.respond(&Request::get(path), NOW).status,
            500,
            "{path}"
        );
    }
}

#[test]
fn faults_for_some_times_are_gone_after_them() {
    let mut server = server();
    server.inject(Fault::TooManyRequests { retry_after: 1 }.times(2));
    server.inject(
        Fault::Body {
            status: 503,
            body: Body::Empty,
        }
        .once(),
    );
    let statuses: Vec<_> = (0..4)
        .map(|_| server.respond(&token_request(&[]), NOW).status)
        .collect();
    assert_eq!(statuses, [429, 429, 503, 400]);
}

#[test]
fn the_metadata_lies() {
    let with = |fault: Fault| {
        let mut server = server();
        server.inject(fault);
        json(&server.respond(&Request::get(METADATA), NOW))
    };
    let plain = with(Fault::PkcePlainOnly);
    assert_eq!(
        plain["code_challenge_methods_supported"],
        serde_json::json!(["plain"])
    );
    assert_eq!(
        with(Fault::MetadataIssuer("https://evil.example".to_owned()))["issuer"],
        "https://evil.example"
    );
    assert_eq!(
        with(Fault::MetadataInsecureEndpoint)["token_endpoint"],
        "http://auth.example/oauth/token"
    );
    let member = |value| Fault::MetadataMember {
        name: "token_endpoint".to_owned(),
        value,
    };
    assert_eq!(with(member(Value::Absent)).get("token_endpoint"), None);
    assert_eq!(
        with(member(Value::text("file:///etc/passwd")))["token_endpoint"],
        "file:///etc/passwd"
    );
    assert_eq!(with(member(Value::json("7")))["token_endpoint"], 7);
}

#[test]
fn two_lies_about_the_same_member_do_not_hang_the_server() {
    let mut server = server();
    for issuer in ["https://a.example", "https://b.example"] {
        server.inject(Fault::MetadataIssuer(issuer.to_owned()));
    }
    assert_eq!(
        json(&server.respond(&Request::get(METADATA), NOW))["issuer"],
        "https://a.example"
    );
}
