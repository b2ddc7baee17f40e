//! The code grant in a library with HTTP of its own: here a closure that answers from memory.
use std::{error::Error, fs::File, io::Read};

use hallpass_grant::{
    AuthorizationRequest, Callback, Client, Conversation, Endpoint, Input, RandomError, Request,
    Response, ServerMetadata, Step, token::Scopes,
};
use time::UtcDateTime;

fn main() -> Result<(), Box<dyn Error>> {
    let server = ServerMetadata::default()
        .with_authorization_endpoint(Endpoint::new("https://as.example/authorize")?)
        .with_token_endpoint(Endpoint::new("https://as.example/token")?);
    let client = Client::new(server, "cid")?.with_redirect_uri("https://app.example/cb")?;
    let mut random = || {
        let (mut bytes, source) = ([0; 32], File::open("/dev/urandom"));
        let read = source.and_then(|mut source| source.read_exact(&mut bytes));
        read.map(|()| bytes).map_err(|_| RandomError)
    };
    let request = AuthorizationRequest::new().scopes(Scopes::parse("read")?);
    let (url, login) = client
        .code()?
        .begin(request, &mut random, UtcDateTime::now())?;
    println!("Send the user agent to {}", url.as_str());
    let came = format!("/cb?code=abc&state={}", login.state().expose_secret());
    let code = login.receive(&Callback::from_url(&came), UtcDateTime::now())?;
    let answer = r#"{"access_token":"t","token_type":"bearer"}"#.to_owned();
    let send = |_: Request| Response::new(200).with_body(answer.clone());
    let (mut exchange, mut input) = (client.exchange(code)?, Input::Begin);
    let tokens = loop {
        input = match exchange.step(input, UtcDateTime::now())? {
            Step::Send(request) => Input::Response(send(request)),
            Step::Done(tokens) => break tokens,
            _ => unreachable!("a public client neither signs nor waits here"),
        };
    };
    println!("{tokens:?}");
    Ok(())
}
