//! Every rule of a store, tried on Redis.

use std::sync::{Arc, Mutex};

use hallpass_store::conformance::{self, Drive, Loss};
use hallpass_store::{Key, TokenStore, async_trait};
use hallpass_store_redis::RedisStore;

use super::proxy::{Fault, Proxy};

/// Remembers under which prefix it made each store, and the proxy through which that goes.
#[derive(Default)]
struct Stores {
    last: Mutex<(String, Option<Proxy>)>,
}

impl Stores {
    fn open(&self) -> RedisStore {
        let prefix = self.last.lock().unwrap().0.clone();
        let builder = RedisStore::builder(&super::address());
        builder.prefix(prefix).build().unwrap()
    }
}

#[async_trait]
impl conformance::Harness for Stores {
    type Store = RedisStore;

    async fn fresh(&self) -> RedisStore {
        let (prefix, proxy) = (super::prefix(), Proxy::start().await);
        let store = RedisStore::builder(&proxy.url()).prefix(prefix.clone());
        *self.last.lock().unwrap() = (prefix, Some(proxy));
        store.build().unwrap()
    }

    async fn again(&self, _store: &RedisStore) -> Option<RedisStore> {
        Some(self.open())
    }

    async fn reopen(&self, store: RedisStore) -> Option<RedisStore> {
        drop(store);
        Some(self.open())
    }

    async fn lose_answer(&self, store: &RedisStore, loss: Loss) -> bool {
        // A connection is there, so that what is lost is the swap and not its beginning.
        store.load(&Key::new("")).await.unwrap();
        if let Some(proxy) = &self.last.lock().unwrap().1 {
            proxy.set_once(match loss {
                Loss::BeforeTheWrite => Fault::CutRequests,
                Loss::AfterTheWrite => Fault::CutAnswers,
            });
        }
        true
    }

    fn on_threads(&self) -> Option<Drive> {
        let runtime = tokio::runtime::Handle::current();
        Some(Arc::new(move |work| runtime.block_on(work)))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_redis_store_keeps_every_rule() {
    let report = conformance::check_listing(Stores::default()).await.unwrap();
    assert!(report.left_out().is_empty(), "{report}");
    assert!(report.opted_out().is_empty(), "{report}");
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
