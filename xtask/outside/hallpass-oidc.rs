use hallpass_oidc::{Identifier, WebFinger};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let carol = Identifier::new("carol@example.com")?;
    let finger = WebFinger::new(&carol)?;
    assert!(format!("{finger:?}").contains("WebFinger"));
    assert!(Identifier::new("").is_err());
    Ok(())
}
