//! What can be made to go wrong, each a switch: [`AuthorizationServer::inject`](crate::AuthorizationServer::inject).

use std::time::Duration;

use crate::{
    AssertionAudience, BadEncoding, Body, ErrorForm, Hostile, Jwt, JwtFault, KeysFault, ScopeForm,
    TokenParameter, Value, WellKnown,
};

/// One thing that goes wrong while it is switched on.
///
/// A fault is always on until it is removed, unless it is injected with [`once`](Fault::once) or [`times`](Fault::times).
/// Where two that are switched on contradict each other, the one injected first is used; so `once` several times makes a
/// sequence.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fault {
    /// Authorization response: `state` comes back with one character changed.
    StateAltered,
    /// Authorization response: `state` does not come back.
    StateMissing,
    /// Authorization response: `state` comes back without its last character.
    StateTruncated,
    /// Authorization response: `iss` names another server, also where [`Config::iss_parameter`](crate::Config) is off.
    IssuerWrong,
    /// Authorization response: no `iss`, though the metadata promises it (RFC 9207).
    IssuerMissing,
    /// Authorization response: `iss` has a slash at its end, which the issuer in the metadata has not.
    IssuerSlash,
    /// Authorization response: `iss` comes in the query, and everything else in the fragment.
    IssuerInQuery,
    /// Authorization endpoint: a `state` of fewer than 8 characters is refused with `invalid_state`.
    ShortStateRefused,
    /// Authorization response: the parameter of this name comes twice, the second time with `-again` appended.
    DuplicateParameter(String),
    /// Authorization response: `error=server_error` beside a good code or token.
    CodeAndError,
    /// Authorization response: `code=` with nothing after it.
    EmptyCode,
    /// Authorization response: refused, with an `error_description` that wants to get out of the log line it is put in.
    HostileDescription(Hostile),
    /// Authorization response: this error, whatever the user decided.
    AuthorizationError {
        /// The value of `error`, for example `temporarily_unavailable`.
        error: String,
        /// The value of `error_description`, sent as it is.
        description: String,
    },
    /// Authorization response: `access_denied`, though the user allowed.
    DenyConsent,
    /// Authorization response: an implicit or hybrid answer comes in the query and not in the fragment.
    TokenInQuery,
    /// Authorization response: a code comes in the fragment and not in the query.
    CodeInFragment,
    /// Authorization response: an implicit answer carries a `refresh_token`, which RFC 6749 §4.2.2 forbids.
    RefreshTokenInFragment,
    /// Authorization response: the code or token has a hostile form. Where it can be decoded it is valid, so a client that
    /// decodes exactly can use it.
    BadEncoding(BadEncoding),
    /// Authorization response: how an implicit answer names its token, as some providers do.
    TokenParameter(TokenParameter),
    /// Authorization response: this text, as it is, after the parameters: `&key`, `&a=%zz`.
    Appended(String),

    /// Implicit and token answers: what stands in `access_token`. A text that is not empty is a token that works.
    AccessToken(Value),
    /// Implicit and token answers: what stands in `token_type`.
    TokenType(Value),
    /// Implicit and token answers: what stands in `expires_in`. What the server believes does not change.
    ExpiresIn(Value),
    /// Implicit and token answers: what stands in `scope`. What was granted does not change.
    Scope(Value),
    /// Implicit and token answers: the last of the scopes is not granted, and no `scope` says so, which RFC 6749 §5.1 forbids.
    DroppedScope,
    /// Implicit and token answers: `scope` is no list with spaces.
    ScopeForm(ScopeForm),
    /// Implicit and token answers: one more member, for example an `expiry` of the server's own.
    ExtraMember {
        /// The member's name.
        name: String,
        /// The member's value.
        value: Value,
    },

    /// Token answer: no `refresh_token`, neither for a code nor for a refresh token; the one spent stays valid.
    NoRefreshToken,
    /// Token answer: no `refresh_token` for a client without a secret; the one spent stays valid.
    NoRefreshTokenForPublic,
    /// Token endpoint: `scope` in a refresh is not read, so that the answer has every scope of the grant.
    RefreshIgnoresScope,
    /// Token endpoint: every refresh token is `invalid_grant`, and stays as it is.
    RefreshInvalidGrant,
    /// Token endpoint: every request is refused with this error and status 400, and changes nothing.
    TokenError {
        /// The value of `error`.
        error: String,
        /// The value of `error_description`, sent as it is; see [`Hostile::text`].
        description: String,
    },
    /// Token answer: the member of this name comes twice.
    DuplicateMember(String),
    /// Token answer: one more member, `padding`, of arrays this deep in each other.
    JsonDepth(usize),
    /// Token answer: so many more members.
    JsonMembers(usize),
    /// Token answer: every member stands in an object of this name, for example `authed_user`.
    NestedIn(String),
    /// Token endpoint: answers and refusals are form-encoded and not JSON, whatever `Accept` says.
    FormEncoded,
    /// Token endpoint: answers and refusals are form-encoded, unless `Accept` names `application/json`.
    FormEncodedUnlessAccepted,
    /// Token endpoint: what is sent there with a `token` and no `grant_type` is a revocation, and the metadata says so.
    RevocationAtToken,
    /// Revocation endpoint: a good answer has this JSON as its body.
    RevocationBody(String),

    /// Metadata: only `plain` PKCE is offered.
    PkcePlainOnly,
    /// Metadata: `issuer` is this.
    MetadataIssuer(String),
    /// Metadata: the token endpoint is `http` on a host that is not loopback.
    MetadataInsecureEndpoint,
    /// Metadata: `issuer` has a slash at its end.
    MetadataIssuerSlash,
    /// Metadata: `issuer` is in upper case.
    MetadataIssuerCase,
    /// Metadata: the document is at this address only.
    MetadataOnlyAt(WellKnown),
    /// Metadata: `openid-configuration` names the endpoints under `/oauth2`, the other document those under `/oauth`.
    MetadataDiffers,
    /// Metadata: the member of this name has this value.
    MetadataMember {
        /// The member's name.
        name: String,
        /// The member's value.
        value: Value,
    },

    /// Device authorization answer: what stands in `interval`. Where that is a number, the server holds to it.
    DeviceInterval(Value),
    /// Authorization endpoint: a request that was pushed is used up by the first visit, also one that only looked, as a link
    /// preview does.
    PushedRequestOnce,
    /// Registration answer: 200 in place of 201.
    RegistrationOk,
    /// Registration answer: `null` where the client has registered nothing.
    RegistrationNulls,
    /// Registration answer: numbers are texts, for example `"client_secret_expires_at":"0"`.
    RegistrationTexts,
    /// Registration answer: the member of this name has this value. What was registered does not change.
    RegistrationMember {
        /// The member's name.
        name: String,
        /// The member's value.
        value: Value,
    },
    /// Wherever assertions are read: what `aud` must name, whatever [`Config::assertion_audience`](crate::Config) says.
    AssertionAudience(AssertionAudience),
    /// Wherever assertions are read: an `aud` that is a list is refused, also a list of one.
    AssertionAudienceNoList,

    /// A JWT of the server's: what is wrong with it.
    Jwt(Jwt, JwtFault),
    /// Authorization response: no `session_state`.
    SessionStateMissing,
    /// Logout token: neither `sub` nor `sid`.
    LogoutTokenNoSubject,
    /// After a logout: `state` comes back as another.
    LogoutStateAltered,
    /// After a logout: `state` does not come back.
    LogoutStateMissing,
    /// Front-channel logout: `iss` is another server.
    FrontChannelIssuer,
    /// Front-channel logout: `sid` is another session.
    FrontChannelSession,
    /// WebFinger: what stands in `href` of the link; where it is absent, there is no link.
    WebFingerIssuer(Value),
    /// WebFinger: the answer is about somebody else.
    WebFingerSubject,
    /// A login that begins elsewhere: `iss` is another server.
    ThirdPartyIssuer,
    /// The keys at `jwks_uri`, while this is on: what is wrong with them.
    Keys(KeysFault),

    /// Any endpoint: this status and body. The request is not carried out.
    Body {
        /// The status, also 200.
        status: u16,
        /// The body.
        body: Body,
    },
    /// Any endpoint: 429. The request is not carried out.
    TooManyRequests {
        /// `Retry-After`, in seconds.
        retry_after: u64,
    },
    /// Any endpoint: a redirect. The request is not carried out.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// The `Location`, as it is: `//evil.example/`, a URL.
        location: String,
    },
    /// Any endpoint: 302 to a login page, unless `Accept` names `application/json`. The request is not carried out.
    LoginUnlessAccepted,
    /// Any endpoint: a secret by Basic is read as it is, so that one that is form-encoded (RFC 6749 §2.3.1) is refused where
    /// encoding changes it. For one client alone: [`Client::raw_basic`](crate::Client::raw_basic).
    RawBasic,
    /// Where DPoP proofs are read: a good one is refused with `use_dpop_nonce` and a new nonce, whatever nonce it has.
    /// Like one for any endpoint, it happens at the token endpoint or `at(Endpoint::Resource)`.
    DpopNonceNeverGood,
    /// Where DPoP proofs are read: one needs a nonce, and each answer has a new one that makes the last worthless.
    DpopNonceEachTime,
    /// Token endpoint: a good DPoP proof is not looked at, nothing is bound to its key, and the answer's `token_type` is `Bearer`.
    DpopIgnored,
    /// Any endpoint: a refusal with this `error` is told as another, with another status and without a description.
    ErrorCode {
        /// What the server means: `invalid_grant`.
        error: String,
        /// What it says: `access_denied`, or the same.
        told: String,
        /// The status it says it with.
        status: u16,
    },
    /// Any endpoint: a refusal is not written as RFC 6749 §5.2 says.
    ErrorForm(ErrorForm),
    /// Any endpoint: the answer is good and its `Content-Type` is this.
    ContentType(String),
    /// Any endpoint: the request is not carried out and the connection stays open without an answer.
    Hang,
    /// Any endpoint: the request is not carried out and the connection is closed without an answer.
    CloseBeforeAnswer,
    /// Any endpoint: the request *is* carried out and the connection is closed without an answer.
    LoseAnswer,
    /// Any endpoint: the answer never ends.
    EndlessBody,
    /// Any endpoint: the answer is good, compressed, and so large when it is not: a member `padding` is added.
    GzipBomb {
        /// The size of `padding`, in MiB. A MiB is about a KiB on the wire.
        mebibytes: usize,
    },
    /// Any endpoint: the answer is good and comes one byte at a time.
    Drip {
        /// The time between two bytes.
        every: Duration,
    },
}

