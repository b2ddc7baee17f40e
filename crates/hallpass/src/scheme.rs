//! One way to authorise a request (OpenAPI: a security scheme).

mod origin;
mod place;
mod token_source;

use std::fmt;
use std::sync::Arc;

use http::HeaderName;
use http::header::{self, AUTHORIZATION};

use hallpass_token::Secret;

#[cfg(feature = "reqwest")]
use crate::Client;
use crate::presentation::DPOP;

pub use origin::{InvalidOrigin, Origin};
pub use place::Place;
#[cfg(feature = "reqwest")]
use token_source::InHand;
pub use token_source::{TokenFailure, TokenSource};

/// One way to authorise a request: a name for messages, a secret, where it is written, and the [`Origin`] it may be
/// shown to. A request to any other origin never gets it.
///
/// The names are those of OpenAPI's security schemes: ASCII letters, digits, `.`, `-` and `_`. An empty secret is one
/// that was not set: the scheme exists, and cannot be used.
///
/// ```
/// # use hallpass::{Origin, Scheme};
/// let api = Origin::new("https://api.example")?;
/// let key = Scheme::query_key("apiKey", &api, "api_key", "ak&1")?;
/// let sandbox = key.with_origin(Origin::new("https://sandbox.example")?);
/// assert_eq!(sandbox.origins().len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Scheme {
    name: Arc<str>,
    origins: Vec<Origin>,
    pub(crate) kind: Kind,
}

/// What is written, and where.
#[derive(Clone)]
pub(crate) enum Kind {
    OAuth(Arc<dyn TokenSource>),
    Bearer(Secret),
    Basic { user: String, password: Secret },
    HeaderKey { header: HeaderName, secret: Secret },
    QueryKey { parameter: String, secret: Secret },
    CookieKey { cookie: String, secret: Secret },
}

/// Why there can be no such scheme.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidScheme {
    /// The name is not between 1 and 128 ASCII letters, digits, `.`, `-` and `_`.
    #[error("the name of a scheme is 1 to 128 ASCII letters, digits, '.', '-' and '_'")]
    Name,
    /// Nothing can be written there.
    #[error("the scheme {scheme} cannot write there: {reason}")]
    Place {
        /// The scheme's name.
        scheme: String,
        /// Why.
        reason: &'static str,
    },
    /// What is to be written cannot be carried there.
    #[error("the value of the scheme {scheme} cannot be used: {reason}")]
    Value {
        /// The scheme's name.
        scheme: String,
        /// Why.
        reason: &'static str,
    },
}

impl Scheme {
    /// An OAuth token of any grant, in the `Authorization` header (RFC 6750 §2.1).
    ///
    /// # Errors
    /// [`InvalidScheme::Name`].
    pub fn oauth(
        name: &str,
        origin: impl Into<Origin>,
        source: impl TokenSource + 'static,
    ) -> Result<Self, InvalidScheme> {
        Self::new(name, origin, Kind::OAuth(Arc::new(source)))
    }

    /// A token that was handed over by other means, in the `Authorization` header (RFC 6750 §2.1).
    ///
    /// # Errors
    /// [`InvalidScheme`]: a token is printable ASCII without spaces.
    pub fn bearer(
        name: &str,
        origin: impl Into<Origin>,
        token: impl Into<Secret>,
    ) -> Result<Self, InvalidScheme> {
        let token = token.into();
        let usable = token.expose_secret().bytes().all(|b| b.is_ascii_graphic());
        let scheme = Self::new(name, origin, Kind::Bearer(token))?;
        scheme.only_if(usable, "a token is printable ASCII without spaces")
    }

