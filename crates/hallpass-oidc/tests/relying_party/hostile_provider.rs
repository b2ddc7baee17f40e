//! Every misbehaviour that the test kit has a name for, and what comes of it.

use std::num::NonZeroUsize;
use std::time::Duration;

use hallpass_grant::{
    Callback, Client, ClientAuthentication, Code, CodeIdToken, CodeIdTokenToken, Conversation,
    Error, ErrorKind, IdToken, IdTokenToken, Input, Issuer, Lost, Request, Response,
};
use hallpass_jose::SignatureAlgorithm;
use hallpass_oidc::{
    Authenticated, AuthenticationRequest, BackChannelLogout, ClaimCollection, ClaimSources,
    ClaimsProviders, CollectedClaims, Fault, FrontChannelLogout, Identifier, InitiatedLogin,
    JwtRules, LogoutRules, LogoutToken, ProviderDiscovery, ProviderKeys, ProviderMetadata,
    Refreshed, RelyingParty, ResponseType, SeenLogoutTokens, SessionRequirement, UserInfo,
    UserInfoMethod, WebFinger,
};
use hallpass_testkit as testkit;
use hallpass_testkit::{AuthorizationServer, Config, Decision, GrantType, NamedFault as N, User};

use crate::common::*;

/// What comes of a login by code, and of one in which everything comes in front and back.
const LOGINS: &[(N, &str, &str)] = &[
    (N::IdTokenMissing, "missing_id_token", "violation"),
    (N::IdTokenIssWrong, "issuer", "issuer"),
    (N::IdTokenIssMissing, "missing_claim", "missing_claim"),
    (N::IdTokenSubMissing, "missing_claim", "missing_claim"),
    (N::IdTokenSubEmpty, "claim", "claim"),
    (N::IdTokenSubNumber, "malformed", "malformed"),
    (N::IdTokenAudWrong, "audience", "audience"),
    (N::IdTokenAudMissing, "missing_claim", "missing_claim"),
    (N::IdTokenAudEmpty, "malformed", "malformed"),
    (N::IdTokenAudList, "accepted", "accepted"),
    (N::IdTokenAudWithAnother, "audience", "audience"),
    (N::IdTokenAudWithAnotherAzp, "audience", "audience"),
    (N::IdTokenAzpOther, "audience", "audience"),
    (N::IdTokenAzpWrong, "authorized_party", "authorized_party"),
    (N::IdTokenNonceWrong, "nonce", "nonce"),
    (N::IdTokenNonceMissing, "nonce", "nonce"),
    (N::IdTokenIatMissing, "missing_claim", "missing_claim"),
    (N::IdTokenIatPast, "issued_at", "issued_at"),
    (N::IdTokenIatFuture, "issued_at", "issued_at"),
    (N::IdTokenIatText, "malformed", "malformed"),
    (N::IdTokenExpPast, "expired", "expired"),
    (N::IdTokenExpMissing, "missing_claim", "missing_claim"),
    (N::IdTokenExpText, "malformed", "malformed"),
    (N::IdTokenExpNull, "malformed", "malformed"),
    (N::IdTokenExpHuge, "malformed", "malformed"),
    (N::IdTokenExpFloat, "accepted", "accepted"),
    (N::IdTokenNbfFuture, "not_yet_valid", "not_yet_valid"),
    (N::IdTokenNbfText, "malformed", "malformed"),
    (N::IdTokenAuthTimeMissing, "auth_time", "auth_time"),
    (N::IdTokenAuthTimeStale, "auth_time", "auth_time"),
    (N::IdTokenAuthTimeText, "malformed", "malformed"),
    (N::IdTokenAcrWrong, "acr", "acr"),
    (N::IdTokenAcrMissing, "acr", "acr"),
    (N::IdTokenSignatureBroken, "signature", "signature"),
    (N::IdTokenSignatureEmpty, "signature", "signature"),
    (N::IdTokenOtherKey, "signature", "signature"),
    (N::IdTokenNone, "unsigned", "unsigned"),
    (N::IdTokenNoneUpperCase, "unsigned", "unsigned"),
    (
        N::IdTokenHmacOfPem,
        "unexpected_algorithm",
        "unexpected_algorithm",
    ),
    (
        N::IdTokenHmacOfDer,
        "unexpected_algorithm",
        "unexpected_algorithm",
    ),
    (
        N::IdTokenHmacOfJwk,
        "unexpected_algorithm",
        "unexpected_algorithm",
    ),
    (
        N::IdTokenHmacOfSecret,
        "unexpected_algorithm",
        "unexpected_algorithm",
    ),
    (
        N::IdTokenRs512,
        "unexpected_algorithm",
        "unexpected_algorithm",
    ),
    (
        N::IdTokenPs256,
        "unexpected_algorithm",
        "unexpected_algorithm",
    ),
    (
        N::IdTokenEs256,
        "unexpected_algorithm",
        "unexpected_algorithm",
    ),
    // Of ES256 alone.
    (N::IdTokenAsn1, "accepted", "accepted"),
    // One key fits.
    (N::IdTokenKidMissing, "accepted", "accepted"),
    (N::IdTokenKidUnknown, "unknown_key", "unknown_key"),
    (N::IdTokenKidNumber, "malformed", "malformed"),
    (N::IdTokenJwk, "signature", "signature"),
    (N::IdTokenJku, "signature", "signature"),
    (N::IdTokenX5u, "signature", "signature"),
    (N::IdTokenCrit, "malformed", "malformed"),
    (N::IdTokenCritEmpty, "malformed", "malformed"),
    (N::IdTokenB64, "malformed", "malformed"),
    (N::IdTokenTyp, "token_type", "token_type"),
    (N::IdTokenDuplicateClaim, "malformed", "malformed"),
    (N::IdTokenDuplicateAlgorithm, "malformed", "malformed"),
    (N::IdTokenNotCanonical, "malformed", "malformed"),
    (N::IdTokenEncrypted, "encryption", "encryption"),
    (N::AtHashWrong, "at_hash", "at_hash"),
    (N::AtHashMissing, "accepted", "at_hash"),
    (N::AtHashLength, "at_hash", "at_hash"),
    (N::CHashWrong, "accepted", "c_hash"),
    (N::CHashMissing, "accepted", "c_hash"),
    (N::CHashLength, "accepted", "c_hash"),
    (N::SHashWrong, "accepted", "s_hash"),
    (N::SHashMissing, "accepted", "accepted"),
    (N::SHashLength, "accepted", "s_hash"),
    (N::FrontIdTokenMissing, "accepted", "violation"),
    (
        N::CodeIdTokenMissing,
        "missing_id_token",
        "missing_id_token",
    ),
    (N::CodeIdTokenIss, "issuer", "issuer"),
    (N::CodeIdTokenSub, "accepted", "other_subject"),
    (N::KeysRotated, "accepted", "accepted"),
    (N::KeysWithdrawn, "unknown_key", "unknown_key"),
    (N::KeysOneWithoutKid, "accepted", "accepted"),
    (N::KeysSeveralWithoutKid, "ambiguous_key", "ambiguous_key"),
    (N::KeysSameKid, "ambiguous_key", "ambiguous_key"),
    (N::KeysJunk, "accepted", "accepted"),
    (N::KeysUnknownType, "accepted", "accepted"),
    (N::KeysPrivate, "unusable_key", "unusable_key"),
    (N::KeysSecret, "unusable_key", "unusable_key"),
    (N::KeysExponentOne, "unusable_key", "unusable_key"),
    (N::KeysRsa1024, "unusable_key", "unusable_key"),
    // Of ES256 alone.
    (N::KeysOffCurve, "accepted", "accepted"),
    (N::KeysForEncryption, "unknown_key", "unknown_key"),
    (N::KeysOtherOperations, "unknown_key", "unknown_key"),
    (N::KeysOtherAlgorithm, "unknown_key", "unknown_key"),
    (N::KeysEmpty, "unknown_key", "unknown_key"),
    (N::KeysMany, "keys", "keys"),
    (N::KeysMaxAge, "accepted", "accepted"),
    (N::KeysServerError, "refused", "refused"),
    (N::KeysHtml, "keys", "keys"),
    // Whoever carries the request stops it.
    (N::KeysEndless, "accepted", "accepted"),
    (N::KeysRedirect, "refused", "refused"),
];

