//! Many holders, and what stands in Redis.

use std::time::Duration;

use hallpass_store::{Key, ListKeys, StoreErrorKind, SwapError, TokenStore};
use hallpass_store_redis::RedisStore;
use redis::Value;

use super::{address, command, entry, prefix, store};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_writers_on_connections_of_their_own_none_overwrites_another() {
    const WRITERS: u8 = 16;
    const WRITES: u32 = 50;
    let (prefix, key) = (prefix(), Key::new("counted"));
    let writers = (1..=WRITERS).map(|number| {
        let store = RedisStore::builder(&address()).prefix(prefix.clone());
        let (store, key) = (store.build().unwrap(), key.clone());
        tokio::spawn(async move {
            let mut written = 0;
            while written < WRITES {
                let held = store.load(&key).await.unwrap();
                let (count, expected) = match &held {
                    Some(held) => (count(held.bytes.expose_secret()), Some(held.revision)),
                    None => (0, None),
                };
                // The writer and its turn make a revision that no other has.
                let mut revision = [number; 16];
                revision[..4].copy_from_slice(&written.to_be_bytes());
                let mut new = entry(number, &(count + 1).to_be_bytes());
                new.revision = hallpass_store::Revision::from_bytes(revision);
                match store.swap(&key, expected, Some(new)).await {
                    Ok(()) => written += 1,
                    Err(SwapError::Conflict) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let store = RedisStore::builder(&address()).prefix(prefix).build();
    let held = store.unwrap().load(&key).await.unwrap().unwrap();
    assert_eq!(
        count(held.bytes.expose_secret()),
        u32::from(WRITERS) * WRITES
    );
}

fn count(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().unwrap())
}

#[tokio::test]
async fn a_record_of_megabytes_comes_back_byte_for_byte() {
    let (store, key) = (store().build().unwrap(), Key::new("big"));
    let bytes: Vec<u8> = (0_u32..8 << 20).map(|at| (at % 251) as u8).collect();
    let big = entry(1, &bytes);
    store.swap(&key, None, Some(big.clone())).await.unwrap();
    assert!(store.load(&key).await.unwrap().unwrap() == big);
    let small = entry(2, b"small");
    let swapped = store.swap(&key, Some(big.revision), Some(small.clone()));
    swapped.await.unwrap();
    assert_eq!(store.load(&key).await.unwrap(), Some(small));
}

#[tokio::test]
async fn no_name_in_redis_holds_the_text_of_a_key() {
    let prefix = prefix();
    let store = RedisStore::builder(&address()).prefix(prefix.clone());
    let store = store.build().unwrap();
    for text in [
        "",
        "ada@example.org",
        "a\r\nb\0c",
        "*",
        &"é".repeat(100_000),
    ] {
        let key = Key::new(text);
        store.swap(&key, None, Some(entry(1, b"x"))).await.unwrap();
        let name = format!("{prefix}{}", key.sha256_hex());
        let exists = command(&address(), &["EXISTS", &name]).await.unwrap();
        assert_eq!(exists, Value::Int(1));
        assert!(store.keys().await.unwrap().contains(&key));
    }
    assert_eq!(store.keys().await.unwrap().len(), 5);
}

#[tokio::test]
async fn every_swap_begins_the_time_to_live_anew_and_what_expires_is_absent() {
    let prefix = prefix();
    let store = || RedisStore::builder(&address()).prefix(prefix.clone());
    let expiring = store().expire_after(Duration::from_secs(1000));
    let expiring = expiring.build().unwrap();
    let key = Key::new("abandoned");
    let name = format!("{prefix}{}", key.sha256_hex());
    let left = async || match command(&address(), &["PTTL", &name]).await.unwrap() {
        Value::Int(left) => left,
        other => panic!("{other:?}"),
    };
    let (first, second, third) = (entry(1, b"1"), entry(2, b"2"), entry(3, b"3"));
    let swap = expiring.swap(&key, None, Some(first.clone()));
    swap.await.unwrap();
    assert!((900_000..=1_000_000).contains(&left().await));

    command(&address(), &["PEXPIRE", &name, "60000"])
        .await
        .unwrap();
    expiring.load(&key).await.unwrap();
    assert!(left().await <= 60_000);
    let swap = expiring.swap(&key, Some(first.revision), Some(second.clone()));
    swap.await.unwrap();
    assert!((900_000..=1_000_000).contains(&left().await));

    let lasting = store().build().unwrap();
    let swap = lasting.swap(&key, Some(second.revision), Some(third));
    swap.await.unwrap();
    assert_eq!(left().await, -1);

    command(&address(), &["PEXPIRE", &name, "0"]).await.unwrap();
    assert_eq!(expiring.load(&key).await.unwrap(), None);
    assert_eq!(expiring.keys().await.unwrap(), []);
}

#[tokio::test]
async fn what_is_no_entry_is_set_aside_by_a_load_and_a_login_finds_room() {
    let prefix = prefix();
    let store = RedisStore::builder(&address()).prefix(prefix.clone());
    let store = store.build().unwrap();
    let whole = Key::new("whole");
    let swap = store.swap(&whole, None, Some(entry(1, b"x")));
    swap.await.unwrap();
    let (text, list) = (Key::new("a text"), Key::new("a list"));
    let name = |key: &Key| format!("{prefix}{}", key.sha256_hex());
    let make: [&[&str]; 2] = [
        &["SET", &name(&text), "canary-9a31"],
        &["RPUSH", &name(&list), "canary-9a31"],
    ];
    for words in make {
        command(&address(), words).await.unwrap();
    }
    let (moved, there) = (Key::new("moved"), Key::new("there"));
    let swap = store.swap(&moved, None, Some(entry(1, b"x")));
    swap.await.unwrap();
    let rename = ["RENAME", &name(&moved), &name(&there)];
    command(&address(), &rename).await.unwrap();

    assert_eq!(store.keys().await.unwrap(), [whole]);
    let over = |key| store.swap(key, None, Some(entry(2, b"y")));
    assert!(matches!(over(&text).await, Err(SwapError::Conflict)));
    match over(&list).await {
        Err(SwapError::Failed(error)) => assert_eq!(error.kind(), StoreErrorKind::Corrupt),
        other => panic!("{other:?}"),
    }
    for number in 1..=2 {
        for key in [&text, &list, &there] {
            let aside = format!("{}:corrupt-{number}", name(key));
            if number == 2 {
                let again = ["SET", &name(key), "canary-9a31"];
                command(&address(), &again).await.unwrap();
            }
            let error = store.load(key).await.unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{error}");
            let told = format!("{error} {error:?}");
            assert!(!told.contains("canary"), "{told}");
            assert!(told.contains(&format!("corrupt-{number}")), "{told}");
            let exists = command(&address(), &["EXISTS", &aside]).await;
            assert_eq!(exists.unwrap(), Value::Int(1));
            // Its user logs in again, and what was set aside is no entry to anybody.
            over(key).await.unwrap();
            assert_eq!(store.load(key).await.unwrap(), Some(entry(2, b"y")));
        }
    }
    let kept = command(&address(), &["GET", &format!("{}:corrupt-1", name(&text))]).await;
    assert_eq!(kept.unwrap(), Value::BulkString(b"canary-9a31".to_vec()));
    let keys = store.keys().await.unwrap();
    assert_eq!(keys.len(), 4, "{keys:?}");
}

#[tokio::test]
async fn what_a_later_version_has_written_stays_where_it_is() {
    let prefix = prefix();
    let store = RedisStore::builder(&address()).prefix(prefix.clone());
    let (store, key) = (store.build().unwrap(), Key::new("later"));
    let name = format!("{prefix}{}", key.sha256_hex());
    let later = "\u{2}whatever it is";
    command(&address(), &["SET", &name, later]).await.unwrap();
    let error = store.load(&key).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    assert!(error.to_string().contains("later version"), "{error}");
    let kept = command(&address(), &["GET", &name]).await.unwrap();
    assert_eq!(kept, Value::BulkString(later.as_bytes().to_vec()));
}

#[tokio::test]
async fn what_cannot_be_set_aside_is_told_and_left_alone() {
    let prefix = prefix();
    let user = [
        "ACL",
        "SETUSER",
        "unmoving",
        "on",
        ">canary-pass",
        "~*",
        "+get",
        "+eval",
    ];
    command(&address(), &user).await.unwrap();
    let host = address();
    let host = host.strip_prefix("redis://").unwrap();
    let url = format!("redis://unmoving:canary-pass@{host}");
    let store = RedisStore::builder(&url).prefix(prefix.clone());
    let (store, key) = (store.build().unwrap(), Key::new("text"));
    let name = format!("{prefix}{}", key.sha256_hex());
    command(&address(), &["SET", &name, "canary-text"])
        .await
        .unwrap();
    let error = store.load(&key).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    let told = format!("{error} {error:?}");
    assert!(told.contains("could not be set aside"), "{told}");
    assert!(!told.contains("canary"), "{told}");
    let kept = command(&address(), &["GET", &name]).await.unwrap();
    assert_eq!(kept, Value::BulkString(b"canary-text".to_vec()));
}

#[tokio::test]
async fn stores_with_different_prefixes_share_nothing() {
    let (one, two) = (store().build().unwrap(), store().build().unwrap());
    let key = Key::new("the same");
    let swap = one.swap(&key, None, Some(entry(1, b"one")));
    swap.await.unwrap();
    assert_eq!(two.load(&key).await.unwrap(), None);
    assert_eq!(two.keys().await.unwrap(), []);
}
