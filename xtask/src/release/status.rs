//! `cargo xtask release status`: where each crate stands, and the least version that its change asks for.

use std::fmt::Write as _;

use super::plan::{Plan, Planned, State};

/// As many say why a version is needed; more would hide the crates from each other.
const REASONS: usize = 4;

/// Prints it, a line for each crate in the order in which they are published, and what to do next.
pub(super) fn run(plan: &Plan) -> Result<(), String> {
    print!("{}", told(plan));
    Ok(())
}

fn told(plan: &Plan) -> String {
    let names = plan.crates.iter().map(|planned| planned.tree.name.len());
    let (name, version) = (names.max().unwrap_or_default(), "0.10.10".len());
    let mut text = String::new();
    for planned in &plan.crates {
        let tree = &planned.tree;
        let _ = writeln!(
            text,
            "{:name$}  {:version$}  {}",
            tree.name,
            tree.version.to_string(),
            stands(planned)
        );
        let more = tree.reasons.len().saturating_sub(REASONS);
        let more = (more > 0).then(|| format!("and {more} more"));
        let notes = planned.notes.iter().map(ToString::to_string);
        for line in tree
            .reasons
            .iter()
            .take(REASONS)
            .cloned()
            .chain(more)
            .chain(notes)
        {
            let _ = writeln!(text, "{:name$}  {:version$}    {line}", "", "");
        }
    }
    let _ = write!(text, "\n{}\n", next(plan));
    text
}

fn stands(planned: &Planned) -> String {
    let tree = &planned.tree;
    let bullets = match tree.unreleased.len() {
        0 => "nothing in its changelog yet".to_owned(),
        1 => "1 line in its changelog".to_owned(),
        more => format!("{more} lines in its changelog"),
    };
    let last = planned.baseline.as_ref().or(planned.newest.as_ref());
    match (planned.state, last) {
        (State::Changed, Some(last)) if planned.is_unmeasured() => {
            format!("not known: no tag of {last} is here (git fetch --tags); {bullets}")
        }
        (State::Changed, Some(last)) => format!(
            "{} since {last}: {} at least; {bullets}",
            tree.change.word(),
            planned.least
        ),
        (State::New | State::Changed, _) => {
            format!("never released: {} as it stands; {bullets}", planned.least)
        }
        (State::Released, _) => "as it was released".to_owned(),
        (State::Prepared, Some(last)) => format!("prepared, after {last}"),
        (State::Prepared, None) => "prepared, its first release".to_owned(),
        (State::Untagged, _) => "published, and has no tag yet".to_owned(),
    }
}

/// The command that comes next.
fn next(plan: &Plan) -> &'static str {
    let any = |state: State| plan.crates.iter().any(|planned| planned.state == state);
    if any(State::Prepared) || any(State::Untagged) {
        "next: cargo xtask release check, then cargo xtask release publish"
    } else if any(State::New) || any(State::Changed) {
        "next: cargo xtask release prepare, or prepare CRATE... for some of them"
    } else {
        "nothing to do: every crate is as it was released"
    }
}

#[cfg(test)]
mod tests {
    use super::super::bump::Change;
    use super::super::plan::world::World;
    use super::*;

    #[test]
    fn each_crate_has_its_line_and_the_next_command_is_named() {
        let mut world = World::default()
            .with("json 0.1.0", &[])
            .with("token 0.1.0", &["json"])
            .with("grant 0.1.0", &["token"])
            .released("json", "0.1.0")
            .released("token", "0.1.0")
            .changed("token", Change::Breaking);
        world.tree("token").reasons = vec!["removed: pub fn token::read()".to_owned()];
        assert_eq!(
            told(&world.plan()),
            "\
json   0.1.0    as it was released
token  0.1.0    a breaking change since 0.1.0: 0.2.0 at least; 1 line in its changelog
                  removed: pub fn token::read()
grant  0.1.0    never released: 0.1.0 as it stands; nothing in its changelog yet

next: cargo xtask release prepare, or prepare CRATE... for some of them
"
        );
    }

    #[test]
    fn what_was_cut_off_is_finished_first() {
        let world = World::default()
            .with("json 0.1.0", &[])
            .published("json", "0.1.0", &[]);
        let told = told(&world.plan());
        assert!(told.contains("published, and has no tag yet"), "{told}");
        assert!(
            told.ends_with("then cargo xtask release publish\n"),
            "{told}"
        );
        let world = world.tagged("json", "0.1.0");
        assert!(super::told(&world.plan()).contains("nothing to do"));
    }
}