#[test]
fn every_fault_of_id_tokens_and_keys_is_found_and_what_is_none_is_not() {
    for (fault, code, hybrid) in LOGINS {
        let shown = fault.name();
        assert_eq!(
            outcome(login::<Code>(RS256, *fault)),
            *code,
            "{shown}, code"
        );
        let found = outcome(login::<CodeIdTokenToken>(RS256, *fault));
        assert_eq!(found, *hybrid, "{shown}, code id_token token");
    }
}

#[test]
fn without_a_code_the_id_token_of_the_redirect_is_all_there_is_to_check() {
    for (fault, expected) in [
        (N::IdTokenNonceMissing, "nonce"),
        (N::IdTokenSignatureBroken, "signature"),
        (N::AtHashMissing, "at_hash"),
        (N::AtHashWrong, "at_hash"),
        (N::CHashWrong, "accepted"),
        (N::KeysRotated, "accepted"),
    ] {
        let found = outcome(login::<IdTokenToken>(RS256, fault));
        assert_eq!(found, expected, "{}", fault.name());
    }
    let alone = outcome(login::<IdToken>(RS256, N::IdTokenAudWrong));
    assert_eq!(alone, "audience");
}

#[test]
fn a_signature_by_es256_is_two_numbers_by_a_key_on_the_curve() {
    for (fault, expected) in [
        (N::IdTokenAudList, "accepted"),
        (N::IdTokenSignatureBroken, "signature"),
        (N::IdTokenAsn1, "signature"),
        (N::KeysOffCurve, "unusable_key"),
        (N::IdTokenHmacOfSecret, "unexpected_algorithm"),
    ] {
        let es256 = (testkit::Algorithm::Es256, SignatureAlgorithm::Es256);
        let found = outcome(login::<CodeIdToken>(es256, fault));
        assert_eq!(found, expected, "{}", fault.name());
    }
}

