//! `allocations SCENARIO SIDE`: how many allocations one operation makes.

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let [scenario, side] = words.as_slice() else {
        eprintln!("give a scenario and a side");
        return ExitCode::FAILURE;
    };
    let Some(mut operation) = scenarios::named(scenario, side) else {
        eprintln!("no scenario is called {scenario} {side}");
        return ExitCode::FAILURE;
    };
    // The first one may fill what is filled once.
    operation();
    let counted = allocation_counter::measure(operation);
    println!("{}", counted.count_total);
    ExitCode::SUCCESS
}
