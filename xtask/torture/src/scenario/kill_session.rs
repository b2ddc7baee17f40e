//! kill -9 at random while sessions are rotated on a server that revokes on reuse: tokens that a caller was given are there or
//! newer ones are, another holder goes on, and a session that ends is typed as in doubt.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use hallpass_session::Refresh;
use hallpass_store::TokenStore;
use hallpass_testkit::Rotation;

use crate::backend::Backend;
use crate::ground::Ground;
use crate::holder::{Answer, Holder, LastWords, Setting};
use crate::report::{Report, Row};
use crate::strict::Strict;
use crate::worker::Stage;

/// How long a request may take. A claim that was left behind is taken over after twice that.
const REQUEST: Duration = Duration::from_millis(500);

pub(super) fn run(ground: &Ground, report: &mut Report) -> Result<(), String> {
    let (kills, sessions) = ground.size.pick((100, 10), (10_000, 64));
    for backend in ground.durable("kill-sessions")? {
        // One file, which takes one writer at a time.
        let most = match backend {
            Backend::Sqlite(_) => 16,
            _ => sessions,
        };
        let seen = one(ground, &backend, kills, sessions.min(most));
        report.add("kill", backend.name(), seen);
    }
    Ok(())
}

fn one(ground: &Ground, backend: &Backend, kills: u64, sessions: u64) -> Result<Row, String> {
    let begun = Instant::now();
    let strict = Strict::start(Rotation::RevokeOnReuse);
    let store = ground.open(backend)?;
    let seen = Mutex::new(Seen::default());
    thread::scope(|scope| {
        for number in 0..sessions {
            let kills = kills / sessions + u64::from(number < kills % sessions);
            let (store, strict, seen) = (&*store, &strict, &seen);
            scope.spawn(move || {
                let mut life = Life::new(ground, backend, strict, store, number);
                let lived = life.run(kills);
                life.seen.broken.extend(lived.err());
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen.add(life.seen);
            });
        }
    });
    let mut seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    let counts = strict.counts();
    if counts.revoked as u64 != seen.in_doubt {
        let (revoked, in_doubt) = (counts.revoked, seen.in_doubt);
        seen.broken.push(format!(
            "{revoked} families were revoked, and {in_doubt} sessions typed as in doubt"
        ));
    }
    seen.broken.extend(backend.unreadable()?);
    let died: Vec<String> = seen
        .died
        .iter()
        .map(|(at, times)| format!("{times} {at}"))
        .collect();
    Ok(Row {
        scenario: "kill",
        on: backend.name().to_owned(),
        saw: format!(
            "{} holders of {sessions} sessions killed ({}); {} refreshes, {} claims left behind of which {} on a token that was spent; \
             {} sessions ended in doubt, {} otherwise; {} times the server or the store was busy",
            seen.killed,
            died.join(", "),
            counts.refreshes,
            seen.claims,
            seen.spent,
            seen.in_doubt,
            seen.silent,
            seen.failures
        ),
        killed: seen.killed,
        in_doubt: seen.in_doubt,
        broken: seen.broken,
        took: begun.elapsed(),
    })
}

#[derive(Default)]
struct Seen {
    killed: u64,
    /// How many died where.
    died: BTreeMap<&'static str, u64>,
    /// Claims that a holder left behind, and those of them whose refresh token the server had taken.
    claims: u64,
    spent: u64,
    in_doubt: u64,
    silent: u64,
    /// Answers that are neither tokens that are saved nor the end of the session.
    failures: u64,
    broken: Vec<String>,
}

impl Seen {
    fn add(&mut self, other: Seen) {
        self.killed += other.killed;
        for (at, times) in other.died {
            *self.died.entry(at).or_default() += times;
        }
        self.claims += other.claims;
        self.spent += other.spent;
        self.in_doubt += other.in_doubt;
        self.silent += other.silent;
        self.failures += other.failures;
        self.broken.extend(other.broken);
    }
}

/// One session, held by one process after the other.
struct Life<'a> {
    ground: &'a Ground,
    backend: &'a Backend,
    strict: &'a Strict,
    store: &'a dyn TokenStore,
    setting: Setting,
    random: fastrand::Rng,
    /// The newest tokens that a caller was given since the last login.
    given: Option<String>,
    seen: Seen,
}

