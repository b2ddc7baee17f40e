//! The response to a token request, in the fragment (RFC 6749 §4.2.2).

mod common;

use hallpass_grant::token::{Lifetime, TokenType};
use hallpass_grant::{Callback, Client, Misuse, Profile, ServerMetadata, Violation};

use common::*;

fn refused(rest: &str) -> Violation {
    violation(&receive_token(&client(), rest).unwrap_err()).clone()
}

fn at_provider() -> Client {
    client().with_profile(Profile::HTTPIG)
}

#[test]
fn a_token_comes_with_its_type_its_end_and_its_scopes() {
    let rest = "&access_token=T&token_type=bearer&expires_in=3600&scope=read";
    let set = receive_token(&client(), rest).unwrap();
    assert_eq!(set.access_token.expose_secret(), "T");
    assert_eq!(set.token_type, TokenType::Bearer);
    assert_eq!(
        set.expires_at,
        Some(Lifetime::from_seconds(3600).after(NOW))
    );
    assert_eq!(set.scopes, scopes("read"));
}

#[test]
fn a_token_type_is_required_and_compared_without_case() {
    assert!(receive_token(&client(), "&access_token=T&token_type=BEARER").is_ok());
    assert_eq!(refused("&access_token=T"), Violation::TokenType);
    assert_eq!(
        refused("&access_token=T&token_type=mac"),
        Violation::TokenType
    );
    assert_eq!(
        refused("&access_token=T&token_type=DPoP"),
        Violation::TokenType
    );
}

#[test]
fn a_refresh_token_in_the_fragment_is_discarded() {
    let rest = "&access_token=T&token_type=bearer&refresh_token=canary";
    let set = receive_token(&client(), rest).unwrap();
    assert_eq!(set.refresh_token, None);
    assert!(!serde_json::to_string(&set).unwrap().contains("canary"));
}

#[test]
fn the_name_token_counts_only_where_the_profile_says_so() {
    let rest = "&token=T&token_type=bearer";
    let setting = "token_parameter";
    assert_eq!(refused(rest), Violation::NoAccessToken { setting });
    let set = receive_token(&at_provider(), rest).unwrap();
    assert_eq!(set.access_token.expose_secret(), "T");
}

#[test]
fn token_beside_access_token_must_be_equal() {
    let both = |token: &str| {
        receive_token(
            &at_provider(),
            &format!("&access_token=T&token={token}&token_type=bearer"),
        )
    };
    assert_eq!(both("T").unwrap().access_token.expose_secret(), "T");
    assert!(matches!(
        violation(&both("U").unwrap_err()),
        Violation::Malformed(_)
    ));
    // A strict client does not look at it.
    assert!(receive_token(&client(), "&access_token=T&token=U&token_type=bearer").is_ok());
}

#[test]
fn the_fragment_is_decoded_exactly_once() {
    for (encoded, token) in [
        ("YWJj==", "YWJj=="),
        ("a%2Bb", "a+b"),
        ("a+b", "a b"),
        ("%2520", "%20"),
    ] {
        let rest = format!("&access_token={encoded}&token_type=bearer&key_without_value");
        let set = receive_token(&client(), &rest).unwrap();
        assert_eq!(set.access_token.expose_secret(), token);
    }
}

#[test]
fn bytes_no_token_may_have_are_refused() {
    for token in ["%00", "a%00b", "%0D%0A", "%C3%A9", ""] {
        let refused = refused(&format!("&access_token={token}&token_type=bearer"));
        assert!(matches!(refused, Violation::Malformed(_)), "{token}");
    }
    assert_eq!(
        refused("&access_token=%ff%fe&token_type=bearer"),
        Violation::Encoding
    );
    assert_eq!(
        refused("&access_token=%4&token_type=bearer"),
        Violation::Encoding
    );
}

#[test]
fn sixty_four_kibibytes_are_read_and_more_is_refused() {
    let long = |bytes: usize| format!("&token_type=bearer&access_token={}", "x".repeat(bytes));
    let most = 64 * 1024 - "state=".len() - STATE.len() - long(0).len();
    assert!(receive_token(&client(), &long(most)).is_ok());
    assert_eq!(refused(&long(most + 1)), Violation::TooLarge);
}

