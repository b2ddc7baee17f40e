//! The keys a server publishes (RFC 7517): what must not be among them, and what is too weak.

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Map, Value};

use super::{Document, Finding, listed, quoted, texts};

/// Members of a JWK that only its owner may know (RFC 7518 §6.2.2, §6.3.2).
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];
/// The shortest RSA modulus (RFC 7518 §3.3), in bits.
const SHORTEST_RSA: usize = 2048;

pub(super) fn check(
    metadata: &Map<String, Value>,
    document: &Document,
    is_openid: bool,
    findings: &mut Vec<Finding>,
) {
    if !metadata.get("jwks_uri").is_some_and(Value::is_string) {
        return;
    }
    let keys = match document {
        Document::Absent(why) => Err(why.clone()),
        Document::Read(bytes) => set(bytes),
    };
    let keys = match keys {
        Ok(keys) => keys,
        Err(why) => {
            findings.push(Finding::wrong(
                "keys-unreadable",
                format!("the keys cannot be read: {why}"),
                "RFC 7517 §5: nobody can check what the server signs",
                "serve a JWK set at `jwks_uri`",
            ));
            return;
        }
    };
    let keys: Vec<Key<'_>> = keys.iter().enumerate().map(Key::new).collect();
    if keys.is_empty() && is_openid {
        findings.push(Finding::wrong(
            "keys-none",
            "the set of keys is empty",
            "OpenID Connect Core §10.1: nobody can check an ID token",
            "publish the public keys",
        ));
    }
    for key in &keys {
        key.material(findings);
        key.strength(findings);
        key.labels(keys.len(), findings);
    }
    names(&keys, findings);
    algorithms(metadata, &keys, findings);
}

fn set(bytes: &[u8]) -> Result<Vec<Value>, String> {
    let set: Value = serde_json::from_slice(bytes).map_err(|_| "they are not JSON".to_owned())?;
    match set.get("keys").and_then(Value::as_array) {
        Some(keys) => Ok(keys.clone()),
        None => Err("there is no list `keys`".to_owned()),
    }
}

/// One key of the set.
struct Key<'k> {
    key: &'k Value,
    /// What it is called in a finding.
    name: String,
}

impl<'k> Key<'k> {
    fn new((at, key): (usize, &'k Value)) -> Self {
        let name = match key.get("kid").and_then(Value::as_str) {
            Some(kid) => format!("the key {}", quoted(kid)),
            None => format!("key {} of the set", at + 1),
        };
        Self { key, name }
    }

    fn text(&self, name: &str) -> Option<&'k str> {
        self.key.get(name).and_then(Value::as_str)
    }

    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let mut bytes = Base64UrlUnpadded::decode_vec(self.text(name)?).ok()?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        bytes.drain(..zeros);
        Some(bytes)
    }

    /// What must never be published.
    fn material(&self, findings: &mut Vec<Finding>) {
        let name = &self.name;
        if self.text("kty") == Some("oct") || self.key.get("k").is_some() {
            findings.push(Finding::severe(
                "key-symmetric",
                format!("{name} is a shared secret, and published"),
                "RFC 7517 §9.2, RFC 7518 §6.4: whoever reads it can sign as the server",
                "take it out of the set, and never use it again",
            ));
            return;
        }
        if PRIVATE.iter().any(|member| self.key.get(member).is_some()) {
            findings.push(Finding::severe(
                "key-private",
                format!("{name} is published with its private part"),
                "RFC 7517 §9.2: whoever reads it can sign as the server",
                "replace the key, publish the public part of the new one alone, and take what was signed with it for forged",
            ));
        }
    }

    fn strength(&self, findings: &mut Vec<Finding>) {
        match self.text("kty") {
            Some("RSA") => self.rsa(findings),
            Some("EC") => self.curve(findings),
            Some("OKP" | "oct") => {}
            Some(other) => findings.push(Finding::note(
                "key-kind",
                format!("{} is of the kind {}", self.name, quoted(other)),
                "RFC 7517 §5: clients leave out keys they do not know",
                "publish a key that clients know as well",
            )),
            None => findings.push(Finding::wrong(
                "key-unreadable",
                format!("{} has no `kty`", self.name),
                "RFC 7517 §4.1",
                "say what kind of key it is, or take it out",
            )),
        }
    }

    fn rsa(&self, findings: &mut Vec<Finding>) {
        let name = &self.name;
        let (Some(modulus), Some(exponent)) = (self.bytes("n"), self.bytes("e")) else {
            findings.push(Finding::wrong(
                "key-unreadable",
                format!("{name} has no `n` and `e` in base64url"),
                "RFC 7518 §6.3.1",
                "publish both, without padding",
            ));
            return;
        };
        let bits = modulus.first().map_or(0, |first| {
            modulus.len() * 8 - first.leading_zeros() as usize
        });
        if bits < SHORTEST_RSA {
            findings.push(Finding::severe(
                "key-short",
                format!("{name} is RSA with {bits} bits"),
                "RFC 7518 §3.3: 2048 at least",
                "replace it with one of 2048 bits or more, or with P-256",
            ));
        }
        let is_even = |number: &[u8]| number.last().is_none_or(|last| last % 2 == 0);
        match exponent.as_slice() {
            [1] => findings.push(Finding::severe(
                "key-exponent",
                format!("{name} has the exponent 1"),
                "RFC 8017 §3.1: with it everybody can sign",
                "replace the key",
            )),
            number if is_even(number) || is_even(&modulus) => findings.push(Finding::severe(
                "key-exponent",
                format!("{name} is no RSA key: its modulus or its exponent is even"),
                "RFC 8017 §3.1",
                "replace the key",
            )),
            [3] => findings.push(Finding::weak(
                "key-exponent-3",
                format!("{name} has the exponent 3"),
                "FIPS 186-5 A.1.1: more than 65,536; a small one forgives no careless check of a signature",
                "replace it with one that has 65537",
            )),
            _ => {}
        }
    }

    fn curve(&self, findings: &mut Vec<Finding>) {
        let length = match self.text("crv") {
            Some("P-256" | "secp256k1") => 32,
            Some("P-384") => 48,
            Some("P-521") => 66,
            _ => 0,
        };
        let is_right = |member: &str| {
            let text = self.text(member)?;
            Some(Base64UrlUnpadded::decode_vec(text).ok()?.len() == length)
        };
        let is_known = self.text("crv").is_some_and(|_| length > 0);
        if is_known && (is_right("x"), is_right("y")) != (Some(true), Some(true)) {
            findings.push(Finding::wrong(
                "key-unreadable",
                format!(
                    "{} has coordinates that are not {length} bytes long",
                    self.name
                ),
                "RFC 7518 §6.2.1.2: leading zeros belong to them",
                "publish both in full",
            ));
        }
    }

    /// What tells a client which key to take, and for what.
    fn labels(&self, of: usize, findings: &mut Vec<Finding>) {
        let name = &self.name;
        if self.text("kid").is_none() && of > 1 {
            findings.push(Finding::wrong(
                "key-unnamed",
                format!("{name} has no `kid`"),
                "OpenID Connect Core §10.1, RFC 7517 §4.5: among several keys a client has to guess",
                "give every key a `kid`, and put it into what is signed",
            ));
        }
        if self.text("use").is_none() && self.key.get("key_ops").is_none() {
            findings.push(Finding::note(
                "key-use-unsaid",
                format!("{name} does not say what it is for"),
                "RFC 7517 §4.2: a key for signatures is then taken for encryption as well",
                "add `use`: \"sig\"",
            ));
        }
        match (self.text("alg"), self.text("kty")) {
            (None, _) => findings.push(Finding::note(
                "key-algorithm-unsaid",
                format!("{name} does not say its algorithm"),
                "RFC 7517 §4.4, RFC 8725 §3.1: a key should be used with one algorithm",
                "add `alg`",
            )),
            (Some(algorithm), Some(kind)) if !fits(algorithm, kind) => {
                findings.push(Finding::wrong(
                    "key-algorithm",
                    format!(
                        "{name} is of the kind {} and says {}",
                        quoted(kind),
                        quoted(algorithm)
                    ),
                    "RFC 7518 §3.1: that algorithm takes another kind of key",
                    "correct `alg`",
                ))
            }
            _ => {}
        }
    }
}

