//! Finding tokens without comparing each with each, however many a peer sends.
//!
//! Few are compared one by one, which allocates nothing; many go through a hash table, whose keyed
//! hash a peer cannot aim collisions at.

use std::{collections::HashSet, hash::Hash};

use crate::Scopes;

/// How many tokens are compared one by one.
const FEW: usize = 16;

/// The tokens met so far.
pub(crate) struct Seen<T> {
    few: [Option<T>; FEW],
    many: HashSet<T>,
}

impl<T: Copy + Eq + Hash> Seen<T> {
    pub(crate) fn new() -> Self {
        Self {
            few: [None; FEW],
            many: HashSet::new(),
        }
    }

    /// Whether `token` is met for the first time.
    pub(crate) fn insert(&mut self, token: T) -> bool {
        for slot in &mut self.few {
            match slot {
                Some(seen) if *seen == token => return false,
                Some(_) => {}
                None => {
                    *slot = Some(token);
                    return true;
                }
            }
        }
        self.many.insert(token)
    }
}

/// The tokens of a set that is asked many times.
pub(crate) enum Members<'a> {
    Few(&'a Scopes),
    Many(HashSet<&'a str>),
}

impl<'a> Members<'a> {
    pub(crate) fn of(scopes: &'a Scopes) -> Self {
        if scopes.iter().nth(FEW).is_none() {
            Self::Few(scopes)
        } else {
            Self::Many(scopes.iter().collect())
        }
    }

    pub(crate) fn contain(&self, token: &str) -> bool {
        match self {
            Self::Few(scopes) => scopes.contains_value(token),
            Self::Many(tokens) => tokens.contains(token),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, hash::Hasher};

    use super::*;

    const TOKENS: u32 = 100_000;

    thread_local! {
        static COMPARISONS: Cell<u64> = const { Cell::new(0) };
    }

    /// A token that counts how often it is compared.
    #[derive(Clone, Copy, Eq)]
    struct Counted(u32);

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            COMPARISONS.set(COMPARISONS.get() + 1);
            self.0 == other.0
        }
    }

    impl Hash for Counted {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    fn comparisons_of(tokens: impl Iterator<Item = u32>) -> (usize, u64) {
        COMPARISONS.set(0);
        let mut seen = Seen::new();
        let distinct = tokens.filter(|&token| seen.insert(Counted(token))).count();
        (distinct, COMPARISONS.get())
    }

    #[test]
    fn a_hundred_thousand_distinct_tokens_take_a_bounded_number_of_comparisons_each() {
        let (distinct, comparisons) = comparisons_of(0..TOKENS);
        assert_eq!(distinct, 100_000);
        assert!(comparisons <= 20 * u64::from(TOKENS), "{comparisons}");
    }

    #[test]
    fn a_hundred_thousand_duplicates_take_a_bounded_number_of_comparisons_each() {
        for period in [1, 17, 1_000] {
            let (distinct, comparisons) = comparisons_of((0..TOKENS).map(|n| n % period));
            assert_eq!(distinct, period as usize);
            assert!(comparisons <= 20 * u64::from(TOKENS), "{comparisons}");
        }
    }
}
