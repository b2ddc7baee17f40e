//! A set of scope tokens, kept in the form that goes over the wire (RFC 6749 §3.3).
//!
//! Invariant: the string is distinct, valid tokens with exactly one space between two.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    InvalidScope, Scope, ScopeDifference,
    invalid::{check_scope, check_token},
    lookup::{Members, Seen},
};

/// For how many scopes room is made when the first one arrives.
const FEW: usize = 8;

/// An ordered set of scope tokens: what a client asks for, or what it was granted (RFC 6749 §3.3).
///
/// Two sets are equal if they hold the same tokens, in whatever order. Tokens are case-sensitive.
/// [`Display`](fmt::Display) and serde write the space-delimited wire form in the order of
/// insertion; serde reads it back.
///
/// Reading, comparing and subtracting take time linear in the length of the strings.
#[derive(Clone, Default, Eq)]
pub struct Scopes {
    wire: String,
}

impl Scopes {
    /// The empty set. It does not allocate.
    pub const fn new() -> Self {
        Self {
            wire: String::new(),
        }
    }

    /// Reads the wire form. Runs of spaces and spaces at either end are tolerated; a token that
    /// comes twice is kept once, where it came first.
    ///
    /// A comma is a valid character of a token: a server that lists its scopes with commas, against
    /// the RFC, has to have them replaced by spaces first.
    ///
    /// # Errors
    ///
    /// If there is a character that is neither a space nor allowed in a `scope-token`.
    pub fn parse(scope: &str) -> Result<Self, InvalidScope> {
        check_scope(scope)?;
        Ok(Self::distinct(scope.len(), tokens(scope)))
    }

    /// Adds one token; `false` if it was there already.
    ///
    /// This looks through the whole set; to add many tokens, [`parse`](Scopes::parse) or
    /// [`extend`](Extend::extend).
    ///
    /// # Errors
    ///
    /// If `token` is empty or holds a character (a space, say) that no `scope-token` may.
    pub fn insert(&mut self, token: &str) -> Result<bool, InvalidScope> {
        check_token(token)?;
        let is_new = !self.contains_value(token);
        if is_new {
            push(&mut self.wire, token);
        }
        Ok(is_new)
    }

    /// The set with this scope in it.
    ///
    /// # Panics
    ///
    /// If the value of a [`Scope`] written by hand is no `scope-token`; the derive refuses to
    /// compile such a value.
    #[must_use]
    pub fn with(mut self, scope: impl Scope) -> Self {
        let value = value_of(&scope);
        if self.wire.is_empty() {
            self.wire.reserve(expected_bytes(&scope, FEW));
        }
        if !self.contains_value(value) {
            push(&mut self.wire, value);
        }
        self
    }

    /// Whether this scope is in the set.
    pub fn contains(&self, scope: &impl Scope) -> bool {
        self.contains_value(scope.value())
    }

    /// Whether the token of exactly this value is in the set.
    pub fn contains_value(&self, value: &str) -> bool {
        self.iter().any(|token| token == value)
    }

