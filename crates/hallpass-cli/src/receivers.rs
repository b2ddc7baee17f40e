//! Whom a session's token may be given to, as the configuration says.

use serde::Deserialize;
use toml::{Table, Value};

use crate::credential::Target;
use crate::name::Name;

/// Whom a session's token may be given to: the table `credential` of the configuration. Nobody is, unless named there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Receivers(Vec<Receiver>);

/// A server, and which session's token it may have.
#[derive(Clone, Debug)]
pub(crate) struct Receiver {
    kind: Kind,
    /// The server, or a part of it.
    pub(crate) target: Target,
    /// Whose token.
    pub(crate) profile: Name,
    /// The name that goes with the token.
    pub(crate) username: Option<String>,
    /// Whether git sends the token as a bearer token, if it can.
    pub(crate) bearer: bool,
}

/// Who asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Git,
    Docker,
    Kubernetes,
}

/// What stands below `[credential.git."https://git.example"]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    profile: String,
    username: Option<String>,
    #[serde(default)]
    bearer: bool,
}

impl Receivers {
    /// Reads the table. What is wrong is told with its place.
    pub(crate) fn read(table: &Table) -> Result<Self, String> {
        let mut receivers = Vec::new();
        for (kind, servers) in table {
            let place = format!("[credential.{kind}]");
            let kind = match kind.as_str() {
                "git" => Kind::Git,
                "docker" => Kind::Docker,
                "kubernetes" => Kind::Kubernetes,
                _ => return Err(format!("{place}: there are git, docker and kubernetes")),
            };
            let servers = servers.as_table();
            let servers = servers.ok_or_else(|| format!("{place} is no table of servers"))?;
            for (server, written) in servers {
                let receiver = receiver(kind, server, written);
                let receiver = receiver.map_err(|why| format!("{place}, `{server}`: {why}"))?;
                receivers.push(receiver);
            }
        }
        Ok(Self(receivers))
    }

    /// All that a program may ask about.
    pub(crate) fn of(&self, kind: Kind) -> impl Iterator<Item = &Receiver> {
        self.0.iter().filter(move |receiver| receiver.kind == kind)
    }

    /// Whose token may be given to what is asked for: of several that name it, the one that names the most of its path.
    pub(crate) fn find(&self, kind: Kind, asked: &Target) -> Option<&Receiver> {
        let naming = self.of(kind).filter(|own| own.target.contains(asked));
        naming.max_by_key(|own| own.target.to_string().len())
    }
}

fn receiver(kind: Kind, server: &str, written: &Value) -> Result<Receiver, String> {
    let target = Target::new(server).map_err(|why| why.to_string())?;
    let Written {
        profile,
        username,
        bearer,
    } = Written::deserialize(written.clone()).map_err(|_| {
        let only = "it says which `profile` and no more than that, `username` and `bearer = true`";
        only.to_owned()
    })?;
    // It becomes a part of git's protocol, which knows no quotation marks.
    if username
        .as_ref()
        .is_some_and(|name| name.chars().any(char::is_control))
    {
        return Err("`username` has a control character in it".to_owned());
    }
    let profile = profile.parse().map_err(|why| format!("`profile`: {why}"))?;
    Ok(Receiver {
        kind,
        target,
        profile,
        username,
        bearer,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Receivers, String> {
        Receivers::read(&toml::from_str(text).unwrap())
    }

    fn chosen(all: &Receivers, asked: &str) -> Option<String> {
        let found = all.find(Kind::Git, &Target::new(asked).unwrap());
        found.map(|receiver| receiver.profile.as_str().to_owned())
    }

    #[test]
    fn the_one_that_names_the_most_of_the_address_is_taken() {
        let all = read(
            "[git.\"https://git.example/team\"]\nprofile = \"work\"\n[git.\"git.example\"]\nprofile = \"home\"\nusername = \"me\"\n",
        )
        .unwrap();
        assert_eq!(
            chosen(&all, "https://git.example/team/app.git").as_deref(),
            Some("work")
        );
        assert_eq!(
            chosen(&all, "https://git.example/else").as_deref(),
            Some("home")
        );
        assert_eq!(chosen(&all, "https://git.example").as_deref(), Some("home"));
    }

    #[test]
    fn no_token_is_given_to_a_host_that_nobody_named() {
        let all = read("[git.\"https://git.example/team\"]\nprofile = \"work\"\n").unwrap();
        for other in [
            "https://git.example",
            "https://git.example.evil.example/work",
            "https://evil.example/git.example/team",
        ] {
            assert_eq!(chosen(&all, other), None, "{other}");
        }
        let asked = Target::new("https://git.example/team").unwrap();
        assert!(all.find(Kind::Docker, &asked).is_none());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, says) in [
            (
                "[svn.\"x\"]\nprofile = \"a\"",
                "[credential.svn]: there are git",
            ),
            ("git = 1", "[credential.git] is no table"),
            (
                "[git.\"http://git.example\"]\nprofile = \"a\"",
                "`http://git.example`: a token goes over https",
            ),
            ("[git.\"git.example\"]\nusername = \"a\"", "which `profile`"),
            (
                "[git.\"git.example\"]\nprofile = \"a\"\ntoken = \"canary\"",
                "which `profile`",
            ),
            ("[git.\"git.example\"]\nprofile = \"a b\"", "`profile`: "),
            (
                "[git.\"git.example\"]\nprofile = \"a\"\nusername = \"a\\nhost=evil\"",
                "control character",
            ),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(says) && !told.contains("canary"), "{told}");
        }
    }
}
