//! A private registry of crates on a free loopback port, in a folder of its own: `cargo-http-registry`, with a [`Gate`] in front.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use self::gate::Gate;
pub(crate) use self::gate::{Fault, Upload};
use super::{Folder, Process};
use crate::tools;
use crate::workspace::Workspace;

mod gate;

/// What cargo calls it.
pub(crate) const NAME: &str = "loopback";
/// What it asks for before it takes a crate.
pub(crate) const TOKEN: &str = "only-for-the-loopback-registry";

/// A registry that runs. It, its folder and what cargo keeps of it go when this is dropped.
#[derive(Debug)]
pub(crate) struct Registry {
    gate: Gate,
    // Before the folder, so that it is dropped before.
    _process: Process,
    folder: Folder,
}

/// One line of an index: a version of a crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) version: String,
    pub(crate) is_yanked: bool,
    /// What it depends on, and the requirement.
    pub(crate) needs: Vec<(String, String)>,
}

impl Registry {
    /// Starts an empty one and waits until it answers.
    pub(crate) fn start(workspace: &Workspace) -> Result<Registry, String> {
        let program = tools::cargo_http_registry(workspace)?;
        let folder = Folder::make(&workspace.target, "registry")?;
        let files = folder.path().join("files");
        let mut command = Command::new(program);
        command
            .arg(&files)
            .args(["--addr", "127.0.0.1:0"])
            .stdin(Stdio::null());
        let log = folder.path().join("registry.log");
        let mut process = Process::start("cargo-http-registry", &mut command, log)?;
        let address = process.until_ready(|_| address(&files))?;
        let gate = Gate::open(address, files.clone())?;
        forget(gate.address());
        let door = format!("http://{}", gate.address());
        let config = json!({
            "dl": format!("{door}/api/v1/crates/{{crate}}/{{version}}/download"),
            "api": door,
        });
        let path = files.join("config.json");
        fs::write(&path, config.to_string())
            .map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Registry {
            gate,
            _process: process,
            folder,
        })
    }

    /// Its index as cargo's configuration has it. The token is not part of that: cargo takes it from the environment.
    pub(crate) fn index(&self) -> String {
        format!("sparse+http://{}/crates/", self.gate.address())
    }

    /// The versions of a crate in the order in which they came; none where it was never published.
    pub(crate) fn versions(&self, name: &str) -> Result<Vec<Published>, String> {
        let path = index_file(&self.folder.path().join("files"), name);
        let text = match path.exists() {
            true => fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?,
            false => String::new(),
        };
        let lines = text.lines().map(|line| {
            serde_json::from_str(line)
                .ok()
                .and_then(|line| Published::read(&line))
                .ok_or_else(|| format!("{}: not a line of an index: {line}", path.display()))
        });
        lines.collect()
    }

    /// The newest version that was not yanked.
    pub(crate) fn newest(&self, name: &str) -> Result<String, String> {
        let versions = self.versions(name)?;
        let newest = versions.into_iter().rfind(|version| !version.is_yanked);
        newest
            .map(|newest| newest.version)
            .ok_or_else(|| format!("the registry has no {name}"))
    }

    /// What was to be uploaded since the last call, in that order.
    pub(crate) fn take_uploads(&self) -> Vec<Upload> {
        self.gate.take_uploads()
    }

    /// What goes wrong from now on, and nothing else.
    pub(crate) fn set_faults(&self, faults: Vec<Fault>) {
        self.gate.set_faults(faults);
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        forget(self.gate.address());
    }
}

impl Published {
    fn read(line: &Value) -> Option<Published> {
        let needs = line["deps"].as_array()?.iter().map(|needs| {
            let text = |field: &str| needs[field].as_str().map(str::to_owned);
            Some((text("name")?, text("req")?))
        });
        Some(Published {
            version: line["vers"].as_str()?.to_owned(),
            is_yanked: line["yanked"].as_bool()?,
            needs: needs.collect::<Option<_>>()?,
        })
    }
}

/// Where the registry listens, once it has written that down.
fn address(files: &Path) -> Option<SocketAddr> {
    let config: Value = serde_json::from_slice(&fs::read(files.join("config.json")).ok()?).ok()?;
    config["api"]
        .as_str()?
        .strip_prefix("http://")?
        .parse()
        .ok()
}

/// `ha/ll/hallpass-json`; names shorter than four letters are none of ours.
fn index_file(files: &Path, name: &str) -> PathBuf {
    let part = |from: usize| name.get(from..from + 2).unwrap_or_default();
    files.join(part(0)).join(part(2)).join(name)
}

/// Removes what cargo has kept of a registry at this address: another's, that had the port before, or ours, that goes.
fn forget(address: SocketAddr) {
    let Some(home) = tools::cargo_home() else {
        return;
    };
    let kept = home.join("registry");
    let folders = fs::read_dir(kept.join("index")).into_iter().flatten();
    for folder in folders.filter_map(Result::ok) {
        let config = fs::read_to_string(folder.path().join("config.json")).unwrap_or_default();
        if config.contains(&format!("http://{address}/")) {
            for kind in ["index", "cache", "src"] {
                // One that is not there is gone already.
                let _ = fs::remove_dir_all(kept.join(kind).join(folder.file_name()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_file_is_found_by_the_first_letters_of_the_name() {
        let found = index_file(Path::new("files"), "hallpass-json");
        assert_eq!(found, Path::new("files/ha/ll/hallpass-json"));
    }

    #[test]
    fn a_line_of_an_index_is_a_version_and_what_it_needs() {
        let line = json!({
            "name": "b", "vers": "0.2.0", "yanked": true, "cksum": "", "features": {},
            "deps": [{ "name": "a", "req": "^0.1.1", "kind": "normal" }],
        });
        let published = Published {
            version: "0.2.0".to_owned(),
            is_yanked: true,
            needs: vec![("a".to_owned(), "^0.1.1".to_owned())],
        };
        assert_eq!(Published::read(&line), Some(published));
        assert_eq!(Published::read(&json!({ "name": "b" })), None);
    }
}
