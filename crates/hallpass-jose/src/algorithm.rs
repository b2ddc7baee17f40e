//! Signature algorithms: `alg` of a JWS (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2).

use std::fmt;

use ring::digest;

use crate::{Curve, base64url};

/// A signature algorithm. There is no `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes.
    Ps256,
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes.
    Ps384,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512 and a salt of 64 bytes.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// Ed25519, which is called `EdDSA` and, by RFC 9864, `Ed25519`.
    EdDsa,
}

/// What kind of key an algorithm asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Symmetric,
    Rsa,
    Curve(Curve),
}

impl SignatureAlgorithm {
    /// Every algorithm there is here.
    pub const ALL: [Self; 13] = [
        Self::Hs256,
        Self::Hs384,
        Self::Hs512,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// The algorithm of a name, which is case-sensitive (RFC 7515 §4.1.1). Ed25519 has two.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "Ed25519" => Some(Self::EdDsa),
            _ => Self::ALL.into_iter().find(|known| known.name() == name),
        }
    }

    /// The `alg` of a header. For Ed25519 that is `EdDSA`, which everybody reads who reads the other name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Whether one secret both signs and verifies.
    pub fn is_symmetric(self) -> bool {
        self.key_kind() == KeyKind::Symmetric
    }

    /// The left half of the hash of a value, as base64url: what `at_hash`, `c_hash` and `s_hash` have to be in a token that is signed with
    /// this algorithm (OpenID Connect Core §3.1.3.6 and §3.3.2.11). For Ed25519 it is that of SHA-512, with which it signs.
    ///
    /// ```
    /// # use hallpass_jose::SignatureAlgorithm;
    /// let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    /// assert_eq!(SignatureAlgorithm::Rs256.half_hash(access_token.as_bytes()), "77QmUPtjPfzWtF2AnpK9RQ");
    /// ```
    pub fn half_hash(self, value: &[u8]) -> String {
        let hash = digest::digest(self.hash(), value);
        let (half, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
        base64url::encode(half)
    }

    fn hash(self) -> &'static digest::Algorithm {
        match self {
            Self::Hs256 | Self::Rs256 | Self::Ps256 | Self::Es256 => &digest::SHA256,
            Self::Hs384 | Self::Rs384 | Self::Ps384 | Self::Es384 => &digest::SHA384,
            Self::Hs512 | Self::Rs512 | Self::Ps512 | Self::Es512 | Self::EdDsa => &digest::SHA512,
        }
    }

    pub(crate) fn key_kind(self) -> KeyKind {
        match self {
            Self::Hs256 | Self::Hs384 | Self::Hs512 => KeyKind::Symmetric,
            Self::Rs256 | Self::Rs384 | Self::Rs512 => KeyKind::Rsa,
            Self::Ps256 | Self::Ps384 | Self::Ps512 => KeyKind::Rsa,
            Self::Es256 => KeyKind::Curve(Curve::P256),
            Self::Es384 => KeyKind::Curve(Curve::P384),
            Self::Es512 => KeyKind::Curve(Curve::P521),
            Self::EdDsa => KeyKind::Curve(Curve::Ed25519),
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_only_as_it_is_written() {
        for algorithm in SignatureAlgorithm::ALL {
            assert_eq!(
                SignatureAlgorithm::from_name(algorithm.name()),
                Some(algorithm)
            );
            assert_eq!(
                SignatureAlgorithm::from_name(&algorithm.name().to_lowercase()),
                None
            );
        }
        for unknown in [
            "none", "NONE", "", "ES256K", "HS256 ", "RS1", "ed25519", "ED25519", "Ed448",
        ] {
            assert_eq!(SignatureAlgorithm::from_name(unknown), None);
        }
    }

    #[test]
    fn ed25519_has_two_names_and_is_written_by_the_older() {
        let algorithm = SignatureAlgorithm::from_name("Ed25519");
        assert_eq!(algorithm, Some(SignatureAlgorithm::EdDsa));
        assert_eq!(SignatureAlgorithm::EdDsa.name(), "EdDSA");
    }

    #[test]
    fn a_half_hash_is_half_of_the_hash_of_its_algorithm() {
        // The halves of the hashes of "abc" in FIPS 180-4.
        let halves = [
            "ungWv48Bz-pBQUDeXa4iIw",
            "ywB1P0WjXou1oD1pmsZQBycsMqsO3tFj",
            "3a81oZNherrMQXNJriBBMRLm-k6JqX6iCp7u5ktV05o",
        ];
        for algorithm in SignatureAlgorithm::ALL {
            let expected = match algorithm.name() {
                "HS256" | "RS256" | "PS256" | "ES256" => halves[0],
                "HS384" | "RS384" | "PS384" | "ES384" => halves[1],
                _ => halves[2],
            };
            assert_eq!(algorithm.half_hash(b"abc"), expected, "{algorithm}");
        }
        // The code of OpenID Connect Core §A.4.
        let code = b"Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
        let c_hash = SignatureAlgorithm::Rs256.half_hash(code);
        assert_eq!(c_hash, "LDktKdoQak3Pk0cnXxCltA");
    }
}
