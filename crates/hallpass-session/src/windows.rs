//! How old a token may become before it is refreshed.

use std::time::Duration;

use time::UtcDateTime;

use hallpass_grant::token::TokenSet;

/// How long before its end a token is refreshed, and from when on it is no longer used while a new one is on its way.
///
/// | window | what happens |
/// | --- | --- |
/// | [`Fresh`](Window::Fresh) | the token is used |
/// | [`Advisory`](Window::Advisory) | one caller begins a refresh; everybody uses the token |
/// | [`Mandatory`](Window::Mandatory) | everybody waits for the refresh; if there is an outage, the token is used |
/// | [`Expired`](Window::Expired) | everybody waits for the refresh |
///
/// By default the advisory window is five minutes and the mandatory one half a minute, but never more than a quarter and a tenth of the
/// token's lifetime. A clock skew begins every window that much earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    advisory: Duration,
    mandatory: Duration,
    clock_skew: Duration,
    jitter: Duration,
}

/// Where a token is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Window {
    /// It is good, and will be for a while. A token whose end nobody knows is always here.
    Fresh,
    /// It is good, and it is time to get another.
    Advisory,
    /// It is good, but may have ended when it arrives.
    Mandatory,
    /// Its end has come.
    Expired,
}

impl Default for Windows {
    fn default() -> Self {
        Self {
            advisory: Duration::from_secs(300),
            mandatory: Duration::from_secs(30),
            clock_skew: Duration::ZERO,
            jitter: Duration::ZERO,
        }
    }
}

impl Windows {
    /// The same with an advisory window of this length before the token's end.
    #[must_use]
    pub fn with_advisory(mut self, advisory: Duration) -> Self {
        self.advisory = advisory;
        self
    }

    /// The same with a mandatory window of this length before the token's end.
    #[must_use]
    pub fn with_mandatory(mut self, mandatory: Duration) -> Self {
        self.mandatory = mandatory;
        self
    }

    /// The same, taking every token to end this much earlier than it says.
    #[must_use]
    pub fn with_clock_skew(mut self, clock_skew: Duration) -> Self {
        self.clock_skew = clock_skew;
        self
    }

    /// The same with an advisory window that is longer by up to a fifth, `share` of it: many machines that were given their tokens at the
    /// same moment do not refresh them at the same moment.
    pub(crate) fn with_jitter(mut self, share: f64) -> Self {
        self.jitter = part(self.advisory, share / 5.0);
        self
    }

    /// Where these tokens are `now`. `obtained_at` is when they came, if that is known.
    pub fn of(
        &self,
        tokens: &TokenSet,
        obtained_at: Option<UtcDateTime>,
        now: UtcDateTime,
    ) -> Window {
        let Some([advisory, mandatory, expired]) = self.bounds(tokens, obtained_at) else {
            return Window::Fresh;
        };
        match () {
            () if now < advisory => Window::Fresh,
            () if now < mandatory => Window::Advisory,
            () if now < expired => Window::Mandatory,
            () => Window::Expired,
        }
    }

    /// When the windows after the fresh one begin; `None` when the token has no end that is known.
    ///
    /// A token is fresh in the second it came in, whatever it says: a server that gives tokens of no lifetime, or of one within
    /// the clock skew, is asked once a second and not at every use.
    pub(crate) fn bounds(
        &self,
        tokens: &TokenSet,
        obtained_at: Option<UtcDateTime>,
    ) -> Option<[UtcDateTime; 3]> {
        let end = before(tokens.expires_at?, self.clock_skew);
        let lifetime = obtained_at.map(|at| Duration::try_from(end - at).unwrap_or(Duration::ZERO));
        let at_most = |window: Duration, share: u32| match lifetime {
            Some(lifetime) => window.min(lifetime / share),
            None => window,
        };
        let longest = self.advisory.saturating_add(self.jitter);
        let bounds = [
            before(end, at_most(longest, 4).max(at_most(self.mandatory, 10))),
            before(end, at_most(self.mandatory, 10)),
            end,
        ];
        let first_second = obtained_at.map(|at| at.saturating_add(time::Duration::SECOND));
        Some(bounds.map(|bound| first_second.map_or(bound, |second| bound.max(second))))
    }
}

fn before(end: UtcDateTime, window: Duration) -> UtcDateTime {
    let window = time::Duration::try_from(window).unwrap_or(time::Duration::MAX);
    end.checked_sub(window).unwrap_or(UtcDateTime::MIN)
}

/// A share of a duration, from 0 to 1 of it.
pub(crate) fn part(whole: Duration, share: f64) -> Duration {
    whole.mul_f64(share.clamp(0.0, 1.0))
}
