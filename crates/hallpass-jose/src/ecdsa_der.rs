//! What a key management service answers for ECDSA: DER (RFC 3279 §2.2.3), where JWS wants two numbers one after the other
//! (RFC 7518 §3.4).

use crate::{SignatureAlgorithm, SigningError};

/// Turns the DER of an ECDSA signature into the form of JWS. Only DER in its one spelling is taken, with both numbers between one
/// and the order of the curve.
///
/// # Errors
/// [`SigningError::NotDer`] for anything else, and for an algorithm that is not ECDSA.
pub fn signature_from_der(
    algorithm: SignatureAlgorithm,
    der: &[u8],
) -> Result<Vec<u8>, SigningError> {
    let raw = match algorithm {
        SignatureAlgorithm::Es256 => {
            p256::ecdsa::Signature::from_der(der).map(|signature| signature.to_bytes().to_vec())
        }
        SignatureAlgorithm::Es384 => {
            p384::ecdsa::Signature::from_der(der).map(|signature| signature.to_bytes().to_vec())
        }
        SignatureAlgorithm::Es512 => {
            p521::ecdsa::Signature::from_der(der).map(|signature| signature.to_bytes().to_vec())
        }
        _ => return Err(SigningError::NotDer),
    };
    raw.map_err(|_| SigningError::NotDer)
}
