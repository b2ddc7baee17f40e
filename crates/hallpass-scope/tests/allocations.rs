//! What a small set costs. An authorization URL is built from one on every login.

use allocation_counter::measure;
use hallpass_scope::{Scope, Scopes};

#[derive(Clone, Copy)]
enum Files {
    Read,
    Write,
    Share,
    Delete,
}

impl Scope for Files {
    const ALL: &'static [Self] = &[Self::Read, Self::Write, Self::Share, Self::Delete];

    fn name(&self) -> &'static str {
        self.value()
    }

    fn value(&self) -> &'static str {
        match self {
            Self::Read => "file_requests.read",
            Self::Write => "file_requests.write",
            Self::Share => "sharing.write",
            Self::Delete => "files.permanent_delete",
        }
    }

    fn description(&self) -> &'static str {
        ""
    }
}

fn allocations(build: impl FnOnce() -> Scopes) -> u64 {
    let mut scopes = Scopes::new();
    let count = measure(|| scopes = build()).count_total;
    assert_eq!(scopes.len(), Files::ALL.len());
    count
}

#[test]
fn a_small_set_allocates_once_however_it_is_made() {
    let wire = "file_requests.read file_requests.write sharing.write files.permanent_delete";
    assert_eq!(allocations(|| Scopes::parse(wire).unwrap()), 1);
    assert_eq!(allocations(|| Files::ALL.iter().copied().collect()), 1);
    assert_eq!(
        allocations(|| {
            Scopes::new()
                .with(Files::Read)
                .with(Files::Write)
                .with(Files::Share)
                .with(Files::Delete)
        }),
        1
    );
}

#[test]
fn looking_at_a_small_set_allocates_nothing() {
    let scopes: Scopes = Files::ALL.iter().copied().collect();
    let other = Scopes::from(Files::Share);
    let cost = measure(|| {
        assert_eq!(scopes.as_str().len(), 75);
        assert!(scopes.contains(&Files::Delete));
        assert!(other.is_subset(&scopes));
        assert!(scopes != other);
        assert!(scopes.compared_with(&scopes).is_exact());
    });
    assert_eq!(cost.count_total, 0);
}

#[test]
fn a_megabyte_of_duplicates_does_not_stay_in_memory() {
    let wire = "read ".repeat(200_000);
    let mut scopes = Scopes::new();
    let cost = measure(|| scopes = Scopes::parse(&wire).unwrap());
    assert_eq!(scopes.as_str(), "read");
    assert!(cost.bytes_current < 256, "{}", cost.bytes_current);
}
