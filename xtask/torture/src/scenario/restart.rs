//! Servers that are killed and started again while they are written to, and connections that are cut after the write: what was
//! acknowledged is there, and of what nobody knew a load tells.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use hallpass_testkit::Rotation;

use crate::account::{Account, Said};
use crate::backend::Backend;
use crate::ground::Ground;
use crate::holder::{Answer, Setting};
use crate::process::Process;
use crate::proxy::Proxy;
use crate::report::{Report, Row};
use crate::service::Service;
use crate::strict::Strict;
use crate::worker::{own, shared};

const WRITERS: u64 = 4;
const SESSIONS: usize = 4;
/// Holders of one session.
const HOLDERS: usize = 3;
const ONE_IN: u32 = 20;

pub(super) fn run(ground: &Ground, report: &mut Report) -> Result<(), String> {
    for backend in ground.durable("restart")? {
        // The others have no server.
        if let Backend::Redis { .. } | Backend::Postgres { .. } = backend {
            report.add("restart", backend.name(), one(ground, &backend));
        }
    }
    Ok(())
}

fn one(ground: &Ground, backend: &Backend) -> Result<Row, String> {
    let begun = Instant::now();
    let mut service = Service::find(backend.name())?;
    let random = ground.random(&format!("proxy {}", backend.name()));
    let proxy = Proxy::start(service.address, random).map_err(|error| error.to_string())?;
    let behind = backend
        .behind(proxy.address())
        .ok_or("a store without a server")?;
    let strict = Strict::start(Rotation::RevokeOnReuse);

    let writers: Vec<(Process, Account)> = (0..WRITERS)
        .map(|slot| Ok((writer(ground, &behind, slot)?, Account::new())))
        .collect::<Result<_, String>>()?;
    let mut sessions = Vec::new();
    for number in 0..SESSIONS {
        let setting = Setting::new(
            &behind,
            &strict,
            &format!("restarted {number}"),
            Duration::from_secs(2),
        );
        ground.begin(backend, &strict, &setting.key)?;
        sessions.push(setting);
    }
    let (seen, is_over) = (Mutex::new(Seen::default()), Mutex::new(false));
    let kills = ground.size.pick(4, 60);
    let mut broken = Vec::new();
    thread::scope(|scope| -> Result<(), String> {
        let (ended, is_over) = (&seen, &is_over);
        for setting in &sessions {
            for _ in 0..HOLDERS {
                scope.spawn(move || {
                    let told = hold(setting, is_over);
                    let mut seen = ended.lock().unwrap_or_else(PoisonError::into_inner);
                    seen.add(told);
                });
            }
        }
        let mut random = ground.random(&format!("restart {}", backend.name()));
        let mut kill = || {
            for _ in 0..kills {
                proxy.cut_one_in(if random.bool() { ONE_IN } else { 0 });
                thread::sleep(Duration::from_millis(random.u64(100..900)));
                service.kill()?;
                service.wait()?;
            }
            // What came of the last is seen in peace.
            proxy.cut_one_in(0);
            thread::sleep(Duration::from_secs(1));
            Ok(())
        };
        let killed = kill();
        *is_over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        killed
    })?;
    let mut seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);

    let store = ground.open(backend)?;
    let mut said = Said::default();
    for (slot, (writer, mut account)) in (0..WRITERS).zip(writers) {
        account.hear(&writer.kill()?)?;
        let found = ground.mark(&*store, &own(slot))?;
        if account.allows(found).is_none() {
            let (found, owed) = (found.shown(), account.owed());
            broken.push(format!(
                "writer {slot} is owed {owed}, and {found} is there"
            ));
        }
        said.add(account.said());
    }
    broken.extend(said.judge_raised(ground.mark(&*store, &shared())?));
    // Each session goes on, or is over and typed as in doubt.
    let mut alive = 0;
    for setting in &sessions {
        let answer = in_peace(setting)?;
        alive += usize::from(matches!(answer, Answer::Tokens(_)));
        seen.hear(&answer);
        if matches!(answer, Answer::Error(..)) && !answer.is_end() {
            broken.push(format!(
                "with everything back, {} has no tokens: {answer:?}",
                setting.key
            ));
        }
    }
    let in_doubt = SESSIONS - alive;
    let counts = strict.counts();
    if counts.revoked > in_doubt {
        broken.push(format!(
            "{} families were revoked, and {in_doubt} sessions are in doubt",
            counts.revoked
        ));
    }
    broken.extend(seen.broken);
    Ok(Row {
        scenario: "restart",
        on: backend.name().to_owned(),
        saw: format!(
            "killed {kills} times and started again, {} connections cut after the write; {} writes acknowledged, {} unknown of which a load \
             found {}, {} surely not done; {} sessions of {HOLDERS} holders rotated {} times: {alive} go on, {in_doubt} ended in doubt",
            proxy.cuts(),
            said.acknowledged,
            said.unknown,
            said.resolved,
            said.refused,
            SESSIONS,
            counts.refreshes
        ),
        killed: kills,
        in_doubt: in_doubt as u64,
        broken,
        took: begun.elapsed(),
    })
}

fn writer(ground: &Ground, backend: &Backend, slot: u64) -> Result<Process, String> {
    let seed = ground
        .random(&format!("restart {slot}"))
        .u64(..)
        .to_string();
    let words = [
        ("store", &*backend.to_string()),
        ("slot", &*slot.to_string()),
        ("from", "0"),
        ("seed", &*seed),
    ];
    let process = Process::start("raw", &words)?;
    Ok(process)
}

/// What the session comes to when everything is back. A server that failed a moment ago is left alone for a while.
fn in_peace(setting: &Setting) -> Result<Answer, String> {
    let mut last = setting.ready(None)?;
    let mut answer = last.ask("use")?;
    for _ in 0..60 {
        answer = last.ask("refuse")?;
        if matches!(answer, Answer::Tokens(_)) || answer.is_end() {
            break;
        }
        thread::sleep(Duration::from_millis(500));
    }
    Ok(answer)
}

/// What holders of sessions were told.
#[derive(Default)]
struct Seen {
    broken: Vec<String>,
}

impl Seen {
    fn hear(&mut self, answer: &Answer) {
        if answer.is_end() && !answer.is("ended-in-doubt") {
            self.broken
                .push(format!("a session ended, and not in doubt: {answer:?}"));
        }
    }

    fn add(&mut self, told: Result<Seen, String>) {
        match told {
            Ok(told) => self.broken.extend(told.broken),
            Err(error) => self.broken.push(error),
        }
    }
}

/// One holder that asks for other tokens again and again, until everything is over.
fn hold(setting: &Setting, is_over: &Mutex<bool>) -> Result<Seen, String> {
    let mut seen = Seen::default();
    let mut holder = setting.ready(None)?;
    let is_over = || *is_over.lock().unwrap_or_else(PoisonError::into_inner);
    while !is_over() {
        let answer = holder.ask("refuse")?;
        seen.hear(&answer);
        if answer.is_end() {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(seen)
}
