//! Finding a user's provider (OpenID Connect Discovery §2, WebFinger, RFC 7033).

mod identifier;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_grant::{
    Attempts, Conversation, Endpoint, Error, ErrorKind, Input, InvalidEndpoint, Issuer, Misuse,
    Request, Response, Step,
};
use hallpass_token::{Json, Members};

use crate::Fault;

pub use identifier::{Identifier, InvalidIdentifier};

/// Asks the host of an identifier which provider the user has.
///
/// Reading changes nothing there, so an answer that is lost, or a server that asks to be left alone for a while, is waited for: three
/// attempts, after 1 and 2 seconds or what `Retry-After` says, up to a minute. Up to three redirects to other `https` addresses are followed (RFC 7033
/// §4.2), none to a place that is nearer than the host itself.
///
/// Anybody types an identifier. What is private, link-local, reserved or a name of this network's own is never asked, but where a public name leads
/// only the resolver knows: on a server, have the transport connect to public addresses alone (`public_addresses_only` of hallpass-http's).
///
/// What comes out is a hint: [`ProviderDiscovery`](crate::ProviderDiscovery) has the issuer confirm it, and the ID token the user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WebFinger {
    endpoint: Endpoint,
    redirects: u32,
    attempts: Attempts,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    Ready,
    Sent,
    Waiting,
    Over,
}

/// The relation of a user to the issuer (OpenID Connect Discovery §2).
const ISSUER: &str = "http://openid.net/specs/connect/1.0/issuer";

const REDIRECTS: u32 = 3;
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl WebFinger {
    /// Will ask about what a user has typed, on the Internet and nowhere else: [`Reach::Global`](hallpass_grant::Reach::Global).
    ///
    /// # Errors
    /// [`InvalidIdentifier::Host`] where the host is none that can be asked, or is not on the Internet.
    pub fn new(identifier: &Identifier) -> Result<Self, InvalidIdentifier> {
        let address = address(identifier);
        let endpoint = match Endpoint::new(ELSEWHERE) {
            Ok(elsewhere) => Endpoint::told_by_stranger(&elsewhere, address),
            Err(invalid) => Err(invalid),
        };
        Self::at(endpoint)
    }

    /// Will ask in this network and on this machine too: for tests, and for what the application's owner has typed.
    ///
    /// # Errors
    /// [`InvalidIdentifier::Host`] where the host is none that can be asked.
    pub fn also_on_this_machine(identifier: &Identifier) -> Result<Self, InvalidIdentifier> {
        Self::at(Endpoint::new(address(identifier)))
    }

    fn at(endpoint: Result<Endpoint, InvalidEndpoint>) -> Result<Self, InvalidIdentifier> {
        Ok(Self {
            endpoint: endpoint.map_err(InvalidIdentifier::Host)?,
            redirects: 0,
            attempts: Attempts::NONE,
            state: State::Ready,
        })
    }

    fn send(&mut self) -> Step<Issuer> {
        self.attempts.count();
        self.state = State::Sent;
        Step::Send(Request::get(self.endpoint.clone()))
    }

    fn receive(&mut self, response: &Response, now: UtcDateTime) -> Result<Step<Issuer>, Error> {
        if let Some(place) = redirect(response) {
            return self.follow(place);
        }
        match response.json() {
            Ok(members) => {
                self.state = State::Over;
                self.issuer(&members).map(Step::Done)
            }
            Err(error) => self.again(error, now),
        }
    }

    fn follow(&mut self, place: &str) -> Result<Step<Issuer>, Error> {
        match Endpoint::told_by_stranger(&self.endpoint, place) {
            Ok(endpoint) if self.redirects < REDIRECTS => {
                self.redirects += 1;
                self.attempts = Attempts::NONE;
                self.endpoint = endpoint;
                Ok(self.send())
            }
            _ => self.end(Fault::WebFinger("redirects").into()),
        }
    }

    fn again(&mut self, error: Error, now: UtcDateTime) -> Result<Step<Issuer>, Error> {
        match self.attempts.next(&error, LONGEST_PAUSE, now) {
            Some(at) => {
                self.state = State::Waiting;
                Ok(Step::Wait(at))
            }
            None => self.end(error),
        }
    }

    fn end(&mut self, error: Error) -> Result<Step<Issuer>, Error> {
        self.state = State::Over;
        Err(error)
    }

    /// The first link that names an issuer: links stand in the order in which they are preferred (RFC 7033 §4.4.4).
    fn issuer(&self, answer: &Members) -> Result<Issuer, Error> {
        let links = match answer.value("links") {
            None => &[],
            Some(Json::Array(links)) => links.as_slice(),
            Some(_) => return Err(Fault::WebFinger("links").into()),
        };
        for link in links {
            let link = link.as_object().ok_or(Fault::WebFinger("links"))?;
            if link.value("rel").and_then(Json::as_str) != Some(ISSUER) {
                continue;
            }
            let href = link.value("href").and_then(Json::as_str);
            let href = href.ok_or(Fault::WebFinger("href"))?;
            let told = Endpoint::told_by_stranger(&self.endpoint, href);
            let issuer = told.and_then(|endpoint| Issuer::new(endpoint.as_str()));
            return issuer.map_err(|_| Fault::WebFinger("href").into());
        }
        Err(Fault::WebFinger("issuer").into())
    }
}

/// An address on the Internet.
const ELSEWHERE: &str = "https://elsewhere.invalid";

fn address(identifier: &Identifier) -> String {
    let place = format!("https://{}/.well-known/webfinger", identifier.host());
    match Endpoint::new(&place) {
        Ok(place) => place.with_parameters([("resource", identifier.resource()), ("rel", ISSUER)]),
        Err(_) => place,
    }
}

fn redirect(response: &Response) -> Option<&str> {
    match response.status() {
        301 | 302 | 303 | 307 | 308 => response.header("location"),
        _ => None,
    }
}

impl Conversation for WebFinger {
    type Output = Issuer;

    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<Issuer>, Error> {
        match (self.state, input) {
            (State::Ready, Input::Begin) | (State::Waiting, Input::Woken) => Ok(self.send()),
            (State::Sent, Input::Response(response)) => self.receive(&response, now),
            (State::Sent, Input::Lost(_)) => self.again(ErrorKind::Transport.into(), now),
            (State::Over, _) => Err(Misuse::Over.into()),
            (_, _) => Err(Misuse::UnexpectedInput.into()),
        }
    }
}

#[cfg(test)]
mod tests;
