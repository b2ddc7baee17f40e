//! One run of the program, as the client `openid` of the test kit.

use std::process::Command;

use hallpass_testkit::TestServer;
use serde_json::Value;

/// What the program said, step by step, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) steps: Vec<Value>,
    status: i32,
    pub(crate) said: String,
}

impl Run {
    /// Runs it, and waits until it has ended.
    pub(crate) fn new(server: &TestServer, arguments: &[&str]) -> Self {
        let output = Self::command(server, arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let steps = text.lines().map(|line| serde_json::from_str(line).unwrap());
        Self {
            steps: steps.collect(),
            status: output.status.code().unwrap(),
            said: text + &String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The status, and the error if there is one.
    pub(crate) fn end(&self) -> (i32, Option<&str>) {
        let error = self.steps.iter().find_map(|told| told["error"].as_str());
        (self.status, error)
    }

    /// The program, at this provider.
    pub(crate) fn command(server: &TestServer, arguments: &[&str]) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_relying-party"));
        program.args(["--json", "--wait", "5", "--issuer", &server.issuer()]);
        if !arguments.contains(&"--register") {
            let secret = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/modules/secret");
            program.args(["--client-id", "openid", "--client-secret-file", secret]);
        }
        if !arguments.contains(&"--redirect-uri") && !arguments.contains(&"--listen") {
            program.args(["--redirect-uri", "https://app.example/callback"]);
        }
        program.args(arguments);
        program
    }

    /// Whether a step was told, and went well.
    pub(crate) fn is_ok(&self, step: &str) -> bool {
        let told = self.steps.iter().rfind(|told| told["step"] == step);
        told.is_some_and(|told| told["outcome"] == "ok")
    }
}
