//! `cargo xtask torture`: proofs on real processes (the package `xtask/torture`), with a Redis and a PostgreSQL beside it that are
//! started again whenever it has killed them.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use crate::command;
use crate::services::Folder;
use crate::services::postgres::Postgres;
use crate::services::redis::{Keeps, Redis};
use crate::tools;
use crate::workspace::Workspace;

/// Where the harness finds its servers: a file for each, with its URL, its address and its process id, a line each.
const FOLDER: &str = "HALLPASS_TORTURE_SERVICES";
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Runs the harness with whatever arguments follow the command's name.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let build = ["build", "--release", "--quiet", "--package", "torture"];
    torture(&Workspace::load()?, &build, "release", arguments)
}

/// The short form, as a step of `test`: with the program that the step `tests` has compiled, for what it would run faster in release
/// takes longer to compile.
pub(crate) fn check(workspace: &Workspace) -> Result<(), String> {
    let build = ["test", "--workspace", "--no-run", "--test", "harness"];
    torture(workspace, &build, "debug", &["--short"])
}

fn torture(
    workspace: &Workspace,
    build: &[&str],
    profile: &str,
    arguments: &[&str],
) -> Result<(), String> {
    // Without it the harness says itself what cannot be proved, unless that is left out.
    if let Err(error) = tools::strace() {
        println!("  strace is {error}");
    }
    // Compiled first, so that the servers are there only for the proofs.
    command::run(&mut workspace.cargo(build))?;
    let mut services = Services::start(workspace, arguments)?;
    let mut harness = Command::new(workspace.target.join(profile).join("torture"));
    harness
        .current_dir(&workspace.root)
        .args(arguments)
        .env(FOLDER, services.folder.path());
    let mut running = harness
        .spawn()
        .map_err(|error| format!("{} could not be run: {error}", command::shown(&harness)))?;
    let done = services.keep_up(&mut running);
    if done.is_err() {
        // Only fails when it has ended already.
        let _ = running.kill();
        let _ = running.wait();
    }
    done
}

/// The servers that were asked for; all where none was.
struct Services {
    redis: Option<Redis>,
    postgres: Option<Postgres>,
    folder: Folder,
}

impl Services {
    fn start(workspace: &Workspace, arguments: &[&str]) -> Result<Services, String> {
        let stores: Vec<&str> = arguments
            .windows(2)
            .filter_map(|pair| (pair[0] == "--store").then_some(pair[1]))
            .collect();
        let is_asked = |name| stores.is_empty() || stores.contains(&name);
        let start_redis = || Redis::start(workspace, "torture", Keeps::EveryWrite);
        let services = Services {
            redis: is_asked("redis").then(start_redis).transpose()?,
            postgres: is_asked("postgres")
                .then(|| Postgres::start(workspace, "torture"))
                .transpose()?,
            folder: Folder::make(&workspace.target, "torture")?,
        };
        services.tell_redis()?;
        services.tell_postgres()?;
        Ok(services)
    }

    fn tell_redis(&self) -> Result<(), String> {
        match &self.redis {
            Some(redis) => tell(
                self.folder.path(),
                "redis",
                &redis.url(),
                redis.address(),
                redis.id(),
            ),
            None => Ok(()),
        }
    }

    fn tell_postgres(&self) -> Result<(), String> {
        match &self.postgres {
            Some(postgres) => tell(
                self.folder.path(),
                "postgres",
                &postgres.url(),
                postgres.address(),
                postgres.id(),
            ),
            None => Ok(()),
        }
    }

    /// Starts again what the harness has killed, until it has ended.
    fn keep_up(&mut self, running: &mut Child) -> Result<(), String> {
        loop {
            match running.try_wait() {
                Ok(None) => {}
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => {
                    return Err(format!(
                        "a rule of sessions was broken, or could not be tried ({status})"
                    ));
                }
                Err(error) => return Err(format!("the harness was lost: {error}")),
            }
            if self.redis.as_mut().map_or(Ok(false), Redis::keep_up)? {
                self.tell_redis()?;
            }
            if self
                .postgres
                .as_mut()
                .map_or(Ok(false), Postgres::keep_up)?
            {
                self.tell_postgres()?;
            }
            thread::sleep(BETWEEN_LOOKS);
        }
    }
}

/// Renamed into its place, so that nobody reads half of it.
fn tell(folder: &Path, name: &str, url: &str, address: SocketAddr, id: u32) -> Result<(), String> {
    let (new, file) = (folder.join(format!("{name}.new")), folder.join(name));
    fs::write(&new, format!("{url}\n{address}\n{id}\n"))
        .and_then(|()| fs::rename(&new, &file))
        .map_err(|error| format!("{}: {error}", file.display()))
}
