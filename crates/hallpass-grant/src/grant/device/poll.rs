//! Asking for a device's token until the user has answered (RFC 8628 §3.4, §3.5).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::TokenSet;

use super::DeviceAuthorization;
use crate::conversation::{Conversation, Input, Step};
use crate::{Call, Error, ErrorCode, ErrorKind, Misuse, Recovery, TokenAnswer, unix_seconds};

/// Asks for the token until the user has allowed or denied, or the codes end.
///
/// It serialises at every step; one that was stored, by a program that has ended since, goes on with [`Input::Begin`]: a poll that was on
/// its way is made again. An answer that is lost, or a server that is busy, only slows it down.
///
/// # Errors
/// [`ErrorKind::Expired`] when the codes have ended; `access_denied` when the user said no.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DevicePoll {
    call: Call<TokenAnswer>,
    interval: Duration,
    #[serde(with = "unix_seconds")]
    expires_at: UtcDateTime,
    state: State,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum State {
    /// Nothing was asked since this program began.
    Idle,
    Waiting,
    Polling,
    Over,
}

impl DevicePoll {
    pub(super) fn new(call: Call<TokenAnswer>, device: &DeviceAuthorization) -> Self {
        Self {
            call,
            interval: device.interval,
            expires_at: device.expires_at,
            state: State::Idle,
        }
    }

    /// When the codes end, UTC.
    pub fn expires_at(&self) -> UtcDateTime {
        self.expires_at
    }

    fn wait(&mut self, pause: Duration, now: UtcDateTime) -> Result<Step<TokenSet>, Error> {
        let until = now.checked_add(time::Duration::try_from(pause).unwrap_or(time::Duration::MAX));
        match until {
            Some(until) if now < self.expires_at => {
                self.state = State::Waiting;
                Ok(Step::Wait(until.min(self.expires_at)))
            }
            _ => self.expired(),
        }
    }

    fn poll(&mut self, now: UtcDateTime) -> Result<Step<TokenSet>, Error> {
        if now >= self.expires_at {
            return self.expired();
        }
        self.call.rewind();
        self.state = State::Polling;
        self.carry_on(Input::Begin, now)
    }

    fn carry_on(&mut self, input: Input, now: UtcDateTime) -> Result<Step<TokenSet>, Error> {
        let error = match self.call.step(input, now) {
            Ok(Step::Done(tokens)) => {
                self.state = State::Over;
                return Ok(Step::Done(tokens));
            }
            Ok(step) => return Ok(step),
            Err(error) => error,
        };
        let code = error.refused().and_then(|refused| refused.code());
        match (error.kind(), code.map(ErrorCode::as_str)) {
            (_, Some("authorization_pending")) => self.wait(self.interval, now),
            (_, Some("slow_down")) => {
                self.slow_down();
                self.wait(self.interval, now)
            }
            // GitHub's documentation has both words for it.
            // The call has answered one demand already.
            (_, Some("use_dpop_nonce")) => self.end(error),
            (_, Some("expired_token" | "token_expired")) => self.expired(),
            // RFC 8628 §3.5: what has timed out is asked for half as often.
            (ErrorKind::Transport | ErrorKind::InDoubt, _) => {
                let slower = self.interval.saturating_mul(2).min(MAX_BACKOFF);
                self.interval = self.interval.max(slower);
                self.wait(self.interval, now)
            }
            (ErrorKind::Refused(_), _) => match error.recovery() {
                Recovery::Retry { after } => {
                    self.slow_down();
                    self.wait(self.interval.max(after.unwrap_or_default()), now)
                }
                _ => self.end(error),
            },
            // The call still waits for what it asked for.
            (ErrorKind::Misuse(Misuse::UnexpectedInput | Misuse::SignatureForm), _) => Err(error),
            _ => self.end(error),
        }
    }

    fn slow_down(&mut self) {
        self.interval = self.interval.saturating_add(SLOWER);
    }

    fn expired(&mut self) -> Result<Step<TokenSet>, Error> {
        self.end(ErrorKind::Expired("the user code").into())
    }

    fn end(&mut self, error: Error) -> Result<Step<TokenSet>, Error> {
        self.state = State::Over;
        Err(error)
    }
}

/// RFC 8628 §3.5: for this one and all that follow.
const SLOWER: Duration = Duration::from_secs(5);
/// After how long a network that was down is tried again at the latest, unless the server asks for more.
const MAX_BACKOFF: Duration = Duration::from_secs(300);

impl Conversation for DevicePoll {
    type Output = TokenSet;

    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<TokenSet>, Error> {
        match (self.state, input) {
            // Somebody may have polled a moment before this program began.
            (State::Idle | State::Waiting | State::Polling, Input::Begin) => {
                self.wait(self.interval, now)
            }
            (State::Waiting, Input::Woken) => self.poll(now),
            (State::Polling, input) => self.carry_on(input, now),
            (State::Over, _) => Err(Misuse::Over.into()),
            (_, _) => Err(Misuse::UnexpectedInput.into()),
        }
    }
}
