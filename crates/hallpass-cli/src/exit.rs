//! How the program ended, as scripts see it.

use std::process::ExitCode;

/// How the program ended. The numbers are a promise: the README lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// What was asked for is done.
    Done,
    /// None of the others: the output could not be written, something of the machine's failed.
    Failed,
    /// The command line, the configuration or a file it names is wrong.
    Usage,
    /// Nobody is logged in under this name.
    NotLoggedIn,
    /// Somebody was, and has to log in again.
    LoginAgain,
    /// The authorization server said no.
    Refused,
    /// The authorization server cannot be reached, or asks to be left alone: the same may work later.
    TryLater,
    /// Sessions cannot be read or written.
    Store,
    /// An answer broke the protocol: the server is wrong, or somebody attacks.
    Violation,
    /// Nobody answered in the time there was.
    TimedOut,
    /// Ctrl-C.
    Interrupted,
    /// Asked to end (SIGTERM, SIGHUP).
    Terminated,
}

impl Exit {
    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotLoggedIn => 3,
            Self::LoginAgain => 4,
            Self::Refused => 5,
            Self::TryLater => 6,
            Self::Store => 7,
            Self::Violation => 8,
            Self::TimedOut => 9,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// The word for it in JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NotLoggedIn => "not_logged_in",
            Self::LoginAgain => "login_again",
            Self::Refused => "refused",
            Self::TryLater => "try_later",
            Self::Store => "store",
            Self::Violation => "violation",
            Self::TimedOut => "timed_out",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
