//! From a redirect to the claims of a user, for every response type.

use hallpass_grant::{
    Callback, Code, CodeIdToken, CodeIdTokenToken, CodeToken, Conversation, Error, ErrorKind,
    IdToken, IdTokenToken, Input, Lost, Misuse, Response, ResponseMode, Step, Violation,
};
use hallpass_jose::SignatureAlgorithm;
use hallpass_oidc::{Authenticated, AuthenticationRequest, Login, RelyingParty, ResponseType};
use hallpass_token::{Scopes, TokenSet};

use crate::common::*;

const RS256: SignatureAlgorithm = SignatureAlgorithm::Rs256;

fn hash(value: &str) -> String {
    RS256.half_hash(value.as_bytes())
}

/// A login that was begun, and what of its request the provider needs.
struct Begun<R> {
    relying_party: RelyingParty,
    login: Login<R>,
    nonce: String,
    state: String,
}

fn begun_by<R: ResponseType>(
    relying_party: RelyingParty,
    request: &AuthenticationRequest,
) -> Begun<R> {
    let begun = relying_party.login::<R>(request, &mut draws(7), now());
    let (url, login) = begun.unwrap();
    let query = query_of(url.as_str());
    let value = |name: &str| query.get(name).cloned().unwrap_or_default();
    Begun {
        nonce: value("nonce"),
        state: value("state"),
        relying_party,
        login,
    }
}

fn begun<R: ResponseType>() -> Begun<R> {
    begun_by(relying_party(), &AuthenticationRequest::new())
}

/// What the provider answers at its endpoints, and what it was asked for.
struct Provider {
    tokens: String,
    asked: Vec<String>,
}

impl Provider {
    fn new(tokens: impl Into<String>) -> Self {
        Self {
            tokens: tokens.into(),
            asked: Vec::new(),
        }
    }

    /// One that answers a code with this ID token.
    fn with_id_token(id_token: &str) -> Self {
        Self::new(format!(
            r#"{{"access_token":"T2","token_type":"Bearer","id_token":"{id_token}","refresh_token":"R"}}"#
        ))
    }

    fn finish<R: ResponseType>(
        &mut self,
        begun: Begun<R>,
        rest: &str,
    ) -> Result<Authenticated<R::Tokens>, Error> {
        let mark = match begun.login.response_mode() {
            ResponseMode::Query => '?',
            _ => '#',
        };
        let callback = format!("https://rp.example/cb{mark}state={}{rest}", begun.state);
        let callback = Callback::from_url(&callback);
        assert!(begun.login.expects(&callback));
        let mut authentication = begun.relying_party.receive(begun.login, &callback, now())?;
        drive(&mut authentication, |request| {
            let place = request.endpoint().as_str();
            self.asked
                .push(place.rsplit('/').next().unwrap().to_owned());
            Input::Response(match place {
                JWKS_URI => json(jwks([&rsa()])),
                _ => json(self.tokens.clone()),
            })
        })
    }
}

