//! What there is to be proved.

use std::time::Instant;

use crate::ground::Ground;
use crate::options::Options;
use crate::report::Report;

mod eio;
mod enospc;
mod interrupt;
mod kill_raw;
mod kill_session;
mod restart;
mod rotations;
mod stop;
mod suspend;

/// One of them.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    does: &'static str,
    run: fn(&Ground, &mut Report) -> Result<(), String>,
}

/// All of them, in the order in which they run.
pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "rotations",
        does: "many processes, one session, a server that revokes on reuse: a request for each rotation",
        run: rotations::run,
    },
    Scenario {
        name: "kill",
        does: "kill -9 at random: what was acknowledged is there, nothing is torn, no session ends in silence",
        run: kill,
    },
    Scenario {
        name: "stop",
        does: "SIGSTOP past the lease: another goes on, and what comes late is fenced off",
        run: stop::run,
    },
    Scenario {
        name: "restart",
        does: "servers killed and started again, connections cut after the write: what nobody knew, a load tells",
        run: restart::run,
    },
    Scenario {
        name: "suspend",
        does: "clocks that jump: a sleep in the middle of a refresh, and ten years back and forth",
        run: suspend::run,
    },
    Scenario {
        name: "interrupt",
        does: "SIGINT in the middle of a refresh: what it gave is saved",
        run: interrupt::run,
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

fn kill(ground: &Ground, report: &mut Report) -> Result<(), String> {
    kill_raw::run(ground, report)?;
    kill_session::run(ground, report)
}

/// Runs those that were asked for, each even after another failed, and prints the table.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let ground = Ground::new(options)?;
    let begun = Instant::now();
    let mut report = Report::default();
    let asked = |scenario: &&Scenario| options.scenarios.contains(&scenario.name);
    for scenario in SCENARIOS.iter().filter(asked) {
        println!("{}: {}", scenario.name, scenario.does);
        if let Err(error) = (scenario.run)(&ground, &mut report) {
            report.add(scenario.name, "-", Err(error));
        }
    }
    report.print(options, begun.elapsed())
}
