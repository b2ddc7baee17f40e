//! Holders, a store, a server, a network and two clocks for each holder, all in one queue of events.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use hallpass_grant::token::{AccessToken, TokenSet};
use hallpass_grant::{
    Client, DpopKey, Endpoint, Lost, RandomError, Request, Response, ServerMetadata, Signature,
    SigningAlgorithm, SigningKeyName,
};
use hallpass_http::{Heard, TransportError, TransportErrorKind};
use hallpass_store::{Entry, Revision, StoreError, StoreErrorKind, SwapError};
use time::UtcDateTime;

use super::chance::Chance;
use super::faults::Faults;
use super::observer::Observer;
use super::server::{self, Death, Name, Reuse, Server};
use crate::rule::Rules;
use crate::transaction::{Input, Need, Outcome, Renewal, Step, Task, Transaction};
use crate::{End, Event, Moment, Record, Refresh, SessionError, Timing, Windows};

/// How long a schedule is, in milliseconds, before everything that goes wrong stops and everybody comes to an end.
const LENGTH: u64 = 300_000;
const MOST_STEPS: u64 = 20_000;
const BEGAN: i64 = 1_700_000_000;
const TEN_YEARS: i64 = 10 * 365 * 86_400_000;

pub(super) struct World {
    now: u64,
    chance: Chance,
    faults: Faults,
    rules: Rules,
    client: Client,
    /// Whether its requests have DPoP proofs.
    is_bound: bool,
    server: Server,
    stored: Option<Entry>,
    /// When what is stored was written.
    written: u64,
    /// When there was nothing stored, last.
    absent: u64,
    /// The family of the login that is stored.
    login: Option<usize>,
    revocation_failed: bool,
    holders: Vec<Holder>,
    queue: BinaryHeap<Reverse<(u64, u64, usize)>>,
    items: Vec<Option<Item>>,
    operations: u64,
    pub(super) observer: Observer,
    pub(super) trace: Option<Vec<String>>,
}

struct Holder {
    /// Counts its lives: what was meant for one before is for nobody.
    life: u64,
    running: Option<Running>,
    stalled_until: u64,
    /// How far its wall clock is from the true time, in milliseconds.
    skew: i64,
    /// How much its steady clock is behind, because it was suspended.
    suspended: u64,
    last: Option<AccessToken>,
}

struct Running {
    transaction: Transaction,
    number: usize,
    kind: Kind,
    began: u64,
    /// The login that was stored when it looked first.
    found: Option<Option<usize>>,
    /// When it last heard of the server.
    heard: u64,
    awaits: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Tokens,
    Login(usize),
    Logout,
}

/// Whom something is for: a holder, in one of its lives, and what it waits for.
#[derive(Clone, Copy, Debug)]
struct For {
    holder: usize,
    life: u64,
    operation: u64,
}

enum Item {
    Begin {
        holder: usize,
        life: u64,
    },
    Tell {
        to: For,
        input: Input,
        granted: Option<Name>,
    },
    Load {
        to: For,
        fails: bool,
    },
    Swap {
        to: For,
        swap: Swap,
        answer: Answer,
    },
    Leave {
        to: For,
        request: Request,
        stopped: bool,
    },
    Arrive {
        to: For,
        name: Name,
        answer: Sent,
    },
    Challenge {
        to: For,
        number: usize,
    },
    Revoke {
        to: For,
        name: Name,
    },
}

struct Swap {
    expected: Option<Revision>,
    new: Option<Entry>,
    kind: Kind,
    /// The login that its holder found when it looked first.
    found: Option<usize>,
    /// Who wrote it, for the observer.
    number: usize,
}

/// What a holder hears of a swap that reached the store.
enum Answer {
    Honest,
    Unknown,
    None,
}

/// What a holder hears of a request that reached the server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Honest,
    Nothing,
    Error,
    Garbage,
}

