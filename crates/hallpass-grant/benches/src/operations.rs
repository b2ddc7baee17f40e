//! `operations SCENARIO SIDE COUNT`: does one thing that often, to be counted from outside.
//!
//! What is prepared costs the same for every COUNT up to [`scenarios::MOST`], so the difference between two counts is
//! the cost of the operations alone.

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let [scenario, side, count] = words.as_slice() else {
        eprintln!("give a scenario, a side and a count");
        return ExitCode::FAILURE;
    };
    let (Some(mut operation), Ok(count)) = (scenarios::named(scenario, side), count.parse()) else {
        eprintln!("no scenario is called {scenario} {side}, or {count} is no count");
        return ExitCode::FAILURE;
    };
    for _ in 0..std::cmp::min(count, scenarios::MOST) {
        operation();
    }
    ExitCode::SUCCESS
}