    /// The tokens, in the order of insertion.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        tokens(&self.wire)
    }

    /// The tokens that `S` knows, as `S`, in the order of insertion.
    pub fn of<S: Scope>(&self) -> impl Iterator<Item = S> {
        self.iter().filter_map(S::from_value)
    }

    /// The number of tokens, which are counted each time.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no token. An authorization request then leaves out `scope`, and the server
    /// applies its default (RFC 6749 §3.3).
    pub const fn is_empty(&self) -> bool {
        self.wire.is_empty()
    }

    /// The wire form: the tokens with one space between two. It costs nothing.
    pub const fn as_str(&self) -> &str {
        self.wire.as_str()
    }

    /// The tokens of this set that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Scopes) -> Scopes {
        let other = Members::of(other);
        self.filtered(|token| !other.contain(token))
    }

    /// The tokens of this set that are in `other` too, in the order of this set.
    #[must_use]
    pub fn intersection(&self, other: &Scopes) -> Scopes {
        let other = Members::of(other);
        self.filtered(|token| other.contain(token))
    }

    /// Whether every token of this set is in `other`.
    pub fn is_subset(&self, other: &Scopes) -> bool {
        let other = Members::of(other);
        self.iter().all(|token| other.contain(token))
    }

    /// How `granted` differs from this set, which was requested.
    pub fn compared_with(&self, granted: &Scopes) -> ScopeDifference {
        ScopeDifference {
            missing: self.difference(granted),
            added: granted.difference(self),
        }
    }

    /// The set of valid `tokens`, given how many bytes to expect.
    fn distinct<'a>(expected: usize, tokens: impl Iterator<Item = &'a str>) -> Self {
        let mut wire = String::with_capacity(expected);
        let mut seen = Seen::new();
        for token in tokens {
            if seen.insert(token) {
                push(&mut wire, token);
            }
        }
        // A megabyte of duplicates must not stay allocated behind one token.
        if wire.capacity() / 2 > wire.len().max(64) {
            wire.shrink_to_fit();
        }
        Self { wire }
    }

    fn filtered(&self, keep: impl Fn(&str) -> bool) -> Self {
        let mut wire = String::new();
        for token in self.iter().filter(|token| keep(token)) {
            push(&mut wire, token);
        }
        Self { wire }
    }
}

/// As sets: the order of the tokens does not matter.
impl PartialEq for Scopes {
    fn eq(&self, other: &Self) -> bool {
        // Distinct tokens: a subset of the same length is the whole set.
        self.wire == other.wire || (self.wire.len() == other.wire.len() && self.is_subset(other))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.wire)
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromStr for Scopes {
    type Err = InvalidScope;

    fn from_str(scope: &str) -> Result<Self, InvalidScope> {
        Self::parse(scope)
    }
}

/// Panics where [`Scopes::with`] does.
impl<S: Scope> From<S> for Scopes {
    fn from(scope: S) -> Self {
        Self {
            wire: value_of(&scope).to_owned(),
        }
    }
}

/// Panics where [`Scopes::with`] does.
impl<S: Scope, const N: usize> From<[S; N]> for Scopes {
    fn from(scopes: [S; N]) -> Self {
        scopes.into_iter().collect()
    }
}

/// Panics where [`Scopes::with`] does.
impl<S: Scope> FromIterator<S> for Scopes {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        let mut set = Self::new();
        set.extend(scopes);
        set
    }
}

/// Panics where [`Scopes::with`] does.
impl<S: Scope> Extend<S> for Scopes {
    fn extend<I: IntoIterator<Item = S>>(&mut self, scopes: I) {
        let mut scopes = scopes.into_iter().peekable();
        let (least, most) = scopes.size_hint();
        let Some(first) = scopes.peek() else { return };
        let expected = self.wire.len() + 1 + expected_bytes(first, most.unwrap_or(least));
        let values = scopes.map(|scope| value_of(&scope));
        *self = Self::distinct(expected, self.iter().chain(values));
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.wire)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Wire;

        impl de::Visitor<'_> for Wire {
            type Value = Scopes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string of scope tokens parted by spaces")
            }

            fn visit_str<E: de::Error>(self, scope: &str) -> Result<Scopes, E> {
                Scopes::parse(scope).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Wire)
    }
}

fn tokens(wire: &str) -> impl Iterator<Item = &str> {
    // A set has no other white space than the space, and this reads bytes.
    wire.split_ascii_whitespace()
}

fn push(wire: &mut String, token: &str) {
    if !wire.is_empty() {
        wire.push(' ');
    }
    wire.push_str(token);
}

fn value_of(scope: &impl Scope) -> &'static str {
    let value = scope.value();
    if let Err(error) = check_token(value) {
        panic!("the value of the scope {}: {error}", scope.name());
    }
    value
}

/// Enough for `count` scopes of this enum, and never more than all of them take.
fn expected_bytes<S: Scope>(_: &S, count: usize) -> usize {
    let lengths = || S::ALL.iter().map(|scope| scope.value().len() + 1);
    let longest = lengths().max().unwrap_or(0);
    count.saturating_mul(longest).min(lengths().sum())
}
