//! Which alternative of a requirement comes next: a function of what is known of its schemes, without I/O.

use std::collections::BTreeSet;

use super::schemes::Node;

/// What is known of a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Nothing,
    Usable,
    Failed,
}

/// What came of looking for an alternative.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// There is one.
    Met,
    /// There is none, or none any more.
    Unmet,
    /// It depends on this scheme: ask it, and look again. Nothing has changed.
    Ask(usize),
}

/// Where the search stands: which member of each `any` is taken. The last `any` turns first.
pub(crate) struct Choice {
    taken: Vec<usize>,
}

impl Choice {
    pub(crate) fn new(nodes: &[Node]) -> Self {
        Self {
            taken: vec![0; nodes.len()],
        }
    }

    /// Looks for the first alternative.
    pub(crate) fn first(&mut self, nodes: &[Node], known: &[Known]) -> Found {
        self.first_of(nodes, known, nodes.len() - 1)
    }

    /// Looks for the alternative after the one there is.
    pub(crate) fn next(&mut self, nodes: &[Node], known: &[Known]) -> Found {
        self.next_of(nodes, known, nodes.len() - 1)
    }

    /// The schemes of the alternative there is.
    pub(crate) fn schemes(&self, nodes: &[Node]) -> BTreeSet<usize> {
        let mut schemes = BTreeSet::new();
        let mut open = vec![nodes.len() - 1];
        while let Some(at) = open.pop() {
            match &nodes[at] {
                Node::Scheme(scheme) => drop(schemes.insert(*scheme)),
                Node::All(members) => open.extend(members),
                Node::Any(members) => open.push(members[self.taken[at]]),
            }
        }
        schemes
    }

    // Both descend no deeper than a requirement may be.

    fn first_of(&mut self, nodes: &[Node], known: &[Known], at: usize) -> Found {
        match &nodes[at] {
            Node::Scheme(scheme) => match known[*scheme] {
                Known::Nothing => Found::Ask(*scheme),
                Known::Usable => Found::Met,
                Known::Failed => Found::Unmet,
            },
            Node::All(members) => {
                for member in members {
                    match self.first_of(nodes, known, *member) {
                        Found::Met => {}
                        other => return other,
                    }
                }
                Found::Met
            }
            Node::Any(members) => self.take(nodes, known, at, members, 0),
        }
    }

    fn next_of(&mut self, nodes: &[Node], known: &[Known], at: usize) -> Found {
        match &nodes[at] {
            Node::Scheme(_) => Found::Unmet,
            Node::All(members) => {
                for (turning, member) in members.iter().enumerate().rev() {
                    match self.next_of(nodes, known, *member) {
                        Found::Unmet => {}
                        Found::Ask(scheme) => return Found::Ask(scheme),
                        Found::Met => {
                            // Those after it begin again. They were met before, so nothing has to be asked.
                            for later in &members[turning + 1..] {
                                self.first_of(nodes, known, *later);
                            }
                            return Found::Met;
                        }
                    }
                }
                Found::Unmet
            }
            Node::Any(members) => {
                let taken = self.taken[at];
                match self.next_of(nodes, known, members[taken]) {
                    Found::Unmet => self.take(nodes, known, at, members, taken + 1),
                    other => other,
                }
            }
        }
    }

    /// Takes the first member from `begin` on that can be met.
    fn take(
        &mut self,
        nodes: &[Node],
        known: &[Known],
        at: usize,
        members: &[usize],
        begin: usize,
    ) -> Found {
        for (index, member) in members.iter().enumerate().skip(begin) {
            match self.first_of(nodes, known, *member) {
                Found::Unmet => {}
                Found::Ask(scheme) => return Found::Ask(scheme),
                Found::Met => {
                    self.taken[at] = index;
                    return Found::Met;
                }
            }
        }
        Found::Unmet
    }
}