impl World {
    pub(super) fn new(seed: u64, rules: Rules, traced: bool) -> Self {
        let mut chance = Chance::new(seed);
        let faults = Faults::draw(&mut chance);
        let reuse = match chance.from(0, 10) {
            0..6 => Reuse::Revokes,
            6..8 => Reuse::Grace(chance.from(1_000, 120_000)),
            8 => Reuse::Expects,
            _ => Reuse::Refuses,
        };
        let endpoint = Endpoint::new("https://as.example/token").unwrap();
        let mut metadata = ServerMetadata::default().with_token_endpoint(endpoint);
        metadata.revocation_endpoint = Some(Endpoint::new("https://as.example/revoke").unwrap());
        let skewed = chance.happens(600);
        let holders = (0..chance.from(2, 5)).map(|_| Holder {
            life: 0,
            running: None,
            stalled_until: 0,
            skew: if skewed {
                chance.from(0, 120_000).cast_signed() - 60_000
            } else {
                0
            },
            suspended: 0,
            last: None,
        });
        let holders = holders.collect();
        let lifetime = chance.from(15, 90);
        let client = Client::new(metadata, "client").unwrap();
        let is_bound = chance.happens(300);
        Self {
            now: 0,
            faults,
            rules,
            client: if is_bound { bound(client) } else { client },
            is_bound,
            server: Server {
                reuse,
                revokes_families: chance.happens(500),
                lifetime,
                token_type: if is_bound { "DPoP" } else { "Bearer" },
                families: Vec::new(),
            },
            stored: None,
            written: 0,
            absent: 0,
            login: None,
            revocation_failed: false,
            holders,
            queue: BinaryHeap::new(),
            items: Vec::new(),
            operations: 0,
            observer: Observer::new(reuse != Reuse::Expects),
            trace: traced.then(Vec::new),
            chance,
        }
    }

    /// Runs the schedule to its end, or to the first violation.
    pub(super) fn run(&mut self) {
        self.trace(|world| {
            format!(
                "{:?}, tokens of {} s, {:?}",
                world.server.reuse, world.server.lifetime, world.faults
            )
        });
        self.begin(0, Some(Kind::Login(0)));
        for holder in 0..self.holders.len() {
            let at = self.chance.from(100, 20_000);
            self.at(at, Item::Begin { holder, life: 0 });
        }
        while let Some(Reverse((at, _, place))) = self.queue.pop() {
            self.now = at;
            if at > LENGTH {
                self.faults = Faults::default();
            }
            if let Some(item) = self.items[place].take() {
                self.happens(item);
            }
            self.observer.counts.steps += 1;
            if self.observer.counts.steps > MOST_STEPS {
                self.observer
                    .accuse("no end after 20,000 events".to_owned());
            }
            if self.observer.violation.is_some() {
                return;
            }
        }
        let stored = self.stored.as_ref().and_then(|entry| {
            let record = Record::decode(&entry.bytes).unwrap();
            let ended = matches!(record.refresh, Refresh::Ended(_));
            (!ended).then(|| server::name(record.tokens.refresh_token.unwrap().expose_secret()))
        });
        self.observer
            .judge_end(&self.server, stored, self.login, self.revocation_failed);
        self.observer.counts.schedules = 1;
    }

    fn happens(&mut self, item: Item) {
        match item {
            Item::Begin { holder, life } => {
                if self.holders[holder].life == life && self.holders[holder].running.is_none() {
                    let kind = self.kind();
                    self.begin(holder, kind);
                }
            }
            Item::Tell { to, input, granted } => self.tell(to, input, granted),
            Item::Load { to, fails } => {
                let loaded = match fails {
                    true => Err(broken()),
                    false => Ok(self.stored.clone()),
                };
                let login = self.login;
                if let Some(running) = self.holders[to.holder].running.as_mut().filter(|_| !fails) {
                    running.found.get_or_insert(login);
                }
                self.answer(to, Input::Loaded(loaded), None);
            }
            Item::Swap { to, swap, answer } => self.swap(to, swap, answer),
            Item::Leave {
                to,
                request,
                stopped,
            } => self.leave(to, request, stopped),
            Item::Arrive { to, name, answer } => self.arrive(to, name, answer),
            Item::Challenge { to, number } => {
                self.observer.challenged(number);
                self.trace(|_| format!("server: wants transaction {number} to sign another nonce"));
                let challenge = Input::Heard(Heard::answer(Ok(server::challenge(self.now))));
                self.answer(to, challenge, None);
            }
            Item::Revoke { to, name } => {
                let response = self.server.revoke(name);
                self.trace(|_| format!("server: r{}.{} is revoked", name.0, name.1));
                self.answer(to, Input::Heard(Heard::answer(Ok(response))), None);
            }
        }
    }

