//! The refresh transaction: what keeps one refresh token from being spent twice, whatever happens to whoever spends it.
//!
//! It is a machine like every conversation: told what happened and what both clocks say, it says what to do next.

mod step;
mod task;
mod verdict;
mod write;

use std::mem;
use std::time::Duration;

use hallpass_grant::token::{RefreshToken, TokenSet};
use hallpass_grant::{
    Answer, Call, Client, Conversation, Error, Misuse, Random, Request, RevocationAnswer,
    TokenAnswer,
};
use hallpass_http::Heard;
use hallpass_store::{Entry, Revision, StoreError, StoreErrorKind, SwapError};

pub use step::{Input, Outcome, Step};
pub use task::{Need, Renewal, Task};

use crate::backoff;
use crate::draws::Draws;
use crate::record::MOST_DOUBT;
use crate::rule::{Rule, Rules};
use crate::watch::Watch;
use crate::{
    End, Event, Login, Moment, Owner, Record, Refresh, SessionError, Timing, Window, Windows,
};
use verdict::{Failure, Verdict};
use write::{Purpose, Write};

/// One use of a session by one holder: getting tokens, saving a login, or logging out.
///
/// Begin with [`Input::Begin`] and do what each [`Step`] says until [`Step::Done`]. It may be given up only where nothing was sent: who
/// carries it out lets it run to its end, whatever becomes of the caller.
pub struct Transaction {
    task: Task,
    renewal: Renewal,
    owner: Owner,
    timing: Timing,
    windows: Windows,
    failures: u32,
    draws: Draws,
    /// Names this transaction in its claim, whoever marks a doubt on it.
    holder: u128,
    rules: Rules,
    /// The revisions that are this transaction's own, whether or not they were written.
    own: Vec<Revision>,
    /// The login and the refresh token that were sent.
    spent: Option<(Login, RefreshToken)>,
    watch: Option<Watch>,
    /// The login that a login writes, or that a logout ends.
    login: Option<Login>,
    /// The login that a login replaces.
    before: Option<Login>,
    conflicts: u32,
    /// The tokens that came were told already.
    told: bool,
    renewals: u32,
    unread: u32,
    events: Vec<Event>,
    state: State,
}

enum State {
    Begun,
    /// Reads what is stored, to decide what to do about it.
    Reading(Verdict),
    /// Waits before it looks again at another holder's claim, or tries again to read.
    Waiting(Verdict),
    /// A swap is on its way.
    Writing(Write),
    /// Looks what is stored, because a swap did not say that it was written. The error: it may have been.
    Checking(Write, Option<StoreError>),
    /// Waits before it tries a swap again.
    Pausing(Write),
    /// Tells that the tokens are not saved, then tries again.
    Telling(Write),
    /// Talks to the token endpoint, under the claim that is stored.
    Calling(Box<Call<TokenAnswer>>, Held),
    /// Waits for the application's provider; the claim-free record that was there.
    Providing(Option<Held>),
    /// Has a token revoked, then is over.
    Revoking(Box<Call<RevocationAnswer>>, Outcome),
    Over,
}

/// What is stored, as it was read or written, and since when it surely was.
#[derive(Clone)]
struct Held {
    revision: Revision,
    record: Record,
    since: Moment,
}

/// How what is stored stands to what this transaction has sent.
enum Standing {
    /// Its own claim.
    Own,
    /// Another's claim on the same refresh token, which may be alive.
    Claimed,
    /// The same refresh token, and nobody's claim. The flag: there was one, and its lease is over.
    Free { overdue: bool },
    /// Another refresh token of the same login.
    MovedOn,
    /// Another login.
    OtherLogin,
}

const MOST_RENEWALS: u32 = 8;
const MOST_CONFLICTS: u32 = 16;
const MOST_TRIES: u32 = 5;

impl Transaction {
    /// A transaction that has not begun. `failures` is how often in a row the server has failed before.
    ///
    /// # Errors
    /// [`Misuse::Random`]; nothing has been done then.
    pub fn new(
        task: Task,
        renewal: Renewal,
        timing: Timing,
        windows: Windows,
        failures: u32,
        random: &mut impl Random,
    ) -> Result<Self, Error> {
        let mut draws = Draws::new(random)?;
        Ok(Self {
            task,
            owner: renewal.owner(),
            renewal,
            timing,
            windows,
            failures,
            holder: u128::from_be_bytes(draws.name()),
            draws,
            rules: Rules::ALL,
            own: Vec::new(),
            spent: None,
            watch: None,
            login: None,
            before: None,
            conflicts: 0,
            told: false,
            renewals: 0,
            unread: 0,
            events: Vec::new(),
            state: State::Begun,
        })
    }

