//! Proofs that whoever sends a request has a key (RFC 9449): read here, at the token endpoint and at the resources.

use std::collections::BTreeSet;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    AuthorizationServer, Client, Endpoint, Fault, Request, Response,
    form::Parameters,
    jws::{self, Object, PublicKey},
    token_error::TokenError,
};

/// How far `iat` may be from the server's clock, in seconds, either way.
const LEEWAY: u64 = 60;

/// How long one nonce is given out, in seconds. It is taken as long again.
const NONCE_LIFE: u64 = 300;

#[derive(Default)]
pub(crate) struct Proofs {
    /// Thumbprint and `jti` of each proof that came.
    seen: BTreeSet<(String, String)>,
    /// How often a fault has made the nonces change before their time.
    changes: u64,
    /// The thumbprint of the key that the request at hand has proven.
    key: Option<String>,
}

/// Why a proof is refused.
pub(crate) enum ProofError {
    Invalid(&'static str),
    /// It needs the nonce that comes with the answer (RFC 9449 §8 and §9).
    UseNonce,
}

impl AuthorizationServer {
    /// Reads the proof of a request to the authorization server, so that what is issued is bound to its key; or refuses it.
    pub(crate) fn read_proof(
        &mut self,
        endpoint: Endpoint,
        request: &Request,
        now: u64,
    ) -> Option<Response> {
        self.proofs.key = None;
        if !reads_proofs(endpoint) {
            return None;
        }
        match self.prove(endpoint, request, None, now) {
            Ok(key) => self.proofs.key = key,
            Err(error) => return Some(error.token_error().response()),
        }
        if self.proofs.key.is_some() && self.faults.happens(&Fault::DpopIgnored) {
            self.proofs.key = None;
        }
        None
    }

    /// The thumbprint of the key that the request at hand has proven.
    pub(crate) fn proven_key(&self) -> Option<&str> {
        self.proofs.key.as_deref()
    }

    /// What a refresh token is bound to: the key, for a client that cannot authenticate (RFC 9449 §5).
    pub(crate) fn key_of_refresh_token(&self, client_id: &str) -> Option<String> {
        let client = self.config.find_client(client_id)?;
        self.proofs.key.clone().filter(|_| client.is_public())
    }

    /// The parameters of a pushed request, whose code is for the key of its proof (RFC 9449 §10.1).
    pub(crate) fn bind_to_key(&self, form: Parameters) -> Result<Parameters, TokenError> {
        let Some(key) = self.proven_key() else {
            return Ok(form);
        };
        if form.find("dpop_jkt").is_some_and(|jkt| jkt != key) {
            let error = ProofError::Invalid("dpop_jkt is not the key of the proof");
            return Err(error.token_error());
        }
        Ok(form.with("dpop_jkt", key))
    }

    /// Whether the request at hand may use a code or refresh token that is bound to this key.
    pub(crate) fn check_key(&self, bound_to: Option<&str>) -> Result<(), TokenError> {
        match (bound_to, self.proven_key()) {
            (None, _) => Ok(()),
            (Some(bound_to), Some(proven)) if bound_to == proven => Ok(()),
            (Some(_), Some(_)) => Err(TokenError::invalid_grant("it is bound to another key")),
            (Some(_), None) => Err(TokenError::invalid_grant(
                "it is bound to a key, and the request has no DPoP proof",
            )),
        }
    }

    /// Whether the request at hand has the proof that the client has to send.
    pub(crate) fn hold_to_proof(&self, client: &Client) -> Result<(), TokenError> {
        if client.needs_dpop() && self.proven_key().is_none() {
            let error = ProofError::Invalid("the client is registered to send a DPoP proof");
            return Err(error.token_error());
        }
        Ok(())
    }

    /// The thumbprint of the key whose proof the request carries, if it carries one. `token` is the access token beside it.
    pub(crate) fn prove(
        &mut self,
        endpoint: Endpoint,
        request: &Request,
        token: Option<&str>,
        now: u64,
    ) -> Result<Option<String>, ProofError> {
        let is_proof = |name: &str| name.eq_ignore_ascii_case("dpop");
        let mut proofs = request.headers.iter().filter(|(name, _)| is_proof(name));
        let Some((_, proof)) = proofs.next() else {
            return Ok(None);
        };
        if proofs.next().is_some() {
            return Err(ProofError::Invalid("the request has more than one proof"));
        }
        let (key, claims) = verify(proof).map_err(ProofError::Invalid)?;
        let address = format!("{}{}", self.issuer(), request.path());
        check_claims(&claims, &request.method, &address, token, now)
            .map_err(ProofError::Invalid)?;
        let id = text(&claims, "jti").ok_or(ProofError::Invalid("the proof has no jti"))?;
        if !self.proofs.seen.insert((key.clone(), id.to_owned())) {
            return Err(ProofError::Invalid("the proof was used before"));
        }
        let never = |fault: &Fault| (*fault == Fault::DpopNonceNeverGood).then_some(());
        if self.faults.take_at(endpoint, never).is_some() {
            self.proofs.changes = self.proofs.changes.wrapping_add(1);
            return Err(ProofError::UseNonce);
        }
        if self.wants_nonces() {
            let nonce = text(&claims, "nonce").unwrap_or_default();
            let good = [now, now.saturating_sub(NONCE_LIFE)];
            if !good.iter().any(|time| self.nonce(endpoint, *time) == nonce) {
                return Err(ProofError::UseNonce);
            }
        }
        Ok(Some(key))
    }

