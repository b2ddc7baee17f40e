//! THREATS.md names every attack row, where it is stopped and by what test that is shown. Its tables are written from
//! `tests/threats.toml` and `tests/cases.toml`, so that no fact stands twice:
//!
//! ```text
//! [groups]
//! A = "Authorization response"
//!
//! [A1]
//! attack = "`state` is missing"
//! answer = "an error; nothing is sent"
//! by = ["hallpass-grant::src/pending.rs::has_state"]
//! limit = "what this does not cover"
//!
//! [G5]
//! attack = "…"
//! open = "why nothing stops it"
//! ```
//!
//! Each place is a file and a name that its code has, outside of comments and tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml::{Table, Value};

use super::cases::{self, MAP};
use super::{Complaint, House};
use crate::source::Source;

const ROWS: &str = "tests/threats.toml";
pub(super) const PAGE: &str = "THREATS.md";
/// What stands before it is written by hand.
const MARK: &str = "<!-- From here on `cargo xtask threats` writes, from tests/threats.toml and tests/cases.toml. -->\n";

pub(super) fn check(house: &House) -> Vec<Complaint> {
    let page = match written(house) {
        Ok(page) => page,
        Err(complaints) => return complaints,
    };
    match house.file(PAGE) == Some(page.as_str()) {
        true => Vec::new(),
        false => vec![Complaint::new(
            PAGE,
            "is behind tests/threats.toml or tests/cases.toml: run `cargo xtask threats`",
        )],
    }
}

/// The page with its tables as they have to be.
pub(super) fn written(house: &House) -> Result<String, Vec<Complaint>> {
    let wrong = |at: &str, says: &str| vec![Complaint::new(at, says)];
    let page = house.file(PAGE).unwrap_or_default();
    let (by_hand, _) = page
        .split_once(MARK)
        .ok_or_else(|| wrong(PAGE, "has not the line behind which the tables stand"))?;
    let table = |path| {
        let text: Option<Table> = house.file(path).and_then(|text| text.parse().ok());
        text.ok_or_else(|| wrong(path, "is missing, or is not TOML"))
    };
    let (rows, cases) = (table(ROWS)?, table(MAP)?);
    let tests = cases.get("attacks").and_then(Value::as_table);
    let rows = Rows::read(house, rows, tests.unwrap_or(&Table::new()))?;
    Ok(format!("{by_hand}{MARK}{}", rows.tables()))
}

/// The rows in the order of their ids, by group.
struct Rows(BTreeMap<String, (String, BTreeMap<u32, Row>)>);

struct Row {
    attack: String,
    fate: Fate,
    tests: Vec<Place>,
}

enum Fate {
    Stopped {
        answer: String,
        by: Vec<Place>,
        limit: Option<String>,
    },
    Open(String),
}

/// A name in a file.
struct Place {
    path: String,
    name: String,
}

impl Rows {
    fn read(house: &House, mut rows: Table, tests: &Table) -> Result<Self, Vec<Complaint>> {
        let titles = rows.remove("groups");
        let titles = titles.as_ref().and_then(Value::as_table);
        let mut groups = BTreeMap::new();
        let mut complaints = Vec::new();
        for id in tests.keys().filter(|id| !rows.contains_key(*id)) {
            let says = format!("[{id}] is missing: {MAP} has tests for it");
            complaints.push(Complaint::new(ROWS, says));
        }
        for (id, value) in &rows {
            let placed = cases::numbered(id).and_then(|(group, number)| {
                let title = titles?.get(group)?.as_str()?;
                Some((group, title, number))
            });
            let read = match placed {
                Some(place) => Row::read(house, value, tests.get(id)).map(|row| (place, row)),
                None => Err("is no id with a title under [groups]".to_owned()),
            };
            match read {
                Ok(((group, title, number), row)) => {
                    let group = groups.entry(group.to_owned());
                    let (_, rows) = group.or_insert((title.to_owned(), BTreeMap::new()));
                    rows.insert(number, row);
                }
                Err(wrong) => complaints.push(Complaint::new(ROWS, format!("[{id}] {wrong}"))),
            }
        }
        match complaints.is_empty() {
            true => Ok(Self(groups)),
            false => Err(complaints),
        }
    }

