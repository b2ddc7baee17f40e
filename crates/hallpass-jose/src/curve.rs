//! Curves: `crv` of a key (RFC 7518 §6.2.1.1, RFC 8037 §2).

use curve25519_dalek::edwards::CompressedEdwardsY;
use p256::elliptic_curve::sec1::ToSec1Point;
use ring::signature::{Ed25519KeyPair, KeyPair};

/// A curve that keys are on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// Edwards form of Curve25519, for signatures.
    Ed25519,
}

impl Curve {
    /// The curve of a name, which is case-sensitive.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::P256, Self::P384, Self::P521, Self::Ed25519]
            .into_iter()
            .find(|known| known.name() == name)
    }

    /// The `crv` of a key.
    pub fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Ed25519 => "Ed25519",
        }
    }

    /// The `kty` of its keys.
    pub(crate) fn kty(self) -> &'static str {
        match self {
            Self::P256 | Self::P384 | Self::P521 => "EC",
            Self::Ed25519 => "OKP",
        }
    }

    /// How long a coordinate, a private key and half a signature are, in bytes.
    pub(crate) fn field_bytes(self) -> usize {
        match self {
            Self::P256 | Self::Ed25519 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// Whether a public key is a point that a signature can be trusted with. For the NIST curves it is `04`, x and y
    /// (SEC 1 §2.3.3).
    pub(crate) fn has_point(self, point: &[u8]) -> bool {
        match self {
            Self::P256 => p256::PublicKey::from_sec1_bytes(point).is_ok(),
            Self::P384 => p384::PublicKey::from_sec1_bytes(point).is_ok(),
            Self::P521 => p521::PublicKey::from_sec1_bytes(point).is_ok(),
            Self::Ed25519 => is_good_edwards(point),
        }
    }

    /// The public key of a private one.
    pub(crate) fn public_point(self, private: &[u8]) -> Option<Vec<u8>> {
        let point = match self {
            Self::P256 => p256::SecretKey::from_slice(private)
                .ok()?
                .public_key()
                .to_sec1_point(false)
                .as_bytes()
                .to_vec(),
            Self::P384 => p384::SecretKey::from_slice(private)
                .ok()?
                .public_key()
                .to_sec1_point(false)
                .as_bytes()
                .to_vec(),
            Self::P521 => p521::SecretKey::from_slice(private)
                .ok()?
                .public_key()
                .to_sec1_point(false)
                .as_bytes()
                .to_vec(),
            Self::Ed25519 => {
                let pair = Ed25519KeyPair::from_seed_unchecked(private).ok()?;
                pair.public_key().as_ref().to_vec()
            }
        };
        Some(point)
    }
}

/// A point of the curve, written in the one way there is (RFC 8032 §5.1.3), and none of the eight with which a signature holds for
/// any message.
fn is_good_edwards(bytes: &[u8]) -> bool {
    let Ok(compressed) = CompressedEdwardsY::from_slice(bytes) else {
        return false;
    };
    compressed
        .decompress()
        .is_some_and(|point| !point.is_small_order() && point.compress() == compressed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_beside_the_curve_is_refused() {
        for curve in [Curve::P256, Curve::P384, Curve::P521] {
            let mut private = vec![0; curve.field_bytes()];
            private[curve.field_bytes() - 1] = 7;
            let mut point = curve.public_point(&private).unwrap();
            assert_eq!(point.len(), 1 + 2 * curve.field_bytes());
            assert!(curve.has_point(&point), "{curve:?}");
            *point.last_mut().unwrap() ^= 1;
            assert!(!curve.has_point(&point), "{curve:?}");
            // The point at infinity, compressed points and nothing at all.
            assert!(!curve.has_point(&[0]) && !curve.has_point(&[]));
            // Zero is no private key, and neither is one past the order.
            assert!(curve.public_point(&vec![0; curve.field_bytes()]).is_none());
            assert!(
                curve
                    .public_point(&vec![0xff; curve.field_bytes()])
                    .is_none()
            );
        }
    }

    #[test]
    fn an_edwards_point_that_verifies_anything_is_refused() {
        let good = Curve::Ed25519.public_point(&[7; 32]).unwrap();
        assert!(Curve::Ed25519.has_point(&good));
        let mut one = [0; 32];
        one[0] = 1;
        // y = p + 3 is another spelling of y = 3.
        let mut twice = [0xff; 32];
        (twice[0], twice[31]) = (0xf0, 0x7f);
        for weak in [[0; 32], one, twice, [2; 32]] {
            assert!(!Curve::Ed25519.has_point(&weak), "{weak:?}");
        }
        assert!(!Curve::Ed25519.has_point(&good[1..]));
    }
}
