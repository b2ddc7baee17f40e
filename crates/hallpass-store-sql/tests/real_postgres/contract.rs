//! The conformance suite, many connections, and what is kept how long.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use hallpass_store::{Entry, Key, ListKeys, Revision, StoreErrorKind, SwapError, TokenStore};
use hallpass_store::{SecretBytes, conformance};
use hallpass_store_sql::PostgresStore;
use sqlx::Executor;
use tokio::task::JoinSet;

use crate::{
    address, entry, key, new_table, open,
    proxy::{Fault, Proxy},
    raw, settings,
};

/// The table that was made last, and the proxy through which its first handle goes.
struct Tables(Mutex<(String, Option<Proxy>)>);

impl Tables {
    fn new() -> Self {
        Self(Mutex::new((String::new(), None)))
    }

    fn last(&self) -> String {
        self.0.lock().unwrap().0.clone()
    }
}

#[hallpass_store::async_trait]
impl conformance::Harness for Tables {
    type Store = PostgresStore;

    async fn fresh(&self) -> PostgresStore {
        let (table, proxy) = (new_table(), Proxy::before(&address()).await);
        let through = proxy.through(&address());
        *self.0.lock().unwrap() = (table.clone(), Some(proxy));
        PostgresStore::connect_with(&through, settings(&table))
            .await
            .unwrap()
    }

    async fn again(&self, _: &PostgresStore) -> Option<PostgresStore> {
        Some(open(&self.last()).await)
    }

    async fn reopen(&self, store: PostgresStore) -> Option<PostgresStore> {
        store.close().await;
        self.again(&store).await
    }

    async fn lose_answer(&self, _: &PostgresStore, loss: conformance::Loss) -> bool {
        let fault = match loss {
            conformance::Loss::BeforeTheWrite => Fault::CutBefore,
            conformance::Loss::AfterTheWrite => Fault::CutAfterTheAnswer,
        };
        if let Some(proxy) = &self.0.lock().unwrap().1 {
            proxy.arm(fault);
        }
        true
    }
}

/// Where the runtime has threads of its own, others may wait for its futures.
struct OnThreads(Tables);

#[hallpass_store::async_trait]
impl conformance::Harness for OnThreads {
    type Store = PostgresStore;

    async fn fresh(&self) -> PostgresStore {
        self.0.fresh().await
    }

    async fn again(&self, store: &PostgresStore) -> Option<PostgresStore> {
        self.0.again(store).await
    }

    async fn reopen(&self, store: PostgresStore) -> Option<PostgresStore> {
        self.0.reopen(store).await
    }

    async fn lose_answer(&self, store: &PostgresStore, loss: conformance::Loss) -> bool {
        self.0.lose_answer(store, loss).await
    }

