//! Names, secrets and nestings that nobody should send.

use hallpass::{
    DuplicateScheme, InvalidScheme, Requirement, RequirementError, Scheme, Schemes, SecurityError,
};

use crate::support::{api, files, key, request, security, shown};

#[test]
fn a_name_that_no_scheme_has_is_told_before_any_call() {
    let schemes = Schemes::new([key("apiKey", "x")]).unwrap();
    let nested = Requirement::any(["apiKey".into(), Requirement::all(["apiKey", "apikey"])]);
    let error = schemes.require(nested).unwrap_err();
    assert_eq!(error, RequirementError::Unknown("apikey".to_owned()));
    assert!(error.to_string().contains("\"apikey\""), "{error}");

    let long = format!("\r\n\u{1b}[2J{}", "x".repeat(1_000_000));
    let text = schemes.require(long).unwrap_err().to_string();
    assert!(
        text.len() < 300 && !text.contains(char::is_control),
        "{text}"
    );
}

#[test]
fn two_schemes_of_one_name_are_an_error() {
    let error = Schemes::new([key("apiKey", "x"), key("apiKey", "y")]).unwrap_err();
    assert_eq!(error, DuplicateScheme("apiKey".to_owned()));
}

#[test]
fn an_any_of_none_is_refused_wherever_it_stands() {
    let schemes = Schemes::new([key("apiKey", "x")]).unwrap();
    let none = Requirement::any([""; 0]);
    let nested = Requirement::any(["apiKey".into(), Requirement::all([none.clone()])]);
    for requirement in [none, nested] {
        assert_eq!(
            schemes.require(requirement).unwrap_err(),
            RequirementError::EmptyAny
        );
    }
}

#[test]
fn what_is_nested_too_deeply_or_has_too_much_is_refused() {
    let schemes = Schemes::new([key("apiKey", "x")]).unwrap();
    let mut deep = Requirement::scheme("apiKey");
    for _ in 0..100_000 {
        deep = Requirement::any([deep, "apiKey".into()]);
    }
    assert_eq!(
        schemes.require(deep).unwrap_err(),
        RequirementError::TooDeep
    );
    let wide = Requirement::all(vec!["apiKey"; 1_000_000]);
    assert_eq!(
        schemes.require(wide).unwrap_err(),
        RequirementError::TooLarge
    );
}

#[tokio::test]
async fn what_would_be_a_billion_alternatives_is_decided_at_once() {
    let names: Vec<String> = (0..80).map(|at| format!("k{at}")).collect();
    let schemes = names.iter().map(|name| key(name, ""));
    let pairs = names.chunks(2);
    let pairs = pairs.map(|pair| Requirement::any(pair.iter().map(String::as_str)));
    let security = security(schemes, Requirement::all(pairs));
    let error = security.authorize(&mut files()).await.unwrap_err();
    let SecurityError::Unmet(unmet) = error else {
        panic!("{error:?}")
    };
    assert_eq!(unmet.causes().len(), 80);
}

fn refused(scheme: Result<Scheme, InvalidScheme>) -> InvalidScheme {
    let error = scheme.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    error
}

#[test]
fn a_line_break_or_anything_else_that_no_header_carries_makes_no_scheme() {
    for bad in [
        "canary\r\nX-Evil: 1",
        "canary\n",
        "canary\0",
        "canary\u{7f}",
        "can\u{e9}ry canary",
    ] {
        for scheme in [
            Scheme::bearer("s", api(), bad),
            Scheme::header_key("s", api(), "x-key", bad),
            Scheme::cookie_key("s", api(), "sid", bad),
        ] {
            assert!(
                matches!(refused(scheme), InvalidScheme::Value { .. }),
                "{bad:?}"
            );
        }
    }
    for bad in ["canary ", " canary", "\tcanary"] {
        let scheme = Scheme::header_key("s", api(), "x-key", bad);
        assert!(
            matches!(refused(scheme), InvalidScheme::Value { .. }),
            "{bad:?}"
        );
    }
    for bad in ["canary x", "canary;x", "canary,x", "canary\\", "\"canary\""] {
        let scheme = Scheme::cookie_key("s", api(), "sid", bad);
        assert!(
            matches!(refused(scheme), InvalidScheme::Value { .. }),
            "{bad:?}"
        );
    }
    let bearer = Scheme::bearer("s", api(), "Bearer canary");
    assert!(matches!(refused(bearer), InvalidScheme::Value { .. }));
}

#[test]
fn basic_takes_no_colon_in_a_user_name_and_no_control_characters() {
    for (user, password) in [
        ("ali:ce", "canary"),
        ("alice\n", "canary"),
        ("alice", "canary\r\n"),
        ("alice", "canary\u{85}"),
    ] {
        let error = refused(Scheme::basic("s", api(), user, password));
        assert!(matches!(error, InvalidScheme::Value { .. }), "{user:?}");
    }
}

#[test]
fn there_are_places_where_no_scheme_writes() {
    let header = |name| Scheme::header_key("s", api(), name, "canary");
    for bad in [
        "",
        "x key",
        "x:key",
        "x\r\nkey",
        "é",
        "Host",
        "Content-Length",
        "transfer-encoding",
        "Cookie",
        "dpop",
    ] {
        assert!(
            matches!(refused(header(bad)), InvalidScheme::Place { .. }),
            "{bad:?}"
        );
    }
    for bad in ["", "s id", "sid=", "sid;", "é", "sid\r\n"] {
        let scheme = Scheme::cookie_key("s", api(), bad, "canary");
        assert!(
            matches!(refused(scheme), InvalidScheme::Place { .. }),
            "{bad:?}"
        );
    }
    let scheme = Scheme::query_key("s", api(), "", "canary");
    assert!(matches!(refused(scheme), InvalidScheme::Place { .. }));
}

#[test]
fn a_name_that_would_mislead_in_a_message_makes_no_scheme() {
    for bad in ["", "a b", "a]", "a\n", "\u{202e}a", "é", &"x".repeat(129)] {
        assert_eq!(
            refused(Scheme::bearer(bad, api(), "canary")),
            InvalidScheme::Name,
            "{bad:?}"
        );
    }
    assert!(Scheme::bearer(&"x".repeat(128), api(), "canary").is_ok());
}

#[tokio::test]
async fn an_address_that_would_become_too_long_stays_as_it_was() {
    let all = Requirement::all(["query", "apiKey"]);
    let query = Scheme::query_key("query", api(), "k", "x".repeat(1000)).unwrap();
    let uri = format!("https://api.example/{}", "y".repeat(65_000));
    let mut request = request(&uri);
    let error = security([query, key("apiKey", "x")], all)
        .authorize(&mut request)
        .await;
    assert!(matches!(error, Err(SecurityError::TooLarge)), "{error:?}");
    assert_eq!(shown(&request), [uri]);
}
