//! Programs that checks need beside them. Each is our own process, stopped by its own id: with the value that stands for
//! it, and by a guard should this process die.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) mod chromedriver;
pub(crate) mod postgres;
pub(crate) mod redis;
pub(crate) mod registry;

/// How long a program may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// Ends the process it is told of when its standard input ends, which is ours to hold.
const GUARD: &str = r#"trap '' INT TERM HUP; read -r _; kill -9 "$1" 2>/dev/null"#;

/// A program that runs. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    guard: Child,
    log: PathBuf,
}

impl Process {
    /// Starts it with its output going to the end of `log`. `name` is what messages call it.
    pub(crate) fn start(
        name: &'static str,
        command: &mut Command,
        log: PathBuf,
    ) -> Result<Process, String> {
        let said = |error: io::Error| format!("{name} could not be started: {error}");
        let output = File::options().create(true).append(true).open(&log);
        let output = output.map_err(|error| format!("{}: {error}", log.display()))?;
        let mut child = command
            .stdout(output.try_clone().map_err(said)?)
            .stderr(output)
            .spawn()
            .map_err(said)?;
        match guard(&child) {
            Ok(guard) => Ok(Process {
                name,
                child,
                guard,
                log,
            }),
            Err(error) => {
                end(&mut child);
                Err(said(error))
            }
        }
    }

    /// Looks again and again until there is an answer; an error where the program ends before, or takes too long.
    pub(crate) fn until_ready<T>(
        &mut self,
        mut look: impl FnMut(&Path) -> Option<T>,
    ) -> Result<T, String> {
        let begun = Instant::now();
        loop {
            if let Some(answer) = look(&self.log) {
                return Ok(answer);
            }
            let ended = !matches!(self.child.try_wait(), Ok(None));
            if ended || begun.elapsed() > PATIENCE {
                let what = if ended { "ended" } else { "took too long" };
                return Err(format!(
                    "{} {what} before it was ready\n{}",
                    self.name,
                    self.log_tail()
                ));
            }
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// Its process id, for signals.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it with a signal that it cannot see coming, and waits until it has ended. Doing so twice is no mistake.
    pub(crate) fn kill(&mut self) {
        // The guard goes first: the id may be another process's as soon as ours has been waited for.
        end(&mut self.guard);
        end(&mut self.child);
    }

    /// The last of what it said.
    pub(crate) fn log_tail(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(30)..].join("\n");
        format!(
            "the last words of {} ({}):\n{tail}",
            self.name,
            self.log.display()
        )
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn guard(child: &Child) -> io::Result<Child> {
    Command::new("sh")
        .args(["-c", GUARD, "guard", &child.id().to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

fn end(child: &mut Child) {
    // Only fails when it has ended already.
    let _ = child.kill();
    let _ = child.wait();
}

/// A folder of its own for one service, below the target folder; it is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// An empty one. `name` tells it from the others of this process.
    pub(crate) fn make(target: &Path, name: &str) -> Result<Folder, String> {
        let path = target
            .join("services")
            .join(format!("{name}-{}", std::process::id()));
        let said = |error: io::Error| format!("{}: {error}", path.display());
        if path.exists() {
            fs::remove_dir_all(&path).map_err(said)?;
        }
        fs::create_dir_all(&path).map_err(said)?;
        Ok(Folder(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind stays below the target folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lasting(folder: &Folder) -> Process {
        let mut tail = Command::new("tail");
        tail.args(["-f", "/dev/null"]).stdin(Stdio::null());
        Process::start("tail", &mut tail, folder.path().join("log")).unwrap()
    }

    fn lives(id: u32) -> bool {
        let mut kill = Command::new("kill");
        kill.args(["-0", &id.to_string()]).stderr(Stdio::null());
        kill.status().unwrap().success()
    }

    #[test]
    fn a_process_ends_with_its_value() {
        let folder = Folder::make(&std::env::temp_dir(), "hallpass-value").unwrap();
        let process = lasting(&folder);
        let (id, guard) = (process.id(), process.guard.id());
        assert!(lives(id) && lives(guard));
        drop(process);
        assert!(!lives(id) && !lives(guard));
    }

    #[test]
    fn a_process_ends_when_nobody_holds_its_guard() {
        let folder = Folder::make(&std::env::temp_dir(), "hallpass-guard").unwrap();
        let mut process = lasting(&folder);
        drop(process.guard.stdin.take());
        let status = process.child.wait().unwrap();
        assert!(!status.success());
    }

    #[test]
    fn a_program_that_ends_before_it_is_ready_is_told_with_its_last_words() {
        let folder = Folder::make(&std::env::temp_dir(), "hallpass-words").unwrap();
        let mut echo = Command::new("echo");
        let log = folder.path().join("log");
        let mut process = Process::start("echo", echo.arg("no such port"), log).unwrap();
        let error = process.until_ready(|_| None::<()>).unwrap_err();
        assert!(
            error.starts_with("echo ended before it was ready"),
            "{error}"
        );
        assert!(error.ends_with("no such port"), "{error}");
    }

    #[test]
    fn a_folder_goes_with_its_value() {
        let folder = Folder::make(&std::env::temp_dir(), "hallpass-folder").unwrap();
        let path = folder.path().to_owned();
        assert!(path.is_dir());
        drop(folder);
        assert!(!path.exists());
    }
}
