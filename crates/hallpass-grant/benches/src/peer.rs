//! The side of `oauth2`.

use std::convert::Infallible;
use std::hint::black_box;
use std::mem::forget;

use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, PkceCodeChallenge, RedirectUrl, Scope, TokenUrl,
};
use url::Url;

use crate::{MOST, Operation, given};

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

pub(crate) fn url() -> Operation {
    let client = client();
    Box::new(move || {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = client.authorize_url(CsrfToken::new_random);
        let request = request.add_scope(Scope::new("read:pets".to_owned()));
        let request = request.add_scope(Scope::new("write:pets".to_owned()));
        let (url, state) = request.set_pkce_challenge(challenge).url();
        forget(black_box((url, state, verifier)));
    })
}

/// The crate has no callback of its own: its examples read one with `url`, as here, and compare what they find.
pub(crate) fn callback() -> Operation {
    let state = CsrfToken::new_random();
    let callback = given::callback(state.secret());
    Box::new(move || {
        let url = Url::parse(&format!("http://localhost{callback}")).expect("a URL");
        let value = |name| {
            url.query_pairs()
                .find(|(own, _)| own == name)
                .map(|(_, v)| v)
        };
        let same_state = value("state").is_some_and(|came| *came == **state.secret());
        let same_issuer = value("iss").is_some_and(|came| came == given::ISSUER);
        assert!(same_state && same_issuer && value("error").is_none());
        let code = value("code").expect("a code").into_owned();
        forget(black_box(AuthorizationCode::new(code)));
    })
}

pub(crate) fn exchange() -> Operation {
    let client = client();
    let answered = |request: HttpRequest| -> Result<HttpResponse, Infallible> {
        black_box(request);
        let response = http::Response::builder()
            .status(200)
            .header("content-type", "application/json")
            .body(given::ANSWER.as_bytes().to_vec());
        Ok(response.expect("a response"))
    };
    let prepared = (0..MOST).map(|_| {
        let (_, verifier) = PkceCodeChallenge::new_random_sha256();
        (AuthorizationCode::new(given::CODE.to_owned()), verifier)
    });
    let mut codes: Vec<_> = prepared.collect();
    Box::new(move || {
        let (code, verifier) = codes.pop().expect("enough were prepared");
        let request = client.exchange_code(code).set_pkce_verifier(verifier);
        forget(black_box(
            request.request(&answered).expect("the answer is good"),
        ));
    })
}

fn client() -> Client {
    BasicClient::new(ClientId::new(given::CLIENT_ID.to_owned()))
        .set_client_secret(ClientSecret::new(given::CLIENT_SECRET.to_owned()))
        .set_auth_uri(AuthUrl::new(given::AUTHORIZATION_ENDPOINT.to_owned()).expect("a URL"))
        .set_token_uri(TokenUrl::new(given::TOKEN_ENDPOINT.to_owned()).expect("a URL"))
        .set_redirect_uri(RedirectUrl::new(given::REDIRECT_URI.to_owned()).expect("a URL"))
}
