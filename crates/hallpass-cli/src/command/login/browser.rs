//! A login in a browser.

use hallpass::grant::ResponseType;
use hallpass::{AuthorizationCode, Client, Code, Implicit, Pending, Token, TokenSet};

use crate::account::Account;
use crate::error::Failure;
use crate::exit::Exit;
use crate::key::Keys;
use crate::output::Output;
use crate::runtime;

const REDIRECT_URI: &str = "http://127.0.0.1/callback";

/// By the authorization code grant.
pub(super) fn by_code(
    output: Output,
    client: &Client<AuthorizationCode>,
) -> Result<TokenSet, Failure> {
    let client = client.clone_with(|credentials| credentials.with_redirect_uri(REDIRECT_URI));
    let (url, pending): (_, Pending<Code>) = client.authorization_url()?;
    runtime::wait(async {
        let callback = pasted(output, url.as_str(), &pending).await?;
        Ok(client.fetch_token(pending, &callback).await?)
    })
}

/// By the implicit grant.
pub(super) fn implicitly(output: Output, account: &Account) -> Result<TokenSet, Failure> {
    let credentials = account.credentials()?.with_redirect_uri(REDIRECT_URI);
    let client: Client<Implicit> = account.provider(Keys::default())?.client(credentials);
    let (url, pending): (_, Pending<Token>) = client.authorization_url()?;
    runtime::wait(async {
        let callback = pasted(output, url.as_str(), &pending).await?;
        Ok(client.receive_token(pending, &callback)?)
    })
}

/// The address that the browser was sent to, as the person pastes it.
async fn pasted<R: ResponseType>(
    output: Output,
    url: &str,
    pending: &Pending<R>,
) -> Result<String, Failure> {
    output.say("Open this address in a browser:");
    output.say_strong("", url);
    output.say("Then paste here the address that it leads to, though the browser may not be able to open that:");
    loop {
        let line = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            std::io::stdin()
                .read_line(&mut line)
                .map(|read| (read > 0).then_some(line))
        });
        let read = line
            .await
            .map_err(|error| Failure::failed("standard input cannot be read").because(&error))?;
        let read =
            read.map_err(|error| Failure::failed("standard input cannot be read").because(&error))?;
        let Some(line) = read else {
            return Err(Failure::new(
                Exit::TimedOut,
                "standard input ended before the address came",
            ));
        };
        let line = line.trim().to_owned();
        if pending.expects(&line.as_str().into()) {
            return Ok(line);
        }
        output.say("That is not the answer to this login: paste the whole address.");
    }
}