    /// The same, not keeping one of the rules.
    #[cfg(test)]
    pub(crate) fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// What has happened since this was asked before.
    pub fn take_events(&mut self) -> Vec<Event> {
        mem::take(&mut self.events)
    }

    /// Takes what happened, says what to do next.
    ///
    /// # Errors
    /// [`Misuse::UnexpectedInput`] and [`Misuse::Over`]: the input answers nothing, and nothing has changed.
    pub fn step(&mut self, input: Input, now: Moment) -> Result<Step, Error> {
        let state = mem::replace(&mut self.state, State::Over);
        Ok(match (state, input) {
            (State::Begun, Input::Begin) => self.read(Verdict::Unsent),
            (State::Reading(verdict), Input::Loaded(Ok(stored))) => {
                self.judge(verdict, stored, now)
            }
            (State::Reading(verdict), Input::Loaded(Err(error))) => {
                self.unread(verdict, error, now)
            }
            (State::Waiting(verdict), Input::Woken) => self.read(verdict),
            (State::Writing(write), Input::Swapped(Ok(()))) => self.written(write, now),
            (State::Writing(write), Input::Swapped(Err(SwapError::Conflict))) => {
                self.check(write, None)
            }
            (State::Writing(write), Input::Swapped(Err(SwapError::Unknown(error)))) => {
                match self.rules.keep(Rule::LookForUnknown) {
                    true => self.check(write, Some(error)),
                    false => self.written(write, now),
                }
            }
            (State::Writing(write), Input::Swapped(Err(SwapError::Failed(error)))) => {
                self.unwritten(write, error, now)
            }
            (State::Checking(write, unknown), Input::Loaded(Ok(stored))) => {
                self.checked(write, unknown, stored, now)
            }
            (State::Checking(write, _), Input::Loaded(Err(error))) => {
                self.unwritten(write, error, now)
            }
            (State::Pausing(write), Input::Woken) => self.again(write, now),
            (State::Telling(write), Input::Told) => self.pause(write),
            (State::Calling(call, held), Input::Heard(heard)) => {
                self.converse(call, held, heard, now)
            }
            (State::Providing(held), Input::Provided(provided)) => {
                self.provided(held, provided, now)
            }
            (State::Revoking(call, outcome), Input::Heard(heard)) => {
                self.revoke(call, outcome, heard, now)
            }
            (State::Over, _) => return Err(Misuse::Over.into()),
            (state, _) => {
                self.state = state;
                return Err(Misuse::UnexpectedInput.into());
            }
        })
    }

    fn read(&mut self, verdict: Verdict) -> Step {
        self.state = State::Reading(verdict);
        Step::Load
    }

    /// What is stored was read: what follows, after what this transaction has done so far.
    fn judge(&mut self, verdict: Verdict, stored: Option<Entry>, now: Moment) -> Step {
        match &self.task {
            Task::Login(tokens) => {
                let tokens = TokenSet::clone(tokens);
                return self.log_in(tokens, stored, now);
            }
            Task::Logout { revoke } => {
                let revoke = *revoke;
                return self.log_out(stored, revoke, now);
            }
            Task::Tokens(_) => {}
        }
        let Some(entry) = stored else {
            return self.gone(verdict, now);
        };
        let record = Record::decode(&entry.bytes);
        let record = match record.and_then(|record| record.check(&self.owner).map(|()| record)) {
            Ok(record) => record,
            Err(error) => return self.unusable(verdict, error.into(), now),
        };
        let held = Held {
            revision: entry.revision,
            record,
            since: now,
        };
        let standing = self.standing(&held, now);
        match (verdict, standing) {
            (Verdict::Unsent, standing) => self.decide(held, standing, now),
            (Verdict::Got(tokens), Standing::OtherLogin) => {
                let outcome = self.found(held);
                self.drop_tokens(*tokens, outcome, now)
            }
            (Verdict::Dead(_) | Verdict::Failed(_), Standing::OtherLogin) => self.adopt(held),
            (Verdict::Got(tokens), Standing::MovedOn) => {
                match self.rules.keep(Rule::AdoptWithoutRevoking) {
                    true => self.mark(held, Verdict::Got(tokens), now),
                    false => {
                        let outcome = self.found(held);
                        self.drop_tokens(*tokens, outcome, now)
                    }
                }
            }
            (verdict, Standing::MovedOn) => self.mark(held, verdict, now),
            (Verdict::Got(tokens), Standing::Own) => self.save(*tokens, held, true, now),
            (Verdict::Got(tokens), Standing::Claimed | Standing::Free { .. }) => {
                match self.rules.keep(Rule::SaveOverClaim) {
                    true => self.save(*tokens, held, false, now),
                    false => self.adopt(held),
                }
            }
            (Verdict::Dead(error), Standing::Claimed) => {
                self.watch(held, Verdict::Dead(error), now)
            }
            (Verdict::Dead(error), Standing::Own | Standing::Free { .. }) => {
                self.end(held, error, now)
            }
            (Verdict::Failed(failure), Standing::Own) => self.release(held, failure, now),
            (Verdict::Failed(failure), Standing::Claimed | Standing::Free { .. }) => {
                match failure.in_doubt {
                    true => self.mark(held, Verdict::Failed(failure), now),
                    false => self.failed(failure, Some(held)),
                }
            }
        }
    }

