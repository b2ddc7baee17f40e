//! The scopes of the three APIs, as their generated SDKs name them.

use hallpass::Scope;

/// httpIG
#[derive(Scope, Clone, Copy, Debug, PartialEq, Eq)]
#[scope(crate = "hallpass::scope")]
pub enum HttpIg {
    /// Read scope
    #[scope("read")]
    ReadScope,
    /// Write scope
    #[scope("write")]
    WriteScope,
}

/// petstore_auth
#[derive(Scope, Clone, Copy, Debug, PartialEq, Eq)]
#[scope(crate = "hallpass::scope")]
pub enum Petstore {
    /// read your pets
    #[scope("read:pets", name = "READPETS")]
    ReadPets,
    /// modify pets in your account
    #[scope("write:pets", name = "WRITEPETS")]
    WritePets,
}

/// OAuthACG
#[derive(Scope, Clone, Copy, Debug, PartialEq, Eq)]
#[scope(crate = "hallpass::scope")]
pub enum Files {
    /// Read request for files
    #[scope("file_requests.read")]
    ReadScope,
}
