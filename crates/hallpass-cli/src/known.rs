//! Authorization servers that have no metadata, or differ from the RFCs, by the words that people call them by.

use hallpass::{Profile, ServerMetadata};

use crate::error::Failure;

/// An authorization server that hallpass knows.
pub(crate) struct Known {
    pub(crate) server: ServerMetadata,
    pub(crate) profile: Profile,
}

impl Known {
    /// The server of this name; `microsoft/TENANT` for one tenant of it. `None`: it is no name.
    pub(crate) fn find(name: &str) -> Option<Result<Self, Failure>> {
        let (name, tenant) = name.split_once('/').unwrap_or((name, ""));
        let (server, profile) = match (name, tenant) {
            ("github", "") => (ServerMetadata::github(), Profile::GITHUB),
            ("google", "") => (ServerMetadata::google(), Profile::GOOGLE),
            ("slack", "") => (ServerMetadata::slack(), Profile::SLACK_BOT),
            ("microsoft", tenant) => {
                let tenant = if tenant.is_empty() { "common" } else { tenant };
                match ServerMetadata::microsoft(tenant) {
                    Ok(server) => (server, Profile::MICROSOFT),
                    Err(_) => {
                        return Some(Err(Failure::usage(format!(
                            "`{tenant}` can be no tenant of Microsoft's"
                        ))));
                    }
                }
            }
            _ => return None,
        };
        Some(Ok(Self { server, profile }))
    }

    /// The word that somebody may have meant: `github` by `GitHub`, `githib` or `https://github.com`.
    pub(crate) fn meant(text: &str) -> Option<&'static str> {
        let text = text.to_ascii_lowercase();
        let host = text.split_once("://").map_or(&*text, |(_, rest)| rest);
        let host = host.split(['/', ':']).next().unwrap_or_default();
        let is_near = |word: &str| host.split('.').any(|label| distance(label, word) <= 1);
        WORDS.into_iter().find(|word| is_near(word))
    }
}

const WORDS: [&str; 4] = ["github", "google", "microsoft", "slack"];

/// How many letters are to be put in, taken out or changed to make one word the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, own) in one.bytes().enumerate() {
        let mut before = i;
        let mut left = i + 1;
        for (cell, theirs) in row.iter_mut().skip(1).zip(other.bytes()) {
            let changed = before + usize::from(own != theirs);
            before = *cell;
            left = changed.min(before + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(one.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_mistypes_a_word_is_told_it() {
        for (text, word) in [
            ("GitHub", Some("github")),
            ("githib", Some("github")),
            ("gogle", Some("google")),
            ("https://github.com/login/oauth", Some("github")),
            ("micrsoft/contoso", Some("microsoft")),
            ("as.example", None),
            ("https://id.example", None),
            ("gitlab", None),
            ("", None),
        ] {
            assert_eq!(Known::meant(text), word, "{text}");
        }
    }

    #[test]
    fn a_server_is_known_by_its_word_alone() {
        for name in [
            "github",
            "google",
            "slack",
            "microsoft",
            "microsoft/consumers",
        ] {
            let known = Known::find(name).unwrap().unwrap();
            assert!(known.server.token_endpoint.is_some(), "{name}");
        }
        assert!(Known::find("microsoft/a?b").unwrap().is_err());
        for other in [
            "",
            "github.com",
            "github/x",
            "https://github.com/login/oauth",
            "GitHub",
        ] {
            assert!(Known::find(other).is_none(), "{other}");
        }
    }
}