    /// Nothing was sent yet: whether what is stored will do, and if not, whose turn it is.
    fn decide(&mut self, held: Held, standing: Standing, now: Moment) -> Step {
        let record = &held.record;
        if let Refresh::Ended(how) = record.refresh {
            return self.ended(how, None, Some(held));
        }
        if let Task::Tokens(need @ Need::New) = &mut self.task {
            *need = Need::OtherThan(record.tokens.access_token.clone());
        } else if self.will_do(record, now) {
            return self.adopt(held);
        }
        if let Task::Tokens(Need::Stored) = self.task {
            let after = record.refresh.pause_left(now.wall);
            return self.fail(SessionError::NotBefore { after }, None, Duration::ZERO);
        }
        if let Refresh::Failed { pause, .. } = record.refresh {
            self.failures = self.failures.max(backoff::failures_before(pause));
        }
        let call = match &self.renewal {
            Renewal::Provider(_) => None,
            Renewal::Refresh(client) => match refresh(client, record, &mut self.draws) {
                Ok(call) => Some(Box::new(call)),
                Err(error) => return self.fail(error.into(), Some(held), BRIEFLY),
            },
        };
        match (standing, call) {
            (Standing::Claimed, Some(_)) if self.rules.keep(Rule::Watch) => {
                self.watch(held, Verdict::Unsent, now)
            }
            (Standing::Free { overdue: false }, _)
                if !record.refresh.pause_left(now.wall).is_zero() =>
            {
                let after = record.refresh.pause_left(now.wall);
                self.fail(SessionError::NotBefore { after }, Some(held), after)
            }
            (Standing::Free { overdue }, Some(call)) => self.claim(held, call, overdue, now),
            (_, Some(call)) => self.claim(held, call, true, now),
            (_, None) => self.provide(Some(held)),
        }
    }

    fn will_do(&self, record: &Record, now: Moment) -> bool {
        let window = self
            .windows
            .of(&record.tokens, record.obtained_at, now.wall);
        match &self.task {
            Task::Tokens(Need::Fresh) => window == Window::Fresh,
            Task::Tokens(Need::Stored) => window != Window::Expired,
            Task::Tokens(Need::OtherThan(refused)) => {
                record.tokens.access_token != *refused && window != Window::Expired
            }
            _ => false,
        }
    }

    fn standing(&mut self, held: &Held, now: Moment) -> Standing {
        let record = &held.record;
        if let Some((login, spent)) = &self.spent {
            if record.login != *login {
                return Standing::OtherLogin;
            }
            if record.tokens.refresh_token.as_ref() != Some(spent) {
                return Standing::MovedOn;
            }
        }
        match record.refresh {
            Refresh::Claimed { holder, .. } if holder == self.holder => Standing::Own,
            Refresh::Claimed { at, lease, .. } => {
                let watch = Watch::of(self.watch, held.revision, lease, now);
                if self.watch.is_none() {
                    self.events.push(Event::Watching);
                }
                self.watch = Some(watch);
                let is_over = match self.rules.keep(Rule::SteadyLease) {
                    true => watch.is_over(now),
                    false => now.wall - at > lease,
                };
                match is_over {
                    true => Standing::Free { overdue: true },
                    false => Standing::Claimed,
                }
            }
            Refresh::Idle | Refresh::Failed { .. } | Refresh::Ended(_) => {
                Standing::Free { overdue: false }
            }
        }
    }

    fn watch(&mut self, held: Held, verdict: Verdict, now: Moment) -> Step {
        let jitter = self.draws.share();
        let lease = self.timing.lease();
        let new = || Watch::new(held.revision, lease, now);
        let pause = self.watch.get_or_insert_with(new).pause(jitter);
        self.state = State::Waiting(verdict);
        Step::Wait(pause)
    }

    fn claim(
        &mut self,
        held: Held,
        call: Box<Call<TokenAnswer>>,
        overdue: bool,
        now: Moment,
    ) -> Step {
        let mut record = held.record;
        if overdue && self.rules.keep(Rule::DoubtAtTakeover) {
            record.doubt = MOST_DOUBT;
        }
        self.events.push(match overdue {
            true => Event::TakenOver,
            false => Event::Claimed,
        });
        record.refresh = self.claimed(now);
        self.write(Purpose::Claim(call), Some(held.revision), Some(record), now)
    }

