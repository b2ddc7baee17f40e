//! Which module does what, and what has to become of it.

/// One module: what the provider does, and what is judged of it.
pub(crate) struct Module {
    /// As the Foundation's suite calls it, without `oidcc-client-test-`.
    pub(crate) name: &'static str,
    pub(crate) faults: &'static [&'static str],
    pub(crate) response_types: &'static [&'static str],
    pub(crate) arguments: &'static [&'static str],
    pub(crate) verdict: Verdict,
}

/// How the program has to end.
#[derive(Clone, Copy)]
pub(crate) enum Verdict {
    Accepted,
    /// With 3, and this error.
    Rejected(&'static str),
    /// With 4, and this error.
    Refused(&'static str),
}

impl Module {
    /// Whether nothing may be asked of UserInfo: all was over before.
    pub(crate) fn is_told_before_user_info(&self) -> bool {
        !matches!(self.verdict, Verdict::Accepted) && !self.name.starts_with("userinfo")
    }
}

const ALL: &[&str] = &[
    "code",
    "id_token",
    "id_token token",
    "code id_token",
    "code token",
    "code id_token token",
];
/// By the token endpoint, and by the redirect.
const EACH: &[&str] = &["code", "code id_token token"];
const CODE: &[&str] = &["code"];
/// An ID token in the redirect, with something beside it.
const WITH_CODE: &[&str] = &["code id_token", "code id_token token"];
const WITH_TOKEN: &[&str] = &["id_token token", "code id_token token"];
const WITH_USER_INFO: &[&str] = &[
    "code",
    "id_token token",
    "code id_token",
    "code token",
    "code id_token token",
];
const WITH_REFRESH: &[&str] = &["code", "code id_token", "code id_token token"];

const REFRESH: &[&str] = &[
    "--refresh",
    "--scope",
    "openid offline_access",
    "--prompt",
    "consent",
];

macro_rules! modules {
    ($($name:literal $faults:tt $response_types:ident $arguments:expr => $verdict:expr;)*) => {
        pub(crate) const MODULES: &[Module] = &[$(Module {
            name: $name,
            faults: &$faults,
            response_types: $response_types,
            arguments: $arguments,
            verdict: $verdict,
        }),*];
    };
}

use Verdict::{Accepted, Refused, Rejected};

modules! {
    "happy" [] ALL &[] => Accepted;
    "form-post" [] EACH &["--response-mode", "form_post"] => Accepted;
    "form-post-error" ["consent-denied"] EACH &["--response-mode", "form_post"] => Refused("access_denied");
    "form-post-error-of-prompt" [] EACH &["--response-mode", "form_post", "--prompt", "none", "--max-age", "0"] => Refused("login_required");
    "scope-userinfo-claims" [] EACH &["--scope", "openid profile email address phone"] => Accepted;
    "nonce-invalid" ["id-token-nonce-wrong"] EACH &[] => Rejected("nonce");
    "nonce-missing" ["id-token-nonce-missing"] EACH &[] => Rejected("nonce");
    "invalid-iss" ["id-token-iss-wrong"] EACH &[] => Rejected("issuer");
    "missing-iss" ["id-token-iss-missing"] EACH &[] => Rejected("missing_claim");
    "missing-sub" ["id-token-sub-missing"] EACH &[] => Rejected("missing_claim");
    "invalid-aud" ["id-token-aud-wrong"] EACH &[] => Rejected("audience");
    "missing-aud" ["id-token-aud-missing"] EACH &[] => Rejected("missing_claim");
    "missing-iat" ["id-token-iat-missing"] EACH &[] => Rejected("missing_claim");
    "expired" ["id-token-exp-past"] EACH &[] => Rejected("expired");
    "kid-absent-single-jwks" ["keys-one-without-kid"] EACH &[] => Accepted;
    "kid-absent-multiple-jwks" ["keys-several-without-kid"] EACH &[] => Rejected("ambiguous_key");
    "ignores-unparseable-key-in-jwks" ["keys-unknown-type"] EACH &[] => Accepted;
    "ignores-junk-in-jwks" ["keys-junk"] EACH &[] => Accepted;
    "idtoken-sig-none" ["id-token-none"] EACH &[] => Rejected("unsigned");
    "idtoken-sig-none-registered" ["id-token-none", "registration-other-algorithm"] CODE &["--register"] => Rejected("unsigned");
    "invalid-sig-rs256" ["id-token-signature-broken"] EACH &[] => Rejected("signature");
    "invalid-sig-hs256" ["id-token-hmac-of-pem"] EACH &[] => Rejected("unexpected_algorithm");
    "wrong-alg" ["id-token-es256"] EACH &[] => Rejected("unexpected_algorithm");
    "invalid-c-hash" ["c-hash-wrong"] WITH_CODE &[] => Rejected("c_hash");
    "missing-c-hash" ["c-hash-missing"] WITH_CODE &[] => Rejected("c_hash");
    "invalid-at-hash" ["at-hash-wrong"] WITH_TOKEN &[] => Rejected("at_hash");
    "missing-at-hash" ["at-hash-missing"] WITH_TOKEN &[] => Rejected("at_hash");
    "signing-key-rotation-just-before-signing" ["keys-rotated"] EACH &[] => Accepted;
    "signing-key-rotation" ["keys-rotated"] EACH &["--repeat", "2"] => Accepted;
    "userinfo-bearer-header" [] WITH_USER_INFO &["--userinfo", "header"] => Accepted;
    "userinfo-bearer-body" [] WITH_USER_INFO &["--userinfo", "body"] => Accepted;
    "userinfo-invalid-sub" ["user-info-sub-wrong"] WITH_USER_INFO &[] => Rejected("sub_of_user_info");
    "max-age" [] EACH &["--max-age", "3600"] => Accepted;
    "max-age-missing-auth-time" ["id-token-auth-time-missing"] EACH &["--max-age", "3600"] => Rejected("auth_time");
    "max-age-stale" ["id-token-auth-time-stale"] EACH &["--max-age", "3600"] => Rejected("auth_time");
    "discovery-openid-config" [] CODE &["--until", "discovery"] => Accepted;
    "discovery-jwks-uri-keys" [] CODE &["--until", "keys"] => Accepted;
    "discovery-issuer-mismatch" ["metadata-issuer-wrong"] CODE &[] => Rejected("issuer");
    "state" ["state-altered"] EACH &[] => Rejected("state");
    "refresh-token" [] WITH_REFRESH REFRESH => Accepted;
    "refresh-token-invalid-issuer" ["refreshed-id-token-iss"] WITH_REFRESH REFRESH => Rejected("issuer");
    "refresh-token-invalid-sub" ["refreshed-id-token-sub"] WITH_REFRESH REFRESH => Rejected("other_subject");
    "refresh-token-invalid-aud" ["refreshed-id-token-aud"] WITH_REFRESH REFRESH => Rejected("audience");
    "refresh-token-invalid-azp" ["refreshed-id-token-azp"] WITH_REFRESH REFRESH => Rejected("authorized_party");
}
