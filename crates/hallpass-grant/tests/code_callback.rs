//! The response to a code request (RFC 6749 §4.1.2) and what is done to it before a code comes out.

mod common;

use hallpass_grant::{
    AuthorizationRequest, Callback, Client, Conversation, ErrorKind, Input, Issuer, Misuse,
    Recovery, ResponseMode, ServerMetadata, Violation,
};

use common::*;

fn refused(rest: &str) -> Violation {
    violation(&receive_code(&client(), rest).unwrap_err()).clone()
}

#[test]
fn a_code_with_its_state_is_taken() {
    assert!(receive_code(&client(), "&code=X").is_ok());
}

#[test]
fn a_denial_is_typed_and_leaves_nothing_to_send() {
    let rest =
        "&error=access_denied&error_description=no+thanks&error_uri=https%3A%2F%2Fas.example%2Fwhy";
    let error = receive_code(&client(), rest).unwrap_err();
    let refused = error.refused().unwrap();
    assert_eq!(refused.code().unwrap(), "access_denied");
    assert_eq!(refused.status(), None);
    assert_eq!(refused.description(), Some("no thanks"));
    assert_eq!(refused.uri(), Some("https://as.example/why"));
    assert_eq!(error.recovery(), Recovery::Reauthorize);
}

#[test]
fn a_missing_altered_truncated_or_empty_state_is_refused() {
    let altered = STATE.replace('I', "i");
    let long = format!("{STATE}A");
    for state in [
        None,
        Some(""),
        Some(&*altered),
        Some(&STATE[..42]),
        Some(&*long),
    ] {
        let (_, pending) = begin_code(&client());
        let state = state.map_or(String::new(), |state| format!("&state={state}"));
        let callback = format!("/cb?code=X{state}");
        let callback = Callback::from_url(&callback);
        assert!(!pending.expects(&callback));
        let error = pending.receive(&callback, NOW).unwrap_err();
        assert_eq!(*violation(&error), Violation::StateMismatch);
    }
}

#[test]
fn every_single_altered_character_of_state_is_noticed() {
    for at in 0..STATE.len() {
        let mut altered = STATE.as_bytes().to_vec();
        altered[at] ^= 1;
        let callback = format!("/cb?code=X&state={}", String::from_utf8(altered).unwrap());
        let (_, pending) = begin_code(&client());
        assert!(
            !pending.expects(&Callback::from_url(&callback)),
            "byte {at}"
        );
    }
}

#[test]
fn a_replayed_state_of_an_earlier_login_is_refused() {
    let client = client();
    let mut random = draws(1);
    let mut begin = || {
        let grant = client.code().unwrap();
        grant
            .begin(AuthorizationRequest::new(), &mut random, NOW)
            .unwrap()
            .1
    };
    let (earlier, later) = (begin(), begin());
    let callback = format!("/cb?code=X&state={}", earlier.state().expose_secret());
    let callback = Callback::from_url(&callback);
    assert!(earlier.receive(&callback, NOW).is_ok());
    assert_eq!(
        *violation(&later.receive(&callback, NOW).unwrap_err()),
        Violation::StateMismatch
    );
}

#[test]
fn a_state_of_another_session_is_refused_and_costs_that_session_nothing() {
    let client = client();
    let mut random = draws(1);
    let mut begin = || {
        let grant = client.code().unwrap();
        grant
            .begin(AuthorizationRequest::new(), &mut random, NOW)
            .unwrap()
            .1
    };
    let (alice, bob) = (begin(), begin());
    let to_bob = format!("/cb?code=X&state={}", bob.state().expose_secret());
    let to_bob = Callback::from_url(&to_bob);
    assert!(!alice.expects(&to_bob));
    let to_alice = format!("/cb?code=Y&state={}", alice.state().expose_secret());
    assert!(alice.receive(&Callback::from_url(&to_alice), NOW).is_ok());
    assert!(bob.receive(&to_bob, NOW).is_ok());
}