    fn claimed(&self, now: Moment) -> Refresh {
        Refresh::Claimed {
            holder: self.holder,
            at: now.wall.truncate_to_second(),
            lease: self.timing.lease(),
        }
    }

    fn write(
        &mut self,
        purpose: Purpose,
        expected: Option<Revision>,
        record: Option<Record>,
        now: Moment,
    ) -> Step {
        self.again(Write::new(purpose, expected, record, now), now)
    }

    /// Asks for a swap, under a revision of its own each time: what was thought lost may yet be written.
    fn again(&mut self, mut write: Write, now: Moment) -> Step {
        write.revision = self.draws.revision();
        write.since = now;
        self.own.push(write.revision);
        let (expected, new) = (write.expected, write.entry());
        self.state = State::Writing(write);
        Step::Swap { expected, new }
    }

    fn check(&mut self, write: Write, unknown: Option<StoreError>) -> Step {
        self.state = State::Checking(write, unknown);
        Step::Load
    }

    /// A swap did not say that it was written: what is there tells.
    fn checked(
        &mut self,
        write: Write,
        unknown: Option<StoreError>,
        stored: Option<Entry>,
        now: Moment,
    ) -> Step {
        let revision = stored.as_ref().map(|entry| entry.revision);
        let is_own = match (&write.record, &unknown) {
            (Some(_), _) => revision.is_some_and(|revision| self.is_this(&write, revision)),
            // What was to be removed is not there.
            (None, _) => revision.is_none(),
        };
        match unknown {
            _ if is_own => self.written(
                Write {
                    revision: revision.unwrap_or(write.revision),
                    ..write
                },
                now,
            ),
            Some(error) if revision == write.expected => self.unwritten(write, error, now),
            unknown => self.conflict(write, stored, unknown, now),
        }
    }

    /// Whether that revision is this write's, of this try or of one before.
    fn is_this(&self, write: &Write, revision: Revision) -> bool {
        let tries = usize::try_from(write.failures)
            .unwrap_or(usize::MAX)
            .saturating_add(1);
        self.own
            .iter()
            .rev()
            .take(tries)
            .any(|own| *own == revision)
    }

    fn written(&mut self, write: Write, now: Moment) -> Step {
        let since = match self.rules.keep(Rule::SinceBeforeTheSwap) {
            true => write.since,
            false => now,
        };
        let held = write.record.map(|record| Held {
            revision: write.revision,
            record,
            since,
        });
        match (write.purpose, held) {
            (Purpose::Claim(call), Some(held)) => self.converse(call, held, Heard::nothing(), now),
            (Purpose::Renew(call, request), Some(held)) => self.send(call, *request, held, now),
            (Purpose::Save(_), Some(held)) => {
                self.events.push(Event::Saved);
                self.over(Outcome::Tokens {
                    record: Box::new(held.record),
                    obtained: !self.told,
                    unsaved: None,
                })
            }
            (Purpose::Doubt(Verdict::Failed(failure)), Some(held)) if !self.has_moved_on(&held) => {
                self.failed(failure, Some(held))
            }
            (Purpose::Doubt(_), Some(held)) => self.adopt(held),
            (Purpose::Release(failure), held) => self.failed(failure, held),
            (Purpose::End(how, error), held) => {
                self.events.push(Event::Ended {
                    in_doubt: how == End::InDoubt,
                });
                self.ended(how, Some(error), held)
            }
            (Purpose::Login, Some(held)) => {
                self.events.push(Event::LoggedIn);
                self.over(Outcome::found(held.record))
            }
            (Purpose::Logout(refresh_token), _) => {
                self.events.push(Event::LoggedOut);
                self.revoked(refresh_token, Outcome::Gone, now)
            }
            // What is written has a record; only a logout removes.
            (_, None) => self.over(Outcome::Gone),
        }
    }

    /// Somebody else wrote first.
    fn conflict(
        &mut self,
        write: Write,
        stored: Option<Entry>,
        unknown: Option<StoreError>,
        now: Moment,
    ) -> Step {
        match write.purpose {
            // Nothing of this transaction's is spent: a nonce was asked for, at most.
            Purpose::Claim(_) | Purpose::Renew(..) => {
                self.spent = None;
                self.judge(Verdict::Unsent, stored, now)
            }
            Purpose::Save(tokens) => self.judge(Verdict::Got(tokens), stored, now),
            Purpose::Doubt(verdict) => self.judge(verdict, stored, now),
            Purpose::Release(failure) => self.judge(Verdict::Failed(failure), stored, now),
            Purpose::End(_, error) => self.judge(Verdict::Dead(error), stored, now),
            Purpose::Login => {
                let stored = stored.as_ref().and_then(|entry| self.read_record(entry));
                let login = stored.as_ref().map(|record| record.login);
                match (unknown, stored) {
                    (_, Some(record)) if Some(record.login) == self.login => {
                        self.over(Outcome::found(record))
                    }
                    // It may have been written, used, and replaced since: written again it would bring back what is spent.
                    (Some(error), _) if login != self.before => {
                        self.fail(error.into(), None, Duration::ZERO)
                    }
                    _ => self.contended(),
                }
            }
            Purpose::Logout(_) => self.contended(),
        }
    }

