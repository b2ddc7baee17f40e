//@ hallpass-scope = "ours"
use hallpass_scope::Scope as _;
use hallpass_scope_derive::Scope;

#[derive(Clone, Copy, Scope)]
enum PetstoreAuth {
    /// read your pets
    #[scope("read:pets", name = "READPETS")]
    ReadPets,
}

fn main() {
    assert_eq!(PetstoreAuth::ReadPets.name(), "READPETS");
    assert_eq!(PetstoreAuth::ReadPets.value(), "read:pets");
}
