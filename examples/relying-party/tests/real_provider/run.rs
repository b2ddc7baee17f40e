//! One run of the program, and what it said.

use std::process::Command;

use serde_json::Value;

use crate::provider::PROVIDER;

/// What the program said, step by step, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) steps: Vec<Value>,
    pub(crate) status: Option<i32>,
    said: String,
}

/// The arguments of a client with a secret, which the provider knows, and more.
pub(crate) fn as_client<'a>(id: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["--client-id", id, "--client-secret-file", secret_file(id)];
    arguments.extend(["--redirect-uri", "https://client.example/callback"]);
    arguments.extend(more);
    arguments
}

/// A client's secret is its id with `-secret` behind it.
fn secret_file(id: &str) -> &'static str {
    let secret = PROVIDER.write(&format!("{id}.secret"), &format!("{id}-secret\n"));
    secret.leak()
}

impl Run {
    /// Runs it headless as alice, at the provider, with these arguments too.
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let mut all = arguments.to_vec();
        if !arguments.contains(&"--issuer") {
            all.extend(["--issuer", PROVIDER.issuer.as_str()]);
        }
        Self::bare(&all)
    }

    /// The same without saying which provider.
    pub(crate) fn bare(arguments: &[&str]) -> Self {
        let password = PROVIDER.write("password", "wonderland\n");
        let output = Command::new(env!("CARGO_BIN_EXE_relying-party"))
            .args(["--ca", &PROVIDER.file("ca.pem"), "--headless", "--json"])
            .args(["--user", "alice", "--password-file", &password])
            .args(["--wait", "10"])
            .args(arguments)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let steps = text.lines().map(|line| serde_json::from_str(line).unwrap());
        Self {
            steps: steps.collect(),
            status: output.status.code(),
            said: text + &String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The last word on a step, which went well.
    pub(crate) fn ok(&self, step: &str) -> &Value {
        let found = self.steps.iter().rfind(|told| told["step"] == step);
        let found = found.unwrap_or_else(|| panic!("no step `{step}`:\n{}", self.said));
        assert_eq!(found["outcome"], "ok", "{}", self.said);
        found
    }

    /// The whole run went well.
    #[track_caller]
    pub(crate) fn completed(self) -> Self {
        assert_eq!(self.status, Some(0), "{}", self.said);
        self
    }

    /// It ended with this status and this error.
    #[track_caller]
    pub(crate) fn ended(&self, status: i32, error: &str) {
        assert_eq!(self.status, Some(status), "{}", self.said);
        assert!(
            self.steps.iter().any(|told| told["error"] == error),
            "{}",
            self.said
        );
    }

    /// How often a step was told.
    pub(crate) fn count(&self, step: &str) -> usize {
        self.steps
            .iter()
            .filter(|told| told["step"] == step)
            .count()
    }
}
