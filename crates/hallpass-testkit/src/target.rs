//! Where a token will be used: `resource` (RFC 8707) and `audience` (RFC 8693 §2.1), which are remembered alike.

use crate::{Config, form::Parameters};

/// The targets a request names, if the server knows them all.
pub(crate) fn read(config: &Config, form: &Parameters) -> Result<Vec<String>, &'static str> {
    if !form.all("resource").all(is_absolute) {
        return Err("a resource is not an absolute URI without a fragment");
    }
    let mut targets: Vec<String> = Vec::new();
    for target in form.all("resource").chain(form.all("audience")) {
        let is_known =
            config.resources.is_empty() || config.resources.iter().any(|known| known == target);
        if !is_known {
            return Err("the server knows no such resource or audience");
        }
        if !targets.iter().any(|known| known == target) {
            targets.push(target.to_owned());
        }
    }
    Ok(targets)
}

/// What of a grant's targets a token is for: those asked for, or all. A grant without targets is good for any.
pub(crate) fn narrow(granted: &[String], asked: Vec<String>) -> Result<Vec<String>, &'static str> {
    if asked.is_empty() {
        return Ok(granted.to_vec());
    }
    let is_granted = granted.is_empty() || asked.iter().all(|target| granted.contains(target));
    is_granted
        .then_some(asked)
        .ok_or("a resource or audience that was not granted")
}

/// RFC 3986 §4.3: a scheme and something after it, no fragment, and no character that no URI has.
pub(crate) fn is_absolute(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else {
        return false;
    };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let is_uri = rest
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(&byte));
    is_scheme && is_uri && !rest.trim_start_matches('/').is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_an_absolute_uri_without_a_fragment() {
        for uri in [
            "https://api.example/",
            "https://api.example/a?b=c",
            "urn:example:api",
        ] {
            assert!(is_absolute(uri), "{uri}");
        }
        for uri in [
            "api.example",
            "/api",
            "https://api.example/#",
            "https://",
            "1:a",
            "https://a b",
            "https://é",
        ] {
            assert!(!is_absolute(uri), "{uri}");
        }
    }
}
