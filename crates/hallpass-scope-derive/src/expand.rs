//! The implementation that the macro writes.

use proc_macro2::TokenStream;
use quote::quote;

use crate::definition::Definition;

pub(crate) fn implementation(definition: &Definition<'_>) -> TokenStream {
    let Definition {
        ident,
        generics,
        home,
        scopes,
    } = definition;
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let variants: Vec<_> = scopes.iter().map(|scope| scope.ident).collect();
    let names = scopes.iter().map(|scope| &scope.name);
    let values = scopes.iter().map(|scope| &scope.value);
    let descriptions = scopes.iter().map(|scope| &scope.description);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #impl_generics #home::Scope for #ident #type_generics #where_clause {
            const ALL: &'static [Self] = &[#(Self::#variants),*];

            fn name(&self) -> &'static str {
                match self {
                    #(Self::#variants => #names,)*
                }
            }

            fn value(&self) -> &'static str {
                match self {
                    #(Self::#variants => #values,)*
                }
            }

            fn description(&self) -> &'static str {
                match self {
                    #(Self::#variants => #descriptions,)*
                }
            }
        }
    }
}