#[test]
fn a_refresh_is_of_the_same_login() {
    for (fault, expected) in [
        (N::RefreshedIdTokenIss, "issuer"),
        (N::RefreshedIdTokenSub, "other_subject"),
        (N::RefreshedIdTokenAud, "audience"),
        (N::RefreshedIdTokenAzp, "authorized_party"),
        (N::RefreshedIdTokenAuthTime, "auth_time"),
        (N::RefreshedIdTokenNonce, "nonce"),
        (N::RefreshedIdTokenMissing, "accepted"),
        (N::IdTokenSignatureBroken, "signature"),
        (N::IdTokenExpPast, "expired"),
        (N::AtHashWrong, "at_hash"),
    ] {
        assert_eq!(outcome(refresh(fault)), expected, "{}", fault.name());
    }
}

#[test]
fn user_info_is_of_the_same_user_and_signed_where_it_has_to_be() {
    for (fault, plain, signed) in [
        (N::UserInfoSubWrong, "sub_of_user_info", "sub_of_user_info"),
        (N::UserInfoSubMissing, "missing_claim", "missing_claim"),
        (N::UserInfoIssWrong, "accepted", "issuer"),
        (N::UserInfoAudWrong, "accepted", "audience"),
        (N::UserInfoSignatureBroken, "accepted", "signature"),
        (N::UserInfoNone, "accepted", "unsigned"),
        (N::UserInfoOtherKey, "accepted", "signature"),
        (N::UserInfoContentType, "violation", "violation"),
        (N::UserInfoUnauthorized, "refused", "refused"),
        (N::UserInfoDuplicateClaim, "violation", "malformed"),
    ] {
        let found = [false, true].map(|is_signed| outcome(user_info(is_signed, fault)));
        assert_eq!(found, [plain, signed], "{}", fault.name());
    }
    let unsigned = outcome(user_info(true, N::UserInfoUnsigned));
    assert_eq!(unsigned, "unsigned");
}

