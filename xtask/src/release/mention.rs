//! `hallpass = "0.1"` in a README: what a reader copies has to be the version that there is.

use semver::Version;

use super::plan::Bump;

/// The text with the versions that it tells its reader to ask for.
pub(super) fn renewed(text: &str, bumps: &[Bump]) -> String {
    let mut text = text.to_owned();
    for Bump { name, from, to, .. } in bumps {
        for written in ["", "{ version = "] {
            let line = |version: &Version| format!("{name} = {written}\"{}\"", short(version));
            text = replaced(&text, &line(from), &line(to));
        }
    }
    text
}

/// As one asks for it: `0.1`, and `1` from 1.0.0 on.
fn short(version: &Version) -> String {
    match version.major {
        0 => format!("0.{}", version.minor),
        major => major.to_string(),
    }
}

/// Where it is not the end of a longer name.
fn replaced(text: &str, old: &str, new: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(old) {
        let (before, after) = rest.split_at(at);
        let longer = before.ends_with(|last: char| last.is_alphanumeric() || "-_".contains(last));
        result.push_str(before);
        result.push_str(if longer { old } else { new });
        rest = after.strip_prefix(old).unwrap_or_default();
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_told_of_the_version_that_there_is() {
        let bump = |name: &str, from: &str, to: &str| Bump {
            name: name.to_owned(),
            from: Version::parse(from).unwrap(),
            to: Version::parse(to).unwrap(),
            why: String::new(),
            says: Vec::new(),
        };
        let bumps = [
            bump("a", "0.1.3", "0.2.0"),
            bump("b", "0.1.0", "1.0.0"),
            bump("c", "0.1.0", "0.1.1"),
        ];
        let text = "a = \"0.1\"\nb = { version = \"0.1\", features = [\"x\"] }\nc = \"0.1\"\nmy-a = \"0.1\"\nurl = \"0.1\"\n";
        assert_eq!(
            renewed(text, &bumps),
            "a = \"0.2\"\nb = { version = \"1\", features = [\"x\"] }\nc = \"0.1\"\nmy-a = \"0.1\"\nurl = \"0.1\"\n"
        );
    }
}
