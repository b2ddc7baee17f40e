//! Why a text is not the JSON that was expected.

use crate::MAX_BYTES;

/// Why a text is not the JSON that was expected. It never quotes the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The text is longer than [`MAX_BYTES`].
    #[error("the JSON text is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// The text is not JSON, too deep, has a member twice, or is no object.
    #[error("not a JSON object this library accepts (line {line}, column {column}): {reason}")]
    Malformed {
        /// What is wrong, without any of the text.
        reason: &'static str,
        /// Where, counted from one.
        line: usize,
        /// Where, counted from one.
        column: usize,
    },
}

pub(crate) const TOO_DEEP: &str = "objects and arrays stand too deep in one another";
pub(crate) const DUPLICATE: &str = "a member stands twice in one object";

impl JsonError {
    pub(crate) fn not_utf8(text: &[u8], error: &std::str::Utf8Error) -> Self {
        let before = &text[..error.valid_up_to()];
        let line_begins = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        Self::Malformed {
            reason: "not UTF-8",
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
            column: before.len() - line_begins,
        }
    }

    pub(crate) fn from_serde(error: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        let reason = match error.classify() {
            Category::Io | Category::Eof => "the text ends too early",
            Category::Syntax => "syntax error",
            // serde_json's messages quote the text; ours are told by their beginning.
            Category::Data => {
                let message = error.to_string();
                [TOO_DEEP, DUPLICATE]
                    .into_iter()
                    .find(|known| message.starts_with(known))
                    .unwrap_or("a value has another type than expected")
            }
        };
        Self::Malformed {
            reason,
            line: error.line(),
            column: error.column(),
        }
    }
}
