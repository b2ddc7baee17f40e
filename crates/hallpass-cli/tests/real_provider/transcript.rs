//! What a terminal shows, compared with what is written down.

use std::path::Path;

/// What changes from run to run, and what stands for it.
pub(crate) struct Mask(Vec<(String, String)>);

impl Mask {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// The longest first, where one has another in it.
    pub(crate) fn with(mut self, text: &str, word: &str) -> Self {
        self.0.push((text.to_owned(), word.to_owned()));
        self
    }

    fn of(&self, screen: &str) -> String {
        let mut masked = screen.to_owned();
        for (text, word) in &self.0 {
            masked = masked.replace(text, word);
        }
        let lines: Vec<String> = masked.lines().map(without_times).collect();
        lines.join("\n") + "\n"
    }
}

/// `good for 59 min` is soon `good for 58 min`.
fn without_times(line: &str) -> String {
    let before = "good for ";
    let Some(at) = line.find(before) else {
        return line.trim_end().to_owned();
    };
    let (head, rest) = line.split_at(at + before.len());
    let rest = rest
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .trim_start();
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    format!("{head}A WHILE{rest}").trim_end().to_owned()
}

/// Compares with `transcripts/NAME.txt`, which is written anew where HALLPASS_WRITE_TRANSCRIPTS is set.
pub(crate) fn compare(name: &str, screen: &str, mask: &Mask) {
    let seen = mask.of(screen);
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/real_provider/transcripts")
        .join(format!("{name}.txt"));
    if std::env::var_os("HALLPASS_WRITE_TRANSCRIPTS").is_some() {
        std::fs::write(&path, &seen).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        seen == known,
        "{} is not what the terminal shows; HALLPASS_WRITE_TRANSCRIPTS=1 writes it anew. It shows:\n{seen}",
        path.display()
    );
}
