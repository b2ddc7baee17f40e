//! Having the claims that are not the provider's own (OpenID Connect Core §5.6.2).

use std::collections::VecDeque;
use std::fmt;

use hallpass_grant::{Conversation, Error, ErrorKind, Input, Misuse, Request, Response, Step};
use hallpass_token::{Json, Members, Secret, TokenType};
use time::UtcDateTime;

use super::claim_sources::ClaimPlace;
use super::claims_providers::{Maker, Reading};
use super::{ClaimSource, ClaimSources, ClaimsProviders};
use crate::{Fault, JwtVerification};

/// Asks the sources of claims one after another, each with its own access token and no other, and verifies what they say.
///
/// What the provider itself has made must be about the user that the sources were named for. A source that fails costs only its own claims. An
/// answer that is lost is not asked for again.
#[derive(Clone)]
pub struct ClaimCollection {
    left: VecDeque<ClaimSource>,
    subject: Option<Secret>,
    providers: ClaimsProviders,
    collected: CollectedClaims,
    state: State,
}

#[derive(Clone)]
enum State {
    Ready,
    Fetching(ClaimSource),
    Verifying(ClaimSource, Maker, Box<JwtVerification>),
    Over,
}

/// Claims that are not the provider's own, and the sources that gave none.
///
/// `Debug` shows how many claims there are, and what failed.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CollectedClaims {
    /// The claims that their makers have signed, each under the name by which the provider named it.
    pub claims: Members,
    /// Those that nobody has signed, where [unsigned ones](ClaimsProviders::with_unsigned_aggregated_claims) are wanted.
    pub unsigned: Members,
    /// Each source that could not be had or believed, with why.
    pub failed: Vec<(String, Error)>,
}

impl ClaimCollection {
    /// Will ask these sources and believe these providers.
    pub fn new(sources: &ClaimSources, providers: ClaimsProviders) -> Self {
        Self {
            left: sources.iter().cloned().collect(),
            subject: sources.subject().cloned(),
            providers,
            collected: CollectedClaims::default(),
            state: State::Ready,
        }
    }

    /// Goes on with the next source.
    fn next(&mut self, now: UtcDateTime) -> Result<Step<CollectedClaims>, Error> {
        while let Some(source) = self.left.pop_front() {
            match source.place() {
                ClaimPlace::Distributed {
                    endpoint,
                    access_token,
                } => {
                    let request = Request::get(endpoint.clone()).accepting(JWT);
                    let request = match access_token {
                        Some(token) => request.with_access_token(TokenType::Bearer, token),
                        None => request,
                    };
                    self.state = State::Fetching(source);
                    return Ok(Step::Send(request));
                }
                ClaimPlace::Aggregated(token) => {
                    let token = token.clone();
                    if let Some(step) = self.read(source, token, now)? {
                        return Ok(step);
                    }
                }
            }
        }
        self.state = State::Over;
        Ok(Step::Done(std::mem::take(&mut self.collected)))
    }

    /// Reads what a source says. No step: the next one's turn.
    fn read(
        &mut self,
        source: ClaimSource,
        token: Secret,
        now: UtcDateTime,
    ) -> Result<Option<Step<CollectedClaims>>, Error> {
        let is_aggregated = source.endpoint().is_none();
        match self.providers.reading(token.expose_secret(), is_aggregated) {
            Ok(Reading::Verify(rules, maker)) => {
                let verification = Box::new(JwtVerification::new(token, *rules));
                self.verify(source, maker, verification, Input::Begin, now)
            }
            Ok(Reading::Unsigned(claims, maker)) => {
                match self.check_subject(&claims, maker) {
                    Ok(()) => take(&source, &claims, &mut self.collected.unsigned),
                    Err(fault) => self.fail(&source, fault.into()),
                }
                Ok(None)
            }
            Err(error) => {
                self.fail(&source, error);
                Ok(None)
            }
        }
    }

