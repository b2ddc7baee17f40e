//! Which schemes a call needs (OpenAPI: a security requirement).

mod alternatives;
mod applied;
mod choice;
mod error;
mod outgoing;
mod schemes;
mod write;

use std::fmt;

pub use alternatives::Alternatives;
pub use applied::Applied;
pub use error::{SchemeFailure, SecurityError, Unmet};
pub use outgoing::Outgoing;
pub use schemes::{DuplicateScheme, RequirementError, Schemes, Security};

/// Which schemes a call needs: a value made of names, `all` and `any`, nested at will.
///
/// ```
/// # use hallpass::Requirement;
/// let either = Requirement::any(["apiKey".into(), Requirement::all(["OAuthACG", "tenant"])]);
/// assert_eq!(either.to_string(), "apiKey or (OAuthACG and tenant)");
/// ```
///
/// At most 256 names, `all` and `any` together, at most 32 deep: [`Schemes::require`] refuses more.
#[derive(Clone, PartialEq, Eq)]
pub struct Requirement(Result<Form, Excess>);

/// In postfix order: what was nested deeply is dropped, cloned and compared without descending.
#[derive(Clone, PartialEq, Eq)]
struct Form {
    steps: Vec<Step>,
    depth: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Scheme(String),
    /// All of so many before it.
    All(usize),
    /// Any of so many before it.
    Any(usize),
}

/// Which cap a requirement is beyond.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excess {
    Size,
    Depth,
}

pub(crate) const MAX_SIZE: usize = 256;
pub(crate) const MAX_DEPTH: usize = 32;

impl Requirement {
    /// One scheme, by its name.
    pub fn scheme(name: impl Into<String>) -> Self {
        Self(Ok(Form {
            steps: vec![Step::Scheme(name.into())],
            depth: 1,
        }))
    }

    /// All of these. All of none is nothing at all: such a call needs no authorisation.
    pub fn all<R: Into<Self>>(members: impl IntoIterator<Item = R>) -> Self {
        Self::of(members, Step::All)
    }

    /// The first of these that can be met. Any of none could never be met: [`Schemes::require`] refuses it. (OpenAPI's
    /// `security: []` means that nothing is needed, and is `Requirement::all` of none.)
    pub fn any<R: Into<Self>>(members: impl IntoIterator<Item = R>) -> Self {
        Self::of(members, Step::Any)
    }

    fn of<R: Into<Self>>(
        members: impl IntoIterator<Item = R>,
        last: impl FnOnce(usize) -> Step,
    ) -> Self {
        let mut form = Form {
            steps: Vec::new(),
            depth: 0,
        };
        let mut count = 0;
        for member in members {
            match member.into().0 {
                Ok(member) => {
                    form.steps.extend(member.steps);
                    form.depth = form.depth.max(member.depth);
                }
                Err(excess) => return Self(Err(excess)),
            }
            count += 1;
            // Not after the last: there may be no last.
            if form.steps.len() >= MAX_SIZE {
                return Self(Err(Excess::Size));
            }
        }
        form.steps.push(last(count));
        form.depth += 1;
        match form.depth > MAX_DEPTH {
            true => Self(Err(Excess::Depth)),
            false => Self(Ok(form)),
        }
    }

    pub(crate) fn steps(&self) -> Result<&[Step], Excess> {
        match &self.0 {
            Ok(form) => Ok(&form.steps),
            Err(excess) => Err(*excess),
        }
    }
}

impl From<&str> for Requirement {
    fn from(name: &str) -> Self {
        Self::scheme(name)
    }
}

impl From<String> for Requirement {
    fn from(name: String) -> Self {
        Self::scheme(name)
    }
}

