//! A process that holds a session, from the outside.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::process::ChildStdin;
use std::time::Duration;

use rustix::process::Signal;

use crate::backend::Backend;
use crate::process::Process;
use crate::strict::Strict;
use crate::worker::Stage;

/// What a holder is started with.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) store: String,
    pub(crate) server: String,
    pub(crate) key: String,
    /// How long a request may take; a claim lasts twice as long.
    pub(crate) request: Duration,
}

/// A process that holds a session.
pub(crate) struct Holder {
    process: Process,
    input: ChildStdin,
    /// The stages it went through and what came of them, since they were last taken.
    stages: Vec<(Stage, String)>,
    /// What it has answered and nobody has asked for yet.
    answers: VecDeque<Answer>,
}

/// What a holder answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Tokens, by their refresh token.
    Tokens(String),
    /// Tokens that are not saved yet: the holder was told so, and goes on trying.
    Unsaved,
    /// An error: its type in a word, and its text.
    Error(String, String),
}

/// What a holder had said when it was killed, and nobody had asked for.
pub(crate) struct LastWords {
    pub(crate) answers: Vec<Answer>,
    pub(crate) stages: Vec<(Stage, String)>,
}

impl Setting {
    pub(crate) fn new(backend: &Backend, strict: &Strict, key: &str, request: Duration) -> Setting {
        Setting {
            store: backend.to_string(),
            server: strict.endpoint(),
            key: key.to_owned(),
            request,
        }
    }

    /// Starts a holder, which waits once at this stage if there is one.
    pub(crate) fn start(&self, gate: Option<Stage>) -> Result<Holder, String> {
        let request = self.request.as_millis().to_string();
        let words = [
            ("store", &*self.store),
            ("server", &*self.server),
            ("key", &*self.key),
            ("request", &*request),
            ("gate", gate.map_or("-", Stage::name)),
        ];
        let mut process = Process::start("session", &words)?;
        let input = process.input().ok_or("a holder without an input")?;
        Ok(Holder {
            process,
            input,
            stages: Vec::new(),
            answers: VecDeque::new(),
        })
    }

    /// Starts one and waits until it has opened its store.
    pub(crate) fn ready(&self, gate: Option<Stage>) -> Result<Holder, String> {
        let holder = self.start(gate)?;
        holder.process.wait_for("ready")?;
        Ok(holder)
    }
}

impl Holder {
    /// Tells it to do something.
    pub(crate) fn tell(&mut self, order: &str) -> Result<(), String> {
        let said = |error: io::Error| format!("a holder does not listen: {error}");
        self.input
            .write_all(format!("{order}\n").as_bytes())
            .map_err(said)
    }

    /// Tells it to do something and waits for what comes of it.
    pub(crate) fn ask(&mut self, order: &str) -> Result<Answer, String> {
        self.tell(order)?;
        self.answer()
    }

    /// The next answer.
    pub(crate) fn answer(&mut self) -> Result<Answer, String> {
        loop {
            if let Some(answer) = self.answers.pop_front() {
                return Ok(answer);
            }
            self.listen()?;
        }
    }

    /// Waits until it says this line.
    pub(crate) fn wait_for(&mut self, wanted: &str) -> Result<(), String> {
        while self.listen()? != wanted {}
        Ok(())
    }

    /// Waits until it has come through this stage, with this outcome.
    pub(crate) fn come_to(&mut self, wanted: Stage, outcome: &str) -> Result<(), String> {
        let is_wanted = |(stage, came): &(Stage, String)| *stage == wanted && came == outcome;
        while !self.stages.iter().any(is_wanted) {
            self.listen()
                .map_err(|error| format!("no {} {outcome}: {error}", wanted.name()))?;
        }
        Ok(())
    }

    fn listen(&mut self) -> Result<String, String> {
        let line = self.process.line()?.ok_or("a holder has ended by itself")?;
        self.answers.extend(hear(&mut self.stages, &line));
        Ok(line)
    }

    /// The stages since this was asked before.
    pub(crate) fn take_stages(&mut self) -> Vec<(Stage, String)> {
        std::mem::take(&mut self.stages)
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<(), String> {
        self.process.signal(signal)
    }

    /// Stops it, and waits until it stands.
    pub(crate) fn stop(&self) -> Result<(), String> {
        self.process.stop()
    }

    /// Ends it by SIGKILL, and returns what nobody had read.
    pub(crate) fn kill(self) -> Result<LastWords, String> {
        let Holder {
            process,
            input,
            mut stages,
            answers,
        } = self;
        drop(input);
        let mut answers = Vec::from(answers);
        for line in process.kill()? {
            answers.extend(hear(&mut stages, &line));
        }
        Ok(LastWords { answers, stages })
    }

    /// Waits until it has ended by itself, and tells whether it was content.
    pub(crate) fn end(self) -> Result<bool, String> {
        let Holder { process, input, .. } = self;
        let (_, status) = process.end()?;
        drop(input);
        Ok(status.success())
    }
}

fn hear(stages: &mut Vec<(Stage, String)>, line: &str) -> Option<Answer> {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    match verb {
        "tokens" => Some(Answer::Tokens(rest.to_owned())),
        "unsaved" => Some(Answer::Unsaved),
        "error" => {
            let (kind, text) = rest.split_once(' ').unwrap_or((rest, ""));
            Some(Answer::Error(kind.to_owned(), text.to_owned()))
        }
        "stage" => {
            let (name, outcome) = rest.split_once(' ').unwrap_or((rest, ""));
            stages.extend(Stage::read(name).map(|stage| (stage, outcome.to_owned())));
            None
        }
        _ => None,
    }
}

impl Answer {
    /// Tokens, or an error that says what came instead.
    pub(crate) fn tokens(self) -> Result<String, String> {
        match self {
            Answer::Tokens(refresh_token) => Ok(refresh_token),
            Answer::Unsaved => Err("tokens that are not saved".to_owned()),
            Answer::Error(kind, text) => Err(format!("instead of tokens: {kind}, {text}")),
        }
    }

    /// Whether the session is over, for everybody.
    pub(crate) fn is_end(&self) -> bool {
        ["ended-in-doubt", "ended-refused", "missing"]
            .iter()
            .any(|end| self.is(end))
    }

    pub(crate) fn is(&self, kind: &str) -> bool {
        matches!(self, Answer::Error(known, _) if known == kind)
    }
}
