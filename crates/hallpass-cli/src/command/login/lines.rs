//! Lines that somebody types or pastes, without keeping anything else from going on.

use std::io;
use std::thread;

use tokio::sync::mpsc::{self, Receiver};

/// A line longer than any address is not one.
const LONGEST: u64 = 64 * 1024;

/// The lines of standard input.
pub(super) struct Lines(Receiver<String>);

impl Lines {
    /// From now on. A thread reads them, which nobody waits for when the program ends.
    pub(super) fn typed() -> Self {
        let (typed, lines) = mpsc::channel(1);
        let read = move || {
            while let Some(line) = line() {
                if typed.blocking_send(line).is_err() {
                    break;
                }
            }
        };
        // Without the thread nothing is ever typed, and the browser may still come back.
        let _ = thread::Builder::new().spawn(read);
        Self(lines)
    }

    /// The next one. `None`: standard input has ended.
    pub(super) async fn next(&mut self) -> Option<String> {
        self.0.recv().await
    }
}

/// One line. `None`: standard input has ended.
pub(super) async fn one() -> Option<String> {
    tokio::task::spawn_blocking(line).await.ok().flatten()
}

fn line() -> Option<String> {
    use io::{BufRead, Read};

    let mut line = String::new();
    let read = io::stdin().lock().take(LONGEST).read_line(&mut line);
    matches!(read, Ok(1..)).then_some(line)
}
