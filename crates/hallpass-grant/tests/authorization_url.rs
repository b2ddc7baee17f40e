//! The address the user agent is sent to (RFC 6749 §4.1.1, §4.2.1).

mod common;

use std::collections::BTreeMap;

use hallpass_grant::{
    AuthorizationRequest, Client, Endpoint, InvalidEndpoint, Misuse, Profile, RandomError,
    ResponseMode, ServerMetadata, Violation,
};

use common::*;

fn implicit_url(endpoint_text: &str, id: &str, scope: &str, profile: Profile) -> String {
    let server = ServerMetadata::default().with_authorization_endpoint(endpoint(endpoint_text));
    let client = Client::new(server, id).unwrap().with_profile(profile);
    let client = client.with_redirect_uri("https://app.example/cb").unwrap();
    let request = AuthorizationRequest::new().scopes(scopes(scope));
    let (url, _) = client
        .implicit()
        .unwrap()
        .begin(request, &mut draws(STATE_SEED), NOW)
        .unwrap();
    url.into()
}

#[test]
fn the_httpig_url_asks_for_a_token_at_its_exact_endpoint() {
    let at = "https://www.dropbox.com/oauth2/authorize";
    assert_eq!(
        implicit_url(at, "id", "read write", Profile::HTTPIG),
        format!(
            "{at}?response_type=token&client_id=id&redirect_uri=https%3A%2F%2Fapp.example%2Fcb\
             &scope=read+write&state={STATE}"
        )
    );
}

#[test]
fn the_petstore_url_keeps_its_endpoint_and_its_scopes() {
    let at = "https://petstore.swagger.io/oauth/authorize";
    let url = implicit_url(at, "id", "read:pets write:pets", Profile::PETSTORE_AUTH);
    let (endpoint, query) = url.split_once('?').unwrap();
    assert_eq!(endpoint, at);
    let query: BTreeMap<_, _> = pairs(query).into_iter().collect();
    assert_eq!(query["scope"], "read:pets write:pets");
}

#[test]
fn the_oauthacg_url_asks_for_a_code_with_state_and_pkce() {
    let request = AuthorizationRequest::new().scopes(scopes("file_requests.read"));
    let client = client();
    let (url, _) = client
        .code()
        .unwrap()
        .begin(request, &mut draws(SEED), NOW)
        .unwrap();
    assert_eq!(
        url.as_str(),
        format!(
            "https://as.example/oauth/authorize?response_type=code&client_id=cid\
             &redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=file_requests.read\
             &state={STATE}&code_challenge={CHALLENGE}&code_challenge_method=S256"
        )
    );
}

#[test]
fn a_client_id_and_a_redirect_uri_survive_encoding() {
    let redirect_uri = "https://app.example/cb?x=1&y=é#f";
    let client = Client::new(server(), "id 1").unwrap();
    let client = client.with_redirect_uri(redirect_uri).unwrap();
    let query = query_of(&begin_code(&client).0);
    assert_eq!(query["client_id"], "id 1");
    assert_eq!(query["redirect_uri"], redirect_uri);
}

#[test]
fn the_redirect_uri_given_last_is_the_one_that_is_sent() {
    let client = client()
        .with_redirect_uri("https://app.example/other")
        .unwrap();
    let query = query_of(&begin_code(&client).0);
    assert_eq!(query["redirect_uri"], "https://app.example/other");
}

#[test]
fn an_endpoints_query_is_kept_and_its_fragment_refused() {
    let at = endpoint("https://as.example/authorize?tenant=1");
    let client = client_of(server().with_authorization_endpoint(at));
    let (url, _) = begin_code(&client);
    let begins = "https://as.example/authorize?tenant=1&response_type=code&";
    assert!(url.as_str().starts_with(begins), "{}", url.as_str());
    assert_eq!(
        Endpoint::new("https://as.example/a#f"),
        Err(InvalidEndpoint::Fragment)
    );
}

#[test]
fn an_endpoint_whose_query_sets_what_this_library_sets_gets_no_client() {
    let at = endpoint("https://as.example/authorize?tenant=1&st%61te=fixed");
    let error = Client::new(server().with_authorization_endpoint(at), "id").unwrap_err();
    let expected = hallpass_grant::ErrorKind::Misuse(Misuse::ReservedParameter("state"));
    assert_eq!(error.kind(), &expected);
}

#[test]
fn an_additional_parameter_is_encoded_and_a_reserved_one_refused() {
    let request = AuthorizationRequest::new()
        .parameter("x y&z", "a=b c")
        .unwrap();
    let client = client();
    let (url, _) = client
        .code()
        .unwrap()
        .begin(request, &mut draws(SEED), NOW)
        .unwrap();
    assert!(
        url.as_str().ends_with("&x+y%26z=a%3Db+c"),
        "{}",
        url.as_str()
    );
    for reserved in [
        "state",
        "client_id",
        "redirect_uri",
        "scope",
        "response_type",
        "code_challenge",
        "nonce",
    ] {
        let error = AuthorizationRequest::new()
            .parameter(reserved, "v")
            .unwrap_err();
        assert_eq!(*misuse(&error), Misuse::ReservedParameter(reserved));
    }
}

