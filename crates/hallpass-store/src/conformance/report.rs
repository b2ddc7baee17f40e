//! What the suite answers.

use std::{error, fmt};

/// One rule that every store keeps.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) advice: &'static str,
}

/// The store kept every rule that was tried.
#[derive(Debug, Default, Clone)]
pub struct Report {
    kept: Vec<&'static str>,
    left_out: Vec<&'static str>,
    opted_out: Vec<&'static str>,
}

impl Report {
    /// The names of the rules that were tried and kept, in the order they were tried.
    pub fn kept(&self) -> &[&'static str] {
        &self.kept
    }

    /// The names of the rules about a second handle and about opening again, where the harness has neither.
    pub fn left_out(&self) -> &[&'static str] {
        &self.left_out
    }

    /// The names of the rules that need more of a harness than a way to open a store (threads, answers that are lost),
    /// where it does not offer that.
    pub fn opted_out(&self) -> &[&'static str] {
        &self.opted_out
    }

    pub(super) fn keep(&mut self, rule: &'static Rule) {
        self.kept.push(rule.name);
    }

    pub(super) fn leave_out(&mut self, rule: &'static Rule) {
        self.left_out.push(rule.name);
    }

    pub(super) fn opt_out(&mut self, rule: &'static Rule) {
        self.opted_out.push(rule.name);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for rule in &self.kept {
            writeln!(f, "kept      {rule}")?;
        }
        for rule in &self.left_out {
            writeln!(f, "left out  {rule}")?;
        }
        for rule in &self.opted_out {
            writeln!(f, "opted out {rule}")?;
        }
        Ok(())
    }
}

/// The store broke a rule. `Debug` prints the same readable text as `Display`, so that an
/// `unwrap` tells all.
#[derive(Clone)]
pub struct Broken {
    pub(super) rule: &'static str,
    pub(super) advice: &'static str,
    pub(super) done: Vec<String>,
    pub(super) expected: String,
    pub(super) seen: String,
}

impl Broken {
    /// The name of the rule, a whole sentence.
    pub fn rule(&self) -> &str {
        self.rule
    }

    /// What was done, step by step; the last step is the one that went wrong.
    pub fn done(&self) -> &[String] {
        &self.done
    }

    /// What the last step had to give.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What it gave.
    pub fn seen(&self) -> &str {
        &self.seen
    }

    /// What to look at in the store.
    pub fn advice(&self) -> &str {
        self.advice
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the store breaks a rule: {}", self.rule)?;
        for (number, step) in (1..).zip(&self.done) {
            writeln!(f, "  step {number:>2}:  {step}")?;
        }
        writeln!(f, "  expected: {}", self.expected)?;
        writeln!(f, "  seen:     {}", self.seen)?;
        write!(f, "  to do:    {}", self.advice)
    }
}

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl error::Error for Broken {}
