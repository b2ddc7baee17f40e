//! A token names what it is for (RFC 8707 §2), whatever grant it comes from.

mod common;

use hallpass_grant::token::{RefreshToken, Scopes, Secret};
use hallpass_grant::{
    Answer, AuthorizationRequest, Call, Client, ClientAuthentication, Conversation, Error, Input,
    JwtBearer, Misuse, Targeted, TokenExchange, TokenTypeUri,
};

use common::*;

const API: &str = "https://api.example/v1?tenant=a b";
const ENCODED: &str = "resource=https%3A%2F%2Fapi.example%2Fv1%3Ftenant%3Da%2520b";

fn confidential() -> Client {
    let server = server().with_device_authorization_endpoint(endpoint("https://as.example/device"));
    client_of(server).with_authentication(ClientAuthentication::Basic("s".into()))
}

/// The form of a call that names two resources and an audience.
fn aimed<A>(call: Result<Call<A>, Error>) -> String
where
    A: Targeted,
    Call<A>: Conversation,
{
    let mut call = call
        .unwrap()
        .with_resource("https://api.example/v1?tenant=a%20b")
        .and_then(|call| call.with_resource("urn:example:cooperation"))
        .unwrap()
        .with_audience("billing & co");
    body(&sent(call.step(Input::Begin, NOW).unwrap())).to_owned()
}

#[test]
fn every_grant_names_resources_and_audiences_as_often_as_it_is_told() {
    let (client, scopes) = (confidential(), scopes("read"));
    let refresh_token = RefreshToken::new("R").unwrap();
    let password = Secret::new("p");
    let assertion = JwtBearer::Given("a.b.c".into());
    let random = || draws(SEED);
    for form in [
        aimed(client.exchange(code_of(&client))),
        aimed(client.refresh(&refresh_token, &scopes, None, &mut random())),
        aimed(client.client_credentials(&scopes, &mut random())),
        aimed(client.legacy_password("u", &password, &scopes, &mut random())),
        aimed(client.jwt_bearer(assertion, &scopes, &mut random())),
        aimed(client.device(&scopes, &mut random())),
    ] {
        let expected =
            format!("&{ENCODED}&resource=urn%3Aexample%3Acooperation&audience=billing+%26+co");
        assert!(form.contains(&expected), "{form}");
        assert_eq!(form.matches("resource=").count(), 2, "{form}");
    }
}

#[test]
fn the_authorization_request_names_them_too() {
    let request = || {
        AuthorizationRequest::new()
            .resource("https://api.example/v1?tenant=a%20b")
            .and_then(|request| request.resource("urn:example:cooperation"))
            .and_then(|request| request.parameter("audience", "billing & co"))
            .unwrap()
    };
    let client = client();
    let (code, _) = client
        .code()
        .unwrap()
        .begin(request(), &mut draws(SEED), NOW)
        .unwrap();
    let (token, _) = client
        .implicit()
        .unwrap()
        .begin(request(), &mut draws(STATE_SEED), NOW)
        .unwrap();
    for url in [code, token] {
        let expected =
            format!("&{ENCODED}&resource=urn%3Aexample%3Acooperation&audience=billing+%26+co");
        assert!(url.as_str().ends_with(&expected), "{}", url.as_str());
    }
}

#[test]
fn a_client_that_is_told_once_names_them_in_every_request_for_a_token() {
    let client = confidential()
        .with_resource("https://api.example/v1?tenant=a%20b")
        .unwrap()
        .with_audience("billing & co");
    let (scopes, random) = (scopes("read"), || draws(SEED));
    let refresh_token = RefreshToken::new("R").unwrap();
    let password = Secret::new("p");
    let given = JwtBearer::Given("a.b.c".into());
    fn form<A>(call: Result<Call<A>, Error>) -> String
    where
        Call<A>: Conversation,
    {
        body(&sent(call.unwrap().step(Input::Begin, NOW).unwrap())).to_owned()
    }
    let expected = format!("{ENCODED}&audience=billing+%26+co");
    for form in [
        form(client.exchange(code_of(&client))),
        form(client.refresh(&refresh_token, &scopes, None, &mut random())),
        form(client.client_credentials(&scopes, &mut random())),
        form(client.legacy_password("u", &password, &scopes, &mut random())),
        form(client.jwt_bearer(given, &scopes, &mut random())),
        form(client.device(&scopes, &mut random())),
        form(client.device(&Scopes::new(), &mut random())),
    ] {
        assert_eq!(form.matches(&expected).count(), 1, "{form}");
    }
    let (url, _) = begin_code(&client);
    assert!(url.as_str().ends_with(&format!("&{expected}")));
    let exchange = TokenExchange::new(TokenTypeUri::ACCESS_TOKEN, "t").with_audience("other");
    let form = form(client.token_exchange(&exchange, &mut random()));
    assert!(form.ends_with("&audience=other") && !form.contains("resource"));
}

#[test]
fn what_is_no_absolute_address_or_has_a_fragment_is_refused_everywhere() {
    for resource in [
        "",
        "api",
        "/v1",
        "//api.example/v1",
        "?q",
        ":x",
        "1a:b",
        "https://api.example/#f",
        "https://api.example/#",
        API,
        "https://api.example/é",
        "https://api.example/\n",
        "https://api.example/\"<>",
        "https://api.example/{id}",
        "https://api.example/a|b",
        "https://api.example/a\\b",
        "https://api.example/^`",
        "https://api.example/%zz",
        "https://api.example/%4",
    ] {
        let call = confidential().client_credentials(&Scopes::new(), &mut draws(SEED));
        let at_token_endpoint = call.unwrap().with_resource(resource).map(drop);
        let in_front = AuthorizationRequest::new().resource(resource).map(drop);
        for refused in [at_token_endpoint, in_front] {
            let error = refused.expect_err(resource);
            assert!(
                matches!(
                    misuse(&error),
                    Misuse::Invalid {
                        field: "resource",
                        ..
                    }
                ),
                "{resource}"
            );
        }
    }
}

#[test]
fn an_address_of_any_scheme_is_taken() {
    for resource in [
        "https://api.example",
        "https://[::1]:8443/a/b?c=d&e=%20",
        "api://5d2f9c1a/.default",
        "urn:example:a",
        "a+b-c.d:e",
    ] {
        assert!(
            AuthorizationRequest::new().resource(resource).is_ok(),
            "{resource}"
        );
    }
}

#[test]
fn no_parameter_goes_round_the_check() {
    fn refused<A: Answer + Targeted>(call: Call<A>, name: &str) -> bool {
        let added = call.with_parameter(name, "https://api.example/#f");
        added.is_err_and(|error| matches!(misuse(&error), Misuse::ReservedParameter(_)))
    }
    for name in [
        "resource",
        "grant_type",
        "client_id",
        "client_secret",
        "client_assertion",
        "scope",
        "code_verifier",
    ] {
        let call = confidential().client_credentials(&Scopes::new(), &mut draws(SEED));
        assert!(refused(call.unwrap(), name), "{name}");
    }
    let front = AuthorizationRequest::new().parameter("resource", "https://api.example/#f");
    assert!(matches!(
        misuse(&front.unwrap_err()),
        Misuse::ReservedParameter("resource")
    ));
}
