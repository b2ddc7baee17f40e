//! The configuration file: named profiles.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::Path;

use clap::{Args, Command};
use serde::Deserialize;
use toml::Table;

use crate::error::Failure;
use crate::name::Name;
use crate::receivers::Receivers;
use crate::settings::Settings;

/// The configuration file. The keys of a profile are the options of `login`, without the dashes.
#[derive(Debug, Default)]
pub(crate) struct Config {
    profiles: BTreeMap<String, Settings>,
    receivers: Receivers,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    profile: BTreeMap<String, Table>,
    #[serde(default)]
    credential: Table,
}

impl Config {
    /// Reads the file. `None`: there is none.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Failure> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let says = format!("the configuration file {} cannot be read", path.display());
                return Err(Failure::usage(says).because(&error));
            }
        };
        Self::parse(&text).map(Some).map_err(|why| {
            let says = format!("the configuration file {} is wrong", path.display());
            Failure::usage(says).detail(why).next("mend it there")
        })
    }

    /// A profile; an empty one if there is none of this name.
    pub(crate) fn profile(&self, name: &Name) -> Settings {
        self.profiles
            .get(name.as_str())
            .cloned()
            .unwrap_or_default()
    }

    /// The names of the profiles there are.
    pub(crate) fn names(&self) -> impl Iterator<Item = Name> {
        self.profiles.keys().filter_map(|name| name.parse().ok())
    }

    /// Whom tokens may be given to.
    pub(crate) fn receivers(self) -> Receivers {
        self.receivers
    }

    /// What is wrong is told without a value: somebody may have put a secret there.
    fn parse(text: &str) -> Result<Self, String> {
        let written: Written = toml::from_str(text).map_err(|error| match error.span() {
            Some(span) => {
                let line = line_of(text, span.start);
                match unknown(text) {
                    Some(key) => format!(
                        "line {line}: there is no `{key}`, but [profile.NAME] and [credential.KIND.\"SERVER\"]"
                    ),
                    None => format!("line {line} is no TOML, or no [profile.NAME]"),
                }
            }
            None => "it is no TOML".to_owned(),
        })?;
        let keys = keys();
        let mut profiles = BTreeMap::new();
        for (name, table) in written.profile {
            name.parse::<Name>()
                .map_err(|why| format!("[profile.{name}]: {why}"))?;
            for (key, value) in &table {
                let alone = Table::from_iter([(key.clone(), value.clone())]);
                if key == "client-secret" {
                    return Err(format!(
                        "[profile.{name}]: a secret does not stand in the configuration: write client-secret-file or client-secret-env"
                    ));
                }
                if !keys.contains(key) {
                    return Err(format!("[profile.{name}]: there is no key `{key}`"));
                }
                if alone.try_into::<Settings>().is_err() {
                    return Err(format!("[profile.{name}]: `{key}` cannot have this value"));
                }
            }
            let settings = table.try_into();
            let settings = settings.map_err(|_| format!("[profile.{name}] cannot be read"))?;
            profiles.insert(name, settings);
        }
        let receivers = Receivers::read(&written.credential)?;
        Ok(Self {
            profiles,
            receivers,
        })
    }
}

/// What a profile may have in it: what the command line takes.
fn keys() -> BTreeSet<String> {
    let command = Settings::augment_args(Command::new("login"));
    let keys = command
        .get_arguments()
        .map(|argument| argument.get_long().unwrap_or("issuer").to_owned());
    let keys = keys.filter(|key| key != "client-secret-stdin");
    keys.chain(["quirks".to_owned()]).collect()
}

/// What stands beside the tables that there are.
fn unknown(text: &str) -> Option<String> {
    let table: Table = toml::from_str(text).ok()?;
    let mut keys = table.into_iter().map(|(key, _)| key);
    keys.find(|key| !["profile", "credential"].contains(&key.as_str()))
}

fn line_of(text: &str, at: usize) -> usize {
    let before = text.bytes().take(at);
    before.filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_has_the_options_of_login() {
        let config = Config::parse(
            "[profile.work]\nissuer = \"https://as.example\"\nclient-id = \"cli\"\nscope = [\"read\", \"write\"]\ndpop = true\n\
             token-endpoint = \"https://as.example/token\"\nclient-auth = \"client_secret_post\"\nclient-secret-env = \"SECRET\"\n\
             [profile.work.quirks]\ntoken_type = \"optional\"\n",
        );
        let work = config.unwrap().profile(&"work".parse().unwrap());
        assert_eq!(work.issuer.as_deref(), Some("https://as.example"));
        assert_eq!(work.client.client_id.as_deref(), Some("cli"));
        assert_eq!(work.request.scope, ["read", "write"]);
        assert_ne!(work.quirks, Some(hallpass::Profile::STRICT));
        assert!(work.request.dpop && work.server.has_endpoints());
        assert!(work.secret.source().is_some());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_without_its_value() {
        for (text, says) in [
            (
                "[profile.work]\nclient-id = 7\n",
                "[profile.work]: `client-id` cannot",
            ),
            (
                "[profile.work]\ndpop = \"canary\"\n",
                "[profile.work]: `dpop` cannot",
            ),
            (
                "[profile.work]\nclient-auth = \"canary\"\n",
                "`client-auth` cannot",
            ),
            ("\nclient-id = \"canary\"\n", "line 2"),
            (
                "[profiles.work]\nclient-id = \"canary\"\n",
                "there is no `profiles`",
            ),
            (
                "[profile.work]\nclient-secret = \"canary\"\n",
                "client-secret-file",
            ),
            (
                "[profile.work]\nclient-secret-stdin = true\n",
                "no key `client-secret-stdin`",
            ),
            ("[profile.work]\nissuer canary", "line 2"),
            ("[profile.work]\nislands = \"canary\"\n", "no key `islands`"),
            ("[profile.work.quirks]\ncanary = 1\n", "`quirks` cannot"),
            ("[profile.\"a b\"]\n", "64 at most"),
        ] {
            let told = Config::parse(text).unwrap_err();
            assert!(told.contains(says), "{told}");
            assert!(!told.contains("canary"), "{told}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_no_mistake() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Config::read(&folder.path().join("none")).unwrap().is_none());
        assert!(Config::read(folder.path()).is_err());
    }
}