    /// What a holder begins next; the user may do something first.
    fn kind(&mut self) -> Option<Kind> {
        if self.chance.happens(self.faults.consent)
            && let Some(family) = self.login
            && self.server.families[family].dead.is_none()
        {
            self.server.families[family].dead = Some(Death::Consent);
            self.trace(|_| format!("the user withdraws consent from family {family}"));
        }
        if self.chance.happens(self.faults.login) {
            return Some(Kind::Login(0));
        }
        if self.chance.happens(self.faults.logout) {
            return Some(Kind::Logout);
        }
        Some(Kind::Tokens)
    }

    fn begin(&mut self, holder: usize, kind: Option<Kind>) {
        if self.chance.happens(self.faults.jump) {
            let jump = self.chance.next().cast_signed() % TEN_YEARS;
            self.holders[holder].skew = jump;
            self.trace(|_| format!("h{holder}: the wall clock jumps to {jump} ms off"));
        }
        let wall = self.moment(holder).wall;
        let (kind, task) = match kind {
            Some(Kind::Login(_)) => {
                let tokens = self.server.log_in(wall);
                let kind = Kind::Login(self.server.families.len() - 1);
                (kind, Task::Login(Box::new(tokens)))
            }
            Some(Kind::Logout) => (
                Kind::Logout,
                Task::Logout {
                    revoke: self.chance.happens(800),
                },
            ),
            _ => (Kind::Tokens, Task::Tokens(self.need(holder))),
        };
        let number = self.observer.begin();
        self.trace(|_| format!("h{holder}: transaction {number}: {}", shown(&task)));
        let seed = self.chance.bytes();
        let transaction = Transaction::new(
            task,
            Renewal::Refresh(self.client.clone()),
            Timing::default(),
            Windows::default(),
            0,
            &mut || Ok::<_, RandomError>(seed),
        );
        let transaction = transaction.unwrap().with_rules(self.rules);
        self.holders[holder].running = Some(Running {
            transaction,
            number,
            kind,
            began: self.now,
            found: None,
            heard: self.now,
            awaits: 0,
        });
        self.step(holder, Input::Begin);
    }

    fn need(&mut self, holder: usize) -> Need {
        let refused = self.holders[holder].last.clone();
        match (self.chance.from(0, 10), refused) {
            (0, _) => Need::New,
            (1, Some(token)) => Need::OtherThan(token),
            _ => Need::Fresh,
        }
    }

    /// Something reaches a holder: unless it is dead, or stopped, or is killed just then.
    fn tell(&mut self, to: For, input: Input, granted: Option<Name>) {
        let For {
            holder,
            life,
            operation,
        } = to;
        let it = &self.holders[holder];
        let is_awaited = it
            .running
            .as_ref()
            .is_some_and(|running| running.awaits == operation);
        if it.life != life || !is_awaited {
            return;
        }
        if it.stalled_until > self.now {
            let until = it.stalled_until;
            self.at(until, Item::Tell { to, input, granted });
            return;
        }
        if self.chance.happens(self.faults.stall) {
            self.stall(holder);
            let until = self.holders[holder].stalled_until;
            self.at(until, Item::Tell { to, input, granted });
            return;
        }
        if self.chance.happens(self.faults.crash) {
            self.crash(holder);
            return;
        }
        if let (Some(name), Some(running)) = (granted, &self.holders[holder].running) {
            self.observer.transactions[running.number].delivered = Some(name);
        }
        self.step(holder, input);
    }

