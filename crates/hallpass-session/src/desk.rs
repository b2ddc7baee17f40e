//! What all callers of one session in one process share: what is cached, the refresh that is under way, and what failed a moment ago.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;
use hallpass_grant::token::AccessToken;

use crate::tokens::Cached;
use crate::transaction::{Need, Outcome};
use crate::{Moment, Record, SessionError, Window, Windows};

/// What came of a flight for everybody who waited for it.
pub(crate) type Landed = Result<Arc<Cached>, SessionError>;

/// What all callers share. `F` is a handle on a transaction that is under way, to be waited on.
///
/// It does no I/O and waits for nothing: the lock is held for as long as it takes to look.
pub(crate) struct Desk<F> {
    pub(crate) cached: ArcSwapOption<Cached>,
    state: Mutex<State<F>>,
    windows: Windows,
    recheck: Duration,
}

struct State<F> {
    flight: Option<Flight<F>>,
    /// What failed, and until when (by the steady clock) nobody tries again.
    quiet: Option<(Duration, SessionError)>,
    failures: u32,
    /// Counts logins and logouts: what a flight of before brings is nobody's.
    epoch: u64,
    /// When the store was looked at last, by the steady clock.
    looked: Duration,
    /// Counts flights.
    flights: u64,
    /// The token that a refusal was answered with last, and when (by the steady clock).
    after_refusal: Option<(AccessToken, Duration)>,
}

struct Flight<F> {
    handle: F,
    number: u64,
    /// It has told its tokens and goes on trying to save them.
    is_saving: bool,
}

/// What a caller wants.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    /// Tokens that can be used.
    Usable,
    /// Others than this one, which was refused.
    OtherThan(AccessToken),
    /// New ones: others than this one, if there is one at hand.
    New(Option<AccessToken>),
}

/// What a caller does.
pub(crate) enum Advice<F> {
    /// Uses these.
    Use(Arc<Cached>),
    /// Waits for what is under way.
    Join(F),
    /// Begins a transaction. These are good meanwhile.
    Begin(Ticket, Option<Arc<Cached>>),
    /// There are none.
    Fail(SessionError),
}

/// The right to begin a transaction.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) need: Need,
    pub(crate) failures: u32,
    epoch: u64,
    number: u64,
}

/// How long the token that a refusal was answered with is given out again, if it is refused in its turn: an API that refuses everything
/// must not cost a refresh for each of its requests.
const REFUSED_AGAIN: Duration = Duration::from_secs(10);

/// Where nobody says how long what was read is used: a hundred years.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

impl<F: Clone> Desk<F> {
    pub(crate) fn new(windows: Windows, recheck: Duration) -> Self {
        Self {
            cached: ArcSwapOption::empty(),
            state: Mutex::new(State {
                flight: None,
                quiet: None,
                failures: 0,
                epoch: 0,
                looked: Duration::ZERO,
                flights: 0,
                after_refusal: None,
            }),
            windows,
            recheck,
        }
    }

    pub(crate) fn windows(&self) -> Windows {
        self.windows
    }

    /// What a caller does now. Where it begins a transaction, others find `flight`.
    pub(crate) fn advise(&self, ask: &Ask, now: Moment, flight: &F) -> Advice<F> {
        let mut state = self.state();
        let cached = self.cached.load_full();
        let window = cached.as_ref().map(|cached| self.window(cached, now));
        let quiet = state.quiet(now);
        let (need, meanwhile) = match (ask, window, cached) {
            (Ask::Usable, Some(Window::Fresh | Window::Advisory), Some(cached)) => {
                let is_due = window != Some(Window::Fresh) || !cached.is_ready(now.wall.into());
                if !is_due || state.flight.is_some() {
                    return Advice::Use(cached);
                }
                (Need::Fresh, Some(cached))
            }
            (Ask::Usable, Some(Window::Mandatory), Some(cached)) => match &state.flight {
                Some(flight) if flight.is_saving => return Advice::Use(cached),
                _ => (Need::Fresh, quiet.is_some().then_some(cached)),
            },
            (Ask::Usable, _, _) => (Need::Fresh, None),
            (Ask::OtherThan(refused), window, Some(cached)) if window < Some(Window::Expired) => {
                if cached.tokens.access_token != *refused || state.is_refused_again(refused, now) {
                    return Advice::Use(cached);
                }
                (Need::OtherThan(refused.clone()), None)
            }
            (Ask::OtherThan(refused), _, _) => (Need::OtherThan(refused.clone()), None),
            (Ask::New(_), _, _) => (Need::New, None),
        };
        let looked = now.steady.saturating_sub(state.looked) < self.recheck;
        let need = match (&state.flight, quiet, meanwhile.as_ref()) {
            (Some(flight), _, _) if flight.is_saving => {
                let cached = self.cached.load();
                let unsaved = cached.as_ref().and_then(|cached| cached.unsaved.clone());
                return Advice::Fail(unsaved.unwrap_or(SessionError::Abandoned));
            }
            (Some(flight), _, _) => return Advice::Join(flight.handle.clone()),
            (None, Some(_), Some(cached)) if looked => return Advice::Use(Arc::clone(cached)),
            (None, Some(error), None) if looked => return Advice::Fail(error),
            // The server is left alone, the store is not: somebody may have logged in or out.
            (None, Some(_), _) => Need::Stored,
            (None, None, _) => need,
        };
        state.looked = now.steady;
        Advice::Begin(state.take_off(need, flight), meanwhile)
    }

