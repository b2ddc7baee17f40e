//! What is kept until the user agent comes back from the provider (OpenID Connect RP-Initiated Logout §3).

use std::fmt;

use serde::{Deserialize, Serialize};

use hallpass_grant::{Error, Parameters};
use hallpass_token::Secret;

use crate::Fault;

/// A logout that was begun and not yet answered.
///
/// A plain value that serialises: store it where only the user agent that was sent away can bring it back.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingLogout {
    state: Secret,
}

impl PendingLogout {
    pub(super) fn new(state: Secret) -> Self {
        Self { state }
    }

    /// The state this logout was begun with: a name to store it under.
    pub fn state(&self) -> &Secret {
        &self.state
    }

    /// Whether this callback answers this logout. `url` is a whole address, or the target of a request line. `state` is compared in
    /// constant time.
    pub fn expects(&self, url: &str) -> bool {
        self.receive(url).is_ok()
    }

    /// Checks that the user agent comes back from this logout.
    ///
    /// The session here is over whatever this says: an answer that cannot be believed gives nobody a session back.
    ///
    /// # Errors
    /// [`Fault::LogoutState`] where `state` is missing or another; a [`Violation`](hallpass_grant::Violation) where the query cannot be
    /// taken apart.
    pub fn receive(&self, url: &str) -> Result<(), Error> {
        let parameters = Parameters::parse(query(url))?;
        let state = Secret::from(parameters.value("state").unwrap_or(""));
        match !state.is_empty() && state == self.state {
            true => Ok(()),
            false => Err(Fault::LogoutState.into()),
        }
    }
}

/// The query of an address, without its `?`.
pub(crate) fn query(url: &str) -> &str {
    let (url, _) = url.split_once('#').unwrap_or((url, ""));
    url.split_once('?').map_or("", |(_, query)| query)
}

/// Shows no state.
impl fmt::Debug for PendingLogout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingLogout(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending() -> PendingLogout {
        PendingLogout::new("the-state".into())
    }

    #[test]
    fn the_state_that_was_sent_comes_back() {
        for url in [
            "https://rp.example/bye?state=the-state",
            "/bye?x=1&state=the%2Dstate&iss=y",
            "/bye?state=the-state#?state=other",
        ] {
            assert!(pending().receive(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn another_state_a_missing_one_and_one_in_the_fragment_are_refused() {
        for url in [
            "",
            "/bye",
            "/bye?",
            "/bye?state=",
            "/bye?state=the-stat",
            "/bye?state=the-statf",
            "/bye?state=the-state2",
            "/bye?State=the-state",
            "/bye#state=the-state",
            "/bye#?state=the-state",
        ] {
            let error = pending().receive(url).unwrap_err();
            assert_eq!(Fault::of(&error), Some(&Fault::LogoutState), "{url}");
            assert!(!pending().expects(url));
        }
        assert!(
            pending()
                .receive("/bye?state=the-state&state=the-state")
                .is_err()
        );
        // A stored one that was emptied expects nothing.
        assert!(
            PendingLogout::new("".into())
                .receive("/bye?state=")
                .is_err()
        );
    }

    #[test]
    fn it_comes_back_from_a_store_and_is_not_shown() {
        let stored = serde_json::to_string(&pending()).unwrap();
        let read: PendingLogout = serde_json::from_str(&stored).unwrap();
        assert_eq!(read.state().expose_secret(), "the-state");
        assert_eq!(format!("{read:?}"), "PendingLogout(…)");
    }
}
