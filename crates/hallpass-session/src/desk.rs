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
    /// The token that a refusal was answered with last, and when (by the steady clock).
    after_refusal: Option<(AccessToken, Duration)>,
}

struct Flight<F> {
    handle: F,
    epoch: u64,
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
    /// New ones.
    New,
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
    pub(crate) epoch: u64,
}

/// How long the token that a refusal was answered with is given out again, if it is refused in its turn: an API that refuses everything
/// must not cost a refresh for each of its requests.
const REFUSED_AGAIN: Duration = Duration::from_secs(10);

impl<F: Clone> Desk<F> {
    pub(crate) fn new(windows: Windows, recheck: Duration) -> Self {
        Self {
            cached: ArcSwapOption::empty(),
            state: Mutex::new(State {
                flight: None,
                quiet: None,
                failures: 0,
                epoch: 0,
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
                if !is_due || state.flight.is_some() || quiet.is_some() {
                    return Advice::Use(cached);
                }
                (Need::Fresh, Some(cached))
            }
            (Ask::Usable, Some(Window::Mandatory), Some(cached))
                if quiet.is_some() && state.flight.is_none() =>
            {
                return Advice::Use(cached);
            }
            (Ask::Usable, _, _) => (Need::Fresh, None),
            (Ask::OtherThan(refused), window, Some(cached)) if window < Some(Window::Expired) => {
                if cached.tokens.access_token != *refused || state.is_refused_again(refused, now) {
                    return Advice::Use(cached);
                }
                (Need::OtherThan(refused.clone()), None)
            }
            (Ask::OtherThan(refused), _, _) => (Need::OtherThan(refused.clone()), None),
            (Ask::New, _, _) => (Need::New, None),
        };
        match (&state.flight, quiet) {
            (Some(flight), _) if flight.is_saving => {
                let cached = self.cached.load();
                let unsaved = cached.as_ref().and_then(|cached| cached.unsaved.clone());
                Advice::Fail(unsaved.unwrap_or(SessionError::Missing))
            }
            (Some(flight), _) => Advice::Join(flight.handle.clone()),
            (None, Some(error)) => Advice::Fail(error),
            (None, None) => {
                let epoch = state.epoch;
                state.flight = Some(Flight {
                    handle: F::clone(flight),
                    epoch,
                    is_saving: false,
                });
                let failures = state.failures;
                let ticket = Ticket {
                    need,
                    failures,
                    epoch,
                };
                Advice::Begin(ticket, meanwhile)
            }
        }
    }

    /// Whether what a flight brought will do for this caller; else it asks again.
    pub(crate) fn will_do(&self, ask: &Ask, cached: &Cached, now: Moment) -> bool {
        match ask {
            Ask::OtherThan(refused) => {
                cached.tokens.access_token != *refused
                    || self.state().is_refused_again(refused, now)
            }
            Ask::Usable | Ask::New => true,
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
                state.failures = 0;
                state.quiet = None;
                let cached = self.cache(*record, unsaved, now);
                if let Need::OtherThan(_) = ticket.need {
                    state.after_refusal = Some((cached.tokens.access_token.clone(), now.steady));
                }
                Ok(cached)
            }
            Outcome::Gone => {
                self.cached.store(None);
                Err(SessionError::Missing)
            }
            Outcome::Failed { error, held, pause } => {
                if !pause.is_zero() {
                    state.quiet = Some((now.steady.saturating_add(pause), error.clone()));
                }
                if matches!(error, SessionError::Provider(_)) {
                    state.failures = state.failures.saturating_add(1);
                }
                match (&error, held) {
                    (
                        SessionError::Missing
                        | SessionError::Ended { .. }
                        | SessionError::Record(_),
                        _,
                    ) => {
                        self.cached.store(None);
                    }
                    (_, Some(record)) if matches!(ticket.need, Need::Fresh) => {
                        self.cache(*record, None, now);
                    }
                    (_, _) => {}
                }
                Err(error)
            }
        }
    }

    /// Nothing is under way any more.
    pub(crate) fn leave(&self, ticket: &Ticket) {
        let mut state = self.state();
        if state
            .flight
            .as_ref()
            .is_some_and(|flight| flight.epoch == ticket.epoch)
        {
            state.flight = None;
        }
    }

    /// A login or a logout begins: what was known is nobody's any more, and whoever asks waits for `flight`.
    pub(crate) fn turn(&self, flight: &F) -> Ticket {
        let mut state = self.state();
        state.epoch += 1;
        state.flight = Some(Flight {
            handle: F::clone(flight),
            epoch: state.epoch,
            is_saving: false,
        });
        state.quiet = None;
        state.failures = 0;
        state.after_refusal = None;
        self.cached.store(None);
        Ticket {
            need: Need::Fresh,
            failures: 0,
            epoch: state.epoch,
        }
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
        let cached = Arc::new(Cached::new(record, unsaved, wall, lasts.min(self.recheck)));
        self.cached.store(Some(Arc::clone(&cached)));
        cached
    }

    fn window(&self, cached: &Cached, now: Moment) -> Window {
        self.windows
            .of(&cached.tokens, cached.obtained_at, now.wall)
    }
}

impl<F> State<F> {
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