#[test]
fn duplicates_a_token_in_the_query_and_no_fragment_are_three_errors() {
    assert_eq!(
        refused("&access_token=T&access_token=T&token_type=bearer"),
        Violation::DuplicateParameter
    );
    let receive = |callback: String| {
        let (_, pending) = begin_token(&client());
        violation(
            &pending
                .receive(&Callback::from_url(&callback), NOW)
                .unwrap_err(),
        )
        .clone()
    };
    let in_query = receive(format!(
        "/cb?access_token=T&token_type=bearer&state={STATE}"
    ));
    assert_eq!(in_query, Violation::WrongResponseMode("access_token"));
    assert_eq!(receive("/cb".to_owned()), Violation::NoResponse);
}

#[test]
fn an_error_in_the_query_is_not_read_for_a_fragment() {
    let (_, pending) = begin_token(&client());
    let callback = format!("/cb?error=access_denied&state={STATE}");
    let error = pending
        .receive(&Callback::from_url(&callback), NOW)
        .unwrap_err();
    assert!(matches!(violation(&error), Violation::WrongResponseMode(_)));
}

#[test]
fn iss_may_stand_in_the_query_but_no_wrong_one_anywhere() {
    let client = client_of(server_with_issuer());
    let receive = |query: &str, fragment: &str| {
        let (_, pending) = begin_token(&client);
        let callback =
            format!("/cb?{query}#access_token=T&token_type=bearer&state={STATE}{fragment}");
        pending
            .receive(&Callback::from_url(&callback), NOW)
            .map(|_| ())
            .map_err(|error| violation(&error).clone())
    };
    assert_eq!(receive("iss=https://as.example", ""), Ok(()));
    assert_eq!(
        receive("iss=https://evil.example", ""),
        Err(Violation::IssuerMismatch)
    );
    let right = "&iss=https://as.example";
    assert_eq!(
        receive("iss=https://evil.example", right),
        Err(Violation::IssuerMismatch)
    );
}

#[test]
fn no_lifetime_overflows_and_an_absent_one_is_unknown() {
    let end = |expires_in: &str| {
        let rest = format!("&access_token=T&token_type=bearer{expires_in}");
        receive_token(&client(), &rest).map(|set| set.expires_at)
    };
    let last = Lifetime::from_seconds(u64::MAX).after(NOW);
    assert_eq!(end("").unwrap(), None);
    assert_eq!(end("&expires_in=-1").unwrap(), Some(NOW));
    assert_eq!(end("&expires_in=0").unwrap(), Some(NOW));
    assert_eq!(end("&expires_in=1e400").unwrap(), Some(last));
    assert_eq!(end("&expires_in=18446744073709551616").unwrap(), Some(last));
    for wrong in ["abc", "", "NaN", "inf", "%2B1"] {
        assert!(end(&format!("&expires_in={wrong}")).is_err(), "{wrong}");
    }
}

#[test]
fn an_absent_scope_is_as_requested_and_an_empty_one_never_widens() {
    let granted = |scope: &str| {
        let rest = format!("&access_token=T&token_type=bearer{scope}");
        receive_token(&client(), &rest).unwrap()
    };
    assert_eq!(granted("").scopes, scopes("read write"));
    assert!(granted("&scope=").scopes.is_empty());
    let wider = granted("&scope=read+admin");
    let difference = wider.compared_with(&scopes("read write"));
    assert_eq!(difference.missing, scopes("write"));
    assert_eq!(difference.added, scopes("admin"));
}

#[test]
fn a_login_is_finished_by_the_client_that_began_it_alone() {
    let honest = client();
    let elsewhere = ServerMetadata::default()
        .with_authorization_endpoint(endpoint("https://evil.example/authorize"));
    let callback = format!("/cb#state={STATE}&access_token=t&token_type=bearer");
    for other in [
        client_of(elsewhere),
        Client::new(server(), "another client").unwrap(),
    ] {
        let (_, pending) = begin_token(&honest);
        let grant = other.implicit().unwrap();
        let error = grant.receive(pending, &Callback::from_url(&callback), NOW);
        assert_eq!(*misuse(&error.unwrap_err()), Misuse::OtherClient);
    }
    let (_, pending) = begin_token(&honest);
    let grant = honest.implicit().unwrap();
    assert!(
        grant
            .receive(pending, &Callback::from_url(&callback), NOW)
            .is_ok()
    );
}
