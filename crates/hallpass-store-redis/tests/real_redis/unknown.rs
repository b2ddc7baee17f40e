//! Answers that were lost, and connections that were.

use std::time::{Duration, Instant};

use hallpass_store::{Key, StoreErrorKind, SwapError, TokenStore};
use hallpass_store_redis::RedisStore;
use tokio::net::TcpListener;

use super::{
    entry, prefix,
    proxy::{Fault, Proxy},
};

async fn through_a_proxy() -> (Proxy, RedisStore, Key) {
    let proxy = Proxy::start().await;
    let store = RedisStore::builder(&proxy.url()).prefix(prefix());
    let store = store.response_timeout(Duration::from_millis(500));
    let (store, key) = (store.build().unwrap(), Key::new("a session"));
    // A connection is there, as in the midst of a program.
    assert_eq!(store.load(&key).await.unwrap(), None);
    (proxy, store, key)
}

#[tokio::test]
async fn an_answer_lost_after_the_write_is_unknown_and_a_load_finds_the_revision() {
    let (proxy, store, key) = through_a_proxy().await;
    proxy.set(Fault::CutAnswers);
    let new = entry(1, b"x");
    match store.swap(&key, None, Some(new.clone())).await {
        Err(SwapError::Unknown(error)) => {
            assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
        }
        other => panic!("{other:?}"),
    }
    proxy.set(Fault::None);
    assert_eq!(store.load(&key).await.unwrap(), Some(new));
    assert_eq!(proxy.swaps(), 1, "a swap must not be sent again");
}

#[tokio::test]
async fn a_request_lost_on_its_way_is_unknown_and_a_load_finds_nothing() {
    let (proxy, store, key) = through_a_proxy().await;
    proxy.set(Fault::CutRequests);
    let new = entry(1, b"x");
    let lost = store.swap(&key, None, Some(new.clone())).await;
    assert!(matches!(lost, Err(SwapError::Unknown(_))), "{lost:?}");
    proxy.set(Fault::None);
    assert_eq!(store.load(&key).await.unwrap(), None);
    assert_eq!(proxy.swaps(), 0, "a swap must not be sent again");
    store.swap(&key, None, Some(new.clone())).await.unwrap();
    assert_eq!(store.load(&key).await.unwrap(), Some(new));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_unknown_and_the_next_load_comes_after_the_swap() {
    let (proxy, store, key) = through_a_proxy().await;
    proxy.set(Fault::HoldAnswers);
    let new = entry(1, b"x");
    match store.swap(&key, None, Some(new.clone())).await {
        Err(SwapError::Unknown(error)) => assert!(error.to_string().contains("in time"), "{error}"),
        other => panic!("{other:?}"),
    }
    proxy.set(Fault::None);
    assert_eq!(store.load(&key).await.unwrap(), Some(new));
    assert_eq!((proxy.swaps(), proxy.connections()), (1, 1));
}

#[tokio::test]
async fn a_load_that_takes_too_long_gives_the_connection_up() {
    let (proxy, store, key) = through_a_proxy().await;
    proxy.set(Fault::HoldAnswers);
    let error = store.load(&key).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    proxy.set(Fault::None);
    assert_eq!(store.load(&key).await.unwrap(), None);
    assert_eq!(proxy.connections(), 2);
}

#[tokio::test]
async fn a_load_on_a_connection_that_was_closed_meanwhile_makes_a_new_one() {
    let (proxy, store, key) = through_a_proxy().await;
    let new = entry(1, b"x");
    store.swap(&key, None, Some(new.clone())).await.unwrap();
    for _ in 0..20 {
        proxy.cut();
        assert_eq!(store.load(&key).await.unwrap(), Some(new.clone()));
    }
}

#[tokio::test]
async fn where_nothing_listens_a_swap_has_failed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://:canary-pass@{}", listener.local_addr().unwrap());
    drop(listener);
    let (store, key) = (RedisStore::open(&url).unwrap(), Key::new("canary-key"));
    match store.swap(&key, None, Some(entry(1, b"x"))).await {
        Err(SwapError::Failed(error)) => {
            assert_eq!(error.kind(), StoreErrorKind::Unavailable);
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
        other => panic!("{other:?}"),
    }
    let error = store.load(&key).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
}

#[tokio::test]
async fn a_server_that_never_answers_costs_every_caller_one_timeout_and_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let store = RedisStore::builder(&url).connect_timeout(Duration::from_millis(300));
    let store = store.build().unwrap();
    let begun = Instant::now();
    let callers = (0..100_u8).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            let key = Key::new(number.to_string());
            store.swap(&key, None, Some(entry(number, b"x"))).await
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        let answer = caller.await.unwrap();
        assert!(matches!(answer, Err(SwapError::Failed(_))), "{answer:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
}
