//! When something is: by two clocks.

use std::time::Duration;

use time::UtcDateTime;

/// One moment, as two clocks have it.
///
/// The wall clock (UTC) is set, jumps, and differs between machines; the steady one counts from some moment of this process, is
/// never set, and may stand still while the machine sleeps. Neither alone tells how much time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock's time, UTC.
    pub wall: UtcDateTime,
    /// The steady clock's, since some moment of this process.
    pub steady: Duration,
}

impl Moment {
    /// Puts the two together.
    pub const fn new(wall: UtcDateTime, steady: Duration) -> Self {
        Self { wall, steady }
    }

    /// The most that can have passed since then: by the clock that says more. A suspended machine's steady clock says too little, a wall
    /// clock that was set back says nothing.
    pub fn most_since(self, then: Self) -> Duration {
        let by_wall = Duration::try_from(self.wall - then.wall).unwrap_or(Duration::ZERO);
        by_wall.max(self.least_since(then))
    }

    /// What has surely passed since then: by the steady clock.
    pub fn least_since(self, then: Self) -> Duration {
        self.steady.saturating_sub(then.steady)
    }
}
