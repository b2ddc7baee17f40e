//! A home of its own for each test, and the program run in it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use hallpass::store::{Entry, FileStore, Key, Revision, blocking::TokenStore};
use hallpass_testkit::{Config, Decision, TestServer, User};
use serde_json::Value;
use tempfile::TempDir;

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A home folder, and a server to log in to.
pub(crate) struct Home {
    pub(crate) server: TestServer,
    folder: TempDir,
}

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self::with(Config::new())
    }

    pub(crate) fn with(config: Config) -> Self {
        Self::of(TestServer::start(config))
    }

    pub(crate) fn of(server: TestServer) -> Self {
        Self {
            server,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// The program, in an environment where nothing else is said.
    pub(crate) fn hallpass(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hallpass"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        ran(self.hallpass(arguments).output().unwrap())
    }

    /// Runs it with this on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &str) -> Ran {
        let mut begun = self.begin(arguments);
        begun.write(stdin);
        begun.end()
    }

    /// Begins to run it.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Begun {
        Begun::new(self.hallpass(arguments))
    }

    /// A login in a browser, through to its end.
    pub(crate) fn log_in(&self, more: &[&str]) -> Ran {
        self.log_in_as(&["--client-id", "native", "--scope", "read"], more)
    }

    pub(crate) fn log_in_as(&self, client: &[&str], more: &[&str]) -> Ran {
        let issuer = self.server.issuer();
        let arguments = [&["login", &issuer, "--no-browser"], client, more].concat();
        let mut login = self.begin(&arguments);
        let url = login.address();
        let location = self.server.consent(&url, &User::alice(), &Decision::Allow);
        visit(&location.unwrap());
        login.end()
    }

    /// A login of a program for itself.
    pub(crate) fn log_in_itself(&self, more: &[&str]) -> Ran {
        let secret = self.write("secret", "service-secret\n");
        let issuer = self.server.issuer();
        let arguments = [
            "login",
            &issuer,
            "--client-credentials",
            "--client-id",
            "service",
            "--client-secret-file",
            &secret,
        ];
        self.run(&[&arguments, more].concat())
    }

    /// Writes a file, and tells its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn store(&self) -> FileStore {
        FileStore::open(self.path(".local/state/hallpass/sessions")).unwrap()
    }

    pub(crate) fn stored(&self, name: &str) -> Option<Entry> {
        TokenStore::load(&self.store(), &Key::new(name)).unwrap()
    }

    /// Writes other bytes in the place of what is stored.
    pub(crate) fn overwrite(&self, name: &str, bytes: Vec<u8>) {
        let before = self.stored(name).map(|entry| entry.revision);
        let after = Entry::new(Revision::from_bytes(*b"written by tests"), bytes);
        TokenStore::swap(&self.store(), &Key::new(name), before, Some(after)).unwrap();
    }

    /// Lets the token that is stored have expired an hour ago.
    pub(crate) fn expire(&self, name: &str) {
        let entry = self.stored(name).unwrap();
        let text = std::str::from_utf8(entry.bytes.expose_secret()).unwrap();
        let (head, record) = text.split_once('\n').unwrap();
        let mut record: Value = serde_json::from_str(record).unwrap();
        for time in ["/obtained_at", "/tokens/expires_at"] {
            let time = record.pointer_mut(time).unwrap();
            *time = (time.as_i64().unwrap() - 7_200).into();
        }
        self.overwrite(name, format!("{head}\n{record}").into_bytes());
    }

    pub(crate) fn token(&self) -> String {
        let ran = self.run(&["token"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.stdout.trim_end().to_owned()
    }
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A run of the program that has not ended.
pub(crate) struct Begun {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    stderr: String,
    stdout: Option<thread::JoinHandle<String>>,
}

impl Begun {
    pub(crate) fn new(mut command: Command) -> Self {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (line, lines) = mpsc::channel();
        thread::spawn(move || {
            for read in stderr.lines() {
                let _ = line.send(read.unwrap() + "\n");
            }
        });
        let mut stdout = child.stdout.take().unwrap();
        let stdout = thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).unwrap();
            text
        });
        Self {
            stdin: child.stdin.take(),
            child,
            lines,
            stderr: String::new(),
            stdout: Some(stdout),
        }
    }

    /// Waits for the line that says this, and gives it.
    pub(crate) fn says(&mut self, what: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no `{what}` in {}", self.stderr));
            self.stderr.push_str(&line);
            if line.contains(what) {
                return line.trim().to_owned();
            }
        }
    }

    /// Waits for an address to be opened.
    pub(crate) fn address(&mut self) -> String {
        self.says("  http")
    }

    pub(crate) fn write(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        // Who has what it wants may be gone.
        let _ = stdin.write_all(text.as_bytes());
        let _ = stdin.flush();
    }

    /// Sends a signal: `INT`, `TERM`, `KILL`.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Ends standard input, and waits for the program to end.
    pub(crate) fn end(mut self) -> Ran {
        drop(self.stdin.take());
        self.wait()
    }

    /// Waits for the program to end.
    pub(crate) fn wait(mut self) -> Ran {
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                since.elapsed() < PATIENCE,
                "it does not end: {}",
                self.stderr
            );
            thread::park_timeout(Duration::from_millis(2));
        };
        let stdout = self.stdout.take().unwrap().join().unwrap();
        let mut stderr = self.stderr.clone();
        stderr.extend(self.lines.iter());
        Ran {
            code: status.code().unwrap_or(-1),
            stdout,
            stderr,
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser that opens this address of the program's, and tells what it is shown.
pub(crate) fn visit(address: &str) -> String {
    let rest = address.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap());
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut shown = String::new();
    stream.read_to_string(&mut shown).unwrap();
    shown
}

/// Waits until it is so.
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < PATIENCE, "it never came to be: {what}");
        thread::park_timeout(Duration::from_millis(5));
    }
}
