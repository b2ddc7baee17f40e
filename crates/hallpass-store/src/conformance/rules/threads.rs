//! Callers that run at once in truth, each on a thread of its own.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use futures_channel::oneshot;

use super::{
    Broken, Probe, Rule, entry,
    many::{has_counted, one_was_done, raise},
};
use crate::{
    Entry, Key, SwapError, TokenStore,
    conformance::{harness::Drive, probe::answer},
};

pub(super) const ON_THREADS: Rule = Rule {
    name: "callers on threads of their own must find no gap between the comparison and the write",
    advice: "two steps are a gap though nothing is awaited between them: hold one lock over both, in the storage and not in the handle, or let one statement do both",
};

const CALLERS: usize = 4;
const STEPS: u32 = 50;
const ROUNDS: u32 = 25;

/// A gap of nanoseconds is met once in thousands of swaps. A store so fast that it can have one does these in that time, and
/// one that is slow has wide gaps.
const PATIENCE: Duration = Duration::from_millis(500);

pub(super) async fn on_threads<S: TokenStore + 'static>(
    handles: &[Arc<S>],
    drive: &Drive,
) -> Result<(), Broken> {
    let begun = Instant::now();
    for turn in 0_u64.. {
        counts_up(handles, drive, turn).await?;
        inserts_once(handles, drive, turn).await?;
        inserts_apart(handles, drive, turn).await?;
        if begun.elapsed() >= PATIENCE {
            break;
        }
    }
    Ok(())
}

async fn counts_up<S: TokenStore + 'static>(
    handles: &[Arc<S>],
    drive: &Drive,
    turn: u64,
) -> Result<(), Broken> {
    let mut probe = probe(handles);
    let key = Key::new(format!("count {turn}"));
    probe.note(format!(
        "{CALLERS} threads at once: load a number, swap it for the next, {STEPS} times each"
    ));
    let callers = callers(handles).map(|store| {
        let key = key.clone();
        async move { raise(&*store, &key, STEPS).await }
    });
    for caller in side_by_side(callers.collect(), drive).await {
        let raised = caller.unwrap_or_else(|| Err(PANICKED.to_owned()));
        raised.map_err(|seen| probe.broken("every caller gets its steps done", seen))?;
    }
    has_counted(&mut probe, &key, CALLERS * STEPS as usize).await
}

async fn inserts_once<S: TokenStore + 'static>(
    handles: &[Arc<S>],
    drive: &Drive,
    turn: u64,
) -> Result<(), Broken> {
    let mut probe = probe(handles);
    probe.note(format!(
        "{CALLERS} threads at once: swap(\"{turn}, round N\", expected None, new an entry of one's own), N from 0 to {ROUNDS}"
    ));
    let callers = callers(handles).map(|store| inserts(store, turn.to_string()));
    let mut inserted = Vec::new();
    for caller in side_by_side(callers.collect(), drive).await {
        inserted.push(caller.ok_or_else(|| probe.broken("an answer", PANICKED.to_owned()))?);
    }
    for round in 0..ROUNDS {
        let of_round: Vec<_> = inserted
            .iter()
            .filter_map(|of_caller| of_caller.get(round as usize))
            .collect();
        let stored = probe.load(&round_key(&turn.to_string(), round)).await?;
        let revision = stored.map(|stored| stored.revision);
        let swaps = of_round.iter().map(|(new, answer)| (Some(new), answer));
        if revision.is_none() || !one_was_done(revision, swaps) {
            let seen: Vec<_> = of_round.iter().map(|(_, given)| answer(given)).collect();
            return Err(probe.broken(
                "one Ok, and what it wrote is stored; Err(Conflict) for the others",
                format!("{}; stored is {revision:?}", seen.join(", ")),
            ));
        }
    }
    Ok(())
}

/// Callers with keys of their own take nothing from each other.
async fn inserts_apart<S: TokenStore + 'static>(
    handles: &[Arc<S>],
    drive: &Drive,
    turn: u64,
) -> Result<(), Broken> {
    let mut probe = probe(handles);
    probe.note(format!(
        "{CALLERS} threads at once: swap(\"{turn} of caller C, round N\", expected None, new an entry of one's own), C from 0 to {CALLERS}, N from 0 to {ROUNDS}"
    ));
    let turns: Vec<_> = (0..CALLERS)
        .map(|caller| format!("{turn} of caller {caller}"))
        .collect();
    let callers = callers(handles)
        .zip(&turns)
        .map(|(store, turn)| inserts(store, turn.clone()));
    let inserted = side_by_side(callers.collect(), drive).await;
    for (of_caller, turn) in inserted.into_iter().zip(&turns) {
        let of_caller = of_caller.ok_or_else(|| probe.broken("an answer", PANICKED.to_owned()))?;
        for ((new, given), round) in of_caller.iter().zip(0..) {
            match given {
                Ok(()) => probe.holds(&round_key(turn, round), Some(new)).await?,
                // Nobody else writes there; too busy is an answer.
                Err(SwapError::Conflict) => {
                    return Err(probe.broken("Ok: it is written", answer(given)));
                }
                Err(SwapError::Failed(_) | SwapError::Unknown(_)) => {}
            }
        }
    }
    Ok(())
}

async fn inserts<S: TokenStore>(
    store: Arc<S>,
    turn: String,
) -> Vec<(Entry, Result<(), SwapError>)> {
    let mut inserted = Vec::new();
    for round in 0..ROUNDS {
        let new = entry(b"mine");
        let answer = store
            .swap(&round_key(&turn, round), None, Some(new.clone()))
            .await;
        inserted.push((new, answer));
    }
    inserted
}

fn round_key(turn: &str, round: u32) -> Key {
    Key::new(format!("{turn}, round {round}"))
}

fn probe<S: TokenStore>(handles: &[Arc<S>]) -> Probe<'_, S> {
    let mut probe = Probe::new(&*handles[0], &ON_THREADS);
    if handles.len() > 1 {
        probe.note(format!("(on {} handles by turns)", handles.len()));
    }
    probe
}

/// The handle of each caller: some share one, some do not.
fn callers<S>(handles: &[Arc<S>]) -> impl Iterator<Item = Arc<S>> {
    handles.iter().cycle().take(CALLERS).cloned()
}

const PANICKED: &str =
    "a panic on the thread of a caller, or what drives the futures dropped one before its end";

/// Runs each on a thread of its own; none begins before all threads are there. `None`: it did not come to its end.
async fn side_by_side<F>(callers: Vec<F>, drive: &Drive) -> Vec<Option<F::Output>>
where
    F: Future<Output: Send> + Send + 'static,
{
    let gate = Arc::new(Mutex::new(()));
    let closed = gate.lock().unwrap_or_else(PoisonError::into_inner);
    let running: Vec<_> = callers
        .into_iter()
        .map(|caller| {
            let (send, answer) = oneshot::channel();
            let (drive, gate) = (Arc::clone(drive), Arc::clone(&gate));
            thread::spawn(move || {
                drop(gate.lock());
                drive(Box::pin(async move {
                    // Nobody waits any more where the suite was given up.
                    let _ = send.send(caller.await);
                }));
            });
            answer
        })
        .collect();
    drop(closed);
    let mut answers = Vec::new();
    for answer in running {
        answers.push(answer.await.ok());
    }
    answers
}
