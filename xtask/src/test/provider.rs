//! The facade against a real provider: `xtask/provider/server.mjs`, installed from npm as its lock file says, started
//! on a free port, and stopped by its own process id.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::command;
use crate::tools;
use crate::workspace::Workspace;

const PATIENCE: Duration = Duration::from_secs(60);
const TEST: &[&str] = &[
    "test",
    "--package",
    "hallpass",
    "--features",
    "real-provider",
    "--test",
    "real_provider",
];

pub(super) fn check(workspace: &Workspace) -> Result<(), String> {
    let node = tools::node(workspace)?;
    let folder = tools::npm_ci(workspace, "xtask/provider", &["server.mjs", "clients.mjs"])?;
    // Compiled first, so that the server is there only for the tests.
    command::run(workspace.cargo(TEST).arg("--no-run"))?;
    let server = Server::start(&node, &folder)?;
    println!("  the provider is {}", server.issuer);
    let mut tests = workspace.cargo(TEST);
    tests
        .env("HALLPASS_PROVIDER", &server.issuer)
        .env("HALLPASS_PROVIDER_KEY", &server.key);
    command::run(&mut tests).map_err(|error| format!("{error}\n{}", server.log_tail()))
}

/// A provider that runs. It is stopped when this is dropped, and by itself should this process die.
struct Server {
    process: Child,
    issuer: String,
    key: PathBuf,
    log: PathBuf,
}

impl Server {
    /// Starts it and waits until it is ready.
    fn start(node: &Path, folder: &Path) -> Result<Server, String> {
        let (key, log) = (folder.join("client-key.pem"), folder.join("server.log"));
        let errors = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        // It ends with its standard input, which is ours to hold.
        let mut process = Command::new(node)
            .args(["server.mjs", "--key"])
            .arg(&key)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .map_err(|error| format!("{} could not be started: {error}", node.display()))?;
        let output = process.stdout.take();
        let mut server = Server {
            process,
            issuer: String::new(),
            key,
            log,
        };
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let lines = output
                .map(BufReader::new)
                .into_iter()
                .flat_map(BufRead::lines);
            for line in lines.map_while(Result::ok) {
                if let Some(issuer) = line.strip_prefix("ready ") {
                    let _ = tell.send(issuer.to_owned());
                }
            }
        });
        match told.recv_timeout(PATIENCE) {
            Ok(issuer) => {
                server.issuer = issuer;
                Ok(server)
            }
            Err(_) => Err(format!(
                "the provider did not become ready\n{}",
                server.log_tail()
            )),
        }
    }

    /// The last of what it said.
    fn log_tail(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(30)..].join("\n");
        format!(
            "the provider's last words ({}):\n{tail}",
            self.log.display()
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Only fails when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