#[test]
fn every_fault_of_a_logout_token_is_found() {
    for (fault, expected) in [
        (N::LogoutTokenIssWrong, "issuer"),
        (N::LogoutTokenIssMissing, "missing_claim"),
        (N::LogoutTokenAudWrong, "audience"),
        (N::LogoutTokenAudMissing, "missing_claim"),
        (N::LogoutTokenIatMissing, "missing_claim"),
        (N::LogoutTokenIatPast, "issued_at"),
        (N::LogoutTokenIatFuture, "issued_at"),
        (N::LogoutTokenExpMissing, "missing_claim"),
        (N::LogoutTokenExpPast, "expired"),
        (N::LogoutTokenJtiMissing, "missing_claim"),
        (N::LogoutTokenReplayed, "replayed"),
        (N::LogoutTokenNoSubject, "logout_session"),
        (N::LogoutTokenSubMissing, "accepted"),
        (N::LogoutTokenSubNumber, "malformed"),
        (N::LogoutTokenSidMissing, "accepted"),
        (N::LogoutTokenEventsMissing, "missing_claim"),
        (N::LogoutTokenEventsWrong, "logout_event"),
        (N::LogoutTokenEventsEmpty, "logout_event"),
        (N::LogoutTokenEventsList, "logout_event"),
        (N::LogoutTokenEventText, "logout_event"),
        (N::LogoutTokenNonce, "logout_nonce"),
        (N::LogoutTokenNone, "unsigned"),
        (N::LogoutTokenSignatureBroken, "signature"),
        (N::LogoutTokenOtherKey, "signature"),
        (N::LogoutTokenHmacOfSecret, "unexpected_algorithm"),
        (N::LogoutTokenHmacOfPem, "unexpected_algorithm"),
        (N::LogoutTokenRs512, "unexpected_algorithm"),
        (N::LogoutTokenTyp, "token_type"),
        (N::LogoutTokenTypJwt, "accepted"),
        (N::LogoutTokenMissing, "logout_request"),
    ] {
        assert_eq!(outcome(logout(fault)), expected, "{}", fault.name());
    }
}

#[test]
fn a_logout_that_was_begun_comes_back_as_it_was() {
    for (fault, expected) in [
        (N::KeysJunk, "accepted"),
        (N::LogoutStateAltered, "logout_state"),
        (N::LogoutStateMissing, "logout_state"),
    ] {
        assert_eq!(outcome(log_out(fault)), expected, "{}", fault.name());
    }
}

fn log_out(fault: N) -> Result<(), Error> {
    let after = "https://rp.example/after";
    let config = Config::new().issuer(ISSUER);
    let mut server =
        AuthorizationServer::new(config.client(client().post_logout_redirect_uri(after)));
    let relying_party = relying_party_at(&mut server, SignatureAlgorithm::Rs256)?;
    let user = log_in::<Code>(&mut server, &relying_party)?;
    let logout = relying_party.logout()?;
    let logout = logout.id_token_hint(user.raw_id_token.expose_secret());
    let (url, pending) = logout.url_and_back(after, &mut draws(3))?;
    server.inject(fault);
    let target = url.as_str().strip_prefix(ISSUER).unwrap();
    let answer = server.respond(&testkit::Request::get(target), NOW.unsigned_abs());
    pending.receive(answer.location().expect("the way back"))
}

#[test]
fn a_frame_ends_the_session_it_names_and_no_other() {
    for (fault, expected) in [
        (N::KeysJunk, true),
        (N::FrontChannelIssuer, false),
        (N::FrontChannelSession, false),
    ] {
        let own = client().front_channel_logout_uri("https://rp.example/front");
        let mut server = AuthorizationServer::new(Config::new().issuer(ISSUER).client(own));
        let relying_party = relying_party_at(&mut server, SignatureAlgorithm::Rs256).unwrap();
        let user = log_in::<Code>(&mut server, &relying_party).unwrap();
        server.inject(fault);
        let frames = server.log_out_user("alice", NOW.unsigned_abs());
        let logout = FrontChannelLogout::read(&frames[0], SessionRequirement::Required).unwrap();
        let issuer = Issuer::new(ISSUER).unwrap();
        let ends = logout.ends(&issuer, user.id_token.session_id());
        assert_eq!(ends, expected, "{}", fault.name());
    }
}

