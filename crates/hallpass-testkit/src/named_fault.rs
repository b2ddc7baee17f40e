//! The faults by name, for whoever switches them on from a command line or a page.

use crate::{
    Algorithm, AssertionAudience, Audience, Body, EmbeddedKey, Endpoint, ErrorForm, Fault, Hostile,
    Injection, Jwt, JwtFault, KeysFault, ScopeForm, SignatureFault, TimeForm, TokenParameter,
    Value, WellKnown, id_token_named_faults::id_token_faults, logout_named_faults::logout_faults,
    openid_named_faults::openid_faults,
};

macro_rules! named_faults {
    ({ $($variant:ident $name:literal $place:literal $about:literal $injection:expr;)* }) => {
        /// A [`Fault`] that was seen in the field, or that a client must survive, ready to be injected:
        /// `server.inject(NamedFault::DroppedScope)`.
        ///
        /// Each has a name that stays, for command lines and configuration: `dropped-scope`.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum NamedFault {
            $(#[doc = concat!($place, ": ", $about)] $variant,)*
        }

        impl NamedFault {
            /// All of them, in the order of the README.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name: `dropped-scope`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Where it happens: `Token answer`.
            pub fn place(self) -> &'static str {
                match self { $(Self::$variant => $place,)* }
            }

            /// What goes wrong, as a sentence with Markdown's code spans.
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }

            /// What is injected.
            pub fn injection(self) -> Injection {
                match self { $(Self::$variant => $injection,)* }
            }
        }
    };
}

