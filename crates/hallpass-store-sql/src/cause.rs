//! What the driver answered, stripped of whatever may hold an address, a password, a key or a stored byte.

use std::{error, fmt};

/// The source of every [`StoreError`](hallpass_store::StoreError) here. A database quotes values in its messages and the driver
/// quotes what it was configured with, so of the first only the code is kept, and of the second nothing.
#[derive(Debug)]
pub(crate) struct Cause(String);

impl Cause {
    pub(crate) fn of(error: &sqlx::Error) -> Self {
        Self(match error {
            sqlx::Error::Database(error) => match error.code() {
                Some(code) => format!("the database answered with code {code}"),
                None => "the database answered with an error that has no code".to_owned(),
            },
            // The system's own words, or rustls' about a certificate.
            sqlx::Error::Io(error) => error.to_string(),
            sqlx::Error::Tls(error) => error.to_string(),
            sqlx::Error::Configuration(_) => "the driver refused its configuration".to_owned(),
            sqlx::Error::Protocol(_) => "the peer does not speak the protocol".to_owned(),
            sqlx::Error::PoolTimedOut => "no connection in time".to_owned(),
            sqlx::Error::PoolClosed => "the pool is closed".to_owned(),
            sqlx::Error::WorkerCrashed => "the connection's thread is gone".to_owned(),
            _ => "the driver could not make sense of it".to_owned(),
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for Cause {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_driver_was_configured_with_is_not_repeated() {
        let error = sqlx::Error::Configuration("canary".into());
        assert!(!Cause::of(&error).to_string().contains("canary"));
        let error = sqlx::Error::Protocol("canary".to_owned());
        assert!(!Cause::of(&error).to_string().contains("canary"));
        let error = sqlx::Error::Decode("canary".into());
        assert!(!Cause::of(&error).to_string().contains("canary"));
    }
}
