//! Where the person sits, as far as this machine can tell.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal};

use hallpass::ServerMetadata;

use super::lines;
use crate::error::Failure;
use crate::output::Output;
use crate::runtime;

/// Where the person sits, as far as this machine can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Here.
    Here,
    /// Elsewhere: this is a machine they have logged in to.
    Ssh,
    /// Here, and there is no screen that a browser could be on.
    NoDisplay,
}

impl Place {
    pub(super) fn here() -> Self {
        Self::of(|name| env::var_os(name))
    }

    fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let has_screens = cfg!(any(target_os = "macos", windows));
        match () {
            // Somebody has said which browser, and knows where it is.
            () if is_set("BROWSER") => Self::Here,
            () if ["SSH_CONNECTION", "SSH_TTY"].into_iter().any(is_set) => Self::Ssh,
            () if has_screens || ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(is_set) => {
                Self::Here
            }
            () => Self::NoDisplay,
        }
    }

    /// Whether a browser can be opened here.
    pub(super) fn has_browser(self) -> bool {
        self == Self::Here
    }

    /// Whether the login is to go on on another device: proposed where there is no browser here, and the server can do it.
    pub(super) fn proposes_device(
        self,
        output: Output,
        server: &ServerMetadata,
    ) -> Result<bool, Failure> {
        let why = match self {
            Self::Here => return Ok(false),
            Self::Ssh => {
                "You are logged in to this machine from another (SSH), so no browser is opened here."
            }
            Self::NoDisplay => "This machine has no display, so no browser is opened.",
        };
        output.say(why);
        if server.device_authorization_endpoint.is_none() {
            return Ok(false);
        }
        if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            output.say("With --device you log in on any device, with a code.");
            return Ok(false);
        }
        loop {
            output.ask("Log in on another device, with a code? [Y/n]");
            let answer = runtime::wait(async { Ok(lines::one().await.unwrap_or_default()) });
            if answer.is_err() {
                // The question's line has no end yet.
                output.say("");
            }
            match answer?.trim().to_ascii_lowercase().as_str() {
                "" | "y" | "yes" => return Ok(true),
                "n" | "no" => return Ok(false),
                _ => output.say("That is neither yes nor no."),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &[(&str, &str)]) -> Place {
        let find = |name: &str| set.iter().find(|(own, _)| *own == name);
        Place::of(|name| find(name).map(|(_, value)| OsString::from(value)))
    }

    #[test]
    fn whoever_comes_over_ssh_has_no_browser_here_unless_they_name_one() {
        assert_eq!(
            of(&[("SSH_CONNECTION", "1 2 3 4"), ("DISPLAY", ":10")]),
            Place::Ssh
        );
        assert_eq!(of(&[("SSH_TTY", "/dev/pts/1")]), Place::Ssh);
        assert_eq!(
            of(&[("SSH_TTY", "/dev/pts/1"), ("BROWSER", "code")]),
            Place::Here
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_a_display_there_is_no_browser() {
        assert_eq!(of(&[("DISPLAY", ""), ("BROWSER", "")]), Place::NoDisplay);
        assert_eq!(of(&[("WAYLAND_DISPLAY", "wayland-0")]), Place::Here);
        assert_eq!(of(&[("DISPLAY", ":0")]), Place::Here);
    }
}
