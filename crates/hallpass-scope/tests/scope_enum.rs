//! A derived enum: its names, values and descriptions, and finding a scope by one of them.
#![cfg(feature = "derive")]

use hallpass_scope::Scope;

// The scopes of three services, as a generated SDK defines them.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scope)]
enum HttpIg {
    /// Read scope
    #[scope("read")]
    ReadScope,
    /// Write scope
    #[scope("write")]
    WriteScope,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scope)]
enum PetstoreAuth {
    /// read your pets
    #[scope("read:pets", name = "READPETS")]
    ReadPets,
    /// modify pets in your account
    #[scope("write:pets", name = "WRITEPETS")]
    WritePets,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Scope)]
enum OAuthAcg {
    /// Read request for files
    #[scope("file_requests.read")]
    ReadScope,
}

fn table<S: Scope>() -> Vec<(&'static str, &'static str, &'static str)> {
    S::ALL
        .iter()
        .map(|scope| (scope.name(), scope.value(), scope.description()))
        .collect()
}

#[test]
fn a_variant_has_the_name_value_and_description_it_was_declared_with() {
    assert_eq!(
        table::<HttpIg>(),
        [
            ("READ_SCOPE", "read", "Read scope"),
            ("WRITE_SCOPE", "write", "Write scope"),
        ]
    );
    assert_eq!(
        table::<PetstoreAuth>(),
        [
            ("READPETS", "read:pets", "read your pets"),
            ("WRITEPETS", "write:pets", "modify pets in your account"),
        ]
    );
    assert_eq!(
        table::<OAuthAcg>(),
        [("READ_SCOPE", "file_requests.read", "Read request for files")]
    );
}

#[test]
fn names_are_found_in_upper_and_lower_case() {
    for name in ["READPETS", "readpets", "ReadPets"] {
        assert_eq!(PetstoreAuth::from_name(name), Some(PetstoreAuth::ReadPets));
    }
    for name in ["read:pets", "READ_PETS", "READPETS ", ""] {
        assert_eq!(PetstoreAuth::from_name(name), None);
    }
}

#[test]
fn values_are_found_only_as_they_are_written() {
    let found = PetstoreAuth::from_value("write:pets");
    assert_eq!(found, Some(PetstoreAuth::WritePets));
    for value in ["Write:pets", "WRITEPETS", "write", ""] {
        assert_eq!(PetstoreAuth::from_value(value), None);
    }
}

#[test]
fn a_setting_may_hold_the_name_or_the_value() {
    for setting in ["READ_SCOPE", "read_scope", "file_requests.read"] {
        assert_eq!(OAuthAcg::lookup(setting), Some(OAuthAcg::ReadScope));
    }
    assert_eq!(OAuthAcg::lookup("FILE_REQUESTS.READ"), None);
    assert_eq!(OAuthAcg::lookup("file_requests.write"), None);
}

#[test]
fn a_value_is_found_before_a_name() {
    #[derive(Clone, Copy, Debug, PartialEq, Scope)]
    enum Crossed {
        #[scope("b")]
        A,
        #[scope("a")]
        B,
    }
    assert_eq!(Crossed::lookup("a"), Some(Crossed::B));
    assert_eq!(Crossed::lookup("A"), Some(Crossed::A));
}

#[test]
fn a_scope_without_a_doc_comment_has_an_empty_description() {
    #[derive(Clone, Copy, Scope)]
    enum Bare {
        #[scope("openid")]
        OpenId,
    }
    assert_eq!(table::<Bare>(), [("OPEN_ID", "openid", "")]);
}

#[test]
fn a_raw_identifier_and_a_deprecated_variant_are_scopes_like_any_other() {
    #[derive(Clone, Copy, Scope)]
    #[allow(non_camel_case_types)]
    enum Odd {
        #[scope("type")]
        r#type,
        #[deprecated]
        #[scope("https://api.example.com/auth/files.readonly")]
        Old,
    }
    assert_eq!(
        table::<Odd>(),
        [
            ("TYPE", "type", ""),
            ("OLD", "https://api.example.com/auth/files.readonly", ""),
        ]
    );
}

/// What a crate that re-exports this one looks like.
mod facade {
    pub(crate) mod scope {
        pub(crate) use hallpass_scope::Scope;
    }
}

/// A trait of the same shape that is no `hallpass_scope::Scope`.
mod elsewhere {
    pub(crate) trait Scope: Copy + 'static {
        const ALL: &'static [Self];
        fn name(&self) -> &'static str;
        fn value(&self) -> &'static str;
        fn description(&self) -> &'static str;
    }
}

#[test]
fn a_facade_says_where_the_trait_is() {
    #[derive(Clone, Copy, Debug, PartialEq, facade::scope::Scope)]
    #[scope(crate = "facade::scope")]
    enum Through {
        #[scope("read")]
        Read,
    }

    assert_eq!(Through::lookup("read"), Some(Through::Read));
}

#[test]
fn the_generated_code_goes_through_that_path_alone() {
    #[derive(Clone, Copy, Scope)]
    #[scope(crate = "elsewhere")]
    enum Other {
        /// Reads
        #[scope("read")]
        Read,
    }

    let [scope] = <Other as elsewhere::Scope>::ALL else {
        panic!("one scope");
    };
    assert_eq!(elsewhere::Scope::name(scope), "READ");
    assert_eq!(elsewhere::Scope::value(scope), "read");
    assert_eq!(elsewhere::Scope::description(scope), "Reads");
}
