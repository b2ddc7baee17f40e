//! The facade, the program at a terminal and the relying party against a real provider: `xtask/provider/server.mjs`, installed from npm as its
//! lock file says, started on a free port, and stopped by its own process id. The relying party's tests start one more, with
//! certificates of theirs, which ends with them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::command;
use crate::services::Process;
use crate::tools;
use crate::workspace::Workspace;

/// Chosen from the whole workspace, so that what the step `tests` has compiled is not compiled with other features again.
const TESTS: &[&str] = &[
    "test",
    "--workspace",
    "--features",
    "hallpass/real-provider,hallpass-cli/real-provider,relying-party/real-provider",
    "--test",
    "real_provider",
];

pub(super) fn check(workspace: &Workspace) -> Result<(), String> {
    let node = tools::node(workspace)?;
    let folder = tools::npm_ci(workspace, "xtask/provider", &["server.mjs", "clients.mjs"])?;
    // Compiled first, so that the server is there only for the tests.
    command::run(workspace.cargo(TESTS).arg("--no-run"))?;
    let server = Server::start(&node, &folder)?;
    println!("  the provider is {}", server.issuer);
    let mut tests = workspace.cargo(TESTS);
    tests
        // They wait more than they work.
        .env("RUST_TEST_THREADS", "4")
        .env("HALLPASS_NODE", &node)
        .env("HALLPASS_PROVIDER_FOLDER", &folder)
        .env("HALLPASS_PROVIDER", &server.issuer)
        .env("HALLPASS_PROVIDER_KEY", &server.key)
        .env("HALLPASS_PROVIDER_LOG", &server.log);
    command::run(&mut tests).map_err(|error| format!("{error}\n{}", server.process.log_tail()))
}

/// A provider that runs. It is stopped when this is dropped.
struct Server {
    process: Process,
    issuer: String,
    key: PathBuf,
    log: PathBuf,
}

impl Server {
    /// Starts it and waits until it is ready.
    fn start(node: &Path, folder: &Path) -> Result<Server, String> {
        let (key, log) = (folder.join("client-key.pem"), folder.join("server.log"));
        // What an earlier one said would be taken for this one's.
        fs::write(&log, "").map_err(|error| format!("{}: {error}", log.display()))?;
        let mut command = Command::new(node);
        // It ends with its standard input.
        command
            .args(["server.mjs", "--key"])
            .arg(&key)
            .current_dir(folder)
            .stdin(Stdio::piped());
        let mut process = Process::start("the provider", &mut command, log.clone())?;
        let issuer = process.until_ready(|log| {
            let said = fs::read_to_string(log).ok()?;
            // A whole line: the rest of one may still be on its way.
            let mut lines = said.split_inclusive('\n');
            let issuer = lines.find_map(|line| line.strip_prefix("ready ")?.strip_suffix('\n'))?;
            Some(issuer.to_owned())
        })?;
        Ok(Server {
            process,
            issuer,
            key,
            log,
        })
    }
}
