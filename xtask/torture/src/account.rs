//! What a store owes to a raw writer: every write that was acknowledged, and no torn one.

use crate::mark::Mark;

/// What the raw workers of one key, one after the other, have said, and so what the key may hold.
pub(crate) struct Account {
    /// The last write that was acknowledged, and each one since of which nobody knows. Such a write may land later; it cannot
    /// once another was acknowledged.
    may_hold: Vec<Mark>,
    under_way: Option<Name>,
    highest: u64,
    said: Said,
}

/// What workers have said, counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) acknowledged: u64,
    pub(crate) conflicts: u64,
    /// Writes that surely were not done.
    pub(crate) refused: u64,
    /// Writes of which the store did not know whether they were done.
    pub(crate) unknown: u64,
    /// Those of them of which a load told.
    pub(crate) resolved: u64,
    /// How often the key of all was raised, and how often it may have been besides.
    pub(crate) raised: u64,
    pub(crate) maybe_raised: u64,
    /// Failures of a store that is away, and the first of them.
    pub(crate) failures: u64,
    pub(crate) first_failure: Option<String>,
}

/// Where a worker was when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Starting,
    BetweenWrites,
    InAWrite,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    Own,
    Shared,
}

impl Account {
    pub(crate) fn new() -> Account {
        Account {
            may_hold: vec![Mark::Absent],
            under_way: None,
            highest: 0,
            said: Said::default(),
        }
    }

    /// The numbers up to this one are used.
    pub(crate) fn highest(&self) -> u64 {
        self.highest
    }

    pub(crate) fn said(&self) -> &Said {
        &self.said
    }

    /// Takes all that one worker said in its life.
    ///
    /// # Errors
    /// Where it said what no worker says.
    pub(crate) fn hear(&mut self, lines: &[String]) -> Result<Ended, String> {
        let mut ready = false;
        for line in lines {
            let parts: Vec<&str> = line.split(' ').collect();
            match parts.as_slice() {
                ["ready"] => ready = true,
                ["failed", ..] => {
                    self.said.failures += 1;
                    self.said.first_failure.get_or_insert_with(|| line.clone());
                }
                [verb, name, mark] => {
                    let of = |mark| Some((Name::read(name)?, Mark::read(mark)?));
                    let (name, mark) = of(mark).ok_or_else(|| format!("a worker said `{line}`"))?;
                    self.write(verb, name, mark)?;
                }
                _ => return Err(format!("a worker said `{line}`")),
            }
        }
        let ended = match (ready, self.under_way) {
            (false, _) => Ended::Starting,
            (true, None) => Ended::BetweenWrites,
            (true, Some(_)) => Ended::InAWrite,
        };
        self.leave();
        Ok(ended)
    }

    fn write(&mut self, verb: &str, name: Name, mark: Mark) -> Result<(), String> {
        match verb {
            "try" => {
                // The write before was unknown, and no load told of it.
                self.leave();
                self.under_way = Some(name);
                if name == Name::Own {
                    self.may_hold.push(mark);
                    self.highest = self.highest.max(mark.number());
                }
            }
            "ack" => {
                self.under_way = None;
                self.said.acknowledged += 1;
                match name {
                    Name::Own => self.may_hold = vec![mark],
                    Name::Shared => self.said.raised += 1,
                }
            }
            "found" => {
                self.said.resolved += 1;
                self.write("ack", name, mark)?;
            }
            "conflict" | "not" => {
                self.under_way = None;
                match verb {
                    "not" => self.said.refused += 1,
                    _ => self.said.conflicts += 1,
                }
                // Both promise that it was not written.
                if name == Name::Own {
                    self.may_hold.pop();
                }
            }
            "unknown" => self.said.unknown += 1,
            other => return Err(format!("a worker said `{other}` of a write")),
        }
        Ok(())
    }

    fn leave(&mut self) {
        if self.under_way.take() == Some(Name::Shared) {
            self.said.maybe_raised += 1;
        }
    }

