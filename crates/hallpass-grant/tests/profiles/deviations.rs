//! What servers do that no RFC allows: what becomes of it in silence, what needs a profile, and what stays an error.

use hallpass_grant::token::Lifetime;
use hallpass_grant::{
    AnswerForm, AssertionAudience, BasicEncoding, Callback, ClientAuthentication, Discovery,
    Issuer, IssuerComparison, ResponseMode, ScopeSeparator, TokenParameter, TokenTypeMember,
    Violation,
};
use hallpass_grant::{
    AuthorizationRequest, ErrorKind, ExchangedToken, JwtBearer, TokenExchange, TokenTypeUri,
};

use super::*;

const ANSWER: &str = r#"{"access_token":"T","token_type":"Bearer""#;

fn with(change: impl FnOnce(&mut Profile)) -> Client {
    let mut profile = Profile::STRICT;
    change(&mut profile);
    client().with_profile(profile)
}

/// What an answer with these members more becomes.
fn answer(client: &Client, members: &str) -> Result<TokenSet, Error> {
    exchanged(client, json(200, &format!("{ANSWER}{members}}}")))
}

fn broken<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Violation {
    violation(&outcome.unwrap_err()).clone()
}

fn form(status: u16, media_type: &str, body: &str) -> Response {
    Response::new(status)
        .with_header("content-type", media_type)
        .with_body(body.as_bytes().to_vec())
}

