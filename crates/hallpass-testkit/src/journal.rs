//! What was asked and answered.

use crate::{Request, Response};

/// One request that the server saw, and its answer.
///
/// Everything is there for a test to look at; Debug shows no password, code, token or secret.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What came.
    pub request: Request,
    /// What was answered, or would have been, had a [`Fault`](crate::Fault) not lost it.
    pub response: Response,
    /// When, in seconds since 1970 by the server's clock.
    pub at: u64,
}

/// Every exchange since the server began or the journal was cleared, the oldest first. It keeps the newest 10,000.
#[derive(Debug, Default)]
pub(crate) struct Journal(std::collections::VecDeque<Exchange>);

const LIMIT: usize = 10_000;

impl Journal {
    pub(crate) fn record(&mut self, exchange: Exchange) {
        if self.0.len() >= LIMIT {
            self.0.pop_front();
        }
        self.0.push_back(exchange);
    }

    pub(crate) fn exchanges(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.0.iter()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