    fn crash(&mut self, holder: usize) {
        let it = &mut self.holders[holder];
        it.life += 1;
        let life = it.life;
        let running = it.running.take();
        self.observer.counts.crashes += 1;
        self.trace(|_| format!("h{holder}: is killed"));
        if let Some(running) = running {
            let seen = &mut self.observer.transactions[running.number];
            if seen.under_way().is_some() {
                seen.crashed = true;
                self.observer.trouble(running.number);
            }
        }
        let at = self.now + self.chance.from(10, 20_000);
        self.at(at, Item::Begin { holder, life });
    }

    fn stall(&mut self, holder: usize) -> u64 {
        let stall = self.chance.from(1_000, 100_000);
        let suspended = self.chance.happens(self.faults.suspend);
        let it = &mut self.holders[holder];
        it.stalled_until = self.now + stall;
        if suspended {
            it.suspended += stall;
        }
        if let Some(running) = &it.running {
            let seen = &mut self.observer.transactions[running.number];
            if seen.under_way().is_some() {
                seen.stopped = true;
                self.observer.trouble(running.number);
            }
        }
        self.trace(|_| {
            format!(
                "h{holder}: is stopped for {stall} ms{}",
                if suspended { ", in suspend" } else { "" }
            )
        });
        stall
    }

    fn moment(&self, holder: usize) -> Moment {
        let it = &self.holders[holder];
        let milliseconds = self.now.cast_signed() + it.skew;
        let began = UtcDateTime::from_unix_timestamp(BEGAN).unwrap();
        let wall = began + time::Duration::milliseconds(milliseconds);
        // A suspend that is still going on has stopped the clock already: nobody looks at it meanwhile.
        let steady = self.now.saturating_sub(it.suspended);
        Moment::new(wall, Duration::from_millis(1_000_000 + steady))
    }

    fn step(&mut self, holder: usize, input: Input) {
        let now = self.moment(holder);
        let Some(mut running) = self.holders[holder].running.take() else {
            return;
        };
        if matches!(input, Input::Heard(_)) {
            running.heard = self.now;
        }
        let step = running.transaction.step(input, now).unwrap();
        let events = running.transaction.take_events();
        let number = running.number;
        if !events.is_empty() {
            self.trace(|_| format!("h{holder}: {events:?}"));
        }
        for event in events {
            match event {
                Event::TakenOver => self.observer.counts.takeovers += 1,
                Event::Dropped => self.observer.counts.dropped += 1,
                Event::NotSaved | Event::NotRevoked => {
                    self.revocation_failed |= event == Event::NotRevoked;
                    self.observer.transactions[number].store_failed = true;
                }
                _ => {}
            }
        }
        self.operations += 1;
        running.awaits = self.operations;
        let to = For {
            holder,
            life: self.holders[holder].life,
            operation: self.operations,
        };
        let kind = running.kind;
        if let Step::Done(outcome) = step {
            self.done(holder, running, outcome);
            return;
        }
        self.holders[holder].running = Some(running);
        match step {
            Step::Load => {
                let fails = self.chance.happens(self.faults.load_failed);
                let takes = self.store_takes(number);
                if fails {
                    let seen = &mut self.observer.transactions[number];
                    seen.store_failed |= seen.sent.is_some();
                }
                self.at(self.now + takes, Item::Load { to, fails });
            }
            Step::Swap { expected, new } => {
                let found = self.holders[holder]
                    .running
                    .as_ref()
                    .and_then(|running| running.found);
                let swap = Swap {
                    expected,
                    new,
                    kind,
                    found: found.flatten(),
                    number,
                };
                self.ask_swap(to, swap);
            }
            Step::Send(request) => {
                let stopped =
                    self.chance.happens(self.faults.stall_after_check) && is_refresh(&request);
                if stopped {
                    self.observer
                        .stops_before_sending(number, sent_in(&request));
                }
                let stall = if stopped { self.stall(holder) } else { 0 };
                self.at(
                    self.now + stall + 1,
                    Item::Leave {
                        to,
                        request,
                        stopped,
                    },
                );
            }
            Step::Wait(duration) => {
                let milliseconds = u64::try_from(duration.as_millis()).unwrap();
                self.at(
                    self.now + milliseconds + 1,
                    Item::Tell {
                        to,
                        input: Input::Woken,
                        granted: None,
                    },
                );
            }
            Step::Tell(_) => self.at(
                self.now,
                Item::Tell {
                    to,
                    input: Input::Told,
                    granted: None,
                },
            ),
            Step::Sign(_) => {
                let signature = Heard::signature(Ok(Signature::new([7; 64])));
                self.answer(to, Input::Heard(signature), None);
            }
            Step::Provide(_) | Step::Done(_) => unreachable!("nothing is provided here"),
        }
    }

