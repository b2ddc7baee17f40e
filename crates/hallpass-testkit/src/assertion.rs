//! What a client signs to show who it is or for whom it asks (RFC 7521, RFC 7523 §3).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    AuthenticationMethod, AuthorizationServer, Client, Fault, Request,
    jws::{self, Object},
};

/// How far ahead `exp` may lie, in seconds: one that lies further is refused, as RFC 7523 §3 allows.
const LONGEST_LIFE: u64 = 3600;

/// What an assertion must name as its `aud` (RFC 7523 §3).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum AssertionAudience {
    /// The issuer or the token endpoint; at the endpoint for pushed authorization requests also that (RFC 9126 §2).
    #[default]
    Either,
    /// The issuer alone, and nothing beside it.
    Issuer,
    /// The token endpoint alone, and nothing beside it.
    TokenEndpoint,
}

/// The `jti`s that came, each with who used it.
#[derive(Default)]
pub(crate) struct Assertions(BTreeSet<(String, String)>);

/// An assertion that its client has signed, and that comes for the first time.
pub(crate) struct Assertion {
    /// The client that `iss` names.
    pub(crate) client: Client,
    pub(crate) subject: String,
}

impl AuthorizationServer {
    /// Verifies an assertion, or says what is wrong with it.
    pub(crate) fn verify_assertion(
        &mut self,
        compact: &str,
        request: &Request,
        now: u64,
    ) -> Result<Assertion, &'static str> {
        let unverified = jws::unverified_claims(compact).ok_or("the assertion is no JWT")?;
        let issuer = text(&unverified, "iss").ok_or("the assertion has no iss")?;
        let client = self.config.find_client(issuer);
        let client = client.ok_or("iss of the assertion is no client")?.clone();
        let claims = match client.secret() {
            Some(secret) if client.accepts(AuthenticationMethod::ClientSecretJwt) => {
                jws::verify_hmac(compact, secret)
            }
            _ => client.keys().verify(compact),
        };
        let claims = claims.ok_or("no key of the client has signed the assertion")?;

        let subject = text(&claims, "sub").ok_or("the assertion has no sub")?;
        self.check_audience(claims.get("aud"), request)?;
        check_times(&claims, now)?;
        let id = text(&claims, "jti").ok_or("the assertion has no jti")?;
        let Assertions(used) = &mut self.assertions;
        if !used.insert((client.id().to_owned(), id.to_owned())) {
            return Err("the assertion was used before");
        }
        let subject = subject.to_owned();
        Ok(Assertion { client, subject })
    }

    fn check_audience(
        &mut self,
        aud: Option<&Value>,
        request: &Request,
    ) -> Result<(), &'static str> {
        let by_fault = self.faults.take(|fault| match fault {
            Fault::AssertionAudience(audience) => Some(*audience),
            _ => None,
        });
        let wanted = by_fault.unwrap_or(self.config.assertion_audience);
        if aud.is_some_and(Value::is_array) && self.faults.happens(&Fault::AssertionAudienceNoList)
        {
            return Err("aud of the assertion is a list");
        }
        let named: Vec<&str> = match aud {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => return Err("the assertion has no aud"),
        };
        let at = |paths: &[&str], aud: &str| {
            let path = aud.strip_prefix(self.issuer());
            path.is_some_and(|path| paths.contains(&path))
        };
        let tokens = ["/oauth/token", "/oauth2/token"];
        let is_good = match (wanted, named.as_slice()) {
            (AssertionAudience::Issuer, named) => *named == [self.issuer()],
            (AssertionAudience::TokenEndpoint, [only]) => at(&tokens, only),
            (AssertionAudience::TokenEndpoint, _) => false,
            (AssertionAudience::Either, named) => named.iter().any(|aud| {
                let is_here = request.path().ends_with("/par") && at(&[request.path()], aud);
                *aud == self.issuer() || at(&tokens, aud) || is_here
            }),
        };
        is_good
            .then_some(())
            .ok_or("aud of the assertion is not this server")
    }
}

fn check_times(claims: &Object, now: u64) -> Result<(), &'static str> {
    let exp = time(claims, "exp").ok_or("exp of the assertion is no time")?;
    let exp = exp.ok_or("the assertion has no exp")?;
    if now >= exp {
        return Err("the assertion has expired");
    }
    if exp > now.saturating_add(LONGEST_LIFE) {
        return Err("the assertion is good for more than an hour");
    }
    for name in ["iat", "nbf"] {
        let begin = time(claims, name).ok_or("iat or nbf of the assertion is no time")?;
        if begin.is_some_and(|begin| begin > now) {
            return Err("the assertion is from the future");
        }
    }
    Ok(())
}

/// A NumericDate in whole seconds; `None` where there is something else, `Some(None)` where there is nothing.
fn time(claims: &Object, name: &str) -> Option<Option<u64>> {
    match claims.get(name) {
        None => Some(None),
        Some(value) => value.as_u64().map(Some),
    }
}

fn text<'a>(claims: &'a Object, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

impl std::fmt::Debug for Assertions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Assertions").field(&self.0.len()).finish()
    }
}
