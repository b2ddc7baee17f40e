//! How long a server that failed is left alone.

use std::time::Duration;

use crate::windows::part;

/// One second after the first failure, twice as long after each further one, a minute at most.
pub(crate) const FIRST: Duration = Duration::from_secs(1);
pub(crate) const LONGEST: Duration = Duration::from_secs(60);

/// How long to wait after so many failures in a row: what the server asked for, if it asked for more, and up to half as long
/// again. Jitter only lengthens.
pub(crate) fn pause(failures: u32, asked: Option<Duration>, jitter: f64) -> Duration {
    let doubled = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(10));
    let least = doubled
        .min(LONGEST)
        .max(asked.unwrap_or_default().min(LONGEST_ASKED));
    least.saturating_add(part(least / 2, jitter))
}

/// How many failures in a row a pause stands for: what another holder has seen counts for everybody.
pub(crate) fn failures_before(pause: Duration) -> u32 {
    pause.as_secs().checked_ilog2().map_or(0, |log| log + 1)
}

/// A server that asks for more is asked again after a day: somebody has mistyped a number.
pub(crate) const LONGEST_ASKED: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_tells_how_many_failures_it_stands_for_whatever_its_jitter() {
        for failures in 1..=6 {
            for jitter in [0.0, 0.5, 0.99] {
                assert_eq!(failures_before(pause(failures, None, jitter)), failures);
            }
        }
        assert_eq!(failures_before(Duration::ZERO), 0);
        assert_eq!(failures_before(Duration::MAX), 64);
    }

    #[test]
    fn a_pause_grows_up_to_a_minute_and_is_never_shorter_than_asked() {
        let seconds = |failures, asked: Option<u64>, jitter| {
            pause(failures, asked.map(Duration::from_secs), jitter).as_secs_f64()
        };
        assert_eq!(seconds(1, None, 0.0), 1.0);
        assert_eq!(seconds(1, None, 1.0), 1.5);
        assert_eq!(seconds(3, None, 0.0), 4.0);
        assert_eq!(seconds(u32::MAX, None, 0.0), 60.0);
        assert_eq!(seconds(u32::MAX, None, 1.0), 90.0);
        assert_eq!(seconds(1, Some(30), 0.0), 30.0);
        assert_eq!(seconds(0, Some(u64::MAX), 0.0), 86_400.0);
    }
}
