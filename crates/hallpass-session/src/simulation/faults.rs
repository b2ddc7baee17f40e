//! What goes wrong in one schedule, and how often.

use super::chance::Chance;

/// How often each thing goes wrong, in a thousand times it could. Each schedule draws its own mixture: many have only one or two.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    /// A request surely not sent.
    pub(super) not_sent: u64,
    /// A request that may have been sent, and never arrives.
    pub(super) never_arrives: u64,
    /// A request that arrives long after the client has given up.
    pub(super) arrives_late: u64,
    /// An answer that is lost after the server committed.
    pub(super) answer_lost: u64,
    /// A 5xx before the server committed.
    pub(super) error_before: u64,
    /// ... and after.
    pub(super) error_after: u64,
    /// An answer after the commit that cannot be read.
    pub(super) garbage: u64,
    /// A 429 with a `Retry-After`.
    pub(super) slow_down: u64,
    /// A server that wants another nonce in the DPoP proof, where there are proofs.
    pub(super) challenge: u64,
    /// A holder is stopped between the check of the lease and the sending.
    pub(super) stall_after_check: u64,
    /// A holder is stopped anywhere else.
    pub(super) stall: u64,
    /// A stop is a suspend: the steady clock stands still.
    pub(super) suspend: u64,
    /// A holder is killed at a step.
    pub(super) crash: u64,
    /// A wall clock jumps, up to ten years either way.
    pub(super) jump: u64,
    /// A swap surely not written.
    pub(super) swap_failed: u64,
    /// A swap of which nobody knows, written.
    pub(super) unknown_written: u64,
    /// ... and not written.
    pub(super) unknown_not_written: u64,
    /// ... and written later.
    pub(super) unknown_late: u64,
    /// A load that fails.
    pub(super) load_failed: u64,
    /// A store that takes its time: seconds.
    pub(super) slow_store: u64,
    /// The user logs out.
    pub(super) logout: u64,
    /// ... logs in anew.
    pub(super) login: u64,
    /// ... withdraws consent.
    pub(super) consent: u64,
}

impl Faults {
    pub(super) fn draw(chance: &mut Chance) -> Self {
        let many = chance.happens(300);
        let mut rate = |most: u64| match chance.happens(if many { 500 } else { 120 }) {
            true => chance.from(most / 10, most),
            false => 0,
        };
        Self {
            not_sent: rate(200),
            never_arrives: rate(200),
            arrives_late: rate(200),
            answer_lost: rate(250),
            error_before: rate(200),
            error_after: rate(200),
            garbage: rate(150),
            slow_down: rate(200),
            stall_after_check: rate(300),
            stall: rate(120),
            suspend: rate(500),
            crash: rate(100),
            jump: rate(60),
            swap_failed: rate(200),
            unknown_written: rate(200),
            unknown_not_written: rate(200),
            unknown_late: rate(150),
            load_failed: rate(150),
            slow_store: rate(100),
            logout: rate(60),
            login: rate(60),
            consent: rate(30),
            challenge: rate(300),
        }
    }
}