#[test]
fn a_login_that_begins_elsewhere_is_at_a_known_provider() {
    for (fault, expected) in [
        (N::KeysJunk, "accepted"),
        (N::ThirdPartyIssuer, "unknown_issuer"),
    ] {
        let own = client().initiate_login_uri("https://rp.example/start");
        let mut server = AuthorizationServer::new(Config::new().issuer(ISSUER).client(own));
        server.inject(fault);
        let url = server
            .third_party_login(CLIENT, Some("alice"), None)
            .unwrap();
        let (known, here) = (Issuer::new(ISSUER).unwrap(), endpoint("https://rp.example"));
        let begun = InitiatedLogin::from_url(&url, [&known], &here);
        assert_eq!(outcome(begun), expected, "{}", fault.name());
    }
}

#[test]
fn a_session_need_not_be_watched() {
    let watched = login::<Code>(RS256, N::KeysJunk).unwrap();
    assert!(watched.session_state.is_some());
    let alone = login::<Code>(RS256, N::SessionStateMissing).unwrap();
    assert!(alone.session_state.is_none());
}

#[test]
fn what_others_say_of_a_user_is_believed_if_they_have_signed_it() {
    for (fault, expected) in [
        (N::KeysJunk, ["accepted", "accepted"]),
        (N::ClaimsOfAnotherBroken, ["signature", "signature"]),
        (N::ClaimsOfAnotherNone, ["unsigned", "unsigned"]),
        (N::ClaimsOfAnotherSub, ["sub_of_claims", "sub_of_claims"]),
        (N::ClaimsOfAnotherEndpoint, ["accepted", "refused"]),
    ] {
        let collected = claims_of_others(fault).unwrap();
        let outcome = ["aggregated", "distributed"].map(|source| {
            let failed = collected.failed.iter().find(|(name, _)| name == source);
            failed.map_or("accepted".to_owned(), |(_, error)| name_of(error))
        });
        assert_eq!(outcome, expected, "{}", fault.name());
    }
}

fn claims_of_others(fault: N) -> Result<CollectedClaims, Error> {
    let config = Config::new().issuer(ISSUER).client(client());
    let config = config.aggregated_claim("shoe_size", testkit::Value::json("37"));
    let config = config.distributed_claim("credit_score", testkit::Value::json("650"));
    let mut server = AuthorizationServer::new(config);
    let relying_party = relying_party_at(&mut server, SignatureAlgorithm::Rs256)?;
    let user = log_in::<Code>(&mut server, &relying_party)?;
    server.inject(fault);
    let method = UserInfoMethod::Post;
    let (tokens, about) = (&user.tokens, &user.id_token);
    let mut request = relying_party.user_info(tokens, about, method, &mut draws(9))?;
    let told = drive_at(&mut server, &mut request)?;
    let sources = ClaimSources::of(told.members(), &Issuer::new(ISSUER).unwrap())?;
    let providers = ClaimsProviders::new(relying_party.rules().clone());
    drive_at(&mut server, &mut ClaimCollection::new(&sources, providers))
}

#[test]
fn no_fault_of_an_openid_provider_is_forgotten() {
    let own = include_str!("hostile_provider.rs");
    let is_seen = |fault: &&N| {
        [',', ')']
            .iter()
            .any(|end| own.contains(&format!("N::{fault:?}{end}")))
    };
    let unseen = N::ALL
        .iter()
        .filter(|fault| fault.is_openid() && !is_seen(fault));
    assert_eq!(unseen.collect::<Vec<_>>(), [&N::KeysEmpty; 0]);
}

