//! A disk that is full at every point of a write: the old entry stays, whole, and nothing is left behind.

use std::process::Command;
use std::time::Instant;

use crate::ground::Ground;
use crate::process::{self, Process};
use crate::report::{Report, Row};

const NEEDS: &str = "a small tmpfs has to be mounted for this, which needs root: run it as root, or leave it out by `--without enospc`";

pub(super) fn run(ground: &Ground, report: &mut Report) -> Result<(), String> {
    report.add("enospc", "file", one(ground));
    Ok(())
}

fn one(ground: &Ground) -> Result<Row, String> {
    let begun = Instant::now();
    let rounds = ground.size.pick(300_u64, 5_000);
    let folder = ground.path("small");
    let seed = ground.random("enospc").u64(..);
    let (rounds, seed) = (rounds.to_string(), seed.to_string());
    let words = [
        ("folder", &*folder.to_string_lossy()),
        ("rounds", &*rounds),
        ("seed", &*seed),
    ];
    // In a mount namespace of its own, so that the mount goes with the worker.
    let mut unshare = Command::new("unshare");
    let worker = process::worker("full-disk", &words)?;
    unshare.args(["--mount", "--"]).arg(worker.get_program());
    let worker = Process::of(unshare.args(worker.get_args()))
        .map_err(|error| format!("{error}: {NEEDS}"))?;
    worker
        .wait_for("ready")
        .map_err(|error| format!("{error}: {NEEDS}"))?;
    let (mut written, mut failed, mut removed) = (0_u64, 0_u64, 0_u64);
    while let Some(line) = worker.line()? {
        match line.as_str() {
            "written" => written += 1,
            "failed" => failed += 1,
            "removed" => removed += 1,
            other => return Err(format!("the worker said `{other}`")),
        }
    }
    let (_, status) = worker.end()?;
    let mut broken = Vec::new();
    if !status.success() {
        broken.push(format!(
            "after {} writes on a full disk the worker found a rule broken, and said which",
            written + failed
        ));
    }
    if failed == 0 {
        broken.push("no write failed: the disk was not full".to_owned());
    }
    Ok(Row {
        scenario: "enospc",
        on: "file".to_owned(),
        saw: format!(
            "{} writes to a disk of 256 KiB that is full of bytes or of names: {failed} refused with the old entry whole, \
             {written} written, {removed} removals done; nothing left behind",
            written + failed + removed
        ),
        broken,
        took: begun.elapsed(),
        ..Row::default()
    })
}