    fn verify(
        &mut self,
        source: ClaimSource,
        maker: Maker,
        mut verification: Box<JwtVerification>,
        input: Input,
        now: UtcDateTime,
    ) -> Result<Option<Step<CollectedClaims>>, Error> {
        let step = match verification.step(input, now) {
            Ok(Step::Done(token)) => {
                let claims = token.claims().members();
                match self.check_subject(claims, maker) {
                    Ok(()) => take(&source, claims, &mut self.collected.claims),
                    Err(fault) => self.fail(&source, fault.into()),
                }
                return Ok(None);
            }
            Ok(Step::Send(request)) => Ok(Some(Step::Send(request))),
            Ok(Step::Sign(input)) => Ok(Some(Step::Sign(input))),
            Ok(Step::Wait(until)) => Ok(Some(Step::Wait(until))),
            // The driver's mistake is not the source's.
            Err(error) if *error.kind() == ErrorKind::Misuse(Misuse::UnexpectedInput) => Err(error),
            Err(error) => {
                self.fail(&source, error);
                return Ok(None);
            }
        };
        self.state = State::Verifying(source, maker, verification);
        step
    }

    /// A token of the provider's about somebody else, an ID token of theirs for example, says nothing of this user.
    fn check_subject(&self, claims: &Members, maker: Maker) -> Result<(), Fault> {
        match (maker, claims.value("sub")) {
            (Maker::Other, _) | (Maker::Provider, None) => Ok(()),
            (Maker::Provider, Some(Json::String(subject))) => {
                match self.subject == Some(Secret::from(subject.as_str())) {
                    true => Ok(()),
                    false => Err(Fault::SubOfClaims),
                }
            }
            (Maker::Provider, Some(_)) => Err(Fault::Claim("sub")),
        }
    }

    fn fail(&mut self, source: &ClaimSource, error: Error) {
        let name = source.name().to_owned();
        self.collected.failed.push((name, error));
    }
}

impl Conversation for ClaimCollection {
    type Output = CollectedClaims;

    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<CollectedClaims>, Error> {
        let step = match (std::mem::replace(&mut self.state, State::Over), input) {
            (State::Ready, Input::Begin) => None,
            (State::Fetching(source), Input::Response(response)) => match token(&response) {
                Ok(token) => self.read(source, token, now)?,
                Err(error) => {
                    self.fail(&source, error);
                    None
                }
            },
            (State::Fetching(source), Input::Lost(_)) => {
                self.fail(&source, ErrorKind::Transport.into());
                None
            }
            (State::Verifying(source, maker, verification), input) => {
                self.verify(source, maker, verification, input, now)?
            }
            (State::Over, _) => return Err(Misuse::Over.into()),
            (state, _) => {
                self.state = state;
                return Err(Misuse::UnexpectedInput.into());
            }
        };
        match step {
            Some(step) => Ok(step),
            None => self.next(now),
        }
    }
}

/// Takes the claims that the source is for, and no others.
fn take(source: &ClaimSource, claims: &Members, collected: &mut Members) {
    for name in source.claims() {
        if let Some(value) = claims.value(name) {
            collected.insert(name, value.clone());
        }
    }
}

/// The JWT that a source answers with.
fn token(response: &Response) -> Result<Secret, Error> {
    if !(200..=299).contains(&response.status()) {
        response.success()?;
    }
    let content_type = response.header("content-type").unwrap_or(JWT);
    let essence = content_type.split(';').next().unwrap_or("").trim();
    let text = str::from_utf8(response.body()).ok();
    match text {
        Some(text) if essence.eq_ignore_ascii_case(JWT) => Ok(text.trim().into()),
        _ => Err(Fault::ClaimSource("answer").into()),
    }
}

const JWT: &str = "application/jwt";

impl fmt::Debug for ClaimCollection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Ready => "Ready",
            State::Fetching(_) => "Fetching",
            State::Verifying(..) => "Verifying",
            State::Over => "Over",
        };
        f.debug_struct("ClaimCollection")
            .field("left", &self.left)
            .field("collected", &self.collected)
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
