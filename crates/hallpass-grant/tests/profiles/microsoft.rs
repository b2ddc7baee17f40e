//! Microsoft Entra ID, by its documentation: "Microsoft identity platform and OAuth 2.0 authorization code flow" and
//! "… device authorization grant flow". The text of AADSTS700082 and AADSTS50076 is from "Microsoft Entra authentication and
//! authorization error codes".

use hallpass_grant::token::Lifetime;
use hallpass_grant::{ClientAuthentication, InvalidEndpoint};

use super::*;

const CODE: &str = include_str!("data/microsoft/code.json");
const INVALID_SCOPE: &str = include_str!("data/microsoft/invalid_scope.json");
const INVALID_GRANT: &str = include_str!("data/microsoft/invalid_grant.json");
const INTERACTION: &str = include_str!("data/microsoft/interaction_required.json");
const DEVICE: &str = include_str!("data/microsoft/device.json");
const PENDING: &str = include_str!("data/microsoft/authorization_pending.json");
const DECLINED: &str = include_str!("data/microsoft/authorization_declined.json");

const TENANT: &str = "11111111-2222-3333-4444-555555555555";

fn client() -> Client {
    let server = ServerMetadata::microsoft("common").unwrap();
    client_at(server, Profile::MICROSOFT)
}

#[test]
fn a_token_has_its_scopes_its_end_and_an_id_token() {
    let set = exchanged(&client(), json(200, CODE)).unwrap();
    assert_eq!(set.scopes, scopes("https://graph.microsoft.com/mail.read"));
    assert_eq!(
        set.expires_at,
        Some(Lifetime::from_seconds(3599).after(NOW))
    );
    assert_eq!(set.id_token.unwrap().expose_secret(), "eyJ0.id.example");
    assert_eq!(
        set.refresh_token.unwrap().expose_secret(),
        "AwABAAAAexample"
    );
}

#[test]
fn a_description_of_four_lines_is_one() {
    let error = exchanged(&client(), json(400, INVALID_SCOPE)).unwrap_err();
    assert_eq!(told(&error), ("invalid_scope", false, Recovery::Fix));
    let shown = error.to_string();
    assert!(shown.contains("AADSTS70011: ") && shown.contains("  Trace ID: "));
    assert!(!shown.contains(['\r', '\n']), "{shown}");
}

#[test]
fn a_dead_refresh_token_ends_the_grant_and_a_second_factor_does_not() {
    let error = refreshed(&client(), json(400, INVALID_GRANT)).unwrap_err();
    let expected = ("invalid_grant", true, Recovery::Reauthorize);
    assert_eq!(told(&error), expected);
    let error = refreshed(&client(), json(400, INTERACTION)).unwrap_err();
    let expected = ("interaction_required", false, Recovery::Reauthorize);
    assert_eq!(told(&error), expected);
}

#[test]
fn a_device_is_asked_for_until_the_user_has_answered() {
    let client = client();
    let device = device(&client, json(200, DEVICE)).unwrap();
    assert_eq!(
        device.verification_uri.as_str(),
        "https://www.microsoft.com/link"
    );
    assert_eq!(device.verification_uri_complete, None);
    let answers = vec![json(400, PENDING), json(200, CODE)];
    let (waits, outcome) = polled(&client, &device, answers);
    assert_eq!(waits, [5, 5]);
    assert!(outcome.is_ok());
}

#[test]
fn a_device_login_ends_as_its_errors_say() {
    let client = client();
    let device = device(&client, json(200, DEVICE)).unwrap();
    let ends = |answer: &str| {
        let (_, outcome) = polled(&client, &device, vec![json(400, answer)]);
        outcome.unwrap_err()
    };
    let error = ends(DECLINED);
    let expected = ("authorization_declined", false, Recovery::Reauthorize);
    assert_eq!(told(&error), expected);
    let error = ends(r#"{"error":"bad_verification_code"}"#);
    let expected = ("bad_verification_code", false, Recovery::Reauthorize);
    assert_eq!(told(&error), expected);
    let error = ends(r#"{"error":"expired_token"}"#);
    assert_eq!(error.recovery(), Recovery::Reauthorize);
    assert!(error.refused().is_none());
}

#[test]
fn only_a_tenants_id_is_an_issuer_and_no_tenant_has_a_path() {
    let server = ServerMetadata::microsoft(TENANT).unwrap();
    assert_eq!(
        server.issuer.unwrap().as_str(),
        format!("https://login.microsoftonline.com/{TENANT}/v2.0")
    );
    for tenant in ["common", "organizations", "consumers", "contoso.example"] {
        let server = ServerMetadata::microsoft(tenant).unwrap();
        assert_eq!(server.issuer, None);
        assert_eq!(
            server.token_endpoint.unwrap().as_str(),
            format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token")
        );
    }
    for tenant in ["a/b", "a?b", "a#b", "../x", "a b"] {
        let error = ServerMetadata::microsoft(tenant).unwrap_err();
        assert!(matches!(error, InvalidEndpoint::Character(_)), "{tenant}");
    }
}

#[test]
fn a_client_assertion_is_for_the_token_endpoint_though_there_is_an_issuer() {
    let server = ServerMetadata::microsoft(TENANT).unwrap();
    let client = client_at(server, Profile::MICROSOFT)
        .with_authentication(ClientAuthentication::PrivateKeyJwt(key()));
    let step = exchange_of(&client).step(Input::Begin, NOW).unwrap();
    let Step::<TokenSet>::Sign(input) = step else {
        panic!("nothing to sign");
    };
    assert_eq!(
        claims_of(&input)["aud"],
        format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token")
    );
}