    /// Nothing was written, or nobody can tell.
    fn unwritten(&mut self, mut write: Write, error: StoreError, now: Moment) -> Step {
        write.failures = write.failures.saturating_add(1);
        match write.purpose {
            Purpose::Save(_) if !self.told => {
                self.told = true;
                self.events.push(Event::NotSaved);
                let record = write.record.clone();
                self.state = State::Telling(write);
                match record {
                    Some(record) => Step::Tell(Outcome::Tokens {
                        record: Box::new(record),
                        obtained: true,
                        unsaved: Some(error.into()),
                    }),
                    None => self.over(Outcome::Gone),
                }
            }
            Purpose::Save(_) => self.pause(write),
            Purpose::Doubt(_) if write.failures < MOST_TRIES => self.pause(write),
            // What is there stays: a claim that nobody holds any more puts the session in doubt when it is taken over.
            Purpose::Doubt(_) | Purpose::Release(_) => self.written(write, now),
            // Somebody may have put the session in doubt since this looked, and an end that is not written finds nothing of it.
            Purpose::End(_, error) => {
                let purpose = Purpose::End(End::InDoubt, error);
                self.written(Write { purpose, ..write }, now)
            }
            Purpose::Login | Purpose::Logout(_) => self.fail(error.into(), None, Duration::ZERO),
            Purpose::Claim(_) | Purpose::Renew(..) => {
                let held = write.record.map(|record| Held {
                    revision: write.revision,
                    record,
                    since: now,
                });
                self.fail(error.into(), held, BRIEFLY)
            }
        }
    }

    fn pause(&mut self, write: Write) -> Step {
        let pause = retry_pause(write.failures);
        self.state = State::Pausing(write);
        Step::Wait(pause)
    }

    /// Goes on with the conversation, under the claim.
    fn converse(
        &mut self,
        mut call: Box<Call<TokenAnswer>>,
        held: Held,
        heard: Heard,
        now: Moment,
    ) -> Step {
        match said(&mut call, heard, now) {
            Ok(Said::Send(request)) => self.send(call, request, held, now),
            Ok(Said::Aside(step)) => {
                self.state = State::Calling(call, held);
                step
            }
            Ok(Said::Done(tokens)) => {
                self.events.push(Event::Obtained);
                self.save(tokens, held, true, now)
            }
            Err(error) => match Verdict::of(error) {
                Verdict::Dead(error) if !self.rules.keep(Rule::LookBeforeEnding) => {
                    self.end(held, error, now)
                }
                Verdict::Failed(failure) => self.release(held, failure, now),
                verdict => self.read(verdict),
            },
        }
    }

    /// Sends if the lease has room for it, else renews the claim first.
    fn send(
        &mut self,
        call: Box<Call<TokenAnswer>>,
        request: Request,
        held: Held,
        now: Moment,
    ) -> Step {
        let elapsed = match self.rules.keep(Rule::LargerOfTwoClocks) {
            true => now.most_since(held.since),
            false => now.least_since(held.since),
        };
        if !self.timing.has_room(elapsed) && self.rules.keep(Rule::RoomBeforeSending) {
            self.renewals += 1;
            if self.renewals > MOST_RENEWALS {
                let error = StoreError::new(StoreErrorKind::Busy, TOO_SLOW);
                let failure = Failure {
                    error: error.into(),
                    in_doubt: false,
                    retry: Some(None),
                };
                return self.release(held, failure, now);
            }
            self.events.push(Event::ClaimRenewed);
            let mut record = held.record;
            record.refresh = self.claimed(now);
            let purpose = Purpose::Renew(call, Box::new(request));
            return self.write(purpose, Some(held.revision), Some(record), now);
        }
        let refresh_token = held.record.tokens.refresh_token.clone();
        self.spent = refresh_token.map(|token| (held.record.login, token));
        self.events.push(Event::Sent);
        self.state = State::Calling(call, held);
        Step::Send(request)
    }

    fn provide(&mut self, held: Option<Held>) -> Step {
        let last = held.as_ref().map(|held| held.record.tokens.clone());
        self.state = State::Providing(held);
        Step::Provide(last)
    }

