//! The server is killed with signal 9 while swaps are under way, and started again by `cargo xtask test stores`.

use std::{env, process::Command, time::Duration};

use hallpass_store::{Entry, Key, Revision, SwapError, TokenStore};
use hallpass_store_sql::{PostgresStore, Settings};
use sqlx::{Connection, PgConnection, Row};
use tokio::{sync::mpsc, task::JoinSet};

const WRITERS: u8 = 8;
/// So many swaps are answered before the server is killed.
const BEFORE: usize = 200;

fn address() -> String {
    env::var("HALLPASS_POSTGRES").expect("HALLPASS_POSTGRES: run `cargo xtask test stores`")
}

fn entry(worker: u8, number: u32) -> Entry {
    let mut revision = [worker; 16];
    revision[..4].copy_from_slice(&number.to_be_bytes());
    Entry::new(Revision::from_bytes(revision), revision.repeat(64))
}

fn key(worker: u8) -> Key {
    Key::new(format!("writer {worker}"))
}

/// What a writer knows when the server is gone.
struct Known {
    worker: u8,
    acknowledged: u32,
    /// The answer to the swap after those, where one was under way.
    last: Option<SwapError>,
}

/// Writes 1, 2, 3, … until an answer is missing or nobody wants to know of it.
async fn write(store: PostgresStore, worker: u8, written: mpsc::UnboundedSender<()>) -> Known {
    let (mut acknowledged, mut last) = (0, None);
    while last.is_none() && written.send(()).is_ok() {
        let expected = (acknowledged > 0).then(|| entry(worker, acknowledged).revision);
        let new = entry(worker, acknowledged + 1);
        match store.swap(&key(worker), expected, Some(new)).await {
            Ok(()) => acknowledged += 1,
            Err(error) => last = Some(error),
        }
    }
    Known {
        worker,
        acknowledged,
        last,
    }
}

/// All its processes, the first one first, so that nobody cleans up or finishes what was begun.
async fn kill_the_server() {
    let mut connection = PgConnection::connect(&address()).await.unwrap();
    let processes = "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)
        UNION ALL SELECT pid::text FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
    let rows = sqlx::query(processes).fetch_all(&mut connection).await;
    let ids: Vec<String> = rows.unwrap().iter().map(|row| row.get(0)).collect();
    // It fails where one of them has just ended.
    let killed = Command::new("kill").arg("-9").args(ids).output();
    killed.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_the_server_was_killed_and_nothing_is_half_there() {
    let settings = Settings::new()
        .with_table("killed")
        .unwrap()
        .with_connections(u32::from(WRITERS))
        // The server needs a while to come up again.
        .with_connection_patience(Duration::from_secs(60));
    for _ in 0..3 {
        let store = PostgresStore::connect_with(&address(), settings.clone()).await;
        let store = store.unwrap();
        store.remove_older_than(Duration::ZERO).await.unwrap();
        let (tell, mut told) = mpsc::unbounded_channel();
        let mut writers = JoinSet::new();
        for worker in 1..=WRITERS {
            let expected = store.load(&key(worker)).await.unwrap();
            if let Some(left) = expected {
                store
                    .swap(&key(worker), Some(left.revision), None)
                    .await
                    .unwrap();
            }
            writers.spawn(write(store.clone(), worker, tell.clone()));
        }
        drop(tell);
        for _ in 0..BEFORE {
            told.recv().await.unwrap();
        }
        kill_the_server().await;
        // One whose connection was just between two swaps would go on when the server is back.
        drop(told);
        for known in writers.join_all().await {
            let found = load(&settings, &key(known.worker)).await;
            let acknowledged =
                (known.acknowledged > 0).then(|| entry(known.worker, known.acknowledged));
            let next = Some(entry(known.worker, known.acknowledged + 1));
            match known.last {
                Some(SwapError::Unknown(_)) => {
                    assert!(found == acknowledged || found == next, "{found:?}");
                }
                None | Some(SwapError::Failed(_)) => assert_eq!(found, acknowledged),
                Some(SwapError::Conflict) => panic!("nobody else writes there"),
            }
        }
        store.close().await;
    }
}

/// From a new connection, when the server is there again.
async fn load(settings: &Settings, key: &Key) -> Option<Entry> {
    loop {
        match PostgresStore::connect_with(&address(), settings.clone()).await {
            Ok(store) => return store.load(key).await.unwrap(),
            // It is down, or not yet up.
            Err(error) => assert_eq!(
                error.kind(),
                hallpass_store::StoreErrorKind::Unavailable,
                "{error}"
            ),
        }
    }
}
