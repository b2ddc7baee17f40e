//! What an API wants to see, as it says in `WWW-Authenticate` (RFC 9110 §11.6.1).

use std::borrow::Cow;

/// One challenge of a `WWW-Authenticate` field: a scheme (`Bearer`, `DPoP`) and what it says.
///
/// ```
/// # use hallpass_grant::Challenge;
/// let field = r#"Basic realm="x", Bearer error="invalid_token", scope="read write""#;
/// let bearer = Challenge::read(field).into_iter().find(|own| own.is_of("bearer")).unwrap();
/// assert_eq!(bearer.parameter("error"), Some("invalid_token"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge<'f> {
    scheme: &'f str,
    parameters: Vec<(&'f str, Cow<'f, str>)>,
}

impl<'f> Challenge<'f> {
    /// Reads a field. What is no challenge in it is passed over.
    pub fn read(field: &'f str) -> Vec<Self> {
        let mut challenges: Vec<Self> = Vec::new();
        for element in elements(field) {
            let element = element.trim();
            let (name, value) = match element.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim())),
                None => (element, None),
            };
            // A challenge's first parameter has the scheme before it, and a space between them.
            let (scheme, name) = match (name.split_once(char::is_whitespace), value) {
                (Some((scheme, name)), _) => (Some(scheme), name.trim_start()),
                (None, None) => (Some(name), ""),
                (None, Some(_)) => (None, name),
            };
            if let Some(scheme) = scheme.filter(|scheme| !scheme.is_empty()) {
                challenges.push(Self {
                    scheme,
                    parameters: Vec::new(),
                });
            }
            let value = value.and_then(unquoted);
            if let (Some(challenge), Some(value)) = (challenges.last_mut(), value) {
                challenge.parameters.push((name, value));
            }
        }
        challenges
    }

    /// The scheme, as it stands there.
    pub fn scheme(&self) -> &'f str {
        self.scheme
    }

    /// Whether it is of this scheme, whatever the case.
    pub fn is_of(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The first parameter of this name, whatever the case, out of its quotes. It is the API's text: do not show it as it is.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let found = parameters.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| &**value)
    }
}

/// What stands between the commas that stand in no quotes.
fn elements(field: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    field.split(move |c| {
        let is_escaped = std::mem::replace(&mut escaped, false);
        match c {
            '\\' => escaped = quoted && !is_escaped,
            '"' if !is_escaped => quoted = !quoted,
            _ => {}
        }
        c == ',' && !quoted
    })
}

/// A token as it is, a quoted string without its quotes and escapes (RFC 9110 §5.6.4). `None`: neither.
fn unquoted(value: &str) -> Option<Cow<'_, str>> {
    let Some(rest) = value.strip_prefix('"') else {
        return (!value.is_empty()).then_some(Cow::Borrowed(value));
    };
    let inner = rest.strip_suffix('"')?;
    Some(match inner.contains('\\') {
        false => Cow::Borrowed(inner),
        true => {
            let mut escaped = false;
            let kept = inner.chars().filter(|c| {
                escaped = *c == '\\' && !escaped;
                !escaped
            });
            Cow::Owned(kept.collect())
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn commas_in_quotes_separate_nothing() {
        let field = r#"Bearer realm="a, \"b\\", x=1,, DPoP"#;
        let found: Vec<_> = elements(field).map(str::trim).collect();
        assert_eq!(found, [r#"Bearer realm="a, \"b\\""#, "x=1", "", "DPoP"]);
    }

    #[test]
    fn each_challenge_has_its_own_parameters() {
        let field = r#"Negotiate, Bearer realm="a, \"b\\", ERROR = insufficient_scope , DPoP algs="ES256 EdDSA",error="use_dpop_nonce""#;
        let found = Challenge::read(field);
        let schemes: Vec<_> = found.iter().map(Challenge::scheme).collect();
        assert_eq!(schemes, ["Negotiate", "Bearer", "DPoP"]);
        assert_eq!(found[1].parameter("realm"), Some(r#"a, "b\"#));
        assert_eq!(found[1].parameter("error"), Some("insufficient_scope"));
        assert_eq!(found[2].parameter("error"), Some("use_dpop_nonce"));
        assert_eq!(found[2].parameter("algs"), Some("ES256 EdDSA"));
        assert_eq!(found[2].parameter("realm"), None);
    }

    proptest! {
        #[test]
        fn a_challenge_is_found_behind_any_other(name in "[A-Za-z]{1,9}", text in "[ -~]*") {
            let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
            let field = format!(r#"X {name}="{quoted}", DPoP error="use_dpop_nonce""#);
            let found = Challenge::read(&field);
            prop_assert_eq!(found[0].parameter(&name), Some(&*text));
            prop_assert!(found[1].is_of("dpop"));
            prop_assert_eq!(found[1].parameter("error"), Some("use_dpop_nonce"));
        }

        #[test]
        fn no_field_makes_it_panic(field in ".*") {
            let _ = Challenge::read(&field);
        }
    }
}
