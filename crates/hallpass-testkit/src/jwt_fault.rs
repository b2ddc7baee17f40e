//! What can be wrong with a JWT that the server signs, and with the keys it publishes.

use crate::{Algorithm, Value};

/// Which of the server's JWTs.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Jwt {
    /// Every ID token.
    IdToken,
    /// The ID token of an authorization response.
    FrontIdToken,
    /// The ID token for a code.
    CodeIdToken,
    /// The ID token of a refresh.
    RefreshedIdToken,
    /// The logout token.
    LogoutToken,
    /// What UserInfo says, signed or not: its claims are changed either way.
    UserInfo,
    /// The claims of another provider that UserInfo brings along or says where they are (OpenID Connect Core §5.6.2).
    ClaimsOfAnother,
}

impl Jwt {
    /// Whether a fault for this is one for that.
    pub(crate) fn covers(self, other: Self) -> bool {
        let id_tokens = [
            Self::FrontIdToken,
            Self::CodeIdToken,
            Self::RefreshedIdToken,
        ];
        self == other || self == Self::IdToken && id_tokens.contains(&other)
    }
}

/// What is wrong with it. Several may be on, each for another claim or another part.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum JwtFault {
    /// It is not there at all. A UserInfo answer is not signed.
    Missing,
    /// What stands in a claim.
    Claim {
        /// The claim's name.
        name: String,
        /// Its value.
        value: Value,
    },
    /// A claim is a time, seen from the server's clock.
    Time {
        /// The claim's name.
        name: String,
        /// How many seconds ahead; behind where it is negative.
        seconds: i64,
        /// How it is written.
        form: TimeForm,
    },
    /// `aud` names more than the client.
    Audience(Audience),
    /// The claim is the hash that another algorithm asks for: `at_hash`, `c_hash`, `s_hash`.
    HashOfAnotherLength(String),
    /// The claim comes twice, the second time as another.
    DuplicateClaim(String),
    /// A member of the header is this.
    Header {
        /// The member's name.
        name: String,
        /// Its value.
        value: Value,
    },
    /// `alg` comes twice in the header.
    DuplicateAlgorithm,
    /// The header has the key that signs, or says where it is.
    EmbeddedKey(EmbeddedKey),
    /// How it is signed.
    Signature(SignatureFault),
    /// The signature is written with bits that mean nothing, so that it is no base64url that an encoder writes.
    NotCanonical,
    /// Five parts, as if it were encrypted (RFC 7516).
    Encrypted,
}

impl JwtFault {
    /// Another value for a claim.
    pub fn claim(name: impl Into<String>, value: Value) -> Self {
        Self::Claim {
            name: name.into(),
            value,
        }
    }

    /// Another time for a claim, so many seconds ahead of the server's clock.
    pub fn time(name: impl Into<String>, seconds: i64) -> Self {
        Self::Time {
            name: name.into(),
            seconds,
            form: TimeForm::Number,
        }
    }

    /// Another value for a member of the header.
    pub fn header(name: impl Into<String>, value: Value) -> Self {
        Self::Header {
            name: name.into(),
            value,
        }
    }
}

/// How a NumericDate is written (RFC 7519 §2).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TimeForm {
    /// As a whole number.
    Number,
    /// As a text, which it must not be.
    Text,
    /// With half a second, which it may be.
    Float,
}

/// An `aud` of several (OpenID Connect Core §3.1.3.7).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Audience {
    /// The client alone, as a list, which is good.
    List,
    /// The client and another, without `azp`.
    WithAnother,
    /// The client and another, and `azp` is the client.
    WithAnotherAuthorized,
    /// The client and another, and `azp` is the other.
    WithAnotherAuthorizedOther,
}

/// How the header names the key that signs, so that whoever forges a token brings the key along (RFC 7515 §4.1).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EmbeddedKey {
    /// `jwk`: the key itself, which is not the server's.
    Jwk,
    /// `jku`: where a set with it is.
    Jku,
    /// `x5u`: where its certificate is.
    X5u,
}

/// A signature that is none, or is not by whom it should be.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignatureFault {
    /// One bit of it is another.
    Broken,
    /// It is empty.
    Empty,
    /// It is by a key that the server has not published, under the name of one that it has.
    OtherKey,
    /// There is none, and `alg` is `none`.
    Unsigned,
    /// There is none, and `alg` is `NONE`.
    UnsignedUpperCase,
    /// It is by another algorithm and the server's own key for that.
    By(Algorithm),
    /// HMAC with the RSA key as PEM.
    HmacOfPem,
    /// HMAC with the RSA key as DER.
    HmacOfDer,
    /// HMAC with the RSA key as its JWK.
    HmacOfJwk,
    /// HMAC with the client's secret.
    HmacOfSecret,
    /// ES256 in ASN.1 (RFC 7518 §3.4 wants the two numbers alone).
    Asn1,
}

/// What is wrong with the keys at `jwks_uri`.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeysFault {
    /// There are new ones whenever something is signed, and the old are withdrawn.
    RotatedBeforeSigning,
    /// Those that sign are not among them.
    Withdrawn,
    /// None has a `kid`, the JWTs have none either, and one key fits each algorithm.
    OneWithoutKid,
    /// None has a `kid`, the JWTs have none either, and more keys than one fit.
    SeveralWithoutKid,
    /// Another key of the same kind has the `kid` of the one that signs, and comes first.
    SameKid,
    /// Some are no keys.
    Junk,
    /// One is of a `kty` that nobody knows.
    UnknownType,
    /// They are private keys.
    Private,
    /// They are secrets: `oct`.
    Secret,
    /// The RSA key has the exponent 1, and so do its signatures: anybody can make them.
    ExponentOne,
    /// The RSA key has 1,024 bits, and its signatures are good.
    Rsa1024,
    /// The P-256 key is no point of the curve.
    OffCurve,
    /// Their `use` is `enc`.
    ForEncryption,
    /// Their `key_ops` are not `verify`.
    OtherOperations,
    /// Their `alg` is another.
    OtherAlgorithm,
    /// `Cache-Control` says that they may be kept for 10^12 seconds.
    MaxAge,
    /// There are none.
    Empty,
    /// So many more come first.
    Many(usize),
}
