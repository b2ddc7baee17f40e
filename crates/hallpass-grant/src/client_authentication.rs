//! How a client proves who it is at the token endpoint (RFC 6749 §2.3, RFC 7523 §2.2, RFC 8705 §2).

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use hallpass_token::Secret;

use crate::form::{encoded_length, push_encoded};
use crate::{BasicEncoding, MacKey, SigningKeyName};

/// How a client proves who it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// Not at all: a public client (`none`).
    None,
    /// The secret in an `Authorization: Basic` header (`client_secret_basic`), which every server must support.
    Basic(Secret),
    /// The secret in the body (`client_secret_post`), for servers that cannot do `Basic`.
    Post(Secret),
    /// A signed assertion (`private_key_jwt`, OpenID Connect Core §9). The key stays with the driver's
    /// caller, who signs when the conversation asks for it.
    PrivateKeyJwt(SigningKeyName),
    /// An assertion that the secret signs (`client_secret_jwt`, OpenID Connect Core §9): the server sees that the client has it, and
    /// nobody sees the secret.
    SecretJwt(MacKey),
    /// The client's certificate, which the driver's transport shows (`tls_client_auth` and `self_signed_tls_client_auth`, RFC 8705 §2):
    /// what is sent is the same for both. The client goes to the endpoints that the server has for this, where it names any.
    MutualTls,
}

/// The value of an `Authorization: Basic` header.
pub(crate) fn basic(id: &str, secret: &Secret, encoding: BasicEncoding) -> Secret {
    let secret = secret.expose_secret();
    // A text that outgrows its room leaves a copy behind that nobody wipes.
    let length = encoded_length(id) + encoded_length(secret) + 1;
    let mut plain = Zeroizing::new(String::with_capacity(length));
    match encoding {
        BasicEncoding::Form => {
            push_encoded(&mut plain, id);
            plain.push(':');
            push_encoded(&mut plain, secret);
        }
        BasicEncoding::Raw => {
            plain.push_str(id);
            plain.push(':');
            plain.push_str(secret);
        }
    }
    let mut value = vec![0; BASIC.len() + Base64::encoded_len(plain.as_bytes())];
    let (scheme, credentials) = value.split_at_mut(BASIC.len());
    scheme.copy_from_slice(BASIC.as_bytes());
    let encoded = Base64::encode(plain.as_bytes(), credentials);
    debug_assert!(encoded.is_ok(), "the room is just what it needs");
    // base64 is ASCII.
    String::from_utf8(value).unwrap_or_default().into()
}

const BASIC: &str = "Basic ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_is_form_encoded_unless_the_profile_says_raw() {
        let secret = Secret::new("c:s&é");
        let value = |encoding| basic("cid", &secret, encoding);
        assert_eq!(
            value(BasicEncoding::Form).expose_secret(),
            "Basic Y2lkOmMlM0FzJTI2JUMzJUE5"
        );
        assert_eq!(
            value(BasicEncoding::Raw).expose_secret(),
            "Basic Y2lkOmM6cybDqQ=="
        );
    }
}