#[test]
fn state_has_256_bits_and_two_logins_differ() {
    let client = client();
    let mut random = draws(1);
    let mut begin = || {
        let request = AuthorizationRequest::new();
        let (url, pending) = client
            .code()
            .unwrap()
            .begin(request, &mut random, NOW)
            .unwrap();
        let query = query_of(&url);
        assert_eq!(query["state"], pending.state().expose_secret());
        assert_eq!(query["state"].len(), 43);
        (query["state"].clone(), query["code_challenge"].clone())
    };
    let (first, second) = (begin(), begin());
    assert_ne!(first.0, second.0);
    assert_ne!(first.1, second.1);
}

#[test]
fn the_verifier_is_not_in_the_url() {
    let (url, _) = begin_code(&client());
    assert!(!url.as_str().contains(VERIFIER));
}

#[test]
fn each_missing_or_empty_field_is_named() {
    let missing = |error| match misuse(&error) {
        Misuse::Missing(name) => *name,
        other => panic!("{other:?}"),
    };
    let bare = Client::new(ServerMetadata::default(), "cid").unwrap();
    let no_token =
        ServerMetadata::default().with_authorization_endpoint(endpoint("https://as.example/a"));
    let no_authorization =
        ServerMetadata::default().with_token_endpoint(endpoint("https://as.example/t"));
    assert_eq!(missing(Client::new(server(), "").unwrap_err()), "client id");
    assert_eq!(
        missing(client().with_redirect_uri("").unwrap_err()),
        "redirect URI"
    );
    assert_eq!(
        missing(client_of(no_token).code().unwrap_err()),
        "token endpoint"
    );
    assert_eq!(
        missing(client_of(no_authorization).code().unwrap_err()),
        "authorization endpoint"
    );
    assert_eq!(
        missing(bare.implicit().unwrap_err()),
        "authorization endpoint"
    );
}

#[test]
fn no_redirect_uri_is_sent_where_none_is_configured() {
    let client = Client::new(server(), "cid").unwrap();
    assert!(!query_of(&begin_code(&client).0).contains_key("redirect_uri"));
}

#[test]
fn no_scope_is_sent_where_none_is_asked_for() {
    let client = client();
    let request = AuthorizationRequest::new();
    let (url, _) = client
        .code()
        .unwrap()
        .begin(request, &mut draws(SEED), NOW)
        .unwrap();
    assert!(!query_of(&url).contains_key("scope"));
}

#[test]
fn a_server_that_advertises_only_plain_gets_no_login() {
    let with = |methods: &[&str]| {
        let mut server = server();
        server.code_challenge_methods_supported =
            Some(methods.iter().map(|m| (*m).to_owned()).collect());
        client_of(server)
            .code()
            .map(|_| ())
            .map_err(|error| violation(&error).clone())
    };
    assert_eq!(with(&["plain"]), Err(Violation::PkceUnsupported));
    assert_eq!(with(&[]), Err(Violation::PkceUnsupported));
    assert_eq!(with(&["plain", "S256"]), Ok(()));
}

#[test]
fn a_failing_random_source_ends_the_login_before_it_begins() {
    let mut broken = || Err::<[u8; 32], _>(RandomError);
    let client = client();
    let code = client
        .code()
        .unwrap()
        .begin(AuthorizationRequest::new(), &mut broken, NOW);
    assert_eq!(*misuse(&code.unwrap_err()), Misuse::Random);
    let token = client
        .implicit()
        .unwrap()
        .begin(AuthorizationRequest::new(), &mut broken, NOW);
    assert_eq!(*misuse(&token.unwrap_err()), Misuse::Random);
}

#[test]
fn a_random_source_that_fails_at_its_second_draw_ends_the_login_too() {
    let mut left = 1;
    let mut broken = || {
        left -= 1;
        if left == 0 {
            Ok([1; 32])
        } else {
            Err(RandomError)
        }
    };
    let client = client();
    let begun = client
        .code()
        .unwrap()
        .begin(AuthorizationRequest::new(), &mut broken, NOW);
    assert_eq!(*misuse(&begun.unwrap_err()), Misuse::Random);
}

#[test]
fn a_token_is_never_asked_for_in_the_query() {
    let request = AuthorizationRequest::new().response_mode(ResponseMode::Query);
    let client = client();
    let begun = client
        .implicit()
        .unwrap()
        .begin(request, &mut draws(STATE_SEED), NOW);
    assert!(matches!(
        misuse(&begun.unwrap_err()),
        Misuse::Invalid {
            field: "response mode",
            ..
        }
    ));
}

#[test]
fn a_response_mode_that_was_asked_for_is_in_the_url() {
    for (mode, name) in [
        (ResponseMode::Fragment, "fragment"),
        (ResponseMode::FormPost, "form_post"),
    ] {
        let request = AuthorizationRequest::new().response_mode(mode);
        let client = client();
        let (url, pending) = client
            .code()
            .unwrap()
            .begin(request, &mut draws(SEED), NOW)
            .unwrap();
        assert_eq!(query_of(&url)["response_mode"], name);
        assert_eq!(pending.response_mode(), mode);
    }
}