impl From<&Requirement> for Requirement {
    fn from(requirement: &Requirement) -> Self {
        requirement.clone()
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(steps) = self.steps() else {
            return f.write_str("(more than can be required)");
        };
        let mut stack: Vec<Phrase> = Vec::new();
        for step in steps {
            let mut last = |count: &usize| stack.split_off(stack.len().saturating_sub(*count));
            let phrase = match step {
                Step::Scheme(name) => Phrase::one(name.clone()),
                Step::All(0) => Phrase::one("nothing".to_owned()),
                Step::Any(0) => Phrase::one("the impossible".to_owned()),
                Step::All(count) => Phrase::joined(last(count), Joiner::And),
                Step::Any(count) => Phrase::joined(last(count), Joiner::Or),
            };
            stack.push(phrase);
        }
        stack
            .iter()
            .try_for_each(|phrase| f.write_str(phrase.text()))
    }
}

impl fmt::Debug for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Requirement({self})")
    }
}

/// Words with what joins them, so that parentheses stand only where their absence would mislead.
pub(crate) struct Phrase {
    text: String,
    joiner: Option<Joiner>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joiner {
    And,
    Or,
}

impl Phrase {
    pub(crate) fn one(text: String) -> Self {
        Self { text, joiner: None }
    }

    /// One phrase is itself; several are joined.
    pub(crate) fn joined(mut phrases: Vec<Phrase>, joiner: Joiner) -> Self {
        if phrases.len() == 1 {
            return phrases.remove(0);
        }
        let between = match joiner {
            Joiner::And => " and ",
            Joiner::Or => " or ",
        };
        let texts: Vec<String> = phrases
            .into_iter()
            .map(|phrase| match phrase.joiner {
                Some(own) if own != joiner => format!("({})", phrase.text),
                _ => phrase.text,
            })
            .collect();
        Self {
            text: texts.join(between),
            joiner: Some(joiner),
        }
    }

    fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parentheses_stand_only_where_their_absence_would_mislead() {
        let all = |members: [Requirement; 2]| Requirement::all(members);
        let any = |members: [Requirement; 2]| Requirement::any(members);
        for (requirement, text) in [
            (Requirement::scheme("a"), "a"),
            (
                all(["a".into(), any(["b".into(), "c".into()])]),
                "a and (b or c)",
            ),
            (
                any(["a".into(), all(["b".into(), "c".into()])]),
                "a or (b and c)",
            ),
            (
                all(["a".into(), all(["b".into(), "c".into()])]),
                "a and b and c",
            ),
            (
                any([Requirement::any(["a"]), Requirement::all(["b"])]),
                "a or b",
            ),
            (Requirement::all([""; 0]), "nothing"),
            (Requirement::any([""; 0]), "the impossible"),
        ] {
            assert_eq!(requirement.to_string(), text);
            assert_eq!(format!("{requirement:?}"), format!("Requirement({text})"));
        }
    }

    #[test]
    fn a_hundred_thousand_levels_and_endless_members_cost_no_stack_and_no_time() {
        let mut left = Requirement::scheme("a");
        let mut right = Requirement::scheme("a");
        for _ in 0..100_000 {
            left = Requirement::all([left, "b".into()]);
            right = Requirement::any(["b".into(), right]);
        }
        assert!(left.steps() == Err(Excess::Depth) && right.steps() == Err(Excess::Depth));
        let endless = Requirement::any(std::iter::repeat("a"));
        assert!(endless.steps() == Err(Excess::Size));
        assert_eq!(endless.clone(), endless);
    }

    #[test]
    fn the_caps_are_exact() {
        let wide = |count| Requirement::any(vec!["a"; count]);
        assert!(wide(MAX_SIZE - 1).steps().is_ok());
        assert!(wide(MAX_SIZE).steps() == Err(Excess::Size));
        let mut deep = Requirement::scheme("a");
        for _ in 1..MAX_DEPTH {
            deep = Requirement::all([deep]);
        }
        assert!(deep.steps().is_ok());
        assert!(Requirement::any([deep]).steps() == Err(Excess::Depth));
    }
}
