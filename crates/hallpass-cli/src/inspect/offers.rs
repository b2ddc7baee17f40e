//! What the server offers that nobody should take, and what it does not offer that one would miss.

use serde_json::{Map, Value};

use super::{Finding, flag, listed, texts};

pub(super) fn check(metadata: &Map<String, Value>, findings: &mut Vec<Finding>) {
    if metadata.contains_key("authorization_endpoint") {
        pkce(metadata, findings);
        response_types(metadata, findings);
        mix_up(metadata, findings);
    }
    grants(metadata, findings);
    endpoints(metadata, findings);
    binding(metadata, findings);
}

fn pkce(metadata: &Map<String, Value>, findings: &mut Vec<Finding>) {
    match texts(metadata, "code_challenge_methods_supported") {
        None => findings.push(Finding::weak(
            "pkce-unsaid",
            "the server does not say whether it supports PKCE",
            "RFC 9700 §2.1.1: clients must be able to find out",
            "publish `code_challenge_methods_supported`: [\"S256\"]",
        )),
        Some(methods) if !methods.contains(&"S256") => findings.push(Finding::severe(
            "pkce-no-s256",
            format!("code_challenge_methods_supported is [{}]", listed(methods)),
            "RFC 7636 §4.2, RFC 9700 §2.1.1: without S256 whoever sees the request can use the code",
            "support S256; hallpass does not log in without it",
        )),
        Some(methods) if methods.contains(&"plain") => findings.push(Finding::weak(
            "pkce-plain",
            "PKCE with `plain` is offered beside S256",
            "RFC 9700 §2.1.1: `plain` shows the verifier in the authorization request",
            "offer S256 alone",
        )),
        Some(_) => {}
    }
}

fn response_types(metadata: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let types = texts(metadata, "response_types_supported").unwrap_or_default();
    let has_token = |kind: &&&str| kind.split(' ').any(|part| part == "token");
    let with_token: Vec<&&str> = types.iter().filter(has_token).collect();
    let grants = texts(metadata, "grant_types_supported");
    let is_granted = grants
        .as_ref()
        .is_some_and(|grants| grants.contains(&"implicit"));
    match (with_token.is_empty(), is_granted) {
        (true, false) => {}
        (true, true) => findings.push(Finding::weak(
            "implicit-grant",
            "the grant type `implicit` is offered",
            "RFC 9700 §2.1.2: access tokens in addresses leak and can be injected",
            "offer the code grant with PKCE instead",
        )),
        (false, _) => findings.push(Finding::weak(
            "implicit-grant",
            format!(
                "access tokens come from the authorization endpoint: {}",
                listed(with_token)
            ),
            "RFC 9700 §2.1.2: access tokens in addresses leak and can be injected",
            "offer `code` instead",
        )),
    }
    if grants.is_none() {
        findings.push(Finding::note(
            "grants-unsaid",
            "the server does not say which grants it supports",
            "RFC 8414 §2: left out, `grant_types_supported` means the code and the implicit grant",
            "publish it",
        ));
    }
}

fn mix_up(metadata: &Map<String, Value>, findings: &mut Vec<Finding>) {
    if !flag(metadata, "authorization_response_iss_parameter_supported") {
        findings.push(Finding::weak(
            "no-iss",
            "authorization responses do not name their issuer",
            "RFC 9207 §2, RFC 9700 §4.4: a client of several servers can be made to mix them up",
            "add `iss` to every response, and `authorization_response_iss_parameter_supported`; until then use a redirect URI \
             of its own for each server",
        ));
    }
}

fn grants(metadata: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let Some(grants) = texts(metadata, "grant_types_supported") else {
        return;
    };
    if grants.contains(&"password") {
        findings.push(Finding::weak(
            "password-grant",
            "the grant type `password` is offered",
            "RFC 9700 §2.4: it must not be used; it hands the user's password to every client",
            "switch it off; use the code or the device grant",
        ));
    }
    let has_user = |grant: &&str| {
        matches!(
            *grant,
            "authorization_code" | "urn:ietf:params:oauth:grant-type:device_code"
        )
    };
    if grants.iter().any(has_user) && !grants.contains(&"refresh_token") {
        findings.push(Finding::note(
            "no-refresh",
            "refresh tokens are not offered",
            "RFC 6749 §6: each time the access token ends, somebody has to log in again",
            "expect logins as often as access tokens end",
        ));
    }
}

fn endpoints(metadata: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let has = |name: &str| metadata.get(name).is_some_and(Value::is_string);
    if !has("revocation_endpoint") {
        findings.push(Finding::weak(
            "no-revocation",
            "tokens cannot be taken back",
            "RFC 7009: after `hallpass logout` the refresh token stays good at the server",
            "publish a revocation endpoint; until then end sessions at the provider's own page",
        ));
    }
    if !has("introspection_endpoint") {
        findings.push(Finding::note(
            "no-introspection",
            "nobody can ask about a token",
            "RFC 7662: resource servers have to read access tokens themselves",
            "publish an introspection endpoint if the access tokens are opaque",
        ));
    }
    if has("authorization_endpoint") && !has("pushed_authorization_request_endpoint") {
        findings.push(Finding::note(
            "no-par",
            "authorization requests cannot be pushed",
            "RFC 9126: what is asked for passes through the browser and can be changed there",
            "publish a pushed authorization request endpoint",
        ));
    }
}

fn binding(metadata: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let dpop = texts(metadata, "dpop_signing_alg_values_supported");
    if dpop.is_none() && !flag(metadata, "tls_client_certificate_bound_access_tokens") {
        findings.push(Finding::note(
            "no-binding",
            "access tokens cannot be bound to a key",
            "RFC 9700 §2.2.1: whoever steals one can use it",
            "support DPoP (RFC 9449) or mutual TLS (RFC 8705)",
        ));
    }
    let is_unfit = |alg: &&str| *alg == "none" || alg.starts_with("HS");
    let unfit: Vec<&str> = dpop
        .unwrap_or_default()
        .into_iter()
        .filter(is_unfit)
        .collect();
    if !unfit.is_empty() {
        findings.push(Finding::severe(
            "dpop-algorithm",
            format!("DPoP proofs may be signed with {}", listed(unfit)),
            "RFC 9449 §5.1: neither `none` nor a symmetric algorithm proves possession of a key",
            "list asymmetric algorithms alone, such as ES256",
        ));
    }
}
