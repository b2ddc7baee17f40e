//! What the server answered, or that it did not.

use hallpass_store::{StoreError, StoreErrorKind, SwapError};
use sqlx::postgres::{PgDatabaseError, PgSeverity};

use crate::{cause::Cause, lease::Trouble};

/// What came of a statement that was sent.
#[derive(Debug)]
pub(super) enum Answer {
    /// The server said no, its transaction is undone, and the connection goes on.
    Declined(StoreError),
    /// The server said no, its transaction is undone, and another server should be asked.
    Turned(StoreError),
    /// Nobody knows what the server did, or will do.
    Lost(StoreError),
}

impl Answer {
    pub(super) fn into_error(self) -> StoreError {
        match self {
            Self::Declined(error) | Self::Turned(error) | Self::Lost(error) => error,
        }
    }

    pub(super) fn into_swap_error(self) -> SwapError {
        match self {
            Self::Declined(error) | Self::Turned(error) => SwapError::Failed(error),
            Self::Lost(error) => SwapError::Unknown(error),
        }
    }
}

/// The answer to a statement.
pub(super) fn read(trouble: Trouble) -> Answer {
    let error = match trouble {
        Trouble::NoRuntime => return Answer::Declined(no_runtime()),
        Trouble::Late => return Answer::Lost(unavailable("the server did not answer in time")),
        Trouble::Driver(error) => error,
    };
    let cause = Cause::of(&error);
    let Some(said) = database(&error) else {
        let error = match error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_) => StoreError::new(
                StoreErrorKind::Corrupt,
                "the table has other columns than this store's",
            ),
            _ => unavailable("the connection to the server was lost"),
        };
        return Answer::Lost(error.with_source(cause));
    };
    // An error undoes the transaction. Past that, it is the server's end (or its pooler's), which may come after a commit.
    let is_certain = said.severity() == PgSeverity::Error && !may_follow_a_commit(said.code());
    let error = told(said.code()).with_source(cause);
    match (is_certain, said.code()) {
        (false, _) => Answer::Lost(error),
        (true, READ_ONLY) => Answer::Turned(error),
        (true, _) => Answer::Declined(error),
    }
}

/// Why there is no connection. Nothing was sent.
pub(super) fn not_connected(trouble: Trouble) -> StoreError {
    let error = match trouble {
        Trouble::NoRuntime => return no_runtime(),
        Trouble::Late => return unavailable("no connection to the server in time"),
        Trouble::Driver(error) => error,
    };
    let cause = Cause::of(&error);
    let told = match &error {
        sqlx::Error::PoolTimedOut => unavailable(
            "no connection to the server in time: it is away, or every connection is in use",
        ),
        sqlx::Error::PoolClosed => StoreError::new(StoreErrorKind::Other, "this store was closed"),
        sqlx::Error::Tls(_) => refused("there is no TLS with the server"),
        sqlx::Error::Configuration(_) => {
            StoreError::new(StoreErrorKind::Other, "the driver cannot use this address")
        }
        error => match database(error) {
            Some(said) => told(said.code()),
            None => unavailable("there is no connection to the server"),
        },
    };
    told.with_source(cause)
}

/// A server that only follows another one.
pub(super) fn standby() -> StoreError {
    unavailable("the server is a standby, which lags: the address has to lead to the primary")
}

fn database(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    error.as_database_error()?.try_downcast_ref()
}

const READ_ONLY: &str = "25006";

/// Connections broken behind a pooler, the server's end, its disk, what it cannot explain, and what it says to be unknown.
fn may_follow_a_commit(code: &str) -> bool {
    matches!(code.get(..2), Some("08" | "58" | "XX") | None)
        || code.starts_with("57P")
        || code == "40003"
}

/// The code (appendix A of PostgreSQL's manual) in words. Never the message: it may quote a value.
fn told(code: &str) -> StoreError {
    match (code.get(..2), code) {
        (_, READ_ONLY) => unavailable(
            "the server only reads (a standby, or a primary no more): the address has to lead to the primary",
        ),
        (_, "42P01" | "3F000" | "42703") => refused(
            "the table is missing or has other columns: call migrate, or name another table",
        ),
        (_, "42501") => refused("the database's user has no permission for the table"),
        (_, "3D000") => refused("the server has no such database"),
        (Some("28"), _) => refused("the server refused the user or the password"),
        (_, "57014") => busy("the server gave up after four fifths of the patience"),
        (_, "55P03") | (Some("40"), _) => busy("another transaction was at the same row"),
        (Some("53"), _) => {
            unavailable("the server has no room for it (disk, memory or connections)")
        }
        (Some("57"), _) => unavailable("the server is going down or coming up"),
        (Some("08"), _) => unavailable("the connection to the server was lost"),
        (Some("58" | "XX"), _) => unavailable("the server failed"),
        _ => StoreError::new(StoreErrorKind::Other, "the server refused the statement"),
    }
}

fn no_runtime() -> StoreError {
    StoreError::new(
        StoreErrorKind::Other,
        "this store has to be used on a task of tokio",
    )
}

fn unavailable(message: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, message)
}

fn refused(message: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Refused, message)
}

fn busy(message: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Busy, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patience_that_ended_and_a_lost_connection_are_unknown() {
        let lost = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        for trouble in [Trouble::Late, Trouble::Driver(lost.into())] {
            let error = read(trouble).into_swap_error();
            assert!(matches!(error, SwapError::Unknown(_)), "{error:?}");
        }
    }

    #[test]
    fn only_what_comes_surely_before_a_commit_is_certain() {
        for code in [
            "08006", "08P01", "57P01", "57P02", "58000", "58030", "XX000", "40003", "", "5",
        ] {
            assert!(may_follow_a_commit(code), "{code}");
        }
        for code in [
            "40001", "40P01", "55P03", "57014", "25006", "42501", "42P01", "53100", "22001",
        ] {
            assert!(!may_follow_a_commit(code), "{code}");
        }
    }

    #[test]
    fn what_somebody_has_to_mend_is_not_advised_to_be_tried_again() {
        for code in ["42501", "28P01", "28000", "3D000", "42P01"] {
            assert_eq!(told(code).kind(), StoreErrorKind::Refused, "{code}");
        }
        for code in ["40001", "40P01", "57014"] {
            assert_eq!(told(code).kind(), StoreErrorKind::Busy, "{code}");
        }
        for code in ["25006", "53300", "57P03", "08006"] {
            assert_eq!(told(code).kind(), StoreErrorKind::Unavailable, "{code}");
        }
    }
}
