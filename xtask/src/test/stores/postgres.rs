//! `PostgresStore` against a private PostgreSQL, which a test kills and which is started again as often.

use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::command;
use crate::services::postgres::Postgres;
use crate::workspace::Workspace;

/// Chosen from the whole workspace, so that what the step `tests` has compiled is not compiled with other features again.
const TESTS: &[&str] = &[
    "test",
    "--workspace",
    "--features",
    "hallpass-store-sql/real-postgres",
    "--test",
    "real_postgres",
    "--test",
    "real_postgres_killed",
];
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

pub(super) fn check(workspace: &Workspace) -> Result<(), String> {
    // Compiled first, so that the server is there only for the tests.
    command::run(workspace.cargo(TESTS).arg("--no-run"))?;
    let mut server = Postgres::start(workspace, "stores")?;
    println!(
        "  postgres is process {} at {}",
        server.id(),
        server.address()
    );
    let mut tests = workspace.cargo(TESTS);
    tests.env("HALLPASS_POSTGRES", server.url());
    let times = run_beside(&mut server, &mut tests)
        .map_err(|error| format!("{error}\n{}", server.log_tail()))?;
    match times {
        0 => Err("no test killed the server: real_postgres_killed did not run".to_owned()),
        times => {
            println!("  postgres was killed and started again {times} times");
            Ok(())
        }
    }
}

/// Runs the tests and starts the server again whenever one has killed it. Returns how often.
fn run_beside(server: &mut Postgres, tests: &mut Command) -> Result<u32, String> {
    let mut times = 0;
    let mut running = tests
        .spawn()
        .map_err(|error| format!("{} could not be run: {error}", command::shown(tests)))?;
    loop {
        match running.try_wait() {
            Ok(None) => match server.keep_up() {
                Ok(was_down) => times += u32::from(was_down),
                Err(error) => {
                    let _ = running.kill();
                    let _ = running.wait();
                    return Err(error);
                }
            },
            Ok(Some(status)) if status.success() => return Ok(times),
            Ok(Some(status)) => {
                return Err(format!("{} failed ({status})", command::shown(tests)));
            }
            Err(error) => return Err(format!("{} was lost: {error}", command::shown(tests))),
        }
        thread::sleep(BETWEEN_LOOKS);
    }
}
