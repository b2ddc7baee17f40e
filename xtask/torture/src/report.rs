//! The table at the end, and the last line.

use std::time::Duration;

use crate::options::Options;

/// Of many broken rules the first few tell enough.
const SHOWN: usize = 8;

/// What one scenario did to one store, and what came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) scenario: &'static str,
    /// The store, or what else it was about.
    pub(crate) on: String,
    /// What was done and seen, in figures.
    pub(crate) saw: String,
    /// How many processes were ended by SIGKILL.
    pub(crate) killed: u64,
    /// How many sessions ended in doubt, each of them typed as that.
    pub(crate) in_doubt: u64,
    /// What did not hold; empty where all did.
    pub(crate) broken: Vec<String>,
    pub(crate) took: Duration,
}

/// What all of them did.
#[derive(Default)]
pub(crate) struct Report(Vec<Row>);

impl Report {
    /// Adds what a scenario saw, or why it could not be done, and prints it for whoever waits.
    pub(crate) fn add(&mut self, scenario: &'static str, on: &str, seen: Result<Row, String>) {
        let row = seen.unwrap_or_else(|error| Row {
            scenario,
            on: on.to_owned(),
            saw: "it could not be done".to_owned(),
            broken: vec![error],
            ..Row::default()
        });
        println!(
            "  {:<9} {:.1} s: {}",
            row.on,
            row.took.as_secs_f64(),
            row.saw
        );
        row.print_broken();
        self.0.push(row);
    }

    /// Prints the table and the last line.
    ///
    /// # Errors
    /// What did not hold.
    pub(crate) fn print(&self, options: &Options, took: Duration) -> Result<(), String> {
        println!("\n{:<10} {:<9} {:>8}  what was done and seen", "", "", "");
        for row in &self.0 {
            row.print();
        }
        for name in &options.without {
            println!("{name:<10} {:<9} {:>8}  left out by --without", "", "");
        }
        let broken = self.0.iter().filter(|row| !row.broken.is_empty());
        let broken: Vec<String> = broken
            .map(|row| format!("{} on {}", row.scenario, row.on))
            .collect();
        let line = summary(&self.0, options, took);
        if broken.is_empty() {
            println!("\n{line}");
            return Ok(());
        }
        Err(format!("\nbroken: {}\n{line}", broken.join(", ")))
    }
}

impl Row {
    fn print(&self) {
        let verdict = if self.broken.is_empty() {
            "held"
        } else {
            "BROKEN"
        };
        println!(
            "{:<10} {:<9} {:>6.1} s  {verdict}: {}",
            self.scenario,
            self.on,
            self.took.as_secs_f64(),
            self.saw
        );
        self.print_broken();
    }

    fn print_broken(&self) {
        for broken in self.broken.iter().take(SHOWN) {
            println!("{:<10} {:<9} {:>8}    {broken}", "", "", "");
        }
        if let Some(more @ 1..) = self.broken.len().checked_sub(SHOWN) {
            println!("{:<10} {:<9} {:>8}    and {more} more", "", "", "");
        }
    }
}

fn summary(rows: &[Row], options: &Options, took: Duration) -> String {
    let held = rows.iter().filter(|row| row.broken.is_empty()).count();
    let killed: u64 = rows.iter().map(|row| row.killed).sum();
    let in_doubt: u64 = rows.iter().map(|row| row.in_doubt).sum();
    let broken: usize = rows.iter().map(|row| row.broken.len()).sum();
    format!(
        "torture: {held} of {} held, {killed} processes killed, {in_doubt} sessions in doubt and typed so, {broken} rules broken; \
         seed {}, {:.0} s",
        rows.len(),
        options.seed,
        took.as_secs_f64()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(rows: &[Row]) -> Report {
        Report(rows.to_vec())
    }

    fn row(broken: &[&str]) -> Row {
        Row {
            scenario: "kill",
            on: "file".to_owned(),
            killed: 3,
            broken: broken.iter().map(|text| (*text).to_owned()).collect(),
            ..Row::default()
        }
    }

    #[test]
    fn what_could_not_be_done_did_not_hold() {
        let options = Options::read(&[]).unwrap();
        let mut report = Report::default();
        report.add("eio", "file", Err("strace is missing".to_owned()));
        let error = report.print(&options, Duration::ZERO).unwrap_err();
        assert!(error.contains("broken: eio on file"), "{error}");
    }

    #[test]
    fn the_last_line_counts_and_a_broken_rule_fails_the_whole() {
        let options = Options::read(&["--seed", "9"]).unwrap();
        let took = Duration::from_secs(2);
        assert!(report(&[row(&[])]).print(&options, took).is_ok());
        let rows = [row(&[]), row(&["lost"])];
        let error = report(&rows).print(&options, took).unwrap_err();
        assert!(error.contains("broken: kill on file"), "{error}");
        assert!(
            error.ends_with("torture: 1 of 2 held, 6 processes killed, 0 sessions in doubt and typed so, 1 rules broken; seed 9, 2 s"),
            "{error}"
        );
    }
}
