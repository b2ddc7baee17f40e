//! A Redis that crashes and comes back with its append-only file.

use hallpass_store::{Entry, Key, Revision, SwapError, TokenStore};
use hallpass_store_redis::RedisStore;
use tokio::sync::{Mutex, MutexGuard, mpsc};

use super::{command, durable_address, prefix};

/// The tests that change what the durable Redis does for others take turns.
pub(super) async fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    let turn = TURN.lock().await;
    // What has been a replica keeps nothing before its append-only file is written anew.
    while is_rewriting().await {}
    turn
}

async fn is_rewriting() -> bool {
    let info = command(&durable_address(), &["INFO", "persistence"]).await;
    let info: String = redis::from_redis_value(info.unwrap()).unwrap();
    let is_none = |name: &str| info.lines().any(|line| line == format!("{name}:0"));
    !(is_none("aof_rewrite_in_progress") && is_none("aof_rewrite_scheduled"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_is_there_after_a_crash_and_the_store_goes_on_by_itself() {
    const HOLDERS: u32 = 8;
    const BEFORE: u64 = 20;
    const AFTER: u64 = 20;
    let _turn = turn().await;
    let prefix = prefix();
    let (ready, mut are_ready) = mpsc::unbounded_channel();
    let holders = (0..HOLDERS).map(|number| {
        let store = RedisStore::builder(&durable_address()).prefix(prefix.clone());
        let mut holder = Holder {
            store: store.build().unwrap(),
            key: Key::new(format!("session {number}")),
            acknowledged: 0,
            troubles: 0,
        };
        let ready = ready.clone();
        tokio::spawn(async move {
            while holder.acknowledged < BEFORE {
                holder.write().await;
            }
            ready.send(()).unwrap();
            // It writes on while Redis goes down and comes back.
            while holder.troubles == 0 {
                holder.write().await;
            }
            let end = holder.acknowledged + AFTER;
            while holder.acknowledged < end {
                holder.write().await;
            }
        })
    });
    let holders: Vec<_> = holders.collect();
    for _ in 0..HOLDERS {
        are_ready.recv().await.unwrap();
    }
    // It has no time to save anything, and answers nobody.
    let crash = command(&durable_address(), &["DEBUG", "CRASH-AND-RECOVER"]).await;
    let crash = crash.unwrap_err();
    assert!(crash.is_connection_dropped(), "it did not crash: {crash}");
    for holder in holders {
        holder.await.unwrap();
    }
}

/// The only one that writes under its key, so that it knows what has to stand there.
struct Holder {
    store: RedisStore,
    key: Key,
    /// The number of the last write that was.
    acknowledged: u64,
    troubles: u32,
}

impl Holder {
    async fn write(&mut self) {
        let next = self.acknowledged + 1;
        let expected = (self.acknowledged > 0).then(|| revision(self.acknowledged));
        let new = Entry::new(revision(next), next.to_be_bytes().to_vec());
        match self.store.swap(&self.key, expected, Some(new)).await {
            Ok(()) => self.acknowledged = next,
            Err(SwapError::Conflict) => panic!("what was acknowledged is not there"),
            Err(SwapError::Failed(_)) => {
                self.troubles += 1;
                assert_eq!(self.held().await, self.acknowledged);
            }
            Err(SwapError::Unknown(_)) => {
                self.troubles += 1;
                let held = self.held().await;
                assert!(held == self.acknowledged || held == next, "{held}");
                self.acknowledged = held;
            }
        }
    }

    /// The number of the write that is stored.
    async fn held(&self) -> u64 {
        loop {
            match self.store.load(&self.key).await {
                Ok(Some(entry)) => {
                    let bytes = entry.bytes.expose_secret().try_into().unwrap();
                    return u64::from_be_bytes(bytes);
                }
                Ok(None) => return 0,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    }
}

fn revision(number: u64) -> Revision {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Revision::from_bytes(bytes)
}
