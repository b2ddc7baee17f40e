//! A copy of the repository in which releases are made: as it stands in the working tree, wound back to before any release, with a
//! history of its own that leads nowhere, and with crates that no registry but the one on loopback may have.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::said::Said;
use crate::api;
use crate::command;
use crate::services::registry::{self, Registry};
use crate::workspace::Workspace;

/// What every crate has in the copy before its first release.
pub(super) const FIRST: &str = "0.1.0";

/// A crate that needs none of ours.
pub(super) const LEAF: &str = "hallpass-json";
/// One that others show in their public API.
pub(super) const BASE: &str = "hallpass-scope";
/// What both have for the proof alone.
const SUBJECT: &str =
    "/// For the proof alone.\npub fn proof() -> &'static str {\n    \"as it was\"\n}\n";

#[derive(Debug)]
pub(super) struct Scratch {
    /// The folder that has the configuration of cargo; the copy and the programs outside of it are below.
    pub(super) folder: PathBuf,
    /// The copy.
    pub(super) root: PathBuf,
    /// Its crates, in the order of their names.
    pub(super) crates: Vec<String>,
    target: PathBuf,
    pub(super) index: String,
}

impl Scratch {
    /// With the named crates alone, where some are named.
    pub(super) fn make(
        workspace: &Workspace,
        registry: &Registry,
        only: &[&str],
    ) -> Result<Scratch, String> {
        let folder = workspace.target.join("release-proof");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(said(&folder))?;
        }
        let crates = workspace.crates().map(|package| package.name.clone());
        let crates: Vec<String> = crates
            .filter(|name| only.is_empty() || only.contains(&name.as_str()))
            .collect();
        let scratch = Scratch {
            root: folder.join("repository"),
            folder,
            crates,
            target: workspace.target.clone(),
            index: registry.index(),
        };
        write(
            &scratch.folder.join(".cargo/config.toml"),
            &format!(
                "[registries.{}]\nindex = \"{}\"\n",
                registry::NAME,
                scratch.index
            ),
        )?;
        scratch.copy(workspace)?;
        scratch.wind_back()?;
        // Leaves out of the lock what was left out of the copy.
        let metadata = ["metadata", "--offline", "--format-version=1", "--quiet"];
        Said::by(&mut scratch.cargo(&metadata))?.ok()?;
        scratch.git(&["init", "--quiet", "--initial-branch=main"])?;
        scratch.git(&["config", "user.name", "A maintainer"])?;
        scratch.git(&["config", "user.email", "maintainer@example.org"])?;
        scratch.commit("Before any release")?;
        Ok(scratch)
    }

    /// What git knows in the working tree, and what it has not been told of yet.
    fn copy(&self, workspace: &Workspace) -> Result<(), String> {
        let mut git = Command::new("git");
        git.args(["ls-files", "-z", "--cached", "--others"])
            .arg("--exclude-standard")
            .current_dir(&workspace.root);
        let listed = command::run_quietly(&mut git)?;
        for name in listed.split('\0').filter(|name| self.has(name)) {
            let (from, to) = (workspace.root.join(name), self.root.join(name));
            // One that is deleted is listed until that is committed.
            if from.is_file() {
                let parent = to.parent().unwrap_or(&self.root);
                fs::create_dir_all(parent).map_err(said(parent))?;
                fs::copy(&from, &to).map_err(said(&from))?;
            }
        }
        Ok(())
    }

    /// The crates that are released, and the tool that does it. What builds on crates of ours that may be left out is left out.
    fn has(&self, path: &str) -> bool {
        let mut parts = path.split('/');
        match (parts.next(), parts.next()) {
            (Some("crates"), Some(name)) => self.crates.iter().any(|known| known == name),
            (Some("xtask"), Some("browser" | "torture" | "wasm")) => false,
            (Some("examples"), _) => false,
            _ => !path.is_empty(),
        }
    }

    fn wind_back(&self) -> Result<(), String> {
        self.edit("Cargo.toml", |text| {
            let lines = text.lines().filter_map(|line| self.workspace_line(line));
            lines.collect::<Vec<_>>().join("\n") + "\n"
        })?;
        for name in &self.crates {
            self.edit(&format!("crates/{name}/Cargo.toml"), |text| {
                let lines = text.lines().map(|line| match line {
                    "[package]" => format!("[package]\npublish = [\"{}\"]", registry::NAME),
                    line if line.starts_with("version = ") => format!("version = \"{FIRST}\""),
                    line => line.to_owned(),
                });
                lines.collect::<Vec<_>>().join("\n") + "\n"
            })?;
            self.edit(&format!("crates/{name}/CHANGELOG.md"), |_| {
                "# Changelog\n\n## Unreleased\n\n- All that there is.\n".to_owned()
            })?;
        }
        // What the story mends and breaks.
        for name in [LEAF, BASE] {
            self.edit(&format!("crates/{name}/src/lib.rs"), |text| {
                format!("{text}\n{SUBJECT}")
            })?;
            self.edit(&format!("crates/{name}/{}", api::FILE), |text| {
                let crate_ = name.replace('-', "_");
                format!("{text}pub fn {crate_}::proof() -> &'static str\n")
            })?;
        }
        Ok(())
    }

    /// A line of the root's Cargo.toml as the copy has it: requirements of ours name the registry, members left out go.
    fn workspace_line(&self, line: &str) -> Option<String> {
        if line.starts_with("members = ") {
            let kept = ["crates/*", "xtask", "xtask/api", "xtask/registry"];
            let kept = kept.iter().filter(|member| {
                member.ends_with('*') || self.root.join(member).join("Cargo.toml").exists()
            });
            let kept: Vec<String> = kept.map(|member| format!("\"{member}\"")).collect();
            return Some(format!("members = [{}]", kept.join(", ")));
        }
        let name = line.split(' ').next().unwrap_or_default();
        match line.contains("path = \"crates/") {
            true if self.crates.iter().any(|known| known == name) => {
                let rest = line.split("version = \"").nth(1)?.split_once('"')?.1;
                let before = line.split("version = \"").next()?;
                Some(format!(
                    "{before}version = \"{FIRST}\", registry = \"{}\"{rest}",
                    registry::NAME
                ))
            }
            true => None,
            false => Some(line.to_owned()),
        }
    }

    /// The copy as our own steps know it.
    pub(super) fn workspace(&self) -> Workspace {
        Workspace {
            root: self.root.clone(),
            target: self.folder.join("target"),
            packages: Vec::new(),
        }
    }

    /// `cargo xtask` in the copy. It is this program: the copy has the same, and need not be compiled for it.
    pub(super) fn xtask(&self, words: &[&str]) -> Result<Said, String> {
        let program =
            env::current_exe().map_err(|error| format!("who is this program? {error}"))?;
        // The programs that are installed below our target folder are below no other.
        let known = env::var_os("PATH").unwrap_or_default();
        let paths = [self.target.join("tools/bin")].into_iter();
        let paths = env::join_paths(paths.chain(env::split_paths(&known)))
            .map_err(|error| format!("the search path: {error}"))?;
        let mut xtask = Command::new(program);
        xtask.args(words).env("PATH", paths);
        self.settle(&mut xtask)
            .env("CARGO_MANIFEST_DIR", self.root.join("xtask"));
        Said::by(&mut xtask)
    }

    pub(super) fn cargo(&self, words: &[&str]) -> Command {
        let mut cargo = crate::workspace::cargo();
        cargo.args(words);
        self.settle(&mut cargo);
        cargo
    }

    /// Nothing of a maintainer's own settings but where cargo finds crates, and no token but the one of the registry on loopback.
    fn settle<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let name = registry::NAME.to_uppercase();
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            // What is compiled for it is found again, and finds what the other steps have compiled.
            .env("CARGO_BUILD_BUILD_DIR", &self.target)
            // A package has no profile of ours: with the same one it is built with what the other steps have built.
            .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
            .env(format!("CARGO_REGISTRIES_{name}_INDEX"), &self.index)
            .env(format!("CARGO_REGISTRIES_{name}_TOKEN"), registry::TOKEN)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("CARGO_REGISTRY_TOKEN")
            .env_remove("CARGO_REGISTRIES_CRATES_IO_TOKEN")
            .env_remove("CARGO_REGISTRY_DEFAULT")
    }

    /// A program outside of the copy, with what cargo finds there.
    pub(super) fn runs(&self, folder: &Path, words: &[&str]) -> Result<(), String> {
        let mut cargo = self.cargo(words);
        cargo.arg("--quiet").current_dir(folder);
        Said::by(&mut cargo)?.ok().map(drop)
    }

    pub(super) fn git(&self, words: &[&str]) -> Result<String, String> {
        let mut git = Command::new("git");
        git.args(words);
        command::run_quietly(self.settle(&mut git))
    }

    /// Everything that differs.
    pub(super) fn commit(&self, message: &str) -> Result<(), String> {
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "--message", message])
            .map(drop)
    }

    pub(super) fn read(&self, path: &str) -> Result<String, String> {
        let path = self.root.join(path);
        fs::read_to_string(&path).map_err(said(&path))
    }

    pub(super) fn edit(&self, path: &str, by: impl Fn(&str) -> String) -> Result<(), String> {
        let before = self.read(path)?;
        let after = by(&before);
        match before == after {
            true => Err(format!("{path} was to be changed and is the same")),
            false => write(&self.root.join(path), &after),
        }
    }

    /// One more sentence under Unreleased.
    pub(super) fn tell(&self, name: &str, sentence: &str) -> Result<(), String> {
        self.edit(&format!("crates/{name}/CHANGELOG.md"), |text| {
            let (before, after) = text.split_once("## Unreleased\n").unwrap_or((text, ""));
            format!("{before}## Unreleased\n\n- {sentence}\n{after}")
        })
    }

    /// The manifest's version.
    pub(super) fn version(&self, name: &str) -> Result<String, String> {
        let path = format!("crates/{name}/Cargo.toml");
        let manifest: toml::Table = self
            .read(&path)?
            .parse()
            .map_err(|e| format!("{path}: {e}"))?;
        let version = manifest["package"]
            .get("version")
            .and_then(|version| version.as_str());
        version
            .map(str::to_owned)
            .ok_or_else(|| format!("{path} has no version"))
    }

    /// The names of the tags, sorted.
    pub(super) fn tags(&self) -> Result<Vec<String>, String> {
        let listed = self.git(&["tag", "--list"])?;
        let mut tags: Vec<String> = listed.lines().map(str::to_owned).collect();
        tags.sort();
        Ok(tags)
    }
}