    fn done(&mut self, holder: usize, running: Running, outcome: Outcome) {
        let number = running.number;
        self.trace(|_| {
            format!(
                "h{holder}: transaction {number} is over: {}",
                told(&outcome)
            )
        });
        let has_tokens = matches!(outcome, Outcome::Tokens { .. });
        self.observer.ends(number, has_tokens);
        match outcome {
            Outcome::Tokens { record, .. } => {
                self.holders[holder].last = Some(record.tokens.access_token)
            }
            Outcome::Gone => {}
            Outcome::Failed {
                error: SessionError::Ended { .. },
                ..
            } if self.is_good_since(running.heard) => self.observer.accuse(format!(
                "transaction {number} was told that the session is over, and good tokens were stored when the server answered"
            )),
            Outcome::Failed { error, held, .. } => match error {
                SessionError::Missing if self.stored.is_some() && self.absent < running.began => {
                    self.observer.accuse(format!(
                        "transaction {number} found no session, and nobody had logged out"
                    ));
                }
                SessionError::Ended {
                    how: End::Refused, ..
                } => {
                    if let Some(name) = held.and_then(|record| name_in(&record)) {
                        self.observer.told_refused(number, name, &self.server);
                    }
                }
                SessionError::Ended {
                    how: End::InDoubt, ..
                } => self.observer.counts.in_doubt += 1,
                SessionError::Provider(error)
                    if error.refused().is_some_and(|refused| refused.ends_grant()) =>
                {
                    // The store could not tell: the caller has what the server said, and the claim stays.
                }
                _ => {}
            },
        }
        if self.now < LENGTH {
            let life = self.holders[holder].life;
            let at = self.now + self.chance.from(50, 25_000);
            self.at(at, Item::Begin { holder, life });
        }
    }

    /// Whether what is stored was written before that, and the server still takes it.
    fn is_good_since(&self, before: u64) -> bool {
        let record = self.stored.as_ref();
        let record = record.map(|entry| Record::decode(&entry.bytes).unwrap());
        record.is_some_and(|record| {
            let is_over = matches!(record.refresh, Refresh::Ended(_));
            let is_good = name_in(&record).is_some_and(|name| self.server.is_good(name));
            self.written < before && !is_over && is_good
        })
    }

    fn store_takes(&mut self, number: usize) -> u64 {
        if self.chance.happens(self.faults.slow_store) {
            let seen = &mut self.observer.transactions[number];
            seen.store_failed |= seen.sent.is_some();
            return self.chance.from(1_000, 40_000);
        }
        self.chance.from(0, 20)
    }