    fn provided(
        &mut self,
        held: Option<Held>,
        provided: Result<Option<TokenSet>, Error>,
        now: Moment,
    ) -> Step {
        match (provided, held) {
            (Ok(Some(tokens)), Some(held)) => {
                self.events.push(Event::Obtained);
                self.save(tokens, held, true, now)
            }
            (Ok(Some(tokens)), None) => {
                self.events.push(Event::Obtained);
                let login = Login::from_bytes(self.draws.name());
                let record = Record::new(self.owner.clone(), login, tokens.clone(), now.wall);
                self.write(Purpose::Save(Box::new(tokens)), None, Some(record), now)
            }
            (Ok(None), None) => self.fail(SessionError::Missing, None, Duration::ZERO),
            (Ok(None), held) => self.fail(SessionError::Missing, held, BRIEFLY),
            (Err(error), held) => match Verdict::of(error) {
                Verdict::Failed(failure) => self.failed(failure, held),
                Verdict::Dead(error) => self.fail(error.into(), held, BRIEFLY),
                Verdict::Unsent | Verdict::Got(_) => self.over(Outcome::Gone),
            },
        }
    }

    /// Saves tokens over what is there: its own claim, or something of another holder's that is older than they are.
    fn save(&mut self, mut tokens: TokenSet, over: Held, over_own: bool, now: Moment) -> Step {
        if tokens.id_token.is_none() {
            tokens.id_token.clone_from(&over.record.tokens.id_token);
        }
        let doubt = match (over_own, self.rules.keep(Rule::TwoSuccesses)) {
            (true, true) => over.record.doubt.saturating_sub(1),
            (true, false) => 0,
            (false, _) => match self.renewal {
                Renewal::Refresh(_) => MOST_DOUBT,
                Renewal::Provider(_) => 0,
            },
        };
        let owner = self.owner.clone();
        let mut record = Record::new(owner, over.record.login, tokens.clone(), now.wall);
        record.doubt = doubt;
        let purpose = Purpose::Save(Box::new(tokens));
        self.write(purpose, Some(over.revision), Some(record), now)
    }

    /// Puts the session in doubt before anything else is done with it.
    fn mark(&mut self, held: Held, verdict: Verdict, now: Moment) -> Step {
        if held.record.doubt >= MOST_DOUBT || !self.rules.keep(Rule::DoubtWhenOvertaken) {
            return match verdict {
                Verdict::Failed(failure) if !self.has_moved_on(&held) => {
                    self.failed(failure, Some(held))
                }
                _ => self.adopt(held),
            };
        }
        self.events.push(Event::DoubtMarked);
        let mut record = held.record;
        record.doubt = MOST_DOUBT;
        if let Refresh::Ended(how) = &mut record.refresh {
            *how = End::InDoubt;
        }
        self.write(
            Purpose::Doubt(verdict),
            Some(held.revision),
            Some(record),
            now,
        )
    }

    fn spent_login(&self) -> Login {
        let spent = self.spent.as_ref();
        spent.map_or(Login::UNKNOWN, |(login, _)| *login)
    }

    fn has_moved_on(&self, held: &Held) -> bool {
        let spent = self.spent.as_ref().map(|(_, spent)| spent);
        held.record.tokens.refresh_token.as_ref() != spent
    }

    fn release(&mut self, held: Held, failure: Failure, now: Moment) -> Step {
        let mut record = held.record;
        if failure.in_doubt && self.rules.keep(Rule::DoubtAtLoss) {
            record.doubt = MOST_DOUBT;
        }
        record.refresh = Refresh::Failed {
            at: now.wall.truncate_to_second(),
            pause: self.pause_after(&failure),
        };
        self.write(
            Purpose::Release(failure),
            Some(held.revision),
            Some(record),
            now,
        )
    }

    fn end(&mut self, held: Held, error: Error, now: Moment) -> Step {
        let how = match (held.record.refresh, held.record.doubt) {
            (Refresh::Ended(how), _) => {
                return self.ended(how, Some(error), Some(held));
            }
            (_, 0) => End::Refused,
            (_, _) => End::InDoubt,
        };
        let mut record = held.record;
        record.refresh = Refresh::Ended(how);
        self.write(
            Purpose::End(how, error),
            Some(held.revision),
            Some(record),
            now,
        )
    }

