//! What became of a command that got no good answer: that decides whether a swap failed or is unknown.

use std::io;

use hallpass_store::{StoreError, StoreErrorKind, SwapError};
use redis::{ErrorKind, RedisError};

/// Why there is no good answer.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// There was no connection to send the command on.
    NotSent(StoreError),
    /// Redis said that it did not do it.
    Refused(StoreError),
    /// It may have been done.
    Lost(StoreError),
}

impl Trouble {
    /// Of an attempt to connect.
    pub(crate) fn of_connecting(error: &RedisError) -> Trouble {
        Trouble::NotSent(match error.kind() {
            ErrorKind::AuthenticationFailed => StoreError::new(
                StoreErrorKind::Refused,
                "Redis does not know this user or password",
            ),
            ErrorKind::InvalidClientConfig => StoreError::new(
                StoreErrorKind::Other,
                "the address or the TLS settings cannot be used",
            ),
            _ => match error.code().and_then(refusal) {
                Some(refusal) => refusal,
                None => {
                    let what = if error.is_timeout() {
                        "Redis could not be reached in time"
                    } else {
                        "Redis could not be reached"
                    };
                    unavailable(what, error)
                }
            },
        })
    }

    /// Of a command that was put on a connection.
    pub(crate) fn of_command(error: &RedisError) -> Trouble {
        if let Some(code) = error.code() {
            return match refusal(code) {
                Some(refusal) => Trouble::Refused(refusal),
                // A proxy in front of Redis may say so after it has sent the command on.
                None => Trouble::Lost(StoreError::new(
                    StoreErrorKind::Other,
                    "Redis answered an error that does not say whether it did what it was asked",
                )),
            };
        }
        Trouble::Lost(if error.is_timeout() {
            unavailable("Redis did not answer in time", error)
        } else {
            unavailable("the connection was lost before Redis answered", error)
        })
    }

    /// An answer that no Redis gives to what was asked.
    pub(crate) fn of_answer() -> Trouble {
        Trouble::Lost(StoreError::new(
            StoreErrorKind::Other,
            "the server answered what Redis does not answer",
        ))
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> StoreError {
        match trouble {
            Trouble::NotSent(error) | Trouble::Refused(error) | Trouble::Lost(error) => error,
        }
    }
}

impl From<Trouble> for SwapError {
    fn from(trouble: Trouble) -> SwapError {
        match trouble {
            Trouble::NotSent(error) | Trouble::Refused(error) => SwapError::Failed(error),
            Trouble::Lost(error) => SwapError::Unknown(error),
        }
    }
}

/// The server no longer is what the connection was made to, so that a new one may reach another.
pub(crate) fn is_elsewhere(error: &RedisError) -> bool {
    matches!(
        error.code(),
        Some("READONLY" | "MASTERDOWN" | "CLUSTERDOWN" | "LOADING" | "NOAUTH")
    )
}

/// The connection did not bring an answer of the server, so nothing after it can be trusted to.
pub(crate) fn is_broken(error: &RedisError) -> bool {
    error.code().is_none()
}

/// The errors with which Redis says that it did nothing. Only the code is looked at: the text may hold what was sent.
fn refusal(code: &str) -> Option<StoreError> {
    use StoreErrorKind::{Busy, Corrupt, Other, Refused, Unavailable};

    let (kind, message) = match code {
        "READONLY" => (Unavailable, "this Redis is a replica and takes no writes"),
        "LOADING" => (Unavailable, "Redis is still reading its data"),
        "OOM" => (Unavailable, "Redis has no memory left (`maxmemory`)"),
        "MISCONF" => (
            Unavailable,
            "Redis cannot save to its disk and takes no writes",
        ),
        "NOREPLICAS" => (Unavailable, "Redis has too few replicas to take writes"),
        "MASTERDOWN" => (
            Unavailable,
            "this Redis is a replica that has lost its master",
        ),
        "CLUSTERDOWN" | "TRYAGAIN" => {
            (Unavailable, "the Redis cluster does not serve this key now")
        }
        "BUSY" => (Busy, "a script keeps Redis busy"),
        "WRONGTYPE" => (Corrupt, "what stands under the key's name is not a string"),
        "NOAUTH" => (Refused, "Redis asks for a password"),
        "WRONGPASS" => (Refused, "Redis does not know this user or password"),
        "NOPERM" => (
            Refused,
            "this user of Redis may not do that (it needs EVAL, GET, SET, DEL, RENAMENX, and SCAN and GETRANGE for a list)",
        ),
        "DENIED" => (
            Refused,
            "Redis is in protected mode and takes only local connections",
        ),
        "MOVED" | "ASK" | "CROSSSLOT" => (
            Other,
            "this Redis is a node of a cluster, which this store does not speak to: give it a Redis of its own",
        ),
        _ => return None,
    };
    Some(StoreError::new(kind, message))
}

fn unavailable(what: &'static str, error: &RedisError) -> StoreError {
    let told = StoreError::new(StoreErrorKind::Unavailable, what);
    match error.kind() {
        // What the system said. What a server said is never passed on.
        ErrorKind::Io => told.with_source(io::Error::other(error.to_string())),
        _ => told,
    }
}
