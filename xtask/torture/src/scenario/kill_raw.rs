//! kill -9 at random while a store is written to: every write that was acknowledged is there, nothing is torn, no lock stays.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use hallpass_store::TokenStore;

use crate::account::{Account, Ended, Said};
use crate::backend::Backend;
use crate::ground::Ground;
use crate::process::Process;
use crate::report::{Report, Row};
use crate::worker::{own, shared};

const SLOTS: u64 = 4;

pub(super) fn run(ground: &Ground, report: &mut Report) -> Result<(), String> {
    let kills = ground.size.pick(100, 10_000);
    for backend in ground.durable("kill")? {
        report.add("kill", backend.name(), one(ground, &backend, kills));
    }
    Ok(())
}

fn one(ground: &Ground, backend: &Backend, kills: u64) -> Result<Row, String> {
    let begun = Instant::now();
    let store = ground.open(backend)?;
    let seen = Mutex::new(Seen::default());
    thread::scope(|scope| {
        for slot in 0..SLOTS {
            let (store, seen) = (&*store, &seen);
            scope.spawn(move || {
                let told = Slot::new(ground, backend, slot).run(store, kills / SLOTS);
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                match told {
                    Ok(slot) => seen.add(slot),
                    Err(error) => seen.broken.push(error),
                }
            });
        }
    });
    let mut seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    match ground.mark(&*store, &shared()) {
        Ok(raised) => seen.broken.extend(seen.said.judge_raised(raised)),
        Err(error) => seen.broken.push(error),
    }
    if let Some(failure) = &seen.said.first_failure {
        let failures = seen.said.failures;
        seen.broken
            .push(format!("{failures} operations failed: {failure}"));
    }
    seen.broken.extend(backend.unreadable()?);
    Ok(Row {
        scenario: "kill",
        on: backend.name().to_owned(),
        saw: format!(
            "{} writers killed ({} starting, {} between writes, {} in a write, of which {} landed); {} writes acknowledged, \
             {} by others first; {} lost or unreadable",
            seen.killed(),
            seen.starting,
            seen.idle,
            seen.in_a_write,
            seen.landed,
            seen.said.acknowledged,
            seen.said.conflicts,
            seen.broken.len()
        ),
        killed: seen.killed(),
        broken: seen.broken,
        took: begun.elapsed(),
        ..Row::default()
    })
}

/// What became of all of it.
#[derive(Default)]
struct Seen {
    starting: u64,
    idle: u64,
    in_a_write: u64,
    /// Of the writes under way, how many are there.
    landed: u64,
    said: Said,
    broken: Vec<String>,
}

impl Seen {
    fn killed(&self) -> u64 {
        self.starting + self.idle + self.in_a_write
    }

    fn add(&mut self, other: Seen) {
        self.starting += other.starting;
        self.idle += other.idle;
        self.in_a_write += other.in_a_write;
        self.landed += other.landed;
        self.said.add(&other.said);
        self.broken.extend(other.broken);
    }
}

/// One worker after the other on one key.
struct Slot<'a> {
    ground: &'a Ground,
    store: String,
    slot: u64,
    random: fastrand::Rng,
    account: Account,
    seen: Seen,
}

impl<'a> Slot<'a> {
    fn new(ground: &'a Ground, backend: &Backend, slot: u64) -> Self {
        Slot {
            ground,
            store: backend.to_string(),
            slot,
            random: ground.random(&format!("kill {} {slot}", backend.name())),
            account: Account::new(),
            seen: Seen::default(),
        }
    }

    fn run(mut self, store: &dyn TokenStore, kills: u64) -> Result<Seen, String> {
        for _ in 0..kills {
            let ended = self.live_and_die()?;
            let found = self.ground.mark(store, &own(self.slot))?;
            let allowed = self.account.allows(found);
            match ended {
                Ended::Starting => self.seen.starting += 1,
                Ended::BetweenWrites => self.seen.idle += 1,
                Ended::InAWrite => {
                    self.seen.in_a_write += 1;
                    self.seen.landed += u64::from(allowed == Some(true));
                }
            }
            if allowed.is_none() {
                let (slot, found, owed) = (self.slot, found.shown(), self.account.owed());
                let broken =
                    format!("slot {slot} holds {found} and not {owed}, as was acknowledged");
                self.seen.broken.push(broken);
            }
        }
        self.seen.said = self.account.said().clone();
        Ok(self.seen)
    }

    fn live_and_die(&mut self) -> Result<Ended, String> {
        let seed = self.random.u64(..).to_string();
        let (slot, from) = (self.slot.to_string(), self.account.highest().to_string());
        let words = [
            ("store", &*self.store),
            ("slot", &*slot),
            ("from", &*from),
            ("seed", &*seed),
        ];
        let worker = Process::start("raw", &words)?;
        let mut said = Vec::new();
        // One in eight dies while it starts.
        if self.random.u8(..8) != 0 {
            said.extend(worker.wait_for("ready")?);
            said.push("ready".to_owned());
        }
        thread::sleep(Duration::from_micros(self.random.u64(..12_000)));
        said.extend(worker.kill()?);
        self.account.hear(&said)
    }
}
