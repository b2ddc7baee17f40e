//! The listing: a line for each item that others can name, sorted by where it is.
//!
//! Blanket impls are left out, for they say nothing about this crate. Of the auto traits stands there only what is not so for every
//! type as it is: that a type is *not* `Send`, or is it only if a parameter of it is.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use public_api::rustdoc_types::FORMAT_VERSION;
use public_api::{Builder, PublicApi, PublicItem};

use crate::names;
use crate::rustdoc;

/// The Rust whose rustdoc writes the format that is read here.
const RUST: &str = "1.95";
/// As the root's Cargo.toml and its lock have it.
const READER: &str = "public-api in xtask/api/Cargo.toml";

/// What a crate's JSON says.
pub(crate) struct Listing {
    file: String,
    json: String,
    api: PublicApi,
}

impl Listing {
    /// Of the crate whose JSON is in that file.
    pub(crate) fn of(file: &Path) -> Result<Self, String> {
        let name = file.display().to_string();
        let json = fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
        let format = format_version(&json);
        if format != Some(FORMAT_VERSION) {
            return Err(other_format(format, &rustdoc::version()));
        }
        let builder = Builder::from_rustdoc_json(file).omit_blanket_impls(true);
        let api = builder
            .build()
            .map_err(|error| format!("{name}: {error}"))?;
        Ok(Self {
            file: name,
            json,
            api,
        })
    }

    /// A line for each item.
    pub(crate) fn lines(&self) -> String {
        let items = self.api.items().map(|item| (item, item.to_string()));
        let items: Vec<_> = items.collect();
        let of_a_trait = items.iter().filter(|(_, line)| is_of_a_trait(line));
        let of_a_trait: HashSet<_> = of_a_trait.map(|(item, _)| item.id()).collect();
        let is_told_by_its_trait = |item: &PublicItem, line: &str| {
            is_function(line) && item.parent_id().is_some_and(|id| of_a_trait.contains(&id))
        };
        let told = items
            .iter()
            .filter(|(item, line)| !goes_without_saying(line) && !is_told_by_its_trait(item, line));
        let mut lines: Vec<&str> = told.map(|(_, line)| line.as_str()).collect();
        lines.dedup();
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// A line for each type that is written in another place than others find it in.
    pub(crate) fn names(&self) -> Result<String, String> {
        names::of(&self.api, &self.json).map_err(|error| format!("{}: {error}", self.file))
    }
}

/// rustdoc ends its JSON with it.
fn format_version(json: &str) -> Option<u32> {
    let (_, after) = json.rsplit_once("\"format_version\":")?;
    let digits = after.trim_start();
    let end = digits.find(|c: char| !c.is_ascii_digit());
    digits[..end.unwrap_or(digits.len())].parse().ok()
}

fn other_format(found: Option<u32>, rustdoc: &str) -> String {
    let found = found.map_or_else(|| "none".to_owned(), |found| found.to_string());
    format!(
        "{rustdoc} writes its JSON in format {found}, and the listings are read from format {FORMAT_VERSION}, that of Rust {RUST}: \
         run it with that one (`rustup toolchain install {RUST}`, then `cargo +{RUST} xtask api`). To move to another Rust for \
         good, change the version of {READER} to one that reads its format, and `RUST` in xtask/api/src/listing.rs"
    )
}

/// What is so for all types, unless a line says otherwise; and what is nobody's to name.
fn goes_without_saying(line: &str) -> bool {
    /// So for all types, but for those whose lines say otherwise.
    const USUAL: &[&str] = &[
        "core::marker::Send",
        "core::marker::Sync",
        "core::marker::Unpin",
    ];
    /// The compiler's own, and what a panic leaves behind.
    const UNTOLD: &[&str] = &[
        "core::marker::Freeze",
        "core::marker::StructuralPartialEq",
        "core::marker::UnsafeUnpin",
        "core::panic::unwind_safe::RefUnwindSafe",
        "core::panic::unwind_safe::UnwindSafe",
    ];
    let Some((head, of)) = line.split_once(" for ") else {
        // `impl a::Door`, whose methods have lines of their own.
        return line.starts_with("impl ");
    };
    let (generics, what) = head.rsplit_once(' ').unwrap_or(("", head));
    let is_usual = match generics.strip_prefix("impl") {
        Some(generics) => {
            USUAL.contains(&what) && has_no_condition(generics) && !of.contains(" where ")
        }
        None => return false,
    };
    is_usual || UNTOLD.contains(&what.trim_start_matches('!'))
}

/// No type among the parameters: nothing, or `<'a, 'b>`.
fn has_no_condition(generics: &str) -> bool {
    let names = generics.trim_matches(['<', '>']).split(", ");
    names
        .into_iter()
        .all(|name| name.is_empty() || name.starts_with('\''))
}

/// `impl core::clone::Clone for a::Door`: it says what a list of the trait's methods would say again.
fn is_of_a_trait(line: &str) -> bool {
    line.starts_with("impl") && line.contains(" for ")
}

/// Whatever stands between `pub` and `fn`.
fn is_function(line: &str) -> bool {
    line.split(' ')
        .take_while(|word| !word.contains("::"))
        .any(|word| word == "fn")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auto_trait_is_told_only_where_it_is_missing_or_has_a_condition() {
        for line in [
            "impl a::Door",
            "impl core::marker::Send for a::Door",
            "impl<'a, 'b> core::marker::Send for a::Door<'a, 'b>",
            "impl core::panic::unwind_safe::UnwindSafe for a::Door",
            "impl !core::marker::Freeze for a::Door",
            "impl<T> core::marker::Freeze for a::Way<T> where T: core::marker::Freeze",
        ] {
            assert!(goes_without_saying(line), "{line}");
        }
        for line in [
            "impl !core::marker::Send for a::Door",
            "impl<T> core::marker::Send for a::Way<T>",
            "impl<'a, T> core::marker::Sync for a::Way<'a, T> where T: core::marker::Sync",
            "impl<T> !core::marker::Sync for a::Way<T>",
            "impl<T: a::Wide> a::Way<T>",
            "impl core::clone::Clone for a::Door",
            "pub fn a::walk(impl core::marker::Send)",
            "pub struct a::Door",
        ] {
            assert!(!goes_without_saying(line), "{line}");
        }
    }

    #[test]
    fn another_format_says_which_rust_is_needed() {
        assert_eq!(
            format_version("{\"index\":{},\"format_version\":58}"),
            Some(58)
        );
        assert_eq!(format_version("{}"), None);
        let said = other_format(Some(58), "rustdoc 1.99.0 (fd0f1f31f 2026-11-01)");
        assert!(
            said.starts_with("rustdoc 1.99.0 (fd0f1f31f 2026-11-01) writes its JSON in format 58"),
            "{said}"
        );
        assert!(said.contains("cargo +1.95 xtask api"), "{said}");
    }
}
