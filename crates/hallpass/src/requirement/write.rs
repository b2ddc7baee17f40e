//! What schemes write, and what that makes of a request.

use base64ct::{Base64, Encoding};
use http::Method;
use http::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use hallpass_token::{Secret, TokenSet, TokenType};

use crate::presentation::{presented, sensitive};
use crate::scheme::Kind;
use crate::{Place, TokenFailure, TokenSource};

/// What one scheme writes.
pub(crate) enum Write {
    Header(HeaderName, HeaderValue),
    Query { name: String, value: Secret },
    Cookie { name: String, value: Secret },
}

/// What all of an alternative's schemes make of a request.
pub struct Changes {
    /// The whole query, if it changes.
    pub(crate) query: Option<Secret>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// Why a request cannot take it.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The place is taken.
    Occupied {
        scheme: usize,
        place: Place,
    },
    TooLarge,
}

/// The request would be larger than it can be.
#[derive(Debug)]
pub struct TooLarge;

/// Why tokens cannot be presented.
pub(crate) enum NotPresented {
    NoHeaderValue,
    /// They are bound to a key that is not there.
    NoProof,
    Failed(TokenFailure),
}

/// What OAuth tokens write on a request of this method to this address (without its query).
pub(crate) async fn present(
    source: &dyn TokenSource,
    method: &Method,
    target: &str,
    tokens: &TokenSet,
) -> Result<Vec<Write>, NotPresented> {
    let proof = match tokens.token_type {
        TokenType::Dpop => {
            let proof = source.proof(method, target, tokens).await;
            let proof = proof.map_err(NotPresented::Failed)?;
            Some(proof.ok_or(NotPresented::NoProof)?)
        }
        _ => None,
    };
    let headers = presented(tokens, proof.as_ref())?;
    let write = |(name, value)| Write::Header(name, value);
    Ok(headers.into_iter().map(write).collect())
}

impl From<InvalidHeaderValue> for NotPresented {
    fn from(_: InvalidHeaderValue) -> Self {
        Self::NoHeaderValue
    }
}

impl Kind {
    /// What a scheme writes whose secret is its own; nothing for OAuth.
    pub(crate) fn write(&self) -> Result<Vec<Write>, InvalidHeaderValue> {
        let write = match self {
            Self::OAuth(_) => return Ok(Vec::new()),
            Self::Bearer(token) => {
                let value = sensitive(format!("Bearer {}", token.expose_secret()))?;
                Write::Header(AUTHORIZATION, value)
            }
            Self::Basic { user, password } => {
                let pair = Secret::new(format!("{user}:{}", password.expose_secret()));
                let encoded = Base64::encode_string(pair.expose_secret().as_bytes());
                Write::Header(AUTHORIZATION, sensitive(format!("Basic {encoded}"))?)
            }
            Self::HeaderKey { header, secret } => Write::Header(
                header.clone(),
                sensitive(secret.expose_secret().to_owned())?,
            ),
            Self::QueryKey { parameter, secret } => Write::Query {
                name: parameter.clone(),
                value: secret.clone(),
            },
            Self::CookieKey { cookie, secret } => Write::Cookie {
                name: cookie.clone(),
                value: secret.clone(),
            },
        };
        Ok(vec![write])
    }

    /// What was not set, for messages.
    pub(crate) fn undefined(&self) -> Option<&'static str> {
        match self {
            Self::OAuth(_) => None,
            Self::Bearer(token) => token.is_empty().then_some("token"),
            Self::Basic { user, password } => {
                (user.is_empty() && password.is_empty()).then_some("user name")
            }
            Self::HeaderKey { secret, .. }
            | Self::QueryKey { secret, .. }
            | Self::CookieKey { secret, .. } => secret.is_empty().then_some("key"),
        }
    }
}

impl Changes {
    /// What these writes make of a request with this query and these headers. Each comes with its scheme.
    pub(crate) fn new(
        writes: Vec<(usize, Write)>,
        query: Option<&str>,
        headers: &HeaderMap,
    ) -> Result<Self, Refusal> {
        let mut added = Vec::new();
        let mut parameters = Vec::new();
        let mut cookies = Vec::new();
        for (scheme, write) in writes {
            let (place, taken) = match &write {
                Write::Header(name, _) => (Place::Header(name.clone()), headers.contains_key(name)),
                Write::Query { name, .. } => {
                    (Place::Query(name.clone()), has_parameter(query, name))
                }
                Write::Cookie { name, .. } => {
                    (Place::Cookie(name.clone()), has_cookie(headers, name))
                }
            };
            if taken {
                return Err(Refusal::Occupied { scheme, place });
            }
            match write {
                Write::Header(name, value) => added.push((name, value)),
                Write::Query { name, value } => parameters.push((name, value)),
                Write::Cookie { name, value } => cookies.push((name, value)),
            }
        }
        if !cookies.is_empty() {
            let value = with_cookies(headers, &cookies).ok_or(Refusal::TooLarge)?;
            added.push((COOKIE, value));
        }
        let changed = !parameters.is_empty();
        Ok(Self {
            query: changed.then(|| with_parameters(query, &parameters)),
            headers: added,
        })
    }

    /// Writes all headers, or none.
    pub(crate) fn write_headers(&self, headers: &mut HeaderMap) -> Result<(), TooLarge> {
        let mut changed = headers.clone();
        for (name, value) in &self.headers {
            changed
                .try_insert(name, value.clone())
                .map_err(|_| TooLarge)?;
        }
        *headers = changed;
        Ok(())
    }
}

/// Everything but RFC 3986's unreserved characters, so that every reader of queries reads the same.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn has_parameter(query: Option<&str>, name: &str) -> bool {
    let query = query.unwrap_or_default().as_bytes();
    form_urlencoded::parse(query).any(|(own, _)| own == name)
}

/// What was there stays as it was, byte by byte.
fn with_parameters(query: Option<&str>, parameters: &[(String, Secret)]) -> Secret {
    let mut whole = query.unwrap_or_default().to_owned();
    for (name, value) in parameters {
        if !whole.is_empty() && !whole.ends_with('&') {
            whole.push('&');
        }
        whole.extend(utf8_percent_encode(name, RESERVED));
        whole.push('=');
        whole.extend(utf8_percent_encode(value.expose_secret(), RESERVED));
    }
    Secret::new(whole)
}

fn has_cookie(headers: &HeaderMap, name: &str) -> bool {
    let lines = headers.get_all(COOKIE).iter();
    let mut pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.any(|pair| {
        let own = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        own.trim_ascii() == name.as_bytes()
    })
}

/// One header, for there may be no second (RFC 6265 §5.4).
fn with_cookies(headers: &HeaderMap, cookies: &[(String, Secret)]) -> Option<HeaderValue> {
    let lines = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let mut pairs: Vec<Vec<u8>> = lines
        .filter(|line| !line.is_empty())
        .map(<[u8]>::to_vec)
        .collect();
    pairs.extend(
        cookies
            .iter()
            .map(|(name, value)| format!("{name}={}", value.expose_secret()).into_bytes()),
    );
    let mut value = HeaderValue::from_bytes(&pairs.join(&b"; "[..])).ok()?;
    value.set_sensitive(true);
    Some(value)
}
