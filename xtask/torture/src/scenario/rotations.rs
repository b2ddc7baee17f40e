//! Many processes rotate one session on a server that revokes on reuse: a request for each rotation, and never another.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use hallpass_testkit::Rotation;

use crate::backend::Backend;
use crate::ground::Ground;
use crate::holder::{Holder, Setting};
use crate::report::{Report, Row};
use crate::strict::Strict;
use crate::worker::Stage;

pub(super) fn run(ground: &Ground, report: &mut Report) -> Result<(), String> {
    let (processes, rotations) = ground.size.pick((32, 100), (64, 1_000));
    for backend in ground.durable("rotations")? {
        let seen = one(ground, &backend, processes, rotations);
        report.add("rotations", backend.name(), seen);
    }
    Ok(())
}

fn one(
    ground: &Ground,
    backend: &Backend,
    processes: usize,
    rotations: usize,
) -> Result<Row, String> {
    let begun = Instant::now();
    let strict = Strict::start(Rotation::RevokeOnReuse);
    let setting = Setting::new(backend, &strict, "shared by all", Duration::from_secs(15));
    ground.begin(backend, &strict, &setting.key)?;
    let before = strict.counts();

    let race = Race {
        strict: &strict,
        rotations,
        state: Mutex::new(State {
            random: ground.random(&format!("rotations {}", backend.name())),
            processes,
            starters: 1,
            newest: 0,
            waiting: 0,
        }),
        changed: Condvar::new(),
    };
    let results: Vec<Result<usize, String>> = thread::scope(|scope| {
        let runners: Vec<_> = (0..processes)
            .map(|_| scope.spawn(|| race.run(&setting).inspect_err(|_| race.give_up())))
            .collect();
        runners
            .into_iter()
            .map(|runner| {
                runner
                    .join()
                    .unwrap_or_else(|_| Err("a runner panicked".to_owned()))
            })
            .collect()
    });
    let mut broken = Vec::new();
    let mut sent = BTreeMap::new();
    for result in results {
        match result {
            Ok(requests) => *sent.entry(requests > 0).or_insert(0_usize) += 1,
            Err(error) => broken.push(error),
        }
    }
    let counts = strict.counts();
    let requests = counts.requests - before.requests;
    if (requests, counts.refreshes, counts.reuses, counts.revoked) != (rotations, rotations, 0, 0) {
        broken.push(format!(
            "{requests} token requests and {counts:?} for {rotations} rotations"
        ));
    }
    Ok(Row {
        scenario: "rotations",
        on: backend.name().to_owned(),
        saw: format!(
            "{processes} processes, {rotations} rotations: {requests} token requests, {} reuses, {} families revoked; \
             {} processes did one at least",
            counts.reuses,
            counts.revoked,
            sent.get(&true).copied().unwrap_or_default()
        ),
        broken,
        took: begun.elapsed(),
        ..Row::default()
    })
}

/// All processes, each with a thread that tells it when to go on.
struct Race<'a> {
    strict: &'a Strict,
    rotations: usize,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    random: fastrand::Rng,
    processes: usize,
    /// How many have to stand at the newest tokens before those are refused: they go at once, and the others come late.
    starters: usize,
    newest: usize,
    waiting: usize,
}

impl Race<'_> {
    /// One process until the last rotation; returns how many requests it sent.
    fn run(&self, setting: &Setting) -> Result<usize, String> {
        let mut holder = setting.ready(None)?;
        let mut requests = 0;
        let mut order = "use";
        loop {
            let tokens = holder.ask(order)?.tokens()?;
            requests += sent(&mut holder);
            let rotation = self.strict.rotations(&tokens)?;
            if !self.wait_at(rotation) {
                return match rotation {
                    last if last == self.rotations => Ok(requests),
                    other => Err(format!("a process ended at rotation {other}")),
                };
            }
            order = "refuse";
        }
    }

    /// Waits until these tokens are to be refused. `false`: never.
    fn wait_at(&self, rotation: usize) -> bool {
        let mut state = self.lock();
        if rotation > state.newest {
            state.newest = rotation;
            state.waiting = 0;
            state.starters = draw(&mut state);
        }
        if rotation >= self.rotations {
            return false;
        }
        if rotation < state.newest {
            return true;
        }
        state.waiting += 1;
        self.changed.notify_all();
        while state.newest == rotation && state.waiting < state.starters {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        self.changed.notify_all();
        true
    }

    /// Nobody waits any more for who is gone.
    fn give_up(&self) {
        let mut state = self.lock();
        state.processes = state.processes.saturating_sub(1);
        state.starters = state.starters.min(state.processes);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn draw(state: &mut State) -> usize {
    let most = state.processes.max(1);
    state.random.usize(1..=most)
}

fn sent(holder: &mut Holder) -> usize {
    let stages = holder.take_stages();
    stages
        .iter()
        .filter(|(stage, _)| *stage == Stage::Sending)
        .count()
}
