//! Claims about the user from the UserInfo endpoint.

use hallpass_grant::{
    Client, Conversation, DpopKey, Endpoint, Error, ErrorKind, Input, IssuerComparison, Lost,
    Misuse, NotSigned, Request, Response, Signature, SigningAlgorithm, SigningKeyName, Step,
};
use hallpass_jose::{SignatureAlgorithm, SymmetricKey};
use hallpass_oidc::{
    IdTokenClaims, ProviderMetadata, RelyingParty, UserInfo, UserInfoMethod, UserInfoRequest,
};
use hallpass_token::{TokenSet, TokenType};

use crate::common::*;

const RS256: SignatureAlgorithm = SignatureAlgorithm::Rs256;

fn about() -> IdTokenClaims {
    IdTokenClaims::try_from(claims("{}")).unwrap()
}

fn tokens() -> TokenSet {
    TokenSet::bearer("canary-T").unwrap()
}

fn asked_by(relying_party: &RelyingParty, method: UserInfoMethod) -> UserInfoRequest {
    let asked = relying_party.user_info(&tokens(), &about(), method, &mut draws(7));
    asked.unwrap()
}

fn answered_by(relying_party: &RelyingParty, answer: Response) -> Result<UserInfo, Error> {
    let mut asked = asked_by(relying_party, UserInfoMethod::Get);
    drive(&mut asked, |request| {
        Input::Response(match request.endpoint().as_str() {
            JWKS_URI => json(jwks([&rsa()])),
            _ => answer.clone(),
        })
    })
}

fn answered(answer: Response) -> Result<UserInfo, Error> {
    answered_by(&relying_party(), answer)
}

fn jwt(token: &str) -> Response {
    Response::new(200)
        .with_header("content-type", "application/jwt; charset=utf-8")
        .with_body(token.as_bytes().to_vec())
}

#[test]
fn claims_about_the_user_are_read_and_others_kept() {
    let body = r#"{"sub":"24400320","email":"canary@example.com","shoe_size":44}"#;
    let found = answered(json(body)).unwrap();
    let standard = found.standard().unwrap();
    assert_eq!(standard.email.as_deref(), Some("canary@example.com"));
    assert_eq!(found.members().len(), 3);
    assert_eq!(format!("{found:?}"), "UserInfo({3 members})");
    assert_eq!(found.clone().into_members(), *found.members());
}

