//! What providers answer, in the form their own documentation gives (tokens are made up, and so are descriptions where the
//! documentation has a code alone), and what each deviation from the RFCs becomes with and without a profile.

#[path = "../common/mod.rs"]
mod common;
mod deviations;
mod github;
mod google;
mod microsoft;
mod slack;

use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass_grant::token::{RefreshToken, TokenSet};
use hallpass_grant::{
    Client, Conversation, DeviceAuthorization, Error, Input, Profile, Recovery, Response,
    ServerMetadata, SigningInput, Step,
};

use common::*;

fn client_at(server: ServerMetadata, profile: Profile) -> Client {
    client_of(server).with_profile(profile)
}

/// Exchanges a code at this client's server, which answers with this.
fn exchanged(client: &Client, response: Response) -> Result<TokenSet, Error> {
    answered(exchange_of(client), response)
}

/// Refreshes a token that has the scopes `read` and `write`.
fn refreshed(client: &Client, response: Response) -> Result<TokenSet, Error> {
    let token = RefreshToken::new("old").unwrap();
    let granted = scopes("read write");
    let call = client.refresh(&token, &granted, None, &mut draws(SEED));
    answered(call.unwrap(), response)
}

fn device(client: &Client, response: Response) -> Result<DeviceAuthorization, Error> {
    let call = client.device(&scopes("read"), &mut draws(SEED));
    answered(call.unwrap(), response)
}

/// Polls until there is an outcome: how many seconds it waited before each poll, and what came of it.
fn polled(
    client: &Client,
    device: &DeviceAuthorization,
    responses: Vec<Response>,
) -> (Vec<i64>, Result<TokenSet, Error>) {
    let mut poll = client.poll(device, &mut draws(SEED)).unwrap();
    let mut responses = responses.into_iter();
    let (mut now, mut waits) = (NOW, Vec::new());
    let mut step = poll.step(Input::Begin, now);
    loop {
        let input = match step {
            Ok(Step::Wait(until)) => {
                waits.push((until - now).whole_seconds());
                now = until;
                Input::Woken
            }
            Ok(Step::Send(_)) => Input::Response(responses.next().unwrap()),
            Ok(Step::Sign(_)) => panic!("nothing is signed here"),
            Ok(Step::Done(tokens)) => return (waits, Ok(tokens)),
            Err(error) => return (waits, Err(error)),
        };
        step = poll.step(input, now);
    }
}

/// The code of a refusal, whether it ends the grant, and what is to be done.
fn told(error: &Error) -> (&str, bool, Recovery) {
    let refused = error.refused().unwrap();
    let code = refused.code().map_or("", |code| code.as_str());
    (code, refused.ends_grant(), error.recovery())
}

/// The claims of a JWS that is to be signed.
fn claims_of(input: &SigningInput) -> serde_json::Value {
    let text = str::from_utf8(input.bytes()).unwrap();
    let (_, claims) = text.split_once('.').unwrap();
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(claims).unwrap()).unwrap()
}