    /// Nothing is stored: nobody has logged in, or somebody has logged out.
    fn gone(&mut self, verdict: Verdict, now: Moment) -> Step {
        match (verdict, &self.renewal) {
            (Verdict::Unsent, Renewal::Provider(_))
                if !matches!(self.task, Task::Tokens(Need::Stored)) =>
            {
                self.provide(None)
            }
            (Verdict::Got(tokens), _) if !self.rules.keep(Rule::DropAfterLogout) => {
                let login = self.spent_login();
                let record = Record::new(self.owner.clone(), login, *tokens.clone(), now.wall);
                self.write(Purpose::Save(tokens), None, Some(record), now)
            }
            (Verdict::Got(tokens), _) => {
                let outcome = Outcome::Failed {
                    error: SessionError::Missing,
                    held: None,
                    pause: Duration::ZERO,
                };
                self.drop_tokens(*tokens, outcome, now)
            }
            (_, _) => self.fail(SessionError::Missing, None, Duration::ZERO),
        }
    }

    /// The session was ended or begun anew meanwhile: what came is dropped, and revoked.
    fn drop_tokens(&mut self, tokens: TokenSet, outcome: Outcome, now: Moment) -> Step {
        self.events.push(Event::Dropped);
        match self.rules.keep(Rule::RevokeAfterLogout) {
            true => self.revoked(tokens.refresh_token, outcome, now),
            false => self.over(outcome),
        }
    }

    /// Has a refresh token revoked, if there is one and the server has an endpoint for it.
    fn revoked(
        &mut self,
        refresh_token: Option<RefreshToken>,
        outcome: Outcome,
        now: Moment,
    ) -> Step {
        let (Renewal::Refresh(client), Some(token)) = (&self.renewal, &refresh_token) else {
            return self.over(outcome);
        };
        match client.revoke(token, &mut self.draws) {
            Ok(call) => self.revoke(Box::new(call), outcome, Heard::nothing(), now),
            Err(_) => {
                self.events.push(Event::NotRevoked);
                self.over(outcome)
            }
        }
    }

    fn revoke(
        &mut self,
        mut call: Box<Call<RevocationAnswer>>,
        outcome: Outcome,
        heard: Heard,
        now: Moment,
    ) -> Step {
        let event = match said(&mut call, heard, now) {
            Ok(Said::Send(request)) => {
                self.state = State::Revoking(call, outcome);
                return Step::Send(request);
            }
            Ok(Said::Aside(step)) => {
                self.state = State::Revoking(call, outcome);
                return step;
            }
            Ok(Said::Done(())) => Event::Revoked,
            Err(_) => Event::NotRevoked,
        };
        self.events.push(event);
        self.over(outcome)
    }

    /// Writes a login over whatever is there.
    fn log_in(&mut self, tokens: TokenSet, stored: Option<Entry>, now: Moment) -> Step {
        let login = match self.login {
            Some(login) => login,
            None => Login::from_bytes(self.draws.name()),
        };
        self.login = Some(login);
        let record = stored.as_ref().and_then(|entry| self.read_record(entry));
        self.before = record.as_ref().map(|record| record.login);
        let has_ended = tokens.expires_at.is_some_and(|end| end <= now.wall);
        let mut record = Record::new(self.owner.clone(), login, tokens, now.wall);
        if has_ended {
            // They did not come just now, whoever brings them.
            record.obtained_at = None;
        }
        let before = stored.map(|entry| entry.revision);
        self.write(Purpose::Login, before, Some(record), now)
    }

    /// Removes what is there, unless it is a login that has come since this began.
    fn log_out(&mut self, stored: Option<Entry>, revoke: bool, now: Moment) -> Step {
        let Some(entry) = stored else {
            return self.over(Outcome::Gone);
        };
        // What cannot be read is removed, or nobody could log out of it; what is another client's is that one's.
        let record = Record::decode(&entry.bytes).ok();
        if let Some(Err(error)) = record.as_ref().map(|record| record.check(&self.owner)) {
            return self.fail(error.into(), None, Duration::ZERO);
        }
        let login = record.as_ref().map(|record| record.login);
        if self.login.is_some() && login != self.login {
            return self.over(Outcome::Gone);
        }
        self.login = login;
        let refresh_token = record.and_then(|record| record.tokens.refresh_token);
        let purpose = Purpose::Logout(refresh_token.filter(|_| revoke));
        self.write(purpose, Some(entry.revision), None, now)
    }

    fn read_record(&self, entry: &Entry) -> Option<Record> {
        let record = Record::decode(&entry.bytes).ok()?;
        record.check(&self.owner).is_ok().then_some(record)
    }

    /// Somebody else wrote first: the others are let write, and what is there is read again.
    fn contended(&mut self) -> Step {
        self.conflicts += 1;
        if self.conflicts >= MOST_CONFLICTS {
            let error = StoreError::new(StoreErrorKind::Busy, CONTENDED);
            return self.fail(error.into(), None, Duration::ZERO);
        }
        self.state = State::Waiting(Verdict::Unsent);
        Step::Wait(Duration::from_millis(1 << self.conflicts.min(6)))
    }

