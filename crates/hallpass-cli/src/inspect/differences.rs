//! Where a server's two documents differ.

use serde_json::{Map, Value};

use super::{Finding, listed, quoted};

/// What some clients go by is not what others go by.
pub(super) fn check(
    oauth: &Map<String, Value>,
    openid: &Map<String, Value>,
    findings: &mut Vec<Finding>,
) {
    for (name, value) in oauth {
        match openid.get(name) {
            Some(other) if !is_same(value, other) => findings.push(Finding::weak(
                "documents-differ",
                format!(
                    "{} is {} in RFC 8414's document and {} in OpenID Connect's",
                    quoted(name),
                    told(value),
                    told(other)
                ),
                "RFC 8414 §5: which of the two a client reads is chance",
                "serve the same document at both places",
            )),
            _ => {}
        }
    }
    let only = |one: &Map<String, Value>, other: &Map<String, Value>| -> Vec<String> {
        let names = one.keys().filter(|name| !other.contains_key(*name));
        names.cloned().collect()
    };
    // OpenID Connect's document has members that mean nothing without it.
    let matters = |name: &String| name.ends_with("_endpoint") || !is_openid(name);
    let (in_oauth, mut in_openid) = (only(oauth, openid), only(openid, oauth));
    in_openid.retain(matters);
    for (names, here, there) in [
        (in_oauth, "RFC 8414's", "OpenID Connect's"),
        (in_openid, "OpenID Connect's", "RFC 8414's"),
    ] {
        if !names.is_empty() {
            findings.push(Finding::note(
                "documents-incomplete",
                format!(
                    "only {here} document has {}, {there} does not",
                    listed(names)
                ),
                "RFC 8414 §5: which of the two a client reads is chance",
                "serve the same document at both places",
            ));
        }
    }
}

fn is_openid(name: &str) -> bool {
    let of_openid = [
        "acr_",
        "backchannel_logout",
        "check_session",
        "claim",
        "display_",
        "frontchannel_logout",
        "id_token_",
        "subject_types_",
        "userinfo_",
    ];
    of_openid.iter().any(|prefix| name.starts_with(prefix))
}

/// A value as a person reads it.
fn told(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(values) => {
            let text = |value: &Value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            };
            format!("[{}]", listed(values.iter().map(text)))
        }
        Value::Object(_) => quoted(&value.to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// The order in a list means nothing.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().all(|value| other.contains(value))
        }
        _ => one == other,
    }
}
