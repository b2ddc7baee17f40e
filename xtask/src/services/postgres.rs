//! A private PostgreSQL on a free loopback port, in a folder of its own, with what was acknowledged synced to the disk.

use std::env;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Folder, Process};
use crate::command;
use crate::tools;
use crate::workspace::Workspace;

/// PostgreSQL refuses to run as root; then it runs as this user, which Debian's package makes.
const USER: &str = "postgres";
/// The superuser and the database inside.
const ROLE: &str = "hallpass";
const READY: &str = "database system is ready to accept connections";

/// A PostgreSQL that runs. It and its folder go when this is dropped.
#[derive(Debug)]
pub(crate) struct Postgres {
    // Before the folder, so that it is dropped before.
    process: Process,
    programs: PathBuf,
    folder: Folder,
    port: u16,
}

impl Postgres {
    /// Makes the folder, starts the server and waits until it takes connections. `name` tells its folder from those of others.
    pub(crate) fn start(workspace: &Workspace, name: &str) -> Result<Postgres, String> {
        let programs = tools::postgresql()?;
        let folder = folder(workspace, name)?;
        let mut initdb = as_user(&programs.join("initdb"), folder.path());
        initdb
            .arg("--pgdata")
            .arg(folder.path().join("data"))
            .args(["--username", ROLE, "--auth", "trust"])
            .args(["--encoding", "UTF8", "--locale", "C"])
            // The server syncs what matters.
            .arg("--no-sync");
        command::run_quietly(&mut initdb)?;
        let port = free_port()?;
        let process = run(&programs, folder.path(), port)?;
        Ok(Postgres {
            process,
            programs,
            folder,
            port,
        })
    }

    /// `postgres://hallpass@127.0.0.1:<port>/postgres`, of a superuser without a password; the same after every restart.
    pub(crate) fn url(&self) -> String {
        format!("postgres://{ROLE}@{}/postgres", self.address())
    }

    /// For a proxy in front of it.
    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The first process, for signals. Its children end when it is gone.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Kills it if it still runs (`kill -9`), and starts it again with the same folder and port.
    pub(crate) fn restart(&mut self) -> Result<(), String> {
        self.process.kill();
        self.process = run(&self.programs, self.folder.path(), self.port)?;
        Ok(())
    }

    /// Starts it again where it is down, as a machine's service manager would. Returns whether it was.
    pub(crate) fn keep_up(&mut self) -> Result<bool, String> {
        let is_up = matches!(self.process.child.try_wait(), Ok(None));
        if !is_up {
            self.restart()?;
        }
        Ok(!is_up)
    }

    /// The last of what it said.
    pub(crate) fn log_tail(&self) -> String {
        self.process.log_tail()
    }
}

/// Its user has to be let into every folder above, which root's own does not do.
fn folder(workspace: &Workspace, name: &str) -> Result<Folder, String> {
    if !tools::is_root() {
        return Folder::make(&workspace.target, &format!("postgres-{name}"));
    }
    let pattern = env::temp_dir().join(format!("hallpass-postgres-{name}-XXXXXX"));
    let made = command::run_quietly(Command::new("mktemp").arg("-d").arg(pattern))?;
    let folder = Folder(PathBuf::from(made.trim()));
    command::run_quietly(Command::new("chown").arg(USER).arg(folder.path()))?;
    Ok(folder)
}

/// The program, to be run by a user that it accepts. `setpriv` does not fork: the process id is the program's.
fn as_user(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    if tools::is_root() {
        command = Command::new("setpriv");
        command.args(["--reuid", USER, "--regid", USER, "--clear-groups", "--"]);
        command.arg(program);
    }
    command.current_dir(folder).stdin(Stdio::null());
    command
}

fn run(programs: &Path, folder: &Path, port: u16) -> Result<Process, String> {
    // After a kill the children of the first process may hold its memory for a moment, and the next one refuses to start.
    let mut tries = 20;
    loop {
        let told = match try_to_run(programs, folder, port) {
            Err(told) if tries > 0 => told,
            done => return done,
        };
        if !told.contains("shared memory block") && !told.contains("postmaster.pid") {
            return Err(told);
        }
        tries -= 1;
        std::thread::sleep(super::BETWEEN_LOOKS * 10);
    }
}

fn try_to_run(programs: &Path, folder: &Path, port: u16) -> Result<Process, String> {
    let log = folder.join("postgres.log");
    let said_before = fs::metadata(&log).map_or(0, |log| log.len());
    let mut command = as_user(&programs.join("postgres"), folder);
    command
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k", ""])
        .args(["-c", "max_connections=200"]);
    let mut process = Process::start("postgres", &mut command, log)?;
    process.until_ready(|log| {
        let said = fs::read(log).unwrap_or_default();
        let since = usize::try_from(said_before).unwrap_or(usize::MAX);
        let said = String::from_utf8_lossy(said.get(since..)?).into_owned();
        said.contains(READY).then_some(())
    })?;
    Ok(process)
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("no free port on the loopback interface: {error}"))
}
