//! Who the server says it is, and where its endpoints are.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use hallpass::grant::InvalidEndpoint;
use hallpass::{Endpoint, Issuer};

use super::{Finding, flag, listed, quoted, texts};

pub(super) fn check(
    issuer: &Issuer,
    metadata: &Map<String, Value>,
    is_openid: bool,
    findings: &mut Vec<Finding>,
) {
    own_name(issuer, metadata, findings);
    types(metadata, findings);
    addresses(issuer, metadata, findings);
    missing(metadata, is_openid, findings);
}

fn own_name(issuer: &Issuer, metadata: &Map<String, Value>, findings: &mut Vec<Finding>) {
    match metadata.get("issuer").and_then(Value::as_str) {
        None => findings.push(Finding::severe(
            "issuer-missing",
            "the metadata names no issuer",
            "RFC 8414 §3.3: without it nobody can tell whose metadata this is, nor check `iss`",
            "add `issuer`, exactly as clients are given it",
        )),
        Some(own) if own != issuer.as_str() => findings.push(Finding::severe(
            "issuer-mismatch",
            format!("asked for \"{issuer}\", the metadata says {}", quoted(own)),
            "RFC 8414 §3.3: the metadata must not be used (a mix-up of two servers looks like this)",
            "ask with the issuer as the server writes it, to the last slash, or mend the metadata",
        )),
        Some(_) => {}
    }
}

/// Members that a strict client cannot read.
fn types(metadata: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let is_text = |value: &Value| value.is_string();
    for (name, value) in metadata.iter().filter(|(_, value)| !value.is_null()) {
        let (is_right, kind) = match name.as_str() {
            "issuer" | "jwks_uri" => (is_text(value), "a text"),
            name if name.ends_with("_endpoint") => (is_text(value), "a text"),
            "require_pushed_authorization_requests" | "require_signed_request_object" => {
                (value.is_boolean(), "true or false")
            }
            name if name.ends_with("_parameter_supported") => (value.is_boolean(), "true or false"),
            name if name.ends_with("_supported") && !name.contains("logout") => {
                let is_list = |values: &Vec<Value>| values.iter().all(is_text);
                let is_right = value.is_boolean() || value.as_array().is_some_and(is_list);
                (is_right, "a list of texts")
            }
            _ => continue,
        };
        if !is_right {
            findings.push(Finding::wrong(
                "member-type",
                format!("{} is not {kind}", quoted(name)),
                "RFC 8414 §2",
                "send it as the specification has it, or leave it out",
            ));
        }
    }
}

fn addresses(issuer: &Issuer, metadata: &Map<String, Value>, findings: &mut Vec<Finding>) {
    let own = host(issuer.as_str());
    let mut elsewhere: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let Ok(teller) = Endpoint::new(issuer.as_str()) else {
        return;
    };
    for (name, address) in endpoints(metadata) {
        match Endpoint::told_by(&teller, address) {
            Ok(_) if host(address) != own => elsewhere.entry(host(address)).or_default().push(name),
            Ok(_) => {}
            Err(InvalidEndpoint::Inward) => findings.push(Finding::severe(
                "endpoint-inward",
                format!("`{name}` is {}", quoted(address)),
                "RFC 9728 §7.7: it has each client call its own machine",
                "name the endpoint's public address",
            )),
            Err(InvalidEndpoint::Insecure) => findings.push(Finding::severe(
                "endpoint-http",
                format!("`{name}` is {}", quoted(address)),
                "RFC 6749 §3.1 and §3.2: what is sent there (codes, tokens, secrets) can be read on the way",
                "serve it with TLS and publish the https address",
            )),
            Err(error) => findings.push(Finding::wrong(
                "endpoint-invalid",
                format!("`{name}` is {}: {error}", quoted(address)),
                "RFC 6749 §3.1, RFC 8414 §2",
                "publish an absolute https address without user info and fragment",
            )),
        }
    }
    for (host, names) in elsewhere {
        findings.push(Finding::note(
            "endpoint-elsewhere",
            format!(
                "{} at {}, the issuer is at {}",
                listed(names),
                quoted(host),
                quoted(own)
            ),
            "RFC 9700 §4.4: clients trust whatever address the metadata names",
            "look whether that host is the provider's own",
        ));
    }
}

fn missing(metadata: &Map<String, Value>, is_openid: bool, findings: &mut Vec<Finding>) {
    let has = |name: &str| metadata.get(name).is_some_and(|value| !value.is_null());
    let grants = texts(metadata, "grant_types_supported");
    let redirects = |grant: &&str| matches!(*grant, "authorization_code" | "implicit");
    let needs_authorization = grants
        .as_ref()
        .is_none_or(|grants| grants.iter().any(redirects));
    let only_implicit = grants
        .as_ref()
        .is_some_and(|grants| grants.iter().all(|grant| *grant == "implicit"));
    let mut absent = Vec::new();
    if needs_authorization && !has("authorization_endpoint") {
        absent.push("authorization_endpoint");
    }
    if !only_implicit && !has("token_endpoint") {
        absent.push("token_endpoint");
    }
    if !has("response_types_supported") {
        absent.push("response_types_supported");
    }
    if is_openid {
        let required = [
            "jwks_uri",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
        ];
        absent.extend(required.into_iter().filter(|name| !has(name)));
    }
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    if grants.is_some_and(|grants| grants.contains(&device))
        && !has("device_authorization_endpoint")
    {
        absent.push("device_authorization_endpoint");
    }
    let pushed = "pushed_authorization_request_endpoint";
    if flag(metadata, "require_pushed_authorization_requests") && !has(pushed) {
        absent.push(pushed);
    }
    if !absent.is_empty() {
        findings.push(Finding::wrong(
            "member-missing",
            format!("there is no {}", listed(absent)),
            "RFC 8414 §2, OpenID Connect Discovery §3, RFC 8628 §4, RFC 9126 §5: what is offered needs it",
            "publish it, or do not offer what needs it",
        ));
    }
}

/// Every address that a client may be made to call, with the name of its member.
fn endpoints(metadata: &Map<String, Value>) -> impl Iterator<Item = (&str, &str)> {
    let aliases = metadata
        .get("mtls_endpoint_aliases")
        .and_then(Value::as_object);
    let members = metadata.iter().chain(aliases.into_iter().flatten());
    let is_endpoint = |name: &str| name.ends_with("_endpoint") || name == "jwks_uri";
    members.filter_map(move |(name, value)| {
        let address = value.as_str().filter(|_| is_endpoint(name))?;
        Some((name.as_str(), address))
    })
}

fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}
