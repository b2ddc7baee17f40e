//! What carries out a transaction, whatever becomes of those who wait for it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use hallpass_grant::token::TokenSet;
use hallpass_grant::{Client, Error, Request};
use hallpass_http::{Driver, Heard, OsRandom};
use hallpass_store::{Entry, Key, Revision, StoreError, StoreErrorKind, SwapError, TokenStore};

use super::flight::{Flight, Landing, UnderWay};
use crate::desk::{Desk, Landed, Ticket};
use crate::hooks::Hooks;
use crate::transaction::{Input, Outcome, Renewal, Step, Task, Transaction};
use crate::{Moment, Owner, Timing, TokenProvider};

/// Where a session is, and what renews it.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) store: Arc<dyn TokenStore>,
    pub(super) key: Key,
    pub(super) renewal: Renewal,
    pub(super) client: Option<Client>,
    pub(super) provider: Option<Arc<dyn TokenProvider>>,
    pub(super) driver: Driver,
    pub(super) timing: Timing,
    pub(super) hooks: Hooks,
}

impl Place {
    pub(super) fn new(
        store: Arc<dyn TokenStore>,
        key: Key,
        renewal: Renewal,
        client: Option<Client>,
        provider: Option<Arc<dyn TokenProvider>>,
        driver: Driver,
    ) -> Self {
        Self {
            store,
            key,
            renewal,
            client,
            provider,
            driver,
            timing: Timing::default(),
            hooks: Hooks::default(),
        }
    }

    pub(super) fn owner(&self) -> Owner {
        self.renewal.owner()
    }

    pub(super) fn now(&self) -> Moment {
        Moment::new(self.driver.now(), self.driver.runtime().steady())
    }

    async fn load(&self) -> Result<Option<Entry>, StoreError> {
        let loaded = self.in_time(self.store.load(&self.key)).await;
        loaded.unwrap_or_else(|| Err(late()))
    }

    async fn swap(&self, expected: Option<Revision>, new: Option<Entry>) -> Result<(), SwapError> {
        let swapped = self
            .in_time(self.store.swap(&self.key, expected, new))
            .await;
        swapped.unwrap_or_else(|| Err(SwapError::Unknown(late())))
    }

    async fn send(&self, request: Request) -> Heard {
        let heard = self.in_time(self.driver.send(request)).await;
        heard.unwrap_or_else(|| Heard::late(LATE))
    }

    async fn provide(&self, last: Option<TokenSet>) -> Result<Option<TokenSet>, Error> {
        match &self.provider {
            Some(provider) => {
                let provided = self.in_time(provider.provide(last)).await;
                provided.unwrap_or_else(|| Err(Error::transport(LATE)))
            }
            None => Ok(None),
        }
    }

    /// What comes of it within the time that a request may take: nobody waits for ever for what never answers.
    async fn in_time<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        let answer = std::pin::pin!(answer);
        let limit = self.driver.runtime().sleep(self.timing.request());
        match select(answer, limit).await {
            Either::Left((answer, _)) => Some(answer),
            Either::Right(((), _)) => None,
        }
    }

    async fn sleep(&self, duration: Duration) {
        self.driver.runtime().sleep(duration).await;
    }
}

const LATE: &str = "no answer came in the time there was";

fn late() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, LATE)
}

/// Carries out one transaction.
pub(super) struct Leader {
    pub(super) place: Arc<Place>,
    pub(super) desk: Arc<Desk<Flight>>,
    pub(super) ticket: Ticket,
    pub(super) landing: Option<Landing>,
    pub(super) _under_way: UnderWay,
}

impl Leader {
    pub(super) async fn lead(mut self, task: Task) {
        let (windows, failures) = (self.desk.windows(), self.ticket.failures);
        let (renewal, timing) = (self.place.renewal.clone(), self.place.timing);
        let transaction = Transaction::new(task, renewal, timing, windows, failures, &mut OsRandom);
        let outcome = match transaction {
            Ok(transaction) => self.carry_out(transaction).await,
            Err(error) => Err(error),
        };
        let outcome = outcome.unwrap_or_else(|error| Outcome::Failed {
            error: error.into(),
            held: None,
            pause: Duration::ZERO,
        });
        let obtained = obtained(&outcome);
        let now = self.place.now();
        let landed = self.desk.land(outcome, &self.ticket, now);
        self.tell(landed, obtained);
    }

    /// The loop. It waits for nobody but store, server and clock.
    async fn carry_out(&mut self, mut transaction: Transaction) -> Result<Outcome, Error> {
        let mut input = Input::Begin;
        loop {
            let step = transaction.step(input, self.place.now())?;
            self.place.hooks.happened(transaction.take_events());
            let place = &self.place;
            input = match step {
                Step::Load => Input::Loaded(place.load().await),
                Step::Swap { expected, new } => Input::Swapped(place.swap(expected, new).await),
                Step::Send(request) => Input::Heard(place.send(request).await),
                Step::Sign(asked) => Input::Heard(place.driver.sign(&asked).await),
                Step::Provide(last) => Input::Provided(place.provide(last).await),
                Step::Wait(duration) => {
                    place.sleep(duration).await;
                    Input::Woken
                }
                Step::Tell(outcome) => {
                    let obtained = obtained(&outcome);
                    let now = self.place.now();
                    let landed = self.desk.land_unsaved(outcome, &self.ticket, now);
                    self.tell(landed, obtained);
                    Input::Told
                }
                Step::Done(outcome) => return Ok(outcome),
            };
        }
    }

    fn tell(&mut self, landed: Option<Landed>, obtained: Option<TokenSet>) {
        if let Some(tokens) = obtained {
            self.place.hooks.updated(&tokens);
        }
        if let Some(landing) = self.landing.take() {
            // Nobody may be waiting any more.
            let _ = landing.send(landed);
        }
    }
}

/// The tokens that came from the server, if that is where they come from.
fn obtained(outcome: &Outcome) -> Option<TokenSet> {
    match outcome {
        Outcome::Tokens {
            record,
            obtained: true,
            ..
        } => Some(record.tokens.clone()),
        _ => None,
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        self.desk.leave(&self.ticket);
    }
}
