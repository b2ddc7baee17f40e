//! Who sees everything, and says what must not be.

use std::collections::{HashMap, HashSet};

use super::server::{Death, Name, Server};

/// One transaction of one holder, as the observer knows it.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) sent: Option<Name>,
    /// The tokens that were delivered to it.
    pub(super) delivered: Option<Name>,
    /// It was killed after it sent.
    pub(super) crashed: bool,
    /// It was stopped, or suspended, after it had looked at its lease.
    pub(super) stopped: bool,
    /// No answer came that says what became of the refresh token; or one that says that it was not used.
    pub(super) lost: bool,
    /// The store failed it after it sent.
    pub(super) store_failed: bool,
    /// Its refresh token was sent by somebody else too, after it.
    pub(super) doubled: bool,
    /// What it was given is saved: from then on it is the store's.
    pub(super) saved: bool,
    /// Somebody who was thought lost has saved over its claim, and rightly so: what was spent is the same.
    unguarded: bool,
    pub(super) over: bool,
    /// How many rotations of its family had succeeded when something first happened to it after which the family may be ended.
    trouble: Option<u32>,
}

impl Seen {
    /// What it has sent and not yet saved what it gave.
    pub(super) fn under_way(&self) -> Option<Name> {
        self.sent.filter(|_| !self.saved)
    }

    fn is_under_way(&self) -> bool {
        self.under_way().is_some() && !self.over
    }

    /// Whether another may have sent the same refresh token because of it, without breaking a rule.
    fn excuses(&self) -> bool {
        self.crashed || self.stopped || self.lost || self.store_failed || self.unguarded
    }
}

/// What the observer keeps.
#[derive(Debug, Default)]
pub(super) struct Observer {
    /// Whether a refresh token is spent by what it gives. One that is not may be sent again once its sender is done.
    rotates: bool,
    pub(super) transactions: Vec<Seen>,
    senders: HashMap<Name, Vec<usize>>,
    /// Every refresh token that was ever stored: what becomes of it is the store's business.
    stored: HashSet<Name>,
    /// How many rotations of each family have succeeded.
    successes: HashMap<usize, u32>,
    pub(super) violation: Option<String>,
    pub(super) counts: Counts,
}

/// How often something happened, over all schedules.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) schedules: u64,
    pub(super) steps: u64,
    pub(super) requests: u64,
    pub(super) rotations: u64,
    pub(super) doubles: u64,
    pub(super) takeovers: u64,
    pub(super) in_doubt: u64,
    pub(super) refused: u64,
    pub(super) crashes: u64,
    pub(super) challenges: u64,
    pub(super) dropped: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: Self) {
        self.schedules += other.schedules;
        self.steps += other.steps;
        self.requests += other.requests;
        self.rotations += other.rotations;
        self.doubles += other.doubles;
        self.takeovers += other.takeovers;
        self.in_doubt += other.in_doubt;
        self.refused += other.refused;
        self.crashes += other.crashes;
        self.challenges += other.challenges;
        self.dropped += other.dropped;
    }
}

impl Observer {
    pub(super) fn new(rotates: bool) -> Self {
        Self {
            rotates,
            ..Self::default()
        }
    }

    pub(super) fn begin(&mut self) -> usize {
        self.transactions.push(Seen::default());
        self.transactions.len() - 1
    }

    /// A refresh token leaves its holder. `stopped`: it was stopped between the check and this.
    pub(super) fn sends(&mut self, transaction: usize, name: Name, stopped: bool) {
        self.counts.requests += 1;
        let seen = &mut self.transactions[transaction];
        if seen.sent.is_some() {
            self.accuse(format!("transaction {transaction} sent twice"));
            return;
        }
        seen.sent = Some(name);
        seen.stopped |= stopped;
        let is_excused = seen.excuses();
        let before = self.senders.entry(name).or_default();
        if !self.rotates {
            before.retain(|other| self.transactions[*other].is_under_way());
        }
        let unexcused = before
            .iter()
            .find(|other| !self.transactions[**other].excuses())
            .copied();
        for other in before.iter() {
            self.transactions[*other].doubled = true;
        }
        let doubles = !before.is_empty();
        before.push(transaction);
        if doubles {
            self.counts.doubles += 1;
            self.transactions[transaction].doubled = true;
            if let (Some(other), false) = (unexcused, is_excused) {
                self.accuse(format!(
                    "refresh token r{}.{} was sent by transactions {other} and {transaction}, and neither crashed, was stopped or lost an answer",
                    name.0, name.1
                ));
            }
        }
    }

