//! A private Redis on a free loopback port, in a folder of its own.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Folder, Process};
use crate::tools;
use crate::workspace::Workspace;

/// A Redis that runs. It and its folder go when this is dropped.
#[derive(Debug)]
pub(crate) struct Redis {
    // Before the folder, so that it is dropped before.
    process: Process,
    program: PathBuf,
    folder: Folder,
    port: u16,
    keeps: Keeps,
}

/// What is left of the data after the server was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeps {
    Nothing,
    /// `appendonly yes` and `appendfsync always`: every write that was answered.
    EveryWrite,
}

impl Redis {
    /// Starts one and waits until it answers. `name` tells its folder from those of others.
    pub(crate) fn start(workspace: &Workspace, name: &str, keeps: Keeps) -> Result<Redis, String> {
        let program = tools::redis_server()?;
        let folder = Folder::make(&workspace.target, &format!("redis-{name}"))?;
        let port = free_port()?;
        let process = run(&program, folder.path(), port, keeps)?;
        Ok(Redis {
            process,
            program,
            folder,
            port,
            keeps,
        })
    }

    /// `redis://127.0.0.1:<port>`; the same after every restart.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}", address(self.port))
    }

    /// For a proxy in front of it.
    pub(crate) fn address(&self) -> SocketAddr {
        address(self.port)
    }

    /// For signals other than the one of [`kill`](Self::kill).
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Kills it if it still runs, and starts it again with the same folder and port.
    pub(crate) fn restart(&mut self) -> Result<(), String> {
        self.kill();
        self.process = run(&self.program, self.folder.path(), self.port, self.keeps)?;
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

fn run(program: &Path, folder: &Path, port: u16, keeps: Keeps) -> Result<Process, String> {
    let appendonly = match keeps {
        Keeps::Nothing => "no",
        Keeps::EveryWrite => "yes",
    };
    let mut command = Command::new(program);
    command
        .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--dir"])
        .arg(folder)
        .args(["--save", "", "--appendonly", appendonly])
        .args(["--appendfsync", "always"])
        // Tests crash and restart it with DEBUG.
        .args(["--enable-debug-command", "local"])
        .stdin(Stdio::null());
    let mut process = Process::start("redis-server", &mut command, folder.join("redis.log"))?;
    process.until_ready(|_| answers(port))?;
    Ok(process)
}

/// Whether it has read its files and takes commands.
fn answers(port: u16) -> Option<()> {
    let second = Duration::from_secs(1);
    let mut stream = TcpStream::connect_timeout(&address(port), second).ok()?;
    stream.set_read_timeout(Some(second)).ok()?;
    stream.write_all(b"PING\r\n").ok()?;
    let mut answer = [0; 7];
    stream.read_exact(&mut answer).ok()?;
    (answer == *b"+PONG\r\n").then_some(())
}

fn address(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("no free port on the loopback interface: {error}"))
}
