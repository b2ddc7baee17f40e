//! The index of one registry, asked over HTTP by cargo's sparse protocol.

use std::env;
use std::error::Error;

use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};
use tame_index::index::{IndexConfig, IndexUrl};
use tame_index::{KrateName, PathBuf};

/// A registry that answers.
pub(crate) struct Index {
    /// Of the index, with a slash at its end.
    url: String,
    config: IndexConfig,
    client: Client,
}

impl Index {
    /// The registry of that name in cargo's configuration as it is seen from the current folder; cargo's own where no name is given.
    pub(crate) fn open(registry: Option<&str>) -> Result<Index, String> {
        let here = env::current_dir().map_err(|error| error.to_string())?;
        let here = PathBuf::from_path_buf(here)
            .map_err(|_| "the current folder's name is not Unicode".to_owned())?;
        let found = match registry {
            Some(name) => IndexUrl::for_registry_name(Some(here), None, name),
            None => IndexUrl::crates_io(Some(here), None, None),
        };
        let called = registry.unwrap_or("cargo's own registry");
        let url = found.map_err(|error| {
            format!("{called}: {error}: see `[registries]` in cargo's configuration")
        })?;
        let Some(url) = url.as_str().strip_prefix("sparse+") else {
            return Err(format!(
                "{called} is not a sparse registry, and no other is read here"
            ));
        };
        let mut url = url.to_owned();
        if !url.ends_with('/') {
            url.push('/');
        }
        // Fails where another provider is the process's already, and then that one is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Registries ask who is calling.
        let agent = "hallpass-xtask (release)";
        let client = Client::builder().user_agent(agent).build();
        let client = client.map_err(|error| told(&error))?;
        let config = fetch(&client, &format!("{url}config.json"))?
            .ok_or_else(|| format!("{called} has no config.json in its index"))?;
        let config = serde_json::from_slice(&config)
            .map_err(|error| format!("{called}: config.json: {error}"))?;
        Ok(Index {
            url,
            config,
            client,
        })
    }

    /// Everything that was ever published under that name; nothing where nothing was.
    pub(crate) fn versions(&self, name: &str) -> Result<Vec<Value>, String> {
        let path = named(name)?.relative_path(Some('/'));
        let Some(lines) = fetch(&self.client, &format!("{}{path}", self.url))? else {
            return Ok(Vec::new());
        };
        let lines = String::from_utf8_lossy(&lines);
        let lines = lines.lines().map(|line| {
            let entry: Value = serde_json::from_str(line).unwrap_or_default();
            version(&entry)
                .ok_or_else(|| format!("{name}: the index has what cannot be read: {line}"))
        });
        lines.collect()
    }

    /// The file that cargo downloads.
    pub(crate) fn package(&self, name: &str, version: &str) -> Result<Vec<u8>, String> {
        let url = self.config.download_url(named(name)?, version);
        fetch(&self.client, &url)?.ok_or_else(|| format!("the registry has no {name} {version}"))
    }
}

/// One line of an index. tame-index has types for it, and they refuse what registries other than cargo's own write: a null where
/// nothing is to be said.
fn version(entry: &Value) -> Option<Value> {
    let mut needs = serde_json::Map::new();
    for dependency in entry["deps"].as_array()? {
        // Its own name, where it is imported under another.
        let name = dependency["package"]
            .as_str()
            .or(dependency["name"].as_str())?;
        if dependency["kind"] != "dev" {
            needs.insert(name.to_owned(), dependency["req"].as_str()?.into());
        }
    }
    let (version, yanked) = (entry["vers"].as_str()?, entry["yanked"].as_bool()?);
    let sha256 = entry["cksum"].as_str()?;
    Some(json!({ "version": version, "yanked": yanked, "sha256": sha256, "needs": needs }))
}

fn named(name: &str) -> Result<KrateName<'_>, String> {
    KrateName::cargo(name).map_err(|error| error.to_string())
}

/// What is at a URL, or nothing where the registry says that there is nothing.
fn fetch(client: &Client, url: &str) -> Result<Option<Vec<u8>>, String> {
    // A cache between us and the index would answer with what was true before the last publication.
    let request = client.get(url).header("cache-control", "no-cache");
    let response = request.send().map_err(|error| told(&error))?;
    match response.status() {
        // Registries answer any of the three for a crate that was never published.
        StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS => {
            Ok(None)
        }
        status if status.is_success() => body(response).map(Some),
        status => Err(format!("{url} answered {status}")),
    }
}

fn body(response: Response) -> Result<Vec<u8>, String> {
    let bytes = response.bytes().map_err(|error| told(&error))?;
    Ok(bytes.to_vec())
}

/// The error with what caused it, which reqwest keeps apart.
fn told(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_may_be_missing_by_null_too() {
        let entry = json!({
            "name": "b", "vers": "0.2.0", "yanked": true, "links": null, "cksum": "00ff",
            "deps": [
                { "name": "a", "package": null, "req": "^0.1", "kind": "normal" },
                { "name": "c", "package": "d", "req": "1", "kind": "build" },
                { "name": "e", "req": "1", "kind": "dev" },
            ],
        });
        let read = json!({
            "version": "0.2.0", "yanked": true, "sha256": "00ff",
            "needs": { "a": "^0.1", "d": "1" },
        });
        assert_eq!(version(&entry), Some(read));
        assert_eq!(version(&json!({ "vers": "0.2.0" })), None);
    }
}
