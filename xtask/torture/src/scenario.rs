//! What there is to be proved.

use std::time::Instant;

use crate::ground::Ground;
use crate::options::Options;
use crate::report::{self, Row};

mod eio;
mod enospc;
mod kill_raw;

/// One of them.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    does: &'static str,
    run: fn(&Ground) -> Result<Vec<Row>, String>,
}

/// All of them, in the order in which they run.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "kill",
        does: "kill -9 at random: what was acknowledged is there, and nothing is torn",
        run: kill_raw::run,
    },
    Scenario {
        name: "enospc",
        does: "a disk that is full: the old entry stays whole, and nothing is left behind",
        run: enospc::run,
    },
    Scenario {
        name: "eio",
        does: "a disk that fails: told as what it is, and no fsync repeated on the same descriptor",
        run: eio::run,
    },
];

/// Runs those that were asked for, each even after another failed, and prints the table.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let ground = Ground::new(options)?;
    let begun = Instant::now();
    let mut rows = Vec::new();
    let asked = |scenario: &&Scenario| options.scenarios.contains(&scenario.name);
    for scenario in SCENARIOS.iter().filter(asked) {
        println!("{}: {}", scenario.name, scenario.does);
        let begun = Instant::now();
        match (scenario.run)(&ground) {
            Ok(seen) => {
                for row in &seen {
                    println!(
                        "  {:<9} {:.1} s: {}",
                        row.on,
                        row.took.as_secs_f64(),
                        row.saw
                    );
                }
                rows.extend(seen);
            }
            Err(error) => {
                println!("  {error}");
                rows.push(Row {
                    scenario: scenario.name,
                    on: "-".to_owned(),
                    saw: "it could not be done".to_owned(),
                    broken: vec![error],
                    took: begun.elapsed(),
                    ..Row::default()
                });
            }
        }
    }
    report::print(&rows, options, begun.elapsed())
}
