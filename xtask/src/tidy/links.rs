//! A relative link in a Markdown file leads to a file that exists.

use super::{Complaint, House};

pub(super) fn check(house: &House) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (path, text) in house.files.iter().filter(|(path, _)| path.ends_with(".md")) {
        for (line, target) in links(text) {
            if is_relative(target) && !leads_somewhere(house, path, target) {
                let says =
                    format!("the link to `{target}` leads nowhere: correct it, or write the file");
                complaints.push(Complaint::new(format!("{path}:{line}"), says));
            }
        }
    }
    complaints
}

/// Each `[text](target)` and `[name]: target` outside of code, with its line.
pub(crate) fn links(text: &str) -> Vec<(usize, &str)> {
    let (mut links, mut fenced) = (Vec::new(), false);
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let found = line
            .match_indices("](")
            .filter(|(at, _)| !in_code(line, *at));
        let inline = found.filter_map(|(at, _)| line[at + 2..].split([')', ' ']).next());
        let defined = line
            .strip_prefix('[')
            .and_then(|rest| rest.split_once("]:"));
        let defined = defined.and_then(|(_, target)| target.split_whitespace().next());
        links.extend(inline.chain(defined).map(|target| (number + 1, target)));
    }
    links
}

fn in_code(line: &str, at: usize) -> bool {
    // A link's own text may be code, which is closed before the link's target.
    line[..at].matches('`').count() % 2 == 1
}

/// Neither a URL, nor an anchor of the same page, nor a path of Rust items for rustdoc.
fn is_relative(target: &str) -> bool {
    let scheme = ["http:", "https:", "mailto:"]
        .iter()
        .any(|scheme| target.starts_with(scheme));
    let rust = target.contains("::")
        || target
            .chars()
            .all(|c| c.is_alphanumeric() || "_!@".contains(c));
    !(scheme || rust || target.is_empty() || target.starts_with('#'))
}

fn leads_somewhere(house: &House, from: &str, target: &str) -> bool {
    let target = target.split('#').next().unwrap_or_default();
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return false;
                }
            }
            name => parts.push(name),
        }
    }
    let path = parts.join("/");
    house.files.contains_key(&path) || house.files.keys().any(|known| super::is_in(known, &path))
}

#[cfg(test)]
mod tests {
    use super::super::house;
    use super::*;

    fn complaints(text: &str) -> Vec<String> {
        let files = [
            ("README.md", ""),
            ("crates/a/README.md", text),
            ("crates/a/src/lib.rs", ""),
        ];
        let found = check(&house(Vec::new(), &files));
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn links_that_lead_somewhere_or_are_not_ours_are_fine() {
        let text = "[a](../../README.md#head) [b](src/lib.rs \"title\") [c](src/) [d](https://x.test/y.md) [e](#here)\n\
                    [`F`](crate::f::F) [g](G) [m](m!) `[no](gone.md)`\n```\n[no](gone.md)\n```\n[h]: ../../README.md\n[i]: crate::I\n";
        assert_eq!(complaints(text), [""; 0]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_told_with_its_line() {
        for text in [
            "\n[x](gone.md)",
            "\n[x](LICENSE-MIT)",
            "\n[x]: gone.md",
            "\n[`x`](src/gone.rs)",
            "\n[x](../../../README.md)",
        ] {
            let found = complaints(text);
            assert!(
                found.len() == 1 && found[0].starts_with("crates/a/README.md:2: the link to"),
                "{text}: {found:?}"
            );
        }
    }
}
