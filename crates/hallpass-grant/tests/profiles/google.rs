//! Google, by its documentation: "Using OAuth 2.0 for Web Server Applications" and "OAuth 2.0 for TV and Limited-Input Device
//! Applications". `invalid_token` stands in neither; it is what the revocation endpoint says.

use hallpass_grant::token::{AccessToken, Lifetime};
use hallpass_grant::{Assertion, AuthorizationRequest, Violation};
use hallpass_grant::{ErrorKind, SigningAlgorithm, SigningKeyName};

use super::*;

const CODE: &str = include_str!("data/google/code.json");
const GRANULAR: &str = include_str!("data/google/granular.json");
const REFRESHED: &str = include_str!("data/google/refresh.json");
const INVALID_GRANT: &str = include_str!("data/google/invalid_grant.json");
const DEVICE: &str = include_str!("data/google/device.json");
const RATE_LIMIT: &str = include_str!("data/google/rate_limit_exceeded.json");
const PENDING: &str = include_str!("data/google/authorization_pending.json");
const SLOW_DOWN: &str = include_str!("data/google/slow_down.json");
const DENIED: &str = include_str!("data/google/access_denied.json");
const INVALID_TOKEN: &str = include_str!("data/google/invalid_token.json");

const CALENDAR: &str = "https://www.googleapis.com/auth/calendar.readonly";
const DRIVE: &str = "https://www.googleapis.com/auth/drive.metadata.readonly";

fn client() -> Client {
    client_at(ServerMetadata::google(), Profile::GOOGLE)
}

#[test]
fn offline_access_is_asked_for_unless_the_request_says_otherwise() {
    let client = client();
    let access_type = |request: AuthorizationRequest| {
        let grant = client.code().unwrap();
        let (url, _) = grant.begin(request, &mut draws(SEED), NOW).unwrap();
        // A parameter that stood twice would be seen here.
        assert_eq!(url.as_str().matches("access_type=").count(), 1);
        query_of(&url)["access_type"].clone()
    };
    assert_eq!(access_type(AuthorizationRequest::new()), "offline");
    let online = AuthorizationRequest::new().parameter("access_type", "online");
    assert_eq!(access_type(online.unwrap()), "online");
}

#[test]
fn a_token_has_its_scopes_its_end_and_a_refresh_token() {
    let set = exchanged(&client(), json(200, CODE)).unwrap();
    assert_eq!(set.access_token.expose_secret(), "ya29.example");
    assert_eq!(
        set.expires_at,
        Some(Lifetime::from_seconds(3920).after(NOW))
    );
    assert_eq!(set.refresh_token.unwrap().expose_secret(), "1//example");
    assert_eq!(set.scopes, scopes(&format!("{DRIVE} {CALENDAR}")));
}

#[test]
fn what_the_user_did_not_tick_is_missing_from_the_scopes() {
    let requested = scopes(&format!("{DRIVE} {CALENDAR}"));
    let set = exchanged(&client(), json(200, GRANULAR)).unwrap();
    assert_eq!(set.scopes, scopes(CALENDAR));
    assert_eq!(set.compared_with(&requested).missing, scopes(DRIVE));
}

#[test]
fn a_refresh_brings_no_new_refresh_token_and_keeps_the_old_one() {
    let set = refreshed(&client(), json(200, REFRESHED)).unwrap();
    assert_eq!(set.access_token.expose_secret(), "ya29.another");
    assert_eq!(set.refresh_token.unwrap().expose_secret(), "old");
}

#[test]
fn a_dead_refresh_token_ends_the_grant() {
    let error = refreshed(&client(), json(400, INVALID_GRANT)).unwrap_err();
    let expected = ("invalid_grant", true, Recovery::Reauthorize);
    assert_eq!(told(&error), expected);
}

#[test]
fn its_redirects_name_it_and_no_other() {
    let receive = |iss: &str| receive_code(&client(), &format!("&code=4%2F0A{iss}")).map(|_| ());
    assert!(receive("&iss=https%3A%2F%2Faccounts.google.com").is_ok());
    let error = receive("&iss=https%3A%2F%2Fevil.example").unwrap_err();
    assert_eq!(*violation(&error), Violation::IssuerMismatch);
}

#[test]
fn a_device_has_a_verification_url_and_its_pending_is_a_428() {
    let client = client();
    let device = device(&client, json(200, DEVICE)).unwrap();
    assert_eq!(device.user_code, "GQVQ-JKEC");
    assert_eq!(
        device.verification_uri.as_str(),
        "https://www.google.com/device"
    );
    let answers = vec![
        json(428, PENDING),
        json(403, SLOW_DOWN),
        json(428, PENDING),
        json(200, CODE),
    ];
    let (waits, outcome) = polled(&client, &device, answers);
    assert_eq!(waits, [5, 5, 10, 10]);
    assert!(outcome.unwrap().refresh_token.is_some());
}

#[test]
fn a_user_who_denies_a_device_ends_it() {
    let client = client();
    let device = device(&client, json(200, DEVICE)).unwrap();
    let (_, outcome) = polled(&client, &device, vec![json(403, DENIED)]);
    let error = outcome.unwrap_err();
    let expected = ("access_denied", false, Recovery::Reauthorize);
    assert_eq!(told(&error), expected);
}

#[test]
fn a_quota_that_is_used_up_is_a_status_without_an_oauth_error() {
    let error = device(&client(), json(403, RATE_LIMIT)).unwrap_err();
    assert_eq!(told(&error), ("", false, Recovery::Fail));
    assert_eq!(error.refused().unwrap().status(), Some(403));
}

#[test]
fn a_token_is_revoked_and_one_that_was_revoked_already_is_no_error() {
    let client = client();
    let token = AccessToken::new("ya29.example").unwrap();
    let call = || client.revoke(&token, &mut draws(SEED)).unwrap();
    let request = request_of(&mut call());
    assert_eq!(
        request.endpoint().as_str(),
        "https://oauth2.googleapis.com/revoke"
    );
    assert!(body(&request).starts_with("token=ya29.example&"));
    assert!(answered(call(), json(200, "{}")).is_ok());
    assert!(answered(call(), json(400, INVALID_TOKEN)).is_ok());
}

#[test]
fn a_service_accounts_assertion_is_for_the_token_endpoint() {
    let key = SigningKeyName::new(SigningAlgorithm::Rs256, "key-1");
    let assertion = Assertion::new(key, "robot@project.iam.gserviceaccount.com")
        .with_claim("scope", CALENDAR)
        .unwrap();
    let call = client().jwt_bearer(assertion.into(), &scopes(""), &mut draws(SEED));
    let step = call.unwrap().step(Input::Begin, NOW).unwrap();
    let Step::<TokenSet>::Sign(input) = step else {
        panic!("nothing to sign");
    };
    let claims = claims_of(&input);
    assert_eq!(claims["aud"], "https://oauth2.googleapis.com/token");
    assert_eq!(claims["scope"], CALENDAR);
    assert_eq!(claims["iss"], "robot@project.iam.gserviceaccount.com");
}

#[test]
fn a_server_that_is_not_there_for_a_moment_is_asked_again_by_a_device() {
    let client = client();
    let device = device(&client, json(200, DEVICE)).unwrap();
    let answers = vec![Response::new(503), json(400, INVALID_GRANT)];
    let (waits, outcome) = polled(&client, &device, answers);
    assert_eq!(waits, [5, 10]);
    assert!(matches!(
        outcome.unwrap_err().kind(),
        ErrorKind::Refused(refused) if refused.ends_grant()
    ));
}
