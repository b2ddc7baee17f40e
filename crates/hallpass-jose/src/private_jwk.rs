//! Private keys, from a JWK (RFC 7517) or from PKCS #8 (RFC 5958).

use std::fmt;

use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{Decode, pem::PemLabel};
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

use crate::member::{self, Fields};
use crate::purpose::Operation;
use crate::rsa_private::RsaPrivate;
use crate::{
    Curve, CurvePublicKey, Jwk, KeyError, MemberFault, Members, PublicKey, SignatureAlgorithm,
    SigningKey,
};

/// A private key with its public one, its name, and what it is for.
///
/// `Debug` shows the public half. The secret is wiped from memory when the value is dropped.
#[derive(Clone)]
pub struct PrivateJwk {
    secret: PrivateKey,
    public: Jwk,
}

#[derive(Clone)]
pub(crate) enum PrivateKey {
    Rsa(Box<RsaPrivate>),
    /// The number `d`, or the seed of Ed25519, in the length of its curve.
    Curve(Curve, Zeroizing<Vec<u8>>),
}

impl PrivateJwk {
    /// Reads a key. An RSA key needs its primes and their exponents (RFC 7518 §6.3.2).
    ///
    /// # Errors
    /// [`KeyError`] where it is malformed, weak, has no secret, or has one that does not belong to its public half.
    pub fn parse(json: &str) -> Result<Self, KeyError> {
        Self::from_members(&Members::read(json.as_bytes())?)
    }

    /// Takes the members of a key.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn from_members(members: &Members) -> Result<Self, KeyError> {
        let fields = Fields(members);
        if !fields.has("d") {
            return Err(KeyError::NotSecret);
        }
        let public = Jwk::read(&fields)?;
        let secret = match public.key() {
            PublicKey::Rsa(key) => PrivateKey::Rsa(Box::new(RsaPrivate::read(key, &fields)?)),
            PublicKey::Curve(key) => {
                let d = fields.bytes("d", key.curve().field_bytes())?;
                if key.curve().public_point(&d).as_deref() != Some(key.point()) {
                    return Err(KeyError::Inconsistent);
                }
                PrivateKey::Curve(key.curve(), d)
            }
        };
        Ok(Self { secret, public })
    }

    /// Reads unencrypted PKCS #8 PEM, `BEGIN PRIVATE KEY`, of an RSA, P-256, P-384, P-521 or Ed25519 key.
    ///
    /// # Errors
    /// [`KeyError::Pkcs8`] where it is something else, [`KeyError`] where the key is weak or does not belong together.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, KeyError> {
        let (label, document) = SecretDocument::from_pem(pem).map_err(|_| KeyError::Pkcs8)?;
        match label == PrivateKeyInfoRef::PEM_LABEL {
            true => Self::from_pkcs8_der(document.as_bytes()),
            false => Err(KeyError::Pkcs8),
        }
    }

    /// Reads unencrypted PKCS #8 DER.
    ///
    /// # Errors
    /// As [`from_pkcs8_pem`](Self::from_pkcs8_pem).
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        let info = PrivateKeyInfoRef::try_from(der).map_err(|_| KeyError::Pkcs8)?;
        let (secret, public) = match info.algorithm.oid {
            RSA => {
                let (secret, public) = RsaPrivate::from_pkcs1(info.private_key.as_bytes())?;
                (PrivateKey::Rsa(Box::new(secret)), PublicKey::Rsa(public))
            }
            EC => on_curve(nist_curve(&info)?, nist_secret(info)?)?,
            ED25519 => {
                let seed = <&OctetStringRef>::from_der(info.private_key.as_bytes());
                let seed = seed.map_err(|_| KeyError::Pkcs8)?.as_bytes();
                on_curve(Curve::Ed25519, Zeroizing::new(seed.to_vec()))?
            }
            _ => return Err(KeyError::Pkcs8),
        };
        Ok(Self {
            secret,
            public: Jwk::new(public),
        })
    }

    /// Gives it a name (`kid`).
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.public = self.public.with_id(id);
        self
    }

    /// Its name (`kid`).
    pub fn id(&self) -> Option<&str> {
        self.public.id()
    }

    /// Its public half, to be published. What it is for is said of both: a `key_ops` that only allows `sign` does not verify.
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// The key as one that signs with this algorithm and no other.
    ///
    /// # Errors
    /// [`KeyError::Kind`] where it is of another kind, [`KeyError::Purpose`] where it says that it is for something else.
    pub fn signing_key(&self, algorithm: SignatureAlgorithm) -> Result<SigningKey, KeyError> {
        let purpose = self.public.purpose();
        purpose.allows(Operation::Sign, algorithm.name())?;
        SigningKey::of_private(self, algorithm)
    }

    pub(crate) fn secret(&self) -> &PrivateKey {
        &self.secret
    }
}

impl fmt::Debug for PrivateJwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateJwk(…, {:?})", self.public)
    }
}

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

fn nist_curve(info: &PrivateKeyInfoRef<'_>) -> Result<Curve, KeyError> {
    match info.algorithm.parameters_oid() {
        Ok(P256) => Ok(Curve::P256),
        Ok(P384) => Ok(Curve::P384),
        Ok(P521) => Ok(Curve::P521),
        _ => Err(KeyError::Unknown { name: "crv" }),
    }
}

/// The number of an elliptic curve's key; where its document has the public key too, both belong together.
fn nist_secret(info: PrivateKeyInfoRef<'_>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let bytes = match nist_curve(&info)? {
        Curve::P256 => p256::SecretKey::try_from(info).map(|key| key.to_bytes().to_vec()),
        Curve::P384 => p384::SecretKey::try_from(info).map(|key| key.to_bytes().to_vec()),
        _ => p521::SecretKey::try_from(info).map(|key| key.to_bytes().to_vec()),
    };
    bytes.map(Zeroizing::new).map_err(|_| KeyError::Pkcs8)
}

fn on_curve(curve: Curve, secret: Zeroizing<Vec<u8>>) -> Result<(PrivateKey, PublicKey), KeyError> {
    if secret.len() != curve.field_bytes() {
        return Err(member::fault("d", MemberFault::Length));
    }
    let point = curve.public_point(&secret).ok_or(KeyError::Inconsistent)?;
    let public = CurvePublicKey::new(curve, point)?;
    Ok((PrivateKey::Curve(curve, secret), public.into()))
}
