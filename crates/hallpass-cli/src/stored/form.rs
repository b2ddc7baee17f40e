//! The stored form: a line of JSON with a version, and behind it the session's own record as it is.

use hallpass::token::SecretBytes;
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::error::Failure;
use crate::exit::Exit;

const VERSION: u32 = 1;

#[derive(Deserialize)]
struct Versioned {
    hallpass: u32,
}

#[derive(Serialize)]
struct Written<'a> {
    hallpass: u32,
    account: &'a Account,
}

#[derive(Deserialize)]
struct Read {
    account: Account,
}

/// Puts what the session was begun with before its record.
pub(super) fn encode(account: &Account, record: &SecretBytes) -> SecretBytes {
    let head = Written {
        hallpass: VERSION,
        account,
    };
    // Nothing in these structures can fail to be written.
    let head = serde_json::to_vec(&head).unwrap_or_default();
    let mut bytes = Vec::with_capacity(head.len() + 1 + record.len());
    bytes.extend_from_slice(&head);
    bytes.push(b'\n');
    bytes.extend_from_slice(record.expose_secret());
    SecretBytes::new(bytes)
}

/// Takes both apart.
pub(super) fn decode(bytes: &SecretBytes) -> Result<(Account, SecretBytes), Failure> {
    let (head, record) = split(bytes).ok_or_else(damaged)?;
    // What the parser says of a wrong value would quote it.
    let version: Versioned = serde_json::from_slice(head).map_err(|_| damaged())?;
    if version.hallpass > VERSION {
        let says = format!(
            "a newer release of hallpass wrote this session (form {})",
            version.hallpass
        );
        return Err(Failure::new(Exit::Store, says).next("update this program"));
    }
    let read: Read = serde_json::from_slice(head).map_err(|_| damaged())?;
    Ok((read.account, SecretBytes::new(record)))
}

/// The record alone. `None`: there is none, as far as this release can tell.
pub(super) fn record(bytes: &SecretBytes) -> Option<SecretBytes> {
    let (head, record) = split(bytes)?;
    let version: Versioned = serde_json::from_slice(head).ok()?;
    (version.hallpass == VERSION).then(|| SecretBytes::new(record))
}

fn split(bytes: &SecretBytes) -> Option<(&[u8], &[u8])> {
    let bytes = bytes.expose_secret();
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

fn damaged() -> Failure {
    Failure::new(
        Exit::Store,
        "what is stored is no session of this program: look at what else writes to this store; it was left as it is",
    )
    .next("log in again: hallpass login")
}
