//! Response types with an ID token, or a code and a token, in the redirect (OpenID Connect Core §3.2 and §3.3).

mod common;

use std::cell::RefCell;

use hallpass_grant::token::Lifetime;
use hallpass_grant::{
    AuthorizationRequest, CameInFront, Client, CodeIdToken, CodeIdTokenToken, CodeToken, DpopKey,
    Error, FrontChannel, FrontChannelVerifier, IdToken, IdTokenToken, Misuse, Opened, Pending,
    Profile, ResponseMode, Unsealed, Violation,
};

use common::*;

fn openid() -> AuthorizationRequest {
    let request = AuthorizationRequest::new();
    request.scopes(scopes("openid read")).nonce("n-1")
}

fn begin<R: FrontChannel>(client: &Client) -> (hallpass_grant::AuthorizationUrl, Pending<R>) {
    let grant = client.front_channel::<R>().unwrap();
    grant.begin(openid(), &mut draws(SEED), NOW).unwrap()
}

fn receive<R: FrontChannel>(client: &Client, rest: &str) -> Result<Opened, Error> {
    let (_, pending) = begin::<R>(client);
    let state = pending.state().expose_secret().to_owned();
    let callback = format!("https://app.example/cb#state={state}{rest}");
    let callback = hallpass_grant::Callback::from_url(&callback);
    assert!(pending.expects(&callback));
    pending.receive(&callback, NOW)
}

fn refused<R: FrontChannel>(rest: &str) -> Violation {
    violation(&receive::<R>(&client(), rest).unwrap_err()).clone()
}

/// Believes everything and remembers what it was shown.
#[derive(Default)]
struct Credulous(RefCell<Vec<Option<String>>>);

impl FrontChannelVerifier for Credulous {
    type Output = ();

    fn verify(&self, came: &CameInFront<'_>) -> Result<(), Error> {
        let texts = [
            came.id_token,
            came.code,
            came.access_token,
            Some(came.state),
        ];
        *self.0.borrow_mut() = texts.map(|text| text.map(str::to_owned)).to_vec();
        Ok(())
    }
}

struct Suspicious;

impl FrontChannelVerifier for Suspicious {
    type Output = ();

    fn verify(&self, _: &CameInFront<'_>) -> Result<(), Error> {
        Err(Violation::OpenId("c_hash").into())
    }
}

