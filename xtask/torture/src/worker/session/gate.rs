//! Tells each stage of a refresh as it comes, and waits at one of them.

use std::future;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use hallpass_grant::{Request, Response};
use hallpass_http::{Transport, TransportError};
use hallpass_store::{Entry, Key, Revision, StoreError, SwapError, TokenStore};
use tokio::sync::Notify;

use crate::worker::say;

/// Where a holder is in a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Before its first write is handed to the store, and after the store has answered.
    Claiming,
    Claimed,
    /// Before the request is handed to the network, and after the answer is here.
    Sending,
    Answered,
    /// Before a write that comes after the request is handed to the store, and after the store has answered.
    Saving,
    Saved,
}

impl Stage {
    pub(crate) const ALL: [Stage; 6] = [
        Stage::Claiming,
        Stage::Claimed,
        Stage::Sending,
        Stage::Answered,
        Stage::Saving,
        Stage::Saved,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Stage::Claiming => "claiming",
            Stage::Claimed => "claimed",
            Stage::Sending => "sending",
            Stage::Answered => "answered",
            Stage::Saving => "saving",
            Stage::Saved => "saved",
        }
    }

    pub(crate) fn read(name: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// Where a holder waits, once, until it is told to go on.
pub(super) struct Gate {
    waits_at: Mutex<Option<Stage>>,
    go: Notify,
    has_sent: AtomicBool,
}

impl Gate {
    /// The stage of this name, or none where it is `-`.
    pub(super) fn at(name: &str) -> Result<Gate, String> {
        let stage = Stage::read(name);
        if stage.is_none() && name != "-" {
            return Err(format!("no stage is called `{name}`"));
        }
        Ok(Gate {
            waits_at: Mutex::new(stage),
            go: Notify::new(),
            has_sent: AtomicBool::new(false),
        })
    }

    /// Another use of the session begins.
    pub(super) fn begin(&self) {
        self.has_sent.store(false, Ordering::SeqCst);
    }

    /// Lets whoever waits here, or comes here next, go on.
    pub(super) fn go(&self) {
        self.go.notify_one();
    }

    async fn pass(&self, stage: Stage, outcome: &str) {
        say(&format!("stage {} {outcome}", stage.name()));
        let waits = {
            let mut waits_at = self.waits_at.lock().unwrap_or_else(PoisonError::into_inner);
            waits_at.take_if(|waits_at| *waits_at == stage).is_some()
        };
        if waits {
            say(&format!("at {}", stage.name()));
            self.go.notified().await;
        }
    }

    fn of_write(&self) -> (Stage, Stage) {
        match self.has_sent.load(Ordering::SeqCst) {
            true => (Stage::Saving, Stage::Saved),
            false => (Stage::Claiming, Stage::Claimed),
        }
    }
}

/// A store or a transport behind a gate.
pub(super) struct Gated<T> {
    inner: Arc<T>,
    gate: Arc<Gate>,
}

impl<T> Gated<T> {
    pub(super) fn new(inner: T, gate: Arc<Gate>) -> Self {
        Gated {
            inner: Arc::new(inner),
            gate,
        }
    }
}

#[async_trait]
impl<T: TokenStore + 'static> TokenStore for Gated<T> {
    async fn load(&self, key: &Key) -> Result<Option<Entry>, StoreError> {
        self.inner.load(key).await
    }

    async fn swap(
        &self,
        key: &Key,
        expected: Option<Revision>,
        new: Option<Entry>,
    ) -> Result<(), SwapError> {
        let (before, after) = self.gate.of_write();
        let (inner, gate, key) = (Arc::clone(&self.inner), Arc::clone(&self.gate), key.clone());
        handed_over(async move {
            gate.pass(before, "-").await;
            let done = inner.swap(&key, expected, new).await;
            let outcome = match &done {
                Ok(()) => "ok",
                Err(SwapError::Conflict) => "conflict",
                Err(SwapError::Failed(_)) => "failed",
                Err(SwapError::Unknown(_)) => "unknown",
            };
            gate.pass(after, outcome).await;
            done
        })
        .await
    }
}

#[async_trait]
impl<T: Transport + 'static> Transport for Gated<T> {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.gate.has_sent.store(true, Ordering::SeqCst);
        let (inner, gate) = (Arc::clone(&self.inner), Arc::clone(&self.gate));
        handed_over(async move {
            gate.pass(Stage::Sending, "-").await;
            let answer = inner.send(request).await;
            let outcome = if answer.is_ok() { "ok" } else { "lost" };
            gate.pass(Stage::Answered, outcome).await;
            answer
        })
        .await
    }
}

/// What was handed to the network or the store arrives, also when whoever sent it has given up.
async fn handed_over<T: Send + 'static>(sent: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(sent).await {
        Ok(answer) => answer,
        // It can only have panicked, and that is told where it happened.
        Err(_) => future::pending().await,
    }
}
