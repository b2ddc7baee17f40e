//! The one way in which a provider's signed token is verified.

use std::time::Duration;

use time::UtcDateTime;

use hallpass_grant::{Attempts, Conversation, Error, ErrorKind, Input, Misuse, Response, Step};
use hallpass_jose::{Claims, CompactJws, SelectionError, SignatureAlgorithm, TokenError};
use hallpass_token::Secret;

use crate::fault::of_keys;
use crate::key_cache::Keys;
use crate::provider_keys::{Look, Ticket};
use crate::{Fault, JwtRules};

/// Verifies a signed token of a provider's: an ID token, a logout token, a signed UserInfo or authorization response, aggregated claims.
///
/// It asks for the provider's keys only where those that are known are too old or do not verify the token, and asks again, up to three
/// times, where the answer is lost. Asking changes nothing at the provider.
#[derive(Clone, Debug)]
pub struct JwtVerification {
    token: Secret,
    rules: JwtRules,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Ready,
    Sent(Asking),
    /// Before it asks once more.
    Pausing(Asking),
    /// Until somebody else has asked.
    Waiting {
        fetch: u64,
        newer_than: Option<u64>,
    },
    Over,
}

/// A fetch of this conversation's.
#[derive(Clone, Debug)]
struct Asking {
    ticket: Ticket,
    attempts: Attempts,
    newer_than: Option<u64>,
}

const LONGEST_PAUSE: Duration = Duration::from_secs(10);

impl JwtVerification {
    /// Will verify this token by these rules.
    pub fn new(token: impl Into<Secret>, rules: JwtRules) -> Self {
        Self {
            token: token.into(),
            rules,
            state: State::Ready,
        }
    }

    fn begin(&mut self, now: UtcDateTime) -> Result<Step<VerifiedJwt>, Error> {
        self.token = self.rules.open(self.token.clone())?;
        let token = CompactJws::parse(self.token.expose_secret()).map_err(Fault::from)?;
        self.rules.check_header(token.header())?;
        if token.header().algorithm().is_symmetric() {
            let claims = self.rules.verify_by_secret(token)?;
            return self.finish(claims, now);
        }
        self.look(None, now)
    }

    /// Looks for keys, newer than those of a fetch where those do not verify the token.
    fn look(
        &mut self,
        newer_than: Option<u64>,
        now: UtcDateTime,
    ) -> Result<Step<VerifiedJwt>, Error> {
        let look = self.rules.keys().look(|cache| match newer_than {
            Some(than) => cache.ask_newer(than, now),
            None => cache.ask(now),
        })?;
        self.follow(look, newer_than, now)
    }

    fn follow(
        &mut self,
        look: Look,
        newer_than: Option<u64>,
        now: UtcDateTime,
    ) -> Result<Step<VerifiedJwt>, Error> {
        match look {
            Look::Use(keys) => match newer_than {
                Some(_) => self.finish_with(&keys, now),
                None => self.try_keys(&keys, now),
            },
            Look::Fetch(ticket, request) => {
                let mut attempts = Attempts::NONE;
                attempts.count();
                self.state = State::Sent(Asking {
                    ticket,
                    attempts,
                    newer_than,
                });
                Ok(Step::Send(request))
            }
            Look::Wait(fetch, at) => {
                self.state = State::Waiting { fetch, newer_than };
                Ok(Step::Wait(at))
            }
            Look::Failed => {
                let failure = self.rules.keys().with_cache(|cache| cache.failure(0));
                Err(failure.unwrap_or_else(|| ErrorKind::Transport.into()))
            }
            Look::TooSoon => Err(Fault::UnknownKey.into()),
        }
    }

    /// Tries keys that there may be newer ones than.
    fn try_keys(&mut self, keys: &Keys, now: UtcDateTime) -> Result<Step<VerifiedJwt>, Error> {
        match self.verify(keys) {
            Ok(claims) => self.finish(claims, now),
            Err(error) if is_curable(&error) => {
                let than = keys.fetch;
                match self.rules.keys().look(|cache| cache.ask_newer(than, now))? {
                    // Where no newer ones may be asked for, what these say of the token is what counts.
                    Look::TooSoon => Err(of_keys(error)),
                    look => self.follow(look, Some(than), now),
                }
            }
            Err(error) => Err(of_keys(error)),
        }
    }

    /// Tries the newest keys there are.
    fn finish_with(&mut self, keys: &Keys, now: UtcDateTime) -> Result<Step<VerifiedJwt>, Error> {
        let claims = self.verify(keys).map_err(of_keys)?;
        self.finish(claims, now)
    }

