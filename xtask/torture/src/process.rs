//! Processes that are killed, stopped and interrupted: this program, started as a worker.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

/// Nothing a worker does takes this long; one that is silent for longer hangs.
const PATIENCE: Duration = Duration::from_secs(90);

/// A worker. It ends when its standard input does, and is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Process {
    /// Starts a worker of this kind with `name=value` words.
    pub(crate) fn start(kind: &str, words: &[(&str, &str)]) -> Result<Process, String> {
        Process::of(&mut worker(kind, words)?)
    }

    /// Starts a command that is, or starts, a worker.
    pub(crate) fn of(command: &mut Command) -> Result<Process, String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("a worker could not be started: {error}"))?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or("a worker without an output")?;
        let (told, lines) = mpsc::channel();
        // It ends with the worker's output.
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.map(|line| told.send(line)).find(Result::is_err)
        });
        Ok(Process {
            child,
            input,
            lines,
        })
    }

    /// The next thing it says; `None` when it has ended.
    pub(crate) fn line(&self) -> Result<Option<String>, String> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(format!(
                "worker {} has said nothing for {} s",
                self.child.id(),
                PATIENCE.as_secs()
            )),
        }
    }

    /// Waits for this line, and returns those before it.
    pub(crate) fn wait_for(&self, wanted: &str) -> Result<Vec<String>, String> {
        let mut before = Vec::new();
        while let Some(line) = self.line()? {
            if line == wanted {
                return Ok(before);
            }
            before.push(line);
        }
        Err(format!(
            "a worker ended before it said `{wanted}`: {}",
            before.join(" | ")
        ))
    }

    /// What it reads, for whoever has something to say to it.
    pub(crate) fn input(&mut self) -> Option<ChildStdin> {
        self.input.take()
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<(), String> {
        kill_process(self.id()?, signal)
            .map_err(|error| format!("{signal:?} was not sent: {error}"))
    }

    /// Stops it by SIGSTOP, and waits until it stands.
    pub(crate) fn stop(&self) -> Result<(), String> {
        self.signal(Signal::STOP)?;
        let stopped = waitpid(Some(self.id()?), WaitOptions::UNTRACED);
        match stopped {
            Ok(Some((_, status))) if status.stopped() => Ok(()),
            _ => Err("a worker ended before it was stopped".to_owned()),
        }
    }

    fn id(&self) -> Result<Pid, String> {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        id.ok_or_else(|| "a worker without a process id".to_owned())
    }

    /// Ends it by SIGKILL, and returns what it had said and nobody had read.
    pub(crate) fn kill(mut self) -> Result<Vec<String>, String> {
        let said = |error| format!("a worker could not be killed: {error}");
        self.child.kill().map_err(said)?;
        self.child.wait().map_err(said)?;
        let mut rest = Vec::new();
        while let Some(line) = self.line()? {
            rest.push(line);
        }
        Ok(rest)
    }

    /// Closes its input, waits until it has ended by itself, and returns what it said last.
    pub(crate) fn end(mut self) -> Result<(Vec<String>, ExitStatus), String> {
        drop(self.input.take());
        let mut rest = Vec::new();
        while let Some(line) = self.line()? {
            rest.push(line);
        }
        let status = self.child.wait();
        status
            .map(|status| (rest, status))
            .map_err(|error| format!("a worker could not be waited for: {error}"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already is no longer there to be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command that starts a worker.
pub(crate) fn worker(kind: &str, words: &[(&str, &str)]) -> Result<Command, String> {
    let program = env::current_exe().map_err(|error| format!("this program is gone: {error}"))?;
    let mut command = Command::new(program);
    command.args(["worker", kind]);
    command.args(words.iter().map(|(name, value)| format!("{name}={value}")));
    Ok(command)
}