    /// User name and password, in UTF-8 (RFC 7617). Either may be empty, but not both.
    ///
    /// # Errors
    /// [`InvalidScheme`]: a user name has no colon, and neither has control characters.
    pub fn basic(
        name: &str,
        origin: impl Into<Origin>,
        user: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Result<Self, InvalidScheme> {
        let (user, password) = (user.into(), password.into());
        let printable = |text: &str| !text.chars().any(char::is_control);
        let colon = user.contains(':');
        let usable = printable(&user) && printable(password.expose_secret());
        Self::new(name, origin, Kind::Basic { user, password })?
            .only_if(
                !colon,
                "a user name has no colon in it (RFC 7617 section 2)",
            )?
            .only_if(
                usable,
                "user names and passwords have no control characters (RFC 7617 section 2)",
            )
    }

    /// A key in a header of the API's own.
    ///
    /// # Errors
    /// [`InvalidScheme`]: no such header, one that steers HTTP itself, or a key that no header can carry.
    pub fn header_key(
        name: &str,
        origin: impl Into<Origin>,
        header: &str,
        key: impl Into<Secret>,
    ) -> Result<Self, InvalidScheme> {
        let secret = key.into();
        let place = HeaderName::try_from(header);
        let reason = match &place {
            Err(_) => Some("no header can have this name"),
            Ok(header::COOKIE) => Some("a cookie is written with `cookie_key`"),
            Ok(header) if *header == DPOP => Some("this header is for proofs (RFC 9449)"),
            Ok(header) if STEERING.contains(header) => Some("this header steers HTTP itself"),
            Ok(_) => None,
        };
        let usable = is_header_text(secret.expose_secret());
        let header = place.unwrap_or(AUTHORIZATION);
        Self::new(name, origin, Kind::HeaderKey { header, secret })?
            .only_there(reason)?
            .only_if(
                usable,
                "a header carries printable ASCII that neither begins nor ends with a space",
            )
    }

    /// A key in the query. Whoever logs addresses logs it too; use it only where the API has nothing else.
    ///
    /// # Errors
    /// [`InvalidScheme`]: the parameter has no name.
    pub fn query_key(
        name: &str,
        origin: impl Into<Origin>,
        parameter: impl Into<String>,
        key: impl Into<Secret>,
    ) -> Result<Self, InvalidScheme> {
        let (parameter, secret) = (parameter.into(), key.into());
        let reason = parameter.is_empty().then_some("the parameter has no name");
        Self::new(name, origin, Kind::QueryKey { parameter, secret })?.only_there(reason)
    }

    /// A key in a cookie (RFC 6265 §4.1.1). Other cookies of the request are kept.
    ///
    /// # Errors
    /// [`InvalidScheme`]: no cookie can have this name or this value.
    pub fn cookie_key(
        name: &str,
        origin: impl Into<Origin>,
        cookie: impl Into<String>,
        key: impl Into<Secret>,
    ) -> Result<Self, InvalidScheme> {
        let (cookie, secret) = (cookie.into(), key.into());
        let named = HeaderName::try_from(&cookie).is_ok();
        let reason = (!named).then_some("no cookie can have this name");
        let usable = secret.expose_secret().bytes().all(is_cookie_octet);
        Self::new(name, origin, Kind::CookieKey { cookie, secret })?
            .only_there(reason)?
            .only_if(
                usable,
                "a cookie carries printable ASCII without spaces, quotes, commas, semicolons and \
                 backslashes",
            )
    }

    /// The same scheme for one more origin: of the same API, not of whoever asks for it.
    #[must_use]
    pub fn with_origin(mut self, origin: impl Into<Origin>) -> Self {
        self.origins.push(origin.into());
        self
    }

    /// The name in requirements and in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The origins it may be shown to. There is at least one.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// Where it is written.
    pub fn place(&self) -> Place {
        match &self.kind {
            Kind::OAuth(_) | Kind::Bearer(_) | Kind::Basic { .. } => Place::Header(AUTHORIZATION),
            Kind::HeaderKey { header, .. } => Place::Header(header.clone()),
            Kind::QueryKey { parameter, .. } => Place::Query(parameter.clone()),
            Kind::CookieKey { cookie, .. } => Place::Cookie(cookie.clone()),
        }
    }

    /// What a client has in hand, for the origin that a request goes to.
    #[cfg(feature = "reqwest")]
    pub(crate) fn of_client<G: Clone + Default>(client: &Client<G>, origin: Origin) -> Self {
        Self {
            name: client.provider().name().into(),
            origins: vec![origin],
            kind: Kind::OAuth(Arc::new(InHand::of(client))),
        }
    }

    fn new(name: &str, origin: impl Into<Origin>, kind: Kind) -> Result<Self, InvalidScheme> {
        let named = (1..=128).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
        match named {
            true => Ok(Self {
                name: name.into(),
                origins: vec![origin.into()],
                kind,
            }),
            false => Err(InvalidScheme::Name),
        }
    }

    fn only_if(self, usable: bool, reason: &'static str) -> Result<Self, InvalidScheme> {
        match usable {
            true => Ok(self),
            false => Err(InvalidScheme::Value {
                scheme: self.name().to_owned(),
                reason,
            }),
        }
    }

    fn only_there(self, reason: Option<&'static str>) -> Result<Self, InvalidScheme> {
        match reason {
            None => Ok(self),
            Some(reason) => Err(InvalidScheme::Place {
                scheme: self.name().to_owned(),
                reason,
            }),
        }
    }
}

/// Shows where it is written, and nothing of what.
impl fmt::Debug for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scheme")
            .field("name", &self.name)
            .field("origins", &self.origins)
            .field("place", &self.place())
            .finish_non_exhaustive()
    }
}

/// Headers that decide where a message ends or whom it is for (RFC 9110 §7, RFC 9112 §6).
const STEERING: &[HeaderName] = &[
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

fn is_header_text(text: &str) -> bool {
    // Space at the ends is cut off on the way (RFC 9110 section 5.5): it would be another key.
    text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) && text.trim().len() == text.len()
}

fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)
}
