//! Where a provider differs from the RFCs, as data.

mod github;
mod google;
mod microsoft;
mod seeds;
mod slack;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// How a provider differs from the RFCs. The default, [`Profile::STRICT`], is no difference at all.
///
/// A plain value: users write their own, in Rust or in a file.
///
/// ```
/// # use hallpass_grant::{BasicEncoding, Profile, ScopeSeparator};
/// let mut profile = Profile::STRICT;
/// profile.basic = BasicEncoding::Raw;
/// profile.granted_scopes = ScopeSeparator::Comma;
/// let read: Profile = serde_json::from_str(r#"{"basic":"raw","granted_scopes":"comma"}"#).unwrap();
/// assert_eq!(read, profile);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Profile {
    /// How HTTP Basic carries the client's id and secret.
    pub basic: BasicEncoding,
    /// Whom a client assertion is addressed to.
    pub assertion_audience: AssertionAudience,
    /// How scopes that are asked for are joined.
    pub requested_scopes: ScopeSeparator,
    /// How the scopes of an answer are joined. A JSON array is read by every profile.
    pub granted_scopes: ScopeSeparator,
    /// Parameters of every authorization request, unless the request has them itself.
    pub authorization_parameters: Cow<'static, [(Cow<'static, str>, Cow<'static, str>)]>,
    /// What an implicit response calls its access token.
    pub token_parameter: TokenParameter,
    /// What an answer must say of the token's type.
    pub token_type: TokenTypeMember,
    /// The member of an answer in which the tokens are, where they are not on top. The answer to a refresh may have them on top all the
    /// same.
    pub token_object: Option<Cow<'static, str>>,
    /// What form an answer has.
    pub answer: AnswerForm,
    /// How an issuer is compared with the one that is expected.
    pub issuer: IssuerComparison,
    /// Errors of a refresh that mean what `invalid_grant` means: the refresh token is dead.
    pub dead_refresh_token: Cow<'static, [Cow<'static, str>]>,
}

impl Profile {
    /// The RFCs to the letter.
    pub const STRICT: Self = Self {
        basic: BasicEncoding::Form,
        assertion_audience: AssertionAudience::Issuer,
        requested_scopes: ScopeSeparator::Space,
        granted_scopes: ScopeSeparator::Space,
        authorization_parameters: Cow::Borrowed(&[]),
        token_parameter: TokenParameter::AccessToken,
        token_type: TokenTypeMember::Required,
        token_object: None,
        answer: AnswerForm::Json,
        issuer: IssuerComparison::Exact,
        dead_refresh_token: Cow::Borrowed(&[]),
    };
}

/// How HTTP Basic carries the client's id and secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BasicEncoding {
    /// Each form-encoded before they are joined (RFC 6749 §2.3.1).
    #[default]
    Form,
    /// As they are: for servers that do not decode.
    Raw,
}

/// Whom a client assertion is addressed to, always as a single text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AssertionAudience {
    /// The issuer, which names the server as no endpoint does (FAPI 2.0 §5.3.2.1); the endpoint where no issuer is known.
    #[default]
    Issuer,
    /// The token endpoint, whatever endpoint the assertion is sent to (RFC 7523 §3).
    TokenEndpoint,
}

/// What stands between two scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ScopeSeparator {
    /// A space (RFC 6749 §3.3).
    #[default]
    Space,
    /// A comma.
    Comma,
}

/// What an implicit response calls its access token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenParameter {
    /// `access_token` (RFC 6749 §4.2.2).
    #[default]
    AccessToken,
    /// `token` or `access_token`; both if they are equal.
    TokenOrAccessToken,
}

/// What an answer must say of the token's type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenTypeMember {
    /// It must name the type that was asked for (RFC 6749 §7.1).
    #[default]
    Required,
    /// It may be missing: then it is a bearer token.
    Optional,
    /// It means something else at this provider: every token is a bearer token.
    Ignored,
}

/// What form an answer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnswerForm {
    /// JSON (RFC 6749 §5.1).
    #[default]
    Json,
    /// JSON, or a form (`application/x-www-form-urlencoded`, or `text/plain` that is one).
    JsonOrForm,
}

/// How an issuer is compared with the one that is expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IssuerComparison {
    /// Character by character (RFC 8414 §3.3, RFC 9207 §2.4).
    #[default]
    Exact,
    /// The same, but for one slash at the end.
    TrailingSlash,
}

impl IssuerComparison {
    /// Whether two texts name one issuer.
    pub fn is_same(self, a: &str, b: &str) -> bool {
        let cut = |text| match self {
            Self::Exact => text,
            Self::TrailingSlash => str::strip_suffix(text, '/').unwrap_or(text),
        };
        cut(a) == cut(b)
    }
}

impl ScopeSeparator {
    /// Scopes as they are asked for.
    pub(crate) fn join(self, scopes: &hallpass_token::Scopes) -> Cow<'_, str> {
        match self {
            Self::Space => Cow::Borrowed(scopes.as_str()),
            Self::Comma => Cow::Owned(scopes.as_str().replace(' ', ",")),
        }
    }

    /// Scopes as they were granted, joined by spaces.
    pub(crate) fn split(self, text: String) -> String {
        match self {
            Self::Space => text,
            Self::Comma => text.replace(',', " "),
        }
    }
}
