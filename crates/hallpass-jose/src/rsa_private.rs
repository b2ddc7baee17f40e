//! The secret half of an RSA key (RFC 7518 §6.3.2, RFC 8017 §3.2): two primes with their exponents.

use pkcs8::der::Decode;
use ring::rsa::{self, KeyPairComponents, PublicKeyComponents};
use zeroize::Zeroizing;

use crate::member::Fields;
use crate::{KeyError, MemberFault, RsaPublicKey, Weakness, member};

type Number = Zeroizing<Vec<u8>>;

/// Numbers big-endian without leading zeros, checked to belong together.
#[derive(Clone)]
pub(crate) struct RsaPrivate {
    public: RsaPublicKey,
    d: Number,
    p: Number,
    q: Number,
    dp: Number,
    dq: Number,
    qi: Number,
}

impl RsaPrivate {
    pub(crate) fn read(public: &RsaPublicKey, fields: &Fields<'_>) -> Result<Self, KeyError> {
        if fields.has("oth") {
            return Err(member::fault("oth", MemberFault::Type));
        }
        Self {
            public: public.clone(),
            d: fields.secret_number("d")?,
            p: fields.secret_number("p")?,
            q: fields.secret_number("q")?,
            dp: fields.secret_number("dp")?,
            dq: fields.secret_number("dq")?,
            qi: fields.secret_number("qi")?,
        }
        .checked()
    }

    /// Reads what PKCS #8 has inside.
    pub(crate) fn from_pkcs1(der: &[u8]) -> Result<(Self, RsaPublicKey), KeyError> {
        let key = pkcs1::RsaPrivateKeyRef::from_der(der).map_err(|_| KeyError::Pkcs8)?;
        if key.other_prime_infos.is_some() {
            return Err(KeyError::Pkcs8);
        }
        let public = RsaPublicKey::new(key.modulus.as_bytes(), key.public_exponent.as_bytes())?;
        let number = |value: &[u8]| Zeroizing::new(value.to_vec());
        let private = Self {
            public: public.clone(),
            d: number(key.private_exponent.as_bytes()),
            p: number(key.prime1.as_bytes()),
            q: number(key.prime2.as_bytes()),
            dp: number(key.exponent1.as_bytes()),
            dq: number(key.exponent2.as_bytes()),
            qi: number(key.coefficient.as_bytes()),
        };
        Ok((private.checked()?, public))
    }

    /// The key in the form of the library that signs with it.
    pub(crate) fn key_pair(&self) -> Result<rsa::KeyPair, KeyError> {
        let components = KeyPairComponents {
            public_key: PublicKeyComponents {
                n: self.public.modulus(),
                e: self.public.exponent(),
            },
            d: &self.d[..],
            p: &self.p[..],
            q: &self.q[..],
            dP: &self.dp[..],
            dQ: &self.dq[..],
            qInv: &self.qi[..],
        };
        rsa::KeyPair::from_components(&components).map_err(|_| KeyError::Inconsistent)
    }

    /// PKCS #8, for the library that decrypts with it.
    #[cfg(feature = "encryption")]
    pub(crate) fn to_pkcs8(&self) -> Option<Zeroizing<Vec<u8>>> {
        use pkcs8::der::Encode;
        use pkcs8::der::asn1::{AnyRef, OctetStringRef, UintRef};
        let key = pkcs1::RsaPrivateKeyRef {
            modulus: UintRef::new(self.public.modulus()).ok()?,
            public_exponent: UintRef::new(self.public.exponent()).ok()?,
            private_exponent: UintRef::new(&self.d).ok()?,
            prime1: UintRef::new(&self.p).ok()?,
            prime2: UintRef::new(&self.q).ok()?,
            exponent1: UintRef::new(&self.dp).ok()?,
            exponent2: UintRef::new(&self.dq).ok()?,
            coefficient: UintRef::new(&self.qi).ok()?,
            other_prime_infos: None,
        };
        let inner = Zeroizing::new(key.to_der().ok()?);
        let algorithm = pkcs8::AlgorithmIdentifierRef {
            oid: pkcs1::ALGORITHM_OID,
            parameters: Some(AnyRef::NULL),
        };
        let info = pkcs8::PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&inner).ok()?);
        info.to_der().ok().map(Zeroizing::new)
    }

    /// More than 4096 bits no library here computes with in acceptable time.
    fn checked(self) -> Result<Self, KeyError> {
        if self.public.modulus().len() > 512 {
            return Err(KeyError::Weak(Weakness::TooLong));
        }
        self.key_pair()?;
        Ok(self)
    }
}
