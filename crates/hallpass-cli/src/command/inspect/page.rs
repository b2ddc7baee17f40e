//! A report as a person reads it.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use terminal_size::Width;

use crate::error::Failure;
use crate::inspect::{Report, Severity};
use crate::output::shown;

const HEAD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// Prints it on standard output, in colours where that is a terminal that has them.
pub(super) fn print(report: &Report) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    let written = write(&mut stdout, report, width()).and_then(|()| stdout.flush());
    written.map_err(|error| Failure::failed("the output could not be written").because(&error))
}

/// Columns of the terminal on standard output; what goes anywhere else is not broken into lines.
fn width() -> usize {
    let stdout = io::stdout();
    match terminal_size::terminal_size_of(&stdout) {
        Some((Width(columns), _)) if stdout.is_terminal() => columns.into(),
        _ => usize::MAX,
    }
}

fn write(out: &mut impl Write, report: &Report, width: usize) -> io::Result<()> {
    writeln!(out, "{HEAD}{}{HEAD:#}", shown(&report.issuer))?;
    for feature in report.supports.features() {
        let values = match feature.values.as_slice() {
            [] => "-".to_owned(),
            values => shown(&values.join(", ")),
        };
        let [first, rest @ ..] = &*broken(&values, width, FEATURES) else {
            continue;
        };
        writeln!(out, "  {:<22}{first}", feature.name)?;
        for line in rest {
            writeln!(out, "{:FEATURES$}{line}", "")?;
        }
    }
    writeln!(out)?;
    writeln!(out, "{HEAD}{}{HEAD:#}", counted(report))?;
    for finding in &report.findings {
        let style = style(finding.severity);
        let mut name = finding.severity.as_str();
        for line in broken(&shown(&finding.what), width, FINDINGS) {
            writeln!(out, "{style}{name:<FINDINGS$}{style:#}{line}")?;
            name = "";
        }
        for line in broken(finding.why, width, FINDINGS) {
            writeln!(out, "{:FINDINGS$}{FAINT}{line}{FAINT:#}", "")?;
        }
        let remedy = format!("to do: {} ({})", finding.remedy, finding.rule);
        for line in broken(&remedy, width, FINDINGS) {
            writeln!(out, "{:FINDINGS$}{line}", "")?;
        }
    }
    Ok(())
}

/// Columns before the values of a feature, and before what is told of a finding.
const FEATURES: usize = 24;
const FINDINGS: usize = 8;

/// The text in lines that fit beside `indent` columns, broken between words. In a terminal that is hardly wider the terminal breaks them.
fn broken(text: &str, width: usize, indent: usize) -> Vec<String> {
    let room = width.saturating_sub(indent);
    if room < indent {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else {
            break;
        };
        match line.is_empty() || line.chars().count() + 1 + word.chars().count() <= room {
            true if line.is_empty() => line.push_str(word),
            true => {
                line.push(' ');
                line.push_str(word);
            }
            false => lines.push(word.to_owned()),
        }
    }
    lines
}

fn counted(report: &Report) -> String {
    let severities = [
        Severity::Severe,
        Severity::Wrong,
        Severity::Weak,
        Severity::Note,
    ];
    let counts = severities.into_iter().filter_map(|severity| {
        let of = |finding: &&crate::inspect::Finding| finding.severity == severity;
        match report.findings.iter().filter(of).count() {
            0 => None,
            count => Some(format!("{count} {severity}")),
        }
    });
    match report.findings.is_empty() {
        true => "Nothing was found that is wrong or weak.".to_owned(),
        false => format!("Found: {}", counts.collect::<Vec<_>>().join(", ")),
    }
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Severe => AnsiColor::Red.on_default().bold(),
        Severity::Wrong => AnsiColor::Red.on_default(),
        Severity::Weak => AnsiColor::Yellow.on_default(),
        _ => AnsiColor::Cyan.on_default(),
    }
}

#[cfg(test)]
mod tests {
    use hallpass::Issuer;

    use super::*;
    use crate::inspect::{Document, Documents, inspect};

    #[test]
    fn a_report_says_what_there_is_what_is_wrong_and_what_to_do() {
        let documents = Documents {
            issuer: Issuer::new("https://as.example").unwrap(),
            oauth: Document::Read(br#"{"issuer":"https://as.example","token_endpoint":"http://as.example/\u001b[31m","code_challenge_methods_supported":["S256"]}"#.to_vec()),
            openid: Document::Absent("the server answered 404".to_owned()),
            keys: Document::Absent(String::new()),
        };
        let mut out = Vec::new();
        write(&mut out, &inspect(&documents), 80).unwrap();
        let text = anstream::adapter::strip_str(str::from_utf8(&out).unwrap()).to_string();
        assert!(
            text.starts_with("https://as.example\n  grants                -\n"),
            "{text}"
        );
        assert!(text.contains("\n  PKCE                  S256\n"), "{text}");
        assert!(text.contains("\nFound: "), "{text}");
        assert!(text.contains("\n        to do: "), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn lines_are_broken_between_words_where_there_is_room() {
        assert_eq!(broken("one two three", 16, 8), ["one two", "three"]);
        assert_eq!(broken("one two three", 12, 8), ["one two three"]);
        assert_eq!(
            broken("https://as.example/long x", 20, 8),
            ["https://as.example/long", "x"]
        );
        assert_eq!(broken("one two", usize::MAX, 8), ["one two"]);
    }
}
