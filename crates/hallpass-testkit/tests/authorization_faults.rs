//! Each fault of the authorization response, one by one.

mod common;

use common::*;
use hallpass_testkit::{
    AuthorizationServer, BadEncoding, Config, ConsentError, Decision, Endpoint, Fault, Hostile,
    TokenParameter, User, Value,
};

/// The answer to a code request while this is on.
fn code_answer(fault: Fault) -> String {
    let mut server = server();
    server.inject(fault);
    allow(&mut server, &code_url(&[]))
}

/// The answer to a token request while this is on.
fn token_answer(fault: Fault) -> String {
    let mut server = server();
    server.inject(fault);
    allow(&mut server, &token_url(&[]))
}

fn values(location: &str, mark: char, name: &str) -> Vec<String> {
    let found = parameters(location, mark)
        .into_iter()
        .filter(|(known, _)| known == name);
    found.map(|(_, value)| value).collect()
}

#[test]
fn state_comes_back_altered_cut_or_not_at_all() {
    assert_eq!(
        in_query(&code_answer(Fault::StateAltered), "state").as_deref(),
        Some("xyz-STATA")
    );
    assert_eq!(
        in_query(&code_answer(Fault::StateTruncated), "state").as_deref(),
        Some("xyz-STAT")
    );
    assert_eq!(in_query(&code_answer(Fault::StateMissing), "state"), None);
    assert_eq!(
        in_fragment(&token_answer(Fault::StateAltered), "state").as_deref(),
        Some("xyz-STATA")
    );
}

#[test]
fn iss_names_another_server_or_nobody() {
    assert_eq!(in_query(&code_answer(Fault::IssuerMissing), "iss"), None);
    let wrong = in_query(&code_answer(Fault::IssuerWrong), "iss").unwrap();
    assert_ne!(wrong, "https://auth.example");

    let mut silent = AuthorizationServer::new(Config::new().iss_parameter(false));
    silent.inject(Fault::IssuerWrong);
    let location = silent
        .consent(&code_url(&[]), &User::alice(), &Decision::Deny, NOW)
        .unwrap();
    assert_eq!(in_query(&location, "iss"), Some(wrong));
    assert_eq!(
        in_query(&location, "error").as_deref(),
        Some("access_denied")
    );
}

#[test]
fn a_parameter_comes_twice() {
    for name in ["code", "state", "iss"] {
        let location = code_answer(Fault::DuplicateParameter(name.to_owned()));
        assert_eq!(values(&location, '?', name).len(), 2, "{name}");
    }
    let location = token_answer(Fault::DuplicateParameter("access_token".to_owned()));
    let tokens = values(&location, '#', "access_token");
    assert_eq!(tokens.len(), 2);
    assert_ne!(tokens[0], tokens[1]);
}

#[test]
fn a_code_comes_with_an_error_or_empty() {
    let location = code_answer(Fault::CodeAndError);
    assert!(in_query(&location, "code").is_some() && in_query(&location, "error").is_some());
    assert_eq!(
        in_query(&code_answer(Fault::EmptyCode), "code").as_deref(),
        Some("")
    );
}

#[test]
fn a_description_tries_to_be_more_than_text() {
    for (hostile, part) in [
        (Hostile::CrLf, "\r\n"),
        (Hostile::Ansi, "\u{1b}["),
        (Hostile::Html, "<script>"),
    ] {
        let location = code_answer(Fault::HostileDescription(hostile));
        assert_eq!(
            in_query(&location, "error").as_deref(),
            Some("access_denied")
        );
        assert!(
            in_query(&location, "error_description")
                .unwrap()
                .contains(part),
            "{hostile:?}"
        );
        assert!(
            location.is_ascii() && !location.contains(['\r', '\n', '\u{1b}', '<']),
            "{location}"
        );
    }
    let location = token_answer(Fault::HostileDescription(Hostile::Megabyte));
    assert_eq!(
        in_fragment(&location, "error_description").unwrap().len(),
        1_000_000
    );
}

#[test]
fn an_error_of_ones_choice_takes_the_place_of_the_answer() {
    let fault = Fault::AuthorizationError {
        error: "temporarily_unavailable".to_owned(),
        description: "later".to_owned(),
    };
    let location = code_answer(fault);
    assert_eq!(
        in_query(&location, "error").as_deref(),
        Some("temporarily_unavailable")
    );
    assert_eq!(
        in_query(&location, "error_description").as_deref(),
        Some("later")
    );
    assert_eq!(in_query(&location, "code"), None);
    assert_eq!(
        in_query(&code_answer(Fault::DenyConsent), "error").as_deref(),
        Some("access_denied")
    );
}

#[test]
fn an_answer_comes_in_the_wrong_part() {
    let location = token_answer(Fault::TokenInQuery);
    assert!(in_query(&location, "access_token").is_some());
    assert!(!location.contains('#'));
    let location = code_answer(Fault::CodeInFragment);
    assert!(in_fragment(&location, "code").is_some());
    assert!(!location.contains('?'));
}

