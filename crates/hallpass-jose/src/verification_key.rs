//! A key that verifies one algorithm (RFC 8725 §3.1: the algorithm belongs to the key, not to the token).

use std::fmt;

use p521::ecdsa::signature::hazmat::PrehashVerifier;
use ring::{digest, hmac, signature};

use crate::algorithm::KeyKind;
use crate::{
    CompactJws, KeyError, PublicKey, SignatureAlgorithm, TokenError, VerifiedJws, Weakness,
    hmac_key,
};

/// A key with the one algorithm it verifies. Whatever a token's header says, nothing else is done with it.
///
/// Made by [`Jwk::verification_key`](crate::Jwk::verification_key) and
/// [`SymmetricKey::verification_key`](crate::SymmetricKey::verification_key). `Debug` shows the algorithm alone.
#[derive(Clone)]
pub struct VerificationKey {
    algorithm: SignatureAlgorithm,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Hmac(hmac::Key),
    Rsa(
        signature::RsaPublicKeyComponents<Vec<u8>>,
        &'static signature::RsaParameters,
    ),
    /// What ring knows of curves.
    Point(signature::UnparsedPublicKey<Vec<u8>>),
    P521(Box<p521::ecdsa::VerifyingKey>),
}

impl VerificationKey {
    pub(crate) fn of_secret(
        secret: &[u8],
        algorithm: SignatureAlgorithm,
    ) -> Result<Self, KeyError> {
        let material = Material::Hmac(hmac_key::new(secret, algorithm)?);
        Ok(Self {
            algorithm,
            material,
        })
    }

    pub(crate) fn of_public(
        key: &PublicKey,
        algorithm: SignatureAlgorithm,
    ) -> Result<Self, KeyError> {
        let material = match (key, algorithm.key_kind()) {
            (PublicKey::Rsa(key), KeyKind::Rsa) => {
                let components = signature::RsaPublicKeyComponents {
                    n: key.modulus().to_vec(),
                    e: key.exponent().to_vec(),
                };
                rsa_parameters(algorithm).map(|parameters| Material::Rsa(components, parameters))
            }
            (PublicKey::Curve(key), KeyKind::Curve(curve)) if key.curve() == curve => {
                point(algorithm, key.point())?
            }
            _ => None,
        };
        let material = material.ok_or(KeyError::Kind {
            algorithm: algorithm.name(),
        })?;
        Ok(Self {
            algorithm,
            material,
        })
    }

    /// The algorithm.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Verifies a token. There is no other way to its payload but one whose name says that nothing was verified.
    ///
    /// # Errors
    /// [`TokenError::UnexpectedAlgorithm`] where its `alg` is not this key's, [`TokenError::Signature`] where the signature is not.
    pub fn verify<'t>(&self, token: CompactJws<'t>) -> Result<VerifiedJws<'t>, TokenError> {
        if token.header().algorithm() != self.algorithm {
            return Err(TokenError::UnexpectedAlgorithm { name: "alg" });
        }
        match self.is_signature(token.signing_input().as_bytes(), token.signature()) {
            true => Ok(VerifiedJws::new(token)),
            false => Err(TokenError::Signature),
        }
    }

    /// Whether this is the signature of the message, in the form of JWS (RFC 7518 §3): for ECDSA the two numbers one after the
    /// other.
    pub fn is_signature(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Hmac(key) => hmac::verify(key, message, signature).is_ok(),
            Material::Rsa(key, parameters) => key.verify(parameters, message, signature).is_ok(),
            Material::Point(key) => key.verify(message, signature).is_ok(),
            Material::P521(key) => {
                let hash = digest::digest(&digest::SHA512, message);
                p521::ecdsa::Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify_prehash(hash.as_ref(), &signature).is_ok())
            }
        }
    }
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerificationKey({})", self.algorithm)
    }
}

fn rsa_parameters(algorithm: SignatureAlgorithm) -> Option<&'static signature::RsaParameters> {
    Some(match algorithm {
        SignatureAlgorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        SignatureAlgorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        SignatureAlgorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        SignatureAlgorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
        SignatureAlgorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
        SignatureAlgorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

fn point(algorithm: SignatureAlgorithm, point: &[u8]) -> Result<Option<Material>, KeyError> {
    let scheme: &'static dyn signature::VerificationAlgorithm = match algorithm {
        SignatureAlgorithm::Es256 => &signature::ECDSA_P256_SHA256_FIXED,
        SignatureAlgorithm::Es384 => &signature::ECDSA_P384_SHA384_FIXED,
        SignatureAlgorithm::EdDsa => &signature::ED25519,
        SignatureAlgorithm::Es512 => {
            let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(point)
                .map_err(|_| KeyError::Weak(Weakness::Point))?;
            return Ok(Some(Material::P521(Box::new(key))));
        }
        _ => return Ok(None),
    };
    let key = signature::UnparsedPublicKey::new(scheme, point.to_vec());
    Ok(Some(Material::Point(key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Curve, CurvePublicKey, Jwk};

    #[test]
    fn a_key_becomes_one_for_its_own_curve_only() {
        for (curve, own) in [
            (Curve::P256, SignatureAlgorithm::Es256),
            (Curve::P384, SignatureAlgorithm::Es384),
            (Curve::P521, SignatureAlgorithm::Es512),
            (Curve::Ed25519, SignatureAlgorithm::EdDsa),
        ] {
            let mut private = vec![0; curve.field_bytes()];
            private[curve.field_bytes() - 1] = 7;
            let key = CurvePublicKey::new(curve, curve.public_point(&private).unwrap()).unwrap();
            let key = Jwk::new(key);
            for algorithm in SignatureAlgorithm::ALL {
                let made = VerificationKey::of_public(key.key(), algorithm);
                assert_eq!(made.is_ok(), algorithm == own, "{curve:?} {algorithm}");
            }
        }
    }
}