fn unsealed<R: FrontChannel>(rest: &str) -> (Unsealed<()>, Vec<Option<String>>) {
    let verifier = Credulous::default();
    let opened = receive::<R>(&client(), rest).unwrap();
    let unsealed = opened.verify(&verifier).unwrap();
    (unsealed, verifier.0.into_inner())
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

const CODE: &str = "&code=C";
const ID_TOKEN: &str = "&id_token=a.b.c";
const TOKEN: &str = "&access_token=T&token_type=Bearer";

#[test]
fn each_response_type_asks_by_its_name_with_a_nonce_and_pkce_where_a_code_comes() {
    fn asked<R: FrontChannel>(name: &str, encoded: &str, has_code: bool) {
        let (url, pending) = begin::<R>(&client());
        let query = query_of(&url);
        assert_eq!(query["response_type"], name);
        assert!(url.as_str().contains(&format!("?response_type={encoded}&")));
        assert_eq!(query["nonce"], "n-1");
        assert_eq!(query["scope"], "openid read");
        let challenge = query.get("code_challenge").map(String::as_str);
        assert_eq!(challenge, has_code.then_some(CHALLENGE));
        assert_eq!(pending.response_mode(), ResponseMode::Fragment);
        assert_eq!(query.get("response_mode"), None);
    }
    asked::<CodeIdToken>("code id_token", "code%20id_token", true);
    asked::<CodeToken>("code token", "code%20token", true);
    let all = "code%20id_token%20token";
    asked::<CodeIdTokenToken>("code id_token token", all, true);
    asked::<IdToken>("id_token", "id_token", false);
    asked::<IdTokenToken>("id_token token", "id_token%20token", false);
}

#[test]
fn what_came_is_shown_to_the_verifier_and_handed_out_when_it_agrees() {
    let id_token = some("a.b.c");
    let (out, shown) = unsealed::<CodeIdToken>(&format!("{CODE}{ID_TOKEN}"));
    assert_eq!(shown, [id_token.clone(), some("C"), None, some(STATE)]);
    assert!(out.code.is_some() && out.tokens.is_none());

    let (out, shown) = unsealed::<CodeToken>(&format!("{CODE}{TOKEN}"));
    assert_eq!(shown, [None, some("C"), some("T"), some(STATE)]);
    assert!(out.code.is_some());
    assert_eq!(out.tokens.unwrap().id_token, None);

    let rest = format!("{CODE}{ID_TOKEN}{TOKEN}&expires_in=60&scope=openid");
    let (out, shown) = unsealed::<CodeIdTokenToken>(&rest);
    let all = [id_token.clone(), some("C"), some("T"), some(STATE)];
    assert_eq!(shown, all);
    let set = out.tokens.unwrap();
    assert_eq!(set.expires_at, Some(Lifetime::from_seconds(60).after(NOW)));
    assert_eq!(set.scopes, scopes("openid"));
    assert_eq!(set.id_token, Some("a.b.c".into()));

    // What is not exchanged draws a state alone.
    let own_state = some("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc");
    let (out, shown) = unsealed::<IdToken>(ID_TOKEN);
    assert_eq!(shown, [id_token.clone(), None, None, own_state.clone()]);
    assert!(out.code.is_none() && out.tokens.is_none());

    let (out, shown) = unsealed::<IdTokenToken>(&format!("{ID_TOKEN}{TOKEN}"));
    assert_eq!(shown, [id_token, None, some("T"), own_state]);
    let set = out.tokens.unwrap();
    assert_eq!(set.expires_at, None, "nobody said when it ends");
    assert_eq!(set.scopes, scopes("openid read"));
}

#[test]
fn the_unsealed_code_is_exchanged_with_its_verifier() {
    let (out, _) = unsealed::<CodeIdToken>(&format!("{CODE}{ID_TOKEN}"));
    let mut call = client().exchange(out.code.unwrap()).unwrap();
    use hallpass_grant::{Conversation, Input};
    let request = sent(call.step(Input::Begin, NOW).unwrap());
    let form: std::collections::BTreeMap<_, _> = pairs(body(&request)).into_iter().collect();
    assert_eq!(form["code"], "C");
    assert_eq!(form["code_verifier"], VERIFIER);
    assert_eq!(form["redirect_uri"], "https://app.example/cb");
}

#[test]
fn nothing_is_handed_out_when_the_verifier_disagrees() {
    let rest = format!("{CODE}{ID_TOKEN}{TOKEN}");
    let opened = receive::<CodeIdTokenToken>(&client(), &rest).unwrap();
    assert_eq!(opened.id_token(), Some(&"a.b.c".into()));
    let error = opened.verify(&Suspicious).unwrap_err();
    assert_eq!(violation(&error), &Violation::OpenId("c_hash"));
}

#[test]
fn what_is_missing_or_empty_is_named() {
    let code = Violation::Malformed("the code is missing or empty");
    let id_token = Violation::Malformed("the ID token is missing or empty");
    let token = Violation::NoAccessToken {
        setting: "token_parameter",
    };
    assert_eq!(refused::<CodeIdToken>(ID_TOKEN), code);
    assert_eq!(refused::<CodeIdToken>(&format!("{ID_TOKEN}&code=")), code);
    assert_eq!(refused::<CodeIdToken>(CODE), id_token);
    assert_eq!(refused::<CodeIdToken>("&code=C&id_token="), id_token);
    assert_eq!(refused::<CodeToken>(CODE), token);
    assert_eq!(refused::<CodeToken>(TOKEN), code);
    assert_eq!(refused::<IdToken>(""), id_token);
    assert_eq!(refused::<IdTokenToken>(ID_TOKEN), token);
    let no_type = format!("{ID_TOKEN}&access_token=T");
    assert_eq!(refused::<IdTokenToken>(&no_type), Violation::TokenType);
}

#[test]
fn more_than_was_asked_for_is_refused() {
    let more = Violation::Malformed("more came than was asked for");
    let all = format!("{CODE}{ID_TOKEN}{TOKEN}");
    assert_eq!(refused::<CodeIdToken>(&all), more);
    assert_eq!(refused::<CodeToken>(&all), more);
    assert_eq!(refused::<IdToken>(&all), more);
    assert_eq!(refused::<IdTokenToken>(&all), more);
    let both = Violation::Malformed("an error and a success in one response");
    let rest = format!("&error=access_denied{ID_TOKEN}");
    assert_eq!(refused::<IdToken>(&rest), both);
}

#[test]
fn an_id_tokens_issuer_counts_where_the_parameter_is_missing_and_only_there() {
    let mut server = server_with_issuer();
    server.authorization_response_iss_parameter_supported = true;
    let client = client_of(server);
    assert!(receive::<IdToken>(&client, ID_TOKEN).is_ok());
    let own = format!("{ID_TOKEN}&iss=https%3A%2F%2Fas.example");
    assert!(receive::<IdToken>(&client, &own).is_ok());
    let refused = |error: Error| violation(&error).clone();
    let other = format!("{ID_TOKEN}&iss=https%3A%2F%2Fevil.example");
    let other = receive::<IdToken>(&client, &other).unwrap_err();
    assert_eq!(refused(other), Violation::IssuerMismatch);
    let denied = receive::<IdToken>(&client, "&error=access_denied").unwrap_err();
    assert_eq!(refused(denied), Violation::IssuerMismatch);
    let without = format!("{CODE}{TOKEN}");
    let without = receive::<CodeToken>(&client, &without).unwrap_err();
    assert_eq!(refused(without), Violation::IssuerMismatch);
}

fn misuse<R: FrontChannel>(client: &Client, request: AuthorizationRequest) -> Misuse {
    let grant = client.front_channel::<R>();
    let begun = grant.and_then(|grant| grant.begin(request, &mut draws(SEED), NOW));
    match begun.unwrap_err().kind() {
        hallpass_grant::ErrorKind::Misuse(misuse) => misuse.clone(),
        kind => panic!("{kind:?}"),
    }
}

#[test]
fn what_would_not_be_openid_connect_is_not_asked_for() {
    let client = client();
    let no_openid = AuthorizationRequest::new()
        .scopes(scopes("read"))
        .nonce("n");
    let scope = Misuse::Missing("the scope `openid`");
    assert_eq!(misuse::<IdTokenToken>(&client, no_openid.clone()), scope);
    assert_eq!(misuse::<CodeToken>(&client, no_openid), scope);
    let no_nonce = || AuthorizationRequest::new().scopes(scopes("openid"));
    let nonce = Misuse::Missing("nonce");
    assert_eq!(misuse::<IdTokenToken>(&client, no_nonce()), nonce);
    let grant = client.front_channel::<CodeToken>().unwrap();
    assert!(grant.begin(no_nonce(), &mut draws(SEED), NOW).is_ok());
    let in_query = openid().response_mode(ResponseMode::Query);
    let query = misuse::<CodeIdToken>(&client, in_query);
    assert!(matches!(
        query,
        Misuse::Invalid {
            field: "response mode",
            ..
        }
    ));
    let mut pushed = server();
    pushed.require_pushed_authorization_requests = true;
    let pushed = misuse::<IdToken>(&client_of(pushed), openid());
    assert_eq!(pushed, Misuse::PushRequired);
    let failing = &mut || Err(hallpass_grant::RandomError);
    let grant = client.front_channel::<IdToken>().unwrap();
    assert!(grant.begin(openid(), failing, NOW).is_err());
}

#[test]
fn a_code_needs_a_token_endpoint_and_s256_and_a_token_no_key() {
    let mut alone = server();
    alone.token_endpoint = None;
    let alone = client_of(alone);
    assert!(alone.front_channel::<IdTokenToken>().is_ok());
    assert!(alone.front_channel::<CodeIdToken>().is_err());
    let mut plain = server();
    plain.code_challenge_methods_supported = Some(vec!["plain".to_owned()]);
    let plain = client_of(plain);
    assert!(plain.front_channel::<IdToken>().is_ok());
    let error = plain.front_channel::<CodeToken>().unwrap_err();
    assert_eq!(violation(&error), &Violation::PkceUnsupported);
    let key = DpopKey::new(
        key(),
        r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
    );
    let bound = client().with_dpop(key.unwrap()).unwrap();
    assert!(bound.front_channel::<CodeIdToken>().is_ok());
    assert!(bound.front_channel::<CodeIdTokenToken>().is_err());
}

#[test]
fn a_form_carries_the_same_and_the_profiles_name_of_the_token_is_read() {
    let client = client().with_profile(Profile::HTTPIG);
    let request = openid().response_mode(ResponseMode::FormPost);
    let grant = client.front_channel::<IdTokenToken>().unwrap();
    let (_, pending) = grant.begin(request, &mut draws(SEED), NOW).unwrap();
    let state = pending.state().expose_secret().to_owned();
    let body = format!("state={state}&id_token=a.b.c&token=T&token_type=bearer");
    let callback = hallpass_grant::Callback::from_form("/cb", &body);
    let opened = pending.receive(&callback, NOW).unwrap();
    let out = opened.verify(&Credulous::default()).unwrap();
    let token = out.tokens.unwrap().access_token;
    assert_eq!(token.expose_secret(), "T");
}

#[test]
fn a_login_is_stored_and_goes_on_and_shows_nothing() {
    let (_, pending) = begin::<CodeIdToken>(&client());
    let stored = serde_json::to_string(&pending).unwrap();
    let read: Pending<CodeIdToken> = serde_json::from_str(&stored).unwrap();
    let callback = format!("/cb#state={STATE}&code=canary-c&id_token=canary.i.t");
    let callback = hallpass_grant::Callback::from_url(&callback);
    let opened = read.receive(&callback, NOW).unwrap();
    let shown = format!("{pending:?} {opened:?}");
    for secret in ["canary", STATE, VERIFIER] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("code id_token"));
    fn check<T: Send + Sync + 'static>() {}
    check::<Opened>();
}