#[test]
fn two_users_of_one_client_get_what_each_of_them_began() {
    let client = client();
    let mut random = draws(1);
    let grant = client.code().unwrap();
    let mut begin = |scope| {
        let request = AuthorizationRequest::new().scopes(scopes(scope));
        grant.begin(request, &mut random, NOW).unwrap().1
    };
    let (alice, bob) = (begin("read"), begin("write"));
    let mut bodies = Vec::new();
    for (pending, code) in [(bob, "B"), (alice, "A")] {
        let callback = format!("/cb?code={code}&state={}", pending.state().expose_secret());
        let code = pending
            .receive(&Callback::from_url(&callback), NOW)
            .unwrap();
        let mut call = client.exchange(code).unwrap();
        bodies.push(body(&sent(call.step(Input::Begin, NOW).unwrap())).to_owned());
    }
    assert!(bodies[0].contains("code=B&") && bodies[1].contains("code=A&"));
    let verifier = |body: &str| {
        let mut pairs = pairs(body).into_iter();
        pairs.find(|(name, _)| name == "code_verifier").unwrap()
    };
    assert_ne!(verifier(&bodies[0]), verifier(&bodies[1]));
}

#[test]
fn a_wrong_iss_is_refused_before_code_or_error_are_read() {
    for advertised in [false, true] {
        let mut server = server_with_issuer();
        server.authorization_response_iss_parameter_supported = advertised;
        let client = client_of(server);
        for rest in [
            "&code=X&iss=https%3A%2F%2Fevil.example",
            "&code=X&iss=https%3A%2F%2Fas.example%2F",
            "&error=access_denied&iss=https%3A%2F%2Fevil.example",
            "&code=&iss=https%3A%2F%2Fevil.example",
        ] {
            let error = receive_code(&client, rest).unwrap_err();
            assert_eq!(*violation(&error), Violation::IssuerMismatch, "{rest}");
        }
        assert!(receive_code(&client, "&code=X&iss=https%3A%2F%2Fas.example").is_ok());
    }
}

#[test]
fn an_iss_that_was_promised_must_come() {
    let mut server = server_with_issuer();
    server.authorization_response_iss_parameter_supported = true;
    let error = receive_code(&client_of(server), "&code=X").unwrap_err();
    assert_eq!(*violation(&error), Violation::IssuerMismatch);
    assert!(receive_code(&client_of(server_with_issuer()), "&code=X").is_ok());
}

#[test]
fn a_swapped_servers_code_goes_only_to_the_endpoint_pinned_at_the_start() {
    let other = ServerMetadata::default()
        .with_issuer(Issuer::new("https://evil.example").unwrap())
        .with_authorization_endpoint(endpoint("https://evil.example/a"))
        .with_token_endpoint(endpoint("https://evil.example/t"));
    let honest = client();
    let code = code_of(&honest);
    let mut call = honest.exchange(code).unwrap();
    let request = sent(call.step(Input::Begin, NOW).unwrap());
    assert_eq!(
        request.endpoint().as_str(),
        "https://as.example/oauth/token"
    );
    // The same client id at another server: neither the code nor that client's secret crosses over.
    let evil = Client::new(other, "cid").unwrap();
    let error = evil.exchange(code_of(&honest)).unwrap_err();
    assert_eq!(*misuse(&error), Misuse::OtherClient);
}

#[test]
fn a_code_is_exchanged_by_no_other_client() {
    let code = code_of(&client());
    let other = Client::new(server(), "other").unwrap();
    assert_eq!(
        *misuse(&other.exchange(code).unwrap_err()),
        Misuse::OtherClient
    );
}

#[test]
fn duplicates_contradictions_and_empty_codes_are_malformed() {
    assert_eq!(refused("&code=X&code=X"), Violation::DuplicateParameter);
    assert_eq!(refused("&code=X&%63ode=Y"), Violation::DuplicateParameter);
    assert!(matches!(
        refused("&code=X&error=access_denied"),
        Violation::Malformed(_)
    ));
    assert!(matches!(refused("&code="), Violation::Malformed(_)));
    assert!(matches!(refused(""), Violation::Malformed(_)));
    assert!(matches!(
        refused("&code=X&access_token=T"),
        Violation::Malformed(_)
    ));
}