#[test]
fn a_provider_that_cannot_be_found_is_not_found() {
    for (fault, expected) in [
        (N::MetadataOnlyOAuth, "refused"),
        (N::MetadataOnlyOpenId, "accepted"),
        (N::MetadataIssuerSlash, "violation"),
        (N::MetadataIssuerWrong, "violation"),
        (N::MetadataIssuerCase, "violation"),
        (N::MetadataNoIssuer, "violation"),
        (N::MetadataInsecureEndpoint, "violation"),
        (N::MetadataJwksUriHttp, "violation"),
        (N::MetadataUserInfoHttp, "violation"),
        (N::MetadataServerError, "refused"),
        (N::MetadataRedirect, "refused"),
    ] {
        let mut server = server(testkit::Algorithm::Rs256);
        server.inject(fault);
        assert_eq!(outcome(discover(&mut server)), expected, "{}", fault.name());
        let places = server.requests();
        let mut places = places.iter().map(testkit::Request::path);
        let only = "/.well-known/openid-configuration";
        assert!(places.all(|place| place == only), "{}", fault.name());
    }
    for (fault, expected) in [
        // Discovery finds out that it is none.
        (N::WebFingerIssuerOther, "accepted"),
        (N::WebFingerIssuerHttp, "web_finger"),
        (N::WebFingerNoLink, "web_finger"),
        (N::WebFingerIssuerNumber, "web_finger"),
        (N::WebFingerSubject, "accepted"),
        // Nobody is there.
        (N::WebFingerRedirect, "transport"),
    ] {
        assert_eq!(outcome(web_finger(fault)), expected, "{}", fault.name());
    }
}

fn web_finger(fault: N) -> Result<Issuer, Error> {
    let mut server = server(testkit::Algorithm::Rs256);
    server.inject(fault);
    let identifier = Identifier::new("acct:alice@op.example").unwrap();
    drive_at(&mut server, &mut WebFinger::new(&identifier).unwrap())
}

/// The second of two logouts that the provider tells of: one that was seen is one too many.
fn logout(fault: N) -> Result<LogoutToken, Error> {
    let mut server = server(testkit::Algorithm::Rs256);
    let provider = discover(&mut server)?;
    let rules = LogoutRules::new(JwtRules::new(ProviderKeys::new(&provider), CLIENT));
    server.inject(fault);
    let mut seen = SeenLogoutTokens::new(NonZeroUsize::MIN.saturating_add(9));
    let mut receive = || {
        let token = server.logout_token(CLIENT, Some("alice"), Some("session"), NOW.unsigned_abs());
        let form = format!("logout_token={}", token.unwrap_or_default());
        let form_type = "application/x-www-form-urlencoded";
        let mut logout =
            BackChannelLogout::read("POST", form_type, form.as_bytes(), rules.clone())?;
        let token = drive_at(&mut server, &mut logout)?;
        seen.remember(&token, now())?;
        Ok(token)
    };
    receive()?;
    receive()
}

const RS256: (testkit::Algorithm, SignatureAlgorithm) =
    (testkit::Algorithm::Rs256, SignatureAlgorithm::Rs256);

const OWN_SECRET: &str = "the secret that the relying party has with the provider";

fn client() -> testkit::Client {
    testkit::Client::confidential(CLIENT, OWN_SECRET)
        .redirect_uri("https://rp.example/cb")
        .scopes(["openid"])
        .grant_types([
            GrantType::AuthorizationCode,
            GrantType::Implicit,
            GrantType::RefreshToken,
        ])
}

fn server(algorithm: testkit::Algorithm) -> AuthorizationServer {
    let client = client().id_token_algorithm(algorithm);
    AuthorizationServer::new(Config::new().issuer(ISSUER).client(client))
}

/// Sends a request to the server, which answers at once.
fn ask(server: &mut AuthorizationServer, request: &Request) -> Input {
    let place = request.endpoint().as_str();
    let Some(target) = place.strip_prefix(ISSUER) else {
        return Input::Lost(Lost::NotSent);
    };
    let mut asked = testkit::Request::get(target);
    asked.method = request.method().as_str().to_owned();
    asked.body = request.body().expose_secret().to_vec();
    for (name, value) in request.headers() {
        asked = asked.with_header(name, value);
    }
    let answer = server.respond(&asked, NOW.unsigned_abs());
    let mut response = Response::new(answer.status);
    for (name, value) in &answer.headers {
        response = response.with_header(name, value);
    }
    Input::Response(response.with_body(answer.body))
}

fn drive_at<C: Conversation>(
    server: &mut AuthorizationServer,
    conversation: &mut C,
) -> Result<C::Output, Error> {
    drive(conversation, |request| ask(server, request))
}