    /// Whether what a flight that others began has brought will do for this caller; else it asks again.
    pub(crate) fn will_do(&self, ask: &Ask, cached: &Cached, now: Moment) -> bool {
        match ask {
            Ask::OtherThan(refused) => {
                cached.tokens.access_token != *refused
                    || self.state().is_refused_again(refused, now)
            }
            Ask::New(Some(before)) => cached.tokens.access_token != *before,
            Ask::Usable | Ask::New(None) => true,
        }
    }

    /// What a caller has after a flight that failed: what is good still, or the error.
    pub(crate) fn fall_back(&self, ask: &Ask, error: SessionError, now: Moment) -> Landed {
        let cached = self.cached.load_full();
        match (ask, cached) {
            (Ask::Usable, Some(cached)) if self.window(&cached, now) < Window::Expired => {
                Ok(cached)
            }
            (_, _) => Err(error),
        }
    }

    /// Puts down what a transaction has come to, and says what its callers get. `None`: a login or a logout came in between, and they
    /// ask again.
    pub(crate) fn land(&self, outcome: Outcome, ticket: &Ticket, now: Moment) -> Option<Landed> {
        let mut state = self.state();
        if state.epoch != ticket.epoch {
            return None;
        }
        state.flight = None;
        Some(self.put_down(&mut state, outcome, ticket, now))
    }

    /// The same for tokens that are not saved yet: the transaction goes on.
    pub(crate) fn land_unsaved(
        &self,
        outcome: Outcome,
        ticket: &Ticket,
        now: Moment,
    ) -> Option<Landed> {
        let mut state = self.state();
        if state.epoch != ticket.epoch {
            return None;
        }
        if let Some(flight) = &mut state.flight {
            flight.is_saving = true;
        }
        Some(self.put_down(&mut state, outcome, ticket, now))
    }

    fn put_down(
        &self,
        state: &mut State<F>,
        outcome: Outcome,
        ticket: &Ticket,
        now: Moment,
    ) -> Landed {
        match outcome {
            Outcome::Tokens {
                record, unsaved, ..
            } => {
                let cached = self.cache(*record, unsaved, now);
                if !matches!(ticket.need, Need::Stored)
                    || self.window(&cached, now) == Window::Fresh
                {
                    state.failures = 0;
                    state.quiet = None;
                }
                if let Need::OtherThan(_) = ticket.need {
                    state.after_refusal = Some((cached.tokens.access_token.clone(), now.steady));
                }
                Ok(cached)
            }
            Outcome::Gone => {
                self.cached.store(None);
                Err(SessionError::Missing)
            }
            // Only the store was looked at, and there is nothing better: what failed before is why.
            Outcome::Failed {
                error: error @ (SessionError::NotBefore { .. } | SessionError::Store(_)),
                ..
            } if matches!(ticket.need, Need::Stored) => Err(state.quiet(now).unwrap_or(error)),
            Outcome::Failed { error, held, pause } => {
                // Only what can be asked again at once is not remembered: that there is no session, for one.
                let until = now.steady.saturating_add(pause);
                state.quiet = (!pause.is_zero()).then(|| (until, error.clone()));
                if matches!(error, SessionError::Provider(_)) {
                    state.failures = state.failures.saturating_add(1);
                }
                match (&error, held) {
                    (SessionError::Ended { .. } | SessionError::Record(_), _)
                    | (SessionError::Missing, None) => self.cached.store(None),
                    (_, Some(record)) if matches!(ticket.need, Need::Fresh) => {
                        self.cache(*record, None, now);
                    }
                    (_, _) => {}
                }
                Err(error)
            }
        }
    }

    /// The transaction is under way no more, whether or not it has landed.
    pub(crate) fn leave(&self, ticket: &Ticket) {
        let mut state = self.state();
        if state
            .flight
            .as_ref()
            .is_some_and(|flight| flight.number == ticket.number)
        {
            state.flight = None;
        }
    }

    /// A login or a logout begins: what was known is nobody's any more, and whoever asks waits for `flight`.
    pub(crate) fn turn(&self, flight: &F) -> Ticket {
        let mut state = self.state();
        state.epoch += 1;
        state.quiet = None;
        state.failures = 0;
        state.after_refusal = None;
        self.cached.store(None);
        state.take_off(Need::Fresh, flight)
    }

