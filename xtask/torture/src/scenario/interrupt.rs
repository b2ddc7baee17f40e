//! SIGINT in the middle of a refresh: the program waits for what is under way, and the new tokens are saved.

use std::time::{Duration, Instant};

use hallpass_testkit::Rotation;
use rustix::process::Signal;

use crate::backend::Backend;
use crate::ground::Ground;
use crate::holder::Setting;
use crate::report::{Report, Row};
use crate::strict::Strict;
use crate::worker::Stage;

pub(super) fn run(ground: &Ground, report: &mut Report) -> Result<(), String> {
    for backend in ground.durable("interrupt")? {
        let begun = Instant::now();
        let broken = Stage::ALL.into_iter().filter_map(|at| {
            let error = one(ground, &backend, at).err()?;
            Some(format!("interrupted at {}: {error}", at.name()))
        });
        let row = Row {
            scenario: "interrupt",
            on: backend.name().to_owned(),
            saw: format!(
                "SIGINT at each of {} stages of a refresh: its tokens are saved",
                Stage::ALL.len()
            ),
            broken: broken.collect(),
            took: begun.elapsed(),
            ..Row::default()
        };
        report.add("interrupt", backend.name(), Ok(row));
    }
    Ok(())
}

fn one(ground: &Ground, backend: &Backend, at: Stage) -> Result<(), String> {
    let strict = Strict::start(Rotation::RevokeOnReuse);
    let key = format!("interrupted at {}", at.name());
    let setting = Setting::new(backend, &strict, &key, Duration::from_secs(15));
    ground.begin(backend, &strict, &key)?;
    let mut holder = setting.ready(Some(at))?;
    holder.ask("use")?.tokens()?;
    holder.tell("refuse")?;
    holder.wait_for(&format!("at {}", at.name()))?;
    holder.signal(Signal::INT)?;
    holder.wait_for("interrupted")?;
    holder.tell("go")?;
    holder.wait_for("settled")?;
    if !holder.end()? {
        return Err("it did not end well".to_owned());
    }
    let store = ground.open(backend)?;
    let record = ground.record(&*store, &key)?.ok_or("nothing is stored")?;
    let stored = record.tokens.refresh_token.as_ref();
    let stored = stored.map_or("", |token| token.expose_secret());
    let counts = strict.counts();
    if strict.rotations(stored)? != 1 || !strict.is_unspent(stored) || counts.reuses != 0 {
        return Err(format!("the new tokens are not what is stored: {counts:?}"));
    }
    let mut next = setting.ready(None)?;
    next.ask("use")?.tokens()?;
    next.ask("refuse")?.tokens().map(drop)
}
