//! Asking a server for its metadata (RFC 8414 §3, OpenID Connect Discovery §4).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use crate::conversation::{Conversation, Input, Step};
use crate::{
    Attempts, Error, ErrorKind, Issuer, IssuerComparison, Misuse, Profile, Recovery, Request,
    Response, ServerMetadata,
};

/// Asks a server for its metadata: at RFC 8414's place first, then, if there is none, at OpenID Connect's.
///
/// Reading changes nothing at the server, so an answer that is lost, or a server that asks to be left alone for a
/// while, is waited for: three attempts at each place, after 1 and 2 seconds or what `Retry-After` says, up to a minute.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Discovery {
    issuer: Issuer,
    comparison: IssuerComparison,
    place: Place,
    attempts: Attempts,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Place {
    OAuth,
    OpenId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    Ready,
    Sent,
    Waiting,
    Over,
}

impl Discovery {
    /// Will ask the server that this issuer names.
    pub fn new(issuer: Issuer) -> Self {
        Self::at(Place::OAuth, issuer)
    }

    /// Will ask at OpenID Connect's place alone.
    pub fn openid(issuer: Issuer) -> Self {
        Self::at(Place::OpenId, issuer)
    }

    fn at(place: Place, issuer: Issuer) -> Self {
        Self {
            issuer,
            comparison: IssuerComparison::Exact,
            place,
            attempts: Attempts::NONE,
            state: State::Ready,
        }
    }

    /// The same for a provider that differs from the RFCs in how it writes its issuer.
    #[must_use]
    pub fn with_profile(mut self, profile: &Profile) -> Self {
        self.comparison = profile.issuer;
        self
    }

    fn send(&mut self) -> Result<Step<ServerMetadata>, Error> {
        let endpoint = match self.place {
            Place::OAuth => self.issuer.oauth_metadata()?,
            Place::OpenId => self.issuer.openid_metadata()?,
        };
        self.attempts.count();
        self.state = State::Sent;
        Ok(Step::Send(Request::get(endpoint)))
    }

    fn receive(
        &mut self,
        response: &Response,
        now: UtcDateTime,
    ) -> Result<Step<ServerMetadata>, Error> {
        let error = match response.json() {
            Ok(members) => {
                self.state = State::Over;
                let server = ServerMetadata::from_members(members, &self.issuer, self.comparison);
                return server.map(Step::Done);
            }
            Err(error) => error,
        };
        match (self.place, error.recovery(), response.status()) {
            (_, Recovery::Retry { .. }, _) => self.again(error, now),
            // Nothing there, or the page that some servers have for whatever is not there.
            (Place::OAuth, _, 200..=499) => {
                self.place = Place::OpenId;
                self.attempts = Attempts::NONE;
                self.send()
            }
            _ => self.end(error),
        }
    }

    fn again(&mut self, error: Error, now: UtcDateTime) -> Result<Step<ServerMetadata>, Error> {
        match self.attempts.next(&error, LONGEST_PAUSE, now) {
            Some(at) => {
                self.state = State::Waiting;
                Ok(Step::Wait(at))
            }
            None => self.end(error),
        }
    }

    fn end(&mut self, error: Error) -> Result<Step<ServerMetadata>, Error> {
        self.state = State::Over;
        Err(error)
    }
}

const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl Conversation for Discovery {
    type Output = ServerMetadata;

    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<ServerMetadata>, Error> {
        match (self.state, input) {
            (State::Ready, Input::Begin) | (State::Waiting, Input::Woken) => self.send(),
            (State::Sent, Input::Response(response)) => self.receive(&response, now),
            (State::Sent, Input::Lost(_)) => self.again(ErrorKind::Transport.into(), now),
            (State::Over, _) => Err(Misuse::Over.into()),
            (_, _) => Err(Misuse::UnexpectedInput.into()),
        }
    }
}