    /// Nothing panics while it holds the lock; if something did, what is there is whole.
    fn state(&self) -> MutexGuard<'_, State<F>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cache(&self, record: Record, unsaved: Option<SessionError>, now: Moment) -> Arc<Cached> {
        let wall = SystemTime::from(now.wall);
        let lasts = match self.windows.bounds(&record.tokens, record.obtained_at) {
            Some([advisory, ..]) => {
                Duration::try_from(advisory - now.wall).unwrap_or(Duration::ZERO)
            }
            None => Duration::MAX,
        };
        let lasts = lasts.min(self.recheck).min(LONGEST);
        let cached = Arc::new(Cached::new(record, unsaved, wall, lasts));
        self.cached.store(Some(Arc::clone(&cached)));
        cached
    }

    fn window(&self, cached: &Cached, now: Moment) -> Window {
        self.windows
            .of(&cached.tokens, cached.obtained_at, now.wall)
    }
}

impl<F: Clone> State<F> {
    fn take_off(&mut self, need: Need, flight: &F) -> Ticket {
        self.flights += 1;
        self.flight = Some(Flight {
            handle: F::clone(flight),
            number: self.flights,
            is_saving: false,
        });
        Ticket {
            need,
            failures: self.failures,
            epoch: self.epoch,
            number: self.flights,
        }
    }

    fn quiet(&mut self, now: Moment) -> Option<SessionError> {
        match &self.quiet {
            Some((until, error)) if now.steady < *until => Some(error.clone()),
            _ => None,
        }
    }

    fn is_refused_again(&self, refused: &AccessToken, now: Moment) -> bool {
        self.after_refusal.as_ref().is_some_and(|(token, at)| {
            token == refused && now.steady.saturating_sub(*at) < REFUSED_AGAIN
        })
    }
}

#[cfg(test)]
mod tests {
    use hallpass_grant::token::TokenSet;
    use hallpass_store::{StoreError, StoreErrorKind};
    use time::UtcDateTime;

    use super::*;
    use crate::{Login, Owner};

    fn at(seconds: u64) -> Moment {
        let wall = UtcDateTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds);
        Moment::new(wall, Duration::from_secs(seconds))
    }

    fn desk() -> Desk<u32> {
        Desk::new(Windows::default(), Duration::from_secs(60))
    }

    fn tokens(name: &str, unsaved: bool) -> Outcome {
        let end = at(0).wall + Duration::from_secs(3600);
        let tokens = TokenSet::bearer(name).unwrap().with_expiry(end);
        let record = Record::new(Owner::named("test"), Login::UNKNOWN, tokens, at(0).wall);
        let why = StoreError::new(StoreErrorKind::Unavailable, "the disk is full");
        Outcome::Tokens {
            record: Box::new(record),
            obtained: true,
            unsaved: unsaved.then(|| why.into()),
        }
    }

    fn begun(advice: Advice<u32>) -> Ticket {
        match advice {
            Advice::Begin(ticket, _) => ticket,
            _ => panic!("nothing was begun"),
        }
    }

    #[test]
    fn a_leader_that_leaves_late_takes_nothing_from_the_next() {
        let desk = desk();
        let first = begun(desk.advise(&Ask::Usable, at(0), &1));
        desk.land(tokens("a", false), &first, at(0));
        let second = begun(desk.advise(&Ask::New(None), at(1), &2));
        desk.leave(&first);
        assert!(matches!(
            desk.advise(&Ask::New(None), at(1), &3),
            Advice::Join(2)
        ));
        desk.leave(&second);
        begun(desk.advise(&Ask::New(None), at(1), &4));
    }

    #[test]
    fn new_tokens_are_others_than_those_at_hand_whatever_others_have_begun() {
        let desk = desk();
        let look = begun(desk.advise(&Ask::Usable, at(0), &1));
        let Some(Ok(cached)) = desk.land(tokens("a", false), &look, at(0)) else {
            panic!("nothing landed");
        };
        let ask = Ask::New(Some(cached.tokens.access_token.clone()));
        assert!(!desk.will_do(&ask, &cached, at(0)));
        assert!(desk.will_do(&Ask::Usable, &cached, at(0)));
    }

    #[test]
    fn while_a_save_is_tried_again_what_is_good_is_used_and_nothing_else_is_begun() {
        let desk = desk();
        let ticket = begun(desk.advise(&Ask::Usable, at(0), &1));
        desk.land_unsaved(tokens("a", true), &ticket, at(0));
        for seconds in [10, 3590] {
            assert!(matches!(
                desk.advise(&Ask::Usable, at(seconds), &2),
                Advice::Use(_)
            ));
        }
        for ask in [Ask::Usable, Ask::New(None)] {
            let advice = desk.advise(&ask, at(3601), &2);
            assert!(matches!(advice, Advice::Fail(SessionError::Store(_))));
        }
    }

    #[test]
    fn what_a_flight_of_before_a_login_brings_is_nobodys() {
        let desk = desk();
        let before = begun(desk.advise(&Ask::Usable, at(0), &1));
        let login = desk.turn(&2);
        assert!(desk.land(tokens("old", false), &before, at(0)).is_none());
        assert!(desk.cached.load().is_none());
        assert!(matches!(
            desk.advise(&Ask::Usable, at(0), &3),
            Advice::Join(2)
        ));
        desk.land(tokens("new", false), &login, at(0));
        assert!(matches!(
            desk.advise(&Ask::Usable, at(0), &3),
            Advice::Use(_)
        ));
    }
}
