//! `cargo xtask browser`: the tests of the package `xtask/browser`, with a chromedriver beside them.

use std::env;

use crate::command;
use crate::services::chromedriver::Chromedriver;
use crate::workspace::Workspace;

/// Where the tests find their driver.
const DRIVER: &str = "HALLPASS_CHROMEDRIVER";
/// Where they put pictures of the pages.
const PICTURES: &str = "HALLPASS_SCREENSHOTS";
/// Chosen from the whole workspace, so that what the step `tests` has compiled is not compiled with other features again.
const TESTS: &[&str] = &[
    "test",
    "--workspace",
    "--features",
    "browser/real-browser",
    "--test",
    "real_browser",
];

/// `--screenshots FOLDER` for pictures; what else there is names the tests to run.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let (pictures, names) = match arguments {
        ["--screenshots", folder, names @ ..] => (Some(*folder), names),
        ["--screenshots"] => return Err("--screenshots wants a folder".to_owned()),
        names => (None, names),
    };
    tests(&Workspace::load()?, pictures, names)
}

/// All of them, as a step of `test`.
pub(crate) fn check(workspace: &Workspace) -> Result<(), String> {
    tests(workspace, None, &[])
}

fn tests(workspace: &Workspace, pictures: Option<&str>, names: &[&str]) -> Result<(), String> {
    // Compiled first, so that the driver is there only for the tests.
    command::run(workspace.cargo(TESTS).arg("--no-run"))?;
    let driver = Chromedriver::start(workspace)?;
    println!(
        "  chromedriver is process {} at {}",
        driver.id(),
        driver.url()
    );
    let mut tests = workspace.cargo(TESTS);
    tests.arg("--").args(names).env(DRIVER, driver.url());
    if let Some(folder) = pictures {
        let here = env::current_dir().map_err(|error| format!("no current folder: {error}"))?;
        tests.env(PICTURES, here.join(folder));
    }
    command::run(&mut tests).map_err(|error| format!("{error}\n{}", driver.log_tail()))
}
