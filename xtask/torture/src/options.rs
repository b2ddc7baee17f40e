//! What was asked for.

use crate::scenario::SCENARIOS;

/// The stores that last, which every run is about unless told otherwise.
const DURABLE: &[&str] = &["file", "redis", "postgres", "sqlite"];

/// Which scenarios, how large, and from which seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) size: Size,
    /// What is drawn (when a process is killed, how much it writes) comes again with the same seed; what the machine makes of
    /// it need not.
    pub(crate) seed: u64,
    /// In the order of [`SCENARIOS`].
    pub(crate) scenarios: Vec<&'static str>,
    /// The names of the durable stores.
    pub(crate) stores: Vec<String>,
    /// What was left out by its name.
    pub(crate) without: Vec<&'static str>,
}

/// How much of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// About three minutes in all on two cores.
    Short,
    Whole,
}

impl Size {
    pub(crate) fn pick<T>(self, short: T, whole: T) -> T {
        match self {
            Size::Short => short,
            Size::Whole => whole,
        }
    }
}

impl Options {
    /// Reads `[--short] [--seed N] [--store STORE]... [--without SCENARIO]... [SCENARIO]...`.
    pub(crate) fn read(words: &[&str]) -> Result<Options, String> {
        let mut options = Options {
            size: Size::Whole,
            seed: 1,
            scenarios: Vec::new(),
            stores: Vec::new(),
            without: Vec::new(),
        };
        let mut asked = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--short" => options.size = Size::Short,
                "--seed" => {
                    let seed = words.next().and_then(|seed| seed.parse().ok());
                    options.seed = seed.ok_or("--seed needs a number")?;
                }
                "--store" => {
                    let name = words.next().ok_or("--store needs a name")?;
                    options.stores.push((*name).to_owned());
                }
                "--without" => {
                    let name = words.next().ok_or("--without needs a scenario")?;
                    options.without.push(known(name)?);
                }
                name => asked.push(known(name)?),
            }
        }
        if options.stores.is_empty() {
            options.stores = DURABLE.iter().map(|name| (*name).to_owned()).collect();
        }
        options.scenarios = SCENARIOS
            .iter()
            .map(|scenario| scenario.name)
            .filter(|name| asked.is_empty() || asked.contains(name))
            .filter(|name| !options.without.contains(name))
            .collect();
        Ok(options)
    }
}

fn known(name: &str) -> Result<&'static str, String> {
    let names = || SCENARIOS.iter().map(|scenario| scenario.name);
    names().find(|known| *known == name).ok_or_else(|| {
        let names: Vec<&str> = names().collect();
        format!(
            "no scenario is called `{name}`: there are {}, and the options --short, --seed N, --store NAME and \
             --without NAME",
            names.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_words_everything_is_run_in_full() {
        let options = Options::read(&[]).unwrap();
        assert_eq!((options.size, options.seed), (Size::Whole, 1));
        assert_eq!(options.scenarios.len(), SCENARIOS.len());
    }

    #[test]
    fn scenarios_are_chosen_and_left_out_by_name() {
        let options =
            Options::read(&["--short", "eio", "--seed", "7", "kill", "--without", "eio"]).unwrap();
        assert_eq!((options.size, options.seed), (Size::Short, 7));
        assert_eq!(options.scenarios, ["kill"]);
        assert_eq!(options.without, ["eio"]);
    }

    #[test]
    fn a_name_that_nothing_has_is_told_with_those_there_are() {
        let error = Options::read(&["kll"]).unwrap_err();
        assert!(error.starts_with("no scenario is called `kll`: there are "));
        assert!(Options::read(&["--seed", "x"]).is_err());
    }
}
