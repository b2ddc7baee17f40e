use hallpass_json::{Json, Members};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let members = Members::read(br#"{"token_type":"Bearer","expires_in":3600}"#)?;
    assert_eq!(members.value("expires_in"), Some(&Json::Integer(3600)));
    assert!(Members::read(br#"{"sub":"alice","sub":"bob"}"#).is_err());
    Ok(())
}