fn discover(server: &mut AuthorizationServer) -> Result<ProviderMetadata, Error> {
    let mut discovery = ProviderDiscovery::new(Issuer::new(ISSUER).unwrap());
    drive_at(server, &mut discovery)
}

/// The client, as the server has it.
fn relying_party_at(
    server: &mut AuthorizationServer,
    algorithm: SignatureAlgorithm,
) -> Result<RelyingParty, Error> {
    let provider = discover(server)?;
    let client = Client::new(provider.server().clone(), CLIENT)?
        .with_authentication(ClientAuthentication::Basic(OWN_SECRET.into()))
        .with_redirect_uri("https://rp.example/cb")?;
    let relying_party = RelyingParty::new(client, provider)?;
    Ok(relying_party.with_rules(|rules| rules.with_algorithms(&[algorithm])))
}

/// A login of alice's, with everything asked for that an ID token can be held to.
fn log_in<R: ResponseType>(
    server: &mut AuthorizationServer,
    relying_party: &RelyingParty,
) -> Result<Authenticated<R::Tokens>, Error> {
    let request = AuthenticationRequest::new()
        .max_age(Duration::from_secs(600))
        .acr_values(["1"]);
    let (url, login) = relying_party.login::<R>(&request, &mut draws(7), now())?;
    let (alice, now_there) = (User::alice(), NOW.unsigned_abs());
    let came = server.consent(url.as_str(), &alice, &Decision::Allow, now_there);
    let came = came.expect("the provider answers");
    let callback = Callback::from_url(&came);
    let mut authentication = relying_party.receive(login, &callback, now())?;
    drive_at(server, &mut authentication)
}

/// A login while this fault is on.
fn login<R: ResponseType>(
    (own, expected): (testkit::Algorithm, SignatureAlgorithm),
    fault: N,
) -> Result<Authenticated<R::Tokens>, Error> {
    let mut server = server(own);
    let relying_party = relying_party_at(&mut server, expected)?;
    server.inject(fault);
    log_in::<R>(&mut server, &relying_party)
}

/// A refresh after a good login.
fn refresh(fault: N) -> Result<Refreshed, Error> {
    let mut server = server(testkit::Algorithm::Rs256);
    let relying_party = relying_party_at(&mut server, SignatureAlgorithm::Rs256)?;
    let user = log_in::<Code>(&mut server, &relying_party)?;
    let token = user.tokens.refresh_token.expect("a refresh token");
    let scopes = user.tokens.scopes.clone();
    server.inject(fault);
    let before = &user.id_token;
    let mut refresh = relying_party.refresh(&token, &scopes, None, before, &mut draws(9))?;
    drive_at(&mut server, &mut refresh)
}

/// UserInfo after a good login, signed where the client is registered so.
fn user_info(is_signed: bool, fault: N) -> Result<UserInfo, Error> {
    let mut server = server(testkit::Algorithm::Rs256);
    if is_signed {
        let signed = client().user_info_algorithm(testkit::Algorithm::Rs256);
        server.configure(|config| config.client(signed));
    }
    let mut relying_party = relying_party_at(&mut server, SignatureAlgorithm::Rs256)?;
    if is_signed {
        relying_party = relying_party.with_signed_user_info(SignatureAlgorithm::Rs256);
    }
    let user = log_in::<Code>(&mut server, &relying_party)?;
    server.inject(fault);
    let method = UserInfoMethod::Get;
    let (tokens, about) = (&user.tokens, &user.id_token);
    let mut request = relying_party.user_info(tokens, about, method, &mut draws(9))?;
    drive_at(&mut server, &mut request)
}

/// The name of the fault that came of it.
fn outcome<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => "accepted".to_owned(),
        Err(error) => name_of(&error),
    }
}

fn name_of(error: &Error) -> String {
    match (Fault::of(error), error.kind()) {
        (Some(fault), _) => fault.name().to_owned(),
        (None, ErrorKind::Refused(_)) => "refused".to_owned(),
        (None, ErrorKind::Violation(_)) => "violation".to_owned(),
        (None, ErrorKind::Transport) => "transport".to_owned(),
        (None, kind) => panic!("{kind:?}"),
    }
}
