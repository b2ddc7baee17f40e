//! Three things every login does, done by `hallpass-grant` and by `oauth2`, from the same values.
//!
//! What comes out is forgotten, not dropped: its end belongs to whatever the application does with it.

mod ours;
mod peer;

/// How often one operation can be done.
pub const MOST: usize = 200;

/// One thing to be measured. Each call does it once.
pub type Operation = Box<dyn FnMut()>;

/// The operation of a scenario (`url`, `callback`, `exchange`) on one side (`ours`, `peer`).
pub fn named(scenario: &str, side: &str) -> Option<Operation> {
    Some(match (scenario, side) {
        ("url", "ours") => ours::url(),
        ("callback", "ours") => ours::callback(),
        ("exchange", "ours") => ours::exchange(),
        ("url", "peer") => peer::url(),
        ("callback", "peer") => peer::callback(),
        ("exchange", "peer") => peer::exchange(),
        _ => return None,
    })
}

/// What both sides are given.
mod given {
    pub(crate) const CLIENT_ID: &str = "s6BhdRkqt3";
    pub(crate) const CLIENT_SECRET: &str = "gX1fBat3bV7zQm4";
    pub(crate) const ISSUER: &str = "https://server.example.com";
    pub(crate) const AUTHORIZATION_ENDPOINT: &str = "https://server.example.com/oauth/authorize";
    pub(crate) const TOKEN_ENDPOINT: &str = "https://server.example.com/oauth/token";
    pub(crate) const REDIRECT_URI: &str = "https://client.example.com/callback";
    pub(crate) const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA";
    pub(crate) const ANSWER: &str = concat!(
        r#"{"access_token":"2YotnFZFEjr1zCsicMWpAA2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","#,
        r#""expires_in":3600,"refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA","scope":"read:pets write:pets"}"#
    );

    /// The target of the request that the user agent comes back with.
    ///
    /// It begins where a cache line begins: what it costs to search a text depends on that, and must not depend on what was allocated before.
    pub(crate) fn callback(state: &str) -> &'static str {
        #[repr(align(64))]
        struct Line([u8; 256]);

        let target =
            format!("/callback?code={CODE}&state={state}&iss=https%3A%2F%2Fserver.example.com");
        let line = Box::leak(Box::new(Line([0; 256])));
        let text = &mut line.0[..target.len()];
        text.copy_from_slice(target.as_bytes());
        str::from_utf8(text).expect("it was a text")
    }
}
