//! What is asked at a terminal.

use std::io::{Read, Write};
use std::process::Child;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use hallpass_testkit::{Config, Decision, User};
use pty_process::blocking::{Command, Pty, open};

use crate::support::{Home, PATIENCE, visit};

/// The program at a terminal of its own, on a machine without a display.
struct Terminal {
    pty: Arc<Pty>,
    seen: Receiver<Vec<u8>>,
    text: String,
    program: Child,
}

impl Terminal {
    fn new(home: &Home, arguments: &[&str]) -> Self {
        let (pty, side) = open().unwrap();
        let command = Command::new(env!("CARGO_BIN_EXE_hallpass"));
        let command = command.args(arguments).env_clear();
        let program = command.env("HOME", home.path("")).spawn(side).unwrap();
        let pty = Arc::new(pty);
        let from = Arc::clone(&pty);
        let (send, seen) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = (&*from).read(&mut bytes) {
                let _ = send.send(bytes[..count].to_vec());
            }
        });
        Self {
            pty,
            seen,
            text: String::new(),
            program,
        }
    }

    /// Waits until this is seen, and gives what stands before it.
    fn sees(&mut self, what: &str) -> String {
        loop {
            if let Some((before, after)) = self.text.split_once(what) {
                let (before, after) = (before.to_owned(), after.to_owned());
                self.text = after;
                return before;
            }
            let more = self.seen.recv_timeout(PATIENCE);
            let more = more.unwrap_or_else(|_| panic!("no `{what}` in {}", self.text));
            self.text.push_str(&String::from_utf8_lossy(&more));
        }
    }

    fn types(&mut self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

#[test]
fn the_proposed_code_is_taken_with_the_enter_key() {
    let home = Home::with(Config::new().device_interval(Some(Duration::from_secs(1))));
    let issuer = home.server.issuer();
    let mut terminal = Terminal::new(&home, &["login", &issuer, "--client-id", "device"]);
    terminal.sees("[Y/n]");
    terminal.types("\n");
    terminal.sees("this code:\r\n  ");
    let code = terminal.sees("\r\n");
    home.server
        .approve_device(&code, &User::alice(), &Decision::Allow)
        .unwrap();
    terminal.sees("Logged in to");
    let status = home.run(&["status", "--json"]).json();
    assert_eq!(status["grant"], "device");
}

#[test]
fn where_the_proposed_code_is_not_for_this_client_the_login_goes_on_with_a_browser() {
    let home = Home::new();
    let issuer = home.server.issuer();
    let mut terminal = Terminal::new(&home, &["login", &issuer, "--client-id", "native"]);
    terminal.sees("[Y/n]");
    terminal.types("perhaps\n");
    terminal.sees("neither yes nor no");
    terminal.sees("[Y/n]");
    terminal.types("\n");
    terminal.sees("does not let this client");
    terminal.sees("  http");
    let url = format!("http{}", terminal.sees("\r\n"));
    let location = home.server.consent(&url, &User::alice(), &Decision::Allow);
    visit(&location.unwrap());
    terminal.sees("Logged in to");
    assert!(home.token().starts_with("access-"));
    let status = home.run(&["status", "--json"]).json();
    assert_eq!(status["grant"], "authorization_code");
}