#[test]
fn an_error_description_is_bounded_and_neutralised() {
    let evil = "%0D%0ASet-Cookie:x%1B[31m%3Cscript%3E".to_owned() + &"x".repeat(60_000);
    let error =
        receive_code(&client(), &format!("&error=a%0Ab&error_description={evil}")).unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(shown.len() < 3_000, "{}", shown.len());
    assert!(!shown.contains(['\r', '\n', '\x1b', '<', '>']), "{shown}");
    let long = format!("&error=e&error_description={}", "x".repeat(1 << 20));
    assert_eq!(refused(&long), Violation::TooLarge);
}

#[test]
fn what_belongs_into_the_query_is_not_read_from_elsewhere() {
    for (callback, name) in [
        (format!("/cb#code=X&state={STATE}"), "code"),
        (format!("/cb?state={STATE}#code=X"), "code"),
        (format!("/cb?code=X&state={STATE}#state=Y"), "state"),
        (format!("/cb?code=X&state={STATE}#error=E"), "error"),
    ] {
        let (_, pending) = begin_code(&client());
        let error = pending
            .receive(&Callback::from_url(&callback), NOW)
            .unwrap_err();
        assert_eq!(
            *violation(&error),
            Violation::WrongResponseMode(name),
            "{callback}"
        );
    }
}

#[test]
fn a_form_post_is_read_from_the_form_alone() {
    let client = client();
    let grant = client.code().unwrap();
    let begin = || {
        let request = AuthorizationRequest::new().response_mode(ResponseMode::FormPost);
        grant.begin(request, &mut draws(SEED), NOW).unwrap().1
    };
    let form = format!("code=X&state={STATE}");
    assert!(
        begin()
            .receive(&Callback::from_form("/cb", &form), NOW)
            .is_ok()
    );
    let in_query = format!("/cb?{form}");
    let error = begin()
        .receive(&Callback::from_url(&in_query), NOW)
        .unwrap_err();
    assert_eq!(*violation(&error), Violation::WrongResponseMode("code"));
}

#[test]
fn a_redirect_without_a_response_has_an_error_of_its_own() {
    let (_, pending) = begin_code(&client());
    let error = pending
        .receive(&Callback::from_url("/cb"), NOW)
        .unwrap_err();
    assert_eq!(*violation(&error), Violation::NoResponse);
}

#[test]
fn a_million_parameters_are_refused() {
    let many: String = (0..1_000_000).map(|n| format!("&{n}=")).collect();
    assert_eq!(refused(&many), Violation::TooLarge);
    let few_bytes: String = (0..100).map(|n| format!("&{n}=")).collect();
    assert_eq!(refused(&few_bytes), Violation::TooLarge);
}

#[test]
fn pkce_binds_the_code_to_the_session_that_began() {
    let mut call = exchange_of(&client());
    let request = sent(call.step(Input::Begin, NOW).unwrap());
    let sent: Vec<_> = pairs(body(&request));
    assert!(sent.contains(&("code_verifier".to_owned(), VERIFIER.to_owned())));
    let (url, _) = begin_code(&client());
    // The challenge is the hash of exactly that verifier: what an attacker's code was begun with is another.
    assert_eq!(query_of(&url)["code_challenge"], CHALLENGE);
}

#[test]
fn what_the_server_said_in_the_redirect_is_no_transport_error() {
    let error = receive_code(&client(), "&error=temporarily_unavailable").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Refused(_)));
    assert_eq!(error.recovery(), Recovery::Retry { after: None });
}

#[test]
fn an_iss_that_cannot_be_compared_is_not_passed_over() {
    let client = client_of(server());
    for rest in [
        "&code=c&iss=https%3A%2F%2Fhonest.example",
        "&error=access_denied&iss=https%3A%2F%2Fas.example",
    ] {
        let error = receive_code(&client, rest).unwrap_err();
        assert_eq!(*misuse(&error), Misuse::Missing("issuer"), "{rest}");
    }
    let mut promises = server();
    promises.authorization_response_iss_parameter_supported = true;
    let error = Client::new(promises, "cid").unwrap_err();
    assert_eq!(*misuse(&error), Misuse::Missing("issuer"));
}
