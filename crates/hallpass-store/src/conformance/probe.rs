//! One store under one rule: does things to it, keeps a record of what was done, and compares.

use std::time::Duration;

use super::{
    drive::{self, Boxed},
    report::{Broken, Rule},
};
use crate::{Entry, Key, Revision, SwapError, TokenStore};

pub(super) struct Probe<'s, S> {
    store: &'s S,
    rule: &'static Rule,
    done: Vec<String>,
}

impl<'s, S: TokenStore> Probe<'s, S> {
    pub(super) fn new(store: &'s S, rule: &'static Rule) -> Self {
        Self {
            store,
            rule,
            done: Vec::new(),
        }
    }

    /// The same record, continued on another handle.
    pub(super) fn on<'t>(self, store: &'t S, step: &str) -> Probe<'t, S> {
        Probe::continued(store, self.rule, self.done, step)
    }

    /// The record alone, where the store is about to be closed.
    pub(super) fn into_done(self) -> Vec<String> {
        self.done
    }

    pub(super) fn continued(
        store: &'s S,
        rule: &'static Rule,
        mut done: Vec<String>,
        step: &str,
    ) -> Self {
        done.push(step.to_owned());
        Self { store, rule, done }
    }

    pub(super) fn store(&self) -> &'s S {
        self.store
    }

    /// A swap that has to be written.
    pub(super) async fn writes(
        &mut self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<&Entry>,
    ) -> Result<(), Broken> {
        self.note_swap(key, expected, new);
        match self
            .answered(self.store.swap(key, expected, new.cloned()))
            .await?
        {
            Ok(()) => Ok(()),
            Err(error) => Err(self.broken("Ok: it is written", answer(&Err(error)))),
        }
    }

    /// A swap that has to be answered by a conflict.
    pub(super) async fn conflicts(
        &mut self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<&Entry>,
    ) -> Result<(), Broken> {
        self.note_swap(key, expected, new);
        match self
            .answered(self.store.swap(key, expected, new.cloned()))
            .await?
        {
            Err(SwapError::Conflict) => Ok(()),
            other => Err(self.broken("Err(Conflict)", answer(&other))),
        }
    }

    /// A load that has to give exactly this.
    pub(super) async fn holds(
        &mut self,
        key: &Key,
        expected: Option<&Entry>,
    ) -> Result<(), Broken> {
        let found = self.load(key).await?;
        if found.as_ref() == expected {
            return Ok(());
        }
        Err(self.broken(&show(expected), difference(expected, found.as_ref())))
    }

    /// A load that has to give the one or the other.
    pub(super) async fn holds_either(
        &mut self,
        key: &Key,
        one: Option<&Entry>,
        other: Option<&Entry>,
    ) -> Result<Option<Entry>, Broken> {
        let found = self.load(key).await?;
        if found.as_ref() == one || found.as_ref() == other {
            return Ok(found);
        }
        let expected = format!("{}, or {}", show(one), show(other));
        Err(self.broken(&expected, show(found.as_ref())))
    }

    pub(super) async fn load(&mut self, key: &Key) -> Result<Option<Entry>, Broken> {
        self.note(format!("load({})", show_key(key)));
        match self.answered(self.store.load(key)).await? {
            Ok(found) => Ok(found),
            Err(error) => {
                Err(self.broken("an answer", format!("Err({:?}: {error})", error.kind())))
            }
        }
    }

    /// No store waits for ever, not even for what was lost with a caller that went away.
    async fn answered<T>(&self, operation: Boxed<'_, T>) -> Result<T, Broken> {
        let answer = drive::within(PATIENCE, operation).await;
        answer.ok_or_else(|| {
            let seen = format!("no answer within {} seconds", PATIENCE.as_secs());
            self.broken("an answer", seen)
        })
    }

    pub(super) fn note(&mut self, step: String) {
        // Of many alike the first and the last say enough.
        if self.done.len() >= 24 {
            self.done.remove(12);
        }
        self.done.push(step);
    }

    pub(super) fn note_swap(&mut self, key: &Key, expected: Option<Revision>, new: Option<&Entry>) {
        let expected = expected.map_or("None".to_owned(), show_revision);
        self.note(format!(
            "swap({}, expected {expected}, new {})",
            show_key(key),
            show(new)
        ));
    }

    pub(super) fn broken(&self, expected: &str, seen: String) -> Broken {
        Broken {
            rule: self.rule.name,
            advice: self.rule.advice,
            done: self.done.clone(),
            expected: expected.to_owned(),
            seen,
        }
    }
}

/// More than the timeout of a store should be.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn answer(answer: &Result<(), SwapError>) -> String {
    match answer {
        Ok(()) => "Ok".to_owned(),
        Err(SwapError::Conflict) => "Err(Conflict)".to_owned(),
        Err(SwapError::Failed(error)) => format!("Err(Failed({:?}: {error}))", error.kind()),
        Err(SwapError::Unknown(error)) => format!("Err(Unknown({:?}: {error}))", error.kind()),
    }
}

fn difference(expected: Option<&Entry>, found: Option<&Entry>) -> String {
    let shown = show(found);
    match (expected, found) {
        (Some(expected), Some(found)) if expected.revision != found.revision => {
            format!("{shown}: another revision")
        }
        (Some(expected), Some(found)) if expected.bytes != found.bytes => {
            let (expected, found) = (expected.bytes.expose_secret(), found.bytes.expose_secret());
            let same = expected
                .iter()
                .zip(found)
                .take_while(|(a, b)| a == b)
                .count();
            format!("{shown}: other bytes from byte {same} on")
        }
        _ => shown,
    }
}

// The suite's own entries, which are no secrets. What a store gives that is not of the suite is
// shown by its length.
pub(super) fn show(entry: Option<&Entry>) -> String {
    entry.map_or("None".to_owned(), |entry| {
        format!(
            "{} with {} bytes",
            show_revision(entry.revision),
            entry.bytes.len()
        )
    })
}

fn show_revision(revision: Revision) -> String {
    format!("{revision:?}")
}

pub(super) fn show_key(key: &Key) -> String {
    let text = key.as_str();
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{:?}… of {} bytes", &text[..end], text.len()),
        None => format!("{text:?}"),
    }
}
