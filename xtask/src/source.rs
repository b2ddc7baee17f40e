//! Rust source read as text: close enough to the language for the rules of `tidy`, and without a parser to compile.

use std::ops::Range;

/// One Rust file with the insides of its comments and literals blanked, so that what is found in it is code.
#[derive(Debug)]
pub(crate) struct Source {
    code: String,
}

/// A function as it is declared.
#[derive(Debug)]
pub(crate) struct Function<'a> {
    pub(crate) name: &'a str,
    /// What stands in `#[…]` before it, without white space.
    pub(crate) attributes: Vec<String>,
}

impl Source {
    /// Reads a file's text. Every byte keeps its place.
    pub(crate) fn new(text: &str) -> Source {
        Source {
            code: blanked(text),
        }
    }

    /// The code alone.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// The same without the items under `#[cfg(test)]`; lines keep their numbers.
    pub(crate) fn without_tests(&self) -> Source {
        let mut code = self.code.clone().into_bytes();
        for range in self.test_items() {
            blank(&mut code[range]);
        }
        Source { code: text(code) }
    }

    /// Only the items under `#[cfg(test)]`; lines keep their numbers.
    pub(crate) fn only_tests(&self) -> Source {
        let mut code = self.code.clone().into_bytes();
        let mut from = 0;
        for range in self.test_items() {
            blank(&mut code[from..range.start]);
            from = range.end;
        }
        blank(&mut code[from..]);
        Source { code: text(code) }
    }

    /// The names of the modules that are declared `#[cfg(test)] mod name;`, each in a file of its own.
    pub(crate) fn test_modules(&self) -> Vec<&str> {
        let items = self.test_items().into_iter().map(|range| &self.code[range]);
        let modules = items.filter_map(|item| {
            let declared = item.strip_suffix(';')?.trim_end();
            let (before, name) = declared.rsplit_once(char::is_whitespace)?;
            before.trim_end().ends_with("mod").then_some(name)
        });
        modules.collect()
    }

