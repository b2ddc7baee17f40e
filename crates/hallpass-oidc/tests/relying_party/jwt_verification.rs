//! The one way in which a token is verified.

use std::time::Duration;

use hallpass_grant::{
    Conversation, Error, ErrorKind, Input, IssuerComparison, Lost, Misuse, Response, Step,
};
use hallpass_jose::{PrivateJwk, SignatureAlgorithm, SymmetricKey};
use hallpass_oidc::{Fault, JwtRules, JwtVerification, ProviderKeys, VerifiedJwt};
use hallpass_token::Secret;

use crate::common::*;

fn verify(token: &str, rules: JwtRules) -> Result<VerifiedJwt, Error> {
    silent(&mut JwtVerification::new(token, rules))
}

#[test]
fn a_token_with_nothing_wrong_is_taken() {
    let verified = verify(&token("{}"), rules()).unwrap();
    assert_eq!(verified.algorithm(), SignatureAlgorithm::Rs256);
    assert_eq!(verified.token_type(), None);
    assert_eq!(verified.claims().text("sub"), Ok(Some("24400320")));
}

#[test]
fn each_claim_that_is_wrong_has_its_own_fault() {
    for (instead, expected) in [
        (r#"{"iss":"https://op.example/"}"#, "issuer"),
        (r#"{"iss":"https://evil.example"}"#, "issuer"),
        (r#"{"iss":7}"#, "malformed"),
        (r#"{"aud":"other"}"#, "audience"),
        (r#"{"aud":["other"]}"#, "audience"),
        (r#"{"aud":["cid","other"]}"#, "audience"),
        (r#"{"aud":[]}"#, "malformed"),
        (r#"{"aud":["cid",1]}"#, "malformed"),
        (r#"{"aud":["cid"]}"#, "none"),
        (r#"{"aud":["cid","cid"]}"#, "none"),
        (r#"{"exp":"1700000300"}"#, "malformed"),
        (r#"{"exp":1e308}"#, "malformed"),
        (r#"{"exp":1700000300.5}"#, "none"),
        (r#"{"nbf":"1"}"#, "malformed"),
        (r#"{"iat":"1"}"#, "malformed"),
    ] {
        assert_eq!(
            fault(verify(&token(instead), rules())),
            expected,
            "{instead}"
        );
    }
}

#[test]
fn audiences_that_are_trusted_may_stand_beside_the_own_one() {
    let trusting = || rules().trusting(["api"]);
    let both = token(r#"{"aud":["cid","api"]}"#);
    assert!(verify(&both, trusting()).is_ok());
    let without = token(r#"{"aud":["api"]}"#);
    assert_eq!(fault(verify(&without, trusting())), "audience");
}

#[test]
fn a_claim_that_is_required_must_be_there() {
    let more = || rules().requiring(&["iat"]).requiring(&["sub"]);
    for name in ["iss", "aud", "exp", "iat", "sub"] {
        let token = token(&format!(r#"{{"{name}":null}}"#));
        let error = verify(&token, more()).unwrap_err();
        assert_eq!(Fault::of(&error), Some(&Fault::MissingClaim(name)));
        let is_usual = ["iss", "aud", "exp"].contains(&name);
        assert_eq!(verify(&token, rules()).is_err(), is_usual, "{name}");
        assert!(verify(&token, more().requiring_only(&[])).is_ok(), "{name}");
    }
    assert!(verify(&token("{}"), more()).is_ok());
}

#[test]
fn dates_are_exact_to_the_second_and_the_leeway_moves_them() {
    for (name, date, expected) in [
        ("exp", NOW, "expired"),
        ("exp", NOW + 1, "none"),
        ("nbf", NOW, "none"),
        ("nbf", NOW + 1, "not_yet_valid"),
        ("iat", NOW, "none"),
        ("iat", NOW + 1, "issued_at"),
        ("iat", NOW - 100, "none"),
        ("iat", NOW - 101, "issued_at"),
    ] {
        let rules = || rules().not_older_than(Duration::from_secs(100));
        let at = |date: i64| token(&format!(r#"{{"{name}":{date}}}"#));
        assert_eq!(fault(verify(&at(date), rules())), expected, "{name} {date}");
        let moved = match (name, date < NOW) {
            ("exp", _) | ("iat", true) => date - 5,
            _ => date + 5,
        };
        let leeway = || rules().with_leeway(Duration::from_secs(5));
        let found = fault(verify(&at(moved), leeway()));
        assert_eq!(found, expected, "{name} {moved} with a leeway");
    }
    let leeway = JwtRules::new(given_keys(), CLIENT).leeway();
    assert_eq!(leeway, Duration::from_secs(60));
}

#[test]
fn a_known_server_may_write_its_issuer_with_a_slash_only_where_that_is_said() {
    let token = token(r#"{"iss":"https://op.example/"}"#);
    let lenient = rules().with_issuer_comparison(IssuerComparison::TrailingSlash);
    assert!(verify(&token, lenient).is_ok());
}

#[test]
fn only_the_algorithm_that_was_asked_for_is_taken() {
    let es256 = |key| signed(key, SignatureAlgorithm::Es256, &claims("{}"));
    let found = verify(&es256(&p256()), rules());
    assert_eq!(fault(found), "unexpected_algorithm");
    let rules = rules().with_algorithms(&[SignatureAlgorithm::Es256]);
    assert_eq!(fault(verify(&token("{}"), rules)), "unexpected_algorithm");
}

/// A token signed with nothing: header, payload, no signature.
fn unsigned(header: &str) -> String {
    let whole = token("{}");
    let payload = whole.split('.').nth(1).unwrap();
    let header = base64ct_encode(header);
    format!("{header}.{payload}.")
}

fn base64ct_encode(text: &str) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    Base64UrlUnpadded::encode_string(text.as_bytes())
}

#[test]
fn a_token_that_is_not_signed_is_never_taken() {
    for (header, expected) in [
        (r#"{"alg":"none"}"#, "unsigned"),
        (r#"{"alg":"NONE"}"#, "unsigned"),
        (r#"{"alg":"HS1"}"#, "unexpected_algorithm"),
        (r#"{"alg":"RS256"}"#, "signature"),
        (r#"{"typ":"JWT"}"#, "malformed"),
    ] {
        let found = fault(verify(&unsigned(header), rules()));
        assert_eq!(found, expected, "{header}");
    }
    let changed = token("{}").replacen('.', ".e", 1);
    assert_eq!(fault(verify(&changed, rules())), "signature");
    assert_eq!(fault(verify("a.b", rules())), "malformed");
    assert_eq!(fault(verify("a.b.c.d.e", rules())), "encryption");
}

#[test]
fn a_secret_verifies_only_where_it_was_asked_for_and_is_long_enough() {
    let secret = "canary-0123456789abcdef012345678";
    let hs256 = SignatureAlgorithm::Hs256;
    let key = SymmetricKey::new(secret.as_bytes());
    let payload = serde_json::to_vec(&claims("{}")).unwrap();
    let token = key.signing_key(hs256).unwrap();
    let token = token.token(None, &payload).unwrap();
    let with = |secret: &str| rules().with_secret(&Secret::new(secret));
    let asked = |secret: &str| with(secret).with_algorithms(&[hs256]);
    assert!(verify(&token, asked(secret)).is_ok());
    let other = "canary-other-6789abcdef012345678";
    assert_eq!(fault(verify(&token, asked(other))), "signature");
    assert_eq!(fault(verify(&token, with(secret))), "unexpected_algorithm");
    for rules in [asked("canary-9"), rules().with_algorithms(&[hs256])] {
        let error = verify(&token, rules).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Misuse(_)), "{error:?}");
        assert!(!format!("{error:?}").contains("canary"));
    }
}

#[test]
fn a_token_that_says_it_is_of_another_kind_is_refused() {
    let kind = |told: &str| {
        let claims = claims("{}");
        typed(&rsa(), SignatureAlgorithm::Rs256, Some(told), &claims)
    };
    for told in ["JWT", "jwt", "application/jwt", "Application/JWT"] {
        let verified = verify(&kind(told), rules()).unwrap();
        assert_eq!(verified.token_type(), Some(told));
    }
    for told in [
        "at+jwt",
        "logout+jwt",
        "application/dpop+jwt",
        "AT+JWT",
        "dc+sd-jwt",
        "JOSE",
        "JWT ",
        "",
    ] {
        assert_eq!(fault(verify(&kind(told), rules())), "token_type", "{told}");
    }
    let logout = || rules().with_type("logout+jwt");
    for told in ["logout+jwt", "application/logout+jwt", "JWT"] {
        assert!(verify(&kind(told), logout()).is_ok(), "{told}");
    }
    assert_eq!(fault(verify(&kind("at+jwt"), logout())), "token_type");
}

/// A provider whose keys change, and how often it was asked for them.
struct Published {
    keys: Vec<PrivateJwk>,
    asked: usize,
}

impl Published {
    fn new(keys: Vec<PrivateJwk>) -> Self {
        Self { keys, asked: 0 }
    }

    fn verify(&mut self, token: &str, rules: &JwtRules) -> Result<VerifiedJwt, Error> {
        let mut verification = JwtVerification::new(token, rules.clone());
        drive(&mut verification, |request| {
            assert_eq!(request.endpoint().as_str(), JWKS_URI);
            self.asked += 1;
            Input::Response(json(jwks(&self.keys)))
        })
    }
}

fn published_rules() -> JwtRules {
    JwtRules::new(ProviderKeys::new(&provider()), CLIENT)
}

#[test]
fn keys_are_fetched_once_for_many_tokens() {
    let mut provider = Published::new(vec![rsa(), p256()]);
    let rules = published_rules();
    for _ in 0..3 {
        provider.verify(&token("{}"), &rules).unwrap();
    }
    assert_eq!(provider.asked, 1);
}

#[test]
fn keys_that_were_rotated_are_fetched_when_a_token_names_them_each_time() {
    let mut provider = Published::new(vec![rsa()]);
    let rules = published_rules();
    provider.verify(&token("{}"), &rules).unwrap();
    let rs256 = SignatureAlgorithm::Rs256;
    for (at, key) in [next_rsa(), rsa(), next_rsa()].into_iter().enumerate() {
        provider.keys = vec![key.clone()];
        let token = signed(&key, rs256, &claims("{}"));
        provider.verify(&token, &rules).unwrap();
        assert_eq!(provider.asked, at + 2);
    }
    // A key that was withdrawn verifies nothing any more.
    let found = provider.verify(&token("{}"), &rules);
    assert_eq!(fault(found), "unknown_key");
}

#[test]
fn a_key_that_changed_under_its_name_or_without_one_is_found_too() {
    let rs256 = SignatureAlgorithm::Rs256;
    for name in ["rsa-a", "rsa-b"] {
        let mut provider = Published::new(vec![rsa()]);
        let rules = published_rules();
        provider.verify(&token("{}"), &rules).unwrap();
        let key = next_rsa().with_id(name);
        provider.keys = vec![key.clone()];
        provider
            .verify(&signed(&key, rs256, &claims("{}")), &rules)
            .unwrap();
        assert_eq!(provider.asked, 2);
    }
}

#[test]
fn a_storm_of_tokens_with_unknown_keys_costs_one_fetch() {
    let mut provider = Published::new(vec![rsa()]);
    let rules = published_rules();
    provider.verify(&token("{}"), &rules).unwrap();
    for at in 0..50 {
        let key = next_rsa().with_id(format!("unknown-{at}"));
        let token = signed(&key, SignatureAlgorithm::Rs256, &claims("{}"));
        assert_eq!(fault(provider.verify(&token, &rules)), "unknown_key");
    }
    assert_eq!(provider.asked, 2);
}

#[test]
fn what_is_wrong_with_a_token_is_told_by_the_keys_there_are_when_it_is_too_soon_for_others() {
    let mut provider = Published::new(vec![rsa()]);
    let rules = published_rules();
    let forged = token("{}").replacen('.', ".e", 1);
    assert_eq!(fault(provider.verify(&forged, &rules)), "signature");
    for _ in 0..2 {
        assert_eq!(fault(provider.verify(&forged, &rules)), "signature");
    }
    assert_eq!(
        provider.asked, 2,
        "fresh keys are not fetched again at once"
    );
}

#[test]
fn a_token_that_no_key_could_mend_is_not_worth_a_fetch() {
    let mut provider = Published::new(vec![rsa()]);
    let rules = published_rules();
    provider.verify(&token("{}"), &rules).unwrap();
    let key = rsa().signing_key(SignatureAlgorithm::Rs256).unwrap();
    let no_claims = key.token(None, b"no claims").unwrap();
    assert_eq!(fault(provider.verify(&no_claims, &rules)), "malformed");
    assert_eq!(provider.asked, 1);
}

#[test]
fn several_keys_that_fit_are_ambiguous_and_one_is_not() {
    let rs256 = SignatureAlgorithm::Rs256;
    let key = PrivateJwk::from_pkcs8_pem(include_str!("../vectors/rsa-a.pem")).unwrap();
    let unnamed = signed(&key, rs256, &claims("{}"));
    let mut one = Published::new(vec![rsa(), p256(), ed25519()]);
    one.verify(&unnamed, &published_rules()).unwrap();
    let mut several = Published::new(vec![rsa(), next_rsa()]);
    let found = several.verify(&unnamed, &published_rules());
    assert_eq!(fault(found), "ambiguous_key");
}

#[test]
fn a_key_in_a_tokens_header_is_not_looked_at() {
    let own = next_rsa();
    let header = format!(
        r#"{{"alg":"RS256","kid":"evil","jwk":{},"jku":"https://evil.example/jwks","x5u":"https://evil.example/x5u"}}"#,
        own.public().to_json()
    );
    let payload = serde_json::to_string(&claims("{}")).unwrap();
    let input = format!("{}.{}", base64ct_encode(&header), base64ct_encode(&payload));
    let key = own.signing_key(SignatureAlgorithm::Rs256).unwrap();
    let signature = key.sign(input.as_bytes()).unwrap();
    use base64ct::{Base64UrlUnpadded, Encoding};
    let forged = format!("{input}.{}", Base64UrlUnpadded::encode_string(&signature));
    let mut provider = Published::new(vec![rsa()]);
    let found = provider.verify(&forged, &published_rules());
    assert_eq!(fault(found), "unknown_key");
    assert_eq!(provider.asked, 1, "and its own address alone");
}

#[test]
fn the_same_name_at_two_issuers_is_two_keys() {
    let key = next_rsa().with_id("rsa-a");
    let theirs = signed(&key, SignatureAlgorithm::Rs256, &claims("{}"));
    let mut provider = Published::new(vec![rsa()]);
    let ours = published_rules();
    provider.verify(&token("{}"), &ours).unwrap();
    let set = hallpass_jose::JwkSet::parse(jwks([&key]).as_bytes()).unwrap();
    let other = hallpass_grant::Issuer::new("https://other.example").unwrap();
    let others = JwtRules::new(ProviderKeys::given(other, set), CLIENT);
    assert_eq!(fault(provider.verify(&theirs, &ours)), "signature");
    let found = verify(&theirs, others);
    assert_eq!(fault(found), "issuer", "their key does not speak for us");
}

#[test]
fn keys_that_cannot_be_read_are_the_providers_fault() {
    for body in ["", "[]", "{}", r#"{"keys":{}}"#] {
        let mut verification = JwtVerification::new(token("{}"), published_rules());
        let found = drive(&mut verification, |_| Input::Response(json(body)));
        assert_eq!(fault(found), "keys", "{body}");
    }
    // Ones that cannot be read do not take the place of those that are known.
    let rules = published_rules();
    let mut provider = Published::new(vec![rsa()]);
    provider.verify(&token("{}"), &rules).unwrap();
    let later = format!(r#"{{"exp":{}}}"#, NOW + 2000);
    let mut verification = JwtVerification::new(token(&later), rules);
    let _request = verification.step(Input::Begin, at(NOW + 601)).unwrap();
    let poisoned = verification.step(Input::Response(json("{}")), at(NOW + 601));
    assert!(matches!(poisoned, Ok(Step::Done(_))));

    let weak = r#"{"keys":[{"kty":"RSA","kid":"rsa-a","n":"AQAB","e":"AQAB"}]}"#;
    let mut verification = JwtVerification::new(token("{}"), published_rules());
    let found = drive(&mut verification, |_| Input::Response(json(weak)));
    assert_eq!(fault(found), "unusable_key");
}

#[test]
fn a_lost_answer_is_asked_for_three_times_with_pauses() {
    let rules = published_rules();
    let mut verification = JwtVerification::new(token("{}"), rules);
    let mut now = now();
    let mut input = Input::Begin;
    for pause in [1, 2] {
        let Step::Send(_) = verification.step(input, now).unwrap() else {
            panic!("it asks");
        };
        let step = verification.step(Input::Lost(Lost::MaybeSent), now);
        let Step::Wait(until) = step.unwrap() else {
            panic!("it waits");
        };
        assert_eq!(until - now, time::Duration::seconds(pause));
        (now, input) = (until, Input::Woken);
    }
    let Step::Send(_) = verification.step(input, now).unwrap() else {
        panic!("it asks");
    };
    let error = verification.step(Input::Lost(Lost::NotSent), now);
    assert_eq!(*error.unwrap_err().kind(), ErrorKind::Transport);
}

#[test]
fn a_server_that_wants_to_be_left_alone_for_long_is_not_waited_for() {
    for (after, waits) in [("10", true), ("11", false)] {
        let mut verification = JwtVerification::new(token("{}"), published_rules());
        let _request = verification.step(Input::Begin, now()).unwrap();
        let busy = Response::new(503).with_header("retry-after", after);
        let step = verification.step(Input::Response(busy), now());
        assert_eq!(matches!(step, Ok(Step::Wait(_))), waits, "{after}");
    }
    let mut verification = JwtVerification::new(token("{}"), published_rules());
    let _request = verification.step(Input::Begin, now()).unwrap();
    let gone = verification.step(Input::Response(Response::new(302)), now());
    assert!(matches!(gone.unwrap_err().kind(), ErrorKind::Refused(_)));
}

#[test]
fn in_an_outage_known_keys_go_on_but_verify_nothing_new() {
    let rules = published_rules();
    let mut provider = Published::new(vec![rsa()]);
    provider.verify(&token("{}"), &rules).unwrap();
    let later = at(NOW + 601);
    let exp = format!(r#"{{"exp":{}}}"#, NOW + 2000);
    let mut verification = JwtVerification::new(token(&exp), rules.clone());
    let Step::Send(_) = verification.step(Input::Begin, later).unwrap() else {
        panic!("the keys' time is over");
    };
    let step = verification.step(Input::Lost(Lost::MaybeSent), later);
    assert!(matches!(step, Ok(Step::Done(_))), "{step:?}");

    // While it rests after that, a token with an unknown key is worth asking for; and what nobody answers is nobody's fault.
    let unknown = || signed(&next_rsa(), SignatureAlgorithm::Rs256, &claims(&exp));
    let mut verification = JwtVerification::new(unknown(), rules.clone());
    let Step::Send(_) = verification.step(Input::Begin, later).unwrap() else {
        panic!("there may be a newer key");
    };
    let refused = verification.step(Input::Response(Response::new(404)), later);
    assert!(matches!(refused.unwrap_err().kind(), ErrorKind::Refused(_)));

    let rules = published_rules();
    provider.verify(&token("{}"), &rules).unwrap();
    let mut verification = JwtVerification::new(unknown(), rules.clone());
    let mut waiting = JwtVerification::new(unknown(), rules.clone());
    let mut known = JwtVerification::new(token(&exp), rules);
    let _request = verification.step(Input::Begin, later).unwrap();
    let _wait = waiting.step(Input::Begin, later).unwrap();
    let _wait = known.step(Input::Begin, later).unwrap();
    let gone = verification.step(Input::Response(Response::new(404)), later);
    let refused = gone.unwrap_err();
    assert!(
        matches!(refused.kind(), ErrorKind::Refused(_)),
        "{refused:?}"
    );
    let told = waiting.step(Input::Woken, later).unwrap_err();
    assert!(matches!(told.kind(), ErrorKind::Refused(_)), "{told:?}");
    let step = known.step(Input::Woken, later);
    assert!(matches!(step, Ok(Step::Done(_))), "{step:?}");
}

#[test]
fn many_verify_with_one_fetch_whatever_becomes_of_it() {
    let rules = published_rules();
    let begin = || {
        let mut verification = JwtVerification::new(token("{}"), rules.clone());
        let step = verification.step(Input::Begin, now()).unwrap();
        (verification, step)
    };
    // Who fetches is dropped: who waited fetches.
    let (first, step) = begin();
    assert!(matches!(step, Step::Send(_)));
    let (mut second, step) = begin();
    assert!(matches!(step, Step::Wait(_)));
    drop(first);
    let step = second.step(Input::Woken, now()).unwrap();
    assert!(matches!(step, Step::Send(_)));
    // Who fetches fails: who waited is told.
    let (mut third, step) = begin();
    assert!(matches!(step, Step::Wait(_)));
    let step = third.step(Input::Woken, now()).unwrap();
    assert!(matches!(step, Step::Wait(_)), "still under way");
    let refused = second.step(Input::Response(Response::new(404)), now());
    assert!(refused.is_err());
    let refused = |error: Error| matches!(error.kind(), ErrorKind::Refused(_));
    assert!(refused(third.step(Input::Woken, now()).unwrap_err()));
    // And so is who comes a moment later: nobody asks again.
    let mut late = JwtVerification::new(token("{}"), rules.clone());
    let rests = at(NOW + 9);
    assert!(refused(late.step(Input::Begin, rests).unwrap_err()));
    // Who fetches succeeds: who waited uses the keys.
    let begin = || {
        let mut verification = JwtVerification::new(token("{}"), rules.clone());
        let step = verification.step(Input::Begin, at(NOW + 10)).unwrap();
        (verification, step)
    };
    let (mut fourth, step) = begin();
    assert!(matches!(step, Step::Send(_)));
    let (mut fifth, _) = begin();
    let keys = Input::Response(json(jwks([&rsa()])));
    assert!(matches!(fourth.step(keys, now()), Ok(Step::Done(_))));
    assert!(matches!(fifth.step(Input::Woken, now()), Ok(Step::Done(_))));
}

#[test]
fn a_provider_that_names_no_keys_is_told_and_blocks_nobody() {
    let provider = provider_with(r#"{"jwks_uri":null}"#);
    let rules = JwtRules::new(ProviderKeys::new(&provider), CLIENT);
    for _ in 0..2 {
        let error = verify(&token("{}"), rules.clone()).unwrap_err();
        let misuse = Misuse::Missing("jwks_uri");
        assert_eq!(*error.kind(), ErrorKind::Misuse(misuse));
    }
}

#[test]
fn an_input_that_answers_nothing_changes_nothing() {
    let response = || Input::Response(Response::new(503));
    let rules = published_rules();
    let mut verification = JwtVerification::new(token("{}"), rules.clone());
    let mut waiting = JwtVerification::new(token("{}"), rules);
    let unexpected = &Misuse::UnexpectedInput;
    only(&mut verification, &[Input::Begin], unexpected);
    let _request = verification.step(Input::Begin, now()).unwrap();
    let answers = [response(), Input::Lost(Lost::NotSent)];
    only(&mut verification, &answers, unexpected);
    let _wait = waiting.step(Input::Begin, now()).unwrap();
    only(&mut waiting, &[Input::Woken], unexpected);
    let _pause = verification.step(response(), now()).unwrap();
    only(&mut verification, &[Input::Woken], unexpected);
    let _request = verification.step(Input::Woken, now()).unwrap();
    only(&mut verification, &answers, unexpected);
    let keys = Input::Response(json(jwks([&rsa()])));
    let _done = verification.step(keys, now()).unwrap();
    only(&mut verification, &[], &Misuse::Over);
}

#[test]
fn what_verifies_can_cross_threads_and_shows_no_token() {
    fn check<T: Send + Sync + 'static>() {}
    check::<JwtVerification>();
    check::<ProviderKeys>();
    let token = token("{}");
    let mut verification = JwtVerification::new(token.as_str(), published_rules());
    let _request = verification.step(Input::Begin, now()).unwrap();
    let shown = format!("{verification:?}");
    assert!(
        token.split('.').all(|part| !shown.contains(part)),
        "{shown}"
    );
    assert!(shown.contains("ProviderKeys(https://op.example)") && shown.contains("fetch 1"));
    let verified = verify(&token, rules()).unwrap();
    assert!(!format!("{verified:?}").contains("24400320"));
}
