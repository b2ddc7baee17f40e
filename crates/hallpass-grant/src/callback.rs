//! What the user agent brought back, as text.

use std::fmt;

use crate::form::split_at_byte;
use crate::{Error, Parameters, ResponseMode};

/// A request to the redirect URI, read once as text, with no URL type in between.
///
/// `Debug` shows nothing of it: a code or a token may be in any part.
#[derive(Clone, Copy, Default)]
pub struct Callback<'a> {
    query: &'a str,
    fragment: &'a str,
    form: &'a str,
}

impl<'a> Callback<'a> {
    /// A whole address as a browser shows it, or the target of a request line (`/callback?code=…`).
    pub fn from_url(url: &'a str) -> Self {
        let (rest, fragment) = split_at_byte(b'#', url).unwrap_or((url, ""));
        let (_, query) = split_at_byte(b'?', rest).unwrap_or((rest, ""));
        Self {
            query,
            fragment,
            form: "",
        }
    }

    /// The body of a `POST` to the redirect URI, for response mode
    /// [`FormPost`](crate::ResponseMode::FormPost); `target` is that request's target.
    pub fn from_form(target: &'a str, body: &'a str) -> Self {
        Self {
            form: body,
            ..Self::from_url(target)
        }
    }

    /// The parameters in the part that a response mode names, for what an extension has put beside the response (`session_state`). The
    /// response itself is for [`Pending::receive`](crate::Pending::receive).
    ///
    /// # Errors
    /// As [`Parameters::parse`].
    pub fn parameters(&self, mode: ResponseMode) -> Result<Parameters<'a>, Error> {
        Parameters::parse(self.part(mode.part()))
    }

    pub(crate) fn part(&self, part: Part) -> &'a str {
        match part {
            Part::Query => self.query,
            Part::Fragment => self.fragment,
            Part::Form => self.form,
        }
    }
}

impl<'a> From<&'a str> for Callback<'a> {
    fn from(url: &'a str) -> Self {
        Self::from_url(url)
    }
}

impl<'a> From<&'a String> for Callback<'a> {
    fn from(url: &'a String) -> Self {
        Self::from_url(url)
    }
}

impl fmt::Debug for Callback<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback(…)")
    }
}

/// Where in a callback something stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Query,
    Fragment,
    Form,
}

impl Part {
    pub(crate) const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::Form];
}
