//! Writes to a store as fast as it can, and says of each write that it is tried and that it is done.
//!
//! Two keys: one of its own, and one that all workers raise together.

use std::sync::Arc;
use std::time::Duration;

use hallpass_store::{Key, StoreErrorKind, SwapError, TokenStore};

use super::{Words, end_with_the_input, say};
use crate::backend::Backend;
use crate::mark::Mark;

/// The key that all workers of a run share.
pub(crate) fn shared() -> Key {
    Key::new("raised by all")
}

/// The key of one worker after the other.
pub(crate) fn own(slot: u64) -> Key {
    Key::new(format!("of slot {slot}"))
}

/// `store=`, `slot=`, `from=` (the first number it may use), `seed=`.
pub(super) fn run(words: &Words) -> Result<(), String> {
    end_with_the_input();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let backend = Backend::read(words.text("store")?)?;
    let (slot, from) = (words.number("slot")?, words.number("from")?);
    let random = fastrand::Rng::with_seed(words.number("seed")?);
    runtime.block_on(async {
        let store = loop {
            match backend.open().await {
                Ok(store) => break store,
                Err(error) => failed("open", &error).await,
            }
        };
        say("ready");
        Writer {
            store,
            random,
            next: from,
        }
        .write(slot)
        .await
    })
}

struct Writer {
    store: Arc<dyn TokenStore>,
    random: fastrand::Rng,
    /// No number is used twice for the key of one's own.
    next: u64,
}

impl Writer {
    async fn write(&mut self, slot: u64) -> Result<(), String> {
        loop {
            match self.random.u8(..4) {
                0 => self.one("shared", &shared(), true).await?,
                _ => self.one("own", &own(slot), false).await?,
            }
        }
    }

    async fn one(&mut self, name: &str, key: &Key, raises: bool) -> Result<(), String> {
        let stored = match self.store.load(key).await {
            Ok(stored) => stored,
            Err(error) if error.kind() == StoreErrorKind::Corrupt => return Err(error.to_string()),
            Err(error) => {
                failed("load", &error).await;
                return Ok(());
            }
        };
        let before = Mark::of(stored.as_ref())?;
        let expected = stored.map(|entry| entry.revision);
        let mark = if raises {
            Mark::Number(before.number() + 1)
        } else if before != Mark::Absent && self.random.u8(..8) == 0 {
            Mark::Absent
        } else {
            self.next += 1;
            Mark::Number(self.next)
        };
        let words = self.random.u64(2..1_000);
        let new = match mark {
            Mark::Absent => None,
            Mark::Number(number) => Some(Mark::entry(number, words, &mut self.random)),
        };
        let revision = new.as_ref().map(|entry| entry.revision);
        let mark = mark.shown();
        say(&format!("try {name} {mark}"));
        match self.store.swap(key, expected, new).await {
            Ok(()) => say(&format!("ack {name} {mark}")),
            Err(SwapError::Conflict) => say(&format!("conflict {name} {mark}")),
            Err(SwapError::Failed(error)) => {
                say(&format!("not {name} {mark}"));
                failed("swap", &error).await;
            }
            // The rule for every caller: load, and look for your own revision.
            Err(SwapError::Unknown(error)) => {
                say(&format!("unknown {name} {mark}"));
                let stored = loop {
                    match self.store.load(key).await {
                        Ok(stored) => break stored,
                        Err(error) => failed("load", &error).await,
                    }
                };
                Mark::of(stored.as_ref())?;
                let found = stored.map(|entry| entry.revision);
                if found == revision {
                    say(&format!("found {name} {mark}"));
                } else {
                    failed("swap", &error).await;
                }
            }
        }
        Ok(())
    }
}

/// What a store that is away answers is told once, and the next try comes a little later.
async fn failed(what: &str, error: &impl ToString) {
    say(&format!(
        "failed {what} {}",
        error.to_string().replace('\n', " ")
    ));
    tokio::time::sleep(Duration::from_millis(5)).await;
}
