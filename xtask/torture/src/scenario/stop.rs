//! SIGSTOP past the lease: another holder takes over, and what the one that was stopped does when it goes on again is fenced off.

use std::thread;
use std::time::{Duration, Instant};

use hallpass_testkit::Rotation;
use rustix::process::Signal;

use crate::backend::Backend;
use crate::ground::Ground;
use crate::holder::{Answer, Setting};
use crate::report::{Report, Row};
use crate::strict::Strict;
use crate::worker::Stage;

/// Where a holder is stopped, on which server, and what has to come of it.
struct Case {
    at: Stage,
    rotation: Rotation,
    ends: Ends,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    /// The session goes on with the tokens of whoever took over, and no refresh token was used twice.
    Unharmed,
    /// The session goes on with the tokens of whoever took over; the server forgave that a refresh token was used twice.
    Forgiven,
    /// A refresh token was used twice, and the session ends, typed as in doubt.
    InDoubt,
}

/// A server that gives new tokens for a spent refresh token for a while.
const GRACE: Rotation = Rotation::Grace(Duration::from_secs(3600));
const STRICT: Rotation = Rotation::RevokeOnReuse;

const CASES: &[Case] = &[
    // It has not sent anything, and must not any more.
    Case {
        at: Stage::Claiming,
        rotation: STRICT,
        ends: Ends::Unharmed,
    },
    Case {
        at: Stage::Claimed,
        rotation: STRICT,
        ends: Ends::Unharmed,
    },
    // It has looked at its lease and handed the request to the network, where it arrives late.
    Case {
        at: Stage::Sending,
        rotation: STRICT,
        ends: Ends::InDoubt,
    },
    Case {
        at: Stage::Sending,
        rotation: GRACE,
        ends: Ends::Forgiven,
    },
    // The server has taken its refresh token; the tokens that came are on their way into the store.
    Case {
        at: Stage::Answered,
        rotation: STRICT,
        ends: Ends::InDoubt,
    },
    Case {
        at: Stage::Answered,
        rotation: GRACE,
        ends: Ends::Forgiven,
    },
    Case {
        at: Stage::Saving,
        rotation: STRICT,
        ends: Ends::InDoubt,
    },
    Case {
        at: Stage::Saving,
        rotation: GRACE,
        ends: Ends::Forgiven,
    },
];

pub(super) fn run(ground: &Ground, report: &mut Report) -> Result<(), String> {
    // In full with the lease that every session has by default: 30 seconds.
    let request = Duration::from_millis(ground.size.pick(500, 15_000));
    for backend in ground.durable("stop")? {
        report.add("stop", backend.name(), all(ground, &backend, request));
    }
    Ok(())
}

fn all(ground: &Ground, backend: &Backend, request: Duration) -> Result<Row, String> {
    let begun = Instant::now();
    let seen: Vec<Result<(), String>> = thread::scope(|scope| {
        let cases: Vec<_> = CASES
            .iter()
            .map(|case| scope.spawn(move || case.run(ground, backend, request)))
            .collect();
        let cases = cases.into_iter();
        cases
            .map(|case| {
                case.join()
                    .unwrap_or_else(|_| Err("a case panicked".to_owned()))
            })
            .collect()
    });
    let broken = seen.iter().zip(CASES).filter_map(|(seen, case)| {
        let error = seen.as_ref().err()?;
        Some(format!(
            "stopped at {} ({:?}): {error}",
            case.at.name(),
            case.rotation
        ))
    });
    let count = |ends| CASES.iter().filter(|case| case.ends == ends).count();
    Ok(Row {
        scenario: "stop",
        on: backend.name().to_owned(),
        saw: format!(
            "{} holders stopped for longer than their lease of {} s: {} sessions go on unharmed, {} on a server with a grace period, \
             {} end and are typed as in doubt; every write that came late was fenced off",
            CASES.len(),
            request.as_secs_f64() * 2.0,
            count(Ends::Unharmed),
            count(Ends::Forgiven),
            count(Ends::InDoubt)
        ),
        in_doubt: count(Ends::InDoubt) as u64,
        broken: broken.collect(),
        took: begun.elapsed(),
        ..Row::default()
    })
}

