//! What the browser sent.

use serde_json::Value;

/// A request, as the browser itself tells of it.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Sent {
    /// `GET`, `POST`.
    pub method: String,
    /// The address without its fragment: what the request line and the `Host` header say.
    pub url: String,
    /// What follows the `#`, which is not sent.
    pub fragment: String,
    /// What the page it came from is called in the request.
    pub referrer: String,
}

impl Sent {
    /// Whether a form or a script has posted to this address.
    pub fn is_post_to(&self, url: &str) -> bool {
        self.method == "POST" && self.url == url
    }

    /// An entry of the driver's log, if it is about a request.
    pub(crate) fn read(message: &str) -> Option<Self> {
        let event: Value = serde_json::from_str(message).ok()?;
        let event = &event["message"];
        if event["method"] != "Network.requestWillBeSent" {
            return None;
        }
        let request = &event["params"]["request"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Some(Self {
            method: text(&request["method"]),
            url: text(&request["url"]),
            fragment: text(&request["urlFragment"]),
            referrer: text(&request["headers"]["Referer"]),
        })
    }
}
