//! The crates that need no operating system, and the browser's fetch as a transport, on `wasm32-unknown-unknown`: `xtask/wasm` is
//! compiled for it and run in Node.js, against a hallpass-testkit and a server that misbehaves; and a page in Chromium logs in with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::command;
use crate::services::{Folder, Process};
use crate::tools;
use crate::workspace::Workspace;

mod toolchain;

use toolchain::Toolchain;

/// What says with which features a program is compiled: those of the step `tests`, so that nothing is compiled twice.
const TESTKIT: &[&str] = &[
    "test",
    "--quiet",
    "--workspace",
    "--no-run",
    "--test",
    "serve",
];
const GLUE: &[&str] = &[
    "build",
    "--quiet",
    "--package=wasm",
    "--features=glue",
    "--bin=glue",
];
const TESTS: &[&str] = &[
    "build",
    "--locked",
    "--package=wasm",
    "--features=node",
    "--test=node",
    "--target=wasm32-unknown-unknown",
    "--message-format=json-render-diagnostics",
];

pub(super) fn check(workspace: &Workspace) -> Result<(), String> {
    let (node, browser) = (tools::node(workspace)?, tools::chromium()?);
    // The one downloads and unpacks, the other compiles.
    let mut glue = workspace.cargo(GLUE);
    let mut compiling = glue
        .spawn()
        .map_err(|error| format!("{} could not be started: {error}", command::shown(&glue)))?;
    let toolchain = timed("a compiler for it", || Toolchain::find(workspace));
    let compiled = compiling.wait().is_ok_and(|status| status.success());
    if !compiled {
        return Err(format!("{} failed", command::shown(&glue)));
    }
    let toolchain = toolchain?;
    println!("  compiling with {}", toolchain.name());
    let program = timed("compiled", || compile(&toolchain, workspace))?;
    let folder = Folder::make(&workspace.target, "wasm")?;
    let glue = workspace.target.join("debug/glue");
    timed("the JavaScript around it", || {
        command::run(Command::new(glue).args([&program, folder.path()]))
    })?;
    command::run(&mut workspace.cargo(TESTKIT))?;
    let testkit = Testkit::start(workspace, folder.path())?;
    let harness = workspace.root.join("xtask/wasm/tests/node/run.mjs");
    let mut run = Command::new(node);
    run.arg(harness)
        .arg(folder.path())
        .arg(&testkit.url)
        .arg(browser);
    timed("run", || command::run(&mut run))
        .map_err(|error| format!("{error}\n{}", testkit.process.log_tail()))
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    println!("  {what}: {}", super::seconds(begun.elapsed()));
    done
}

/// Compiles the tests, and gives the program's path.
fn compile(toolchain: &Toolchain, workspace: &Workspace) -> Result<PathBuf, String> {
    let mut cargo = toolchain.cargo(workspace);
    cargo.args(TESTS).args(toolchain.arguments());
    let output = cargo
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{} could not be started: {error}", command::shown(&cargo)))?;
    if !output.status.success() {
        return Err(format!("{} failed", command::shown(&cargo)));
    }
    program(&String::from_utf8_lossy(&output.stdout))
        .ok_or_else(|| format!("{} made no program", command::shown(&cargo)))
}

/// What cargo's messages name as executable.
fn program(messages: &str) -> Option<PathBuf> {
    let read = |line: &str| serde_json::from_str::<Value>(line).ok();
    let executable = |message: Value| message["executable"].as_str().map(PathBuf::from);
    messages.lines().filter_map(read).find_map(executable)
}

/// The authorization server. It is stopped when this is dropped.
struct Testkit {
    process: Process,
    url: String,
}

impl Testkit {
    fn start(workspace: &Workspace, folder: &Path) -> Result<Testkit, String> {
        let mut command = Command::new(workspace.target.join("debug/hallpass-testkit"));
        // Whoever comes is alice, and allows.
        command
            .args(["serve", "--port=0", "--allow-at-once=alice"])
            .stdin(Stdio::null());
        let log = folder.join("testkit.log");
        let mut process = Process::start("hallpass-testkit", &mut command, log)?;
        let url = process.until_ready(|log| address(&fs::read_to_string(log).ok()?))?;
        Ok(Testkit { process, url })
    }
}

/// The first line is its address, once it is whole.
fn address(log: &str) -> Option<String> {
    let (url, _) = log.split_once("/\n")?;
    Some(url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_the_one_that_cargo_names() {
        let messages = "{\"reason\":\"compiler-artifact\",\"executable\":null}\nno json\n\
                        {\"reason\":\"compiler-artifact\",\"executable\":\"/t/node-1.wasm\"}\n";
        assert_eq!(program(messages), Some(PathBuf::from("/t/node-1.wasm")));
        assert_eq!(program("{\"executable\":null}"), None);
    }

    #[test]
    fn an_address_is_read_once_its_line_is_whole() {
        let whole = "http://127.0.0.1:4711/\nGET /";
        assert_eq!(address(whole).as_deref(), Some("http://127.0.0.1:4711"));
        assert_eq!(address("http://127.0.0.1:4711/"), None);
    }
}