    /// The answer with the nonce for the next proof, where proofs need one.
    pub(crate) fn with_nonce(
        &mut self,
        endpoint: Endpoint,
        response: Response,
        now: u64,
    ) -> Response {
        let is_here = reads_proofs(endpoint) || is_resource(endpoint);
        if !is_here || !(self.wants_nonces() || asks_for_nonce(&response)) {
            return response;
        }
        if self.faults.happens(&Fault::DpopNonceEachTime) {
            self.proofs.changes = self.proofs.changes.wrapping_add(1);
        }
        response.header("DPoP-Nonce", self.nonce(endpoint, now))
    }

    fn wants_nonces(&self) -> bool {
        self.config.dpop_nonces || self.faults().any(|on| *on == Fault::DpopNonceEachTime)
    }

    /// Those of the resources are others than those of the authorization server (RFC 9449 §9).
    fn nonce(&self, endpoint: Endpoint, now: u64) -> String {
        let place = match endpoint {
            Endpoint::Resource | Endpoint::UserInfo | Endpoint::Claims => "resource",
            _ => "authorization server",
        };
        let window = now / NONCE_LIFE;
        let changes = self.proofs.changes;
        self.random.derived(&format!("{place} {window} {changes}"))
    }
}

impl ProofError {
    pub(crate) fn error(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid_dpop_proof",
            Self::UseNonce => "use_dpop_nonce",
        }
    }

    pub(crate) fn description(&self) -> &'static str {
        match self {
            Self::Invalid(description) => description,
            Self::UseNonce => "the proof needs the nonce of this answer",
        }
    }

    fn token_error(&self) -> TokenError {
        TokenError::new(self.error(), self.description())
    }
}

/// The endpoints of the authorization server that read proofs.
fn reads_proofs(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::Token | Endpoint::PushedAuthorizationRequest
    )
}

/// Those that take tokens.
fn is_resource(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::Resource | Endpoint::UserInfo | Endpoint::Claims
    )
}

fn asks_for_nonce(response: &Response) -> bool {
    let challenge = response.header_value("www-authenticate");
    response.text().contains("\"use_dpop_nonce\"")
        || challenge.is_some_and(|challenge| challenge.contains("\"use_dpop_nonce\""))
}

/// The thumbprint and the claims of a proof that is signed by the key in its header (RFC 9449 §4.2).
fn verify(proof: &str) -> Result<(String, Object), &'static str> {
    let header = jws::header(proof).ok_or("the proof is no JWT")?;
    if text(&header, "typ") != Some("dpop+jwt") {
        return Err("typ of the proof is not dpop+jwt");
    }
    if text(&header, "alg") != Some("ES256") {
        return Err("alg of the proof is not ES256");
    }
    let jwk = header.get("jwk").ok_or("the proof has no jwk")?;
    let key = PublicKey::from_jwk(jwk).filter(PublicKey::is_p256);
    let key = key.ok_or("jwk of the proof is no public P-256 key")?;
    let (_, claims) =
        jws::verify(proof, &key).ok_or("the key in the proof has not signed the proof")?;
    Ok((key.thumbprint(), claims))
}

/// RFC 9449 §4.3.
fn check_claims(
    claims: &Object,
    method: &str,
    address: &str,
    token: Option<&str>,
    now: u64,
) -> Result<(), &'static str> {
    if text(claims, "htm") != Some(method) {
        return Err("htm of the proof is not the method of the request");
    }
    if text(claims, "htu") != Some(address) {
        return Err("htu of the proof is not the address of the request without its query");
    }
    let iat = claims.get("iat").and_then(Value::as_u64);
    let iat = iat.ok_or("the proof has no iat in whole seconds")?;
    if iat.abs_diff(now) > LEEWAY {
        return Err("iat of the proof is more than a minute from the server's clock");
    }
    let hash = token.map(|token| Base64UrlUnpadded::encode_string(&Sha256::digest(token)));
    if hash.is_some() && text(claims, "ath") != hash.as_deref() {
        return Err("ath of the proof is not the hash of the access token");
    }
    Ok(())
}

fn text<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    let text = object.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
}

impl std::fmt::Debug for Proofs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proofs")
            .field("seen", &self.seen.len())
            .finish_non_exhaustive()
    }
}
