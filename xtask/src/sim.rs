//! `cargo xtask sim --seeds N [--from S]`: the simulation of the refresh transaction, for longer than the tests run it.

use crate::command;
use crate::workspace::Workspace;

const TEST: &[&str] = &[
    "test",
    "--release",
    "--quiet",
    "--package",
    "hallpass-session",
    "--lib",
    "--",
    "--exact",
    "--nocapture",
    "simulation::no_schedule_breaks_an_invariant",
];

/// Runs the schedules; the last line is a summary. A schedule that breaks an invariant is told whole.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let range = Range::read(arguments)?;
    let workspace = Workspace::load()?;
    let mut test = workspace.cargo(TEST);
    test.env("HALLPASS_SIM_SEEDS", range.seeds.to_string())
        .env("HALLPASS_SIM_FROM", range.from.to_string());
    let said = command::run_quietly(&mut test)?;
    match said.lines().find_map(summary) {
        Some(summary) => {
            println!("{summary}");
            Ok(())
        }
        None => Err(format!("the simulation said no summary:\n{said}")),
    }
}

/// Which schedules.
#[derive(Debug, PartialEq, Eq)]
struct Range {
    from: u64,
    seeds: u64,
}

impl Range {
    fn read(arguments: &[&str]) -> Result<Self, String> {
        let mut range = Self {
            from: 0,
            seeds: 100_000,
        };
        let mut words = arguments.iter();
        while let Some(name) = words.next() {
            let place = match *name {
                "--seeds" => &mut range.seeds,
                "--from" => &mut range.from,
                other => return Err(format!("`{other}` is unknown: {USAGE}")),
            };
            let number = words.next().and_then(|word| word.parse().ok());
            *place = number.ok_or_else(|| format!("{name} wants a number: {USAGE}"))?;
        }
        Ok(range)
    }
}

const USAGE: &str = "cargo xtask sim [--seeds N] [--from S]";

/// The simulation's own line, wherever the test runner has put it.
fn summary(line: &str) -> Option<&str> {
    line.contains(" schedules from seed ")
        .then(|| line.trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_and_what_is_not_one_is_told() {
        let read = Range::read(&["--from", "7", "--seeds", "1"]);
        assert_eq!(read, Ok(Range { from: 7, seeds: 1 }));
        assert!(
            Range::read(&["--seeds"])
                .unwrap_err()
                .contains("wants a number")
        );
        assert!(
            Range::read(&["--sed", "1"])
                .unwrap_err()
                .contains("`--sed` is unknown")
        );
    }

    #[test]
    fn the_summary_is_found_after_a_dot() {
        let line = ".3 schedules from seed 0: 9 events; no invariant broken";
        assert_eq!(summary(line), Some(&line[1..]));
        assert_eq!(summary("running 1 test"), None);
    }
}
