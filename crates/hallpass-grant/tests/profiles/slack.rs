//! Slack, by its documentation: "Installing with OAuth", "Using token rotation" and the reference of `oauth.v2.access`. Every
//! answer has status 200. A refreshed user token stands on top, as Slack's own SDKs read it.

use hallpass_grant::token::{Lifetime, TokenType};
use hallpass_grant::{AuthorizationRequest, Violation};

use super::*;

const BOT: &str = include_str!("data/slack/bot.json");
const USER: &str = include_str!("data/slack/user.json");
const BOTH: &str = include_str!("data/slack/bot_and_user.json");
const REFRESHED_BOT: &str = include_str!("data/slack/refresh_bot.json");
const REFRESHED_USER: &str = include_str!("data/slack/refresh_user.json");
const INVALID_CODE: &str = include_str!("data/slack/invalid_code.json");
const BAD_SECRET: &str = include_str!("data/slack/bad_client_secret.json");
const BAD_REFRESH: &str = include_str!("data/slack/invalid_refresh_token.json");

fn bot() -> Client {
    client_at(ServerMetadata::slack(), Profile::SLACK_BOT)
}

fn user() -> Client {
    client_at(ServerMetadata::slack(), Profile::SLACK_USER)
}

#[test]
fn scopes_are_asked_for_by_comma_a_users_by_a_parameter_of_their_own() {
    let request = AuthorizationRequest::new()
        .scopes(scopes("commands incoming-webhook"))
        .parameter("user_scope", "chat:write,search:read")
        .unwrap();
    let client = user();
    let grant = client.code().unwrap();
    let (url, _) = grant.begin(request, &mut draws(SEED), NOW).unwrap();
    let query = query_of(&url);
    assert_eq!(query["scope"], "commands,incoming-webhook");
    assert_eq!(query["user_scope"], "chat:write,search:read");
    assert!(
        url.as_str()
            .starts_with("https://slack.com/oauth/v2/authorize?")
    );
}

#[test]
fn a_redirect_that_names_its_issuer_names_slack() {
    let receive = |iss: &str| receive_code(&bot(), &format!("&code=c{iss}")).map(|_| ());
    assert!(receive("").is_ok());
    assert!(receive("&iss=https%3A%2F%2Fslack.com").is_ok());
    let error = receive("&iss=https%3A%2F%2Fevil.example").unwrap_err();
    assert_eq!(*violation(&error), Violation::IssuerMismatch);
}

#[test]
fn a_bots_token_stands_on_top() {
    let set = exchanged(&bot(), json(200, BOT)).unwrap();
    assert_eq!(set.access_token.expose_secret(), "xoxb-example");
    assert_eq!(set.token_type, TokenType::Bearer);
    assert_eq!(set.scopes, scopes("commands incoming-webhook"));
    assert_eq!(set.expires_at, None);
    let team = set.extra.value("team").unwrap().as_object().unwrap();
    assert_eq!(team.value("id").unwrap().as_str(), Some("T9TK3CUKW"));
}

#[test]
fn each_profile_takes_its_own_token_with_its_own_scopes_and_refresh_token() {
    for (client, token, refresh_token, granted) in [
        (
            bot(),
            "xoxb-example",
            "xoxe-1-bot-example",
            "commands incoming-webhook",
        ),
        (
            user(),
            "xoxp-example",
            "xoxe-1-user-example",
            "chat:write search:read",
        ),
    ] {
        let set = exchanged(&client, json(200, BOTH)).unwrap();
        assert_eq!(set.access_token.expose_secret(), token);
        assert_eq!(set.refresh_token.unwrap().expose_secret(), refresh_token);
        assert_eq!(set.scopes, scopes(granted));
        let end = Lifetime::from_seconds(43200).after(NOW);
        assert_eq!(set.expires_at, Some(end));
    }
}

#[test]
fn a_user_token_alone_has_its_user_and_its_team() {
    let set = exchanged(&user(), json(200, USER)).unwrap();
    assert_eq!(set.access_token.expose_secret(), "xoxp-example");
    assert_eq!(set.extra.value("id").unwrap().as_str(), Some("U1234"));
    assert!(set.extra.value("team").is_some());
}

#[test]
fn no_profile_takes_the_others_token() {
    for (client, answer) in [(user(), BOT), (bot(), USER)] {
        let error = exchanged(&client, json(200, answer)).unwrap_err();
        let setting = "token_object";
        assert_eq!(*violation(&error), Violation::NoAccessToken { setting });
        assert!(error.to_string().contains(setting), "{error}");
    }
}

#[test]
fn a_refreshed_token_stands_on_top_whosever_it_is() {
    for (client, answer, token, granted) in [
        (bot(), REFRESHED_BOT, "xoxe.xoxb-1-new", "commands"),
        (user(), REFRESHED_USER, "xoxe.xoxp-1-new", "search:read"),
    ] {
        let set = refreshed(&client, json(200, answer)).unwrap();
        assert_eq!(set.access_token.expose_secret(), token);
        assert_eq!(set.refresh_token.unwrap().expose_secret(), "xoxe-1-new");
        assert_eq!(set.scopes, scopes(granted));
    }
}

#[test]
fn an_error_comes_with_a_200_and_ok_false() {
    for (answer, code, recovery) in [
        (INVALID_CODE, "invalid_code", Recovery::Reauthorize),
        (BAD_SECRET, "bad_client_secret", Recovery::Fix),
    ] {
        for client in [bot(), user()] {
            let error = exchanged(&client, json(200, answer)).unwrap_err();
            assert_eq!(told(&error), (code, false, recovery));
        }
    }
}

#[test]
fn a_dead_refresh_token_ends_the_grant() {
    for client in [bot(), user()] {
        let error = refreshed(&client, json(200, BAD_REFRESH)).unwrap_err();
        let expected = ("invalid_refresh_token", true, Recovery::Reauthorize);
        assert_eq!(told(&error), expected);
    }
}

#[test]
fn without_the_profile_the_token_type_is_a_violation() {
    let strict = client_at(ServerMetadata::slack(), Profile::STRICT);
    let error = exchanged(&strict, json(200, BOT)).unwrap_err();
    assert_eq!(*violation(&error), Violation::TokenType);
}
