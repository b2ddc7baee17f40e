//! Unsafe code by its kind, in what a parser makes of a file.

use std::fmt;
use std::fs;
use std::ops::AddAssign;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    AttrStyle, Attribute, Expr, ExprUnsafe, File, ItemFn, ItemForeignMod, ItemImpl, ItemMod,
    ItemTrait, Macro, Meta, Safety, Signature,
};

use crate::cargo::Package;

/// How often `unsafe` stands for what.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    blocks: usize,
    functions: usize,
    impls: usize,
    traits: usize,
    /// `extern` blocks: what they declare is elsewhere.
    foreign: usize,
    /// The word in a macro's text, which is no code yet.
    in_macros: usize,
    /// Files that no parser can read by themselves: parts of others, and what is to fail in a test.
    pub(crate) unread: usize,
}

/// Folders and files that no program is made of.
const NOT_SHIPPED: &[&str] = &[
    "tests", "test", "benches", "examples", "fuzz", "target", "tests.rs", "test.rs", "build.rs",
];

/// All that stands beside the file that a library begins with, and below.
pub(crate) fn package(package: &Package) -> Result<Count, String> {
    let folder = package.root.parent().ok_or("a library without a folder")?;
    let mut count = Count::default();
    below(folder, &mut count)?;
    Ok(count)
}

/// Whether the file begins with `#![forbid(unsafe_code)]`.
pub(crate) fn forbids_unsafe(root: &Path) -> Result<bool, String> {
    let text = fs::read_to_string(root).map_err(|error| format!("{}: {error}", root.display()))?;
    let file = syn::parse_file(&text).map_err(|error| format!("{}: {error}", root.display()))?;
    Ok(file.attrs.iter().any(|attribute| {
        let forbids =
            matches!(attribute.style, AttrStyle::Inner(_)) && attribute.path().is_ident("forbid");
        forbids && has_word(attribute, "unsafe_code")
    }))
}

fn below(folder: &Path, count: &mut Count) -> Result<(), String> {
    let said = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(said)? {
        let entry = entry.map_err(said)?;
        let (path, name) = (entry.path(), entry.file_name());
        if NOT_SHIPPED.iter().any(|own| name == *own) {
            continue;
        }
        if path.is_dir() {
            below(&path, count)?;
        } else if path.extension().is_some_and(|own| own == "rs") {
            let text = fs::read_to_string(&path).map_err(said)?;
            *count += of_text(&text);
        }
    }
    Ok(())
}

fn of_text(text: &str) -> Count {
    let mut count = Count::default();
    match syn::parse_file(text) {
        // A module that says so itself is one of tests.
        Ok(File { attrs, .. }) if is_test(&attrs) => {}
        Ok(file) => count.visit_file(&file),
        Err(_) => count.unread = 1,
    }
    count
}

impl Count {
    pub(crate) fn total(&self) -> usize {
        self.blocks + self.functions + self.impls + self.traits + self.foreign + self.in_macros
    }
}

impl<'ast> Visit<'ast> for Count {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if !is_test(&item.attrs) {
            self.impls += usize::from(item.unsafety.is_some());
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        self.traits += usize::from(item.unsafety.is_some());
        visit::visit_item_trait(self, item);
    }

    fn visit_item_foreign_mod(&mut self, item: &'ast ItemForeignMod) {
        // What JavaScript has is only written so: a macro makes calls of it that are safe.
        let is_script = |attribute: &Attribute| attribute.path().is_ident("wasm_bindgen");
        self.foreign += usize::from(!item.attrs.iter().any(is_script));
        visit::visit_item_foreign_mod(self, item);
    }

    fn visit_signature(&mut self, signature: &'ast Signature) {
        self.functions += usize::from(matches!(signature.safety, Safety::Unsafe(_)));
        visit::visit_signature(self, signature);
    }

    fn visit_expr_unsafe(&mut self, block: &'ast ExprUnsafe) {
        self.blocks += 1;
        visit::visit_expr_unsafe(self, block);
    }

