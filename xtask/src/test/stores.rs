//! The stores that stand on a server, against private servers that are started for them.

mod postgres;

use crate::command;
use crate::services::redis::{Keeps, Redis};
use crate::workspace::Workspace;

/// Chosen from the whole workspace, so that what the step `tests` has compiled is not compiled with other features again.
const REDIS: &[&str] = &[
    "test",
    "--workspace",
    "--features",
    "hallpass-store-redis/real-redis",
    "--test",
    "real_redis",
];

pub(super) fn check(workspace: &Workspace) -> Result<(), String> {
    // Each even after another failed.
    let results = [redis(workspace), postgres::check(workspace)];
    let failures: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    match failures.as_slice() {
        [] => Ok(()),
        failures => Err(failures.join("\n")),
    }
}

fn redis(workspace: &Workspace) -> Result<(), String> {
    // Compiled first, so that the servers are there only for the tests.
    command::run(workspace.cargo(REDIS).arg("--no-run"))?;
    let shared = Redis::start(workspace, "shared", Keeps::Nothing)?;
    let mut durable = Redis::start(workspace, "durable", Keeps::EveryWrite)?;
    for server in [&shared, &durable] {
        let (id, address) = (server.id(), server.address());
        println!("  redis-server is process {id} at {address}");
    }
    let mut tests = workspace.cargo(REDIS);
    tests
        .env("HALLPASS_REDIS", shared.url())
        .env("HALLPASS_REDIS_DURABLE", durable.url());
    command::run(&mut tests)
        .map_err(|error| format!("{error}\n{}\n{}", shared.log_tail(), durable.log_tail()))?;
    // What the tests left in its files is read again after a kill that it cannot see coming.
    durable.restart()
}
