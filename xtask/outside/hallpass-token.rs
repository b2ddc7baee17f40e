//@ time = { version = "0.3", default-features = false }
use std::time::Duration;

use hallpass_token::{AccessToken, Expiry, Scopes, TokenSet};
use time::UtcDateTime;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now = UtcDateTime::from_unix_timestamp(1_700_000_000)?;
    let tokens = TokenSet::new(AccessToken::new("2YotnFZFEjr1zCsicMWpAA")?)
        .with_expiry(now + Duration::from_secs(3600))
        .with_scopes(Scopes::parse("read write")?);
    assert_eq!(tokens.expiry(now, Duration::from_secs(10)), Expiry::Valid);
    assert!(!format!("{tokens:?}").contains("2Yotn"));
    Ok(())
}
