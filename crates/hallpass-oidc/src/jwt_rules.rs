//! What a signed token of a provider's has to be.

use std::sync::Arc;
use std::time::Duration;

use time::UtcDateTime;

use hallpass_grant::{Error, Issuer, IssuerComparison, Misuse};
#[cfg(feature = "encryption")]
use hallpass_jose::DecryptionKey;
use hallpass_jose::{Claims, CompactJws, Header, JwkSet, SignatureAlgorithm, SymmetricKey};
use hallpass_token::Secret;

use crate::fault::of_own_key;
#[cfg(feature = "encryption")]
use crate::token_encryption::TokenEncryption;
use crate::{Fault, ProviderKeys};

/// What a token of a provider's has to be: by whom it is signed and how, for whom it is, and which claims it has to have.
///
/// What is there must be right, and what is required must be there.
#[derive(Clone, Debug)]
#[must_use = "rules check nothing by themselves"]
pub struct JwtRules {
    keys: ProviderKeys,
    comparison: IssuerComparison,
    audience: Arc<str>,
    trusted: Arc<[String]>,
    required: Vec<&'static str>,
    token_type: Option<&'static str>,
    algorithms: Arc<[SignatureAlgorithm]>,
    secret: Option<SymmetricKey>,
    leeway: Duration,
    oldest: Option<Duration>,
    #[cfg(feature = "encryption")]
    encryption: TokenEncryption,
}

/// What a token has that was made for somebody and some time (RFC 8725 §3.8, §3.9).
const CLAIMS: &[&str] = &["iss", "aud", "exp"];

impl JwtRules {
    /// A token signed by whose keys these are, with RS256, for this audience (a client's id), that says whose it is, for whom and until when
    /// (`iss`, `aud`, `exp`). It may say that it is a `JWT` or nothing.
    pub fn new(keys: ProviderKeys, audience: &str) -> Self {
        Self {
            keys,
            comparison: IssuerComparison::Exact,
            audience: audience.into(),
            trusted: Arc::default(),
            required: CLAIMS.to_vec(),
            token_type: None,
            algorithms: Arc::new([SignatureAlgorithm::Rs256]),
            secret: None,
            leeway: Duration::from_secs(60),
            oldest: None,
            #[cfg(feature = "encryption")]
            encryption: TokenEncryption::default(),
        }
    }

    /// Signed with one of these algorithms and no other (RFC 8725 §3.1).
    pub fn with_algorithms(mut self, algorithms: &[SignatureAlgorithm]) -> Self {
        self.algorithms = algorithms.into();
        self
    }

    /// The client's secret, with which HS256, HS384 and HS512 are verified (OpenID Connect Core §10.1). It must be as long as their hash.
    pub fn with_secret(mut self, secret: &Secret) -> Self {
        self.secret = Some(SymmetricKey::new(secret.expose_secret().as_bytes()));
        self
    }

    /// Encrypted for this key, and signed inside (RFC 7519 §5.2). One that is not encrypted is refused.
    #[cfg(feature = "encryption")]
    pub fn with_decryption_key(mut self, key: impl Into<Arc<DecryptionKey>>) -> Self {
        self.encryption = self.encryption.with_key(key.into());
        self
    }

    #[cfg(feature = "encryption")]
    pub(crate) fn encrypted(mut self, encryption: TokenEncryption) -> Self {
        self.encryption = encryption;
        self
    }

    #[cfg(feature = "encryption")]
    pub(crate) fn encryption(&self) -> &TokenEncryption {
        &self.encryption
    }

    /// Of this kind (`typ`), `logout+jwt` for example. It need not say so, for many providers do not; one that says another than this or `JWT`
    /// is refused.
    pub fn with_type(mut self, token_type: &'static str) -> Self {
        self.token_type = Some(token_type);
        self
    }

