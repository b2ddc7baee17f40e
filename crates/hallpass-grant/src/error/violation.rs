//! What a peer can do that the protocol forbids.

/// A rule of the protocol that a response breaks. Either the peer is faulty or somebody tampers with what it sends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// `state` is missing or not the one that was sent (RFC 9700 §4.7): this response belongs to another
    /// browser, another login, or an attacker.
    #[error("the response's state is not the one this login was begun with")]
    StateMismatch,
    /// `iss` is wrong, or missing though the server promised it (RFC 9207 §2.4).
    #[error(
        "the response names another authorization server than the one this login was begun with, or none though that one names itself (a provider that writes its issuer \
         with and without the last slash needs a profile whose `issuer` is `trailing_slash`)"
    )]
    IssuerMismatch,
    /// Something that belongs into one part of the redirect stands in another (OAuth 2.0 Multiple Response Types §2).
    #[error(
        "the response's `{0}` stands in another part of the redirect than the response mode allows"
    )]
    WrongResponseMode(&'static str),
    /// The part of the redirect in which the response belongs is empty.
    #[error("the redirect carries no response where one belongs")]
    NoResponse,
    /// A parameter stands twice (RFC 6749 §3.1).
    #[error("a parameter stands twice in the response")]
    DuplicateParameter,
    /// A percent escape is broken, or what it decodes to is not UTF-8.
    #[error("the response is not correctly encoded")]
    Encoding,
    /// There is more of it than any honest server sends.
    #[error("the response is larger than this library reads")]
    TooLarge,
    /// Parameters that exclude one another stand together, or a required one is missing or empty.
    #[error("malformed response: {0}")]
    Malformed(&'static str),
    /// No access token stands where one belongs.
    #[error(
        "the access token is missing (a provider that has it elsewhere, or under another name, needs a profile whose `{setting}` says where)"
    )]
    NoAccessToken {
        /// The setting of a [`Profile`](crate::Profile) that says where else to look.
        setting: &'static str,
    },
    /// The server offers PKCE without `S256` (RFC 9700 §2.1.1). No weaker method is used.
    #[error(
        "the authorization server offers no PKCE with S256, and this library uses nothing weaker"
    )]
    PkceUnsupported,
    /// `token_type` is missing, or one that was not asked for (RFC 6749 §7.1).
    #[error(
        "the token's type is missing or not one this client asked for (a provider that leaves it out needs a profile whose \
         `token_type` is `optional`, one that means something else by it `ignored`)"
    )]
    TokenType,
    /// A proof of possession was sent, and the token that came is one that anybody may use (RFC 9449 §5).
    #[error(
        "a token bound to a key was asked for, and one that anybody may use came: it is not handed out"
    )]
    Downgrade,
    /// An ID token that came with a refresh is about another user, or another issuer's (OpenID Connect Core §12.2).
    #[error(
        "the refreshed tokens are about another user than the ones before: they are not handed out"
    )]
    OtherSubject,
    /// The answer is not of the media type that was asked for.
    #[error(
        "the answer is not JSON: its content type says otherwise (a provider that answers with a form needs a profile \
         whose `answer` is `json_or_form`)"
    )]
    ContentType,
    /// The answer is not JSON as this library accepts it.
    #[error("the answer cannot be read: {0}")]
    Json(#[from] hallpass_token::JsonError),
    /// The metadata is another issuer's (RFC 8414 §3.3).
    #[error(
        "the metadata's issuer is not exactly the one it was asked from: if that is the same server, write the issuer as the metadata does, to the last slash \
         (only a provider that itself writes it now with and now without the last slash needs a profile whose `issuer` is `trailing_slash`)"
    )]
    MetadataIssuer,
    /// A member of the metadata has no usable value.
    #[error(
        "the metadata's `{0}` cannot be used: an endpoint is an https URL without user info or fragment"
    )]
    Metadata(&'static str),
    /// What OpenID Connect adds to the protocol was broken. The name is that of the fault, which `hallpass-oidc` has as a type and as
    /// this error's source.
    #[error("what came breaks OpenID Connect ({0})")]
    OpenId(&'static str),
}
