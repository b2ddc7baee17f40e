//! How a JWT is signed (RFC 7518 §3.1, RFC 8037 §3.1).

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// How an ID token, a logout token or a UserInfo answer is signed: the `alg` of its header.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Algorithm {
    /// RSA with SHA-256: what every client must read (OpenID Connect Core §15.1).
    #[default]
    Rs256,
    /// RSA with SHA-384.
    Rs384,
    /// RSA with SHA-512.
    Rs512,
    /// RSA-PSS with SHA-256.
    Ps256,
    /// P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// HMAC with SHA-256 and the client's secret.
    Hs256,
    /// Not at all.
    None,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 8] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Es256,
        Self::EdDsa,
        Self::Hs256,
        Self::None,
    ];

    /// As in a header and in metadata.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
            Self::None => "none",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The left half of a text's hash, as in `at_hash`, `c_hash` and `s_hash` (OpenID Connect Core §3.1.3.6).
    pub(crate) fn half_hash(self, text: &str) -> String {
        let hash: Vec<u8> = match self {
            Self::Rs384 => Sha384::digest(text).to_vec(),
            Self::Rs512 | Self::EdDsa => Sha512::digest(text).to_vec(),
            _ => Sha256::digest(text).to_vec(),
        };
        let (left, _) = hash.split_at(hash.len() / 2);
        Base64UrlUnpadded::encode_string(left)
    }

    /// Another, whose hash is of another length.
    pub(crate) fn of_another_hash(self) -> Self {
        match self {
            Self::Rs512 | Self::EdDsa => Self::Rs256,
            _ => Self::Rs512,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_specifications_example() {
        // OpenID Connect Core appendix A.3.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(Algorithm::Rs256.half_hash(token), "77QmUPtjPfzWtF2AnpK9RQ");
    }

    #[test]
    fn each_is_found_by_its_name() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::named(algorithm.name()), Some(algorithm));
        }
        assert_eq!(Algorithm::named("NONE"), None);
    }
}
