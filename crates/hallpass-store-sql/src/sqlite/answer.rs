//! What SQLite answered, or that it did not.

use hallpass_store::{StoreError, StoreErrorKind, SwapError};

use crate::{cause::Cause, lease::Trouble};

/// What came of a statement that was begun.
#[derive(Debug)]
pub(super) enum Answer {
    /// SQLite said no before it wrote.
    Declined(StoreError),
    /// Nobody knows what is in the file, or will be.
    Lost(StoreError),
}

impl Answer {
    pub(super) fn into_error(self) -> StoreError {
        match self {
            Self::Declined(error) | Self::Lost(error) => error,
        }
    }

    pub(super) fn into_swap_error(self) -> SwapError {
        match self {
            Self::Declined(error) => SwapError::Failed(error),
            Self::Lost(error) => SwapError::Unknown(error),
        }
    }
}

/// The answer to a statement.
pub(super) fn read(trouble: Trouble) -> Answer {
    let error = match trouble {
        Trouble::NoRuntime => return Answer::Declined(no_runtime()),
        Trouble::Late => return Answer::Lost(unavailable("the disk did not answer in time")),
        Trouble::Driver(error) => error,
    };
    let cause = Cause::of(&error);
    match (code(&error), error) {
        (Some(code), _) if is_certain(code) => Answer::Declined(told(code).with_source(cause)),
        (Some(code), _) => Answer::Lost(told(code).with_source(cause)),
        (None, sqlx::Error::ColumnDecode { .. }) => Answer::Lost(
            StoreError::new(
                StoreErrorKind::Corrupt,
                "the table has other columns than this store's",
            )
            .with_source(cause),
        ),
        (None, _) => Answer::Lost(unavailable("the connection ended").with_source(cause)),
    }
}

/// Why the file is not open. Nothing was written.
pub(super) fn not_open(trouble: Trouble) -> StoreError {
    let error = match trouble {
        Trouble::NoRuntime => return no_runtime(),
        Trouble::Late => return busy("no connection in time: others are writing"),
        Trouble::Driver(error) => error,
    };
    let told = match (code(&error), &error) {
        (Some(code), _) => told(code),
        (None, sqlx::Error::PoolTimedOut) => busy("no connection in time: others are writing"),
        (None, sqlx::Error::PoolClosed) => {
            StoreError::new(StoreErrorKind::Other, "this store was closed")
        }
        (None, _) => unavailable("the file cannot be opened"),
    };
    told.with_source(Cause::of(&error))
}

/// SQLite's primary result code; the rest of the number says more than is needed.
fn code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

const ERROR: u32 = 1;
const PERM: u32 = 3;
const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const READONLY: u32 = 8;
const IOERR: u32 = 10;
const CORRUPT: u32 = 11;
const FULL: u32 = 13;
const CANTOPEN: u32 = 14;
const TOOBIG: u32 = 18;
const CONSTRAINT: u32 = 19;
const AUTH: u32 = 23;
const NOTADB: u32 = 26;

/// Whether it is said before the page that commits is in the journal. An error of the disk or a full one may come after, when what
/// is in the journal is found at the next start.
fn is_certain(code: u32) -> bool {
    matches!(
        code,
        ERROR | PERM | BUSY | LOCKED | READONLY | CORRUPT | TOOBIG | CONSTRAINT | AUTH | NOTADB
    )
}

fn told(code: u32) -> StoreError {
    let of = StoreError::new;
    match code {
        BUSY | LOCKED => busy("somebody else kept the file locked for four fifths of the patience"),
        PERM | READONLY | AUTH | CANTOPEN => of(
            StoreErrorKind::Refused,
            "the file cannot be opened for writing",
        ),
        CORRUPT | NOTADB => of(
            StoreErrorKind::Corrupt,
            "the file is damaged, or no SQLite database",
        ),
        ERROR => of(
            StoreErrorKind::Refused,
            "the table is missing or has other columns: call migrate, or name another table",
        ),
        FULL => unavailable("the disk is full"),
        IOERR => unavailable("the disk failed"),
        _ => of(StoreErrorKind::Other, "SQLite refused the statement"),
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

fn busy(message: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Busy, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patience_that_ended_is_unknown() {
        let error = read(Trouble::Late).into_swap_error();
        assert!(matches!(error, SwapError::Unknown(_)), "{error:?}");
    }

    #[test]
    fn a_disk_that_failed_or_is_full_may_have_written() {
        assert!(!is_certain(IOERR) && !is_certain(FULL));
        assert!(is_certain(BUSY) && is_certain(READONLY));
    }
}
