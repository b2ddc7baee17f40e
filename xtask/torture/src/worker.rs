//! What a worker does, by its kind.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process;
use std::thread;

mod files;
mod raw;
mod session;

pub(crate) use files::{failing, left_over};
pub(crate) use raw::{own, shared};
pub(crate) use session::Stage;

/// Runs the worker of this kind with its `name=value` words.
pub(crate) fn run(kind: &str, words: &[&str]) -> Result<(), String> {
    let words = Words::read(words)?;
    match kind {
        "raw" => raw::run(&words),
        "session" => session::run(&words),
        "full-disk" => files::fill(&words),
        "failing-disk" => files::fail(&words),
        other => Err(format!("no worker is called `{other}`")),
    }
}

/// What a worker is started with.
pub(crate) struct Words(BTreeMap<String, String>);

impl Words {
    fn read(words: &[&str]) -> Result<Words, String> {
        let words = words.iter().map(|word| {
            let (name, value) = word.split_once('=').ok_or("a word without a value")?;
            Ok((name.to_owned(), value.to_owned()))
        });
        words.collect::<Result<_, String>>().map(Words)
    }

    pub(crate) fn text(&self, name: &str) -> Result<&str, String> {
        let text = self.0.get(name).map(String::as_str);
        text.ok_or_else(|| format!("the worker needs {name}="))
    }

    pub(crate) fn number(&self, name: &str) -> Result<u64, String> {
        let number = self.text(name)?.parse();
        number.map_err(|_| format!("{name}= needs a number"))
    }
}

/// Says a line in one write, so that a kill leaves whole lines.
pub(crate) fn say(line: &str) {
    let mut line = line.to_owned();
    line.push('\n');
    // A harness that is gone takes its workers with it.
    if io::stdout().lock().write_all(line.as_bytes()).is_err() {
        process::exit(1);
    }
}

/// Ends this process with its input: a harness that died leaves no workers.
pub(crate) fn end_with_the_input() {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        process::exit(0);
    });
}
