//! What a peer can do that OpenID Connect forbids.

use std::error::Error as _;

use hallpass_grant::{Error, Misuse, Violation};
use hallpass_jose::{Blame, KeyError, SelectionError, TokenError};

/// A rule of OpenID Connect that a provider's answer breaks: why a token or an answer is refused. It quotes no claim's value.
///
/// It stands behind a [`Violation::OpenId`], which has its [`name`](Self::name): [`Fault::of`] finds it again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The token is no JWT that can be acted on (RFC 7515, RFC 7519): its form, its header, or the type of a claim.
    #[error("the token cannot be read: {0}")]
    Malformed(#[source] TokenError),
    /// The token's `alg` is `none`, or what must be signed came unsigned.
    #[error("what came is not signed, and has to be")]
    Unsigned,
    /// The token is signed or encrypted with another algorithm than this client is registered for (OpenID Connect Core §3.1.3.7).
    #[error(
        "the token's algorithm is not the one this client expects (RS256 unless it is registered for another)"
    )]
    UnexpectedAlgorithm,
    /// The signature does not verify.
    #[error("the token's signature does not verify")]
    Signature,
    /// The provider publishes no key that this token can be signed with.
    #[error("the provider publishes no key that this token can be signed with")]
    UnknownKey,
    /// Several of the provider's keys fit, and the token does not say which one it is (OpenID Connect Core §10.1).
    #[error("several of the provider's keys fit the token, and it does not name one")]
    AmbiguousKey,
    /// The key the token names is published and must not be used: weak, malformed or for something else.
    #[error("the key that the token names must not be used: {0}")]
    UnusableKey(#[source] KeyError),
    /// What is at `jwks_uri` is no set of keys.
    #[error("the provider's keys cannot be read: {0}")]
    Keys(#[source] KeyError),
    /// The token came unencrypted though this client is registered for encrypted ones, the other way round, or it does not open.
    #[error("the token is not encrypted as this client expects it, or does not open")]
    Encryption,
    /// A claim that has to be there is not.
    #[error("the claim `{0}` is missing")]
    MissingClaim(&'static str),
    /// The token's kind (`typ`) is not the one expected, so it may be meant for something else (RFC 8725 §3.11).
    #[error("the token says that it is of another kind than the one expected here")]
    TokenType,
    /// `iss` is not exactly the provider's issuer.
    #[error("the token's issuer is not the provider that was asked")]
    Issuer,
    /// `aud` does not have this client in it, or has somebody else in it whom this client does not trust.
    #[error(
        "the token is not for this client, or also for somebody whom this client does not trust"
    )]
    Audience,
    /// `azp` is not this client, or missing though there are several audiences.
    #[error("the token was issued to another client than this one")]
    AuthorizedParty,
    /// `exp` is over.
    #[error("the token has expired (is this machine's clock right?)")]
    Expired,
    /// `nbf` is still to come.
    #[error("the token is not valid yet (is this machine's clock right?)")]
    NotYetValid,
    /// `iat` is in the future, or too long ago.
    #[error("the token was issued in the future, or too long ago (is this machine's clock right?)")]
    IssuedAt,
    /// `nonce` is not the one that this login was begun with, or missing, or there though none was sent.
    #[error("the token is for another login: its nonce is not the one that was sent")]
    Nonce,
    /// `auth_time` is missing though it was asked for, in the future, or longer ago than `max_age` allows.
    #[error("the user has not proved who they are recently enough, or the token does not say when")]
    AuthTime,
    /// `acr` is none of those that were asked for.
    #[error("the user has not proved who they are in a way that was asked for")]
    AuthenticationContext,
    /// `at_hash` is not that of the access token, or missing where it has to be there.
    #[error("the ID token does not belong to the access token that came with it (at_hash)")]
    AccessTokenHash,
    /// `c_hash` is not that of the code, or missing where it has to be there.
    #[error("the ID token does not belong to the code that came with it (c_hash)")]
    CodeHash,
    /// `s_hash` is not that of the state.
    #[error("the ID token does not belong to the state of this login (s_hash)")]
    StateHash,
    /// Two ID tokens of one login, or one that came with a refresh and the one before, are about two users.
    #[error("the ID token is about another user than the one before")]
    OtherSubject,
    /// No ID token came from the token endpoint.
    #[error("the provider sent no ID token: is the client registered for OpenID Connect?")]
    MissingIdToken,
    /// UserInfo is about another user than the ID token (OpenID Connect Core §5.3.2).
    #[error("the UserInfo is about another user than the ID token")]
    SubOfUserInfo,
    /// What the provider has signed for a source of claims is about another user than the one the source was named for.
    #[error("the claims of another source are about another user")]
    SubOfClaims,
    /// A claim has the wrong type, or a value that it cannot have.
    #[error("the claim `{0}` has the wrong type, or a value that it cannot have")]
    Claim(&'static str),
    /// A standard claim has the wrong type, or a value that it cannot have (OpenID Connect Core §5.1).
    #[error(
        "the claim `{0}` is not as OpenID Connect has it (a provider whose claims differ needs a `ClaimsProfile` with other `booleans`, `dates` or \
         `nulls`)"
    )]
    StandardClaim(&'static str),
    /// A claim is another than the one that was asked for, where the provider must have that one or refuse (OpenID Connect Core §5.5.1).
    #[error("the claim `{0}` is not as it was asked for")]
    NotAsAsked(&'static str),
    /// What is said of claims that somebody else makes cannot be used (OpenID Connect Core §5.6.2).
    #[error("what is said of claims of other sources has no usable {0}")]
    ClaimSource(&'static str),
    /// The user agent comes back from another logout than the one it was sent to, or from none (OpenID Connect RP-Initiated Logout §3).
    #[error("the state is not the one this logout was begun with")]
    LogoutState,
    /// A logout names no session though this client is registered so that it must, or half of one.
    #[error("the logout does not say which session is over, or says it by half")]
    LogoutSession,
    /// What came to the back-channel logout endpoint is no `POST` of a form with a logout token (OpenID Connect Back-Channel Logout §2.5).
    #[error("the request is no form with a logout token")]
    LogoutRequest,
    /// The logout token does not say that it is one: `events` lacks the logout (OpenID Connect Back-Channel Logout §2.4).
    #[error("the token's events are not those of a logout token")]
    LogoutEvent,
    /// The logout token has a nonce, with which it could be taken for an ID token (OpenID Connect Back-Channel Logout §2.4).
    #[error("the logout token has a nonce, which it must not have")]
    LogoutNonce,
    /// The token has come before (`jti`).
    #[error("the token has come before")]
    Replayed,
    /// Somebody wants a login at a provider that this application does not know (OpenID Connect Core §4).
    #[error("the login is to be at an issuer that this application does not know")]
    UnknownIssuer,
    /// Somebody wants a page shown after the login that is not of this application (OpenID Connect Core §4).
    #[error("the page to be shown after the login is not one of this application's")]
    TargetLink,
    /// `session_state` is empty, too long, or has a space in it (OpenID Connect Session Management §2).
    #[error("the session state is empty, too long, or has a space in it")]
    SessionState,
    /// The answer about a user's provider has no link to an issuer, or one that cannot be used (OpenID Connect Discovery §2, RFC 7033).
    #[error("the answer about the user's provider has no usable {0}")]
    WebFinger(&'static str),
}

impl Fault {
    /// The stable name of this kind of fault, in lower case with underscores: for logs, counters and scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Unsigned => "unsigned",
            Self::UnexpectedAlgorithm => "unexpected_algorithm",
            Self::Signature => "signature",
            Self::UnknownKey => "unknown_key",
            Self::AmbiguousKey => "ambiguous_key",
            Self::UnusableKey(_) => "unusable_key",
            Self::Keys(_) => "keys",
            Self::Encryption => "encryption",
            Self::MissingClaim(_) => "missing_claim",
            Self::TokenType => "token_type",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::AuthorizedParty => "authorized_party",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IssuedAt => "issued_at",
            Self::Nonce => "nonce",
            Self::AuthTime => "auth_time",
            Self::AuthenticationContext => "acr",
            Self::AccessTokenHash => "at_hash",
            Self::CodeHash => "c_hash",
            Self::StateHash => "s_hash",
            Self::OtherSubject => "other_subject",
            Self::MissingIdToken => "missing_id_token",
            Self::SubOfUserInfo => "sub_of_user_info",
            Self::SubOfClaims => "sub_of_claims",
            Self::Claim(_) => "claim",
            Self::StandardClaim(_) => "standard_claim",
            Self::NotAsAsked(_) => "not_as_asked",
            Self::ClaimSource(_) => "claim_source",
            Self::LogoutState => "logout_state",
            Self::LogoutSession => "logout_session",
            Self::LogoutRequest => "logout_request",
            Self::LogoutEvent => "logout_event",
            Self::LogoutNonce => "logout_nonce",
            Self::Replayed => "replayed",
            Self::UnknownIssuer => "unknown_issuer",
            Self::TargetLink => "target_link",
            Self::SessionState => "session_state",
            Self::WebFinger(_) => "web_finger",
        }
    }

    /// The fault behind an error, if one is.
    pub fn of(error: &Error) -> Option<&Self> {
        error.source()?.downcast_ref()
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::from(Violation::OpenId(fault.name())).with_source(fault)
    }
}

impl From<TokenError> for Fault {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Unsigned => Self::Unsigned,
            TokenError::UnknownAlgorithm { .. } | TokenError::UnexpectedAlgorithm { .. } => {
                Self::UnexpectedAlgorithm
            }
            TokenError::Signature => Self::Signature,
            TokenError::Encrypted | TokenError::NotEncrypted | TokenError::Decryption => {
                Self::Encryption
            }
            TokenError::Expired => Self::Expired,
            TokenError::NotYetValid => Self::NotYetValid,
            error => Self::Malformed(error),
        }
    }
}