    /// The server wants the request once more, with a nonce: what was sent with it is not spent.
    pub(super) fn challenged(&mut self, transaction: usize) {
        self.counts.challenges += 1;
        if let Some(name) = self.transactions[transaction].sent.take() {
            let senders = self.senders.entry(name).or_default();
            senders.retain(|sender| *sender != transaction);
        }
    }

    /// Something happened to a transaction that has sent, after which the family may be ended.
    pub(super) fn trouble(&mut self, transaction: usize) {
        let seen = &mut self.transactions[transaction];
        if let Some((family, _)) = seen.sent {
            let successes = self.successes.get(&family).copied().unwrap_or(0);
            seen.trouble.get_or_insert(successes);
        }
    }

    /// A transaction is stopped between the check of its lease and the sending.
    pub(super) fn stops_before_sending(&mut self, transaction: usize, (family, _): Name) {
        let successes = self.successes.get(&family).copied().unwrap_or(0);
        self.transactions[transaction]
            .trouble
            .get_or_insert(successes);
    }

    /// A transaction's swap reached the store: with the tokens that it was given, or without.
    pub(super) fn written(&mut self, transaction: usize, name: Option<Name>) {
        self.stored.extend(name);
        if !self.rotates && self.transactions[transaction].excuses() {
            self.unguard(transaction, name);
        }
        let seen = &mut self.transactions[transaction];
        match seen.delivered {
            Some(delivered) if name == Some(delivered) && !seen.saved => {
                seen.saved = true;
                self.counts.rotations += 1;
                *self.successes.entry(delivered.0).or_default() += 1;
            }
            _ => {}
        }
    }

    /// Where nothing is spent, others may be under way with the same refresh token when one that was stopped saves what it was given.
    fn unguard(&mut self, transaction: usize, name: Option<Name>) {
        let others = name.and_then(|name| self.senders.get(&name));
        for other in others.into_iter().flatten() {
            self.transactions[*other].unguarded |= *other != transaction;
        }
    }

    pub(super) fn was_stored(&self, name: Name) -> bool {
        self.stored.contains(&name)
    }

    /// A transaction ended by itself; `adopted`: with tokens.
    pub(super) fn ends(&mut self, transaction: usize, adopted: bool) {
        let seen = &mut self.transactions[transaction];
        seen.over = true;
        // It has seen that it was overtaken, and has put the session in doubt before it used what was there.
        if adopted && seen.doubled && !seen.saved && !seen.store_failed {
            seen.trouble = None;
            self.trouble(transaction);
        }
    }

    /// A holder is told that the session is over, and that nothing here can be why.
    pub(super) fn told_refused(
        &mut self,
        transaction: usize,
        (family, number): Name,
        server: &Server,
    ) {
        self.counts.refused += 1;
        let it = &server.families[family];
        if matches!(it.dead, Some(Death::Consent | Death::Revoked)) {
            return;
        }
        // Whoever sent the refresh token that ended the family.
        let name = (family, it.reused.unwrap_or(number));
        let senders = self.senders.get(&name).into_iter().flatten();
        let troubles = senders.filter_map(|sender| self.transactions[*sender].trouble);
        let total = self.successes.get(&family).copied().unwrap_or(0);
        if let Some(since) = troubles
            .map(|trouble| total - trouble)
            .min()
            .filter(|since| *since < 2)
        {
            self.accuse(format!(
                "transaction {transaction} was told `refused` of family {family} ({:?}), {since} rotations after trouble: a silent loss",
                it.dead
            ));
        }
    }

    /// At the end: tokens that a living holder was given, and that are good, are what is stored.
    pub(super) fn judge_end(
        &mut self,
        server: &Server,
        stored: Option<Name>,
        current_login: Option<usize>,
        revocation_failed: bool,
    ) {
        for (number, seen) in self.transactions.clone().into_iter().enumerate() {
            let (Some((family, token)), true) = (seen.delivered, seen.over) else {
                continue;
            };
            let it = &server.families[family];
            if it.dead.is_some() || it.current != token {
                continue;
            }
            match current_login == Some(family) {
                true if stored != Some((family, token)) && !seen.store_failed => {
                    self.accuse(format!(
                        "transaction {number} was given the good tokens r{family}.{token}, and {stored:?} is stored"
                    ));
                }
                false
                    if !self.stored.contains(&(family, token))
                        && !revocation_failed
                        && !seen.store_failed =>
                {
                    self.accuse(format!(
                        "transaction {number} was given r{family}.{token} of a login that is over, and it is still good"
                    ));
                }
                _ => {}
            }
        }
    }

    pub(super) fn accuse(&mut self, violation: String) {
        self.violation.get_or_insert(violation);
    }
}