id_token_faults! { openid_faults logout_faults named_faults {
    StateAltered "state-altered" "Authorization response" "`state` comes back with one character changed."
        Fault::StateAltered.into();
    StateMissing "state-missing" "Authorization response" "`state` does not come back."
        Fault::StateMissing.into();
    StateTruncated "state-truncated" "Authorization response" "`state` comes back without its last character."
        Fault::StateTruncated.into();
    ShortStateRefused "short-state-refused" "Authorization response" "a `state` of fewer than 8 characters is refused with `invalid_state`."
        Fault::ShortStateRefused.into();
    IssuerWrong "issuer-wrong" "Authorization response" "`iss` names another server."
        Fault::IssuerWrong.into();
    IssuerMissing "issuer-missing" "Authorization response" "no `iss`, though the metadata promises it."
        Fault::IssuerMissing.into();
    IssuerSlash "issuer-slash" "Authorization response" "`iss` has a slash at its end, which the issuer has not."
        Fault::IssuerSlash.into();
    IssuerInQuery "issuer-in-query" "Authorization response" "`iss` comes in the query, and everything else in the fragment."
        Fault::IssuerInQuery.into();
    DuplicateState "duplicate-state" "Authorization response" "`state` comes twice, with two values."
        Fault::DuplicateParameter("state".to_owned()).into();
    DuplicateCode "duplicate-code" "Authorization response" "`code` comes twice, with two values."
        Fault::DuplicateParameter("code".to_owned()).into();
    CodeAndError "code-and-error" "Authorization response" "`error=server_error` beside a good code or token."
        Fault::CodeAndError.into();
    EmptyCode "empty-code" "Authorization response" "`code=` with nothing after it."
        Fault::EmptyCode.into();
    EmptyAccessToken "empty-access-token" "Authorization response" "`access_token=` with nothing after it, beside the code or the error."
        Fault::Appended("&access_token=".to_owned()).into();
    ConsentDenied "consent-denied" "Authorization response" "`access_denied`, though the user allowed."
        Fault::DenyConsent.into();
    ConsentTemporarilyUnavailable "consent-temporarily-unavailable" "Authorization response" "`temporarily_unavailable`, whatever the user decided."
        authorization_error("temporarily_unavailable");
    ConsentErrorLineBreaks "consent-error-line-breaks" "Authorization response" "refused, with line breaks in `error_description`."
        Fault::HostileDescription(Hostile::CrLf).into();
    TokenInQuery "token-in-query" "Authorization response" "an implicit or hybrid answer comes in the query and not in the fragment."
        Fault::TokenInQuery.into();
    CodeInFragment "code-in-fragment" "Authorization response" "a code comes in the fragment and not in the query."
        Fault::CodeInFragment.into();
    RefreshTokenInFragment "refresh-token-in-fragment" "Authorization response" "an implicit answer carries a `refresh_token`."
        Fault::RefreshTokenInFragment.into();
    TokenForAccessToken "token-for-access-token" "Authorization response" "an implicit answer has `token` in place of `access_token`."
        Fault::TokenParameter(TokenParameter::Only).into();
    DroppedScope "dropped-scope" "Token answer" "the last of the scopes is not granted, and no `scope` says so."
        Fault::DroppedScope.into();
    NoScope "no-scope" "Token answer" "no `scope`."
        Fault::Scope(Value::Absent).into();
    ScopeCommas "scope-commas" "Token answer" "`scope` has commas and no spaces."
        Fault::ScopeForm(ScopeForm::Commas).into();
    ScopeArray "scope-array" "Token answer" "`scope` is a JSON array."
        Fault::ScopeForm(ScopeForm::Array).into();
    NoExpiresIn "no-expires-in" "Token answer" "no `expires_in`."
        Fault::ExpiresIn(Value::Absent).into();
    ExpiresInText "expires-in-text" "Token answer" "`expires_in` is the text `\"3600\"`."
        Fault::ExpiresIn(Value::text("3600")).into();
    ExpiresInFloat "expires-in-float" "Token answer" "`expires_in` is the number `3599.5`."
        Fault::ExpiresIn(Value::json("3599.5")).into();
    ExpiresInNull "expires-in-null" "Token answer" "`expires_in` is `null`."
        Fault::ExpiresIn(Value::json("null")).into();
    NoTokenType "no-token-type" "Token answer" "no `token_type`."
        Fault::TokenType(Value::Absent).into();
    TokenTypeLowerCase "token-type-lower-case" "Token answer" "`token_type` is `bearer`."
        Fault::TokenType(Value::text("bearer")).into();
    TokenTypeUpperCase "token-type-upper-case" "Token answer" "`token_type` is `BEARER`."
        Fault::TokenType(Value::text("BEARER")).into();
    TokenTypeUnknown "token-type-unknown" "Token answer" "`token_type` is `mac`."
        Fault::TokenType(Value::text("mac")).into();
    NoAccessToken "no-access-token" "Token answer" "no `access_token`."
        Fault::AccessToken(Value::Absent).into();
    NestedTokens "nested-tokens" "Token answer" "every member stands in an object `authed_user`."
        Fault::NestedIn("authed_user".to_owned()).into();
    NoRefreshToken "no-refresh-token" "Token answer" "no `refresh_token`."
        Fault::NoRefreshToken.into();
    NoRefreshTokenForPublic "no-refresh-token-for-public" "Token answer" "no `refresh_token` for a client without a secret."
        Fault::NoRefreshTokenForPublic.into();
    RefreshMoreScopes "refresh-more-scopes" "Token answer" "a refresh gives every scope of the grant, also where fewer were asked for."
        Fault::RefreshIgnoresScope.into();
    DuplicateAccessToken "duplicate-access-token" "Token answer" "`access_token` comes twice."
        Fault::DuplicateMember("access_token".to_owned()).into();
    JsonDeep "json-deep" "Token answer" "a member of 10,000 arrays in each other."
        Fault::JsonDepth(10_000).into();
    FormEncoded "form-encoded" "Token answer" "form-encoded and not JSON, refusals too, whatever `Accept` says."
        Fault::FormEncoded.into();
    FormEncodedUnlessAccepted "form-encoded-unless-accepted" "Token answer" "form-encoded, refusals too, unless `Accept` names `application/json`."
        Fault::FormEncodedUnlessAccepted.into();
    RefreshInvalidGrant "refresh-invalid-grant" "Token endpoint" "every refresh token is `invalid_grant`."
        Fault::RefreshInvalidGrant.into();
    DeadGrantInvalidRequest "dead-grant-invalid-request" "Token endpoint" "a dead refresh token or code is told as `invalid_request`."
        error_code("invalid_grant", "invalid_request", 400);
    DeadGrantAccessDenied "dead-grant-access-denied" "Token endpoint" "a dead refresh token or code is told as `access_denied`."
        error_code("invalid_grant", "access_denied", 400);
    DeadGrantInvalidCode "dead-grant-invalid-code" "Token endpoint" "a dead refresh token or code is told with 403 and `{\"error\":\"invalid_code\"}`."
        error_code("invalid_grant", "invalid_code", 403);
    WrongSecretUnauthorizedClient "wrong-secret-unauthorized-client" "Token endpoint" "a wrong secret is told as `unauthorized_client`."
        error_code("invalid_client", "unauthorized_client", 400);
    PendingUnauthorized "pending-unauthorized" "Token endpoint" "`authorization_pending` comes with status 401."
        error_code("authorization_pending", "authorization_pending", 401);
    ErrorEmpty400 "error-empty-400" "Token endpoint" "a refusal is 400 with an empty body."
        Fault::ErrorForm(ErrorForm::Empty(400)).into();
    ErrorEmpty401 "error-empty-401" "Token endpoint" "a refusal is 401 with an empty body."
        Fault::ErrorForm(ErrorForm::Empty(401)).into();
    ErrorHtml200 "error-html-200" "Token endpoint" "a refusal is 200 with a page."
        Fault::ErrorForm(ErrorForm::Html(200)).into();
    ErrorJson200 "error-json-200" "Token endpoint" "a refusal is 200, with the JSON as ever."
        Fault::ErrorForm(ErrorForm::Json(200)).into();
    ErrorNotOk "error-not-ok" "Token endpoint" "a refusal is 200 with `{\"ok\":false,\"error\":\"...\"}`."
        Fault::ErrorForm(ErrorForm::NotOk).into();
    ErrorFormEncoded200 "error-form-encoded-200" "Token endpoint" "a refusal is 200 and form-encoded."
        Fault::ErrorForm(ErrorForm::FormEncoded(200)).into();
    ErrorFormEncoded400 "error-form-encoded-400" "Token endpoint" "a refusal is 400 and form-encoded."
        Fault::ErrorForm(ErrorForm::FormEncoded(400)).into();
    TokenErrorLineBreaks "token-error-line-breaks" "Token endpoint" "every request is `invalid_request`, with line breaks in `error_description`."
        line_breaks();
    RawBasic "raw-basic" "Token endpoint" "a form-encoded Basic secret is refused where encoding changes it: the server reads it as it is."
        Fault::RawBasic.into();
    LoginUnlessAccepted "login-unless-accepted" "Token endpoint" "302 to a login page, unless `Accept` names `application/json`."
        Fault::LoginUnlessAccepted.into();
    TooManyRequests "too-many-requests" "Token endpoint" "429, with `Retry-After: 1`."
        Fault::TooManyRequests { retry_after: 1 }.into();
    BadGateway "bad-gateway" "Token endpoint" "502 with a page of a gateway."
        body(502, Body::Html).into();
    Redirect307 "redirect-307" "Token endpoint" "307 to another host."
        Fault::Redirect { status: 307, location: "https://evil.example/token".to_owned(), } .into();
    WrongContentType "wrong-content-type" "Token endpoint" "the answer is good and says `text/html`."
        Fault::ContentType("text/html".to_owned()).into();
    Hang "hang" "Token endpoint" "no answer, and the connection stays open."
        Fault::Hang.into();
    CloseBeforeAnswer "close-before-answer" "Token endpoint" "nothing is done, and the connection is closed without an answer."
        Fault::CloseBeforeAnswer.into();
    LoseAnswer "lose-answer" "Token endpoint" "it *is* done, and the connection is closed without an answer."
        Fault::LoseAnswer.into();
    EndlessBody "endless-body" "Token endpoint" "the answer never ends."
        Fault::EndlessBody.into();
    GzipBomb "gzip-bomb" "Token endpoint" "the answer is 1 GiB when it is not compressed."
        Fault::GzipBomb { mebibytes: 1024 }.into();
    RevocationEmptyObject "revocation-empty-object" "Revocation" "a good answer is `{}`."
        Fault::RevocationBody("{}".to_owned()).into();
    RevocationError200 "revocation-error-200" "Revocation" "200 with `{\"error\":\"invalid_token\"}`, and nothing is revoked."
        body(200, Body::Error("invalid_token".to_owned())).at(Endpoint::Revocation);
    RevocationAtToken "revocation-at-token" "Revocation" "it is at the token endpoint, which the metadata says."
        Fault::RevocationAtToken.into();
    MetadataOnlyOAuth "metadata-only-oauth" "Metadata" "only at `/.well-known/oauth-authorization-server`."
        Fault::MetadataOnlyAt(WellKnown::OAuth).into();
    MetadataOnlyOpenId "metadata-only-openid" "Metadata" "only at `/.well-known/openid-configuration`."
        Fault::MetadataOnlyAt(WellKnown::OpenId).into();
    MetadataDiffers "metadata-differs" "Metadata" "the two documents name different endpoints, all of which work."
        Fault::MetadataDiffers.into();
    MetadataIssuerSlash "metadata-issuer-slash" "Metadata" "`issuer` has a slash at its end."
        Fault::MetadataIssuerSlash.into();
    MetadataIssuerWrong "metadata-issuer-wrong" "Metadata" "`issuer` is another server."
        Fault::MetadataIssuer("https://other-issuer.example".to_owned()).into();
    MetadataPlainOnly "metadata-plain-only" "Metadata" "only `plain` PKCE is offered."
        Fault::PkcePlainOnly.into();
    MetadataInsecureEndpoint "metadata-insecure-endpoint" "Metadata" "the token endpoint is `http` on a host that is not loopback."
        Fault::MetadataInsecureEndpoint.into();
    DpopIgnored "dpop-ignored" "DPoP" "a proof is not looked at, and `token_type` is `Bearer`."
        Fault::DpopIgnored.into();
    DpopNonceNeverGood "dpop-nonce-never-good" "DPoP" "the token endpoint answers `use_dpop_nonce` for ever, each time with a new nonce."
        Fault::DpopNonceNeverGood.into();
    DpopNonceNeverGoodAtResource "dpop-nonce-never-good-at-resource" "DPoP" "the resources answer `use_dpop_nonce` for ever, each time with a new nonce."
        Fault::DpopNonceNeverGood.at(Endpoint::Resource);
    DpopNonceEachTime "dpop-nonce-each-time" "DPoP" "each answer has a new nonce, and the last is worthless."
        Fault::DpopNonceEachTime.into();
    DeviceNoInterval "device-no-interval" "Device authorization" "no `interval`."
        Fault::DeviceInterval(Value::Absent).into();
    DeviceIntervalZero "device-interval-zero" "Device authorization" "`interval` is 0."
        Fault::DeviceInterval(Value::json("0")).into();
    PushedRequestOnce "pushed-request-once" "Pushed request" "used up by the first visit, also one that only looked."
        Fault::PushedRequestOnce.into();
    RegistrationOk "registration-ok" "Registration" "200 in place of 201."
        Fault::RegistrationOk.into();
    RegistrationNulls "registration-nulls" "Registration" "`null` where the client has registered nothing."
        Fault::RegistrationNulls.into();
    RegistrationTexts "registration-texts" "Registration" "numbers are texts, as in `\"client_secret_expires_at\":\"0\"`."
        Fault::RegistrationTexts.into();
    AssertionAudienceTokenEndpoint "assertion-audience-token-endpoint" "Client assertion" "`aud` must be the token endpoint."
        Fault::AssertionAudience(AssertionAudience::TokenEndpoint).into();
    AssertionAudienceIssuer "assertion-audience-issuer" "Client assertion" "`aud` must be the issuer."
        Fault::AssertionAudience(AssertionAudience::Issuer).into();
    AssertionAudienceNoList "assertion-audience-no-list" "Client assertion" "`aud` must not be a list."
        Fault::AssertionAudienceNoList.into();
} }

