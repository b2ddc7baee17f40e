//! What a request object says (RFC 9101 §4, OpenID Connect Core §6.1): the parameters of a request as the claims of a JWT.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::{Json, Members, Secret};

use crate::form::fields;
use crate::{Error, Issuer, Misuse, Signatory, jws};

/// What is asked for, as it will stand in a JWT.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RequestClaims {
    client_id: String,
    audience: String,
    /// The request as it would be sent without this.
    form: Secret,
}

impl RequestClaims {
    /// # Errors
    /// [`Misuse::Missing`] where nobody knows who the server is; [`Misuse::ReservedParameter`] for a parameter that would become a claim
    /// which makes the object something else; [`Misuse::Invalid`] for a request that is an object already.
    pub(crate) fn new(
        client_id: &str,
        issuer: Option<&Issuer>,
        form: Secret,
    ) -> Result<Self, Error> {
        let issuer = issuer.ok_or(Misuse::Missing("issuer"))?;
        for (name, _) in fields(form.expose_secret()) {
            if matches!(&*name, "request" | "request_uri") {
                return Err(Misuse::Invalid {
                    field: "authorization request",
                    reason: "it is a request object, or a reference to one, already",
                }
                .into());
            }
            if let Some(own) = OWN.into_iter().find(|own| *own == name) {
                return Err(Misuse::ReservedParameter(own).into());
            }
        }
        Ok(Self {
            client_id: client_id.to_owned(),
            audience: issuer.as_str().to_owned(),
            form,
        })
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The parameter's value, decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let mut fields = fields(self.form.expose_secret());
        let found = fields.find(|(own, _)| own == name);
        found.map(|(_, value)| value.into_owned())
    }

    /// What of it only the two sides may know.
    pub(crate) fn secret(&self) -> Option<Secret> {
        self.parameter("state").map(Secret::new)
    }

    /// The JWS signing input, for no signature where there is no signatory.
    pub(crate) fn signing_input(
        &self,
        signatory: Option<&Signatory>,
        jti: &Secret,
        now: UtcDateTime,
    ) -> String {
        let header = Header {
            alg: signatory.map_or("none", Signatory::algorithm),
            typ: TYPE,
            kid: signatory.and_then(Signatory::id),
        };
        let iat = i128::from(now.unix_timestamp());
        let text = |text: &str| Json::String(text.to_owned());
        let mut claims = Members::default();
        for (name, value) in [
            ("iss", text(&self.client_id)),
            ("aud", text(&self.audience)),
            ("jti", text(jti.expose_secret())),
            ("iat", Json::Integer(iat)),
            ("nbf", Json::Integer(iat)),
            ("exp", Json::Integer(iat + LIFETIME_SECONDS)),
            ("client_id", text(&self.client_id)),
        ] {
            claims.insert(name, value);
        }
        for (name, value) in fields(self.form.expose_secret()) {
            if name != "client_id" {
                add(&mut claims, &name, &value);
            }
        }
        jws::signing_input(&header, &claims)
    }
}

/// `typ`, so that nobody takes the object for a JWT of another kind (RFC 9101 §10.8).
const TYPE: &str = "oauth-authz-req+jwt";

/// How long an object may be used: until the user agent has been sent on its way, or the server has fetched it.
const LIFETIME_SECONDS: i128 = 300;

/// The claims of the JWT itself. With `sub` it would be as good as a client assertion (RFC 9101 §10.8).
const OWN: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// A parameter as a claim: what stands twice becomes a list, what is JSON or a number is written as such (RFC 9101 §4).
fn add(claims: &mut Members, name: &str, value: &str) {
    let value = match name {
        "claims" | "authorization_details" | "registration" => structured(value),
        "max_age" => value.parse::<u64>().ok().map(i128::from).map(Json::Integer),
        _ => None,
    }
    .unwrap_or_else(|| Json::String(value.to_owned()));
    let value = match claims.remove(name) {
        None => value,
        Some(Json::Array(mut values)) => {
            values.push(value);
            Json::Array(values)
        }
        Some(first) => Json::Array(vec![first, value]),
    };
    claims.insert(name, value);
}

fn structured(value: &str) -> Option<Json> {
    let json = serde_json::from_str(value).ok();
    json.filter(|json| matches!(json, Json::Object(_) | Json::Array(_)))
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

/// Shows whose it is and for whom, and nothing that is asked for.
impl fmt::Debug for RequestClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestClaims")
            .field("client_id", &self.client_id)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}
