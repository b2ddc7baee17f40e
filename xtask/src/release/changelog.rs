//! A crate's CHANGELOG.md: sections under `## `, the newest first, `## Unreleased` before them all.

use semver::Version;

const UNRELEASED: &str = "## Unreleased";

/// The bullets of what is not released yet.
pub(super) fn unreleased(text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .skip_while(|line| line.trim_end() != UNRELEASED);
    bullets(lines.skip(1).take_while(|line| !line.starts_with("## ")))
}

/// Whether there is a section about a version.
pub(super) fn has_notes(text: &str, version: &Version) -> bool {
    text.lines().any(|line| is_about(line, version))
}

/// The bullets of one version.
pub(super) fn notes(text: &str, version: &Version) -> Vec<String> {
    let lines = text.lines().skip_while(|line| !is_about(line, version));
    bullets(lines.skip(1).take_while(|line| !line.starts_with("## ")))
}

/// The same with what was unreleased, and what else there is to say, in a section of its own; a section that was
/// prepared for a version that did not come out is taken up into it.
pub(super) fn moved(
    text: &str,
    version: &Version,
    day: &str,
    says: &[String],
    withdrawn: &[Version],
) -> String {
    let mut section = Section::default();
    let mut before = Vec::new();
    let mut after: Vec<&str> = Vec::new();
    let mut place = Place::Before;
    for line in text.lines() {
        if line.starts_with("## ") {
            let gone = withdrawn
                .iter()
                .chain([version])
                .any(|version| is_about(line, version));
            place = match line.trim_end() == UNRELEASED {
                true => Place::Unreleased,
                false if gone => Place::Prepared,
                false => Place::After,
            };
        }
        match place {
            Place::Before => before.push(line),
            Place::After => after.push(line),
            Place::Unreleased | Place::Prepared => section.take(line),
        }
    }
    for sentence in says {
        section.say(sentence);
    }
    let mut moved = before.join("\n").trim_end().to_owned();
    moved.push_str(&format!(
        "\n\n{UNRELEASED}\n\n## {version} - {day}\n\n{}\n",
        section.lines.join("\n")
    ));
    if !after.is_empty() {
        moved.push_str(&format!("\n{}\n", after.join("\n").trim_end()));
    }
    moved
}

enum Place {
    Before,
    Unreleased,
    Prepared,
    After,
}

/// The lines of a section, without those that are empty and without its heading.
#[derive(Default)]
struct Section<'a> {
    lines: Vec<std::borrow::Cow<'a, str>>,
}

impl<'a> Section<'a> {
    fn take(&mut self, line: &'a str) {
        if !line.starts_with("## ") && !line.trim().is_empty() {
            self.lines.push(line.into());
        }
    }

    /// A bullet, unless it is there.
    fn say(&mut self, sentence: &str) {
        let bullet = format!("- {sentence}");
        if !self.lines.iter().any(|line| **line == *bullet) {
            self.lines.push(bullet.into());
        }
    }
}

/// `## 0.1.0 - 2026-01-31`, whatever follows the number.
fn is_about(line: &str, version: &Version) -> bool {
    let words = line.strip_prefix("## ").unwrap_or_default();
    words.split_whitespace().next() == Some(&version.to_string())
}

fn bullets<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut bullets: Vec<String> = Vec::new();
    for line in lines {
        match (line.strip_prefix("- "), bullets.last_mut()) {
            (Some(bullet), _) => bullets.push(bullet.trim_end().to_owned()),
            // The rest of a long one.
            (None, Some(last)) if line.starts_with("  ") => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => {}
        }
    }
    bullets
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Changelog\n\n## Unreleased\n\n- One thing\n  in two lines.\n- Another.\n\n## 0.1.0 - 2026-01-31\n\n- It is there.\n";

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn what_is_unreleased_is_read_bullet_by_bullet() {
        assert_eq!(unreleased(TEXT), ["One thing in two lines.", "Another."]);
        assert_eq!(notes(TEXT, &version("0.1.0")), ["It is there."]);
        assert!(has_notes(TEXT, &version("0.1.0")));
        assert!(!has_notes(TEXT, &version("0.1.1")));
        for empty in [
            "",
            "# Changelog\n",
            "# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- Old.\n",
        ] {
            assert_eq!(unreleased(empty), Vec::<String>::new());
        }
    }

    #[test]
    fn it_moves_into_a_section_of_its_own_and_leaves_room_for_the_next() {
        let moved = moved(
            TEXT,
            &version("0.2.0"),
            "2026-02-01",
            &["Needs a 0.2.0.".to_owned()],
            &[],
        );
        assert_eq!(
            moved,
            "# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-02-01\n\n- One thing\n  in two lines.\n- Another.\n- Needs a 0.2.0.\n\n## 0.1.0 - 2026-01-31\n\n- It is there.\n"
        );
        assert_eq!(unreleased(&moved), Vec::<String>::new());
    }

    #[test]
    fn a_section_that_did_not_come_out_is_taken_up() {
        let first = moved(TEXT, &version("0.1.1"), "2026-02-01", &[], &[]);
        let more = first.replace("## Unreleased\n", "## Unreleased\n\n- A third.\n");
        let second = moved(
            &more,
            &version("0.2.0"),
            "2026-02-02",
            &[],
            &[version("0.1.1")],
        );
        assert_eq!(
            second,
            "# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-02-02\n\n- A third.\n- One thing\n  in two lines.\n- Another.\n\n## 0.1.0 - 2026-01-31\n\n- It is there.\n"
        );
        let again = moved(&more, &version("0.1.1"), "2026-02-02", &[], &[]);
        assert_eq!(again.matches("## 0.1.1").count(), 1, "{again}");
        let same = moved(&second, &version("0.2.0"), "2026-02-02", &[], &[]);
        assert_eq!(same, second);
    }
}