    fn tables(&self) -> String {
        let mut page = String::new();
        for (group, (title, rows)) in &self.0 {
            // Writing into a text cannot fail.
            let _ = write!(
                page,
                "\n### {group}. {title}\n\n| | attack or fault | what becomes of it | stopped by | shown by |\n| --- | --- | --- | --- | --- |\n"
            );
            for (number, row) in rows {
                let _ = writeln!(page, "| {group}{number} | {} |", row.cells());
            }
        }
        page
    }
}

impl Row {
    fn read(house: &House, value: &Value, tests: Option<&Value>) -> Result<Self, String> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let places = |value: Option<&Value>| -> Vec<String> {
            let places = value.and_then(Value::as_array).into_iter().flatten();
            places
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        let by: Result<Vec<Place>, String> = places(value.get("by"))
            .iter()
            .map(|place| Place::of_code(house, place))
            .collect();
        let tests: Result<Vec<Place>, String> = places(tests)
            .iter()
            .map(|test| {
                let (path, name) = cases::parts(house, test)?;
                let name = name.to_owned();
                Ok(Place { path, name })
            })
            .collect();
        let (by, tests) = (by?, tests?);
        let fate = match (text("answer"), text("open")) {
            (Some(answer), None) if !by.is_empty() && !tests.is_empty() => Fate::Stopped {
                answer,
                by,
                limit: text("limit"),
            },
            (None, Some(why)) if by.is_empty() && tests.is_empty() => Fate::Open(why),
            _ => {
                return Err(format!(
                    "has either `answer`, `by` and tests in {MAP}, or `open` alone"
                ));
            }
        };
        let attack = text("attack").ok_or("has no `attack`")?;
        Ok(Self {
            attack,
            fate,
            tests,
        })
    }

    fn cells(&self) -> String {
        let Self {
            attack,
            fate,
            tests,
        } = self;
        match fate {
            Fate::Open(why) => format!("{attack} | **Not defended.** {why} | – | –"),
            Fate::Stopped { answer, by, limit } => {
                let limit = limit.iter().map(|limit| format!("<br>*Limit:* {limit}"));
                let limit: String = limit.collect();
                format!(
                    "{attack} | {answer}{limit} | {} | {}",
                    list(by),
                    list(tests)
                )
            }
        }
    }
}

impl Place {
    fn of_code(house: &House, place: &str) -> Result<Self, String> {
        let (file, name) = place
            .rsplit_once("::")
            .ok_or_else(|| format!("`{place}` is not of the form `package::file::name`"))?;
        let path = cases::path(house, file).map_err(|wrong| format!("`{place}` {wrong}"))?;
        let text = house
            .file(&path)
            .ok_or_else(|| format!("`{place}` names {path}, which does not exist"))?;
        let is_there = match path.ends_with(".rs") {
            true => !Source::new(text)
                .without_tests()
                .lines_with(name)
                .is_empty(),
            false => text.contains(name),
        };
        match is_there {
            true => Ok(Self {
                path,
                name: name.to_owned(),
            }),
            false => Err(format!(
                "`{place}` names nothing in the code of {path}: where is it stopped now?"
            )),
        }
    }
}

/// The names, each file once.
fn list(places: &[Place]) -> String {
    let mut files: Vec<(&str, Vec<String>)> = Vec::new();
    for Place { path, name } in places {
        let name = format!("`{name}`");
        match files.iter_mut().find(|(known, _)| known == path) {
            Some((_, names)) => names.push(name),
            None => files.push((path, vec![name])),
        }
    }
    let files = files.iter().map(|(path, names)| {
        let short = path.strip_prefix("crates/").unwrap_or(path);
        format!("[{short}]({path}): {}", names.join(", "))
    });
    files.collect::<Vec<_>>().join("<br>")
}

