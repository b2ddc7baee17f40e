//! A chromedriver on a free loopback port. The browsers that it starts end with it.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{Folder, Process};
use crate::tools;
use crate::workspace::Workspace;

/// A chromedriver that runs. It and its folder go when this is dropped.
#[derive(Debug)]
pub(crate) struct Chromedriver {
    // Before the folder, so that it is dropped before.
    process: Process,
    _folder: Folder,
    port: u16,
}

impl Chromedriver {
    /// Starts one and waits until it is ready.
    pub(crate) fn start(workspace: &Workspace) -> Result<Chromedriver, String> {
        tools::chromium()?;
        let folder = Folder::make(&workspace.target, "chromedriver")?;
        let mut command = Command::new("chromedriver");
        // What browsers leave behind when they are killed goes with the folder.
        command
            .arg("--port=0")
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null());
        let log = folder.path().join("log");
        let mut process = Process::start("chromedriver", &mut command, log)?;
        let port = process.until_ready(port)?;
        Ok(Chromedriver {
            process,
            _folder: folder,
            port,
        })
    }

    /// `http://127.0.0.1:<port>`.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(crate) fn log_tail(&self) -> String {
        self.process.log_tail()
    }
}

/// The port that it has taken, once it says so.
fn port(log: &Path) -> Option<u16> {
    said(&std::fs::read_to_string(log).ok()?)
}

fn said(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once("started successfully on port ")?;
    let (port, _) = rest.split_once('.')?;
    port.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_known_when_the_line_is_whole() {
        for (log, port) in [
            ("Starting ChromeDriver 156.0.1 on port 0\n", None),
            ("ChromeDriver was started successfully on port 357", None),
            (
                "ChromeDriver was started successfully on port 35777.\n",
                Some(35777),
            ),
        ] {
            assert_eq!(said(log), port, "{log}");
        }
    }
}
