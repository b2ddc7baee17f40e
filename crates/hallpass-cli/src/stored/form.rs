//! The stored form: a line of JSON with a version, and behind it the session's own record as it is.

use hallpass::token::SecretBytes;
use serde::{Deserialize, Serialize};

use super::Unreadable;
use crate::account::Account;

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

/// What stands before the record: what the session was begun with.
pub(super) fn head(account: &Account) -> Vec<u8> {
    let head = Written {
        hallpass: VERSION,
        account,
    };
    // Nothing in these structures can fail to be written.
    serde_json::to_vec(&head).unwrap_or_default()
}

/// Puts it there.
pub(super) fn encode(head: &[u8], record: &SecretBytes) -> SecretBytes {
    let mut bytes = Vec::with_capacity(head.len() + 1 + record.len());
    bytes.extend_from_slice(head);
    bytes.push(b'\n');
    bytes.extend_from_slice(record.expose_secret());
    SecretBytes::new(bytes)
}

/// Takes both apart.
pub(super) fn decode(bytes: &SecretBytes) -> Result<(Account, SecretBytes), Unreadable> {
    let (head, record) = split(bytes).ok_or(Unreadable::Damaged)?;
    match version(head) {
        Some(VERSION) => {}
        Some(newer @ 2..) => return Err(Unreadable::Newer(newer)),
        _ => return Err(Unreadable::Damaged),
    }
    // What the parser says of a wrong value would quote it.
    let read: Read = serde_json::from_slice(head).map_err(|_| Unreadable::Damaged)?;
    Ok((read.account, SecretBytes::new(record)))
}

/// What stands before the first line break, and what behind it. `None`: there is none.
pub(super) fn split(bytes: &SecretBytes) -> Option<(&[u8], &[u8])> {
    let bytes = bytes.expose_secret();
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

fn version(head: &[u8]) -> Option<u32> {
    let versioned: Versioned = serde_json::from_slice(head).ok()?;
    Some(versioned.hallpass)
}

#[cfg(test)]
mod tests {
    use hallpass::{Endpoint, Secret, ServerMetadata};

    use super::*;
    use crate::account::Grant;
    use crate::settings::Settings;

    fn account() -> Account {
        Account {
            grant: Grant::Device,
            settings: Settings {
                issuer: Some("https://as.example".to_owned()),
                ..Settings::default()
            },
            server: ServerMetadata::default()
                .with_token_endpoint(Endpoint::new("https://as.example/token").unwrap()),
            profile: hallpass::Profile::GITHUB,
            dpop: Some(Secret::new("key")),
        }
    }

    #[test]
    fn what_is_written_is_read_whole_and_the_record_is_left_as_it_is() {
        let record = SecretBytes::new(b"{\n\"any\": 1}\n".to_vec());
        let bytes = encode(&head(&account()), &record);
        let (read, rest) = decode(&bytes).unwrap();
        assert_eq!((read.grant, read.settings, read.server, read.profile), {
            let own = account();
            (own.grant, own.settings, own.server, own.profile)
        });
        assert_eq!(read.dpop.as_ref().map(Secret::expose_secret), Some("key"));
        assert_eq!(rest, record);
    }

    #[test]
    fn what_the_first_release_wrote_is_read_by_every_later_one() {
        let first = br#"{"hallpass":1,"account":{"grant":"authorization_code","settings":{"issuer":"https://as.example","client-id":"cli","client-auth":null,"key":null,"key-id":null,"client-secret-file":"/s","client-secret-stdin":false,"client-secret-env":null,"scope":["a b"],"audience":[],"resource":[],"dpop":false,"redirect-port":null,"authorization-endpoint":null,"token-endpoint":null,"device-authorization-endpoint":null,"revocation-endpoint":null,"introspection-endpoint":null,"ca":null},"server":{"issuer":"https://as.example","token_endpoint":"https://as.example/token"},"dpop":null}}
record"#;
        let (account, record) = decode(&SecretBytes::new(first.to_vec())).unwrap();
        assert_eq!(account.grant, Grant::AuthorizationCode);
        assert_eq!(account.settings.client.client_id.as_deref(), Some("cli"));
        assert_eq!(record.expose_secret(), b"record");
    }

    #[test]
    fn what_is_damaged_and_what_is_newer_are_told_apart() {
        for damaged in [
            "",
            "\n",
            "{}",
            "{}\n{}",
            "{\"hallpass\":0}\n",
            "{\"hallpass\":1}\n",
            "{\"hallpass\":1,\"account\":{}}\n",
            "\u{0}\n",
        ] {
            let read = decode(&SecretBytes::new(damaged.as_bytes().to_vec()));
            assert!(matches!(read, Err(Unreadable::Damaged)), "{damaged:?}");
        }
        let newer = SecretBytes::new(b"{\"hallpass\":7,\"elsewhere\":[]}\n".to_vec());
        assert!(matches!(decode(&newer), Err(Unreadable::Newer(7))));
    }
}