    fn visit_expr(&mut self, expression: &'ast Expr) {
        // What the parser knows no form for it gives as text.
        if let Expr::Verbatim(tokens) = expression {
            self.in_macros += words(tokens, "unsafe");
        }
        visit::visit_expr(self, expression);
    }

    fn visit_macro(&mut self, text: &'ast Macro) {
        self.in_macros += words(&text.tokens, "unsafe");
    }
}

/// `#[test]`, or a `cfg` with the word `test` in it and no `not`.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_cfg = attribute.path().is_ident("cfg")
            && has_word(attribute, "test")
            && !has_word(attribute, "not");
        attribute.path().is_ident("test") || is_cfg
    })
}

fn has_word(attribute: &Attribute, word: &str) -> bool {
    matches!(&attribute.meta, Meta::List(list) if words(&list.tokens, word) > 0)
}

/// How often a word stands in a text, as a word of its own.
fn words(tokens: &TokenStream, word: &str) -> usize {
    let of = |token: TokenTree| match token {
        TokenTree::Group(group) => words(&group.stream(), word),
        TokenTree::Ident(own) => usize::from(own == word),
        TokenTree::Punct(_) | TokenTree::Literal(_) => 0,
    };
    tokens.clone().into_iter().map(of).sum()
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.functions += other.functions;
        self.impls += other.impls;
        self.traits += other.traits;
        self.foreign += other.foreign;
        self.in_macros += other.in_macros;
        self.unread += other.unread;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            blocks,
            functions,
            impls,
            traits,
            foreign,
            in_macros,
            ..
        } = self;
        let total = self.total();
        write!(
            f,
            "{blocks} | {functions} | {impls} | {traits} | {foreign} | {in_macros} | {total}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_counted_as_what_it_is() {
        let text = r#"
            //! unsafe {}
            unsafe fn f() { "unsafe {}"; }
            trait T { unsafe fn g(); }
            unsafe trait U {}
            unsafe impl U for X {}
            impl X { unsafe fn h(&self) { unsafe { f() }; let c = || unsafe { f() }; } }
            unsafe extern "C" { fn puts(text: *const u8); }
            macro_rules! m { () => { unsafe { f() } }; }
            fn safe() { m!(unsafe { f() }, unsafe_name) }
        "#;
        let expected = Count {
            blocks: 2,
            functions: 3,
            impls: 1,
            traits: 1,
            foreign: 1,
            in_macros: 2,
            unread: 0,
        };
        assert_eq!(of_text(text), expected);
        assert_eq!(expected.total(), 10);
    }

    #[test]
    fn tests_do_not_count_and_what_is_not_only_for_them_does() {
        for text in [
            "#[cfg(test)] mod tests { fn f() { unsafe {} } }",
            "#[cfg(all(test, unix))] mod tests { fn f() { unsafe {} } }",
            "#[test] fn f() { unsafe {} }",
            "#[cfg(test)] unsafe impl Send for X {}",
            "#![cfg(test)] fn f() { unsafe {} }",
        ] {
            assert_eq!(of_text(text), Count::default(), "{text}");
        }
        assert_eq!(of_text("#[cfg(not(test))] fn f() { unsafe {} }").blocks, 1);
    }

    #[test]
    fn what_javascript_has_is_not_foreign_code() {
        let text = "#[wasm_bindgen] extern \"C\" { fn now() -> f64; }";
        assert_eq!(of_text(text), Count::default());
    }

    #[test]
    fn what_is_no_file_by_itself_is_told() {
        assert_eq!(of_text("1 + 1").unread, 1);
    }

    #[test]
    fn this_program_forbids_unsafe_code() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        assert_eq!(forbids_unsafe(&folder.join("main.rs")), Ok(true));
        assert_eq!(forbids_unsafe(&folder.join("count.rs")), Ok(false));
    }
}
