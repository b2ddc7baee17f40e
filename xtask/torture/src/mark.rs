//! Entries that show it when they are torn, mixed or older than they should be.

use hallpass_store::{Entry, Revision};

/// What a key holds in the eyes of who wrote it: nothing, or a number that no other write has had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Absent,
    Number(u64),
}

const WORD: usize = 8;

impl Mark {
    /// The entry that holds this number: the number and the number of its words, and the number again in every other word.
    pub(crate) fn entry(number: u64, words: u64, random: &mut fastrand::Rng) -> Entry {
        let mut revision = [0; 16];
        revision[..WORD].copy_from_slice(&random.u64(..).to_be_bytes());
        revision[WORD..].copy_from_slice(&number.to_be_bytes());
        let words = words.max(2);
        let content = (0..words).map(|at| if at == 1 { words } else { number });
        let bytes: Vec<u8> = content.flat_map(u64::to_be_bytes).collect();
        Entry::new(Revision::from_bytes(revision), bytes)
    }

    /// What is stored.
    ///
    /// # Errors
    /// Where it is no entry that was ever written.
    pub(crate) fn of(stored: Option<&Entry>) -> Result<Mark, String> {
        let Some(entry) = stored else {
            return Ok(Mark::Absent);
        };
        let words: Vec<u64> = entry
            .bytes
            .expose_secret()
            .chunks(WORD)
            .map(|word| word.try_into().map_or(u64::MAX, u64::from_be_bytes))
            .collect();
        let number = words.first().copied().unwrap_or(u64::MAX);
        let whole = words.len() > 1
            && (words.iter().enumerate())
                .all(|(at, word)| *word == if at == 1 { words.len() as u64 } else { number });
        let of_this = entry.revision.to_bytes()[WORD..] == number.to_be_bytes();
        match whole && of_this {
            true => Ok(Mark::Number(number)),
            false => Err(format!("an entry of {} words is torn", words.len())),
        }
    }

    pub(crate) fn number(self) -> u64 {
        match self {
            Mark::Absent => 0,
            Mark::Number(number) => number,
        }
    }

    /// As a worker says it.
    pub(crate) fn shown(self) -> String {
        match self {
            Mark::Absent => "-".to_owned(),
            Mark::Number(number) => number.to_string(),
        }
    }

    pub(crate) fn read(text: &str) -> Option<Mark> {
        match text {
            "-" => Some(Mark::Absent),
            text => text.parse().ok().map(Mark::Number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_back_and_half_of_one_is_torn() {
        let mut random = fastrand::Rng::with_seed(1);
        let entry = Mark::entry(7, 40, &mut random);
        assert_eq!(Mark::of(Some(&entry)), Ok(Mark::Number(7)));
        assert_eq!(Mark::of(None), Ok(Mark::Absent));
        let bytes = entry.bytes.expose_secret();
        for end in [0, 8, 16, 100, bytes.len() - 1] {
            let torn = Entry::new(entry.revision, bytes[..end].to_vec());
            assert!(Mark::of(Some(&torn)).is_err(), "{end}");
        }
        let other = Mark::entry(8, 40, &mut random);
        let mixed = Entry::new(entry.revision, other.bytes);
        assert!(Mark::of(Some(&mixed)).is_err());
    }

    #[test]
    fn a_mark_is_told_and_understood() {
        for mark in [Mark::Absent, Mark::Number(12)] {
            assert_eq!(Mark::read(&mark.shown()), Some(mark));
        }
        assert_eq!(Mark::read("x"), None);
    }
}