impl Fault {
    /// This fault, gone after it has happened once.
    pub fn once(self) -> Injection {
        self.times(1)
    }

    /// This fault, gone after it has happened this often.
    pub fn times(self, times: usize) -> Injection {
        Injection {
            times: Some(times),
            ..self.into()
        }
    }

    /// This fault at that endpoint. Only the faults described as "any endpoint" need it: without, they happen at
    /// [`Endpoint::Token`].
    pub fn at(self, endpoint: Endpoint) -> Injection {
        Injection {
            endpoint,
            ..self.into()
        }
    }

    pub(crate) fn is_for_any_endpoint(&self) -> bool {
        matches!(
            self,
            Self::Body { .. }
                | Self::TooManyRequests { .. }
                | Self::Redirect { .. }
                | Self::LoginUnlessAccepted
                | Self::RawBasic
                | Self::DpopNonceNeverGood
                | Self::ErrorCode { .. }
                | Self::ErrorForm(_)
                | Self::ContentType(_)
                | Self::Hang
                | Self::CloseBeforeAnswer
                | Self::LoseAnswer
                | Self::EndlessBody
                | Self::GzipBomb { .. }
                | Self::Drip { .. }
        )
    }
}

/// A [`Fault`], how often and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Injection {
    pub(crate) fault: Fault,
    pub(crate) endpoint: Endpoint,
    pub(crate) times: Option<usize>,
}