    /// Every named function, those inside of macros too.
    pub(crate) fn functions(&self) -> Vec<Function<'_>> {
        let code = self.code.as_str();
        let (mut functions, mut attributes, mut at) = (Vec::new(), Vec::new(), 0);
        while at < code.len() {
            let rest = &code[at..];
            if let Some(end) = attribute_end(rest) {
                let attribute = squeezed(&rest[..end]);
                let inside = attribute.trim_start_matches("#[");
                attributes.push(inside.strip_suffix(']').unwrap_or(inside).to_owned());
                at += end;
            } else if let Some(word) = leading_word(rest) {
                at += word.len();
                if word != "fn" {
                    continue;
                }
                if let Some(name) = leading_word(code[at..].trim_start()) {
                    let attributes = std::mem::take(&mut attributes);
                    functions.push(Function { name, attributes });
                }
            } else {
                if rest.starts_with([';', '{', '}']) {
                    attributes.clear();
                }
                at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        functions
    }

    /// Where `path` stands as whole words, each by its line. `use std::{net, io}` counts as `std::net` and `std::io`.
    pub(crate) fn lines_with(&self, path: &str) -> Vec<usize> {
        let mut found: Vec<usize> = whole(&self.code, path).collect();
        if let Some((root, module)) = path.split_once("::") {
            for open in whole(&self.code, &format!("{root}::{{")) {
                let group = open + root.len() + 2;
                let end = group + balanced(&self.code[group..]);
                let inside = &self.code[group..end];
                found.extend(
                    first_level(inside)
                        .filter(|item| whole(item, module).next() == Some(0))
                        .map(|_| open),
                );
            }
        }
        let mut lines: Vec<usize> = found.into_iter().map(|at| self.line(at)).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// How many lines the items under `#[cfg(test)]` take.
    pub(crate) fn test_lines(&self) -> usize {
        let items = self.test_items().into_iter();
        items.map(|range| self.code[range].lines().count()).sum()
    }

    fn line(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }

    fn test_items(&self) -> Vec<Range<usize>> {
        let (mut items, mut at) = (Vec::new(), 0);
        while let Some(found) = self.code[at..].find("#[") {
            let start = at + found;
            let rest = &self.code[start..];
            let end = attribute_end(rest).unwrap_or(rest.len());
            let attribute = squeezed(&rest[..end]);
            let tests = ["#[cfg(test)]", "#[cfg(all(test,"];
            at = start + end;
            if tests.iter().any(|test| attribute.starts_with(test)) {
                at += item_end(&self.code[at..]);
                items.push(start..at);
            }
        }
        items
    }
}

impl Function<'_> {
    /// Whether the test runner runs it.
    pub(crate) fn is_test(&self) -> bool {
        self.attributes.iter().any(|attribute| {
            let path = attribute.split('(').next().unwrap_or_default();
            path == "test" || path.ends_with("::test")
        })
    }

    /// Whether the test runner passes it over.
    pub(crate) fn is_ignored(&self) -> bool {
        self.attributes.iter().any(|attribute| ignores(attribute))
    }
}

/// Whether what stands in `#[…]` makes the test runner pass a test over.
fn ignores(attribute: &str) -> bool {
    attribute == "ignore"
        || attribute.starts_with("ignore=")
        || (attribute.starts_with("cfg_attr(") && whole(attribute, "ignore").next().is_some())
}

/// Where `words` stands in `code`, not as a part of longer words.
fn whole<'a>(code: &'a str, words: &'a str) -> impl Iterator<Item = usize> + 'a {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let found = code.match_indices(words).map(|(at, _)| at);
    found.filter(move |&at| {
        let after = &code[at + words.len()..];
        let goes_on = words.ends_with(word) && after.starts_with(word);
        !goes_on && !code[..at].ends_with(word)
    })
}

fn leading_word(code: &str) -> Option<&str> {
    let end = code
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(code.len());
    (end > 0).then(|| &code[..end])
}

/// The length of the attribute that `code` begins with, if it begins with one.
fn attribute_end(code: &str) -> Option<usize> {
    code.starts_with("#[").then(|| 1 + balanced(&code[1..]))
}

/// The length up to and with the bracket that closes the one `code` begins with.
fn balanced(code: &str) -> usize {
    let mut depth = 0usize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

/// The length of the item that `code` begins with, its further attributes and its body or semicolon with it.
fn item_end(code: &str) -> usize {
    let mut at = 0;
    while let Some(c) = code[at..].chars().next() {
        match c {
            ';' => return at + 1,
            '{' => return at + balanced(&code[at..]),
            '(' | '[' => at += balanced(&code[at..]),
            _ => at += c.len_utf8(),
        }
    }
    code.len()
}

/// The parts between the commas of `{a, b::{c, d}}`: `a` and `b::{c, d}`.
fn first_level(group: &str) -> impl Iterator<Item = &str> {
    let inside = group
        .trim_start_matches('{')
        .strip_suffix('}')
        .unwrap_or_default();
    let mut depth = 0usize;
    inside
        .split(move |c| {
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == ',' && depth == 0
        })
        .map(str::trim)
}

fn squeezed(code: &str) -> String {
    code.split_whitespace().collect()
}

/// The text with the insides of comments, strings and characters turned into spaces.
fn blanked(source: &str) -> String {
    let mut bytes = source.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &source.as_bytes()[at..];
        let word_before =
            at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
        let inside = match rest {
            [b'/', b'/', ..] => 0..until(rest, b"\n"),
            [b'/', b'*', ..] => 0..comment(rest),
            [b'"', ..] => 1..string(rest),
            [b'r', ..] if !word_before => raw_string(rest),
            [b'b' | b'c', b'r', ..] if !word_before => {
                let raw = raw_string(&rest[1..]);
                raw.start..raw.end + usize::from(!raw.is_empty())
            }
            [b'\'', ..] => character(&source[at..]),
            _ => 0..0,
        };
        let end = inside.end;
        blank(&mut bytes[at + inside.start..at + end]);
        at += end.max(1);
    }
    text(bytes)
}

fn until(rest: &[u8], mark: &[u8]) -> usize {
    rest.windows(mark.len())
        .position(|window| window == mark)
        .unwrap_or(rest.len())
}

fn comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    rest.len()
}

