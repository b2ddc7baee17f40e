//! The simulation: many holders of one session, a server that rotates, and everything that can go wrong, in an order that a seed decides.
//!
//! An observer sees everything and says when an invariant is broken. `cargo xtask sim` runs it for longer.

mod chance;
mod faults;
mod observer;
mod server;
mod world;

use std::env;
use std::sync::Mutex;
use std::thread;

use crate::rule::{Rule, Rules};
use observer::Counts;
use world::World;

/// Every rule, and a schedule in which it matters, at the time of writing: the search for one begins there.
const RULES: [(Rule, u64); 15] = [
    (Rule::SteadyLease, 20),
    (Rule::Watch, 4),
    (Rule::RoomBeforeSending, 66),
    (Rule::SinceBeforeTheSwap, 83),
    (Rule::LargerOfTwoClocks, 1300),
    (Rule::DoubtAtTakeover, 3),
    (Rule::DoubtAtLoss, 8),
    (Rule::DoubtWhenOvertaken, 771),
    (Rule::TwoSuccesses, 99),
    (Rule::SaveOverClaim, 1727),
    (Rule::DropAfterLogout, 604),
    (Rule::RevokeAfterLogout, 203),
    (Rule::AdoptWithoutRevoking, 389),
    (Rule::LookBeforeEnding, 18213),
    (Rule::LookForUnknown, 87),
];

/// How many schedules a broken rule is looked for in.
const ENOUGH: u64 = 20_000;

#[test]
fn no_schedule_breaks_an_invariant() {
    let number =
        |name: &str, otherwise| env::var(name).map_or(otherwise, |text| text.parse().unwrap());
    let (from, seeds) = (
        number("HALLPASS_SIM_FROM", 0),
        number("HALLPASS_SIM_SEEDS", 1_500),
    );
    let threads = thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let (counts, failed) = (Mutex::new(Counts::default()), Mutex::new(None::<u64>));
    thread::scope(|scope| {
        for thread in 0..threads {
            let (counts, failed) = (&counts, &failed);
            scope.spawn(move || {
                let mut own = Counts::default();
                for seed in (from + thread..from + seeds).step_by(threads as usize) {
                    if failed.lock().unwrap().is_some() {
                        return;
                    }
                    let (violation, seen) = schedule(seed, Rules::ALL);
                    own.add(seen);
                    if violation.is_some() {
                        *failed.lock().unwrap() = Some(seed);
                    }
                }
                counts.lock().unwrap().add(own);
            });
        }
    });
    if let Some(seed) = *failed.lock().unwrap() {
        panic!("{}", traced(seed, Rules::ALL));
    }
    let counts = *counts.lock().unwrap();
    println!(
        "{} schedules from seed {from}: {} events, {} requests, {} rotations, {} refresh tokens sent twice, {} takeovers, {} crashes, \
         {} nonces wanted, {} ends in doubt, {} refused, {} dropped after a logout; no invariant broken",
        counts.schedules,
        counts.steps,
        counts.requests,
        counts.rotations,
        counts.doubles,
        counts.takeovers,
        counts.crashes,
        counts.challenges,
        counts.in_doubt,
        counts.refused,
        counts.dropped
    );
    assert_eq!(counts.schedules, seeds);
    let happened = [
        counts.takeovers,
        counts.challenges,
        counts.in_doubt,
        counts.dropped,
    ];
    assert!(seeds < 1_000 || happened.iter().all(|count| *count > 0));
}

#[test]
fn each_broken_rule_is_noticed() {
    for (rule, near) in RULES {
        let rules = Rules { broken: Some(rule) };
        let mut seeds = near..near + ENOUGH;
        let found = seeds.find_map(|seed| Some((seed, schedule(seed, rules).0?)));
        let (seed, violation) =
            found.unwrap_or_else(|| panic!("nobody notices that {rule:?} is broken"));
        println!("{rule:?} broken: seed {seed}: {violation}");
    }
}

fn schedule(seed: u64, rules: Rules) -> (Option<String>, Counts) {
    let mut world = World::new(seed, rules, false);
    world.run();
    (world.observer.violation.take(), world.observer.counts)
}

/// Everything that happened in one schedule.
fn traced(seed: u64, rules: Rules) -> String {
    let mut world = World::new(seed, rules, true);
    world.run();
    let trace = world.trace.unwrap_or_default().join("\n");
    let violation = world.observer.violation.unwrap_or_default();
    format!(
        "seed {seed}: {violation}\n{trace}\nseed {seed}: {violation}\nrun it alone: cargo xtask sim --seeds 1 --from {seed}"
    )
}
