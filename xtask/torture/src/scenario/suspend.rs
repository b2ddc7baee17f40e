//! A clock that jumps: a machine that slept in the middle of a refresh, and wall clocks that are years off.

use std::time::{Duration, Instant};

use hallpass_testkit::Rotation;

use crate::backend::Backend;
use crate::ground::Ground;
use crate::holder::{Answer, Setting};
use crate::report::{Report, Row};
use crate::strict::Strict;
use crate::worker::Stage;

const HOUR: i64 = 3600;
const TEN_YEARS: i64 = 10 * 365 * 24 * HOUR;
const USES: usize = 20;

pub(super) fn run(ground: &Ground, report: &mut Report) -> Result<(), String> {
    for backend in ground.durable("suspend")? {
        let begun = Instant::now();
        let mut broken = Vec::new();
        broken.extend(alone(ground, &backend).err());
        broken.extend(overtaken(ground, &backend).err());
        let jumps = ground.size.pick(6, 60);
        let requests = years(ground, &backend, jumps)
            .map_err(|error| broken.push(error))
            .unwrap_or_default();
        let row = Row {
            scenario: "suspend",
            on: backend.name().to_owned(),
            saw: format!(
                "an hour of sleep between claim and request: the claim is renewed before it is sent, or the other's tokens are taken; \
                 {jumps} jumps of ten years back and forth: {requests} requests for {} uses",
                jumps * USES
            ),
            broken,
            took: begun.elapsed(),
            ..Row::default()
        };
        report.add("suspend", backend.name(), Ok(row));
    }
    Ok(())
}

/// Nobody has come meanwhile: the claim is renewed, and only then the request is sent.
fn alone(ground: &Ground, backend: &Backend) -> Result<(), String> {
    let strict = Strict::start(Rotation::RevokeOnReuse);
    let setting = Setting::new(backend, &strict, "slept alone", Duration::from_secs(15));
    ground.begin(backend, &strict, &setting.key)?;
    let mut holder = setting.ready(Some(Stage::Claimed))?;
    holder.ask("use")?.tokens()?;
    holder.tell("refuse")?;
    holder.wait_for("at claimed")?;
    holder.tell(&format!("jump {HOUR}"))?;
    holder.wait_for("jumped")?;
    holder.take_stages();
    holder.tell("go")?;
    holder.answer()?.tokens()?;
    let stages: Vec<Stage> = holder
        .take_stages()
        .into_iter()
        .map(|(stage, _)| stage)
        .collect();
    if !stages.starts_with(&[Stage::Claiming, Stage::Claimed, Stage::Sending]) {
        return Err(format!(
            "after a sleep the claim was not renewed before the request: {stages:?}"
        ));
    }
    let counts = strict.counts();
    match (counts.refreshes, counts.reuses) {
        (1, 0) => Ok(()),
        _ => Err(format!("one refresh would have done: {counts:?}")),
    }
}

/// Another machine, which did not sleep, has taken over.
fn overtaken(ground: &Ground, backend: &Backend) -> Result<(), String> {
    let strict = Strict::start(Rotation::RevokeOnReuse);
    let setting = Setting::new(
        backend,
        &strict,
        "slept and overtaken",
        Duration::from_millis(500),
    );
    ground.begin(backend, &strict, &setting.key)?;
    let mut holder = setting.ready(Some(Stage::Claimed))?;
    holder.ask("use")?.tokens()?;
    holder.tell("refuse")?;
    holder.wait_for("at claimed")?;
    let mut other = setting.ready(None)?;
    other.ask("use")?.tokens()?;
    let tokens = other.ask("refuse")?.tokens()?;
    holder.tell(&format!("jump {HOUR}"))?;
    holder.wait_for("jumped")?;
    holder.tell("go")?;
    let told = holder.answer()?;
    let counts = strict.counts();
    if told != Answer::Tokens(tokens) || (counts.refreshes, counts.reuses) != (1, 0) {
        return Err(format!(
            "the tokens of the other were not taken: {told:?}, {counts:?}"
        ));
    }
    Ok(())
}

/// Wall clocks that are years off, before and behind, cause no storm. Returns how many requests there were.
fn years(ground: &Ground, backend: &Backend, jumps: usize) -> Result<usize, String> {
    let strict = Strict::start(Rotation::RevokeOnReuse);
    let setting = Setting::new(backend, &strict, "years off", Duration::from_secs(15));
    ground.begin(backend, &strict, &setting.key)?;
    let (mut holder, mut other) = (setting.ready(None)?, setting.ready(None)?);
    // Those of a login have no end that is known; those of a refresh end in a day.
    holder.ask("use")?.tokens()?;
    holder.ask("refuse")?.tokens()?;
    let before = strict.counts();
    let mut off = 0;
    let round = [TEN_YEARS, 0, -TEN_YEARS, TEN_YEARS, -TEN_YEARS, 0];
    for to in round.into_iter().cycle().take(jumps) {
        holder.tell(&format!("jump {}", to - off))?;
        holder.wait_for("jumped")?;
        off = to;
        for _ in 0..USES / 2 {
            holder.ask("use")?.tokens()?;
            other.ask("use")?.tokens()?;
        }
    }
    let requests = strict.counts().requests - before.requests;
    let counts = strict.counts();
    // Each jump may make one holder refresh, and the other after it.
    match requests <= 2 * jumps && counts.reuses == 0 {
        true => Ok(requests),
        false => Err(format!(
            "{requests} requests after {jumps} jumps of the clock: {counts:?}"
        )),
    }
}