    fn verify(&self, keys: &Keys) -> Result<Claims, hallpass_jose::Error> {
        let token = CompactJws::parse(self.token.expose_secret())?;
        self.rules.verify(token, &keys.set)
    }

    fn receive(
        &mut self,
        asking: Asking,
        response: &Response,
        now: UtcDateTime,
    ) -> Result<Step<VerifiedJwt>, Error> {
        match asking.ticket.read(response, now) {
            Ok(keys) => {
                let step = self.finish_with(&keys, now);
                if step.is_ok() && asking.newer_than.is_some() {
                    self.rules.keys().with_cache(|cache| cache.was_worth_it());
                }
                step
            }
            Err(error) => self.again(asking, error, now),
        }
    }

    /// Asks once more, or makes do with what is known.
    fn again(
        &mut self,
        asking: Asking,
        error: Error,
        now: UtcDateTime,
    ) -> Result<Step<VerifiedJwt>, Error> {
        // What the last keys verify, they may: what they do not, newer ones might.
        let known = self.rules.keys().with_cache(|cache| cache.usable(now));
        if asking.newer_than.is_none()
            && let Some(claims) = known.and_then(|keys| self.verify(&keys).ok())
        {
            asking.ticket.fail(error, now);
            return self.finish(claims, now);
        }
        match asking.attempts.next(&error, LONGEST_PAUSE, now) {
            Some(at) => {
                self.state = State::Pausing(asking);
                Ok(Step::Wait(at))
            }
            None => {
                asking.ticket.fail(error.clone(), now);
                Err(error)
            }
        }
    }

    /// Somebody else has asked, or gave up, or still does.
    fn look_again(
        &mut self,
        fetch: u64,
        newer_than: Option<u64>,
        now: UtcDateTime,
    ) -> Result<Step<VerifiedJwt>, Error> {
        let keys = self.rules.keys();
        let Some(error) = keys.with_cache(|cache| cache.failure(fetch)) else {
            return self.look(newer_than, now);
        };
        let known = keys.with_cache(|cache| cache.usable(now));
        match known.and_then(|keys| self.verify(&keys).ok()) {
            Some(claims) => self.finish(claims, now),
            None => Err(error),
        }
    }

    fn finish(&mut self, claims: Claims, now: UtcDateTime) -> Result<Step<VerifiedJwt>, Error> {
        self.rules.check_claims(&claims, now)?;
        let token = CompactJws::parse(self.token.expose_secret()).map_err(Fault::from)?;
        Ok(Step::Done(VerifiedJwt {
            algorithm: token.header().algorithm(),
            token_type: token.header().token_type().map(str::to_owned),
            claims,
        }))
    }
}

/// Whether newer keys could verify what these do not.
fn is_curable(error: &hallpass_jose::Error) -> bool {
    use hallpass_jose::Error as Jose;
    match error {
        Jose::Token(error) => *error == TokenError::Signature,
        Jose::Selection(error) => !matches!(error, SelectionError::Symmetric(_)),
        _ => false,
    }
}

impl Conversation for JwtVerification {
    type Output = VerifiedJwt;

    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<VerifiedJwt>, Error> {
        match (std::mem::replace(&mut self.state, State::Over), input) {
            (State::Ready, Input::Begin) => self.begin(now),
            (State::Sent(asking), Input::Response(response)) => {
                self.receive(asking, &response, now)
            }
            (State::Sent(asking), Input::Lost(_)) => {
                self.again(asking, ErrorKind::Transport.into(), now)
            }
            (State::Pausing(mut asking), Input::Woken) => {
                let request = self.rules.keys().request()?;
                asking.attempts.count();
                self.state = State::Sent(asking);
                Ok(Step::Send(request))
            }
            (State::Waiting { fetch, newer_than }, Input::Woken) => {
                self.look_again(fetch, newer_than, now)
            }
            (State::Over, _) => Err(Misuse::Over.into()),
            (state, _) => {
                self.state = state;
                Err(Misuse::UnexpectedInput.into())
            }
        }
    }
}

/// A token whose signature, issuer, audience and dates are those that the rules ask for. What its other claims have to be is for whoever
/// asked for it.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedJwt {
    algorithm: SignatureAlgorithm,
    token_type: Option<String>,
    claims: Claims,
}

impl VerifiedJwt {
    /// How it is signed.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Of what kind it says it is (`typ`).
    pub fn token_type(&self) -> Option<&str> {
        self.token_type.as_deref()
    }

    /// What it says.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// What it says, to keep.
    pub fn into_claims(self) -> Claims {
        self.claims
    }
}
