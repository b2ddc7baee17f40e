//! The private servers that `cargo xtask torture` has started, and starts again when they are gone.

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// The folder in which a file of its name tells of each server: its URL, its address and its process id, a line each. The
/// file is written anew whenever the server was started again and takes connections.
const FOLDER: &str = "HALLPASS_TORTURE_SERVICES";
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that runs beside this program.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    file: PathBuf,
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
    id: i32,
}

impl Service {
    /// The one of this name.
    pub(crate) fn find(name: &str) -> Result<Service, String> {
        let folder = env::var_os(FOLDER).ok_or_else(|| {
            format!("{name} is a server: run this as `cargo xtask torture`, which starts one, or choose another by `--store`")
        })?;
        let file = PathBuf::from(folder).join(name);
        Service::read(file).ok_or_else(|| format!("cargo xtask torture did not start {name}"))
    }

    fn read(file: PathBuf) -> Option<Service> {
        let text = fs::read_to_string(&file).ok()?;
        let mut lines = text.lines();
        Some(Service {
            url: lines.next()?.to_owned(),
            address: lines.next()?.parse().ok()?,
            id: lines.next()?.parse().ok()?,
            file,
        })
    }

    /// Ends it by SIGKILL.
    pub(crate) fn kill(&self) -> Result<(), String> {
        let id = Pid::from_raw(self.id).ok_or("a server without a process id")?;
        kill_process(id, Signal::KILL)
            .map_err(|error| format!("the server was not killed: {error}"))
    }

    /// Waits until it was started again.
    pub(crate) fn wait(&mut self) -> Result<(), String> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            match Service::read(self.file.clone()) {
                Some(now) if now.id != self.id => {
                    *self = now;
                    return Ok(());
                }
                _ => thread::sleep(Duration::from_millis(10)),
            }
        }
        Err(format!("{} was not started again", self.file.display()))
    }
}
