//! An address as a QR code in a terminal, for the camera of a telephone.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Color, Style};
use clap::ValueEnum;
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use terminal_size::{Height, Width};

/// When to draw one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Qr {
    /// where a person sees it, and it fits
    Auto,
    /// wherever it goes
    Always,
    /// not at all
    Never,
}

/// Lines that are needed beside the code.
const OTHER_LINES: usize = 6;
/// Dark on light whatever the terminal's colours are. Without colours a terminal is taken to be dark.
const COLOURS: Style = Style::new()
    .fg_color(Some(Color::Ansi(AnsiColor::BrightWhite)))
    .bg_color(Some(Color::Ansi(AnsiColor::Black)));

impl Qr {
    /// Draws the address on standard error, if that is asked for. Whether it was drawn.
    pub(crate) fn draw(self, address: &str) -> bool {
        let lines = match self {
            Self::Never => None,
            Self::Always => lines(address),
            Self::Auto => lines(address).filter(|lines| fits(lines, room())),
        };
        let Some(lines) = lines else {
            return false;
        };
        let mut stderr = anstream::stderr().lock();
        // Nobody waits for it, so nobody is told if it cannot be written.
        for line in lines {
            let _ = writeln!(stderr, "{COLOURS}{line}{COLOURS:#}");
        }
        true
    }
}

/// Half blocks: two rows of the code in a line. `None`: no code has room for so long an address.
fn lines(address: &str) -> Option<Vec<String>> {
    let code = QrCode::with_error_correction_level(address, EcLevel::L).ok()?;
    // What is drawn is the light: a terminal's letters are light, its ground is dark.
    let drawn = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .build();
    Some(drawn.lines().map(str::to_owned).collect())
}

/// Columns and lines of the terminal on standard error; `None`: it is none, or one that draws nothing.
fn room() -> Option<(usize, usize)> {
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    if is_dumb || !io::stderr().is_terminal() {
        return None;
    }
    let (Width(columns), Height(lines)) = terminal_size::terminal_size_of(io::stderr())?;
    Some((columns.into(), lines.into()))
}

fn fits(code: &[String], room: Option<(usize, usize)>) -> bool {
    let width = code.first().map_or(0, |line| line.chars().count());
    room.is_some_and(|(columns, lines)| width <= columns && code.len() + OTHER_LINES <= lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "https://as.example/device?user_code=WDJB-MJHT";

    #[test]
    fn a_code_has_a_light_border_on_each_side() {
        let code = lines(ADDRESS).unwrap();
        let width = code[0].chars().count();
        assert!(code.iter().all(|line| line.chars().count() == width));
        assert_eq!(code.len(), width.div_ceil(2));
        assert!(code[..2].iter().all(|line| line.chars().all(|c| c == '█')));
        // The last row of the code may be the upper half of a line.
        let (_, whole) = code.split_last().unwrap();
        assert!(
            whole
                .iter()
                .all(|line| line.starts_with("████") && line.ends_with("████"))
        );
    }

    #[test]
    fn a_code_is_drawn_only_where_all_of_it_is_seen() {
        let code = lines(ADDRESS).unwrap();
        let (width, height) = (code[0].chars().count(), code.len() + OTHER_LINES);
        assert!(fits(&code, Some((width, height))));
        for room in [None, Some((width - 1, height)), Some((width, height - 1))] {
            assert!(!fits(&code, room));
        }
        assert_eq!(lines(&"x".repeat(5000)), None);
    }
}