impl Case {
    fn run(&self, ground: &Ground, backend: &Backend, request: Duration) -> Result<(), String> {
        let strict = Strict::start(self.rotation);
        let store = ground.open(backend)?;
        let key = format!("stopped at {} {:?}", self.at.name(), self.rotation);
        let setting = Setting::new(backend, &strict, &key, request);
        ground.begin(backend, &strict, &key)?;
        let revision = || ground.revision(&*store, &key);

        let mut late = setting.ready(Some(self.at))?;
        late.ask("use")?.tokens()?;
        late.tell("refuse")?;
        late.wait_for(&format!("at {}", self.at.name()))?;
        late.stop()?;

        // Another takes over, once it has seen the claim for the whole lease.
        let mut other = setting.ready(None)?;
        other.ask("use")?.tokens()?;
        let taken = other.ask("refuse")?;
        let after_takeover = revision()?;
        late.take_stages();
        late.signal(Signal::CONT)?;
        late.tell("go")?;
        let told = late.answer()?;
        // What it had handed over arrives, and late.
        match self.at {
            Stage::Claiming => late.come_to(Stage::Claimed, "conflict")?,
            Stage::Sending => late.come_to(Stage::Answered, "ok")?,
            Stage::Saving => late.come_to(Stage::Saved, "conflict")?,
            Stage::Claimed | Stage::Answered | Stage::Saved => {}
        }
        let stages = late.take_stages();

        // Of what was stored, nothing is older than the takeover.
        let counts = strict.counts();
        match self.ends {
            Ends::Unharmed => {
                let tokens = taken.tokens()?;
                if told != Answer::Tokens(tokens) {
                    return Err(format!("it did not take the tokens of the other: {told:?}"));
                }
                if revision()? != after_takeover {
                    return Err("it has written over the other's tokens".to_owned());
                }
                if (counts.refreshes, counts.reuses) != (1, 0) {
                    return Err(format!("one refresh would have done: {counts:?}"));
                }
                if stages.iter().any(|(stage, _)| *stage == Stage::Sending) {
                    return Err("it has sent a request after its lease".to_owned());
                }
            }
            Ends::Forgiven => {
                let tokens = taken.tokens()?;
                if told != Answer::Tokens(tokens.clone()) {
                    return Err(format!("it did not take the tokens of the other: {told:?}"));
                }
                let record = ground.record(&*store, &key)?.ok_or("nothing is stored")?;
                let stored = record.tokens.refresh_token.as_ref();
                if stored.is_none_or(|stored| stored.expose_secret() != tokens) {
                    return Err("it has written over the other's tokens".to_owned());
                }
                if (counts.refreshes, counts.reuses, counts.revoked) != (2, 0, 0) {
                    return Err(format!("two refreshes were to be seen: {counts:?}"));
                }
                other.ask("refuse")?.tokens()?;
            }
            Ends::InDoubt => {
                if counts.reuses == 0 {
                    return Err(format!("no refresh token was used twice: {counts:?}"));
                }
                // Whoever asks, at most two rotations later.
                let mut ends = vec![taken, told];
                for _ in 0..2 {
                    ends.push(late.ask("refuse")?);
                    ends.push(other.ask("refuse")?);
                }
                let wrong = ends
                    .iter()
                    .find(|answer| answer.is_end() && !answer.is("ended-in-doubt"));
                if let Some(wrong) = wrong {
                    return Err(format!(
                        "the session ended otherwise than in doubt: {wrong:?}"
                    ));
                }
                let last = &ends[ends.len() - 2..];
                if !last.iter().all(|answer| answer.is("ended-in-doubt")) {
                    return Err(format!(
                        "not everybody was told that the session is over: {last:?}"
                    ));
                }
            }
        }
        Ok(())
    }
}
