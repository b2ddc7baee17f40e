//! One variant of the enum, which is one scope.

use proc_macro2::Span;
use syn::{
    Attribute, Error, Expr, ExprLit, Fields, Ident, Lit, LitStr, Meta, Result, Variant,
    ext::IdentExt, spanned::Spanned,
};

use crate::{attribute::VariantAttributes, token};

pub(crate) struct Scope<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) value: LitStr,
    pub(crate) name: String,
    /// What to point at when the name is wrong.
    pub(crate) name_span: Span,
    pub(crate) description: String,
}

impl<'a> Scope<'a> {
    pub(crate) fn read(variant: &'a Variant) -> Result<Self> {
        let ident = &variant.ident;
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new(
                variant.fields.span(),
                format!("a scope has no fields: write `{ident}` alone"),
            ));
        }
        let attributes = VariantAttributes::read(&variant.attrs)?;
        let Some(value) = attributes.value else {
            return Err(Error::new(
                ident.span(),
                format!(
                    "the scope `{ident}` has no value: write `#[scope(\"...\")]` above it, with \
                     the string that the authorization server defines"
                ),
            ));
        };
        token::check(&value)?;
        let (name, name_span) = match attributes.name {
            Some(name) => (name.value(), name.span()),
            None => (screaming_snake(&ident.unraw().to_string()), ident.span()),
        };
        Ok(Self {
            ident,
            value,
            name,
            name_span,
            description: description(&variant.attrs),
        })
    }
}

/// `ReadScope` to `READ_SCOPE`, `HTTPRead` to `HTTP_READ`.
fn screaming_snake(ident: &str) -> String {
    let mut name = String::new();
    let mut before = '_';
    let mut characters = ident.chars().peekable();
    while let Some(character) = characters.next() {
        let ends_capitals =
            before.is_uppercase() && characters.peek().is_some_and(|next| next.is_lowercase());
        let begins_word =
            character.is_uppercase() && (before.is_lowercase() || before.is_numeric());
        if begins_word || (character.is_uppercase() && ends_capitals) {
            name.push('_');
        }
        name.extend(character.to_uppercase());
        before = character;
    }
    name
}

/// The lines of the doc comment, trimmed and joined by spaces.
fn description(attributes: &[Attribute]) -> String {
    let comments = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => Some(text.value()),
                _ => None,
            },
            _ => None,
        });
    let mut description = String::new();
    for comment in comments {
        // The later lines of a block comment begin with the asterisk of their margin.
        for (number, line) in comment.lines().enumerate() {
            let line = line.trim();
            let line = match number {
                0 => line,
                _ => line.strip_prefix('*').unwrap_or(line).trim_start(),
            };
            if !description.is_empty() && !line.is_empty() {
                description.push(' ');
            }
            description.push_str(line);
        }
    }
    description
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn the_name_is_the_variant_in_screaming_snake_case() {
        for (ident, name) in [
            ("ReadScope", "READ_SCOPE"),
            ("Read", "READ"),
            ("ReadPets", "READ_PETS"),
            ("READPETS", "READPETS"),
            ("HTTPRead", "HTTP_READ"),
            ("ReadV2", "READ_V2"),
            ("Drive2Read", "DRIVE2_READ"),
            ("Read_Scope", "READ_SCOPE"),
            ("X", "X"),
            ("ÉditerTout", "ÉDITER_TOUT"),
        ] {
            assert_eq!(screaming_snake(ident), name);
        }
    }

    #[test]
    fn the_description_is_the_doc_comment_on_one_line() {
        let variant: Variant = parse_quote! {
            /// modify pets
            ///
            ///   in your account
            #[doc(alias = "pets")]
            #[scope("write:pets")]
            WritePets
        };
        assert_eq!(description(&variant.attrs), "modify pets in your account");
    }

    #[test]
    fn a_block_comment_loses_its_margin() {
        let variant: Variant = parse_quote! {
            /** modify pets
             * in your account
             */
            WritePets
        };
        assert_eq!(description(&variant.attrs), "modify pets in your account");
    }
}
