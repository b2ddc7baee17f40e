//! Public keys by kind: nothing secret can stand in one.

use std::fmt;

use crate::member::{self, Fields};
use crate::{Curve, KeyError, MemberFault, Thumbprint, Weakness, base64url, rsa_modulus};

/// A public key that was checked: an RSA key of a strength that holds, or a point of its curve.
///
/// `Debug` shows what kind it is.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublicKey {
    /// `kty` `RSA` (RFC 7518 §6.3).
    Rsa(RsaPublicKey),
    /// `kty` `EC` or `OKP` (RFC 7518 §6.2, RFC 8037 §2).
    Curve(CurvePublicKey),
}

/// Modulus and exponent, big-endian without leading zeros. 2048 to 8192 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct RsaPublicKey {
    n: Vec<u8>,
    e: Vec<u8>,
}

/// A point of a curve.
#[derive(Clone, PartialEq, Eq)]
pub struct CurvePublicKey {
    curve: Curve,
    /// `04`, x and y for the NIST curves; the 32 bytes of RFC 8032 for Ed25519.
    point: Vec<u8>,
}

impl PublicKey {
    /// The key's thumbprint with SHA-256 (RFC 7638 §3, RFC 8037 §2).
    pub fn thumbprint(&self) -> Thumbprint {
        Thumbprint::of(self)
    }

    /// Reads the members of a public key.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, KeyError> {
        match fields.text("kty")? {
            "RSA" => RsaPublicKey::new(fields.number("n")?, fields.number("e")?).map(Self::Rsa),
            kty => CurvePublicKey::read(kty, fields).map(Self::Curve),
        }
    }

    /// The required members, in the order of their names (RFC 7638 §3.2).
    pub(crate) fn members(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Rsa(key) => vec![
                ("e", base64url::encode(&key.e)),
                ("kty", "RSA".to_owned()),
                ("n", base64url::encode(&key.n)),
            ],
            Self::Curve(key) => {
                let mut members = vec![
                    ("crv", key.curve.name().to_owned()),
                    ("kty", key.curve.kty().to_owned()),
                ];
                let coordinates = key.coordinates();
                members.extend(coordinates.map(|(name, value)| (name, base64url::encode(value))));
                members
            }
        }
    }
}

impl RsaPublicKey {
    /// Takes a modulus and an exponent, big-endian without leading zeros.
    ///
    /// # Errors
    /// [`KeyError::Weak`] for one of fewer than 2048 or more than 8192 bits, an exponent that is even or not above 2^16, or
    /// the fingerprint of ROCA.
    pub fn new(n: impl Into<Vec<u8>>, e: impl Into<Vec<u8>>) -> Result<Self, KeyError> {
        let (n, e) = (n.into(), e.into());
        for (name, value) in [("n", &n), ("e", &e)] {
            if value.first() == Some(&0) {
                return Err(member::fault(name, MemberFault::Base64Url));
            }
        }
        rsa_modulus::check(&n, &e).map_err(KeyError::Weak)?;
        Ok(Self { n, e })
    }

    /// The modulus.
    pub fn modulus(&self) -> &[u8] {
        &self.n
    }

    /// The exponent.
    pub fn exponent(&self) -> &[u8] {
        &self.e
    }
}

impl CurvePublicKey {
    /// Takes a point: `04`, x and y for a NIST curve (SEC 1 §2.3.3), 32 bytes for Ed25519 (RFC 8032 §5.1.5).
    ///
    /// # Errors
    /// [`KeyError::Weak`] where it is no point of the curve that can be used.
    pub fn new(curve: Curve, point: impl Into<Vec<u8>>) -> Result<Self, KeyError> {
        let point = point.into();
        let length = match curve {
            Curve::Ed25519 => 32,
            _ => 1 + 2 * curve.field_bytes(),
        };
        match point.len() == length && curve.has_point(&point) {
            true => Ok(Self { curve, point }),
            false => Err(KeyError::Weak(Weakness::Point)),
        }
    }

    /// The curve.
    pub fn curve(&self) -> Curve {
        self.curve
    }

    /// The point, as [`new`](Self::new) takes it.
    pub fn point(&self) -> &[u8] {
        &self.point
    }

    fn read(kty: &str, fields: &Fields<'_>) -> Result<Self, KeyError> {
        if kty != "EC" && kty != "OKP" {
            return Err(KeyError::Unknown { name: "kty" });
        }
        let curve = Curve::from_name(fields.text("crv")?)
            .filter(|curve| curve.kty() == kty)
            .ok_or(KeyError::Unknown { name: "crv" })?;
        let length = curve.field_bytes();
        let mut point = Vec::with_capacity(1 + 2 * length);
        if curve == Curve::Ed25519 {
            point.extend(fields.bytes("x", length)?.iter());
        } else {
            point.push(4);
            point.extend(fields.bytes("x", length)?.iter());
            point.extend(fields.bytes("y", length)?.iter());
        }
        Self::new(curve, point)
    }

    fn coordinates(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        let (x, y) = match self.curve {
            Curve::Ed25519 => (&self.point[..], None),
            _ => {
                let (x, y) = self.point[1..].split_at(self.curve.field_bytes());
                (x, Some(y))
            }
        };
        [Some(("x", x)), y.map(|y| ("y", y))].into_iter().flatten()
    }
}

impl From<RsaPublicKey> for PublicKey {
    fn from(key: RsaPublicKey) -> Self {
        Self::Rsa(key)
    }
}

impl From<CurvePublicKey> for PublicKey {
    fn from(key: CurvePublicKey) -> Self {
        Self::Curve(key)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(key) => key.fmt(f),
            Self::Curve(key) => key.fmt(f),
        }
    }
}

impl fmt::Debug for RsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RSA public key of {} bytes", self.n.len())
    }
}

impl fmt::Debug for CurvePublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "public key on {}", self.curve.name())
    }
}
