//! The same session without async: stores, transports, signers and clocks that block their thread.
//!
//! It is the same transaction and the same single flight. What must not be given up runs on a thread of its own.

mod adapters;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hallpass_grant::token::{AccessToken, Scopes, TokenSet};
use hallpass_grant::{Client, Error};
use hallpass_http::blocking::{Clock, Signer, SystemClock, Transport};
use hallpass_store::Key;
use hallpass_store::blocking::TokenStore;
use pollster::block_on;

use crate::{Event, Owner, SessionError, Timing, Tokens, Windows};
use adapters::{Inline, Threads};

/// One login of one user, as [`crate::Session`] is, for callers without async.
///
/// Clones share everything. A thread that waits for tokens blocks.
#[derive(Clone)]
pub struct Session(crate::Session);

/// What requests go through, who signs, and what time it is; cheap to clone.
#[derive(Clone)]
pub struct Driver {
    transport: Arc<dyn Transport>,
    signer: Option<Arc<dyn Signer>>,
    clock: Arc<dyn Clock>,
}

impl Driver {
    /// A driver on the operating system's clock that signs nothing.
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self {
            transport: Arc::new(transport),
            signer: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// The same driver with keys.
    #[must_use]
    pub fn with_signer(mut self, signer: impl Signer + 'static) -> Self {
        self.signer = Some(Arc::new(signer));
        self
    }

    /// The same driver with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    fn unblocked(self) -> hallpass_http::Driver {
        let driver = hallpass_http::Driver::new(Inline(self.transport), Threads(self.clock));
        match self.signer {
            Some(signer) => driver.with_signer(Inline(signer)),
            None => driver,
        }
    }
}

impl Session {
    /// See [`crate::Session::new`].
    pub fn new(store: Arc<dyn TokenStore>, key: Key, client: Client, driver: Driver) -> Self {
        let (store, driver) = (Arc::new(Inline(store)), driver.unblocked());
        Self(crate::Session::new(store, key, client, driver))
    }

    /// See [`crate::Session::client_credentials`].
    pub fn client_credentials(
        store: Arc<dyn TokenStore>,
        key: Key,
        client: Client,
        scopes: Scopes,
        driver: Driver,
    ) -> Self {
        let (store, driver) = (Arc::new(Inline(store)), driver.unblocked());
        Self(crate::Session::client_credentials(
            store, key, client, scopes, driver,
        ))
    }

    /// See [`crate::Session::provided`]. The provider may block.
    pub fn provided(
        store: Arc<dyn TokenStore>,
        key: Key,
        owner: Owner,
        provider: impl Fn(Option<TokenSet>) -> Result<Option<TokenSet>, Error> + Send + Sync + 'static,
        driver: Driver,
    ) -> Self {
        let (store, driver) = (Arc::new(Inline(store)), driver.unblocked());
        let provider = move |last| std::future::ready(provider(last));
        Self(crate::Session::provided(
            store, key, owner, provider, driver,
        ))
    }

    /// See [`crate::Session::with_windows`].
    #[must_use]
    pub fn with_windows(self, windows: Windows) -> Self {
        Self(self.0.with_windows(windows))
    }

    /// See [`crate::Session::with_clock_skew`].
    #[must_use]
    pub fn with_clock_skew(self, clock_skew: Duration) -> Self {
        Self(self.0.with_clock_skew(clock_skew))
    }

    /// See [`crate::Session::with_recheck`].
    #[must_use]
    pub fn with_recheck(self, recheck: Duration) -> Self {
        Self(self.0.with_recheck(recheck))
    }

    /// See [`crate::Session::with_timing`]. The transport has a limit of its own, which must not be longer.
    #[must_use]
    pub fn with_timing(self, timing: Timing) -> Self {
        Self(self.0.with_timing(timing))
    }

    /// See [`crate::Session::on_update`].
    #[must_use]
    pub fn on_update(self, hook: impl Fn(&TokenSet) + Send + Sync + 'static) -> Self {
        Self(self.0.on_update(hook))
    }

    /// See [`crate::Session::on_event`].
    #[must_use]
    pub fn on_event(self, hook: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(self.0.on_event(hook))
    }

    /// The client the tokens are given to, if there is one.
    pub fn client(&self) -> Option<&Client> {
        self.0.client()
    }

    /// Begins the session, or begins it anew, with the tokens of a login.
    ///
    /// # Errors
    /// As for [`crate::Session::save`].
    pub fn save(&self, tokens: &TokenSet) -> Result<(), SessionError> {
        block_on(self.0.save(tokens))
    }

    /// Tokens to be used now: those at hand, or new ones if it is time for them.
    ///
    /// # Errors
    /// As for [`crate::Session::tokens`].
    pub fn tokens(&self) -> Result<Tokens, SessionError> {
        match self.0.ready() {
            Some(tokens) => Ok(tokens),
            None => block_on(self.0.tokens()),
        }
    }

    /// Tokens other than these, which an API has answered with 401.
    ///
    /// # Errors
    /// As for [`crate::Session::refused`].
    pub fn refused(&self, access_token: &AccessToken) -> Result<Tokens, SessionError> {
        block_on(self.0.refused(access_token))
    }

    /// New tokens, whether or not those at hand are good.
    ///
    /// # Errors
    /// As for [`crate::Session::refresh`].
    pub fn refresh(&self) -> Result<Tokens, SessionError> {
        block_on(self.0.refresh())
    }

    /// What is stored now, good or not; `None` when nothing is.
    ///
    /// # Errors
    /// As for [`crate::Session::load`].
    pub fn load(&self) -> Result<Option<TokenSet>, SessionError> {
        block_on(self.0.load())
    }

    /// Ends the session here.
    ///
    /// # Errors
    /// As for [`crate::Session::forget`].
    pub fn forget(&self) -> Result<(), SessionError> {
        block_on(self.0.forget())
    }

    /// Ends the session here, and has the authorization server revoke the refresh token.
    ///
    /// # Errors
    /// As for [`crate::Session::logout`].
    pub fn logout(&self) -> Result<(), SessionError> {
        block_on(self.0.logout())
    }

    /// Waits until nothing is under way.
    pub fn settled(&self) {
        block_on(self.0.settled());
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}
