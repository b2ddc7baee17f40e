//@ time = { version = "0.3", default-features = false }
use hallpass_grant::token::Scopes;
use hallpass_grant::{
    AuthorizationRequest, Callback, Client, ClientAuthentication, Conversation, Endpoint, Input,
    RandomError, Response, ServerMetadata, Step,
};
use time::UtcDateTime;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut random = || Ok::<_, RandomError>([7; 32]);
    let now = UtcDateTime::from_unix_timestamp(1_700_000_000)?;
    let server = ServerMetadata::default()
        .with_authorization_endpoint(Endpoint::new("https://as.example/oauth/authorize")?)
        .with_token_endpoint(Endpoint::new("https://as.example/oauth/token")?);
    let client = Client::new(server, "my-client")?
        .with_authentication(ClientAuthentication::Basic("my-secret".into()))
        .with_redirect_uri("https://app.example/callback")?;
    let request = AuthorizationRequest::new().scopes(Scopes::parse("file_requests.read")?);
    let (_, pending) = client.code()?.begin(request, &mut random, now)?;
    let state = pending.state().expose_secret().to_owned();
    let callback = format!("/callback?code=SplxlOBeZQQYbYS6WxSbIA&state={state}");
    let code = pending.receive(&Callback::from_url(&callback), now)?;
    let mut exchange = client.exchange(code)?;
    let Step::Send(_) = exchange.step(Input::Begin, now)? else {
        return Err("the code is not sent".into());
    };
    let response = Response::new(200)
        .with_header("content-type", "application/json")
        .with_body(br#"{"access_token":"2YotnFZFEjr1","token_type":"bearer"}"#.to_vec());
    let Step::Done(tokens) = exchange.step(Input::Response(response), now)? else {
        return Err("there are no tokens".into());
    };
    assert_eq!(tokens.access_token.expose_secret(), "2YotnFZFEjr1");
    Ok(())
}
