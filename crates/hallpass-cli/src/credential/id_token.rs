//! When an ID token ends (OpenID Connect Core §2), for those who keep it until then.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Deserialize;
use time::UtcDateTime;

/// When an ID token ends, UTC, by its own account. `None`: it does not say, or is no JWT.
///
/// Nothing is verified: that is for whoever the token is shown to. This only says when another is needed.
pub fn ends(id_token: &str) -> Option<UtcDateTime> {
    #[derive(Deserialize)]
    struct Claims {
        exp: f64,
    }

    let claims = id_token.split('.').nth(1)?;
    let claims = Base64UrlUnpadded::decode_vec(claims).ok()?;
    let Claims { exp } = serde_json::from_slice(&claims).ok()?;
    // What is too large becomes the largest, which no date has.
    UtcDateTime::from_unix_timestamp(exp as i64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!(
            "e30.{}.c2ln",
            Base64UrlUnpadded::encode_string(claims.as_bytes())
        )
    }

    #[test]
    fn the_end_is_read_from_the_claims() {
        let end = UtcDateTime::from_unix_timestamp(1_311_281_970).ok();
        assert_eq!(
            ends(&token(r#"{"iss":"https://as.example","exp":1311281970}"#)),
            end
        );
        assert_eq!(ends(&token(r#"{"exp":1311281970.9}"#)), end);
    }

    #[test]
    fn what_says_no_end_has_none() {
        for odd in [
            "",
            "a.b",
            "a.!.c",
            &token("{}"),
            &token(r#"{"exp":"1"}"#),
            &token(r#"{"exp":1e300}"#),
        ] {
            assert_eq!(ends(odd), None, "{odd}");
        }
    }
}
