use hallpass_jose::{CompactJws, JwkSet, SignatureAlgorithm};

/// RFC 7515, appendix A.3.
const KEYS: &[u8] = br#"{"keys":[{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys = JwkSet::parse(KEYS)?;
    let verified = keys.verify(CompactJws::parse(TOKEN)?, &[SignatureAlgorithm::Es256])?;
    assert_eq!(verified.claims()?.text("iss")?, Some("joe"));
    let forged = TOKEN.replace("eyJpc3Mi", "eyJpc3Mj");
    assert!(keys.verify(CompactJws::parse(&forged)?, &[SignatureAlgorithm::Es256]).is_err());
    Ok(())
}
