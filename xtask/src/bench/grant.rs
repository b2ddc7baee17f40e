//! `cargo xtask bench grant`: what a login costs with `hallpass-grant`, beside the crate `oauth2`, from one run.
//!
//! Instructions are counted by callgrind, so that the figures are those of any machine with the same compiler; each is
//! the difference between two runs of a program that does the thing 100 and 200 times.

use std::path::Path;
use std::process::Command;

use super::{grouped, programs};
use crate::command;
use crate::workspace::Workspace;

const MANIFEST: &str = "crates/hallpass-grant/benches/Cargo.toml";
const FEW: u64 = 100;
const MANY: u64 = 200;

/// What is measured, and what it may cost.
struct Scenario {
    name: &'static str,
    shown: &'static str,
    instructions: u64,
    allocations: Option<u64>,
}

const SCENARIOS: [Scenario; 3] = [
    Scenario {
        name: "url",
        shown: "authorization URL",
        instructions: 8_000,
        allocations: Some(4),
    },
    Scenario {
        name: "callback",
        shown: "checked code callback",
        instructions: 3_000,
        allocations: None,
    },
    Scenario {
        name: "exchange",
        shown: "code exchange",
        instructions: 14_000,
        allocations: None,
    },
];

/// What one operation costs.
struct Cost {
    instructions: u64,
    allocations: u64,
}

/// Builds the programs, counts, prints the table; an error names each goal that is missed.
pub(super) fn run(workspace: &Workspace) -> Result<(), String> {
    if command::version("valgrind").is_none() {
        return Err("valgrind counts the instructions: apt-get install valgrind".to_owned());
    }
    let programs = programs(workspace, MANIFEST)?;
    let mut missed = Vec::new();
    println!(
        "{}",
        line(["one operation", "", "hallpass-grant", "oauth2", "goal"])
    );
    for scenario in &SCENARIOS {
        let ours = cost(&programs, scenario.name, "ours")?;
        let peer = cost(&programs, scenario.name, "peer")?;
        let rows = [
            (
                "instructions",
                ours.instructions,
                peer.instructions,
                Some(scenario.instructions),
            ),
            (
                "allocations",
                ours.allocations,
                peer.allocations,
                scenario.allocations,
            ),
        ];
        for (unit, ours, peer, goal) in rows {
            let shown = goal.map_or(String::new(), |goal| format!("at most {}", grouped(goal)));
            let cells = [scenario.shown, unit, &grouped(ours), &grouped(peer), &shown];
            println!("{}", line(cells));
            if goal.is_some_and(|goal| ours > goal) {
                missed.push(format!("{}: {} {unit}", scenario.shown, grouped(ours)));
            }
        }
    }
    match missed.is_empty() {
        true => Ok(()),
        false => Err(format!("missed: {}", missed.join(", "))),
    }
}

fn cost(programs: &Path, scenario: &str, side: &str) -> Result<Cost, String> {
    let few = instructions(programs, scenario, side, FEW)?;
    let many = instructions(programs, scenario, side, MANY)?;
    let counted =
        command::run_quietly(Command::new(programs.join("allocations")).args([scenario, side]))?;
    let allocations = counted
        .trim()
        .parse()
        .map_err(|_| format!("no count: {counted}"))?;
    Ok(Cost {
        instructions: many.saturating_sub(few) / (MANY - FEW),
        allocations,
    })
}

/// How many instructions a whole run takes.
fn instructions(programs: &Path, scenario: &str, side: &str, count: u64) -> Result<u64, String> {
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(programs.join("operations"))
        .args([scenario, side, &count.to_string()]);
    let said = command::run_quietly(&mut valgrind)?;
    collected(&said).ok_or_else(|| format!("callgrind said no count:\n{said}"))
}

fn collected(said: &str) -> Option<u64> {
    let (_, after) = said.split_once("Collected : ")?;
    after.split_whitespace().next()?.parse().ok()
}

fn line([name, unit, ours, peer, goal]: [&str; 5]) -> String {
    format!("{name:<24}{unit:<14}{ours:>16}{peer:>12}{goal:>18}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callgrinds_count_is_found() {
        let said = "==7== Events    : Ir\n==7== Collected : 4509400\n==7==\n==7== I   refs:      4,509,400\n";
        assert_eq!(collected(said), Some(4_509_400));
        assert_eq!(collected("valgrind: no such file"), None);
    }
}