#[test]
fn a_refresh_token_stands_in_the_fragment() {
    assert!(
        in_fragment(
            &token_answer(Fault::RefreshTokenInFragment),
            "refresh_token"
        )
        .is_some()
    );
}

#[test]
fn a_strange_code_works_for_whoever_decodes_exactly() {
    for (encoding, sent) in [
        (BadEncoding::Nul, "%00"),
        (BadEncoding::Doubled, "%2541%252B%2B"),
    ] {
        let mut server = server();
        server.inject(Fault::BadEncoding(encoding));
        let location = allow(&mut server, &code_url(&[]));
        assert!(location.contains(sent), "{location}");
        let code = in_query(&location, "code").unwrap();
        assert_eq!(
            server.respond(&exchange_request(&code, &[]), NOW).status,
            200,
            "{encoding:?}"
        );
    }
    let location = code_answer(Fault::BadEncoding(BadEncoding::Long));
    assert_eq!(in_query(&location, "code").unwrap().len(), 64 * 1024);
    let location = token_answer(Fault::BadEncoding(BadEncoding::InvalidUtf8));
    assert!(location.contains("%FF&token_type="), "{location}");
}

#[test]
fn a_token_has_the_name_that_some_providers_give_it() {
    let location = token_answer(Fault::TokenParameter(TokenParameter::Only));
    assert!(in_fragment(&location, "token").is_some());
    assert_eq!(in_fragment(&location, "access_token"), None);
    let location = token_answer(Fault::TokenParameter(TokenParameter::Equal));
    assert_eq!(
        in_fragment(&location, "token"),
        in_fragment(&location, "access_token")
    );
    let location = token_answer(Fault::TokenParameter(TokenParameter::Different));
    assert!(in_fragment(&location, "token").is_some());
    assert_ne!(
        in_fragment(&location, "token"),
        in_fragment(&location, "access_token")
    );
}

#[test]
fn any_text_can_follow() {
    assert!(token_answer(Fault::Appended("&key&a=%zz".to_owned())).ends_with("&key&a=%zz"));
}

#[test]
fn the_members_of_a_fragment_are_what_a_test_wants() {
    let with = |fault, name| in_fragment(&token_answer(fault), name);
    assert_eq!(with(Fault::TokenType(Value::Absent), "token_type"), None);
    assert_eq!(
        with(Fault::TokenType(Value::text("mac")), "token_type").as_deref(),
        Some("mac")
    );
    for number in ["-1", "1e400", "18446744073709551616", "1.9", "abc"] {
        assert_eq!(
            with(Fault::ExpiresIn(Value::json(number)), "expires_in").as_deref(),
            Some(number)
        );
    }
    assert_eq!(with(Fault::ExpiresIn(Value::Absent), "expires_in"), None);
    assert_eq!(with(Fault::Scope(Value::Absent), "scope"), None);
    assert_eq!(
        with(Fault::Scope(Value::text("")), "scope").as_deref(),
        Some("")
    );
    assert_eq!(
        with(Fault::Scope(Value::text("read write admin")), "scope").as_deref(),
        Some("read write admin")
    );
    let extra = Fault::ExtraMember {
        name: "expiry".to_owned(),
        value: Value::json("9999999999"),
    };
    assert_eq!(with(extra, "expiry").as_deref(), Some("9999999999"));
}

#[test]
fn a_token_of_ones_own_text_works() {
    let mut server = server();
    server.inject(Fault::AccessToken(Value::text("YWJj+/==")));
    let location = allow(&mut server, &token_url(&[]));
    assert!(
        location.contains("access_token=YWJj%2B%2F%3D%3D&"),
        "{location}"
    );
    assert_eq!(
        resource(&mut server, "/resource", "YWJj+/==", NOW).status,
        200
    );
}

#[test]
fn faults_for_once_make_a_sequence() {
    let mut server = server();
    server.inject(Fault::StateMissing.once());
    server.inject(Fault::DenyConsent.once());
    assert_eq!(
        in_query(&allow(&mut server, &code_url(&[])), "error").as_deref(),
        Some("access_denied")
    );
    assert!(in_query(&allow(&mut server, &code_url(&[])), "code").is_some());
    assert_eq!(server.faults().count(), 0);
}

#[test]
fn an_answer_kept_back_is_told_to_the_test() {
    let mut server = server();
    server.inject(Fault::Hang.at(Endpoint::Authorization));
    let error = server
        .consent(&code_url(&[]), &User::alice(), &Decision::Allow, NOW)
        .unwrap_err();
    assert_eq!(error, ConsentError::NoAnswer);
    server.heal();
    assert!(in_query(&allow(&mut server, &code_url(&[])), "code").is_some());
}
