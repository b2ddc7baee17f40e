//! The side of `hallpass-grant`.

use std::hint::black_box;
use std::mem::forget;

use hallpass_grant::token::Scopes;
use hallpass_grant::{
    AuthorizationRequest, AuthorizationUrl, AuthorizedCode, Callback, Client, ClientAuthentication,
    Code, Conversation, Endpoint, Input, Issuer, Pending, RandomError, Response, ServerMetadata,
    Step,
};
use time::UtcDateTime;

use crate::{MOST, Operation, given};

const NOW: UtcDateTime = UtcDateTime::UNIX_EPOCH;

pub(crate) fn url() -> Operation {
    let client = client();
    Box::new(move || {
        forget(black_box(begin(&client)));
    })
}

pub(crate) fn callback() -> Operation {
    let (_, pending) = begin(&client());
    let callback = given::callback(pending.state().expose_secret());
    let mut pending = vec![pending; MOST];
    Box::new(move || {
        let pending = pending.pop().expect("enough were prepared");
        let received = pending.receive(&Callback::from_url(callback), NOW);
        forget(black_box(received.expect("the callback is good")));
    })
}

pub(crate) fn exchange() -> Operation {
    let client = client();
    let mut codes: Vec<_> = (0..MOST).map(|_| code(&client)).collect();
    Box::new(move || {
        let code = codes.pop().expect("enough were prepared");
        let mut exchange = client.exchange(code).expect("its client");
        let Ok(Step::Send(request)) = exchange.step(Input::Begin, NOW) else {
            unreachable!("a code exchange begins with a request")
        };
        black_box(request);
        let response = Response::new(200)
            .with_header("content-type", "application/json")
            .with_body(given::ANSWER.as_bytes().to_vec());
        let Ok(Step::Done(tokens)) = exchange.step(Input::Response(response), NOW) else {
            unreachable!("the answer is good")
        };
        forget(black_box(tokens));
    })
}

fn client() -> Client {
    let endpoint = |text| Endpoint::new(text).expect("an endpoint");
    let server = ServerMetadata::default()
        .with_issuer(Issuer::new(given::ISSUER).expect("an issuer"))
        .with_authorization_endpoint(endpoint(given::AUTHORIZATION_ENDPOINT))
        .with_token_endpoint(endpoint(given::TOKEN_ENDPOINT));
    Client::new(server, given::CLIENT_ID)
        .expect("a client")
        .with_authentication(ClientAuthentication::Basic(given::CLIENT_SECRET.into()))
        .with_redirect_uri(given::REDIRECT_URI)
        .expect("a redirect URI")
}

/// Scopes are parsed each time, as the peer makes its own each time.
fn begin(client: &Client) -> (AuthorizationUrl, Pending<Code>) {
    let scopes = Scopes::parse(black_box("read:pets write:pets")).expect("scopes");
    let request = AuthorizationRequest::new().scopes(scopes);
    let mut random = || Ok::<_, RandomError>(black_box([7; 32]));
    let grant = client.code().expect("both endpoints");
    grant.begin(request, &mut random, NOW).expect("randomness")
}

fn code(client: &Client) -> AuthorizedCode {
    let (_, pending) = begin(client);
    let callback = given::callback(pending.state().expose_secret());
    let received = pending.receive(&Callback::from_url(callback), NOW);
    received.expect("the callback is good")
}
