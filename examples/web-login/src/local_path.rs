//! Where to go on after a login: nowhere but within this application.

use url::{Url, form_urlencoded::byte_serialize};

/// A path of this application, with or without a query. There is none that leads elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalPath(String);

/// What nobody means by it.
const LONGEST: usize = 1024;
/// Going on there after a login would begin another, or end this one.
const NOT_THERE: &[&str] = &["/login", "/callback", "/logout"];

impl LocalPath {
    /// `None` for whatever a browser could take for another place: `//host` and `/\host` name a host, and blanks and control
    /// characters are left out before a browser reads the rest.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('/')?;
        let is_local = !rest.starts_with('/')
            && text.len() <= LONGEST
            && text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let path = text.split(['?', '#']).next().unwrap_or_default();
        (is_local && is_plain(path) && !NOT_THERE.contains(&path)).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Where a login begins that leads here.
    pub(crate) fn after_login(&self) -> String {
        let here: String = byte_serialize(self.0.as_bytes()).collect();
        format!("/login?return_to={here}")
    }
}

/// A browser goes where it says, and not to another path: `/./login` and `/x/%2e%2e/login` are `/login`.
fn is_plain(path: &str) -> bool {
    let home = Url::parse("https://app.example");
    let there = home.and_then(|home| home.join(path));
    there.is_ok_and(|there| there.path() == path)
}

/// The user's own page.
impl Default for LocalPath {
    fn default() -> Self {
        Self("/account".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_ours_is_kept_with_its_query() {
        for path in [
            "/",
            "/account",
            "/account?tab=2&x=%2F%2Fy",
            "/a//b",
            "/%09/x",
            "/login/x",
            "/.well-known/x",
            "/a...b/..c?x=/../login",
        ] {
            assert_eq!(LocalPath::new(path).unwrap().as_str(), path);
        }
    }

    #[test]
    fn what_leads_elsewhere_is_none() {
        let long = format!("/{}", "x".repeat(LONGEST));
        for path in [
            "",
            "account",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            " //evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/a\r\nset-cookie: x=y",
            "/é",
            "/login",
            "/login?return_to=/login",
            "/callback?code=x",
            "/logout",
            "/./login",
            "/x/../login?return_to=/",
            "/%2e/logout",
            "/x/%2E%2e/callback",
            "/.%2E/login",
            "/.//evil.example",
            "/x/..//evil.example",
            "/x/..",
            "/.",
            &long,
        ] {
            assert_eq!(LocalPath::new(path), None, "{path}");
        }
    }

    #[test]
    fn a_browser_stays_at_home_with_whatever_is_let_through() {
        let home = Url::parse("https://app.example/callback?code=x").unwrap();
        for one in [
            "/",
            "\\",
            "\t",
            ".",
            "..",
            "@",
            ":",
            "?",
            "#",
            "evil.example",
        ] {
            for two in ["/", "\\", ".", "..", "//", ":", "", "evil.example"] {
                for three in ["/", "//", "\\", "", "evil.example"] {
                    let text = format!("/{one}{two}{three}evil.example");
                    if let Some(path) = LocalPath::new(&text) {
                        let there = home.join(path.as_str()).unwrap();
                        assert_eq!(there.origin(), home.origin(), "{text}");
                        assert!(path.as_str().starts_with(there.path()), "{text}");
                    }
                }
            }
        }
    }
}
