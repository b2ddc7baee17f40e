//! A token with a user's name and password (RFC 6749 §4.3), for systems that have nothing else.

mod common;

use hallpass_grant::token::{Scopes, Secret};
use hallpass_grant::{
    Client, ClientAuthentication, Conversation, ErrorKind, Input, Lost, Misuse, Recovery, Request,
};

use common::*;

fn request_of(client: &Client, username: &str, password: &str, names: &str) -> Request {
    let (password, scopes) = (Secret::new(password), scopes(names));
    let call = client.legacy_password(username, &password, &scopes, &mut draws(SEED));
    sent(call.unwrap().step(Input::Begin, NOW).unwrap())
}

#[test]
fn a_public_client_sends_its_id_and_no_authorization() {
    let request = request_of(&client(), "u n", "p&w", "");
    assert_eq!(
        body(&request),
        "grant_type=password&username=u+n&password=p%26w&client_id=cid"
    );
    assert_eq!(request.header("authorization"), None);
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(
        request.endpoint().as_str(),
        "https://as.example/oauth/token"
    );
}

#[test]
fn a_confidential_client_sends_basic() {
    let client = client().with_authentication(ClientAuthentication::Basic("c:s".into()));
    let request = request_of(&client, "u n", "p&w", "read write");
    assert_eq!(
        body(&request),
        "grant_type=password&username=u+n&password=p%26w&scope=read+write"
    );
    // base64("cid:c%3As")
    assert_eq!(request.header("authorization"), Some("Basic Y2lkOmMlM0Fz"));
}

#[test]
fn names_and_passwords_of_every_alphabet_survive() {
    for (username, password) in [
        ("é+=%", "&;?#"),
        ("u", ""),
        ("\u{1f511}", "a\nb\0c"),
        ("a@b", "  "),
    ] {
        let request = request_of(&client(), username, password, "");
        let pairs = pairs(body(&request));
        assert_eq!(pairs[1], ("username".to_owned(), username.to_owned()));
        assert_eq!(pairs[2], ("password".to_owned(), password.to_owned()));
    }
}

#[test]
fn an_empty_name_is_misuse() {
    let begun = client().legacy_password("", &"p".into(), &Scopes::new(), &mut draws(SEED));
    assert_eq!(*misuse(&begun.unwrap_err()), Misuse::Missing("username"));
}

#[test]
fn a_lost_answer_leaves_nothing_in_doubt_and_a_wrong_password_is_the_users_to_mend() {
    let begun = || {
        let (password, scopes) = (Secret::new("p"), Scopes::new());
        let call = client().legacy_password("u", &password, &scopes, &mut draws(SEED));
        let mut call = call.unwrap();
        let _request = sent(call.step(Input::Begin, NOW).unwrap());
        call
    };
    let error = begun().step(Input::Lost(Lost::MaybeSent), NOW).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Transport);
    let refused = json(400, r#"{"error":"invalid_grant"}"#);
    let error = begun().step(Input::Response(refused), NOW).unwrap_err();
    assert_eq!(error.recovery(), Recovery::Reauthorize);
}
