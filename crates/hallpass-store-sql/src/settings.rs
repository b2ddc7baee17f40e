//! The table's name and how long is waited.

use std::time::Duration;

use hallpass_store::{StoreError, StoreErrorKind};

/// The table's name, how long is waited, and how many connections there may be.
///
/// ```
/// use std::time::Duration;
///
/// use hallpass_store_sql::Settings;
///
/// let settings = Settings::new()
///     .with_table("billing_tokens")?
///     .with_statement_patience(Duration::from_secs(2));
/// # Ok::<(), hallpass_store::StoreError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    table: String,
    connection_patience: Duration,
    statement_patience: Duration,
    connections: u32,
}

impl Settings {
    /// The table `hallpass_tokens`, 5 seconds for a connection, 5 seconds for a statement, at most 10 connections.
    pub fn new() -> Self {
        Self {
            table: "hallpass_tokens".to_owned(),
            connection_patience: Duration::from_secs(5),
            statement_patience: Duration::from_secs(5),
            connections: 10,
        }
    }

    /// Another table; `…_schema` beside it holds the version of its columns. Lower-case ASCII letters, digits and `_`, at most 48, no digit first.
    ///
    /// # Errors
    /// [`Other`](StoreErrorKind::Other) where the name has anything else in it.
    pub fn with_table(mut self, name: impl Into<String>) -> Result<Self, StoreError> {
        self.table = name.into();
        if is_safe(&self.table) {
            return Ok(self);
        }
        Err(StoreError::new(
            StoreErrorKind::Other,
            "a table's name is 1 to 48 of a-z, 0-9 and _, and does not begin with a digit",
        ))
    }

    /// How long an operation waits for a connection of its own, a new one's handshake included. Past it surely nothing was sent.
    #[must_use]
    pub fn with_connection_patience(mut self, patience: Duration) -> Self {
        self.connection_patience = patience;
        self
    }

    /// How long an operation waits for its answer. The database is told to give up after four fifths of it, and then surely
    /// nothing was written; past the whole of it nobody knows.
    #[must_use]
    pub fn with_statement_patience(mut self, patience: Duration) -> Self {
        self.statement_patience = patience;
        self
    }

    /// At most this many connections, and at least one. SQLite always writes through one, and these are for reading.
    #[must_use]
    pub fn with_connections(mut self, connections: u32) -> Self {
        self.connections = connections.max(1);
        self
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
impl Settings {
    /// Safe to stand in a statement between double quotes.
    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    pub(crate) fn connection_patience(&self) -> Duration {
        self.connection_patience
    }

    pub(crate) fn statement_patience(&self) -> Duration {
        self.statement_patience
    }

    /// What the database is told, so that its clear answer comes before our patience ends.
    pub(crate) fn database_patience(&self) -> Duration {
        self.statement_patience.mul_f64(0.8)
    }

    pub(crate) fn connections(&self) -> u32 {
        self.connections
    }
}

fn is_safe(name: &str) -> bool {
    let digit_first = name
        .bytes()
        .next()
        .is_none_or(|first| first.is_ascii_digit());
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !digit_first && name.len() <= 48 && name.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_may_be_named_what_is_safe_in_a_statement() {
        for name in ["t", "_t", "order", "tokens_2", &"t".repeat(48)] {
            assert!(Settings::new().with_table(name).is_ok(), "{name}");
        }
        let refused = [
            "",
            "2t",
            "T",
            "a b",
            "a\"b",
            "a'b",
            "a;b",
            "a.b",
            "a-b",
            "ä",
            "a\0",
            &"t".repeat(49),
        ];
        for name in refused {
            assert!(Settings::new().with_table(name).is_err(), "{name}");
        }
    }

    #[test]
    fn there_is_always_one_connection() {
        let none = Settings::new().with_connections(0);
        assert_eq!(none, Settings::new().with_connections(1));
    }
}