fn string(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// `r"…"`, `r#"…"#`; nothing for `r#type` and for a word that begins with an r.
fn raw_string(rest: &[u8]) -> Range<usize> {
    let hashes = rest[1..].iter().take_while(|&&byte| byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return 0..0;
    }
    let start = 2 + hashes;
    let close = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
    let end = (start + until(&rest[start..], &close) + close.len()).min(rest.len());
    1..end
}

/// `'x'`, `'\''`, `'\u{e9}'`; nothing for the lifetime `'x`.
fn character(rest: &str) -> Range<usize> {
    let mut characters = rest.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => {
            1..(3 + until(&rest.as_bytes()[3.min(rest.len())..], b"'") + 1).min(rest.len())
        }
        Some((at, c)) if rest[at + c.len_utf8()..].starts_with('\'') => 1..at + c.len_utf8() + 1,
        _ => 0..0,
    }
}

fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("whole characters were replaced by spaces")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r##"
//! Talks about std::net in prose.
use std::{fmt, net::{IpAddr, Ipv4Addr}, time::Duration};

/* std::fs /* nested */ still std::fs */
const TEXT: &str = "std::env \" still";
const RAW: &[u8] = br#"std::thread " "#;
const QUOTE: char = '"';
const ESCAPED: char = '\'';
const ACCENT: char = 'é';

fn longest<'a>(r#type: &'a str, rand: usize) -> &'a str { r#type }

#[cfg(test)]
mod sim;

#[cfg(all(test, feature = "std"))]
#[allow(dead_code)]
mod tests {
    #[test]
    fn it_runs() { std::fs::read("x") }

    #[tokio::test(flavor = "current_thread")]
    #[cfg_attr(miri, ignore)]
    async fn it_waits() {}

    proptest! {
        /// Says something.
        #[test]
        fn it_holds(x in 0..3) { helper() }
    }
    fn helper() {}
}
"##;

    #[test]
    fn comments_and_literals_are_no_code() {
        let source = Source::new(FILE);
        assert_eq!(source.code().len(), FILE.len());
        for absent in ["std::env", "std::thread"] {
            assert_eq!(source.lines_with(absent), [0usize; 0], "{absent}");
        }
        assert_eq!(source.lines_with("std::fs"), [21]);
        assert!(source.code().contains("fn longest<'a>(r#type: &'a str"));
    }

    #[test]
    fn a_group_of_imports_is_read_as_each_of_them() {
        let source = Source::new(FILE);
        assert_eq!(source.lines_with("std::net"), [3]);
        assert_eq!(source.lines_with("std::time"), [3]);
        assert_eq!(source.lines_with("std::ti"), [0usize; 0]);
    }

    #[test]
    fn tests_are_told_from_the_rest() {
        let source = Source::new(FILE);
        assert_eq!(source.without_tests().lines_with("std::fs"), [0usize; 0]);
        assert_eq!(source.only_tests().lines_with("std::fs"), [21]);
        assert_eq!(source.only_tests().lines_with("std::net"), [0usize; 0]);
        assert_eq!(source.test_modules(), ["sim"]);
    }

    #[test]
    fn a_test_is_known_by_its_attribute() {
        let source = Source::new(FILE);
        let functions = source.functions();
        let said = functions
            .iter()
            .map(|f| (f.name, f.is_test(), f.is_ignored()));
        assert_eq!(
            said.collect::<Vec<_>>(),
            [
                ("longest", false, false),
                ("it_runs", true, false),
                ("it_waits", true, true),
                ("it_holds", true, false),
                ("helper", false, false),
            ]
        );
    }

    #[test]
    fn what_is_cut_off_is_read_to_its_end() {
        for text in [
            "\"",
            "r#\"",
            "/*",
            "'\\",
            "#[cfg(test)]",
            "#[",
            "b",
            "br",
            "'é",
            "fn",
        ] {
            let source = Source::new(text);
            assert_eq!(source.code().len(), text.len());
            source.without_tests();
            source.functions();
        }
    }
}