    fn ask_swap(&mut self, to: For, swap: Swap) {
        let number = swap.number;
        let faults = [
            self.faults.swap_failed,
            self.faults.unknown_written,
            self.faults.unknown_not_written,
            self.faults.unknown_late,
        ];
        let fault = faults.iter().position(|rate| self.chance.happens(*rate));
        let takes = self.store_takes(number);
        let at = self.now + takes;
        if fault.is_some() {
            let seen = &mut self.observer.transactions[number];
            seen.store_failed |= seen.sent.is_some();
        }
        let unknown = || Input::Swapped(Err(SwapError::Unknown(broken())));
        match fault {
            None => self.at(
                at,
                Item::Swap {
                    to,
                    swap,
                    answer: Answer::Honest,
                },
            ),
            Some(0) => {
                let input = Input::Swapped(Err(SwapError::Failed(broken())));
                self.at(
                    at,
                    Item::Tell {
                        to,
                        input,
                        granted: None,
                    },
                );
            }
            Some(1) => self.at(
                at,
                Item::Swap {
                    to,
                    swap,
                    answer: Answer::Unknown,
                },
            ),
            Some(2) => self.at(
                at,
                Item::Tell {
                    to,
                    input: unknown(),
                    granted: None,
                },
            ),
            Some(_) => {
                self.at(
                    at,
                    Item::Tell {
                        to,
                        input: unknown(),
                        granted: None,
                    },
                );
                let late = at + self.chance.from(1, 40_000);
                self.at(
                    late,
                    Item::Swap {
                        to,
                        swap,
                        answer: Answer::None,
                    },
                );
            }
        }
    }

    fn swap(&mut self, to: For, swap: Swap, answer: Answer) {
        let revision = self.stored.as_ref().map(|entry| entry.revision);
        let fits = revision == swap.expected;
        if fits {
            self.check_write(&swap);
            self.observer
                .written(swap.number, swap.new.as_ref().and_then(name_of));
            self.trace(|_| {
                format!(
                    "store: transaction {} writes {}",
                    swap.number,
                    stored_form(&swap.new)
                )
            });
            if swap.new.is_none() || self.stored.is_none() {
                self.absent = self.now;
            }
            self.stored = swap.new;
            self.written = self.now;
            match swap.kind {
                Kind::Login(family) => self.login = Some(family),
                Kind::Logout => self.login = None,
                Kind::Tokens => {}
            }
        }
        let outcome = match (answer, fits) {
            (Answer::Honest, true) => Ok(()),
            (Answer::Honest, false) => Err(SwapError::Conflict),
            (Answer::Unknown, _) => Err(SwapError::Unknown(broken())),
            (Answer::None, _) => return,
        };
        self.answer(to, Input::Swapped(outcome), None);
    }

    /// Whoever sends has a claim, and so much is left of the lease that others read that the whole request fits in.
    fn check_lease(&mut self, number: usize) {
        let entry = self.stored.as_ref();
        let record = entry.map(|entry| Record::decode(&entry.bytes).unwrap());
        let Some(Refresh::Claimed { lease, .. }) = record.map(|record| record.refresh) else {
            return;
        };
        let ends = self.written + u64::try_from(lease.as_millis()).unwrap();
        if self.now + 15_000 > ends {
            self.observer.accuse(format!(
                "transaction {number} sent, and its lease may end before its request"
            ));
        }
    }

    /// What a refresh may write: nothing where nothing is, and nothing of another login.
    fn check_write(&mut self, swap: &Swap) {
        let number = swap.number;
        match swap.kind {
            Kind::Login(family) if self.observer.was_stored((family, 0)) => {
                self.observer
                    .accuse(format!("transaction {number} wrote its login twice"));
            }
            Kind::Logout if swap.found != self.login => {
                self.observer.accuse(format!(
                    "transaction {number} ended a login that came after it"
                ));
            }
            _ => {}
        }
        let (Kind::Tokens, Some(entry)) = (swap.kind, &swap.new) else {
            return;
        };
        let record = Record::decode(&entry.bytes).unwrap();
        let family = family_of(&record.tokens);
        if self.stored.is_none() {
            let number = swap.number;
            self.observer.accuse(format!(
                "transaction {number} brought a session back that was logged out"
            ));
        } else if family != self.login {
            let number = swap.number;
            self.observer.accuse(format!(
                "transaction {number} saved tokens of another login"
            ));
        }
    }

