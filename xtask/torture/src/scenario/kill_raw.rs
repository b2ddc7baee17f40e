//! kill -9 at random while a store is written to: every write that was acknowledged is there, nothing is torn, no lock stays.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use hallpass_store::TokenStore;

use crate::backend::Backend;
use crate::ground::Ground;
use crate::mark::Mark;
use crate::process::Process;
use crate::report::Row;
use crate::worker::{own, shared};

const SLOTS: u64 = 4;

pub(super) fn run(ground: &Ground) -> Result<Vec<Row>, String> {
    let kills = ground.size.pick(100, 10_000);
    let durable = ground.durable("kill")?;
    let rows = durable.iter().map(|backend| one(ground, backend, kills));
    rows.collect()
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
                let mut seen = seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                match told {
                    Ok(slot) => seen.add(slot),
                    Err(error) => seen.broken.push(error),
                }
            });
        }
    });
    let mut seen = seen
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let raised = ground.wait_for(store.load(&shared()));
    match raised
        .map_err(|error| error.to_string())
        .and_then(|entry| Mark::of(entry.as_ref()))
    {
        Ok(raised) => {
            let raised = raised.number();
            if raised < seen.raised || raised > seen.raised + seen.maybe_raised {
                seen.broken.push(format!(
                    "the shared number is {raised}, though {} were acknowledged and {} were under way",
                    seen.raised, seen.maybe_raised
                ));
            }
        }
        Err(error) => seen
            .broken
            .push(format!("the shared entry cannot be read: {error}")),
    }
    seen.broken.extend(backend.unreadable()?);
    Ok(Row {
        scenario: "kill",
        on: backend.name().to_owned(),
        saw: format!(
            "{} killed ({} starting, {} between writes, {} in a write, of which {} written); {} writes acknowledged, \
             {} by others first; {} lost or unreadable",
            seen.killed(),
            seen.starting,
            seen.idle,
            seen.in_a_write,
            seen.written,
            seen.acknowledged,
            seen.conflicts,
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
    /// Of those under way, how many are there.
    written: u64,
    acknowledged: u64,
    conflicts: u64,
    raised: u64,
    maybe_raised: u64,
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
        self.written += other.written;
        self.acknowledged += other.acknowledged;
        self.conflicts += other.conflicts;
        self.raised += other.raised;
        self.maybe_raised += other.maybe_raised;
        self.broken.extend(other.broken);
    }
}

/// One worker after the other on one key.
struct Slot<'a> {
    ground: &'a Ground,
    store: String,
    slot: u64,
    random: fastrand::Rng,
    /// What the key may hold: the last write that was acknowledged, and every one tried since. A write under way when its
    /// worker was killed may land later; it cannot once another is acknowledged.
    may_hold: Vec<Mark>,
    highest: u64,
    seen: Seen,
}

impl<'a> Slot<'a> {
    fn new(ground: &'a Ground, backend: &Backend, slot: u64) -> Self {
        Slot {
            ground,
            store: backend.to_string(),
            slot,
            random: ground.random(&format!("kill {} {slot}", backend.name())),
            may_hold: vec![Mark::Absent],
            highest: 0,
            seen: Seen::default(),
        }
    }

    fn run(mut self, store: &dyn TokenStore, kills: u64) -> Result<Seen, String> {
        for _ in 0..kills {
            self.live_and_die()?;
            let stored = self.ground.wait_for(store.load(&own(self.slot)));
            let found = stored.map_err(|error| format!("slot {}: {error}", self.slot))?;
            let found = Mark::of(found.as_ref())?;
            if !self.may_hold.contains(&found) {
                self.seen.broken.push(format!(
                    "slot {} holds {found:?}, though {:?} was acknowledged and tried since",
                    self.slot, self.may_hold
                ));
            }
            if self.may_hold.len() > 1 && self.may_hold.last() == Some(&found) {
                self.seen.written += 1;
            }
        }
        Ok(self.seen)
    }

    fn live_and_die(&mut self) -> Result<(), String> {
        let seed = self.random.u64(..).to_string();
        let (slot, from) = (self.slot.to_string(), self.highest.to_string());
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
        self.hear(&said)
    }

    fn hear(&mut self, said: &[String]) -> Result<(), String> {
        let (mut ready, mut under_way) = (false, None);
        for line in said {
            let parts: Vec<&str> = line.split(' ').collect();
            let mark = parts.get(2).and_then(|mark| Mark::read(mark));
            match (parts.as_slice(), mark) {
                (["ready"], _) => ready = true,
                (["failed", ..], _) => return Err(line.clone()),
                (["try", name, _], Some(mark)) => {
                    under_way = Some(*name);
                    if *name == "own" {
                        self.may_hold.push(mark);
                        self.highest = self.highest.max(mark.number());
                    }
                }
                (["ack", name, _], Some(mark)) => {
                    under_way = None;
                    self.seen.acknowledged += 1;
                    match *name {
                        "own" => self.may_hold = vec![mark],
                        _ => self.seen.raised += 1,
                    }
                }
                (["conflict", ..], Some(_)) => {
                    under_way = None;
                    self.seen.conflicts += 1;
                }
                _ => return Err(format!("slot {} said `{line}`", self.slot)),
            }
        }
        match (ready, under_way) {
            (false, _) => self.seen.starting += 1,
            (true, None) => self.seen.idle += 1,
            (true, Some(name)) => {
                self.seen.in_a_write += 1;
                self.seen.maybe_raised += u64::from(name == "shared");
            }
        }
        Ok(())
    }
}