/// The places of OpenID Connect.
const OPENID: &[&str] = &[
    "End session",
    "ID token",
    "Keys",
    "Logout token",
    "Session management",
    "Third-party login",
    "UserInfo",
    "WebFinger",
];

impl NamedFault {
    /// The fault of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }

    /// Whether only a relying party sees it: a client that asks who the user is (OpenID Connect).
    pub fn is_openid(self) -> bool {
        OPENID.contains(&self.place())
    }

    /// This fault, gone after it has happened once.
    pub fn once(self) -> Injection {
        self.injection().once()
    }
}

impl From<NamedFault> for Injection {
    fn from(fault: NamedFault) -> Self {
        fault.injection()
    }
}

fn authorization_error(error: &str) -> Injection {
    let error = error.to_owned();
    let description = String::new();
    Fault::AuthorizationError { error, description }.into()
}

fn error_code(error: &str, told: &str, status: u16) -> Injection {
    let (error, told) = (error.to_owned(), told.to_owned());
    Fault::ErrorCode {
        error,
        told,
        status,
    }
    .into()
}

fn line_breaks() -> Injection {
    Fault::TokenError {
        error: "invalid_request".to_owned(),
        description: Hostile::CrLf.text(),
    }
    .into()
}

fn claim(jwt: Jwt, name: &str, value: Value) -> Injection {
    Fault::Jwt(jwt, JwtFault::claim(name, value)).into()
}

