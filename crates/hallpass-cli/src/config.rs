//! The configuration file: named profiles.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use serde::Deserialize;
use toml::Value;

use crate::error::Failure;
use crate::name::Name;
use crate::settings::Settings;

/// The configuration file. Its keys are the options of `login`, without the dashes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    #[serde(default)]
    profile: BTreeMap<String, Profile>,
}

#[derive(Clone, Debug, Deserialize)]
struct Profile {
    #[serde(flatten)]
    settings: Settings,
    /// What is left over is a mistake.
    #[serde(flatten)]
    unknown: BTreeMap<String, Value>,
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
        let wrong = |why: String| {
            let says = format!("the configuration file {} is wrong", path.display());
            Failure::usage(says).detail(why).next("mend it there")
        };
        let config: Self = toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| line_of(&text, span.start));
            let line = line.map_or(String::new(), |line| format!("line {line}: "));
            // The parser's own text quotes the line, and a secret may have been put there.
            wrong(format!("{line}{}", error.message()))
        })?;
        config.check().map_err(wrong)?;
        Ok(Some(config))
    }

    /// A profile; an empty one if there is none of this name.
    pub(crate) fn profile(&self, name: &Name) -> Settings {
        let profile = self.profile.get(name.as_str());
        profile.map(|own| own.settings.clone()).unwrap_or_default()
    }

    fn check(&self) -> Result<(), String> {
        for (name, profile) in &self.profile {
            name.parse::<Name>()
                .map_err(|why| format!("[profile.{name}]: {why}"))?;
            if let Some(key) = profile.unknown.keys().next() {
                return Err(match key.as_str() {
                    "client-secret" => format!(
                        "[profile.{name}]: a secret does not stand in the configuration: write client-secret-file or client-secret-env"
                    ),
                    _ => format!("[profile.{name}]: `{key}` is no key that hallpass knows"),
                });
            }
        }
        Ok(())
    }
}

fn line_of(text: &str, at: usize) -> usize {
    let before = text.bytes().take(at);
    before.filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        let read = Config::read(&path).map_err(|failure| failure.to_string());
        read.map(|config| config.expect("the file is there"))
    }

    #[test]
    fn a_profile_has_the_options_of_login() {
        let config = read(
            "[profile.work]\nissuer = \"https://as.example\"\nclient-id = \"cli\"\nscope = [\"read\", \"write\"]\ndpop = true\n\
             token-endpoint = \"https://as.example/token\"\nclient-auth = \"client_secret_post\"\nclient-secret-env = \"SECRET\"\n",
        );
        let work = config.unwrap().profile(&"work".parse().unwrap());
        assert_eq!(work.issuer.as_deref(), Some("https://as.example"));
        assert_eq!(work.client.client_id.as_deref(), Some("cli"));
        assert_eq!(work.request.scope, ["read", "write"]);
        assert!(work.request.dpop);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_without_the_line() {
        for (text, says) in [
            ("[profile.work]\nclient-id = 7\n", "client-id"),
            ("\nclient-id = \"canary\"\n", "line 2"),
            (
                "[profile.work]\nclient-secret = \"canary\"\n",
                "client-secret-file",
            ),
            ("[profile.work]\nissuer canary", "line 2"),
            ("[profile.work]\nislands = 1\n", "`islands`"),
            ("[profile.\"a b\"]\n", "64 at most"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(says), "{told}");
            assert!(!told.contains("canary"), "{told}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_no_mistake() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Config::read(&folder.path().join("none")).unwrap().is_none());
    }
}