    /// A request leaves its holder.
    fn leave(&mut self, to: For, request: Request, stopped: bool) {
        let For {
            holder,
            life,
            operation,
        } = to;
        let it = &self.holders[holder];
        let Some(running) = it
            .running
            .as_ref()
            .filter(|running| it.life == life && running.awaits == operation)
        else {
            return;
        };
        let number = running.number;
        let name = sent_in(&request);
        let limit = self.now + 15_000;
        if !is_refresh(&request) {
            if running.kind == Kind::Tokens && self.login == Some(name.0) {
                let revokes = "revokes tokens of the session that is stored";
                self.observer
                    .accuse(format!("transaction {number} {revokes}"));
            }
            match self.chance.happens(self.faults.answer_lost) {
                true => {
                    self.revocation_failed = true;
                    self.at(
                        limit,
                        Item::Tell {
                            to,
                            input: late(),
                            granted: None,
                        },
                    );
                }
                false => self.at(self.now + 50, Item::Revoke { to, name }),
            }
            return;
        }
        if self.chance.happens(self.faults.not_sent) {
            self.trace(|_| format!("h{holder}: r{}.{} is not sent", name.0, name.1));
            let error = TransportError::new(
                TransportErrorKind::Connect,
                Lost::NotSent,
                request.endpoint(),
            );
            let input = Input::Heard(Heard::answer(Err(error)));
            self.at(
                self.now + 10,
                Item::Tell {
                    to,
                    input,
                    granted: None,
                },
            );
            return;
        }
        self.trace(|_| format!("h{holder}: sends r{}.{}", name.0, name.1));
        if !stopped {
            self.check_lease(number);
        }
        self.observer.sends(number, name, stopped);
        let travels = match self.chance.happens(100) {
            true => self.chance.from(1, 14_900),
            false => self.chance.from(1, 200),
        };
        let faults = [
            self.faults.never_arrives,
            self.faults.arrives_late,
            self.faults.answer_lost,
            self.faults.error_before,
            self.faults.error_after,
            self.faults.garbage,
            self.faults.slow_down,
        ];
        let fault = faults.iter().position(|rate| self.chance.happens(*rate));
        let arrives = self.now + travels;
        if fault.is_none() && self.is_bound && self.chance.happens(self.faults.challenge) {
            self.at(arrives, Item::Challenge { to, number });
            return;
        }
        if fault.is_some() {
            self.observer.transactions[number].lost = true;
            if fault != Some(6) {
                self.observer.trouble(number);
            }
        }
        self.at(
            limit,
            Item::Tell {
                to,
                input: late(),
                granted: None,
            },
        );
        match fault {
            None => self.at(
                arrives,
                Item::Arrive {
                    to,
                    name,
                    answer: Sent::Honest,
                },
            ),
            Some(0) => {}
            Some(1) => {
                let at = limit + self.chance.from(1, 60_000);
                self.at(
                    at,
                    Item::Arrive {
                        to,
                        name,
                        answer: Sent::Nothing,
                    },
                );
            }
            Some(2) => self.at(
                arrives,
                Item::Arrive {
                    to,
                    name,
                    answer: Sent::Nothing,
                },
            ),
            Some(3) => {
                let input = Input::Heard(Heard::answer(Ok(Response::new(503))));
                self.at(
                    arrives,
                    Item::Tell {
                        to,
                        input,
                        granted: None,
                    },
                );
            }
            Some(4) => self.at(
                arrives,
                Item::Arrive {
                    to,
                    name,
                    answer: Sent::Error,
                },
            ),
            Some(5) => self.at(
                arrives,
                Item::Arrive {
                    to,
                    name,
                    answer: Sent::Garbage,
                },
            ),
            Some(_) => {
                let response = server::json(429).with_header("retry-after", "5");
                let input = Input::Heard(Heard::answer(Ok(response)));
                self.at(
                    arrives,
                    Item::Tell {
                        to,
                        input,
                        granted: None,
                    },
                );
            }
        }
    }

