//! A swap that a transaction has asked for.

use hallpass_grant::token::{RefreshToken, TokenSet};
use hallpass_grant::{Call, Request, TokenAnswer};
use hallpass_store::{Entry, Revision};

use super::verdict::{Failure, Verdict};
use crate::moment::Moment;
use crate::{End, Record};

/// A swap that was asked for, and why.
pub(super) struct Write {
    pub(super) purpose: Purpose,
    pub(super) expected: Option<Revision>,
    /// The revision it writes, drawn each time it is asked for.
    pub(super) revision: Revision,
    /// `None`: it removes.
    pub(super) record: Option<Record>,
    /// From before it was asked for.
    pub(super) since: Moment,
    /// How often it was tried and failed.
    pub(super) failures: u32,
}

pub(super) enum Purpose {
    /// So that nobody else refreshes.
    Claim(Box<Call<TokenAnswer>>),
    /// So that the request can be sent within the lease.
    Renew(Box<Call<TokenAnswer>>, Box<Request>),
    /// The tokens that came.
    Save(Box<TokenSet>),
    /// That the session is in doubt, before what is there is used, or before an error is told.
    Doubt(Verdict),
    /// That the refresh failed.
    Release(Failure),
    /// That the session is over.
    End(End, hallpass_grant::Error),
    /// A login.
    Login,
    /// Nothing, from now on; the refresh token is revoked afterwards.
    Logout(Option<RefreshToken>),
}

impl Write {
    /// One that was not asked for yet.
    pub(super) fn new(
        purpose: Purpose,
        expected: Option<Revision>,
        record: Option<Record>,
        since: Moment,
    ) -> Self {
        Self {
            purpose,
            expected,
            revision: Revision::from_bytes([0; 16]),
            record,
            since,
            failures: 0,
        }
    }

    pub(super) fn entry(&self) -> Option<Entry> {
        let record = self.record.as_ref()?;
        Some(Entry::new(self.revision, record.encode()))
    }
}