    /// The store cannot tell. What was sent makes it worth asking again.
    fn unread(&mut self, verdict: Verdict, error: StoreError, now: Moment) -> Step {
        self.unread += 1;
        if matches!(verdict, Verdict::Unsent) || self.unread >= MOST_TRIES {
            return self.unusable(verdict, error.into(), now);
        }
        self.state = State::Waiting(verdict);
        Step::Wait(retry_pause(self.unread))
    }

    /// The store cannot tell, or what is stored cannot be read or is not this client's.
    fn unusable(&mut self, verdict: Verdict, error: SessionError, now: Moment) -> Step {
        match verdict {
            Verdict::Unsent => self.fail(error, None, BRIEFLY),
            Verdict::Got(tokens) => {
                let login = self.spent_login();
                let record = Record::new(self.owner.clone(), login, *tokens, now.wall);
                self.over(Outcome::Tokens {
                    record: Box::new(record),
                    obtained: !self.told,
                    unsaved: Some(error),
                })
            }
            // Whether somebody else has refreshed nobody can tell: the claim stays, and whoever takes it over will know more.
            Verdict::Dead(_) => self.fail(error, None, BRIEFLY),
            Verdict::Failed(failure) => self.failed(failure, None),
        }
    }

    fn adopt(&mut self, held: Held) -> Step {
        if let Refresh::Ended(how) = held.record.refresh {
            return self.ended(how, None, Some(held));
        }
        let outcome = self.found(held);
        self.over(outcome)
    }

    fn found(&mut self, held: Held) -> Outcome {
        self.events.push(Event::Found);
        Outcome::found(held.record)
    }

    fn failed(&mut self, failure: Failure, held: Option<Held>) -> Step {
        let pause = match held.as_ref().map(|held| held.record.refresh) {
            // What the others read is what this holder keeps to.
            Some(Refresh::Failed { pause, .. }) => pause,
            _ => self.pause_after(&failure),
        };
        self.events.push(Event::Failed {
            pause,
            in_doubt: failure.in_doubt,
        });
        self.fail(failure.error, held, pause)
    }

    fn pause_after(&mut self, failure: &Failure) -> Duration {
        let failures = self.failures.saturating_add(1);
        let pause = backoff::pause(failures, failure.retry.flatten(), self.draws.share());
        match failure.retry {
            Some(_) => pause,
            None => pause.max(BRIEFLY),
        }
    }

    fn ended(&mut self, how: End, source: Option<Error>, held: Option<Held>) -> Step {
        self.fail(SessionError::Ended { how, source }, held, BRIEFLY)
    }

    fn fail(&mut self, error: SessionError, held: Option<Held>, pause: Duration) -> Step {
        let held = held.map(|held| Box::new(held.record));
        self.over(Outcome::Failed { error, held, pause })
    }

    fn over(&mut self, outcome: Outcome) -> Step {
        self.state = State::Over;
        Step::Done(outcome)
    }
}

/// How long a failure is remembered that trying again does not mend.
const BRIEFLY: Duration = Duration::from_secs(5);
const TOO_SLOW: &str =
    "the store took so long each time that no request could be sent within the claim's lease";
const CONTENDED: &str = "another holder of the session wrote first at every attempt";

/// What a conversation says.
enum Said<T> {
    Send(Request),
    /// Something that has nothing to do with the claim.
    Aside(Step),
    Done(T),
}

fn said<A: Answer>(
    call: &mut Call<A>,
    heard: Heard,
    now: Moment,
) -> Result<Said<<Call<A> as Conversation>::Output>, Error> {
    let step = heard.told(|input| call.step(input, now.wall))?;
    Ok(match step {
        hallpass_grant::Step::Send(request) => Said::Send(request),
        hallpass_grant::Step::Sign(input) => Said::Aside(Step::Sign(input)),
        hallpass_grant::Step::Wait(at) => {
            let pause = Duration::try_from(at - now.wall).unwrap_or_default();
            Said::Aside(Step::Wait(pause))
        }
        hallpass_grant::Step::Done(output) => Said::Done(output),
    })
}

/// How long to wait before the store is asked again.
fn retry_pause(failures: u32) -> Duration {
    let doubled = Duration::from_millis(50).saturating_mul(1 << failures.min(10));
    doubled.min(Duration::from_secs(30))
}

fn refresh(
    client: &Client,
    record: &Record,
    draws: &mut Draws,
) -> Result<Call<TokenAnswer>, Error> {
    let refresh_token = record.tokens.refresh_token.as_ref();
    let refresh_token = refresh_token.ok_or(Misuse::Missing("refresh token"))?;
    let call = client.refresh(refresh_token, &record.tokens.scopes, None, draws)?;
    Ok(match &record.tokens.id_token {
        Some(id_token) => call.about_subject_of(id_token),
        None => call,
    })
}
