//! Every rule of a store, tried on Redis.

use std::sync::{Arc, Mutex};

use hallpass_store::{async_trait, conformance};
use hallpass_store_redis::RedisStore;

/// Remembers under which prefix it made each store.
#[derive(Default)]
struct Stores {
    last: Mutex<String>,
}

impl Stores {
    fn open(&self) -> RedisStore {
        let prefix = self.last.lock().unwrap().clone();
        let builder = RedisStore::builder(&super::address());
        builder.prefix(prefix).build().unwrap()
    }
}

#[async_trait]
impl conformance::Harness for Stores {
    type Store = RedisStore;

    async fn fresh(&self) -> RedisStore {
        *self.last.lock().unwrap() = super::prefix();
        self.open()
    }

    async fn again(&self, _store: &RedisStore) -> Option<RedisStore> {
        Some(self.open())
    }

    async fn reopen(&self, store: RedisStore) -> Option<RedisStore> {
        drop(store);
        Some(self.open())
    }
}

#[tokio::test]
async fn the_redis_store_keeps_every_rule() {
    let report = conformance::check_listing(Stores::default()).await.unwrap();
    assert!(report.left_out().is_empty(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_redis_store_keeps_every_rule_on_many_threads() {
    let fresh = || Arc::new(super::store().build().unwrap());
    conformance::check_listing(fresh).await.unwrap();
}

#[tokio::test]
async fn the_redis_store_keeps_every_rule_where_entries_expire() {
    let day = std::time::Duration::from_secs(86_400);
    let fresh = || super::store().expire_after(day).build().unwrap();
    conformance::check_listing(fresh).await.unwrap();
}
