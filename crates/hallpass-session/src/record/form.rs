//! The stored form of a record: JSON, with a version.

use std::io;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_grant::token::{SecretBytes, TokenSet};
use hallpass_grant::{Endpoint, Issuer};

use crate::backoff;

use super::{End, Login, MOST_DOUBT, Owner, Record, RecordError, Refresh};

const VERSION: u32 = 3;

/// The oldest version whose reader reads what is written now, if it passes over the members that it does not know.
const READABLE_FROM: u32 = 3;

pub(super) fn encode(record: &Record) -> SecretBytes {
    let form = Stored {
        version: VERSION,
        readable_from: READABLE_FROM,
        client_id: &record.owner.client_id,
        issuer: record.owner.issuer.as_ref().map(Issuer::as_str),
        token_endpoint: record.owner.token_endpoint.as_ref().map(Endpoint::as_str),
        login: hexadecimal(u128::from_be_bytes(record.login.to_bytes())),
        obtained_at: record.obtained_at.map(UtcDateTime::unix_timestamp),
        doubt: record.doubt,
        refresh: RefreshForm::from(record.refresh),
        tokens: &record.tokens,
    };
    // Nothing in these structures can fail to be written; what is empty would be read as corrupt.
    let mut length = Length(0);
    let measured = serde_json::to_writer(&mut length, &form);
    // It never grows: what is outgrown is freed without being wiped.
    let mut bytes = Vec::with_capacity(length.0);
    match measured.and_then(|()| serde_json::to_writer(&mut bytes, &form)) {
        Ok(()) => SecretBytes::new(bytes),
        Err(_) => SecretBytes::new(Vec::new()),
    }
}

/// How many bytes were written.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Record, RecordError> {
    let Versioned {
        version,
        readable_from,
    } = read(bytes)?;
    match version {
        0 => Err(RecordError::Corrupt),
        1 | 2 => read::<Old>(bytes)?.record(),
        newer if newer > VERSION && readable_from.is_none_or(|from| from > VERSION) => {
            Err(RecordError::Newer(newer))
        }
        _ => read::<Three>(bytes)?.record(),
    }
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, RecordError> {
    serde_json::from_slice(bytes).map_err(|_| RecordError::Corrupt)
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
    readable_from: Option<u32>,
}

#[derive(Serialize)]
struct Stored<'a> {
    version: u32,
    readable_from: u32,
    client_id: &'a str,
    issuer: Option<&'a str>,
    token_endpoint: Option<&'a str>,
    /// 32 hexadecimal digits.
    login: String,
    /// Unix seconds.
    obtained_at: Option<i64>,
    doubt: u8,
    refresh: RefreshForm,
    tokens: &'a TokenSet,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RefreshForm {
    Idle,
    /// The holder as 32 hexadecimal digits.
    Claimed {
        holder: String,
        at: i64,
        lease_ms: u64,
    },
    Failed {
        at: i64,
        pause_ms: u64,
    },
    Ended {
        in_doubt: bool,
    },
}

/// Versions 1 and 2. The first has neither token endpoint nor time.
#[derive(Deserialize)]
struct Old {
    client_id: String,
    issuer: Option<Issuer>,
    token_endpoint: Option<Endpoint>,
    refreshed_at: Option<i64>,
    tokens: TokenSet,
}

#[derive(Deserialize)]
struct Three {
    client_id: String,
    issuer: Option<Issuer>,
    token_endpoint: Option<Endpoint>,
    login: String,
    obtained_at: Option<i64>,
    doubt: u8,
    refresh: RefreshForm,
    tokens: TokenSet,
}

impl Old {
    fn record(self) -> Result<Record, RecordError> {
        Ok(Record {
            owner: Owner {
                client_id: self.client_id,
                issuer: self.issuer,
                token_endpoint: self.token_endpoint,
            },
            login: Login::UNKNOWN,
            obtained_at: self.refreshed_at.map(date).transpose()?,
            doubt: 0,
            refresh: Refresh::Idle,
            tokens: self.tokens,
        })
    }
}

impl Three {
    fn record(self) -> Result<Record, RecordError> {
        let login = number(&self.login)?;
        Ok(Record {
            owner: Owner {
                client_id: self.client_id,
                issuer: self.issuer,
                token_endpoint: self.token_endpoint,
            },
            login: Login::from_bytes(login.to_be_bytes()),
            obtained_at: self.obtained_at.map(date).transpose()?,
            doubt: self.doubt.min(MOST_DOUBT),
            refresh: self.refresh.try_into()?,
            tokens: self.tokens,
        })
    }
}

impl From<Refresh> for RefreshForm {
    fn from(refresh: Refresh) -> Self {
        match refresh {
            Refresh::Idle => Self::Idle,
            Refresh::Claimed { holder, at, lease } => Self::Claimed {
                holder: hexadecimal(holder),
                at: at.unix_timestamp(),
                lease_ms: milliseconds(lease),
            },
            Refresh::Failed { at, pause } => Self::Failed {
                at: at.unix_timestamp(),
                pause_ms: milliseconds(pause),
            },
            Refresh::Ended(end) => Self::Ended {
                in_doubt: end == End::InDoubt,
            },
        }
    }
}

impl TryFrom<RefreshForm> for Refresh {
    type Error = RecordError;

    fn try_from(form: RefreshForm) -> Result<Self, RecordError> {
        Ok(match form {
            RefreshForm::Idle => Self::Idle,
            RefreshForm::Claimed {
                holder,
                at,
                lease_ms,
            } => Self::Claimed {
                holder: number(&holder)?,
                at: date(at)?,
                lease: Duration::from_millis(lease_ms),
            },
            RefreshForm::Failed { at, pause_ms } => Self::Failed {
                at: date(at)?,
                pause: Duration::from_millis(pause_ms).min(backoff::LONGEST_ASKED),
            },
            RefreshForm::Ended { in_doubt: false } => Self::Ended(End::Refused),
            RefreshForm::Ended { in_doubt: true } => Self::Ended(End::InDoubt),
        })
    }
}

fn hexadecimal(number: u128) -> String {
    format!("{number:032x}")
}

fn number(hexadecimal: &str) -> Result<u128, RecordError> {
    u128::from_str_radix(hexadecimal, 16).map_err(|_| RecordError::Corrupt)
}

fn date(seconds: i64) -> Result<UtcDateTime, RecordError> {
    UtcDateTime::from_unix_timestamp(seconds).map_err(|_| RecordError::Corrupt)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