/// What came of reading a token with keys, as who is to blame would have it.
pub(crate) fn of_keys(error: hallpass_jose::Error) -> Error {
    use hallpass_jose::Error as Jose;
    if error.blame() == Blame::Caller {
        return of_own_key(error);
    }
    let fault = match error {
        Jose::Token(error) => error.into(),
        Jose::Selection(SelectionError::Ambiguous) => Fault::AmbiguousKey,
        Jose::Selection(SelectionError::SetAside(error)) | Jose::Key(error) => {
            Fault::UnusableKey(error)
        }
        Jose::Selection(_) => Fault::UnknownKey,
        _ => Fault::UnknownKey,
    };
    fault.into()
}

/// What is wrong with a key or secret of this client's own.
pub(crate) fn of_own_key(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    let misuse = Misuse::Invalid {
        field: "the client's secret or key",
        reason: "the expected algorithm asks for another kind, or for a longer one",
    };
    Error::from(misuse).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_a_login_has_names_too() {
        for (fault, name) in [
            (Fault::SubOfClaims, "sub_of_claims"),
            (Fault::Claim("email"), "claim"),
            (Fault::StandardClaim("email"), "standard_claim"),
            (Fault::NotAsAsked("acr"), "not_as_asked"),
            (Fault::ClaimSource("issuer"), "claim_source"),
            (Fault::LogoutState, "logout_state"),
            (Fault::LogoutSession, "logout_session"),
            (Fault::LogoutRequest, "logout_request"),
            (Fault::LogoutEvent, "logout_event"),
            (Fault::LogoutNonce, "logout_nonce"),
            (Fault::Replayed, "replayed"),
            (Fault::UnknownIssuer, "unknown_issuer"),
            (Fault::TargetLink, "target_link"),
            (Fault::SessionState, "session_state"),
            (Fault::WebFinger("links"), "web_finger"),
        ] {
            assert_eq!(fault.name(), name);
        }
    }

    #[test]
    fn a_fault_is_found_again_behind_its_error() {
        let error = Error::from(Fault::Audience);
        assert_eq!(Fault::of(&error), Some(&Fault::Audience));
        assert_eq!(
            error.kind(),
            &hallpass_grant::ErrorKind::Violation(Violation::OpenId("audience"))
        );
        assert_eq!(Fault::of(&Violation::StateMismatch.into()), None);
        assert!(format!("{error:?}").contains("not for this client"));
    }
}