impl Scratch {
    /// What failed is left for whoever looks.
    pub(super) fn remove(self) -> Result<(), String> {
        fs::remove_dir_all(&self.folder).map_err(said(&self.folder))
    }
}

pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    let parent = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(parent).map_err(said(parent))?;
    fs::write(path, text).map_err(said(path))
}

pub(super) fn said(path: &Path) -> impl FnOnce(std::io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch() -> Scratch {
        Scratch {
            folder: PathBuf::from("proof"),
            root: PathBuf::from("proof/repository"),
            crates: vec!["a".to_owned(), "a-b".to_owned()],
            target: PathBuf::from("target"),
            index: "sparse+http://127.0.0.1:1/crates/".to_owned(),
        }
    }

    #[test]
    fn the_copy_has_its_crates_and_the_tool_and_nothing_that_needs_more() {
        for (path, is_copied) in [
            ("Cargo.toml", true),
            ("crates/a/src/lib.rs", true),
            ("crates/b/src/lib.rs", false),
            ("xtask/src/main.rs", true),
            ("xtask/torture/Cargo.toml", false),
            ("examples/demo/Cargo.toml", false),
        ] {
            assert_eq!(scratch().has(path), is_copied, "{path}");
        }
    }

    #[test]
    fn what_crates_ask_of_each_other_they_ask_of_the_registry_in_the_first_version() {
        let line = |line: &str| scratch().workspace_line(line);
        assert_eq!(
            line(r#"a-b = { version = "0.4.2", path = "crates/a-b", default-features = false }"#),
            Some(
                r#"a-b = { version = "0.1.0", registry = "loopback", path = "crates/a-b", default-features = false }"#
                    .to_owned()
            )
        );
        assert_eq!(
            line(r#"b = { version = "0.4.2", path = "crates/b" }"#),
            None
        );
        let other = r#"url = "2.5.4""#;
        assert_eq!(line(other).as_deref(), Some(other));
    }
}
