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
}

#[cfg(test)]
mod tests {
    use super::*;

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
