//! How clients prove themselves, and which signatures the server makes and takes.

use serde_json::{Map, Value};

use super::{Finding, listed, texts};

pub(super) fn check(metadata: &Map<String, Value>, is_openid: bool, findings: &mut Vec<Finding>) {
    authentication(metadata, findings);
    unsigned(metadata, findings);
    if is_openid {
        id_token(metadata, findings);
    }
}

fn authentication(metadata: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let methods = texts(metadata, "token_endpoint_auth_methods_supported");
    let is_key = |method: &&str| {
        matches!(
            *method,
            "private_key_jwt" | "tls_client_auth" | "self_signed_tls_client_auth"
        )
    };
    let has_secret = |method: &&str| method.starts_with("client_secret_");
    let methods = methods.unwrap_or_else(|| vec!["client_secret_basic"]);
    if methods.iter().any(has_secret) && !methods.iter().any(is_key) {
        findings.push(Finding::note(
            "secrets-only",
            "confidential clients can prove themselves with a shared secret alone",
            "RFC 9700 §2.5: a key that never leaves the client is safer than a secret that both sides keep",
            "support `private_key_jwt` or mutual TLS",
        ));
    }
    for endpoint in ["token", "revocation", "introspection"] {
        let methods = texts(
            metadata,
            &format!("{endpoint}_endpoint_auth_methods_supported"),
        );
        let is_jwt = |method: &&str| method.ends_with("_jwt");
        let algorithms = format!("{endpoint}_endpoint_auth_signing_alg_values_supported");
        let signs = methods.is_some_and(|methods| methods.iter().any(is_jwt));
        if signs && !metadata.contains_key(&algorithms) {
            findings.push(Finding::wrong(
                "assertion-algorithms-unsaid",
                format!("there is no `{algorithms}`"),
                "RFC 8414 §2: it must be there where clients may prove themselves with a JWT",
                "publish it",
            ));
        }
    }
}

/// `none` as a signature, member by member.
fn unsigned(metadata: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let is_none = |name: &&String| {
        texts(metadata, name).is_some_and(|values| {
            values
                .iter()
                .any(|value| value.eq_ignore_ascii_case("none"))
        })
    };
    let signing = |name: &&String| name.contains("_signing_alg") && name.ends_with("_supported");
    for name in metadata.keys().filter(signing).filter(is_none) {
        match name.as_str() {
            "dpop_signing_alg_values_supported" => {}
            "userinfo_signing_alg_values_supported" => {}
            "request_object_signing_alg_values_supported" => findings.push(Finding::weak(
                "request-object-none",
                "request objects need not be signed",
                "RFC 9101 §10.2: whoever controls the browser can write one",
                "take `none` off the list",
            )),
            "id_token_signing_alg_values_supported" => findings.push(Finding::weak(
                "id-token-none",
                "ID tokens may come unsigned",
                "OpenID Connect Discovery §3: `none` is for clients that ask for it at registration, and for the token \
                 endpoint alone",
                "take `none` off the list",
            )),
            _ => findings.push(Finding::severe(
                "signature-none",
                format!("`{name}` has `none` in it"),
                "RFC 8414 §2, RFC 8725 §3.2: anybody can write what nobody has signed",
                "take `none` off the list",
            )),
        }
    }
}

fn id_token(metadata: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let algorithms = texts(metadata, "id_token_signing_alg_values_supported");
    let Some(algorithms) = algorithms.filter(|algorithms| !algorithms.is_empty()) else {
        return;
    };
    if !algorithms.contains(&"RS256") {
        findings.push(Finding::note(
            "id-token-no-rs256",
            format!(
                "ID tokens are signed with {}, not with RS256",
                listed(&algorithms)
            ),
            "OpenID Connect Discovery §3: RS256 must be on the list",
            "look whether your clients can read the others",
        ));
    }
    if algorithms
        .iter()
        .all(|algorithm| algorithm.starts_with("HS"))
    {
        findings.push(Finding::weak(
            "id-token-symmetric",
            format!("ID tokens are signed with {} alone", listed(&algorithms)),
            "OpenID Connect Core §10.1: each client can forge what it can check, and public clients can check nothing",
            "sign with a key pair (RS256, ES256)",
        ));
    }
}