/// An ID token for a login, with these claims instead.
fn id_token<R>(begun: &Begun<R>, instead: &str) -> String {
    let mut claims = claims(&format!(r#"{{"nonce":"{}"}}"#, begun.nonce));
    for (name, value) in members(instead).iter() {
        match value {
            hallpass_token::Json::Null => drop(claims.remove(name)),
            value => drop(claims.insert(name, value.clone())),
        }
    }
    signed(&rsa(), RS256, &claims)
}

/// A code login that ends with this ID token.
fn code_login(instead: &str) -> Result<Authenticated<TokenSet>, Error> {
    code_login_by(relying_party(), &AuthenticationRequest::new(), instead)
}

fn code_login_by(
    relying_party: RelyingParty,
    request: &AuthenticationRequest,
    instead: &str,
) -> Result<Authenticated<TokenSet>, Error> {
    let begun = begun_by::<Code>(relying_party, request);
    let mut provider = Provider::with_id_token(&id_token(&begun, instead));
    provider.finish(begun, "&code=C")
}

/// A login with everything in the redirect, with this in the ID token there and that in the one for the code.
fn hybrid_login(front: &str, back: &str) -> (Result<Authenticated<TokenSet>, Error>, Vec<String>) {
    let begun = begun::<CodeIdTokenToken>();
    let mut provider = Provider::with_id_token(&id_token(&begun, back));
    let front = id_token(&begun, front);
    let rest = format!("&code=C&access_token=T1&token_type=bearer&id_token={front}");
    let finished = provider.finish(begun, &rest);
    (finished, provider.asked)
}

fn bound() -> String {
    format!(r#"{{"c_hash":"{}","at_hash":"{}"}}"#, hash("C"), hash("T1"))
}

#[test]
fn a_code_login_ends_with_tokens_and_claims() {
    let begun = begun::<Code>();
    let token = id_token(&begun, r#"{"email":"jane@example.com","sid":"s-1"}"#);
    let mut provider = Provider::with_id_token(&token);
    let user = provider
        .finish(begun, "&code=C&session_state=abc.salt")
        .unwrap();
    assert_eq!(provider.asked, ["token", "jwks"]);
    assert_eq!(user.id_token.subject(), "24400320");
    assert_eq!(user.id_token.issuer(), ISSUER);
    assert_eq!(user.id_token.audiences(), [CLIENT]);
    assert_eq!(user.id_token.session_id(), Some("s-1"));
    assert_eq!(user.id_token.expires_at(), at(NOW + 300));
    assert_eq!(user.id_token.issued_at(), at(NOW - 10));
    let standard = user.id_token.standard().unwrap();
    assert_eq!(standard.email.as_deref(), Some("jane@example.com"));
    assert_eq!(user.raw_id_token.expose_secret(), token);
    assert_eq!(user.tokens.access_token.expose_secret(), "T2");
    assert!(user.tokens.refresh_token.is_some());
    assert!(user.front_id_token.is_none() && user.front_tokens.is_none());
    let session = user.session_state.as_ref().map(|own| own.as_str());
    assert_eq!(session, Some("abc.salt"));
}

#[test]
fn a_nonce_is_sent_with_every_response_type_and_two_logins_differ() {
    fn nonce<R: ResponseType>() -> String {
        begun::<R>().nonce
    }
    for nonce in [
        nonce::<Code>(),
        nonce::<CodeIdToken>(),
        nonce::<CodeToken>(),
        nonce::<CodeIdTokenToken>(),
        nonce::<IdToken>(),
        nonce::<IdTokenToken>(),
    ] {
        assert_eq!(nonce.len(), 43);
    }
    let (one, two) = (
        begun::<Code>(),
        begun_by::<Code>(relying_party(), &AuthenticationRequest::new()),
    );
    assert_eq!(one.nonce, two.nonce, "the same draws");
    let request = AuthenticationRequest::new();
    let other = relying_party()
        .login::<Code>(&request, &mut draws(9), now())
        .unwrap();
    assert_ne!(query_of(other.0.as_str())["nonce"], one.nonce);
    assert_ne!(one.nonce, one.state);
}

#[test]
fn every_response_type_ends_with_what_it_is_for() {
    let begun_code = begun::<CodeIdToken>();
    let back = id_token(&begun_code, "{}");
    let front = id_token(&begun_code, &format!(r#"{{"c_hash":"{}"}}"#, hash("C")));
    let mut provider = Provider::with_id_token(&back);
    let rest = format!("&code=C&id_token={front}");
    let user = provider.finish(begun_code, &rest).unwrap();
    assert_eq!(provider.asked, ["jwks", "token"]);
    assert_eq!(user.tokens.access_token.expose_secret(), "T2");
    assert!(user.front_id_token.is_some() && user.front_tokens.is_none());
    assert_eq!(user.raw_id_token.expose_secret(), back);

    let begun_code = begun::<CodeToken>();
    let mut provider = Provider::with_id_token(&id_token(&begun_code, "{}"));
    let user = provider.finish(begun_code, "&code=C&access_token=T1&token_type=bearer");
    let user = user.unwrap();
    assert_eq!(provider.asked, ["token", "jwks"]);
    assert_eq!(user.tokens.access_token.expose_secret(), "T2");
    let front = user.front_tokens.unwrap().access_token;
    assert_eq!(front.expose_secret(), "T1");
    assert!(user.front_id_token.is_none());

    let (user, asked) = hybrid_login(&bound(), "{}");
    let user = user.unwrap();
    assert_eq!(asked, ["jwks", "token"]);
    assert_eq!(
        user.tokens.access_token.expose_secret(),
        "T2",
        "the back one counts"
    );
    let front = user.front_tokens.unwrap().access_token;
    assert_eq!(front.expose_secret(), "T1");

    let implicit = begun::<IdToken>();
    let token = id_token(&implicit, "{}");
    let mut provider = Provider::new("");
    let user = provider
        .finish(implicit, &format!("&id_token={token}"))
        .unwrap();
    assert_eq!(provider.asked, ["jwks"]);
    let () = user.tokens;
    assert_eq!(user.raw_id_token.expose_secret(), token);
    assert_eq!(user.id_token.subject(), "24400320");

    let implicit = begun::<IdTokenToken>();
    let token = id_token(&implicit, &format!(r#"{{"at_hash":"{}"}}"#, hash("T1")));
    let rest = format!("&id_token={token}&access_token=T1&token_type=bearer");
    let user = provider.finish(implicit, &rest).unwrap();
    assert_eq!(user.tokens.access_token.expose_secret(), "T1");
    assert_eq!(user.tokens.expires_at, None, "nobody said when it ends");
    assert!(user.front_tokens.is_none() && user.front_id_token.is_none());
}

#[test]
fn each_claim_that_is_not_as_it_has_to_be_has_its_own_fault() {
    for (instead, expected) in [
        (r#"{}"#, "none"),
        (r#"{"iss":"https://evil.example"}"#, "issuer"),
        (r#"{"iss":null}"#, "missing_claim"),
        (r#"{"sub":null}"#, "missing_claim"),
        (r#"{"sub":""}"#, "claim"),
        (r#"{"sub":7}"#, "malformed"),
        (r#"{"aud":null}"#, "missing_claim"),
        (r#"{"aud":"other"}"#, "audience"),
        (r#"{"aud":["cid","other"],"azp":"cid"}"#, "audience"),
        (r#"{"azp":"other"}"#, "authorized_party"),
        (r#"{"azp":7}"#, "malformed"),
        (r#"{"azp":"cid"}"#, "none"),
        (r#"{"exp":null}"#, "missing_claim"),
        (r#"{"exp":1699999940}"#, "expired"),
        (r#"{"exp":1699999941}"#, "none"),
        (r#"{"iat":null}"#, "missing_claim"),
        (r#"{"iat":1700000060}"#, "none"),
        (r#"{"iat":1700000061}"#, "issued_at"),
        (r#"{"iat":1699996340}"#, "none"),
        (r#"{"iat":1699996339}"#, "issued_at"),
        (r#"{"nonce":null}"#, "nonce"),
        (r#"{"nonce":"other"}"#, "nonce"),
        (r#"{"nonce":7}"#, "malformed"),
        (r#"{"auth_time":"1"}"#, "malformed"),
        (r#"{"auth_time":1700000060}"#, "none"),
        (r#"{"auth_time":1700000061}"#, "auth_time"),
        (r#"{"amr":"pwd"}"#, "none"),
        (r#"{"amr":[7]}"#, "malformed"),
        (r#"{"acr":7}"#, "malformed"),
    ] {
        assert_eq!(fault(code_login(instead)), expected, "{instead}");
    }
    let longest = format!(r#"{{"sub":"{}"}}"#, "s".repeat(255));
    assert_eq!(fault(code_login(&longest)), "none");
    let longer = format!(r#"{{"sub":"{}"}}"#, "s".repeat(256));
    assert_eq!(fault(code_login(&longer)), "claim");
}

#[test]
fn a_profile_that_allows_for_a_slash_does_so_in_tokens_too() {
    let mut profile = hallpass_grant::Profile::STRICT;
    profile.issuer = hallpass_grant::IssuerComparison::TrailingSlash;
    let client = relying_party().client().clone().with_profile(profile);
    let lenient = RelyingParty::new(client, provider()).unwrap();
    let request = AuthenticationRequest::new();
    let slash = r#"{"iss":"https://op.example/"}"#;
    assert!(code_login_by(lenient, &request, slash).is_ok());
    assert_eq!(fault(code_login(slash)), "issuer");
}

#[test]
fn a_session_state_that_is_none_is_as_if_it_were_not_there() {
    let with = |state: &str| {
        let begun = begun::<Code>();
        let mut provider = Provider::with_id_token(&id_token(&begun, "{}"));
        provider.finish(begun, &format!("&code=C&session_state={state}"))
    };
    for none in ["", "a+b", "%20", "a%0A"] {
        assert!(with(none).unwrap().session_state.is_none(), "{none}");
    }
    assert!(with("a.b").unwrap().session_state.is_some());
}

#[test]
fn an_id_token_is_for_somebody_and_ends_whatever_else_is_asked_for() {
    let more = || relying_party().with_rules(|rules| rules.requiring(&["email"]));
    let fewer = || relying_party().with_rules(|rules| rules.requiring_only(&["email"]));
    let request = AuthenticationRequest::new();
    for (instead, expected) in [
        (r#"{"email":"a@b.c"}"#, "none"),
        ("{}", "missing_claim"),
        (r#"{"email":"a@b.c","iss":null}"#, "missing_claim"),
        (r#"{"email":"a@b.c","aud":null}"#, "missing_claim"),
        (r#"{"email":"a@b.c","exp":null}"#, "missing_claim"),
        (
            r#"{"email":"a@b.c","aud":null,"azp":"cid"}"#,
            "missing_claim",
        ),
    ] {
        for party in [more(), fewer()] {
            let found = code_login_by(party, &request, instead);
            assert_eq!(fault(found), expected, "{instead}");
        }
    }
}

#[test]
fn a_logout_token_is_no_id_token_even_where_there_is_no_nonce_to_tell() {
    let without = AuthenticationRequest::new().without_nonce_for_code();
    let event = "http://schemas.openid.net/event/backchannel-logout";
    for (events, expected) in [
        (format!(r#"{{"{event}":{{}}}}"#), "token_type"),
        (format!(r#"{{"{event}":null}}"#), "token_type"),
        (r#"{"https://example.com/event":{}}"#.to_owned(), "none"),
    ] {
        let token = format!(r#"{{"nonce":null,"jti":"1","sid":"s","events":{events}}}"#);
        let found = code_login_by(relying_party(), &without, &token);
        assert_eq!(fault(found), expected, "{events}");
    }
}

#[test]
fn who_takes_their_time_after_they_have_proved_who_they_are_is_let_in() {
    let zero = std::time::Duration::ZERO;
    let request = AuthenticationRequest::new().max_age(zero);
    for (leeway, began, auth_time, expected) in [
        (0, NOW - 130, NOW - 130, "none"),
        (0, NOW - 130, NOW - 120, "none"),
        (0, NOW - 130, NOW - 131, "auth_time"),
        (60, NOW - 130, NOW - 190, "none"),
        (60, NOW - 130, NOW - 191, "auth_time"),
    ] {
        let leeway = std::time::Duration::from_secs(leeway);
        let relying_party = relying_party().with_rules(|rules| rules.with_leeway(leeway));
        let login = relying_party.login::<Code>(&request, &mut draws(7), at(began));
        let (url, login) = login.unwrap();
        let query = query_of(url.as_str());
        let begun = Begun {
            relying_party,
            login,
            nonce: query["nonce"].clone(),
            state: query["state"].clone(),
        };
        let token = id_token(&begun, &format!(r#"{{"auth_time":{auth_time}}}"#));
        let found = Provider::with_id_token(&token).finish(begun, "&code=C");
        assert_eq!(fault(found), expected, "{auth_time}");
    }
}

#[test]
fn several_audiences_need_an_authorized_party() {
    let trusting = || relying_party().with_rules(|rules| rules.trusting(["api"]));
    let request = AuthenticationRequest::new();
    for (instead, expected) in [
        (r#"{"aud":["cid","api"]}"#, "authorized_party"),
        (r#"{"aud":["cid","api"],"azp":"api"}"#, "authorized_party"),
        (r#"{"aud":["cid","api"],"azp":"cid"}"#, "none"),
        (r#"{"aud":["cid","cid"]}"#, "none"),
    ] {
        let found = code_login_by(trusting(), &request, instead);
        assert_eq!(fault(found), expected, "{instead}");
    }
}

#[test]
fn the_time_since_the_user_proved_who_they_are_is_exact_to_the_second() {
    let request = AuthenticationRequest::new().max_age(std::time::Duration::from_secs(100));
    let exact = || relying_party().with_rules(|rules| rules.with_leeway(std::time::Duration::ZERO));
    for (relying_party, auth_time, expected) in [
        (exact(), NOW - 100, "none"),
        (exact(), NOW - 101, "auth_time"),
        (exact(), NOW, "none"),
        (exact(), NOW + 1, "auth_time"),
        (relying_party(), NOW - 160, "none"),
        (relying_party(), NOW - 161, "auth_time"),
    ] {
        let instead = format!(r#"{{"auth_time":{auth_time}}}"#);
        let found = code_login_by(relying_party, &request, &instead);
        assert_eq!(fault(found), expected, "{auth_time}");
    }
    assert_eq!(fault(code_login_by(exact(), &request, "{}")), "auth_time");
}

#[test]
fn what_is_registered_is_enforced_where_a_request_says_nothing_else() {
    let mut registered = hallpass_oidc::RelyingPartyMetadata::new();
    registered.default_max_age = Some(100);
    fn with(registered: &hallpass_oidc::RelyingPartyMetadata) -> RelyingParty {
        relying_party().with_registration(registered).unwrap()
    }
    let request = AuthenticationRequest::new();
    let old = r#"{"auth_time":1699999000}"#;
    let found = code_login_by(with(&registered), &request, old);
    assert_eq!(fault(found), "auth_time");
    let longer = AuthenticationRequest::new().max_age(std::time::Duration::from_secs(2000));
    assert!(code_login_by(with(&registered), &longer, old).is_ok());

    registered.default_max_age = None;
    registered.require_auth_time = true;
    assert!(code_login_by(with(&registered), &request, old).is_ok());
    let found = code_login_by(with(&registered), &request, "{}");
    assert_eq!(fault(found), "auth_time");

    registered.require_auth_time = false;
    registered.id_token_signed_response_alg = Some("ES256".to_owned());
    let found = code_login_by(with(&registered), &request, "{}");
    assert_eq!(fault(found), "unexpected_algorithm");
    registered.id_token_signed_response_alg = Some("none".to_owned());
    assert!(relying_party().with_registration(&registered).is_err());
}

#[cfg(not(feature = "encryption"))]
#[test]
fn what_is_registered_as_encrypted_cannot_be_taken_without_the_feature_that_opens_it() {
    let alg = || Some("RSA-OAEP".to_owned());
    let mut id_token = hallpass_oidc::RelyingPartyMetadata::new();
    id_token.id_token_encrypted_response_alg = alg();
    let mut user_info = hallpass_oidc::RelyingPartyMetadata::new();
    user_info.userinfo_encrypted_response_alg = alg();
    for registered in [id_token, user_info] {
        let error = relying_party().with_registration(&registered).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Misuse(_)), "{error:?}");
    }
}

#[test]
fn how_the_user_proved_who_they_are_is_one_of_the_ways_that_were_asked_for() {
    let gold = || AuthenticationRequest::new().acr_values(["gold", "silver"]);
    for (request, instead, expected) in [
        (gold(), r#"{"acr":"gold"}"#, "none"),
        (gold(), r#"{"acr":"silver"}"#, "none"),
        (gold(), r#"{"acr":"bronze"}"#, "acr"),
        (gold(), "{}", "acr"),
        (gold().preferred_acr_values(&["gold"]), "{}", "none"),
        (AuthenticationRequest::new(), r#"{"acr":"bronze"}"#, "none"),
    ] {
        let found = code_login_by(relying_party(), &request, instead);
        assert_eq!(fault(found), expected, "{instead}");
    }
    let user = code_login(r#"{"acr":"gold","amr":["pwd","otp"],"auth_time":1699999999}"#).unwrap();
    assert_eq!(user.id_token.acr(), Some("gold"));
    assert!(user.id_token.amr().eq(["pwd", "otp"]));
    assert_eq!(user.id_token.auth_time(), Some(at(NOW - 1)));
    let user = code_login(r#"{"amr":"pwd"}"#).unwrap();
    assert!(user.id_token.amr().eq(["pwd"]));
}

#[test]
fn claims_that_were_asked_for_are_as_they_were_asked_for() {
    use hallpass_oidc::{ClaimsRequest, IndividualClaim};
    let other = IndividualClaim::essential().with_value("other");
    let claims = ClaimsRequest::new().id_token("sub", other);
    let request = AuthenticationRequest::new().claims(claims);
    let found = code_login_by(relying_party(), &request, "{}");
    assert_eq!(fault(found), "not_as_asked");
}

#[test]
fn a_login_without_a_nonce_takes_no_token_with_one() {
    let without = AuthenticationRequest::new().without_nonce_for_code();
    let begun = begun_by::<Code>(relying_party(), &without);
    assert_eq!(begun.nonce, "");
    let none = code_login_by(relying_party(), &without, r#"{"nonce":null}"#);
    assert!(none.is_ok());
    let some = code_login_by(relying_party(), &without, r#"{"nonce":"n"}"#);
    assert_eq!(fault(some), "nonce");
    let front = begun_by::<IdToken>(relying_party(), &without);
    assert_eq!(
        front.nonce.len(),
        43,
        "where an ID token comes in the redirect"
    );
}

#[test]
fn hashes_in_the_redirect_must_be_there_and_right_or_the_code_is_not_sent() {
    let with = |c_hash: &str, at_hash: &str| {
        let (found, asked) = hybrid_login(
            &format!(r#"{{"c_hash":{c_hash},"at_hash":{at_hash}}}"#),
            "{}",
        );
        let found = fault(found);
        assert_eq!(asked.contains(&"token".to_owned()), found == "none");
        found
    };
    let text = |value: &str| format!("\"{}\"", hash(value));
    assert_eq!(with(&text("C"), &text("T1")), "none");
    for wrong in [
        text("other"),
        text(""),
        "\"\"".to_owned(),
        "null".to_owned(),
    ] {
        assert_eq!(with(&wrong, &text("T1")), "c_hash", "{wrong}");
        assert_eq!(with(&text("C"), &wrong), "at_hash", "{wrong}");
    }
    assert_eq!(with("7", &text("T1")), "malformed");
}

#[test]
fn each_response_type_asks_for_the_hashes_of_what_came() {
    let code_alone = begun::<CodeIdToken>();
    let token = id_token(&code_alone, "{}");
    let rest = format!("&code=C&id_token={token}");
    let mut provider = Provider::with_id_token(&token);
    assert_eq!(fault(provider.finish(code_alone, &rest)), "c_hash");
    let token_alone = begun::<IdTokenToken>();
    let token = id_token(&token_alone, "{}");
    let rest = format!("&id_token={token}&access_token=T1&token_type=bearer");
    assert_eq!(fault(provider.finish(token_alone, &rest)), "at_hash");
    let none = begun::<IdToken>();
    let token = id_token(&none, "{}");
    let rest = format!("&id_token={token}");
    assert!(provider.finish(none, &rest).is_ok());
}

#[test]
fn hashes_from_the_token_endpoint_need_not_be_there_but_must_be_right() {
    let at_hash = |value: &str| format!(r#"{{"at_hash":"{}"}}"#, hash(value));
    assert!(code_login("{}").is_ok());
    assert!(code_login(&at_hash("T2")).is_ok());
    assert_eq!(fault(code_login(&at_hash("T1"))), "at_hash");
    let (back, _) = hybrid_login(&bound(), &at_hash("T1"));
    assert_eq!(
        fault(back),
        "at_hash",
        "the back token is not the front one"
    );
}

#[test]
fn the_hash_of_the_state_is_checked_where_it_is_there() {
    let state = begun::<Code>().state;
    let s_hash = |value: &str| format!(r#"{{"s_hash":"{}"}}"#, hash(value));
    assert!(code_login(&s_hash(&state)).is_ok());
    assert_eq!(fault(code_login(&s_hash("other"))), "s_hash");
    let implicit = begun::<IdToken>();
    let token = id_token(&implicit, &s_hash("other"));
    let found = Provider::new("").finish(implicit, &format!("&id_token={token}"));
    assert_eq!(fault(found), "s_hash");
}

#[test]
fn a_hash_is_made_with_the_hash_of_the_tokens_algorithm() {
    let es256 = SignatureAlgorithm::Es256;
    let ed = SignatureAlgorithm::EdDsa;
    for (key, algorithm) in [(p256(), es256), (ed25519(), ed)] {
        let keys = hallpass_jose::JwkSet::parse(jwks([&key]).as_bytes()).unwrap();
        let issuer = hallpass_grant::Issuer::new(ISSUER).unwrap();
        let keys = hallpass_oidc::ProviderKeys::given(issuer, keys);
        let rules = hallpass_oidc::JwtRules::new(keys, CLIENT).with_algorithms(&[algorithm]);
        let begun = begun_by::<IdTokenToken>(
            relying_party().with_rules(|_| rules),
            &AuthenticationRequest::new(),
        );
        let at_hash = algorithm.half_hash(b"T1");
        let claims = format!(r#"{{"nonce":"{}","at_hash":"{at_hash}"}}"#, begun.nonce);
        let token = signed(&key, algorithm, &claims_of(&claims));
        let rest = format!("&id_token={token}&access_token=T1&token_type=bearer");
        assert!(
            Provider::new("").finish(begun, &rest).is_ok(),
            "{algorithm}"
        );
    }
    let begun = begun::<CodeIdToken>();
    let unknown = id_token(&begun, &bound()).replacen("eyJ", "eyI", 1);
    let mut provider = Provider::with_id_token("");
    let rest = format!("&code=C&id_token={unknown}");
    assert!(provider.finish(begun, &rest).is_err());
    assert!(
        provider.asked.is_empty(),
        "an unknown algorithm fails closed"
    );
}

fn claims_of(instead: &str) -> hallpass_token::Members {
    claims(instead)
}

#[test]
fn two_id_tokens_of_one_login_are_about_one_user_of_one_issuer() {
    let (other, _) = hybrid_login(&bound(), r#"{"sub":"another"}"#);
    assert_eq!(fault(other), "other_subject");
    let (other, _) = hybrid_login(&bound(), r#"{"iss":"https://evil.example"}"#);
    assert_eq!(fault(other), "issuer");
    let (other, _) = hybrid_login(&bound(), r#"{"nonce":"other"}"#);
    assert_eq!(fault(other), "nonce");
}

#[test]
fn an_id_token_must_come_for_the_code() {
    let tokens = r#"{"access_token":"T2","token_type":"Bearer"}"#;
    let found = Provider::new(tokens).finish(begun::<Code>(), "&code=C");
    assert_eq!(fault(found), "missing_id_token");
    let rest = "&code=C&access_token=T1&token_type=bearer";
    let found = Provider::new(tokens).finish(begun::<CodeToken>(), rest);
    assert_eq!(fault(found), "missing_id_token");
}

#[test]
fn an_id_token_says_who_answered_where_the_parameter_is_missing() {
    let promising = r#"{"authorization_response_iss_parameter_supported":true}"#;
    let begin = || {
        let relying_party = relying_party_of(provider_with(promising));
        begun_by::<IdToken>(relying_party, &AuthenticationRequest::new())
    };
    let good = begin();
    let token = id_token(&good, "{}");
    let found = Provider::new("").finish(good, &format!("&id_token={token}"));
    assert!(found.is_ok());
    let evil = begin();
    let token = id_token(&evil, r#"{"iss":"https://evil.example"}"#);
    let found = Provider::new("").finish(evil, &format!("&id_token={token}"));
    assert_eq!(fault(found), "issuer");
    let wrong = begin();
    let token = id_token(&wrong, "{}");
    let rest = format!("&id_token={token}&iss=https%3A%2F%2Fevil.example");
    let error = Provider::new("").finish(wrong, &rest).unwrap_err();
    let mismatch = ErrorKind::Violation(Violation::IssuerMismatch);
    assert_eq!(*error.kind(), mismatch);
}

#[test]
fn a_refusal_is_typed_and_nothing_is_sent() {
    let mut provider = Provider::new("");
    let error = provider.finish(begun::<CodeIdToken>(), "&error=login_required");
    let error = error.unwrap_err();
    let code = error.refused().and_then(|refused| refused.code());
    assert_eq!(code.map(|code| code.as_str()), Some("login_required"));
    assert!(provider.asked.is_empty());
}

#[test]
fn a_login_is_finished_by_who_began_it() {
    let begun = begun::<IdToken>();
    let callback = format!("/cb#state={}&id_token=x", begun.state);
    let other = hallpass_grant::Client::new(provider().server().clone(), "other").unwrap();
    let other = RelyingParty::new(other, provider()).unwrap();
    let error = other.receive(begun.login, &Callback::from_url(&callback), now());
    let misuse = ErrorKind::Misuse(Misuse::OtherClient);
    assert_eq!(*error.unwrap_err().kind(), misuse);

    let elsewhere = hallpass_grant::ServerMetadata::default();
    let elsewhere =
        elsewhere.with_issuer(hallpass_grant::Issuer::new("https://b.example").unwrap());
    let client = hallpass_grant::Client::new(elsewhere, CLIENT).unwrap();
    let error = RelyingParty::new(client, provider()).unwrap_err();
    assert_eq!(*error.kind(), misuse);
}

#[test]
fn no_login_begins_without_a_redirect_uri() {
    let client = hallpass_grant::Client::new(provider().server().clone(), CLIENT).unwrap();
    let relying_party = RelyingParty::new(client, provider()).unwrap();
    let request = AuthenticationRequest::new();
    let error = relying_party.login::<Code>(&request, &mut draws(7), now());
    let missing = ErrorKind::Misuse(Misuse::Missing("redirect URI"));
    assert_eq!(*error.unwrap_err().kind(), missing);
}

#[test]
fn a_stored_login_goes_on_in_another_process_and_shows_nothing() {
    let request = AuthenticationRequest::new()
        .login_hint("canary-hint")
        .acr_values(["gold"]);
    let begun = begun_by::<Code>(relying_party(), &request);
    let stored = serde_json::to_string(&begun.login).unwrap();
    let login: Login<Code> = serde_json::from_str(&stored).unwrap();
    let shown = format!("{login:?} {request:?}");
    for secret in [&*begun.nonce, &*begun.state, "canary"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("\"code\"") && shown.contains("login_hint"));
    assert_eq!(login.state().expose_secret(), begun.state);
    assert_eq!(login.began(), now());
    let token = id_token(&begun, "{}");
    let begun = Begun { login, ..begun };
    let found = Provider::with_id_token(&token).finish(begun, "&code=C");
    assert_eq!(fault(found), "acr", "what was asked for was stored with it");
}

#[test]
fn claims_are_stored_and_read_again_and_show_nobody() {
    let user = code_login(r#"{"email":"canary@example.com"}"#).unwrap();
    let shown = format!("{user:?}");
    for personal in ["24400320", "canary", "T2"] {
        assert!(!shown.contains(personal), "{shown}");
    }
    assert!(shown.contains(ISSUER));
    assert_eq!(user.id_token.amr().count(), 0);
    let stored = serde_json::to_string(&user.id_token).unwrap();
    let read: hallpass_oidc::IdTokenClaims = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, user.id_token);
    assert!(serde_json::from_str::<hallpass_oidc::IdTokenClaims>("{}").is_err());
}

#[test]
fn a_request_without_openid_begins_no_login() {
    let request = AuthenticationRequest::new().scopes(Scopes::parse("email").unwrap());
    let missing = Misuse::Missing("the scope `openid`");
    let code = relying_party().login::<Code>(&request, &mut draws(7), now());
    assert_eq!(
        *code.unwrap_err().kind(),
        ErrorKind::Misuse(missing.clone())
    );
    let token = relying_party().login::<IdTokenToken>(&request, &mut draws(7), now());
    assert_eq!(*token.unwrap_err().kind(), ErrorKind::Misuse(missing));
}

#[test]
fn a_response_type_is_known_by_its_parts_in_any_order() {
    assert!(CodeIdTokenToken::is_named("token code id_token"));
    assert!(IdTokenToken::is_named("token id_token"));
    assert!(Code::is_named("code"));
    assert!(!IdTokenToken::is_named("token"));
    assert!(!IdTokenToken::is_named("id_token id_token"));
    assert!(!CodeToken::is_named("code  token"));
    assert!(!CodeIdToken::is_named("code id_token token"));
    assert!(!IdToken::is_named(""));
}

#[test]
fn an_input_that_answers_nothing_changes_nothing() {
    let begun = begun::<CodeIdToken>();
    let back = id_token(&begun, "{}");
    let front = id_token(&begun, &bound());
    let callback = format!("/cb#state={}&code=C&id_token={front}", begun.state);
    let callback = Callback::from_url(&callback);
    let received = begun.relying_party.receive(begun.login, &callback, now());
    let mut authentication = received.unwrap();
    let shown = format!("{authentication:?}");
    assert!(shown.contains("code id_token") && !shown.contains(&front));
    let answers = [
        Input::Response(Response::new(503)),
        Input::Lost(Lost::NotSent),
    ];
    let unexpected = &Misuse::UnexpectedInput;
    only(&mut authentication, &[Input::Begin], unexpected);
    let _keys = authentication.step(Input::Begin, now()).unwrap();
    only(&mut authentication, &answers, unexpected);
    let keys = Input::Response(json(jwks([&rsa()])));
    let Step::Send(request) = authentication.step(keys, now()).unwrap() else {
        panic!("the code is sent");
    };
    assert_eq!(request.endpoint().as_str(), "https://op.example/token");
    only(&mut authentication, &answers, unexpected);
    let tokens = Provider::with_id_token(&back).tokens;
    let step = authentication.step(Input::Response(json(tokens)), now());
    assert!(matches!(step, Ok(Step::Done(_))), "the keys are known");
    only(&mut authentication, &[], &Misuse::Over);
}

#[test]
fn a_code_that_was_surely_not_sent_is_not_lost() {
    let begun = begun::<Code>();
    let callback = format!("/cb?state={}&code=C", begun.state);
    let token = id_token(&begun, "{}");
    let callback = Callback::from_url(&callback);
    let received = begun.relying_party.receive(begun.login, &callback, now());
    let mut authentication = received.unwrap();
    let _request = authentication.step(Input::Begin, now()).unwrap();
    let lost = authentication.step(Input::Lost(Lost::NotSent), now());
    assert_eq!(*lost.unwrap_err().kind(), ErrorKind::Transport);
    let mut asked = 0;
    let user = drive(&mut authentication, |request| {
        asked += 1;
        Input::Response(match request.endpoint().as_str() {
            JWKS_URI => json(jwks([&rsa()])),
            _ => json(Provider::with_id_token(&token).tokens),
        })
    });
    assert_eq!(user.unwrap().id_token.subject(), "24400320");
    assert_eq!(asked, 2);
}

#[test]
fn an_id_token_that_was_used_against_another_client_shows_nothing_in_its_error() {
    let error = code_login(r#"{"aud":"canary-aud","sub":"canary-sub"}"#).unwrap_err();
    assert!(!format!("{error:?} {error}").contains("canary"));
}
