//! Under which names others find what a crate defines. rustdoc calls it, in the documentation of another crate, after the module it is
//! written in, which may be private: a move between private modules would look like another type.

use std::collections::BTreeMap;

use public_api::PublicApi;
use public_api::rustdoc_types::Crate;

/// A line for each type and trait that has another name: where it is written, and where others find it.
pub(crate) fn of(api: &PublicApi, json: &str) -> Result<String, serde_json::Error> {
    let documented: Crate = serde_json::from_str(json)?;
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for item in api.items() {
        let line = item.to_string();
        let (Some(found), Some(written)) = (name(&line), documented.paths.get(&item.id())) else {
            continue;
        };
        let written = written.path.join("::");
        let known = names.entry(written).or_insert_with(|| found.to_owned());
        // Of several the nearest to the root.
        if (found.matches("::").count(), found) < (known.matches("::").count(), known.as_str()) {
            *known = found.to_owned();
        }
    }
    let moved = names.iter().filter(|(written, found)| written != found);
    Ok(moved
        .map(|(written, found)| format!("{written} {found}\n"))
        .collect())
}

/// What the line of a type or trait defines.
fn name(line: &str) -> Option<&str> {
    const KINDS: &[&str] = &["struct", "enum", "union", "trait", "type"];
    let mut words = line.split(' ').skip_while(|word| *word != "pub").skip(1);
    let kind = words.find(|word| !["unsafe", "auto"].contains(word))?;
    let path = KINDS.contains(&kind).then(|| words.next())??;
    path.split(['<', '('])
        .next()
        .map(|path| path.trim_end_matches(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_traits_have_a_name_and_their_members_none() {
        for (line, expected) in [
            ("pub struct a::b::Door(_)", Some("a::b::Door")),
            ("#[non_exhaustive] pub enum a::Way<T>", Some("a::Way")),
            ("pub trait a::Scope: core::marker::Copy", Some("a::Scope")),
            ("pub unsafe trait a::Scope", Some("a::Scope")),
            ("pub type a::Door<T> = b::Door<T>", Some("a::Door")),
            ("pub fn a::Door::open(&self)", None),
            ("pub a::Door::width: u32", None),
            ("impl core::clone::Clone for a::Door", None),
        ] {
            assert_eq!(name(line), expected, "{line}");
        }
    }
}