/// What kind of key an algorithm takes; those that are not known here may take any.
fn fits(algorithm: &str, kind: &str) -> bool {
    match algorithm {
        "ES256" | "ES384" | "ES512" | "ES256K" => kind == "EC",
        "EdDSA" | "Ed25519" | "Ed448" => kind == "OKP",
        "HS256" | "HS384" | "HS512" => kind == "oct",
        "none" => false,
        rsa if rsa.starts_with("RS") || rsa.starts_with("PS") => kind == "RSA",
        _ => true,
    }
}

fn names(keys: &[Key<'_>], findings: &mut Vec<Finding>) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for kid in keys.iter().filter_map(|key| key.text("kid")) {
        *counts.entry(kid).or_default() += 1;
    }
    counts.retain(|_, count| *count > 1);
    if !counts.is_empty() {
        findings.push(Finding::wrong(
            "key-names-twice",
            format!("several keys are called {}", listed(counts.keys())),
            "RFC 7517 §4.5: a client may take the wrong one",
            "give every key a `kid` of its own",
        ));
    }
}

/// Algorithms the server says it signs with, without a key for them.
fn algorithms(metadata: &Map<String, Value>, keys: &[Key<'_>], findings: &mut Vec<Finding>) {
    let announced = texts(metadata, "id_token_signing_alg_values_supported").unwrap_or_default();
    let is_for = |key: &Key<'_>, algorithm: &str| {
        let says = key.text("alg").is_none_or(|own| own == algorithm);
        let signs = key.text("use").is_none_or(|own| own == "sig");
        says && signs && key.text("kty").is_some_and(|kind| fits(algorithm, kind))
    };
    let is_asymmetric = |algorithm: &&str| *algorithm != "none" && !algorithm.starts_with("HS");
    let without: Vec<&str> = announced
        .into_iter()
        .filter(is_asymmetric)
        .filter(|algorithm| !keys.iter().any(|key| is_for(key, algorithm)))
        .collect();
    if !without.is_empty() && !keys.is_empty() {
        findings.push(Finding::weak(
            "algorithm-without-key",
            format!(
                "ID tokens may be signed with {}, and no key is for that",
                listed(without)
            ),
            "OpenID Connect Discovery §3: such a signature could not be checked",
            "publish the key, or take the algorithm off the list",
        ));
    }
}
