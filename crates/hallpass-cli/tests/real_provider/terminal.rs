//! A terminal with a shell in it, as a person has one: what is typed goes in, what is seen comes out.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty};
use tempfile::TempDir;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The prompt says how the last command ended.
const PROMPT: &str = "[$?] ";

/// The size of a window that most people have.
pub(crate) const WIDE: (u16, u16) = (60, 100);
/// The size of one that is hardly usable.
pub(crate) const NARROW: (u16, u16) = (60, 30);

/// What a person has at home: configuration, sessions.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// A terminal of this size, with a shell that is ready.
    pub(crate) fn terminal(&self, size: (u16, u16)) -> Terminal {
        self.terminal_with(size, &[])
    }

    pub(crate) fn terminal_with(&self, size: (u16, u16), variables: &[(&str, &str)]) -> Terminal {
        let program = Path::new(env!("CARGO_BIN_EXE_hallpass"));
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", program.parent().unwrap().display());
        let (pty, child) = pty_process::blocking::open().unwrap();
        pty.resize(pty_process::Size::new(size.0, size.1)).unwrap();
        let shell = Command::new("sh")
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.path())
            .env("TERM", "xterm-256color")
            .env("LANG", "C.UTF-8")
            .env("PS1", PROMPT)
            .env("ISSUER", crate::issuer())
            .envs(variables.iter().copied())
            .current_dir(self.path())
            .spawn(child)
            .unwrap();
        let terminal = Terminal::new(pty, shell, size);
        terminal.until_prompt(1);
        terminal
    }
}

/// A terminal with a shell in it.
pub(crate) struct Terminal {
    pty: Arc<Pty>,
    shell: Child,
    seen: Arc<Seen>,
}

/// What came out of the terminal so far.
struct Seen {
    shown: Mutex<Shown>,
    more: Condvar,
}

struct Shown {
    parser: vt100::Parser,
    bytes: Vec<u8>,
}

impl Terminal {
    fn new(pty: Pty, shell: Child, (rows, columns): (u16, u16)) -> Self {
        let parser = vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0);
        let seen = Arc::new(Seen {
            shown: Mutex::new(Shown {
                parser,
                bytes: Vec::new(),
            }),
            more: Condvar::new(),
        });
        let pty = Arc::new(pty);
        let (from, into) = (Arc::clone(&pty), Arc::clone(&seen));
        // It ends when nobody has the other side open any more.
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = (&*from).read(&mut bytes) {
                let mut shown = into.shown.lock().unwrap();
                shown.parser.process(&bytes[..count]);
                shown.bytes.extend_from_slice(&bytes[..count]);
                into.more.notify_all();
            }
        });
        Self { pty, shell, seen }
    }

    /// Types, as it stands.
    pub(crate) fn press(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    /// Types a command and the enter key.
    pub(crate) fn begin(&self, command: &str) -> Begun<'_> {
        let prompts = self.shown().prompts();
        self.press(&format!("{command}\n"));
        Begun {
            terminal: self,
            prompts,
        }
    }

    /// Types a command, and waits until the shell asks for another.
    pub(crate) fn run(&self, command: &str) -> String {
        self.begin(command).ended()
    }

    /// Waits until the screen is so.
    pub(crate) fn until(&self, what: &str, mut is_so: impl FnMut(&str) -> bool) -> String {
        self.until_shown(what, |shown| is_so(&shown.screen()))
    }

    fn until_prompt(&self, number: usize) -> String {
        self.until_shown("the prompt", |shown| shown.prompts() >= number)
    }

    fn until_shown(&self, what: &str, mut is_so: impl FnMut(&Shown) -> bool) -> String {
        let begun = Instant::now();
        let mut shown = self.seen.shown.lock().unwrap();
        loop {
            if is_so(&shown) {
                return shown.screen();
            }
            let left = PATIENCE.checked_sub(begun.elapsed());
            let left = left.unwrap_or_else(|| panic!("{what} did not come:\n{}", shown.screen()));
            shown = self.seen.more.wait_timeout(shown, left).unwrap().0;
        }
    }

    /// What one sees, without the white space behind it. A line that was too long for the window is one line all the same.
    pub(crate) fn screen(&self) -> String {
        self.shown().screen()
    }

    /// All that was sent to the terminal.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.shown().bytes.clone()
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.seen.shown.lock().unwrap()
    }
}

impl Shown {
    fn screen(&self) -> String {
        self.parser.screen().contents().trim_end().to_owned()
    }

    /// How many prompts there were: some may have been cleared away.
    fn prompts(&self) -> usize {
        let text = String::from_utf8_lossy(&self.bytes);
        text.lines().filter(|line| is_prompt(line)).count()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

/// A command that was typed.
pub(crate) struct Begun<'t> {
    terminal: &'t Terminal,
    prompts: usize,
}

impl Begun<'_> {
    /// Waits until the shell asks for another command. What is seen from the typed one on, without the last prompt.
    pub(crate) fn ended(&self) -> String {
        let screen = self.terminal.until_prompt(self.prompts + 1);
        let mut lines: Vec<&str> = screen.lines().collect();
        lines.pop();
        since_typed(lines).join("\n")
    }

    /// Waits for a line that begins so.
    pub(crate) fn line(&self, beginning: &str) -> String {
        let mut found = None;
        self.terminal.until(beginning, |screen| {
            let mut lines = since_typed(screen.lines().collect());
            // The last one may not be whole.
            lines.pop();
            let line = lines.iter().find(|line| line.starts_with(beginning));
            found = line.map(|line| (*line).to_owned());
            found.is_some()
        });
        found.unwrap_or_default()
    }
}

/// The lines below the last prompt.
fn since_typed(mut lines: Vec<&str>) -> Vec<&str> {
    let typed = lines.iter().rposition(|line| is_prompt(line));
    lines.split_off(typed.map_or(0, |at| at + 1))
}

/// `[0] `, `[130] hallpass token`
fn is_prompt(line: &str) -> bool {
    let code = line.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    code.is_some_and(|(code, _)| code.parse::<u8>().is_ok())
}
