//! A login in a browser, which comes back to a port of this machine (RFC 8252), or whose last address is pasted here.

use std::io::{self, IsTerminal};

use hallpass::grant::{AuthorizationUrl, Callback, ResponseType};
use hallpass::loopback::{BindError, Options, ReceiveError, Received, Receiver, browser};
use hallpass::{AuthorizationCode, Client, Implicit, Pending, TokenSet};
use tokio::task::spawn_blocking;

use super::How;
use super::lines::Lines;
use crate::account::Account;
use crate::error::Failure;
use crate::exit::Exit;
use crate::key::Keys;
use crate::output::Output;

/// Where the browser is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Browser {
    /// On this machine, and it is opened.
    Here,
    /// Somebody knows where. Where it cannot come back to this machine, its last address is pasted.
    Elsewhere,
    /// Nobody has said where, and there is none here: the same, if there is anybody to paste.
    Nowhere,
}

/// What came back.
enum Answer {
    /// The browser brought it, and waits for a page.
    Brought(Box<Received>),
    /// Somebody pasted it.
    Pasted(String),
}

impl How {
    /// By the authorization code grant.
    pub(super) async fn by_code(
        &self,
        output: Output,
        account: &Account,
        client: Client<AuthorizationCode>,
        save: impl AsyncFnOnce(TokenSet) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let receiver = self.receiver(account)?;
        let client = client.clone_with(|own| own.with_redirect_uri(receiver.redirect_uri()));
        let (url, pending) = match account.server.require_pushed_authorization_requests {
            true => client.push_authorization_request().await?,
            false => client.authorization_url()?,
        };
        let answer = self.answer(output, receiver, &url, &pending).await?;
        let done = match client.fetch_token(pending, answer.callback()).await {
            Ok(tokens) => save(tokens).await,
            Err(error) => Err(error.into()),
        };
        answer.tell(done).await
    }

    /// By the implicit grant.
    pub(super) async fn implicitly(
        &self,
        output: Output,
        account: &Account,
        save: impl AsyncFnOnce(TokenSet) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let receiver = self.receiver(account)?;
        let credentials = account.credentials()?;
        let credentials = credentials.with_redirect_uri(receiver.redirect_uri());
        let client: Client<Implicit> = account.provider(Keys::default())?.client(credentials);
        let (url, pending) = client.authorization_url()?;
        let answer = self.answer(output, receiver, &url, &pending).await?;
        let done = match client.receive_token(pending, answer.callback()) {
            Ok(tokens) => save(tokens).await,
            Err(error) => Err(error.into()),
        };
        answer.tell(done).await
    }

    async fn answer<R: ResponseType>(
        &self,
        output: Output,
        receiver: Receiver,
        url: &AuthorizationUrl,
        pending: &Pending<R>,
    ) -> Result<Answer, Failure> {
        let is_open = self.browser == Browser::Here && opened(url.as_str().to_owned()).await;
        output.say(match is_open {
            true => "Log in in the browser that opens now. If none does, open this address:",
            false => "Open this address in a browser, and log in there:",
        });
        output.say_strong("  ", url.as_str());
        let brought = async { Ok(Answer::Brought(Box::new(receiver.receive(pending).await?))) };
        if is_open {
            return brought.await;
        }
        output.say("If that browser is on another machine, it ends at an address that it cannot open. Paste that here:");
        tokio::select! {
            brought = brought => brought,
            pasted = self.pasted(output, pending) => pasted.map(Answer::Pasted),
        }
    }

    /// The address that the browser ended at.
    async fn pasted<R: ResponseType>(
        &self,
        output: Output,
        pending: &Pending<R>,
    ) -> Result<String, Failure> {
        let mut lines = Lines::typed();
        while let Some(line) = lines.next().await {
            let line = line.trim();
            if pending.expects(&line.into()) {
                return Ok(line.to_owned());
            }
            if line.len() >= TERMINAL {
                output.say(
                    "Terminals cut a line after 4,095 characters, and this address is longer. End this with Ctrl-C, and run `stty -icanon` \
                     before you log in, or open the address in a browser on this machine.",
                );
            } else if !line.is_empty() {
                output.say(
                    "That does not answer this login. Paste the whole address, from http to its end:",
                );
            }
        }
        if self.browser == Browser::Elsewhere || io::stdin().is_terminal() {
            // The browser may have what is waited for.
            return std::future::pending().await;
        }
        Err(
            Failure::usage("nobody can log in here: no browser opens, and standard input has ended")
                .next("log in with a code, --device, or as the program itself, --client-credentials; --no-browser waits for a browser all the same"),
        )
    }

    fn receiver(&self, account: &Account) -> Result<Receiver, Failure> {
        let request = &account.settings.request;
        let options = Options::new("hallpass").with_port(request.redirect_port.unwrap_or(0));
        let options = match &request.redirect_path {
            Some(path) => options.with_path(path),
            None => options,
        };
        let options = match self.patience {
            Some(patience) => options.with_patience(patience),
            None => options,
        };
        Ok(Receiver::bind(options)?)
    }
}

/// Ctrl-C is heard while the browser's launcher is waited for.
async fn opened(url: String) -> bool {
    let opened = spawn_blocking(move || browser::open(&url));
    opened.await.is_ok_and(|opened| opened.is_ok())
}

/// How long the longest line of a terminal is, without its end.
const TERMINAL: usize = 4_095;

impl Answer {
    fn callback(&self) -> Callback<'_> {
        match self {
            Self::Brought(received) => received.callback(),
            Self::Pasted(address) => Callback::from_url(address),
        }
    }

    /// Tells the browser how it ended, if it waits.
    async fn tell(self, done: Result<(), Failure>) -> Result<(), Failure> {
        match self {
            Self::Brought(received) => received.tell(done).await,
            Self::Pasted(_) => done,
        }
    }
}

impl From<BindError> for Failure {
    fn from(error: BindError) -> Self {
        match &error {
            BindError::InUse { .. } | BindError::Path => Self::usage(error.to_string())
                .next("choose with --redirect-port and --redirect-path, or leave them out"),
            _ => Self::failed("no browser can come back to this machine").because(&error),
        }
    }
}

impl From<ReceiveError> for Failure {
    fn from(error: ReceiveError) -> Self {
        match &error {
            ReceiveError::TimedOut(_) => {
                Self::new(Exit::TimedOut, error.to_string()).next("--timeout SECONDS waits longer")
            }
            _ => Self::failed("no browser can come back to this machine").because(&error),
        }
    }
}
