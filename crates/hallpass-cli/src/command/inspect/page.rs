//! A report as a person reads it.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::error::Failure;
use crate::inspect::{Report, Severity};
use crate::output::shown;

const HEAD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// Prints it on standard output, in colours where that is a terminal that has them.
pub(super) fn print(report: &Report) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    let written = write(&mut stdout, report).and_then(|()| stdout.flush());
    written.map_err(|error| Failure::failed("the output could not be written").because(&error))
}

fn write(out: &mut impl Write, report: &Report) -> io::Result<()> {
    writeln!(out, "{HEAD}{}{HEAD:#}", shown(&report.issuer))?;
    for feature in report.supports.features() {
        let values = match feature.values.as_slice() {
            [] => "-".to_owned(),
            values => shown(&values.join(", ")),
        };
        writeln!(out, "  {:<22}{values}", feature.name)?;
    }
    writeln!(out)?;
    writeln!(out, "{HEAD}{}{HEAD:#}", counted(report))?;
    for finding in &report.findings {
        let style = style(finding.severity);
        writeln!(
            out,
            "{style}{:<8}{style:#}{}  {FAINT}{}{FAINT:#}",
            finding.severity,
            shown(&finding.what),
            finding.rule
        )?;
        writeln!(out, "        {FAINT}{}{FAINT:#}", finding.why)?;
        writeln!(out, "        to do: {}", finding.remedy)?;
    }
    Ok(())
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
        write(&mut out, &inspect(&documents)).unwrap();
        let text = anstream::adapter::strip_str(str::from_utf8(&out).unwrap()).to_string();
        assert!(
            text.starts_with("https://as.example\n  grants                -\n"),
            "{text}"
        );
        assert!(text.contains("\n  PKCE                  S256\n"), "{text}");
        assert!(text.contains("\nFound: "), "{text}");
        assert!(text.contains("\n        to do: "), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}