impl<'a> Life<'a> {
    fn new(
        ground: &'a Ground,
        backend: &'a Backend,
        strict: &'a Strict,
        store: &'a dyn TokenStore,
        number: u64,
    ) -> Self {
        let key = format!("session {number}");
        Life {
            ground,
            backend,
            strict,
            store,
            setting: Setting::new(backend, strict, &key, REQUEST),
            random: ground.random(&format!("kill {} {key}", backend.name())),
            given: None,
            seen: Seen::default(),
        }
    }

    fn run(&mut self, kills: u64) -> Result<(), String> {
        self.log_in()?;
        for _ in 0..kills {
            let mut holder = self.setting.start(None)?;
            let mut at = "starting";
            // One in eight dies while it starts; of the others three in four once a rotation is done.
            if self.random.u8(..8) != 0 {
                holder.wait_for("ready")?;
                holder.tell("rotate")?;
                at = "watching";
                if self.random.u8(..4) != 0 {
                    self.watch(&mut holder)?;
                }
            }
            thread::sleep(Duration::from_micros(self.random.u64(..20_000)));
            self.kill(holder, at)?;
            self.look()?;
        }
        // Whoever comes last finds a session that goes on, or one that is typed.
        let mut last = self.setting.ready(None)?;
        for order in ["use", "refuse", "refuse"] {
            let answer = last.ask(order)?;
            let is_over = answer.is_end();
            self.hear(answer);
            if is_over {
                break;
            }
        }
        Ok(())
    }

    fn log_in(&mut self) -> Result<(), String> {
        self.given = None;
        self.ground
            .begin(self.backend, self.strict, &self.setting.key)
    }

    /// Waits until it has found what is stored, and has rotated it once; where the session is over, it begins anew.
    fn watch(&mut self, holder: &mut Holder) -> Result<(), String> {
        for _ in 0..2 {
            let answer = holder.answer()?;
            let is_over = answer.is_end();
            self.hear(answer);
            if is_over {
                self.log_in()?;
                holder.tell("rotate")?;
            }
        }
        Ok(())
    }

    fn hear(&mut self, answer: Answer) {
        let is_end = answer.is_end();
        match answer {
            Answer::Tokens(tokens) => self.given = Some(tokens),
            answer if answer.is("ended-in-doubt") => self.seen.in_doubt += 1,
            Answer::Error(kind, text) if is_end => {
                self.seen.silent += 1;
                let key = &self.setting.key;
                let broken = format!("{key} ended as {kind}, which is not in doubt: {text}");
                self.seen.broken.push(broken);
            }
            Answer::Unsaved | Answer::Error(..) => self.seen.failures += 1,
        }
    }

    fn kill(&mut self, holder: Holder, at: &'static str) -> Result<(), String> {
        let LastWords { answers, stages } = holder.kill()?;
        self.seen.killed += 1;
        let mut is_over = false;
        for answer in answers {
            is_over = answer.is_end();
            self.hear(answer);
        }
        let at = match stages.last() {
            None => at,
            Some((Stage::Claiming, _)) => "writing the claim",
            Some((Stage::Claimed, _)) => "before the request",
            Some((Stage::Sending, _)) => "in the request",
            Some((Stage::Answered, _)) => "before the save",
            Some((Stage::Saving, _)) => "in the save",
            Some((Stage::Saved, _)) => "after the save",
        };
        *self.seen.died.entry(at).or_default() += 1;
        match is_over {
            true => self.log_in(),
            false => Ok(()),
        }
    }

    /// What was given to a caller is there, or something newer is.
    fn look(&mut self) -> Result<(), String> {
        let key = &self.setting.key;
        let Some(record) = self.ground.record(self.store, key)? else {
            self.seen.broken.push(format!("nothing is stored of {key}"));
            return self.log_in();
        };
        let stored = record.tokens.refresh_token.as_ref();
        let stored = stored.map_or("", |token| token.expose_secret());
        let rotations = self.strict.rotations(stored)?;
        if let Some(given) = &self.given {
            let given = self.strict.rotations(given)?;
            if rotations < given {
                let broken = format!(
                    "{key} stands at rotation {rotations}, and {given} was given to a caller"
                );
                self.seen.broken.push(broken);
            }
        }
        if matches!(record.refresh, Refresh::Claimed { .. }) {
            self.seen.claims += 1;
            self.seen.spent += u64::from(!self.strict.is_unspent(stored));
        }
        Ok(())
    }
}