    fn arrive(&mut self, to: For, name: Name, answer: Sent) {
        let (response, rotated) = self.server.refresh(name, self.now);
        let status = response.status();
        self.trace(|_| {
            let does = if rotated { "rotates" } else { "answers" };
            format!("server: {does} r{}.{} with {status}", name.0, name.1)
        });
        let granted = (status == 200).then(|| (name.0, self.server.families[name.0].current));
        let response = match answer {
            Sent::Honest => response,
            Sent::Nothing => return,
            Sent::Error => Response::new(502),
            Sent::Garbage => Response::new(200).with_body("<html>".to_owned()),
        };
        let granted = granted.filter(|_| answer == Sent::Honest);
        self.answer(to, Input::Heard(Heard::answer(Ok(response))), granted);
    }

    fn answer(&mut self, to: For, input: Input, granted: Option<Name>) {
        let takes = self.chance.from(0, 20);
        self.at(self.now + takes, Item::Tell { to, input, granted });
    }

    fn at(&mut self, at: u64, item: Item) {
        self.items.push(Some(item));
        let place = self.items.len() - 1;
        self.queue
            .push(Reverse((at, u64::try_from(place).unwrap(), place)));
    }

    fn trace(&mut self, line: impl FnOnce(&Self) -> String) {
        if self.trace.is_some() {
            let line = format!("{:>9} ms  {}", self.now, line(self));
            if let Some(trace) = &mut self.trace {
                trace.push(line);
            }
        }
    }
}

fn bound(client: Client) -> Client {
    let name = SigningKeyName::new(SigningAlgorithm::Es256, "key");
    // RFC 7517, appendix A.1.
    let jwk = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;
    client.with_dpop(DpopKey::new(name, jwk).unwrap()).unwrap()
}

fn broken() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, "the store does not answer")
}

fn late() -> Input {
    Input::Heard(Heard::late("no answer came in the time there was"))
}

fn is_refresh(request: &Request) -> bool {
    request.endpoint().as_str().ends_with("/token")
}

/// The refresh token that a request is about.
fn sent_in(request: &Request) -> Name {
    server::name(std::str::from_utf8(request.body().expose_secret()).unwrap())
}

fn family_of(tokens: &TokenSet) -> Option<usize> {
    let token = tokens.refresh_token.as_ref()?;
    Some(server::name(token.expose_secret()).0)
}

/// The refresh token in an entry.
fn name_of(entry: &Entry) -> Option<Name> {
    name_in(&Record::decode(&entry.bytes).ok()?)
}

fn name_in(record: &Record) -> Option<Name> {
    let token = record.tokens.refresh_token.as_ref()?;
    Some(server::name(token.expose_secret()))
}

fn shown(task: &Task) -> String {
    match task {
        Task::Tokens(Need::Fresh) => "wants tokens".to_owned(),
        Task::Tokens(need) => format!("wants tokens ({need:?})"),
        Task::Login(tokens) => format!("logs in, family {:?}", family_of(tokens)),
        Task::Logout { revoke } => format!("logs out{}", if *revoke { " and revokes" } else { "" }),
    }
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Tokens { record, .. } => format!("tokens {}", of(record)),
        Outcome::Gone => "nothing is stored".to_owned(),
        Outcome::Failed { error, .. } => format!("{error}"),
    }
}

fn stored_form(entry: &Option<Entry>) -> String {
    match entry {
        Some(entry) => of(&Record::decode(&entry.bytes).unwrap()),
        None => "nothing".to_owned(),
    }
}

fn of(record: &Record) -> String {
    let token = record.tokens.refresh_token.as_ref();
    let token = token.map_or("-", |token| token.expose_secret());
    format!("{token}, doubt {}, {:?}", record.doubt, record.refresh)
}
