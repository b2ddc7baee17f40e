//! What a Redis refuses, and what it says it did not do.

use std::time::Duration;

use hallpass_store::{Key, StoreErrorKind, SwapError, TokenStore};
use hallpass_store_redis::RedisStore;

use super::{address, command, durable_address, entry, prefix, proxy::Proxy, restart, store};

async fn tell(words: &[&str]) {
    command(&durable_address(), words).await.unwrap();
}

fn refused(answer: Result<(), SwapError>) -> StoreErrorKind {
    match answer {
        Err(SwapError::Failed(error)) => error.kind(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_redis_without_memory_refuses_a_write_and_still_removes() {
    let _turn = restart::turn().await;
    let store = RedisStore::builder(&durable_address()).prefix(prefix());
    let (store, key) = (store.build().unwrap(), Key::new("a session"));
    let first = entry(1, b"x");
    let swap = store.swap(&key, None, Some(first.clone()));
    swap.await.unwrap();

    tell(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let full = store
        .swap(&key, Some(first.revision), Some(entry(2, b"y")))
        .await;
    let held = store.load(&key).await;
    let removed = store.swap(&key, Some(first.revision), None).await;
    tell(&["CONFIG", "SET", "maxmemory", "0"]).await;

    assert_eq!(refused(full), StoreErrorKind::Unavailable);
    assert_eq!(held.unwrap(), Some(first));
    removed.unwrap();
    assert_eq!(store.load(&key).await.unwrap(), None);
}

#[tokio::test]
async fn a_replica_refuses_a_write_until_it_is_the_master() {
    let _turn = restart::turn().await;
    let store = RedisStore::builder(&durable_address()).prefix(prefix());
    let (store, key) = (store.build().unwrap(), Key::new("a session"));
    assert_eq!(store.load(&key).await.unwrap(), None);

    // Port 1 has no Redis, so what is stored stays as it is.
    tell(&["REPLICAOF", "127.0.0.1", "1"]).await;
    let replica = store.swap(&key, None, Some(entry(1, b"x"))).await;
    tell(&["REPLICAOF", "NO", "ONE"]).await;

    assert_eq!(refused(replica), StoreErrorKind::Unavailable);
    let master = store.swap(&key, None, Some(entry(1, b"x"))).await;
    master.unwrap();
}

#[tokio::test]
async fn a_swap_waits_for_as_many_replicas_as_were_asked_for() {
    let _turn = restart::turn().await;
    command(
        &address(),
        &["CONFIG", "SET", "repl-diskless-sync-delay", "0"],
    )
    .await
    .unwrap();
    let master = address();
    let master = master.strip_prefix("redis://").unwrap();
    let (host, port) = master.split_once(':').unwrap();
    let key = Key::new("a session");

    let lonely = store().wait_for_replicas(2, Duration::from_millis(50));
    let (lonely, new) = (lonely.build().unwrap(), entry(1, b"x"));
    let answer = lonely.swap(&key, None, Some(new.clone())).await;
    assert!(matches!(answer, Err(SwapError::Unknown(_))), "{answer:?}");
    assert_eq!(lonely.load(&key).await.unwrap(), Some(new.clone()));
    let again = lonely.swap(&key, None, Some(new)).await;
    assert!(matches!(again, Err(SwapError::Conflict)), "{again:?}");

    tell(&["REPLICAOF", host, port]).await;
    let waiting = store().wait_for_replicas(1, Duration::from_secs(60));
    let answer = waiting
        .build()
        .unwrap()
        .swap(&key, None, Some(entry(2, b"y")))
        .await;
    tell(&["REPLICAOF", "NO", "ONE"]).await;
    answer.unwrap();
}

#[tokio::test]
async fn an_entry_that_redis_has_thrown_away_is_a_conflict_for_whoever_knew_it() {
    let _turn = restart::turn().await;
    let store = RedisStore::builder(&durable_address()).prefix(prefix());
    let (store, key) = (store.build().unwrap(), Key::new("a session"));
    let first = entry(1, b"x");
    let swap = store.swap(&key, None, Some(first.clone()));
    swap.await.unwrap();

    // Else it stops after a while where other tests have left much, and takes the write.
    tell(&["CONFIG", "SET", "maxmemory-eviction-tenacity", "100"]).await;
    tell(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]).await;
    tell(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let another = Key::new("another");
    let full = store.swap(&another, None, Some(entry(1, b"y"))).await;
    tell(&["CONFIG", "SET", "maxmemory", "0"]).await;
    tell(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]).await;

    assert_eq!(refused(full), StoreErrorKind::Unavailable);
    assert_eq!(store.load(&key).await.unwrap(), None);
    let late = store.swap(&key, Some(first.revision), Some(entry(2, b"z")));
    let late = late.await;
    assert!(matches!(late, Err(SwapError::Conflict)), "{late:?}");
}

#[tokio::test]
async fn a_failover_that_loses_a_swap_is_a_conflict_for_whoever_made_it() {
    let _turn = restart::turn().await;
    command(
        &address(),
        &["CONFIG", "SET", "repl-diskless-sync-delay", "0"],
    )
    .await
    .unwrap();
    let master = address();
    let master = master.strip_prefix("redis://").unwrap();
    let (host, port) = master.split_once(':').unwrap();
    let proxy = Proxy::start().await;
    let (prefix, key) = (prefix(), Key::new("a session"));
    let open = |url: &str| RedisStore::builder(url).prefix(prefix.clone());
    let (first, second, third) = (entry(1, b"1"), entry(2, b"2"), entry(3, b"3"));

    tell(&["REPLICAOF", host, port]).await;
    let waiting = open(&proxy.url()).wait_for_replicas(1, Duration::from_secs(60));
    let waiting = waiting.build().unwrap();
    let replicated = waiting.swap(&key, None, Some(first.clone())).await;
    tell(&["REPLICAOF", "NO", "ONE"]).await;
    replicated.unwrap();

    let store = open(&proxy.url()).build().unwrap();
    let swap = store.swap(&key, Some(first.revision), Some(second.clone()));
    swap.await.unwrap();
    proxy.leads_to(&durable_address());
    proxy.cut();
    assert_eq!(store.load(&key).await.unwrap(), Some(first.clone()));
    let late = store.swap(&key, Some(second.revision), Some(third.clone()));
    let late = late.await;
    assert!(matches!(late, Err(SwapError::Conflict)), "{late:?}");
    let swap = store.swap(&key, Some(first.revision), Some(third));
    swap.await.unwrap();
}

#[tokio::test]
async fn a_user_without_rights_and_a_wrong_password_are_refused_and_not_shown() {
    let user = [
        "ACL",
        "SETUSER",
        "reader",
        "on",
        ">canary-pass",
        "~*",
        "+get",
    ];
    command(&address(), &user).await.unwrap();
    let host = address();
    let host = host.strip_prefix("redis://").unwrap();
    let open = |user: &str| RedisStore::open(&format!("redis://{user}@{host}")).unwrap();
    let key = Key::new("canary-key");

    let reader = open("reader:canary-pass");
    assert_eq!(reader.load(&key).await.unwrap(), None);
    let nobody = open("reader:canary-wrong");
    for store in [reader, nobody] {
        match store
            .swap(&key, None, Some(entry(1, b"canary-bytes")))
            .await
        {
            Err(SwapError::Failed(error)) => {
                assert_eq!(error.kind(), StoreErrorKind::Refused, "{error}");
                let told = format!("{error} {error:?} {store:?}");
                assert!(!told.contains("canary"), "{told}");
            }
            other => panic!("{other:?}"),
        }
    }
}