#[cfg(test)]
mod tests {
    use super::super::{house, package};
    use super::*;

    const CODE: &str =
        "//! forgotten\nfn has_state() {}\n#[cfg(test)]\nmod tests { fn helper() {} }";
    const CASES: &str = "[attacks]\nA1 = [\"hallpass-grant::tests/url.rs::it_holds\"]";
    const ROW: &str =
        "attack = \"x\"\nanswer = \"y\"\nby = [\"hallpass-grant::src/pending.rs::has_state\"]\n";

    fn house_of(rows: &str, cases: &str, page: &str) -> House {
        let files = [
            (ROWS, rows),
            (MAP, cases),
            (PAGE, page),
            ("crates/hallpass-grant/src/pending.rs", CODE),
        ];
        house(vec![package("hallpass-grant", &[], &[])], &files)
    }

    fn says(rows: &str, cases: &str) -> Vec<String> {
        let page = format!("By hand.\n{MARK}");
        let found = written(&house_of(rows, cases, &page))
            .err()
            .unwrap_or_default();
        found.into_iter().map(|complaint| complaint.says).collect()
    }

    #[test]
    fn a_page_that_is_behind_is_told_until_it_is_written_anew() {
        let rows = format!(
            "[groups]\nA = \"First\"\n[A1]\n{ROW}limit = \"z\"\n[A2]\nattack = \"v\"\nopen = \"w\"\n"
        );
        let behind = house_of(&rows, CASES, &format!("By hand.\n{MARK}old"));
        assert_eq!(check(&behind).len(), 1);
        let page = written(&behind).unwrap();
        let expected = "\n### A. First\n\n| | attack or fault | what becomes of it | stopped by | shown by |\n| --- | --- | --- | --- | --- |\n\
            | A1 | x | y<br>*Limit:* z | [hallpass-grant/src/pending.rs](crates/hallpass-grant/src/pending.rs): `has_state` | \
            [hallpass-grant/tests/url.rs](crates/hallpass-grant/tests/url.rs): `it_holds` |\n\
            | A2 | v | **Not defended.** w | – | – |\n";
        assert_eq!(page, format!("By hand.\n{MARK}{expected}"));
        assert_eq!(check(&house_of(&rows, CASES, &page)), []);
        assert_eq!(check(&house_of(&rows, CASES, "By hand.")).len(), 1);
    }

    #[test]
    fn a_place_whose_name_is_gone_from_the_code_is_told() {
        for place in [
            "hallpass-grant::src/pending.rs::gone",
            "hallpass-grant::src/pending.rs::forgotten",
            "hallpass-grant::src/pending.rs::helper",
            "hallpass-grant::src/gone.rs::has_state",
            "hallpass-grand::src/pending.rs::has_state",
            "has_state",
        ] {
            let row = format!("attack = \"x\"\nanswer = \"y\"\nby = [\"{place}\"]\n");
            let found = says(&format!("[groups]\nA = \"First\"\n[A1]\n{row}"), CASES);
            let is_told = found.len() == 1 && found[0].starts_with(&format!("[A1] `{place}`"));
            assert!(is_told, "{place}: {found:?}");
        }
    }

    #[test]
    fn a_row_without_a_defence_a_test_or_a_title_is_told() {
        let groups = "[groups]\nA = \"First\"\n";
        for (rows, cases) in [
            (format!("{groups}[A1]\n{ROW}"), "[attacks]"),
            (format!("{groups}[A1]\n{ROW}open = \"w\""), CASES),
            (format!("{groups}[A1]\nattack = \"x\"\nopen = \"w\""), CASES),
            (
                format!("{groups}[A1]\nattack = \"x\"\nanswer = \"y\""),
                CASES,
            ),
            (
                format!("{groups}[A1]\n{}", ROW.replace("attack", "a")),
                CASES,
            ),
            (format!("[A1]\n{ROW}"), CASES),
            (groups.to_owned(), CASES),
        ] {
            assert_eq!(says(&rows, cases).len(), 1, "{rows}");
        }
    }
}
