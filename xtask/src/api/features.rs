//! Features only add: whatever a crate has without features or with one of them, it has with all of them too.
//!
//! The crate itself is listed with few features, what it depends on as all features have it. So what is seen is what its own `cfg`s do; that each
//! set of features builds is for the step `alone`.

use super::change::ApiChange;
use super::listings::Listings;
use crate::workspace::Package;

pub(super) fn check(listings: &Listings, packages: &[&Package]) -> Result<(), String> {
    let mut complaints = Vec::new();
    for package in packages {
        let whole = listings.whole(package)?;
        for (set, part) in listings.parts(package)? {
            complaints.extend(complaint(&package.name, &set, &part, &whole));
        }
    }
    match complaints.as_slice() {
        [] => Ok(()),
        complaints => Err(complaints.join("\n")),
    }
}

fn complaint(name: &str, set: &str, part: &str, whole: &str) -> Option<String> {
    let lost = ApiChange::between(part, whole).breaking;
    if lost.is_empty() {
        return None;
    }
    let lines: String = lost.iter().map(|line| format!("\n    {line}")).collect();
    Some(format!(
        "  {name}: with all features something of what there is with {set} is changed or gone. A feature may only add: let the \
         signature be the same in both, or give what the feature brings a name of its own{lines}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_that_changes_a_signature_or_takes_send_away_is_told() {
        let few = "pub struct a::Door\npub fn a::open()";
        let more = "pub struct a::Door\npub fn a::open()\npub fn a::shut()";
        assert_eq!(complaint("a", "no features", few, more), None);
        let other = "pub struct a::Door\npub fn a::open(bool)";
        let said = complaint("a", "no features", few, other).unwrap();
        assert!(
            said.starts_with("  a: ") && said.ends_with("with no features is changed or gone. A feature may only add: let the signature be the same in both, or give what the feature brings a name of its own\n    - pub fn a::open()"),
            "{said}"
        );
        let not_send = format!("{more}\nimpl !core::marker::Send for a::Door");
        assert!(complaint("a", "no features", few, &not_send).is_some());
    }
}