#[test]
fn claims_about_somebody_else_are_nobodys() {
    for (body, expected) in [
        (r#"{"sub":"24400320"}"#, "none"),
        (r#"{"sub":"24400320 "}"#, "sub_of_user_info"),
        (r#"{"sub":"2440032"}"#, "sub_of_user_info"),
        (r#"{"sub":24400320}"#, "sub_of_user_info"),
        (r#"{"email":"jane@example.com"}"#, "missing_claim"),
    ] {
        assert_eq!(fault(answered(json(body))), expected, "{body}");
        let token = signed(&rsa(), RS256, &members(body));
        assert_eq!(fault(answered(jwt(&token))), expected, "{body}, signed");
    }
}

#[test]
fn a_challenge_says_that_the_access_token_is_no_good() {
    let code = |challenge: &str| {
        let answer = Response::new(401).with_header("www-authenticate", challenge);
        let error = answered(answer.with_body(b"{}".to_vec())).unwrap_err();
        let code = error.refused().and_then(|refused| refused.code());
        code.map(|code| code.as_str().to_owned())
    };
    let bearer = r#"Bearer realm="op", error="invalid_token", error_description="expired""#;
    assert_eq!(code(bearer).as_deref(), Some("invalid_token"));
    // What is no error of a token's is not told: it may repeat what was sent.
    assert_eq!(code(r#"Bearer error="canary-T""#), None);
    assert_eq!(code("Bearer"), None);
}

fn sent(method: UserInfoMethod) -> Request {
    let mut asked = asked_by(&relying_party(), method);
    match asked.step(Input::Begin, now()).unwrap() {
        Step::Send(request) => request,
        step => panic!("{step:?}"),
    }
}

#[test]
fn the_token_goes_into_the_header_or_the_body() {
    let body = |request: &Request| {
        let body = request.body().expose_secret();
        String::from_utf8(body.to_vec()).unwrap()
    };
    let bearer = Some("Bearer canary-T");
    let get = sent(UserInfoMethod::Get);
    assert_eq!(get.method().as_str(), "GET");
    assert_eq!(get.endpoint().as_str(), "https://op.example/userinfo");
    assert_eq!(get.header("authorization"), bearer);
    assert_eq!(
        get.header("accept"),
        Some("application/json, application/jwt")
    );
    assert_eq!(body(&get), "");
    let post = sent(UserInfoMethod::Post);
    assert_eq!(post.method().as_str(), "POST");
    assert_eq!(post.header("authorization"), bearer);
    assert_eq!(body(&post), "");
    let form = sent(UserInfoMethod::Form);
    assert_eq!(form.method().as_str(), "POST");
    assert_eq!(form.header("authorization"), None);
    let content = form.header("content-type");
    assert_eq!(content, Some("application/x-www-form-urlencoded"));
    assert_eq!(body(&form), "access_token=canary-T");
    for header in form.headers().chain(get.headers()).map(|(name, _)| name) {
        assert_ne!(header, "dpop");
    }
}

#[test]
fn a_signed_answer_is_verified_as_an_id_token_is() {
    for (instead, expected) in [
        ("{}", "none"),
        (r#"{"iss":null,"aud":null,"exp":null,"iat":null}"#, "none"),
        (r#"{"iat":1500000000}"#, "none"),
        (r#"{"iss":"https://evil.example"}"#, "issuer"),
        (r#"{"aud":"other"}"#, "audience"),
        (r#"{"exp":1699999000}"#, "expired"),
    ] {
        let token = signed(&rsa(), RS256, &claims(instead));
        assert_eq!(fault(answered(jwt(&token))), expected, "{instead}");
    }
    let forged = signed(&next_rsa().with_id("rsa-a"), RS256, &claims("{}"));
    assert_eq!(fault(answered(jwt(&forged))), "signature");
    assert_eq!(fault(answered(jwt("not a token"))), "malformed");
}

#[test]
fn where_a_signed_answer_is_registered_no_other_is_taken() {
    let es256 = SignatureAlgorithm::Es256;
    let signing = relying_party().with_signed_user_info(es256);
    assert_eq!(signing.user_info_algorithm(), Some(es256));
    let plain = answered_by(&signing, json(r#"{"sub":"24400320"}"#));
    assert_eq!(fault(plain), "unsigned");
    let other = jwt(&signed(&rsa(), RS256, &claims("{}")));
    let found = answered_by(&signing, other);
    assert_eq!(fault(found), "unexpected_algorithm");
    let keys = hallpass_jose::JwkSet::parse(jwks([&p256()]).as_bytes()).unwrap();
    let issuer = hallpass_grant::Issuer::new(ISSUER).unwrap();
    let keys = hallpass_oidc::ProviderKeys::given(issuer, keys);
    let signing = signing.with_rules(|_| hallpass_oidc::JwtRules::new(keys, CLIENT));
    let own = jwt(&signed(&p256(), es256, &claims("{}")));
    assert!(answered_by(&signing, own).is_ok());
}

#[test]
fn an_answer_signed_with_the_clients_secret_is_verified_with_it() {
    let hs256 = SignatureAlgorithm::Hs256;
    let secret = "canary-0123456789abcdef012345678";
    let own = relying_party()
        .with_signed_user_info(hs256)
        .with_rules(|rules| rules.with_secret(&secret.into()));
    let key = SymmetricKey::new(secret.as_bytes()).signing_key(hs256);
    let payload = serde_json::to_vec(&claims("{}")).unwrap();
    let token = key.unwrap().token(None, &payload).unwrap();
    assert!(answered_by(&own, jwt(&token)).is_ok());
}

#[test]
fn a_refusal_is_told_by_its_status() {
    let error = answered(Response::new(401)).unwrap_err();
    let status = error.refused().and_then(|refused| refused.status());
    assert_eq!(status, Some(401));
    let token = signed(&rsa(), RS256, &claims("{}"));
    let refused = Response::new(403)
        .with_header("content-type", "application/jwt")
        .with_body(token.into_bytes());
    assert!(answered(refused).unwrap_err().refused().is_some());
    let page = Response::new(200)
        .with_header("content-type", "text/html")
        .with_body(b"<html>".to_vec());
    let violation = answered(page).unwrap_err();
    assert!(matches!(violation.kind(), ErrorKind::Violation(_)));
    let mut asked = asked_by(&relying_party(), UserInfoMethod::Get);
    let lost = drive(&mut asked, |_| Input::Lost(Lost::MaybeSent));
    assert_eq!(*lost.unwrap_err().kind(), ErrorKind::Transport);
}

#[test]
fn the_tokens_of_another_provider_or_client_are_not_sent_to_this_one() {
    let asked = |party: &RelyingParty, instead: &str| {
        let about = IdTokenClaims::try_from(claims(instead)).unwrap();
        let asked = party.user_info(&tokens(), &about, UserInfoMethod::Get, &mut draws(7));
        asked.map_err(|error| error.kind().clone()).err()
    };
    let other = Some(ErrorKind::Misuse(Misuse::OtherClient));
    let slash = r#"{"iss":"https://op.example/"}"#;
    for instead in [
        r#"{"iss":"https://b.example"}"#,
        r#"{"aud":"other"}"#,
        slash,
    ] {
        assert_eq!(asked(&relying_party(), instead), other, "{instead}");
    }
    let lenient = relying_party()
        .with_rules(|rules| rules.with_issuer_comparison(IssuerComparison::TrailingSlash));
    for instead in ["{}", r#"{"aud":["cid","api"]}"#, slash] {
        assert_eq!(asked(&lenient, instead), None, "{instead}");
    }
}

#[test]
fn what_cannot_be_asked_is_misuse() {
    let provider = provider_with(r#"{"userinfo_endpoint":null}"#);
    let misuse = |relying_party: RelyingParty, tokens: &TokenSet, method| {
        let asked = relying_party.user_info(tokens, &about(), method, &mut draws(7));
        match asked.unwrap_err().kind() {
            ErrorKind::Misuse(misuse) => misuse.clone(),
            kind => panic!("{kind:?}"),
        }
    };
    let none = misuse(relying_party_of(provider), &tokens(), UserInfoMethod::Get);
    assert_eq!(none, Misuse::Missing("userinfo endpoint"));
    let no_key = misuse(relying_party(), &bound_tokens(), UserInfoMethod::Get);
    assert_eq!(no_key, Misuse::Missing("DPoP key"));
    let form = misuse(bound_party(), &bound_tokens(), UserInfoMethod::Form);
    assert!(matches!(
        form,
        Misuse::Invalid {
            field: "UserInfo method",
            ..
        }
    ));
}

#[test]
fn a_client_that_shows_a_certificate_asks_at_the_endpoint_for_that() {
    let mut server = provider().server().as_ref().clone();
    let alias = Endpoint::new("https://mtls.op.example/userinfo").unwrap();
    let aliases = &mut server.mtls_endpoint_aliases;
    aliases.insert("userinfo_endpoint".to_owned(), alias);
    let provider = ProviderMetadata::new(server.clone()).unwrap();
    let client = Client::new(server, "cid").unwrap();
    for (client, expected) in [
        (
            client.clone().with_certificate_bound_tokens(),
            "https://mtls.op.example/userinfo",
        ),
        (client, "https://op.example/userinfo"),
    ] {
        let party = RelyingParty::new(client, provider.clone()).unwrap();
        let mut asked = asked_by(&party, UserInfoMethod::Get);
        let Step::Send(request) = asked.step(Input::Begin, now()).unwrap() else {
            panic!("nothing is sent");
        };
        assert_eq!(request.endpoint().as_str(), expected);
    }
}

fn bound_tokens() -> TokenSet {
    let mut tokens = tokens();
    tokens.token_type = TokenType::Dpop;
    tokens
}

fn bound_party() -> RelyingParty {
    let name = SigningKeyName::new(SigningAlgorithm::Es256, "key-1");
    let key = DpopKey::new(name, &p256().public().to_json()).unwrap();
    let relying_party = relying_party();
    let client = relying_party.client().clone().with_dpop(key).unwrap();
    RelyingParty::new(client, provider()).unwrap()
}

/// The proofs that were sent when this was answered, and what came of it.
fn proven(answers: &[u16]) -> (Vec<String>, Result<UserInfo, Error>) {
    proven_by(UserInfoMethod::Get, answers)
}

fn proven_by(method: UserInfoMethod, answers: &[u16]) -> (Vec<String>, Result<UserInfo, Error>) {
    let party = bound_party();
    let asked = party.user_info(&bound_tokens(), &about(), method, &mut draws(7));
    let mut asked = asked.unwrap();
    let mut proofs = Vec::new();
    let mut answers = answers.iter();
    let mut input = Input::Begin;
    loop {
        input = match asked.step(input, now()) {
            Ok(Step::Sign(input)) => {
                proofs.push(String::from_utf8(input.bytes().to_vec()).unwrap());
                Input::Signature(Signature::new([1; 64]))
            }
            Ok(Step::Send(request)) => {
                assert_eq!(request.header("authorization"), Some("DPoP canary-T"));
                let proof = request.header("dpop").unwrap();
                assert!(proof.starts_with(proofs.last().unwrap()));
                Input::Response(match answers.next().unwrap() {
                    200 => json(r#"{"sub":"24400320"}"#),
                    status => Response::new(*status)
                        .with_header("dpop-nonce", "n-1")
                        .with_header("www-authenticate", r#"DPoP error="use_dpop_nonce""#),
                })
            }
            Ok(Step::Done(found)) => return (proofs, Ok(found)),
            Ok(step) => panic!("{step:?}"),
            Err(error) => return (proofs, Err(error)),
        };
    }
}

#[test]
fn a_bound_token_is_proven_and_once_more_for_a_nonce() {
    let (proofs, found) = proven(&[200]);
    assert!(found.is_ok());
    assert_eq!(proofs.len(), 1);
    let (proofs, found) = proven(&[401, 200]);
    assert!(found.is_ok());
    assert_eq!(proofs.len(), 2);
    assert_ne!(proofs[0], proofs[1]);
    let (proofs, found) = proven(&[401, 401]);
    assert!(found.unwrap_err().refused().is_some());
    assert_eq!(proofs.len(), 2);
}

#[test]
fn a_proof_is_for_the_method_and_the_endpoint_it_goes_to() {
    use base64ct::{Base64UrlUnpadded, Encoding};
    for (method, htm) in [(UserInfoMethod::Get, "GET"), (UserInfoMethod::Post, "POST")] {
        let (proofs, _) = proven_by(method, &[200]);
        let payload = proofs[0].split('.').nth(1).unwrap();
        let payload = Base64UrlUnpadded::decode_vec(payload).unwrap();
        let payload = String::from_utf8(payload).unwrap();
        assert!(payload.contains(&format!(r#""htm":"{htm}""#)), "{payload}");
        assert!(payload.contains(r#""htu":"https://op.example/userinfo""#));
    }
}

#[test]
fn an_input_that_answers_nothing_changes_nothing() {
    let unexpected = &Misuse::UnexpectedInput;
    let answers = [
        Input::Response(Response::new(503)),
        Input::Lost(Lost::NotSent),
    ];
    let party = bound_party();
    let asked = party.user_info(
        &bound_tokens(),
        &about(),
        UserInfoMethod::Get,
        &mut draws(7),
    );
    let mut asked = asked.unwrap();
    only(&mut asked, &[Input::Begin], unexpected);
    let _proof = asked.step(Input::Begin, now()).unwrap();
    let signature = Input::Signature(Signature::new([1; 64]));
    let signing = [signature, Input::NotSigned(NotSigned::Failed)];
    only(&mut asked, &signing, unexpected);
    let [signature, _] = signing;
    let _request = asked.step(signature, now()).unwrap();
    only(&mut asked, &answers, unexpected);
    let token = signed(&rsa(), RS256, &claims("{}"));
    let _keys = asked.step(Input::Response(jwt(&token)), now()).unwrap();
    only(&mut asked, &answers, unexpected);
    let keys = Input::Response(json(jwks([&rsa()])));
    assert!(matches!(asked.step(keys, now()), Ok(Step::Done(_))));
    only(&mut asked, &[], &Misuse::Over);
}

#[test]
fn what_asks_shows_neither_token_nor_user() {
    let asked = asked_by(&relying_party(), UserInfoMethod::Get);
    let shown = format!("{asked:?}");
    assert!(
        !shown.contains("canary") && !shown.contains("24400320"),
        "{shown}"
    );
    assert!(shown.contains("op.example/userinfo"));
}
