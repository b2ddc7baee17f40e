//! The `#[scope(..)]` attributes of the enum and of its variants.

use proc_macro2::Span;
use syn::{
    Attribute, Error, Ident, LitStr, Meta, Path, Result, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

const ON_A_VARIANT: &str = "write `#[scope(\"value\")]` or `#[scope(\"value\", name = \"NAME\")]`";
const ON_THE_ENUM: &str = "write `#[scope(crate = \"path::to::hallpass_scope\")]`, or nothing";

/// What stands above a variant.
#[derive(Default)]
pub(crate) struct VariantAttributes {
    pub(crate) value: Option<LitStr>,
    pub(crate) name: Option<LitStr>,
}

impl VariantAttributes {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut read = Self::default();
        for argument in arguments(attributes, ON_A_VARIANT)? {
            match argument {
                Argument::Value(value) => {
                    let span = value.span();
                    once(&mut read.value, value, span, "the value")?;
                }
                Argument::Named { key, value } if key == "name" => {
                    if value.value().trim().is_empty() {
                        return Err(Error::new(
                            value.span(),
                            "the name of a scope cannot be empty: write one such as \"READ\", or \
                             leave `name` out",
                        ));
                    }
                    once(&mut read.name, value, key.span(), "`name`")?;
                }
                Argument::Named { key, .. } if key == "crate" => {
                    return Err(Error::new(
                        key.span(),
                        "`crate` is for the whole enum: write it above the enum",
                    ));
                }
                Argument::Named { key, .. } => return Err(unknown(&key, ON_A_VARIANT)),
            }
        }
        Ok(read)
    }
}

/// What stands above the enum.
#[derive(Default)]
pub(crate) struct EnumAttributes {
    /// The path given by `crate = ".."`.
    pub(crate) home: Option<Path>,
}

impl EnumAttributes {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut read = Self::default();
        for argument in arguments(attributes, ON_THE_ENUM)? {
            match argument {
                Argument::Value(value) => {
                    return Err(Error::new(
                        value.span(),
                        "a value belongs to one scope: write it above a variant",
                    ));
                }
                Argument::Named { key, value } if key == "crate" => {
                    let path = value.parse_with(Path::parse_mod_style).map_err(|_| {
                        Error::new(
                            value.span(),
                            "this is not the path of a module: write one such as \
                             \"hallpass::scope\"",
                        )
                    })?;
                    once(&mut read.home, path, key.span(), "`crate`")?;
                }
                Argument::Named { key, .. } => return Err(unknown(&key, ON_THE_ENUM)),
            }
        }
        Ok(read)
    }
}

/// One of the things between the parentheses.
enum Argument {
    Value(LitStr),
    Named { key: Ident, value: LitStr },
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Self::Value);
        }
        if !input.peek(Ident::peek_any) {
            return Err(input.error("this is not a string: write one in double quotes"));
        }
        let key = input.call(Ident::parse_any)?;
        if !input.peek(Token![=]) {
            return Err(Error::new(
                key.span(),
                format!(
                    "`{key}` is not a string: write it in double quotes, as in `#[scope(\"value\")]`"
                ),
            ));
        }
        input.parse::<Token![=]>()?;
        if !input.peek(LitStr) {
            return Err(input.error("this is not a string: write one in double quotes"));
        }
        let value = input.parse()?;
        Ok(Self::Named { key, value })
    }
}

fn arguments(attributes: &[Attribute], usage: &str) -> Result<Vec<Argument>> {
    let mut arguments = Vec::new();
    for attribute in attributes {
        match &attribute.meta {
            meta if !meta.path().is_ident("scope") => {}
            Meta::List(list) => arguments
                .extend(list.parse_args_with(Punctuated::<Argument, Token![,]>::parse_terminated)?),
            meta => return Err(Error::new_spanned(meta, usage)),
        }
    }
    Ok(arguments)
}

fn once<T>(slot: &mut Option<T>, given: T, span: Span, what: &str) -> Result<()> {
    match slot.replace(given) {
        None => Ok(()),
        Some(_) => Err(Error::new(
            span,
            format!("{what} is given twice: write it once"),
        )),
    }
}

fn unknown(key: &Ident, usage: &str) -> Error {
    Error::new(key.span(), format!("unknown key `{key}`: {usage}"))
}
