//! `application/x-www-form-urlencoded`, read more strictly than a browser reads it: a test server that guesses hides
//! mistakes of the client.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// Why a form is refused.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum FormError {
    #[error("a % that no two hexadecimal digits follow")]
    Percent,
    #[error("not UTF-8")]
    Utf8,
    #[error("a parameter that comes twice")]
    Duplicate(String),
}

/// What may come more than once (RFC 8693 §2.1, RFC 8707 §2).
const REPEATED: [&str; 2] = ["audience", "resource"];

/// The parameters of a request, none of which may come twice (RFC 6749 §3.1) but those that say where a token will be
/// used. A parameter without a value counts as left out, as the same section says.
#[derive(Clone, Default, Eq, PartialEq)]
pub(crate) struct Parameters(BTreeMap<String, Vec<String>>);

impl Parameters {
    pub(crate) fn parse(text: &str) -> Result<Self, FormError> {
        let mut parameters: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for pair in pairs(text) {
            let (name, value) = pair?;
            if parameters.contains_key(&name) && !REPEATED.contains(&name.as_str()) {
                return Err(FormError::Duplicate(name));
            }
            parameters.entry(name).or_default().push(value);
        }
        for values in parameters.values_mut() {
            values.retain(|value| !value.is_empty());
        }
        parameters.retain(|_, values| !values.is_empty());
        Ok(Self(parameters))
    }

    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of a parameter that may come more than once.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.0.get(name).into_iter().flatten().map(String::as_str)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The same but for these.
    pub(crate) fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|name, _| !names.contains(&name.as_str()));
        self
    }

    /// The same with this parameter in place of those of its name.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), vec![value.to_owned()]);
        self
    }

    /// The names that begin so, without that beginning.
    pub(crate) fn names_after<'a>(&'a self, start: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .keys()
            .filter_map(move |name| name.strip_prefix(start))
    }
}

/// Names and values, decoded, in order.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = Result<(String, String), FormError>> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((decode(name)?, decode(value)?))
    })
}

/// One name or value.
pub(crate) fn decode(text: &str) -> Result<String, FormError> {
    let mut after_percent = text.split('%').skip(1);
    let is_escape =
        |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    if !after_percent.all(is_escape) {
        return Err(FormError::Percent);
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced)
        .decode_utf8()
        .map_err(|_| FormError::Utf8)?;
    Ok(decoded.into_owned())
}

pub(crate) fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_comes_twice_is_refused() {
        let error = Parameters::parse("a=1&b=2&a=1").err();
        assert_eq!(error, Some(FormError::Duplicate("a".to_owned())));
    }

    #[test]
    fn only_where_a_token_will_be_used_may_be_said_twice() {
        let parameters = Parameters::parse("resource=a&audience=x&resource=&resource=b").unwrap();
        assert_eq!(parameters.all("resource").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(parameters.all("audience").collect::<Vec<_>>(), ["x"]);
    }

    #[test]
    fn a_parameter_without_a_value_counts_as_left_out() {
        let parameters = Parameters::parse("a=&b&c=3").unwrap();
        assert!(!parameters.has("a") && !parameters.has("b"));
        assert_eq!(parameters.find("c"), Some("3"));
    }

    #[test]
    fn what_is_no_form_encoding_is_refused() {
        assert_eq!(decode("%zz"), Err(FormError::Percent));
        assert_eq!(decode("a%4"), Err(FormError::Percent));
        assert_eq!(decode("%FF"), Err(FormError::Utf8));
        assert_eq!(decode("c%3As%26%C3%A9+x").as_deref(), Ok("c:s&é x"));
    }
}
