use hallpass_scope::Scopes;

#[cfg(feature = "default")]
#[derive(Clone, Copy, hallpass_scope::Scope)]
enum PetstoreAuth {
    /// read your pets
    #[scope("read:pets")]
    ReadPets,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let granted = Scopes::parse("read:pets write:pets")?;
    assert_eq!(granted.as_str(), "read:pets write:pets");
    #[cfg(feature = "default")]
    assert!(granted.contains(&PetstoreAuth::ReadPets));
    Ok(())
}
