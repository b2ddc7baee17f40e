//! What the program says: to people on standard error, and what was asked for on standard output.

use std::fmt::Display;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::json;
use time::UtcDateTime;

use crate::error::Failure;

/// What the program says. Whatever comes from a server goes through here, and through [`shown`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

const STRONG: Style = Style::new().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether JSON was asked for.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// What was asked for, on standard output: lines for people, or one line of JSON.
    pub(crate) fn answer(self, lines: &[String], json: &impl Serialize) -> Result<(), Failure> {
        let mut text = String::new();
        match self.json {
            true => text = as_json(json) + "\n",
            false => {
                for line in lines {
                    text.push_str(&shown(line));
                    text.push('\n');
                }
            }
        }
        write_all(text.as_bytes())
    }

    /// A secret that was asked for, on standard output, alone on its line.
    pub(crate) fn secret(self, text: &str) -> Result<(), Failure> {
        write_all(format!("{text}\n").as_bytes())
    }

    /// A line for the person at the terminal. Nobody waits for it, so nobody is told if it cannot be written.
    pub(crate) fn say(self, line: impl Display) {
        let line = shown(&line.to_string());
        let _ = writeln!(anstream::stderr(), "{line}");
    }

    /// A line of which one part has to be seen: an address, a code.
    pub(crate) fn say_strong(self, before: &str, strong: impl Display) {
        let (before, strong) = (shown(before), shown(&strong.to_string()));
        let _ = writeln!(anstream::stderr(), "{before}{STRONG}{strong}{STRONG:#}");
    }

    /// A question, with the cursor behind it.
    pub(crate) fn ask(self, question: &str) {
        let mut stderr = anstream::stderr();
        let _ = write!(stderr, "{} ", shown(question));
        let _ = stderr.flush();
    }

    /// What went wrong, on standard error: what happened, why, and what to do next.
    pub(crate) fn failure(self, failure: &Failure) {
        let mut stderr = anstream::stderr().lock();
        if self.json {
            let error = json!({
                "error": failure.exit().name(),
                "message": shown(failure.what()),
                "details": failure.details().iter().map(|line| shown(line)).collect::<Vec<_>>(),
                "next": failure.next_step().map(shown),
            });
            let _ = writeln!(stderr, "{}", as_json(&error));
            return;
        }
        let _ = writeln!(stderr, "{ERROR}error:{ERROR:#} {}", shown(failure.what()));
        for line in failure.details() {
            let _ = writeln!(stderr, "  {}", shown(line));
        }
        if let Some(next) = failure.next_step() {
            let _ = writeln!(stderr, "{HINT}next:{HINT:#} {}", shown(next));
        }
    }
}

/// How long a token is good, as one says it.
pub(crate) fn until(end: Option<UtcDateTime>, now: UtcDateTime) -> String {
    let Some(end) = end else {
        return "good until the server says otherwise".to_owned();
    };
    let left = end - now;
    match left.whole_seconds() {
        0 if left.is_positive() => "good for less than a second".to_owned(),
        ..=0 => "has expired".to_owned(),
        left @ 1..=119 => format!("good for {left} s"),
        left @ 120..=7_199 => format!("good for {} min", left / 60),
        left @ 7_200..=172_799 => format!("good for {} h", left / 3_600),
        left => format!("good for {} days", left / 86_400),
    }
}

/// A text that does to a terminal nothing but be there: control characters, and marks that turn or hide a text, become `\u{…}`.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match is_unseen(c) {
            true => shown.extend(c.escape_unicode()),
            false => shown.push(c),
        }
    }
    shown
}

fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// One line of JSON, in which nothing can reach a terminal as a control character.
fn as_json(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match is_unseen(c) {
            // Outside texts JSON has no such characters; inside, this is how it writes them.
            true => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    escaped.push_str(&format!("\\u{unit:04x}"));
                }
            }
            false => escaped.push(c),
        }
    }
    escaped
}

/// What was asked for, as it is. A reader that went away has what it wanted.
pub(crate) fn write_all(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed("the output could not be written").because(&error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_good_for_the_blink_of_an_eye_has_not_expired() {
        let now = UtcDateTime::UNIX_EPOCH;
        let said =
            |milliseconds| until(Some(now + time::Duration::milliseconds(milliseconds)), now);
        assert_eq!(said(999), "good for less than a second");
        assert_eq!(said(1_000), "good for 1 s");
        assert_eq!(said(0), "has expired");
        assert_eq!(said(-999), "has expired");
    }

    #[test]
    fn nothing_reaches_the_terminal_as_an_escape_sequence() {
        let hostile = "a\x1b]0;title\x07\u{9b}31m\r\n\u{202e}b";
        let shown = shown(hostile);
        assert_eq!(
            shown,
            "a\\u{1b}]0;title\\u{7}\\u{9b}31m\\u{d}\\u{a}\\u{202e}b"
        );
        let json = as_json(&json!({ "text": hostile, "tag": "\u{e0041}" }));
        assert!(!json.chars().any(is_unseen), "{json}");
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            (read["text"].as_str(), read["tag"].as_str()),
            (Some(hostile), Some("\u{e0041}"))
        );
    }
}
