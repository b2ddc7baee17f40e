//! The rules of the refresh transaction, one by one, each with what goes wrong without it.

/// A rule of the transaction.
///
/// Each was found by simulation. In a test build every one of them can be broken, and the simulation has to notice; outside of tests
/// they are kept, and asking costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// A claim is waited for by having seen the same revision for its whole lease on one's own steady clock. A deadline by the wall clock
    /// is early or late by whatever two machines' clocks lie apart, and an early one spends a refresh token twice.
    SteadyLease,
    /// A claim that is alive is watched and not taken over.
    Watch,
    /// What is left of the lease is looked at before every send. A holder that was stopped sends what somebody else has spent.
    RoomBeforeSending,
    /// The lease is counted from before the claim was written. Counted from the answer, it ends later than a watcher thinks.
    SinceBeforeTheSwap,
    /// The time that has passed is what the clock says that says more. A steady clock stands still in suspend.
    LargerOfTwoClocks,
    /// A takeover puts the session in doubt: the holder that is gone may have sent the refresh token.
    DoubtAtTakeover,
    /// A lost answer puts the session in doubt: the refresh token may be spent.
    DoubtAtLoss,
    /// A holder that sent and was overtaken puts the session in doubt before it takes what is there: its own request may have ended the family.
    DoubtWhenOvertaken,
    /// Each success takes back one of two doubts. The request of a holder that was stopped may arrive after the next success.
    TwoSuccesses,
    /// Tokens whose save was overtaken by a claim on the same refresh token are saved over it. They are the only good ones.
    SaveOverClaim,
    /// Tokens of a session that was ended meanwhile are dropped. Saved, they would bring it back.
    DropAfterLogout,
    /// ... and are revoked. Logout promised that nothing is left.
    RevokeAfterLogout,
    /// Where somebody else has refreshed meanwhile, theirs is taken, and nothing is revoked: a revocation would end their family too.
    AdoptWithoutRevoking,
    /// `invalid_grant` ends nothing before what is stored was looked at again: somebody else may have refreshed.
    LookBeforeEnding,
    /// A swap of which nobody knows whether it was written is looked for by its revision.
    LookForUnknown,
}

/// Which rules are kept: all of them.
#[cfg(not(test))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules;

#[cfg(not(test))]
impl Rules {
    pub(crate) const ALL: Self = Self;

    pub(crate) const fn keep(self, _: Rule) -> bool {
        true
    }
}

/// Which rules are kept: all of them, or all but one.
#[cfg(test)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) broken: Option<Rule>,
}

#[cfg(test)]
impl Rules {
    pub(crate) const ALL: Self = Self { broken: None };

    pub(crate) fn keep(self, rule: Rule) -> bool {
        self.broken != Some(rule)
    }
}