    /// With these claims as well.
    pub fn requiring(mut self, claims: &'static [&'static str]) -> Self {
        self.required.extend(claims);
        self
    }

    /// With these claims and perhaps no others, for tokens that have less than others do: claims that somebody else makes, UserInfo.
    ///
    /// Where it is not among them, a token without `iss` is as good as the key it is signed with, one without `aud` is good for whoever has
    /// it, and one without `exp` for ever. An ID token is refused without them all the same.
    pub fn requiring_only(mut self, claims: &'static [&'static str]) -> Self {
        self.required = claims.to_vec();
        self
    }

    /// Perhaps also for these audiences. Others are not trusted (OpenID Connect Core §3.1.3.7).
    pub fn trusting<T: Into<String>>(mut self, audiences: impl IntoIterator<Item = T>) -> Self {
        self.trusted = audiences.into_iter().map(Into::into).collect();
        self
    }

    /// How far clocks may differ: a minute unless said otherwise.
    pub fn with_leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Issued at most so long ago.
    pub fn not_older_than(mut self, oldest: Duration) -> Self {
        self.oldest = Some(oldest);
        self
    }

    /// From a provider that writes its issuer in another way than the specification has it.
    pub fn with_issuer_comparison(mut self, comparison: IssuerComparison) -> Self {
        self.comparison = comparison;
        self
    }

    /// Whose tokens they are.
    pub fn issuer(&self) -> &Issuer {
        self.keys.issuer()
    }

    /// For whom they are.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// How far clocks may differ.
    pub fn leeway(&self) -> Duration {
        self.leeway
    }

    /// Whether this names whose tokens they are.
    pub(crate) fn is_issuer(&self, name: &str) -> bool {
        self.comparison.is_same(name, self.issuer().as_str())
    }

    pub(crate) fn keys(&self) -> &ProviderKeys {
        &self.keys
    }

    /// The signed token, out of the encrypted one where it is to be encrypted.
    #[cfg(feature = "encryption")]
    pub(crate) fn open(&self, token: Secret) -> Result<Secret, Error> {
        self.encryption.open(token)
    }

    #[cfg(not(feature = "encryption"))]
    pub(crate) fn open(&self, token: Secret) -> Result<Secret, Error> {
        Ok(token)
    }

    /// What the header says, before any key is looked for.
    pub(crate) fn check_header(&self, header: &Header) -> Result<(), Fault> {
        if !self.algorithms.contains(&header.algorithm()) {
            return Err(Fault::UnexpectedAlgorithm);
        }
        let Some(told) = header.token_type() else {
            return Ok(());
        };
        let told = told.to_ascii_lowercase();
        let told = told.strip_prefix("application/").unwrap_or(&told);
        // What is marked as another kind is no token of this one, whatever is in it (RFC 8725 §3.11).
        match told == "jwt" || Some(told) == self.token_type {
            true => Ok(()),
            false => Err(Fault::TokenType),
        }
    }

    /// The claims of a token that only client and provider can have signed.
    pub(crate) fn verify_by_secret(&self, token: CompactJws<'_>) -> Result<Claims, Error> {
        let algorithm = token.header().algorithm();
        let secret = self.secret.as_ref();
        let secret = secret.ok_or(Misuse::Missing("the client's secret"))?;
        let key = secret.verification_key(algorithm).map_err(of_own_key)?;
        let verified = key.verify(token).map_err(Fault::from)?;
        Ok(verified.claims().map_err(Fault::from)?)
    }

    /// The claims of a token that one of these keys has signed.
    pub(crate) fn verify(
        &self,
        token: CompactJws<'_>,
        keys: &JwkSet,
    ) -> Result<Claims, hallpass_jose::Error> {
        let verified = keys.verify(token, &self.algorithms)?;
        Ok(verified.claims()?)
    }

    /// What every token's claims have to be.
    pub(crate) fn check_claims(&self, claims: &Claims, now: UtcDateTime) -> Result<(), Fault> {
        for name in &self.required {
            let is_there = claims.members().value(name).is_some();
            is_there.then_some(()).ok_or(Fault::MissingClaim(name))?;
        }
        if claims.text("iss")?.is_some_and(|iss| !self.is_issuer(iss)) {
            return Err(Fault::Issuer);
        }
        let audiences = claims.texts("aud")?;
        let is_own = |audience: &str| audience == &*self.audience;
        let is_trusted = |audience: &str| self.trusted.iter().any(|own| own == audience);
        let has_own = audiences.iter().any(|audience| is_own(audience));
        let is_known = |audience: &&str| is_own(audience) || is_trusted(audience);
        let is_foreign = !has_own || !audiences.iter().all(is_known);
        if !audiences.is_empty() && is_foreign {
            return Err(Fault::Audience);
        }
        claims.check_dates(now, self.leeway)?;
        self.check_issued_at(claims.date("iat")?, now)
    }

    fn check_issued_at(&self, at: Option<UtcDateTime>, now: UtcDateTime) -> Result<(), Fault> {
        let Some(at) = at else { return Ok(()) };
        let span = |span| time::Duration::try_from(span).unwrap_or(time::Duration::MAX);
        let leeway = span(self.leeway);
        let is_future = at > now.saturating_add(leeway);
        let is_old = self.oldest.is_some_and(|oldest| {
            let ends = at.saturating_add(span(oldest));
            now > ends.saturating_add(leeway)
        });
        match is_future || is_old {
            true => Err(Fault::IssuedAt),
            false => Ok(()),
        }
    }
}
