//! What `deny.toml` allows or bans has a reason: in its `reason`, or beside it in a comment where cargo-deny takes none.

use toml::{Table, Value};

use super::{Complaint, House};

const FILE: &str = "deny.toml";
/// The lists of exceptions, by their tables.
const LISTS: &[(&str, &[&str])] = &[
    ("advisories", &["ignore"]),
    ("bans", &["allow", "deny", "features", "skip", "skip-tree"]),
    ("licenses", &["allow", "clarify", "exceptions"]),
    ("sources", &["allow-git", "allow-registry"]),
];

pub(super) fn check(house: &House) -> Vec<Complaint> {
    let text = house.file(FILE).unwrap_or_default();
    let tables: Table = match text.parse() {
        Ok(tables) => tables,
        Err(error) => return vec![Complaint::new(FILE, format!("is not TOML: {error}"))],
    };
    let mut complaints = Vec::new();
    for (table, lists) in LISTS {
        let lists = lists
            .iter()
            .filter_map(|list| tables.get(*table)?.get(list)?.as_array());
        for entry in lists.flatten().filter(|entry| !has_reason(text, entry)) {
            let says =
                format!("`{entry}` in [{table}] has no reason: say why it is allowed or banned");
            complaints.push(Complaint::new(FILE, says));
        }
    }
    complaints
}

fn has_reason(text: &str, entry: &Value) -> bool {
    match entry {
        Value::Table(entry) => match (entry.get("reason"), entry.get("crate")) {
            // What only points to another reason moves with it.
            (Some(Value::String(reason)), _) => !reason.is_empty() && !reason.starts_with("see "),
            (_, Some(Value::String(name))) => has_comment(text, name),
            _ => false,
        },
        Value::String(name) => has_comment(text, name),
        _ => false,
    }
}

/// Behind the name, or in the line above it.
fn has_comment(text: &str, name: &str) -> bool {
    let quoted = format!("\"{name}\"");
    let lines: Vec<&str> = text.lines().collect();
    lines.iter().enumerate().any(|(number, line)| {
        let above = number
            .checked_sub(1)
            .map_or("", |above| lines[above].trim());
        line.split_once(&quoted)
            .is_some_and(|(_, rest)| rest.contains("# ") || above.starts_with("# "))
    })
}

#[cfg(test)]
mod tests {
    use super::super::house;
    use super::*;

    fn complaints(text: &str) -> usize {
        check(&house(Vec::new(), &[(FILE, text)])).len()
    }

    #[test]
    fn an_exception_has_its_reason_beside_it() {
        for (text, expected) in [
            ("[bans]\ndeny = [{ crate = \"a\", reason = \"slow\" }]", 0),
            ("[bans]\ndeny = [{ crate = \"a\" }]", 1),
            (
                "[licenses]\nexceptions = [\n  # data\n  { crate = \"a\", allow = [\"ISC\"] },\n]",
                0,
            ),
            ("[bans]\ndeny = [{ crate = \"a\", reason = \"see b\" }]", 1),
            ("[bans]\nskip = [\"a\"]", 1),
            (
                "[licenses]\nallow = [\n  \"MIT\", # most of them\n  \"ISC\",\n]",
                1,
            ),
            ("[sources]\nallow-git = []", 0),
            ("[bans", 1),
        ] {
            assert_eq!(complaints(text), expected, "{text}");
        }
    }
}
