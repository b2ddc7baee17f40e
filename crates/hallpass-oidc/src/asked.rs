//! What a login has asked for, and that it is what came (OpenID Connect Core §3.1.3.7).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_grant::{CameInFront, Error, Issuer, Misuse};
use hallpass_token::Secret;

use crate::{ClaimsRequest, Fault, IdTokenClaims, JwtRules, VerifiedJwt};

/// What was asked for. It is kept, with the rest of the login, until the user agent comes back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) issuer: Issuer,
    pub(crate) client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<Secret>,
    /// In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<u64>,
    #[serde(default)]
    pub(crate) auth_time: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) acr_values: Vec<String>,
    #[serde(default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub(crate) claims: ClaimsRequest,
}

impl Asked {
    /// Whether the one who finishes the login is the one who began it.
    pub(crate) fn check_client(&self, rules: &JwtRules) -> Result<(), Error> {
        let is_same = self.issuer == *rules.issuer() && self.client_id == rules.audience();
        is_same
            .then_some(())
            .ok_or_else(|| Misuse::OtherClient.into())
    }

    /// The claims of a verified ID token, if they are what was asked for.
    pub(crate) fn check(
        &self,
        token: VerifiedJwt,
        rules: &JwtRules,
        began: UtcDateTime,
        now: UtcDateTime,
    ) -> Result<IdTokenClaims, Error> {
        let claims = IdTokenClaims::read(token.into_claims())?;
        check_party(&claims, rules)?;
        if claims.nonce() != self.nonce.as_ref().map(Secret::expose_secret) {
            return Err(Fault::Nonce.into());
        }
        self.check_auth_time(&claims, rules.leeway(), began, now)?;
        let is_asked = |acr| self.acr_values.iter().any(|own| own == acr);
        if !self.acr_values.is_empty() && !claims.acr().is_some_and(is_asked) {
            return Err(Fault::AuthenticationContext.into());
        }
        self.claims.check_id_token(claims.members())?;
        Ok(claims)
    }

    /// What the user has proved when the login began, or since: they may take their time after that.
    fn check_auth_time(
        &self,
        claims: &IdTokenClaims,
        leeway: Duration,
        began: UtcDateTime,
        now: UtcDateTime,
    ) -> Result<(), Fault> {
        let seconds = |seconds| {
            time::Duration::try_from(Duration::from_secs(seconds)).unwrap_or(time::Duration::MAX)
        };
        let leeway = time::Duration::try_from(leeway).unwrap_or(time::Duration::MAX);
        let is_asked = self.auth_time || self.max_age.is_some();
        let is_good = match (claims.auth_time(), self.max_age) {
            (None, _) => !is_asked,
            (Some(at), _) if at > now.saturating_add(leeway) => false,
            (Some(_), None) => true,
            (Some(at), Some(max_age)) => {
                let ends = at.saturating_add(seconds(max_age));
                began <= ends.saturating_add(leeway)
            }
        };
        is_good.then_some(()).ok_or(Fault::AuthTime)
    }
}

/// To whom the token was issued (OpenID Connect Core §3.1.3.7, 4 and 5).
pub(crate) fn check_party(claims: &IdTokenClaims, rules: &JwtRules) -> Result<(), Fault> {
    let own = rules.audience();
    let audiences = claims.audiences();
    let is_good = match claims.authorized_party() {
        Some(party) => party == own,
        None => !audiences.is_empty() && audiences.iter().all(|audience| audience == own),
    };
    is_good.then_some(()).ok_or(Fault::AuthorizedParty)
}

/// The hashes by which an ID token says what it belongs to (OpenID Connect Core §3.1.3.8, §3.2.2.9, §3.3.2.11).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bindings<'t> {
    token: &'t IdTokenClaims,
    algorithm: hallpass_jose::SignatureAlgorithm,
}

impl<'t> Bindings<'t> {
    pub(crate) fn new(
        token: &'t IdTokenClaims,
        algorithm: hallpass_jose::SignatureAlgorithm,
    ) -> Self {
        Self { token, algorithm }
    }

    /// What came in the redirect beside the token: it must have the hash of each.
    pub(crate) fn check_front(&self, came: &CameInFront<'_>) -> Result<(), Fault> {
        if came.code.is_some_and(|code| !self.is_bound("c_hash", code)) {
            return Err(Fault::CodeHash);
        }
        if came
            .access_token
            .is_some_and(|token| !self.is_bound("at_hash", token))
        {
            return Err(Fault::AccessTokenHash);
        }
        self.check_state(came.state)
    }

    /// What came from the token endpoint beside it: the token may have no hash of it, but no wrong one.
    pub(crate) fn check_access_token(&self, access_token: &str) -> Result<(), Fault> {
        match self.token.text("at_hash").is_some() && !self.is_bound("at_hash", access_token) {
            true => Err(Fault::AccessTokenHash),
            false => Ok(()),
        }
    }

    /// The state of the login: the token may have no hash of it, but no wrong one.
    pub(crate) fn check_state(&self, state: &str) -> Result<(), Fault> {
        match self.token.text("s_hash").is_some() && !self.is_bound("s_hash", state) {
            true => Err(Fault::StateHash),
            false => Ok(()),
        }
    }

    fn is_bound(&self, claim: &str, value: &str) -> bool {
        let hash = self.algorithm.half_hash(value.as_bytes());
        self.token.text(claim) == Some(&*hash)
    }
}
