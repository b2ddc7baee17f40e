//! `cargo xtask bench session`: what a token costs that is at hand, on one thread and on two, beside the crates `huskarl` and
//! `yup-oauth2`, from one run.
//!
//! Times are those of the machine it runs on, so the figures of the peers stand beside them.

use std::process::Command;

use super::programs;
use crate::command;
use crate::workspace::Workspace;

const MANIFEST: &str = "crates/hallpass-session/benches/Cargo.toml";
const OURS: &str = "hallpass-session";

/// The most that one call of ours may cost: nanoseconds on one thread and on two, and allocations.
const MOST: [f64; 3] = [35.0, 70.0, 0.0];
const WHAT: [&str; 3] = ["ns on one thread", "ns on two threads", "allocations"];

/// What one call costs with one crate.
#[derive(Debug, PartialEq)]
struct Cost {
    name: String,
    figures: [f64; 3],
}

/// Builds the programs, runs them, prints the table; an error names each goal that is missed.
pub(super) fn run(workspace: &Workspace) -> Result<(), String> {
    let programs = programs(workspace, MANIFEST)?;
    let said = |program: &str| command::run_quietly(&mut Command::new(programs.join(program)));
    let (times, allocations) = (said("session-times")?, said("session-allocations")?);
    let costs = read(&times, &allocations)
        .ok_or_else(|| format!("the programs said something else:\n{times}{allocations}"))?;
    table(&costs)
}

fn table(costs: &[Cost]) -> Result<(), String> {
    let [one, two, allocations] = WHAT;
    println!("{:<20}{one:>20}{two:>20}{allocations:>14}", "one call");
    for Cost { name, figures } in costs {
        println!("{}", line(name, figures));
    }
    println!("{}", line("goal: at most", &MOST));
    let ours = costs.iter().find(|cost| cost.name == OURS);
    let ours = ours.ok_or("there is no figure of ours")?;
    let missed = |((figure, most), what)| (figure > most).then(|| format!("{figure:.1} {what}"));
    let missed = ours
        .figures
        .into_iter()
        .zip(MOST)
        .zip(WHAT)
        .filter_map(missed);
    let missed: Vec<String> = missed.collect();
    match missed.is_empty() {
        true => Ok(()),
        false => Err(format!("missed: {}", missed.join(", "))),
    }
}

fn line(name: &str, [one, two, allocations]: &[f64; 3]) -> String {
    format!("{name:<20}{one:>20.1}{two:>20.1}{allocations:>14}")
}

/// Lines of a name and figures: two times, and one count, in the same order.
fn read(times: &str, allocations: &str) -> Option<Vec<Cost>> {
    let cost = |(times, allocations): (&str, &str)| {
        let mut words = times.split(' ');
        let name = words.next()?.to_owned();
        let counted = allocations.strip_prefix(&name)?.trim();
        let one = words.next()?.parse().ok()?;
        let two = words.next()?.parse().ok()?;
        let figures = [one, two, counted.parse().ok()?];
        Some(Cost { name, figures })
    };
    times.lines().zip(allocations.lines()).map(cost).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_costs_more_than_it_may_is_named() {
        let costs = |times: &str| read(times, "hallpass-session 0\nhuskarl 2\n").unwrap();
        let met = costs("hallpass-session 34.9 70.0\nhuskarl 245.0 300.0\n");
        assert_eq!(table(&met), Ok(()));
        let missed = costs("hallpass-session 35.0 71.2\nhuskarl 1.0 1.0\n");
        let error = table(&missed).unwrap_err();
        assert_eq!(error, "missed: 71.2 ns on two threads");
    }

    #[test]
    fn what_is_no_figure_is_none() {
        for (times, allocations) in [
            ("a 1", "a 1"),
            ("a 1 x", "a 1"),
            ("a 1 2", "b 1"),
            ("a 1 2", "a"),
        ] {
            assert_eq!(read(times, allocations), None, "{times}, {allocations}");
        }
    }
}
