//! What the faults are made of.

/// What stands in a member of an answer.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Value {
    /// The member is not there.
    Absent,
    /// A text, escaped as its place demands.
    Text(String),
    /// This, as it is: `-1`, `1e400`, `null`. In a fragment it is escaped like a text.
    Json(String),
}

impl Value {
    /// [`Value::Text`].
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// [`Value::Json`].
    pub fn json(json: impl Into<String>) -> Self {
        Self::Json(json.into())
    }
}

/// A description that wants to be more than text.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hostile {
    /// A second log line, and a header.
    CrLf,
    /// Clears the terminal and colours what comes after.
    Ansi,
    /// A script.
    Html,
    /// A million characters.
    Megabyte,
}

impl Hostile {
    /// The description.
    pub fn text(self) -> String {
        match self {
            Self::CrLf => "denied\r\nSet-Cookie: owned=1\r\n\r\nINFO everything is fine".to_owned(),
            Self::Ansi => "denied\u{1b}[2J\u{1b}[31m\u{1b}]0;owned\u{7}\u{9b}31m".to_owned(),
            Self::Html => {
                "denied<script>alert(1)</script>\"><img src=x onerror=alert(1)>".to_owned()
            }
            Self::Megabyte => "x".repeat(1_000_000),
        }
    }
}

/// Forms of a code or token that are hard to decode.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BadEncoding {
    /// Has a `%00`.
    Nul,
    /// Has a `%FF`, which is not UTF-8.
    InvalidUtf8,
    /// Has the text `%41%2B+`, so that whoever decodes twice gets something else.
    Doubled,
    /// Is 64 KiB long.
    Long,
}

/// How an implicit answer names its token.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenParameter {
    /// `token` in place of `access_token`.
    Only,
    /// `token` and `access_token`, the same.
    Equal,
    /// `token` and `access_token`, of which only the second is a token.
    Different,
}

/// A body that is no good answer.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Body {
    /// Nothing.
    Empty,
    /// `{}`.
    EmptyObject,
    /// `[]`.
    EmptyArray,
    /// A line of plain text, sent as JSON.
    Text,
    /// A page of a gateway.
    Html,
    /// An object with this `error`.
    Error(String),
    /// This, sent as JSON.
    Json(String),
}

/// How `scope` is written where it is no list with spaces (RFC 6749 §3.3).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ScopeForm {
    /// With commas: `read,write`.
    Commas,
    /// As a JSON array, in a fragment too.
    Array,
}

/// How a refusal is written where it is not written as RFC 6749 §5.2 says.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ErrorForm {
    /// This status, and nothing more.
    Empty(u16),
    /// This status, and JSON as ever.
    Json(u16),
    /// This status and a page, which has the error as text.
    Html(u16),
    /// 200 and `{"ok":false,"error":"..."}`.
    NotOk,
    /// This status and `error=...&error_description=...`.
    FormEncoded(u16),
}

/// Where metadata can be asked for.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WellKnown {
    /// `/.well-known/oauth-authorization-server` (RFC 8414 §3).
    OAuth,
    /// `/.well-known/openid-configuration`.
    OpenId,
}
