//! A transaction that is under way, for those who wait for it.

use std::sync::{Arc, Mutex, PoisonError};

use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::Shared;

use crate::SessionError;
use crate::desk::Landed;

/// A transaction that is under way: any number of callers wait for it, and it does not mind when they stop.
#[derive(Clone)]
pub(super) struct Flight(Shared<oneshot::Receiver<Option<Landed>>>);

/// Where what came of it is told.
pub(super) type Landing = oneshot::Sender<Option<Landed>>;

impl Flight {
    pub(super) fn new() -> (Self, Landing) {
        let (landing, landed) = oneshot::channel();
        (Self(landed.shared()), landing)
    }

    /// What came of it; `None`: something else came in between, and one has to ask again.
    pub(super) async fn landed(self) -> Option<Landed> {
        match self.0.await {
            Ok(landed) => landed,
            Err(oneshot::Canceled) => Some(Err(SessionError::Abandoned)),
        }
    }
}

/// Everything that is under way.
#[derive(Clone, Default)]
pub(super) struct Running(Arc<Mutex<Vec<Shared<oneshot::Receiver<()>>>>>);

/// Dropped when it is no longer.
pub(super) struct UnderWay {
    _ended: oneshot::Sender<()>,
}

impl Running {
    pub(super) fn begin(&self) -> UnderWay {
        let (ended, end) = oneshot::channel();
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|end| end.clone().now_or_never().is_none());
        running.push(end.shared());
        UnderWay { _ended: ended }
    }

    pub(super) async fn settled(&self) {
        while let Some(end) = self.last() {
            // It is told by being dropped.
            let _ = end.await;
        }
    }

    fn last(&self) -> Option<Shared<oneshot::Receiver<()>>> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|end| end.clone().now_or_never().is_none());
        running.last().cloned()
    }
}