    /// Whether the key may hold this. `Some(true)`: it is a write of which nobody knew.
    pub(crate) fn allows(&self, found: Mark) -> Option<bool> {
        let at = self.may_hold.iter().position(|mark| *mark == found)?;
        Some(at > 0)
    }

    /// What it may hold, for a message.
    pub(crate) fn owed(&self) -> String {
        let marks: Vec<String> = self.may_hold.iter().map(|mark| mark.shown()).collect();
        marks.join(" or ")
    }
}

impl Said {
    pub(crate) fn add(&mut self, other: &Said) {
        self.acknowledged += other.acknowledged;
        self.conflicts += other.conflicts;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.resolved += other.resolved;
        self.raised += other.raised;
        self.maybe_raised += other.maybe_raised;
        self.failures += other.failures;
        if self.first_failure.is_none() {
            self.first_failure.clone_from(&other.first_failure);
        }
    }

    /// What is wrong with the number that all raised, if something is.
    pub(crate) fn judge_raised(&self, found: Mark) -> Option<String> {
        let (least, most) = (self.raised, self.raised + self.maybe_raised);
        let found = found.number();
        (found < least || found > most).then(|| {
            format!("the number that all raise is {found}, though {least} to {most} writes of it were done")
        })
    }
}

impl Name {
    fn read(text: &str) -> Option<Name> {
        match text {
            "own" => Some(Name::Own),
            "shared" => Some(Name::Shared),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(account: &mut Account, lines: &[&str]) -> Ended {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        account.hear(&lines).unwrap()
    }

    #[test]
    fn what_was_acknowledged_is_owed_and_what_was_tried_since_is_allowed() {
        let mut account = Account::new();
        let ended = hear(
            &mut account,
            &["ready", "try own 1", "ack own 1", "try own 2"],
        );
        assert_eq!(ended, Ended::InAWrite);
        assert_eq!(account.allows(Mark::Number(1)), Some(false));
        assert_eq!(account.allows(Mark::Number(2)), Some(true));
        assert_eq!(account.allows(Mark::Absent), None);
        // The one after it did not see the write land; it still may.
        hear(&mut account, &["ready", "try own 3"]);
        assert_eq!(account.owed(), "1 or 2 or 3");
        hear(&mut account, &["ready", "try own 4", "ack own 4"]);
        assert_eq!(account.owed(), "4");
        assert_eq!(account.highest(), 4);
    }

    #[test]
    fn a_write_that_was_not_done_is_not_allowed() {
        let mut account = Account::new();
        hear(
            &mut account,
            &[
                "ready",
                "try own 1",
                "not own 1",
                "try own 2",
                "conflict own 2",
            ],
        );
        assert_eq!(account.owed(), "-");
        hear(
            &mut account,
            &["ready", "try own 3", "unknown own 3", "failed swap x y"],
        );
        assert_eq!(account.owed(), "- or 3");
        hear(
            &mut account,
            &["ready", "try own 4", "unknown own 4", "found own 4"],
        );
        assert_eq!(account.owed(), "4");
        assert_eq!((account.said().unknown, account.said().resolved), (2, 1));
    }

    #[test]
    fn the_number_of_all_is_as_high_as_the_writes_that_were_done() {
        let mut account = Account::new();
        hear(
            &mut account,
            &["ready", "try shared 1", "ack shared 1", "try shared 2"],
        );
        assert!(account.said().judge_raised(Mark::Absent).is_some());
        assert!(account.said().judge_raised(Mark::Number(1)).is_none());
        assert!(account.said().judge_raised(Mark::Number(2)).is_none());
        assert!(account.said().judge_raised(Mark::Number(3)).is_some());
    }

    #[test]
    fn what_no_worker_says_is_an_error() {
        for line in ["", "ack own", "ack own x", "ack her 1", "eat own 1"] {
            assert!(Account::new().hear(&[line.to_owned()]).is_err(), "{line}");
        }
    }
}
