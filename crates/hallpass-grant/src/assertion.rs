//! The assertions of RFC 7523 §3: one tells who the client is, another for whom it asks.

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::{Json, Members, Secret};

use crate::{Error, Misuse, Signatory, jws};

/// `client_assertion_type` (RFC 7523 §2.2).
pub(crate) const CLIENT_ASSERTION_TYPE: &str =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a JWT bearer grant asks with (RFC 7523 §2.1): who says it, and for whom. It is signed when the call begins, anew for each attempt.
///
/// ```
/// # use hallpass_grant::{Assertion, SigningAlgorithm, SigningKeyName};
/// # fn main() -> Result<(), hallpass_grant::Error> {
/// let key = SigningKeyName::new(SigningAlgorithm::Rs256, "key-1");
/// let assertion = Assertion::new(key, "robot@project.example")
///     .with_subject("alice@example.com")
///     .with_claim("scope", "https://api.example/mail.read")?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Assertion {
    signatory: Signatory,
    issuer: String,
    subject: String,
    audience: Option<String>,
    claims: Members,
}

impl Assertion {
    /// An assertion of this issuer about itself, for the authorization server, good for 60 seconds.
    pub fn new(signatory: impl Into<Signatory>, issuer: impl Into<String>) -> Self {
        let issuer = issuer.into();
        Self {
            signatory: signatory.into(),
            subject: issuer.clone(),
            issuer,
            audience: None,
            claims: Members::default(),
        }
    }

    /// The same about somebody else: for whom the token is to be.
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    /// The same for a server that wants to be called something else than its issuer or token endpoint.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// The same with one more claim of text.
    ///
    /// # Errors
    /// [`Misuse::ReservedParameter`] for a claim that this library sets itself.
    pub fn with_claim(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let mut own = ["iss", "sub", "aud", "jti", "iat", "nbf", "exp"].into_iter();
        match own.find(|own| *own == name) {
            Some(name) => Err(Misuse::ReservedParameter(name).into()),
            None => {
                self.claims.insert(name, Json::String(value.to_owned()));
                Ok(self)
            }
        }
    }

    pub(crate) fn of_client(signatory: Signatory, client_id: &str, audience: String) -> Self {
        Self::new(signatory, client_id).with_audience(audience)
    }

    /// The same for this server, unless it is for another already.
    pub(crate) fn for_server(mut self, audience: String) -> Self {
        self.audience.get_or_insert(audience);
        self
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) fn signatory(&self) -> &Signatory {
        &self.signatory
    }

    /// The JWS signing input.
    pub(crate) fn signing_input(&self, jti: &Secret, now: UtcDateTime) -> String {
        let iat = now.unix_timestamp();
        let header = Header {
            alg: self.signatory.algorithm(),
            kid: self.signatory.id(),
        };
        let claims = Claims {
            iss: &self.issuer,
            sub: &self.subject,
            aud: self.audience.as_deref().unwrap_or(""),
            jti: jti.expose_secret(),
            iat,
            exp: iat.saturating_add(LIFETIME_SECONDS),
            claims: &self.claims,
        };
        jws::signing_input(&header, &claims)
    }
}

/// How long an assertion may be used: long enough for a slow network, short enough that a stolen one is worthless.
const LIFETIME_SECONDS: i64 = 60;

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
    #[serde(flatten)]
    claims: &'a Members,
}
