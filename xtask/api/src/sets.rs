//! With which features a crate is listed.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// One line of the file `sets`: `NAME: FEATURE FEATURE …`, the features with all that they switch on in the crate itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Set {
    /// What the listing's file is called.
    pub(crate) name: String,
    pub(crate) features: Vec<String>,
}

impl Set {
    /// Whether it is the one whose JSON is kept.
    pub(crate) fn is_whole(&self) -> bool {
        self.name == "all"
    }
}

/// Those of the file in a crate's folder; none where there is none.
pub(crate) fn read(folder: &Path) -> Result<Vec<Set>, String> {
    let file = folder.join("sets");
    match fs::read_to_string(&file) {
        Ok(text) => Ok(text.lines().filter_map(set).collect()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(format!("{}: {error}", file.display())),
    }
}

fn set(line: &str) -> Option<Set> {
    let (name, features) = line.split_once(':')?;
    Some(Set {
        name: name.to_owned(),
        features: features.split_whitespace().map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_name_and_any_number_of_features() {
        let read = |line| set(line).map(|set| (set.name, set.features.join(" ")));
        let of = |name: &str, features: &str| Some((name.to_owned(), features.to_owned()));
        assert_eq!(read("all: http url"), of("all", "http url"));
        assert_eq!(read("none:"), of("none", ""));
        assert_eq!(read(""), None);
    }
}
