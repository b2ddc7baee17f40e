//! The real rustdoc, called as cargo has called us or with other features and another end.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The program that is called in our place, where it is not the toolchain's.
const PROGRAM: &str = "HALLPASS_API_RUSTDOC";

/// What cargo has asked for.
#[derive(Debug)]
pub(crate) struct Rustdoc {
    arguments: Vec<String>,
}

impl Rustdoc {
    pub(crate) fn called_with(arguments: Vec<String>) -> Self {
        // A word for cargo alone: with another one it takes what it has for stale.
        let is_ours = |word: &String| word.starts_with("--cfg=hallpass_api=");
        Self {
            arguments: arguments
                .into_iter()
                .filter(|word| !is_ours(word))
                .collect(),
        }
    }

    /// Whether a crate is to be documented, rather than a question about rustdoc itself to be answered.
    pub(crate) fn documents(&self) -> bool {
        self.arguments.iter().any(|word| word == "--crate-name")
    }

    /// Passes on what was asked.
    pub(crate) fn run_as_it_is(&self) -> Result<(), String> {
        let mut rustdoc = program();
        run(rustdoc.args(&self.arguments))
    }

    /// Documents the crate as JSON, with just these of its features.
    pub(crate) fn write_json(&self, features: &[String], file: &Path) -> Result<(), String> {
        let folder = file.with_extension("rustdoc");
        let mut rustdoc = program();
        rustdoc
            .args(without_features_and_output(&self.arguments))
            .args(features.iter().flat_map(|name| cfg(name)))
            .args(["--cap-lints", "allow"])
            .args(["-Z", "unstable-options", "--output-format", "json"])
            .arg("--out-dir")
            .arg(&folder)
            .env("RUSTC_BOOTSTRAP", "1");
        run(&mut rustdoc)?;
        let said = |error| format!("{}: {error}", folder.display());
        let written = fs::read_dir(&folder).map_err(said)?;
        let written = written.filter_map(Result::ok).map(|entry| entry.path());
        let json = written
            .into_iter()
            .find(|path| path.extension().is_some_and(|end| end == "json"))
            .ok_or_else(|| format!("{}: rustdoc has written no JSON", folder.display()))?;
        fs::rename(&json, file).map_err(said)?;
        fs::remove_dir_all(&folder).map_err(said)
    }

    /// The page that cargo looks for: without it there is nothing that could be up to date.
    pub(crate) fn leave_mark(&self) -> Result<(), String> {
        let (Some(folder), Some(name)) = (self.value("-o"), self.value("--crate-name")) else {
            return Ok(());
        };
        let folder = Path::new(folder).join(name);
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(folder.join("index.html"), "see the listing"))
            .map_err(|error| format!("{}: {error}", folder.display()))
    }

    /// The word after that one.
    fn value(&self, name: &str) -> Option<&str> {
        let place = self.arguments.iter().position(|word| word == name)?;
        self.arguments.get(place + 1).map(String::as_str)
    }
}

/// What it says of itself on its first line.
pub(crate) fn version() -> String {
    let output = program().arg("--version").output().ok();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.as_deref().unwrap_or("rustdoc").trim().to_owned()
}

fn program() -> Command {
    Command::new(env::var_os(PROGRAM).unwrap_or_else(|| "rustdoc".into()))
}

fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status();
    let status = status.map_err(|error| format!("rustdoc could not be started: {error}"))?;
    match status.success() {
        true => Ok(()),
        false => Err(format!("rustdoc failed ({status})")),
    }
}

fn cfg(feature: &str) -> [String; 2] {
    ["--cfg".to_owned(), format!("feature=\"{feature}\"")]
}

/// Without `--cfg 'feature="…"'` and `-o …`: each is a word and its value.
fn without_features_and_output(arguments: &[String]) -> Vec<&str> {
    let mut kept = Vec::new();
    let mut words = arguments.iter().map(String::as_str).peekable();
    while let Some(word) = words.next() {
        let is_feature = |value: &&str| value.starts_with("feature=");
        let drops_value = match word {
            "-o" | "--out-dir" => true,
            "--cfg" => words.peek().is_some_and(is_feature),
            _ => false,
        };
        match drops_value {
            true => drop(words.next()),
            false => kept.push(word),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_crates_features_and_the_folder_of_the_pages_go_and_all_else_stays() {
        let called = "--crate-type lib --crate-name a src/lib.rs -o doc --cfg feature=\"url\" --cfg other --check-cfg \
                      cfg(feature,values(\"url\")) --extern b=libb.rmeta";
        assert_eq!(
            without_features_and_output(&words(called)).join(" "),
            "--crate-type lib --crate-name a src/lib.rs --cfg other --check-cfg cfg(feature,values(\"url\")) --extern b=libb.rmeta"
        );
    }

    #[test]
    fn a_question_about_rustdoc_itself_documents_nothing() {
        assert!(!Rustdoc::called_with(words("-vV")).documents());
        assert!(Rustdoc::called_with(words("--crate-name a")).documents());
    }

    #[test]
    fn the_word_for_cargo_is_not_passed_on() {
        let rustdoc = Rustdoc::called_with(words("--cfg=hallpass_api=\"7\" --crate-name a"));
        assert_eq!(rustdoc.arguments, ["--crate-name", "a"]);
    }
}