#[test]
fn a_scope_that_is_dropped_with_a_word_is_missing_and_one_dropped_in_silence_is_believed() {
    let requested = scopes("read write");
    let told = answer(&client(), r#","scope":"read""#).unwrap();
    assert_eq!(told.compared_with(&requested).missing, scopes("write"));
    // RFC 6749 §5.1: an answer without scopes grants what was asked for.
    for silent in ["", r#","scope":null"#] {
        let set = answer(&client(), silent).unwrap();
        assert_eq!(set.scopes, requested);
    }
    assert!(
        answer(&client(), r#","scope":"""#)
            .unwrap()
            .scopes
            .is_empty()
    );
}

#[test]
fn a_refresh_that_brings_more_scopes_says_which() {
    let more = format!(r#"{ANSWER},"scope":"read write admin"}}"#);
    let set = refreshed(&client(), json(200, &more)).unwrap();
    assert_eq!(
        set.compared_with(&scopes("read write")).added,
        scopes("admin")
    );
}

#[test]
fn a_token_without_expires_in_ends_nobody_knows_when() {
    assert_eq!(answer(&client(), "").unwrap().expires_at, None);
}

#[test]
fn a_lifetime_may_be_a_float_or_a_text() {
    let end = |value: &str| {
        let set = answer(&client(), &format!(r#","expires_in":{value}"#));
        set.map(|set| set.expires_at.unwrap())
    };
    let hour = Lifetime::from_seconds(3600).after(NOW);
    for value in [
        "3600",
        "3600.0",
        "3600.9",
        "3.6e3",
        r#""3600""#,
        r#""3600.5""#,
    ] {
        assert_eq!(end(value).unwrap(), hour, "{value}");
    }
    for value in [r#""an hour""#, "true", "[]"] {
        assert!(
            matches!(broken(end(value)), Violation::Malformed(_)),
            "{value}"
        );
    }
}

#[test]
fn a_token_type_in_any_case_is_read_and_a_missing_or_foreign_one_needs_a_profile() {
    let typed = |client: &Client, token_type: &str| {
        let text = format!(r#"{{"access_token":"T"{token_type}}}"#);
        exchanged(client, json(200, &text)).map(|_| ())
    };
    let strict = client();
    let optional = with(|profile| profile.token_type = TokenTypeMember::Optional);
    let ignored = with(|profile| profile.token_type = TokenTypeMember::Ignored);
    for any_case in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let member = format!(r#","token_type":"{any_case}""#);
        for client in [&strict, &optional, &ignored] {
            assert!(typed(client, &member).is_ok(), "{any_case}");
        }
    }
    for missing in ["", r#","token_type":null"#] {
        assert_eq!(broken(typed(&strict, missing)), Violation::TokenType);
        assert!(typed(&optional, missing).is_ok() && typed(&ignored, missing).is_ok());
    }
    for foreign in [r#","token_type":"bot""#, r#","token_type":"""#] {
        assert_eq!(broken(typed(&strict, foreign)), Violation::TokenType);
        assert_eq!(broken(typed(&optional, foreign)), Violation::TokenType);
        assert!(typed(&ignored, foreign).is_ok());
    }
}

#[test]
fn an_error_with_any_status_and_any_name_is_a_refusal_that_keeps_both() {
    for status in [200, 400, 401, 403, 418] {
        let error = exchanged(&client(), json(status, r#"{"error":"invalid_code"}"#)).unwrap_err();
        assert_eq!(told(&error), ("invalid_code", false, Recovery::Reauthorize));
        assert_eq!(error.refused().unwrap().status(), Some(status));
    }
    let error = exchanged(&client(), json(403, r#"{"error":"house_rule_7"}"#)).unwrap_err();
    assert_eq!(told(&error), ("house_rule_7", false, Recovery::Fail));
}

#[test]
fn an_error_without_a_body_is_its_status() {
    for (status, recovery) in [
        (400, Recovery::Fail),
        (401, Recovery::Fail),
        (403, Recovery::Fail),
        // Where nothing answers so, the address is wrong.
        (404, Recovery::Fix),
        (405, Recovery::Fix),
    ] {
        let error = exchanged(&client(), Response::new(status)).unwrap_err();
        assert_eq!(told(&error), ("", false, recovery));
        assert!(error.to_string().contains(&format!("status {status}")));
    }
    let error = exchanged(&client(), form(400, "text/html", "<p>No</p>")).unwrap_err();
    assert_eq!(told(&error), ("", false, Recovery::Fail));
}

#[test]
fn a_page_with_a_200_is_no_answer() {
    let page = "<!doctype html><title>Sign in</title>";
    let at = |media_type| broken(exchanged(&client(), form(200, media_type, page)));
    assert_eq!(at("text/html; charset=utf-8"), Violation::ContentType);
    assert!(matches!(at("application/json"), Violation::Json(_)));
    let unnamed = Response::new(200).with_body(page.as_bytes().to_vec());
    assert!(matches!(
        broken(exchanged(&client(), unnamed)),
        Violation::Json(_)
    ));
    let forgiving = with(|profile| profile.answer = AnswerForm::JsonOrForm);
    let error = exchanged(&forgiving, form(200, "text/html", page)).unwrap_err();
    assert_eq!(*violation(&error), Violation::ContentType);
}

#[test]
fn a_redirect_of_the_token_endpoint_is_not_followed() {
    let error = exchanged(&client(), Response::new(302)).unwrap_err();
    assert_eq!(told(&error), ("", false, Recovery::Fail));
    assert_eq!(error.refused().unwrap().status(), Some(302));
}

#[test]
fn an_issuer_may_stand_in_the_query_though_the_answer_is_in_the_fragment() {
    let receive = |query: &str| {
        let client = client_of(server_with_issuer());
        let request = AuthorizationRequest::new().response_mode(ResponseMode::Fragment);
        let grant = client.code().unwrap();
        let (_, pending) = grant.begin(request, &mut draws(SEED), NOW).unwrap();
        let callback = format!("/cb?{query}#code=c&state={STATE}");
        pending.receive(&Callback::from_url(&callback), NOW)
    };
    assert!(receive("iss=https%3A%2F%2Fas.example").is_ok());
    assert_eq!(
        broken(receive("iss=https%3A%2F%2Fevil.example")),
        Violation::IssuerMismatch
    );
}

#[test]
fn an_empty_access_token_beside_a_code_is_none_and_alone_it_is_missing() {
    assert!(receive_code(&client(), "&code=c&access_token=").is_ok());
    assert!(matches!(
        broken(receive_code(&client(), "&code=c&access_token=T")),
        Violation::Malformed(_)
    ));
    assert!(matches!(
        broken(receive_token(&client(), "&access_token=&token_type=bearer")),
        Violation::Malformed(_)
    ));
    let denied = receive_token(&client(), "&access_token=&error=access_denied");
    assert_eq!(told(&denied.unwrap_err()).0, "access_denied");
}

#[test]
fn a_token_called_token_needs_a_profile() {
    let rest = "&token=T&token_type=bearer";
    assert!(matches!(
        broken(receive_token(&client(), rest)),
        Violation::NoAccessToken {
            setting: "token_parameter"
        }
    ));
    let named = with(|profile| profile.token_parameter = TokenParameter::TokenOrAccessToken);
    assert!(receive_token(&named, rest).is_ok());
}

#[test]
fn a_secret_that_the_server_does_not_decode_is_guessed_in_the_message() {
    let refused_with = |secret: &str, encoding, response: Response| {
        let client = with(|profile| profile.basic = encoding)
            .with_authentication(ClientAuthentication::Basic(secret.into()));
        let error = exchanged(&client, response).unwrap_err();
        (error.refused().unwrap().hint().is_some(), error.to_string())
    };
    let wrong = |code: &str| json(401, &format!(r#"{{"error":"{code}"}}"#));
    for response in [
        wrong("invalid_client"),
        wrong("unauthorized_client"),
        Response::new(401),
    ] {
        let (hint, shown) = refused_with("c:s&é", BasicEncoding::Form, response.clone());
        assert!(hint && shown.contains("`basic` is `raw`"), "{shown}");
        assert!(!shown.contains("c:s"), "{shown}");
        let (hint, _) = refused_with("c:s&é", BasicEncoding::Raw, response.clone());
        assert!(!hint, "it was sent as it is");
        let (hint, _) = refused_with("plain", BasicEncoding::Form, response);
        assert!(!hint, "encoding does not change it");
    }
    let (hint, _) = refused_with(
        "c:s",
        BasicEncoding::Form,
        json(400, r#"{"error":"invalid_grant"}"#),
    );
    assert!(!hint, "the client was known");
}

#[test]
fn a_wrong_secret_called_unauthorized_client_is_for_the_program_to_mend() {
    for status in [400, 401] {
        let answer = json(status, r#"{"error":"unauthorized_client"}"#);
        let error = exchanged(&client(), answer).unwrap_err();
        assert_eq!(told(&error), ("unauthorized_client", false, Recovery::Fix));
    }
}

#[test]
fn a_description_with_line_breaks_is_one_line() {
    let answer = json(
        400,
        r#"{"error":"invalid_request","error_description":"one\r\ntwo\u2028three\u001b[31m"}"#,
    );
    let error = exchanged(&client(), answer).unwrap_err();
    assert_eq!(
        error.refused().unwrap().description(),
        Some("one  two three [31m")
    );
}

#[test]
fn scopes_in_a_list_are_read_and_scopes_by_comma_need_a_profile() {
    let by_comma = with(|profile| {
        profile.granted_scopes = ScopeSeparator::Comma;
        profile.requested_scopes = ScopeSeparator::Comma;
    });
    let granted = |client: &Client, value: &str| {
        answer(client, &format!(r#","scope":{value}"#)).map(|set| set.scopes)
    };
    for client in [&client(), &by_comma] {
        let list = granted(client, r#"["read","write"]"#).unwrap();
        assert_eq!(list, scopes("read write"));
        assert!(matches!(
            broken(granted(client, "[7]")),
            Violation::Malformed(_)
        ));
        assert!(matches!(
            broken(granted(client, "7")),
            Violation::Malformed(_)
        ));
    }
    let text = r#""read,write""#;
    assert_eq!(granted(&client(), text).unwrap(), scopes("read,write"));
    assert_eq!(granted(&by_comma, text).unwrap(), scopes("read write"));
    let (url, _) = begin_code(&by_comma);
    assert_eq!(query_of(&url)["scope"], "read,write");
    let confidential = by_comma.with_authentication(ClientAuthentication::Post("s".into()));
    let call = confidential.client_credentials(&scopes("read write"), &mut draws(SEED));
    let request = request_of(&mut call.unwrap());
    assert!(body(&request).contains("&scope=read%2Cwrite&"));
}

#[test]
fn nested_tokens_need_a_profile_and_never_give_way_to_outer_ones() {
    let nested = with(|profile| profile.token_object = Some("tokens".into()));
    let read = |text: &str| exchanged(&nested, json(200, text));
    let both = r#"{"access_token":"outer","token_type":"Bearer","refresh_token":"outer","scope":"outer",
        "expires_in":1,"plan":"free","tokens":{"access_token":"inner","token_type":"Bearer"}}"#;
    let set = read(both).unwrap();
    assert_eq!(set.access_token.expose_secret(), "inner");
    assert_eq!(set.refresh_token, None);
    assert_eq!(set.scopes, scopes("read write"));
    assert_eq!(set.expires_at, None);
    assert_eq!(set.extra.value("plan").unwrap().as_str(), Some("free"));
    let outer = r#""access_token":"outer","token_type":"Bearer""#;
    for inner in [
        "",
        r#","tokens":null"#,
        r#","tokens":"inner""#,
        r#","tokens":[]"#,
        r#","tokens":{}"#,
        r#","tokens":{"access_token":"inner"}"#,
        r#","tokens":{"access_token":"","token_type":"Bearer"}"#,
    ] {
        assert!(read(&format!("{{{outer}{inner}}}")).is_err(), "{inner}");
    }
    let strict = exchanged(&client(), json(200, both)).unwrap();
    assert_eq!(strict.access_token.expose_secret(), "outer");
}

#[test]
fn an_answer_and_an_error_that_are_forms_need_a_profile() {
    let forgiving = with(|profile| profile.answer = AnswerForm::JsonOrForm);
    let tokens = "access_token=T%2B1&token_type=bearer&expires_in=60&scope=read";
    let refusal = "error=invalid_grant&error_description=It+is+spent";
    for media_type in [
        "application/x-www-form-urlencoded",
        "text/plain; charset=utf-8",
    ] {
        let answer = |body| form(200, media_type, body);
        let set = exchanged(&forgiving, answer(tokens)).unwrap();
        assert_eq!(set.access_token.expose_secret(), "T+1");
        assert_eq!(set.scopes, scopes("read"));
        assert_eq!(set.expires_at, Some(Lifetime::from_seconds(60).after(NOW)));
        assert_eq!(
            broken(exchanged(&client(), answer(tokens))),
            Violation::ContentType
        );
        for status in [200, 400] {
            let error = exchanged(&forgiving, form(status, media_type, refusal)).unwrap_err();
            let expected = ("invalid_grant", true, Recovery::Reauthorize);
            assert_eq!(told(&error), expected);
        }
        let error = exchanged(&client(), form(400, media_type, refusal)).unwrap_err();
        assert_eq!(told(&error), ("", false, Recovery::Fail));
    }
    let twice = "access_token=T&access_token=U&token_type=bearer";
    let answer = form(200, "application/x-www-form-urlencoded", twice);
    assert_eq!(
        broken(exchanged(&forgiving, answer)),
        Violation::DuplicateParameter
    );
    assert!(exchanged(&forgiving, json(200, &format!("{ANSWER}}}"))).is_ok());
}

#[test]
fn a_slash_at_the_end_of_an_issuer_needs_a_profile() {
    let slack_about_it = || {
        let mut profile = Profile::STRICT;
        profile.issuer = IssuerComparison::TrailingSlash;
        profile
    };
    let discovered = |profile: &Profile, issuer: &str| {
        let asked = Issuer::new(ISSUER).unwrap();
        let document =
            format!(r#"{{"issuer":"{issuer}","token_endpoint":"https://as.example/oauth/token"}}"#);
        let discovery = Discovery::new(asked).with_profile(profile);
        answered(discovery, json(200, &document)).map(|_| ())
    };
    let received = |profile: Profile, iss: &str| {
        let client = client_at(server_with_issuer(), profile);
        receive_code(&client, &format!("&code=c&iss={iss}")).map(|_| ())
    };
    let slash = "https://as.example/";
    assert_eq!(
        broken(discovered(&Profile::STRICT, slash)),
        Violation::MetadataIssuer
    );
    assert!(discovered(&slack_about_it(), slash).is_ok());
    assert_eq!(
        broken(received(Profile::STRICT, slash)),
        Violation::IssuerMismatch
    );
    assert!(received(slack_about_it(), slash).is_ok());
    for other in [
        "https://as.example//",
        "https://AS.example",
        "https://as.example/x",
    ] {
        assert!(discovered(&slack_about_it(), other).is_err(), "{other}");
        assert!(received(slack_about_it(), other).is_err(), "{other}");
    }
}

#[test]
fn metadata_may_be_at_either_place_and_what_is_there_must_be_the_issuers() {
    let begin = || {
        let mut discovery = Discovery::new(Issuer::new(ISSUER).unwrap());
        let _first = request_of(&mut discovery);
        discovery
    };
    let document = r#"{"issuer":"https://as.example","token_endpoint":"https://as.example/t"}"#;
    let mut discovery = begin();
    let not_here = Input::Response(Response::new(404));
    let second = sent(discovery.step(not_here, NOW).unwrap());
    assert!(
        second
            .endpoint()
            .as_str()
            .ends_with("/openid-configuration")
    );
    let found = Input::Response(json(200, document));
    let server = done(discovery.step(found, NOW).unwrap());
    assert_eq!(
        server.token_endpoint,
        Some(endpoint("https://as.example/t"))
    );
    // Another issuer's metadata at the first place is not passed over for the second's.
    let other = Input::Response(json(200, r#"{"issuer":"https://evil.example"}"#));
    let error = begin().step(other, NOW).unwrap_err();
    assert_eq!(*violation(&error), Violation::MetadataIssuer);
}

#[test]
fn a_dead_refresh_token_by_another_name_needs_a_profile() {
    let named = with(|profile| {
        profile.dead_refresh_token = vec!["invalid_request".into(), "access_denied".into()].into();
    });
    for (code, strict) in [
        ("invalid_request", Recovery::Fix),
        ("access_denied", Recovery::Reauthorize),
    ] {
        let answer = || json(400, &format!(r#"{{"error":"{code}"}}"#));
        let error = refreshed(&client(), answer()).unwrap_err();
        assert_eq!(told(&error), (code, false, strict));
        let error = refreshed(&named, answer()).unwrap_err();
        assert_eq!(told(&error), (code, true, Recovery::Reauthorize));
        // For a code it means what it says.
        let error = exchanged(&named, answer()).unwrap_err();
        assert_eq!(told(&error), (code, false, strict));
    }
}

#[test]
fn an_assertion_for_the_token_endpoint_needs_a_profile() {
    let audience = |assertion_audience| {
        let mut profile = Profile::STRICT;
        profile.assertion_audience = assertion_audience;
        let client = client_at(server_with_issuer(), profile)
            .with_authentication(ClientAuthentication::PrivateKeyJwt(key()));
        let step = exchange_of(&client).step(Input::Begin, NOW).unwrap();
        let Step::<TokenSet>::Sign(input) = step else {
            panic!("nothing to sign");
        };
        claims_of(&input)["aud"].as_str().unwrap().to_owned()
    };
    assert_eq!(audience(AssertionAudience::Issuer), ISSUER);
    assert_eq!(
        audience(AssertionAudience::TokenEndpoint),
        "https://as.example/oauth/token"
    );
}

#[test]
fn a_public_client_without_a_refresh_token_has_none() {
    for member in ["", r#","refresh_token":null"#, r#","refresh_token":"""#] {
        assert_eq!(answer(&client(), member).unwrap().refresh_token, None);
    }
}

#[test]
fn a_busy_server_says_when_whatever_its_body() {
    let busy = form(429, "text/html", "<p>Later</p>").with_header("retry-after", "7");
    let error = exchanged(&client(), busy).unwrap_err();
    let after = Some(std::time::Duration::from_secs(7));
    assert_eq!(error.recovery(), Recovery::Retry { after });
    assert!(matches!(error.kind(), ErrorKind::Refused(_)));
}

/// What each grant of the token endpoint makes of this answer.
fn every_grant(
    profile: &Profile,
    response: &Response,
) -> Vec<(&'static str, Result<TokenSet, Error>)> {
    let (none, random) = (scopes(""), &mut draws(SEED));
    let server = server().with_device_authorization_endpoint(endpoint("https://as.example/device"));
    let client = client_at(server, profile.clone())
        .with_authentication(ClientAuthentication::Post("s".into()));
    let asserted = JwtBearer::Given("a.b.c".into());
    let calls = [
        ("code", exchange_of(&client)),
        (
            "client credentials",
            client.client_credentials(&none, random).unwrap(),
        ),
        (
            "password",
            client
                .legacy_password("u", &"p".into(), &none, random)
                .unwrap(),
        ),
        (
            "JWT bearer",
            client.jwt_bearer(asserted, &none, random).unwrap(),
        ),
    ];
    let calls = calls.into_iter();
    let mut outcomes: Vec<_> = calls
        .map(|(grant, call)| (grant, answered(call, response.clone())))
        .collect();
    outcomes.push(("refresh", refreshed(&client, response.clone())));
    let codes = r#"{"device_code":"d","user_code":"U","verification_uri":"https://as.example/go","expires_in":60}"#;
    let device = device(&client, json(200, codes)).unwrap();
    let (_, polled) = polled(&client, &device, vec![response.clone()]);
    outcomes.push(("device", polled));
    let exchange = TokenExchange::new(TokenTypeUri::JWT, "t");
    let call = client.token_exchange(&exchange, random).unwrap();
    let exchanged = answered(call, response.clone()).map(|token| match token {
        ExchangedToken::AccessToken(set) => set,
        other => panic!("{other:?}"),
    });
    outcomes.push(("token exchange", exchanged));
    outcomes
}

#[test]
fn every_grant_reads_a_deviation_alike() {
    let mut forgiving = Profile::STRICT;
    forgiving.token_type = TokenTypeMember::Optional;
    forgiving.granted_scopes = ScopeSeparator::Comma;
    forgiving.answer = AnswerForm::JsonOrForm;
    let answer = form(
        200,
        "application/x-www-form-urlencoded",
        "access_token=T&scope=read%2Cwrite",
    );
    for (grant, outcome) in every_grant(&forgiving, &answer) {
        assert_eq!(outcome.unwrap().scopes, scopes("read write"), "{grant}");
    }
    for (grant, outcome) in every_grant(&Profile::STRICT, &answer) {
        assert_eq!(broken(outcome), Violation::ContentType, "{grant}");
    }
    for (grant, outcome) in every_grant(&Profile::STRICT, &json(200, r#"{"access_token":"T"}"#)) {
        assert_eq!(broken(outcome), Violation::TokenType, "{grant}");
    }
    let refusal = json(403, r#"{"error":"house_rule_7"}"#);
    for (grant, outcome) in every_grant(&Profile::STRICT, &refusal) {
        let error = outcome.unwrap_err();
        assert_eq!(
            told(&error),
            ("house_rule_7", false, Recovery::Fail),
            "{grant}"
        );
    }
}

#[test]
fn a_profile_of_a_users_own_is_read_from_json_and_misspells_nothing() {
    let text = r#"{
        "basic": "raw",
        "assertion_audience": "token_endpoint",
        "requested_scopes": "comma",
        "granted_scopes": "comma",
        "authorization_parameters": [["access_type", "offline"]],
        "token_parameter": "token_or_access_token",
        "token_type": "ignored",
        "token_object": "authed_user",
        "answer": "json_or_form",
        "issuer": "trailing_slash",
        "dead_refresh_token": ["bad_refresh_token"]
    }"#;
    let mut expected = Profile::STRICT;
    expected.basic = BasicEncoding::Raw;
    expected.assertion_audience = AssertionAudience::TokenEndpoint;
    expected.requested_scopes = ScopeSeparator::Comma;
    expected.granted_scopes = ScopeSeparator::Comma;
    expected.authorization_parameters = vec![("access_type".into(), "offline".into())].into();
    expected.token_parameter = TokenParameter::TokenOrAccessToken;
    expected.token_type = TokenTypeMember::Ignored;
    expected.token_object = Some("authed_user".into());
    expected.answer = AnswerForm::JsonOrForm;
    expected.issuer = IssuerComparison::TrailingSlash;
    expected.dead_refresh_token = vec!["bad_refresh_token".into()].into();
    let read = |text: &str| serde_json::from_str::<Profile>(text);
    assert_eq!(read(text).unwrap(), expected);
    assert_eq!(read("{}").unwrap(), Profile::STRICT);
    for profile in [
        expected,
        Profile::GITHUB,
        Profile::GOOGLE,
        Profile::MICROSOFT,
        Profile::SLACK_BOT,
        Profile::SLACK_USER,
        Profile::HTTPIG,
    ] {
        let written = serde_json::to_string(&profile).unwrap();
        assert_eq!(read(&written).unwrap(), profile);
    }
    for wrong in [
        r#"{"basics":"raw"}"#,
        r#"{"basic":"Raw"}"#,
        r#"{"token_type":"sometimes"}"#,
        r#"{"dead_refresh_token":"bad_refresh_token"}"#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_profile_that_sets_what_this_library_sets_or_one_thing_twice_begins_no_login() {
    for parameters in [
        r#"[["redirect_uri","https://evil.example/"]]"#,
        r#"[["code_challenge_method","plain"]]"#,
        r#"[["response_mode","query"]]"#,
        r#"[["state","x"]]"#,
        r#"[["prompt","login"],["prompt","none"]]"#,
    ] {
        let profile = format!(r#"{{"authorization_parameters":{parameters}}}"#);
        let client = client().with_profile(serde_json::from_str(&profile).unwrap());
        let request = AuthorizationRequest::new;
        let code = client.code().unwrap();
        let code = code.begin(request(), &mut draws(SEED), NOW);
        let token = client.implicit().unwrap();
        let token = token.begin(request(), &mut draws(SEED), NOW);
        for error in [
            code.map(|_| ()).unwrap_err(),
            token.map(|_| ()).unwrap_err(),
        ] {
            assert!(matches!(error.kind(), ErrorKind::Misuse(_)), "{parameters}");
        }
    }
}

#[test]
fn what_stands_beside_nested_tokens_is_taken_over_in_one_pass() {
    let beside: String = (0..60_000).map(|n| format!(r#""m{n}":0,"#)).collect();
    let inner: String = (0..20_000).map(|n| format!(r#","i{n}":0"#)).collect();
    let body = format!(r#"{{{beside}"authed_user":{ANSWER}{inner}}}}}"#);
    let client = client().with_profile(Profile::SLACK_USER);
    let set = exchanged(&client, json(200, &body)).unwrap();
    assert_eq!(set.extra.len(), 80_000);
}
