//! Why a request was not authorised.

use std::error::Error as StdError;
use std::fmt;

use hallpass_grant::{Error as ProviderError, Recovery};
use hallpass_session::SessionError;

use crate::{InvalidOrigin, NoToken, Origin, Place, TokenFailure};

use super::schemes::{Checked, Node};
use super::{Joiner, Phrase};

/// Why a request was not authorised. It is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecurityError {
    /// The request's address does not say where it goes, or goes where everybody could read it.
    #[error("no secret can be put on this request: {0}")]
    Address(#[from] InvalidOrigin),
    /// The request goes where this scheme's secret may not be shown.
    #[error(
        "the scheme {scheme} is not for {origin}: change the request's address, or add the origin to the scheme if it is \
         the same API"
    )]
    OtherOrigin {
        /// The scheme's name.
        scheme: String,
        /// Where the request goes.
        origin: Origin,
    },
    /// What is needed cannot be had.
    #[error(transparent)]
    Unmet(#[from] Unmet),
    /// The request has it already.
    #[error(
        "the request has {place} already, and the scheme {scheme} writes it: take one of them off"
    )]
    Occupied {
        /// The scheme's name.
        scheme: String,
        /// What it would write.
        place: Place,
    },
    /// A scheme failed in a way that an alternative must not hide.
    #[error("[{scheme}: {source}]")]
    Tokens {
        /// The scheme's name.
        scheme: String,
        /// What happened.
        source: TokenFailure,
    },
    /// A scheme's tokens are bound to a key (RFC 9449), and there is no such key to make a proof with.
    #[error(
        "the tokens of the scheme {scheme} are bound to a key: give the credentials the key they were bound to"
    )]
    NoKey {
        /// The scheme's name.
        scheme: String,
    },
    /// What a scheme writes cannot stand in a header.
    #[error("what the scheme {scheme} writes cannot stand in a header")]
    Value {
        /// The scheme's name.
        scheme: String,
    },
    /// The address or the headers would be longer than they can be.
    #[error("the request would be too large: shorten its address or its headers")]
    TooLarge,
    /// The request could not be built in the first place.
    #[cfg(feature = "reqwest")]
    #[error("the request could not be built")]
    Request(#[source] reqwest::Error),
}

/// No alternative can be used, or none that the resource has not refused.
///
/// Its text says of each scheme why, joined as the requirement joins them:
/// `[OAuthACG: OAuthToken is undefined or expired.] or [apiKey: key is undefined.]`.
#[derive(Debug)]
pub struct Unmet {
    text: String,
    causes: Vec<SchemeFailure>,
    refused: Vec<Vec<String>>,
}

/// Why one scheme could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemeFailure {
    /// There is no token.
    #[error(transparent)]
    NoToken(#[from] NoToken),
    /// Its secret was not set.
    #[error("[{scheme}: {what} is undefined.]")]
    Undefined {
        /// The scheme's name.
        scheme: String,
        /// What is missing.
        what: &'static str,
    },
    /// The authorization server said no, or could not be reached.
    #[error("[{scheme}: {source}]")]
    Provider {
        /// The scheme's name.
        scheme: String,
        /// What happened.
        source: ProviderError,
    },
    /// The session is over, or its authorization server failed a moment ago and is left alone.
    #[error("[{scheme}: {source}]")]
    Session {
        /// The scheme's name.
        scheme: String,
        /// What happened.
        source: SessionError,
    },
}

impl Unmet {
    /// Why each scheme that was asked could not be used, in the order they were asked.
    pub fn causes(&self) -> &[SchemeFailure] {
        &self.causes
    }

    /// The alternatives that the resource refused, each by the names of its schemes.
    pub fn refused(&self) -> &[Vec<String>] {
        &self.refused
    }

    pub(crate) fn new(
        checked: &Checked,
        causes: Vec<SchemeFailure>,
        refused: Vec<Vec<String>>,
    ) -> Self {
        let text_of = |name: &str| {
            let cause = causes.iter().find(|cause| cause.scheme() == name);
            cause.map(ToString::to_string)
        };
        let names = checked.schemes.iter().map(|scheme| scheme.name());
        let texts: Vec<Option<String>> = names.map(text_of).collect();
        let lacking = lacking(&checked.nodes, &texts);
        let refusals: Vec<String> = refused.iter().map(|names| names.join(" with ")).collect();
        let refused_texts = refusals.join(", ");
        let text = match (lacking, refusals.is_empty()) {
            (Some(lacking), true) => lacking,
            (None, true) => "what is required cannot be had".to_owned(),
            (None, false) => {
                format!("no alternative is left: the resource refused {refused_texts}")
            }
            (Some(lacking), false) => {
                format!("no alternative is left: the resource refused {refused_texts}; {lacking}")
            }
        };
        Self {
            text,
            causes,
            refused,
        }
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The first cause; [`Unmet::causes`] has all.
impl StdError for Unmet {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.causes.first().map(|cause| cause as _)
    }
}

impl SchemeFailure {
    /// The scheme's name.
    pub fn scheme(&self) -> &str {
        match self {
            Self::NoToken(error) => &error.scheme,
            Self::Undefined { scheme, .. }
            | Self::Provider { scheme, .. }
            | Self::Session { scheme, .. } => scheme,
        }
    }

    /// What the authorization server, or the way to it, did.
    pub fn provider(&self) -> Option<&ProviderError> {
        match self {
            Self::Provider { source, .. } => Some(source),
            Self::Session {
                source: SessionError::Ended { source, .. },
                ..
            } => source.as_ref(),
            Self::NoToken(_) | Self::Undefined { .. } | Self::Session { .. } => None,
        }
    }

    /// What to do next.
    pub fn recovery(&self) -> Recovery {
        match self {
            Self::NoToken(_) => Recovery::Reauthorize,
            Self::Undefined { .. } => Recovery::Fix,
            Self::Provider { source, .. } => SessionError::from(source.clone()).recovery(),
            Self::Session { source, .. } => source.recovery(),
        }
    }

    /// The error is for what an alternative must not hide.
    pub(crate) fn of(scheme: &str, failure: TokenFailure) -> Result<Self, SecurityError> {
        let name = scheme.to_owned();
        match failure {
            TokenFailure::Lack(lack) => Ok(Self::NoToken(NoToken { scheme: name, lack })),
            failure if !failure.is_passed_over() => Err(SecurityError::Tokens {
                scheme: name,
                source: failure,
            }),
            TokenFailure::Provider(source) => Ok(Self::Provider {
                scheme: name,
                source,
            }),
            TokenFailure::Session(source) => Ok(Self::Session {
                scheme: name,
                source,
            }),
        }
    }
}

/// Of an `all` those members that fail, of an `any` all, if all fail.
fn lacking(nodes: &[Node], texts: &[Option<String>]) -> Option<String> {
    // Members come before what has them, so each is looked at once; one that two have does not exist.
    let mut phrases: Vec<Option<Phrase>> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let phrase = match node {
            Node::Scheme(scheme) => texts[*scheme].clone().map(Phrase::one),
            Node::All(members) => {
                let failed = members.iter().filter_map(|at| phrases[*at].take());
                let failed: Vec<Phrase> = failed.collect();
                (!failed.is_empty()).then(|| Phrase::joined(failed, Joiner::And))
            }
            Node::Any(members) => {
                let failed: Option<Vec<Phrase>> =
                    members.iter().map(|at| phrases[*at].take()).collect();
                failed.map(|failed| Phrase::joined(failed, Joiner::Or))
            }
        };
        phrases.push(phrase);
    }
    phrases.pop().flatten().map(Phrase::into_text)
}