impl Injection {
    /// The same, gone after it has happened once.
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// The same, gone after it has happened this often.
    pub fn times(self, times: usize) -> Self {
        Self {
            times: Some(times),
            ..self
        }
    }

    /// The same, at that endpoint; see [`Fault::at`].
    pub fn at(self, endpoint: Endpoint) -> Self {
        Self { endpoint, ..self }
    }
}

impl Injection {
    /// Whether it is the same fault at the same place, however often.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.fault == other.fault && self.endpoint == other.endpoint
    }
}

impl From<Fault> for Injection {
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            endpoint: Endpoint::Token,
            times: None,
        }
    }
}

/// The endpoints of the server.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Endpoint {
    /// Where the user logs in and consents.
    Authorization,
    /// Where a client fetches tokens.
    Token,
    /// Where a client gives a token back (RFC 7009).
    Revocation,
    /// Where a client pushes an authorization request (RFC 9126).
    PushedAuthorizationRequest,
    /// Where a device begins (RFC 8628 §3.1).
    DeviceAuthorization,
    /// Where a user tells the code that a device shows (RFC 8628 §3.3).
    DeviceVerification,
    /// Where a client registers (RFC 7591), and manages what it registered (RFC 7592).
    Registration,
    /// Where a token is looked up (RFC 7662).
    Introspection,
    /// The two metadata documents (RFC 8414).
    Metadata,
    /// What the tokens are for.
    Resource,
    /// The keys (RFC 7517), at `jwks_uri`.
    Jwks,
    /// What is known of the user (OpenID Connect Core §5.3).
    UserInfo,
    /// The claims that UserInfo says are elsewhere (OpenID Connect Core §5.6.2).
    Claims,
    /// Where a client sends the user to log out (OpenID Connect RP-Initiated Logout §2).
    EndSession,
    /// The frame that says whether a session has changed (OpenID Connect Session Management §3.3).
    CheckSession,
    /// Where a user's issuer is told (RFC 7033).
    WebFinger,
}
