//! The name the program was called by: others look for a helper by its name.

use std::ffi::OsString;
use std::path::Path;

/// Names that others call, and what is meant.
const NAMES: &[(&str, &str)] = &[
    ("docker-credential-hallpass", "docker"),
    ("git-credential-hallpass", "git"),
];

/// The command line, with what the name says in it: a link `docker-credential-hallpass` to this program is
/// `hallpass credential docker`.
pub(crate) fn arguments(given: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = given.into_iter().collect();
    let name = arguments
        .first()
        .and_then(|path| Path::new(path).file_stem()?.to_str());
    let meant = NAMES.iter().find(|(known, _)| name == Some(known));
    if let Some((_, who)) = meant {
        arguments.splice(1..1, ["credential", who].map(OsString::from));
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[&str]) -> String {
        let given = given.iter().map(OsString::from);
        let read: Vec<_> = arguments(given)
            .into_iter()
            .map(|word| word.into_string().unwrap())
            .collect();
        read.join(" ")
    }

    #[test]
    fn a_link_for_docker_or_git_is_a_command() {
        assert_eq!(
            read(&["/usr/bin/docker-credential-hallpass", "get"]),
            "/usr/bin/docker-credential-hallpass credential docker get"
        );
        assert_eq!(
            read(&["git-credential-hallpass.exe", "erase"]),
            "git-credential-hallpass.exe credential git erase"
        );
        assert_eq!(read(&["hallpass", "token"]), "hallpass token");
        assert_eq!(read(&[]), "");
    }
}
