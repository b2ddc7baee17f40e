//! What the browser brings in `Cookie`, as it stands there.

use std::{collections::HashMap, convert::Infallible};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::COOKIE, request::Parts},
};

/// The cookies of a request, in the browser's order: those with the same path begin with the oldest (RFC 6265bis §5.8.3).
///
/// Nothing is decoded and nothing is trimmed. A browser knows `%5F_Host-session`, or a name with a blank before it, for a name like any other
/// and lets every host of the domain set it; whoever reads `__Host-session` there has given the prefix away. What another host sets has no
/// say in ours either: a pair that cannot be read is passed over, and the others stay.
pub(crate) struct CookiePairs(Vec<(String, String)>);

impl CookiePairs {
    fn read(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(COOKIE).iter();
        let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        let pairs = pairs.map(|pair| pair.strip_prefix(b" ").unwrap_or(pair));
        let pairs = pairs.filter_map(|pair| {
            let equals = pair.iter().position(|byte| *byte == b'=')?;
            Some((pair.get(..equals)?, pair.get(equals + 1..)?))
        });
        let pairs: Vec<(&[u8], &[u8])> = pairs.collect();
        let mut times: HashMap<&[u8], usize> = HashMap::new();
        for (name, _) in &pairs {
            *times.entry(name).or_default() += 1;
        }
        // One of two was set by somebody else, and nobody knows which.
        let once = pairs.iter().filter(|(name, _)| times.get(name) == Some(&1));
        Self(
            once.filter_map(|(name, value)| Some((readable(name)?, readable(value)?)))
                .collect(),
        )
    }

    /// The value of the cookie with exactly this name.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.iter()
            .find_map(|(brought, value)| (brought == name).then_some(value))
    }

    /// Names and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn readable(bytes: &[u8]) -> Option<String> {
    let is_readable = bytes.iter().all(u8::is_ascii_graphic);
    let text = is_readable.then(|| bytes.to_vec())?;
    String::from_utf8(text).ok()
}

impl<S: Sync> FromRequestParts<S> for CookiePairs {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::read(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const SESSION: &str = "__Host-session";

    fn session(lines: &[&[u8]]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_bytes(line).unwrap());
        }
        CookiePairs::read(&headers)
            .value(SESSION)
            .map(str::to_owned)
    }

    #[test]
    fn a_name_is_read_as_it_stands_there() {
        for line in [
            "%5F_Host-session=theirs",
            "__Host%2Dsession=theirs",
            "__Host-session%20=theirs",
            "__host-session=theirs",
            "  __Host-session=theirs",
            "\t__Host-session=theirs",
            "\u{a0}__Host-session=theirs",
            "\u{2000}__Host-session=theirs",
            "__Host-session =theirs",
            "=__Host-session=theirs",
            "$Version=1,__Host-session=theirs",
            "__Host-session",
        ] {
            assert_eq!(session(&[line.as_bytes()]), None, "{line}");
            let after = format!("__Host-session=ours; {line}");
            let before = format!("{line}; __Host-session=ours");
            for line in [after, before] {
                let read = session(&[line.as_bytes()]);
                assert_eq!(read.as_deref(), Some("ours"), "{line}");
            }
        }
        assert_eq!(
            session(&[b"__Host-session=a%20b=\"c\""]).unwrap(),
            "a%20b=\"c\""
        );
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        for lines in [
            [
                b"__Host-session=a; __Host-session=b".as_slice(),
                b"x=y".as_slice(),
            ],
            [b"__Host-session=a", b"__Host-session=a"],
            [b"__Host-session=a", b"__Host-session=\xff"],
        ] {
            assert_eq!(session(&lines), None, "{lines:?}");
        }
    }

    #[test]
    fn a_pair_that_cannot_be_read_takes_no_other_along() {
        for line in [
            "x=\u{e9}; __Host-session=ours".as_bytes(),
            b"__Host-session=ours; \xff\xfe=x",
            b"__Host-session=ours; x=a\tb; ;; =; y",
            b"a=\"b c; __Host-session=ours",
        ] {
            assert_eq!(session(&[line]).as_deref(), Some("ours"));
        }
        assert_eq!(session(&["__Host-session=\u{e9}".as_bytes()]), None);
    }
}