fn header(jwt: Jwt, name: &str, value: Value) -> Injection {
    Fault::Jwt(jwt, JwtFault::header(name, value)).into()
}

fn time(jwt: Jwt, name: &str, seconds: i64, form: TimeForm) -> Injection {
    let name = name.to_owned();
    let fault = JwtFault::Time {
        name,
        seconds,
        form,
    };
    Fault::Jwt(jwt, fault).into()
}

fn audience(audience: Audience) -> Injection {
    Fault::Jwt(Jwt::IdToken, JwtFault::Audience(audience)).into()
}

fn signature(jwt: Jwt, fault: SignatureFault) -> Injection {
    Fault::Jwt(jwt, JwtFault::Signature(fault)).into()
}

fn hash_of_another_length(name: &str) -> Injection {
    let fault = JwtFault::HashOfAnotherLength(name.to_owned());
    Fault::Jwt(Jwt::IdToken, fault).into()
}

fn metadata(name: &str, value: Value) -> Injection {
    let name = name.to_owned();
    Fault::MetadataMember { name, value }.into()
}

fn registration(name: &str, value: Value) -> Injection {
    let name = name.to_owned();
    Fault::RegistrationMember { name, value }.into()
}

fn redirect() -> Fault {
    Fault::Redirect {
        status: 302,
        location: "https://evil.example/".to_owned(),
    }
}

fn body(status: u16, body: Body) -> Fault {
    Fault::Body { status, body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_kebab_case_and_finds_its_fault() {
        for fault in NamedFault::ALL {
            let name = fault.name();
            assert_eq!(NamedFault::find(name), Some(*fault));
            let is_kebab =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!(name.bytes().all(is_kebab), "{name}");
        }
        assert_eq!(NamedFault::find("no-such-fault"), None);
    }

    #[test]
    fn two_names_are_never_the_same_fault() {
        for (at, fault) in NamedFault::ALL.iter().enumerate() {
            let others = NamedFault::ALL.iter().skip(at + 1);
            for other in others {
                assert_ne!(
                    fault.injection(),
                    other.injection(),
                    "{} {}",
                    fault.name(),
                    other.name()
                );
            }
        }
    }

    #[test]
    fn the_readme_lists_each_with_its_place_and_meaning() {
        let readme = include_str!("../README.md");
        for fault in NamedFault::ALL {
            let row = format!(
                "| `{}` | {}: {} |",
                fault.name(),
                fault.place(),
                fault.about()
            );
            assert!(readme.contains(&row), "README.md has no row\n{row}");
        }
    }
}
