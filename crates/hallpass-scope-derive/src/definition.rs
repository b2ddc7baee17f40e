//! An enum that has been found to define scopes.

use std::collections::HashMap;

use syn::{
    Data, DataEnum, DeriveInput, Error, Generics, Ident, Path, Result, parse_quote,
    spanned::Spanned,
};

use crate::{attribute::EnumAttributes, variant::Scope};

/// What the implementation is written from: at least one scope, no two with the same value or name.
pub(crate) struct Definition<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    /// The path of the crate or module that holds the trait.
    pub(crate) home: Path,
    pub(crate) scopes: Vec<Scope<'a>>,
}

impl<'a> Definition<'a> {
    /// Reports everything that is wrong at once, not only the first.
    pub(crate) fn read(input: &'a DeriveInput) -> Result<Self> {
        let data = enum_of(input)?;
        let mut errors = Vec::new();
        let mut scopes = Vec::new();
        let attributes = EnumAttributes::read(&input.attrs).unwrap_or_else(|error| {
            errors.push(error);
            EnumAttributes::default()
        });
        for variant in &data.variants {
            match Scope::read(variant) {
                Ok(scope) => scopes.push(scope),
                Err(error) => errors.push(error),
            }
        }
        errors.extend(equal_values(&scopes));
        errors.extend(equal_names(&scopes));
        let all = errors.into_iter().reduce(|mut all, error| {
            all.combine(error);
            all
        });
        match all {
            Some(error) => Err(error),
            None => Ok(Self {
                ident: &input.ident,
                generics: &input.generics,
                home: attributes
                    .home
                    .unwrap_or_else(|| parse_quote!(::hallpass_scope)),
                scopes,
            }),
        }
    }
}

fn enum_of(input: &DeriveInput) -> Result<&DataEnum> {
    let keyword = match &input.data {
        Data::Enum(data) if data.variants.is_empty() => {
            return Err(Error::new(
                input.ident.span(),
                format!(
                    "`{}` has no scope: write at least one variant, such as \
                     `#[scope(\"read\")] Read`",
                    input.ident
                ),
            ));
        }
        Data::Enum(data) => return Ok(data),
        Data::Struct(data) => data.struct_token.span(),
        Data::Union(data) => data.union_token.span(),
    };
    Err(Error::new(
        keyword,
        format!(
            "scopes are defined by an enum: write `enum {} {{ .. }}` with a variant such as \
             `#[scope(\"read\")] Read` for each scope",
            input.ident
        ),
    ))
}

fn equal_values(scopes: &[Scope<'_>]) -> Vec<Error> {
    let mut first = HashMap::new();
    let mut errors = Vec::new();
    for scope in scopes {
        let earlier = *first.entry(scope.value.value()).or_insert(scope.ident);
        if earlier != scope.ident {
            errors.push(Error::new(
                scope.value.span(),
                format!(
                    "the variant `{earlier}` has the value {:?} already: write the value of \
                     `{}`, or remove one of the two variants",
                    scope.value.value(),
                    scope.ident
                ),
            ));
        }
    }
    errors
}

/// Names are looked up in upper and lower case, so `read` and `READ` are the same.
fn equal_names(scopes: &[Scope<'_>]) -> Vec<Error> {
    let mut first = HashMap::new();
    let mut errors = Vec::new();
    for scope in scopes {
        let folded = scope.name.to_ascii_uppercase();
        let earlier = *first.entry(folded).or_insert(scope.ident);
        if earlier != scope.ident {
            errors.push(Error::new(
                scope.name_span,
                format!(
                    "the variant `{earlier}` has the name {:?} already (upper and lower case \
                     are the same): write `#[scope({:?}, name = \"ANOTHER\")]`",
                    scope.name,
                    scope.value.value()
                ),
            ));
        }
    }
    errors
}
