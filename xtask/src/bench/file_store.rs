//! `cargo xtask bench file-store`: what saving one session costs with 1, 1,000 and 10,000 of them stored, beside the floor.
//!
//! The floor is a new file, written, synced and renamed over the old one, and its folder synced. The files are in the target folder: it
//! should be on the disk of which one wants to know. It is time on a disk that others use as well, so it is measured and printed, and
//! no test depends on it.

use std::process::Command;

use super::{grouped, programs};
use crate::command;
use crate::workspace::Workspace;

const MANIFEST: &str = "crates/hallpass-store/benches/Cargo.toml";
const ROUNDS: &str = "1000";
/// Of the floor's median, in hundredths.
const MOST: u64 = 130;

/// The microseconds of a line that the program prints.
struct Times {
    name: String,
    quartiles: [u64; 3],
}

/// Builds the program, runs it, prints the table.
pub(super) fn run(workspace: &Workspace) -> Result<(), String> {
    let program = programs(workspace, MANIFEST)?.join("file-store");
    let mut measure = Command::new(program);
    let said = command::run_quietly(measure.arg(&workspace.target).arg(ROUNDS))?;
    let times: Option<Vec<Times>> = said.lines().map(read).collect();
    let times = times.ok_or_else(|| format!("the program said something else:\n{said}"))?;
    table(&times)
}

fn table(times: &[Times]) -> Result<(), String> {
    let floor = times.first().map_or(0, |floor| floor.quartiles[1]);
    println!(
        "{:<26}{:>16}{:>16}{:>16}{:>10}",
        "one save, µs", "lower quartile", "median", "upper quartile", "of floor"
    );
    let mut missed = Vec::new();
    for Times { name, quartiles } in times {
        let [lower, median, upper] = quartiles.map(grouped);
        let hundredths = quartiles[1] * 100 / floor.max(1);
        let shown = match name.parse() {
            Ok(stored) => format!("with {} stored", grouped(stored)),
            Err(_) => name.clone(),
        };
        let ratio = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        println!("{shown:<26}{lower:>16}{median:>16}{upper:>16}{ratio:>10}");
        if hundredths > MOST {
            missed.push(format!("{shown}: {ratio} of the floor"));
        }
    }
    match missed.is_empty() {
        true => Ok(()),
        false => Err(format!("missed: {}", missed.join(", "))),
    }
}

fn read(line: &str) -> Option<Times> {
    let mut words = line.split(' ');
    let name = words.next()?.to_owned();
    let mut quartiles = [0; 3];
    for quartile in &mut quartiles {
        *quartile = words.next()?.parse().ok()?;
    }
    Some(Times { name, quartiles })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(lines: &[&str]) -> Vec<Times> {
        lines.iter().map(|line| read(line).unwrap()).collect()
    }

    #[test]
    fn a_save_that_costs_more_than_it_may_is_named() {
        assert_eq!(table(&times(&["floor 1 100 3", "1000 1 130 3"])), Ok(()));
        let error = table(&times(&["floor 1 100 3", "1000 1 131 3"])).unwrap_err();
        assert_eq!(error, "missed: with 1,000 stored: 1.31 of the floor");
    }

    #[test]
    fn a_line_that_is_no_measure_is_none() {
        for line in ["", "floor", "floor 1 2", "floor 1 2 x"] {
            assert!(read(line).is_none(), "{line}");
        }
    }
}