    fn on_threads(&self) -> Option<conformance::Drive> {
        let runtime = tokio::runtime::Handle::current();
        Some(Arc::new(move |work| runtime.block_on(work)))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_every_rule() {
    let report = conformance::check_listing(OnThreads(Tables::new()))
        .await
        .unwrap();
    assert!(report.left_out().is_empty(), "{report}");
    assert!(report.opted_out().is_empty(), "{report}");
}

#[tokio::test]
async fn it_keeps_every_rule_on_one_thread() {
    conformance::assert_conforms(Tables::new()).await;
}

/// Strict isolation is up to the administrator; a swap that meets another one is then told so by the server.
#[tokio::test(flavor = "multi_thread")]
async fn a_pool_of_ones_own_with_serializable_transactions_keeps_every_rule() {
    struct Own;

    #[hallpass_store::async_trait]
    impl conformance::Harness for Own {
        type Store = PostgresStore;

        async fn fresh(&self) -> PostgresStore {
            let options: sqlx::postgres::PgConnectOptions = address().parse().unwrap();
            let options = options.options([("default_transaction_isolation", "serializable")]);
            let pool = sqlx::PgPool::connect_with(options).await.unwrap();
            let store = PostgresStore::from_pool(pool, settings(&new_table()));
            store.migrate().await.unwrap();
            store
        }
    }

    conformance::assert_conforms(Own).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_update_of_sixteen_tasks_on_four_handles_is_lost() {
    let table = new_table();
    let mut handles = Vec::new();
    for _ in 0..4 {
        handles.push(open(&table).await);
    }
    let mut workers = JoinSet::new();
    for worker in 0..16_u8 {
        let store = handles[usize::from(worker) % 4].clone();
        workers.spawn(async move {
            for _ in 0..10 {
                raise(&store, worker).await;
            }
        });
    }
    workers.join_all().await;
    let stored = handles[0].load(&key()).await.unwrap().unwrap();
    assert_eq!(number(&stored.bytes), 160);
}

fn number(bytes: &SecretBytes) -> u32 {
    u32::from_be_bytes(bytes.expose_secret().try_into().unwrap())
}

async fn raise(store: &PostgresStore, worker: u8) {
    loop {
        let stored = store.load(&key()).await.unwrap();
        let next = stored.as_ref().map_or(0, |entry| number(&entry.bytes)) + 1;
        let mut revision = [worker; 16];
        revision[..4].copy_from_slice(&next.to_be_bytes());
        let next = Entry::new(Revision::from_bytes(revision), next.to_be_bytes().to_vec());
        let expected = stored.map(|stored| stored.revision);
        match store.swap(&key(), expected, Some(next)).await {
            Ok(()) => return,
            Err(SwapError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn an_entry_of_eight_mebibytes_comes_back_and_one_of_seventeen_is_refused() {
    let store = open(&new_table()).await;
    let bytes: Vec<u8> = (0..8 << 20).map(|at: u32| at.to_le_bytes()[1]).collect();
    let big = Entry::new(Revision::from_bytes([1; 16]), bytes);
    store.swap(&key(), None, Some(big.clone())).await.unwrap();
    assert_eq!(store.load(&key()).await.unwrap(), Some(big));
    let too_big = Entry::new(Revision::from_bytes([2; 16]), vec![0; 17 << 20]);
    let refused = store.swap(&Key::new("other"), None, Some(too_big)).await;
    assert!(matches!(refused, Err(SwapError::Failed(_))), "{refused:?}");
}

#[tokio::test]
async fn only_what_was_not_written_for_so_long_is_removed() {
    let table = new_table();
    let store = open(&table).await;
    let (old, new) = (Key::new("old"), Key::new("new"));
    store.swap(&old, None, Some(entry(1))).await.unwrap();
    store.swap(&new, None, Some(entry(2))).await.unwrap();
    let age = format!("UPDATE {table} SET updated_at = updated_at - 7200 WHERE key_text = 'old'");
    raw().await.execute(&*age).await.unwrap();
    let day = Duration::from_secs(86_400);
    assert_eq!(store.remove_older_than(day).await.unwrap(), 0);
    assert_eq!(store.remove_older_than(Duration::MAX).await.unwrap(), 0);
    assert_eq!(store.remove_older_than(day / 24).await.unwrap(), 1);
    assert_eq!(store.keys().await.unwrap(), [new]);
    // Whoever still has the old entry in hand learns of it.
    let late = store
        .swap(&old, Some(entry(1).revision), Some(entry(3)))
        .await;
    assert!(matches!(late, Err(SwapError::Conflict)), "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_tasks_may_migrate_at_once() {
    for _ in 0..4 {
        let table = new_table();
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let table = table.clone();
            tasks.spawn(async move { open(&table).await.close().await });
        }
        tasks.join_all().await;
    }
}

#[tokio::test]
async fn a_table_of_a_later_version_is_told_and_left_alone() {
    let table = new_table();
    open(&table).await.close().await;
    let later = format!("UPDATE {table}_schema SET version = 2");
    raw().await.execute(&*later).await.unwrap();
    let error = PostgresStore::connect_with(&address(), settings(&table)).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    assert!(error.to_string().contains("version 2"), "{error}");
}

#[tokio::test]
async fn a_connection_of_ours_syncs_what_it_acknowledges_even_where_that_was_off() {
    let table = new_table();
    let separator = if address().contains('?') { '&' } else { '?' };
    let lax = format!("{}{separator}options[synchronous_commit]=off", address());
    let store = PostgresStore::connect_with(&lax, settings(&table))
        .await
        .unwrap();
    // What a transaction runs with is told by a trigger, because the pool is the store's own.
    let told = format!(
        "CREATE TABLE {table}_told (synchronous text, patience text);
         CREATE FUNCTION {table}_tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             INSERT INTO {table}_told VALUES
                 (current_setting('synchronous_commit'), current_setting('statement_timeout'));
             RETURN NEW; END $$;
         CREATE TRIGGER tell BEFORE INSERT ON {table} EXECUTE FUNCTION {table}_tell();"
    );
    let mut raw = raw().await;
    raw.execute(&*told).await.unwrap();
    store.swap(&key(), None, Some(entry(1))).await.unwrap();
    let select = format!("SELECT synchronous, patience FROM {table}_told");
    let told: (String, String) = sqlx::query_as(&select).fetch_one(&mut raw).await.unwrap();
    assert_eq!(told, ("on".to_owned(), "4s".to_owned()));
}
