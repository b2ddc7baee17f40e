//! The JWTs the server signs, and all that can be wrong with them (RFC 7515, RFC 7519).

use base64ct::{Base64, Base64UrlUnpadded, Encoding};

use crate::{
    Algorithm, Audience, AuthorizationServer, Client, EmbeddedKey, Fault, Jwt, JwtFault, KeysFault,
    SignatureFault, TimeForm, Value,
    issue::Members,
    json,
    signing_key::{SigningKey, hmac_sign},
    weak_key,
};

/// Names and values that are JSON already.
type Written = Vec<(String, String)>;

impl AuthorizationServer {
    /// Signs claims for a client; `None` where a fault says that there is nothing.
    pub(crate) fn sign_jwt(
        &mut self,
        jwt: Jwt,
        client: &Client,
        claims: Members,
        now: u64,
    ) -> Option<String> {
        if self.jwt_happens(jwt, &JwtFault::Missing) {
            return None;
        }
        let algorithm = client.algorithm(jwt);
        let typ = match jwt {
            Jwt::LogoutToken => "logout+jwt",
            _ => "JWT",
        };
        let claims = json::object(&self.claims_by_fault(jwt, client.id(), claims, now));
        if self.is_on(KeysFault::RotatedBeforeSigning) {
            self.rotate_keys();
            self.withdraw_keys();
        }
        let fault = self.take_jwt(jwt, |fault| match fault {
            JwtFault::Signature(fault) => Some(*fault),
            _ => None,
        });
        let embedded = self.take_jwt(jwt, |fault| match fault {
            JwtFault::EmbeddedKey(embedded) => Some(*embedded),
            _ => None,
        });
        let shown = shown_algorithm(algorithm, fault);
        let by = match fault {
            Some(SignatureFault::By(other)) => other,
            _ => algorithm,
        };
        let mut key = self.signing_key(by);
        if fault == Some(SignatureFault::OtherKey) || embedded.is_some() {
            key = key.as_ref().map(SigningKey::foreign);
        }
        let header = self.header(jwt, shown, typ, key.as_ref(), embedded);
        let signed = format!(
            "{}.{}",
            encode(header.as_bytes()),
            encode(claims.as_bytes())
        );
        let signature = self.signature(by, fault, key.as_ref(), client, &signed);
        let compact = format!("{signed}.{}", encode(&signature));
        if self.jwt_happens(jwt, &JwtFault::Encrypted) {
            return Some(as_if_encrypted(&compact));
        }
        if self.jwt_happens(jwt, &JwtFault::NotCanonical) {
            return Some(not_canonical(compact));
        }
        Some(compact)
    }

    /// Claims as faults want them.
    pub(crate) fn claims_by_fault(
        &mut self,
        jwt: Jwt,
        client_id: &str,
        claims: Members,
        now: u64,
    ) -> Written {
        let mut claims = written(claims);
        let another = "https://another-client.example";
        let audience = self.take_jwt(jwt, |fault| match fault {
            JwtFault::Audience(audience) => Some(*audience),
            _ => None,
        });
        if let Some(audience) = audience {
            let (aud, azp) = match audience {
                Audience::List => (vec![client_id], None),
                Audience::WithAnother => (vec![client_id, another], None),
                Audience::WithAnotherAuthorized => (vec![client_id, another], Some(client_id)),
                Audience::WithAnotherAuthorizedOther => (vec![client_id, another], Some(another)),
            };
            set(&mut claims, "aud", Some(json::texts(aud)));
            set(&mut claims, "azp", azp.map(json::text));
        }
        let mut changed: Vec<String> = Vec::new();
        while let Some((name, value)) = self.take_jwt(jwt, |fault| {
            changed_claim(fault, now).filter(|(name, _)| !changed.contains(name))
        }) {
            set(&mut claims, &name, value);
            changed.push(name);
        }
        let duplicate = self.take_jwt(jwt, |fault| match fault {
            JwtFault::DuplicateClaim(name) => {
                let at = claims.iter().position(|(known, _)| known == name)?;
                Some((at, name.clone()))
            }
            _ => None,
        });
        if let Some((at, name)) = duplicate {
            // The good one comes last, so that whoever keeps the last finds nothing wrong.
            claims.insert(at, (name, json::text("another")));
        }
        claims
    }

    /// The hash of a code, a token or a state beside the ID token.
    pub(crate) fn half_hash(
        &mut self,
        jwt: Jwt,
        name: &str,
        algorithm: Algorithm,
        text: &str,
    ) -> Value {
        let is_other = self.jwt_happens(jwt, &JwtFault::HashOfAnotherLength(name.to_owned()));
        let algorithm = match is_other {
            true => algorithm.of_another_hash(),
            false => algorithm,
        };
        Value::Text(algorithm.half_hash(text))
    }

    pub(crate) fn jwt_happens(&mut self, jwt: Jwt, wanted: &JwtFault) -> bool {
        self.take_jwt(jwt, |fault| (fault == wanted).then_some(()))
            .is_some()
    }

    fn take_jwt<T>(&mut self, jwt: Jwt, pick: impl Fn(&JwtFault) -> Option<T>) -> Option<T> {
        self.faults.take(|fault| match fault {
            Fault::Jwt(of, fault) if of.covers(jwt) => pick(fault),
            _ => None,
        })
    }

    fn is_on(&self, wanted: KeysFault) -> bool {
        self.faults().any(|fault| *fault == Fault::Keys(wanted))
    }

    fn header(
        &mut self,
        jwt: Jwt,
        algorithm: &str,
        typ: &str,
        key: Option<&SigningKey>,
        embedded: Option<EmbeddedKey>,
    ) -> String {
        let mut header: Written = vec![
            ("alg".to_owned(), json::text(algorithm)),
            ("typ".to_owned(), json::text(typ)),
        ];
        if let Some(key) = key.filter(|_| !self.has_no_kids()) {
            header.push(("kid".to_owned(), json::text(&key.kid)));
        }
        if let (Some(embedded), Some(key)) = (embedded, key) {
            let elsewhere = |path: &str| json::text(&format!("https://evil.example/{path}"));
            let (name, value) = match embedded {
                EmbeddedKey::Jwk => ("jwk", serde_json::Value::from(key.public_jwk()).to_string()),
                EmbeddedKey::Jku => ("jku", elsewhere("jwks.json")),
                EmbeddedKey::X5u => ("x5u", elsewhere("certificate.pem")),
            };
            header.push((name.to_owned(), value));
        }
        let mut changed: Vec<String> = Vec::new();
        while let Some((name, value)) = self.take_jwt(jwt, |fault| match fault {
            JwtFault::Header { name, value } if !changed.contains(name) => {
                Some((name.clone(), value_written(value)))
            }
            _ => None,
        }) {
            set(&mut header, &name, value);
            changed.push(name);
        }
        if self.jwt_happens(jwt, &JwtFault::DuplicateAlgorithm) {
            header.insert(0, ("alg".to_owned(), json::text("none")));
        }
        json::object(&header)
    }

    fn signature(
        &self,
        algorithm: Algorithm,
        fault: Option<SignatureFault>,
        key: Option<&SigningKey>,
        client: &Client,
        signed: &str,
    ) -> Vec<u8> {
        let secret = client.secret().unwrap_or_default().as_bytes();
        let rsa = || self.signing_key(Algorithm::Rs256);
        let rsa_der = || rsa().and_then(|key| key.public_der()).unwrap_or_default();
        match fault {
            Some(
                SignatureFault::Empty
                | SignatureFault::Unsigned
                | SignatureFault::UnsignedUpperCase,
            ) => return Vec::new(),
            Some(SignatureFault::HmacOfSecret) => return hmac_sign(secret, signed),
            Some(SignatureFault::HmacOfDer) => return hmac_sign(&rsa_der(), signed),
            Some(SignatureFault::HmacOfPem) => {
                return hmac_sign(pem(&rsa_der()).as_bytes(), signed);
            }
            Some(SignatureFault::HmacOfJwk) => {
                let jwk = rsa().map(|key| key.public_jwk()).unwrap_or_default();
                let jwk = serde_json::Value::from(jwk).to_string();
                return hmac_sign(jwk.as_bytes(), signed);
            }
            Some(SignatureFault::Asn1) => {
                if let Some(signature) = key.and_then(|key| key.sign_as_der(signed)) {
                    return signature;
                }
            }
            _ => {}
        }
        let mut signature = match (algorithm, key) {
            (Algorithm::Hs256, _) => hmac_sign(secret, signed),
            (Algorithm::Rs256, _) if self.is_on(KeysFault::ExponentOne) => {
                weak_key::sign_exponent_one(signed)
            }
            (Algorithm::Rs256, _) if self.is_on(KeysFault::Rsa1024) => weak_key::sign_1024(signed),
            (algorithm, Some(key)) => key.sign(algorithm, signed),
            (_, None) => Vec::new(),
        };
        if fault == Some(SignatureFault::Broken)
            && let Some(byte) = signature.get_mut(20)
        {
            *byte ^= 1;
        }
        signature
    }
}

/// Members with their values as JSON; those that are absent are not there.
pub(crate) fn written(members: Members) -> Written {
    let members = members.into_iter();
    members
        .filter_map(|(name, value)| Some((name, value_written(&value)?)))
        .collect()
}

fn value_written(value: &Value) -> Option<String> {
    match value {
        Value::Absent => None,
        Value::Text(text) => Some(json::text(text)),
        Value::Json(json) => Some(json.clone()),
    }
}

fn changed_claim(fault: &JwtFault, now: u64) -> Option<(String, Option<String>)> {
    match fault {
        JwtFault::Claim { name, value } => Some((name.clone(), value_written(value))),
        JwtFault::Time {
            name,
            seconds,
            form,
        } => {
            let time = now.saturating_add_signed(*seconds);
            let time = match form {
                TimeForm::Number => time.to_string(),
                TimeForm::Text => json::text(&time.to_string()),
                TimeForm::Float => format!("{time}.5"),
            };
            Some((name.clone(), Some(time)))
        }
        _ => None,
    }
}

/// What the header says of the algorithm.
fn shown_algorithm(own: Algorithm, fault: Option<SignatureFault>) -> &'static str {
    match fault {
        Some(SignatureFault::Unsigned) => "none",
        Some(SignatureFault::UnsignedUpperCase) => "NONE",
        Some(SignatureFault::By(other)) => other.name(),
        Some(
            SignatureFault::HmacOfPem
            | SignatureFault::HmacOfDer
            | SignatureFault::HmacOfJwk
            | SignatureFault::HmacOfSecret,
        ) => Algorithm::Hs256.name(),
        _ => own.name(),
    }
}

fn set(members: &mut Written, name: &str, value: Option<String>) {
    let at = members.iter().position(|(known, _)| known == name);
    match (at, value) {
        (Some(at), Some(value)) => {
            if let Some((_, known)) = members.get_mut(at) {
                *known = value;
            }
        }
        (Some(at), None) => drop(members.remove(at)),
        (None, Some(value)) => members.push((name.to_owned(), value)),
        (None, None) => {}
    }
}

fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// As `openssl` writes it (RFC 7468).
fn pem(der: &[u8]) -> String {
    let text = Base64::encode_string(der);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    let lines = lines.join("\n");
    format!("-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n")
}

fn as_if_encrypted(compact: &str) -> String {
    let header = encode(br#"{"alg":"RSA-OAEP","enc":"A128GCM","cty":"JWT"}"#);
    let (key, iv, tag) = (encode(&[1; 256]), encode(&[2; 12]), encode(&[3; 16]));
    format!("{header}.{key}.{iv}.{}.{tag}", encode(compact.as_bytes()))
}

/// The last character stands for fewer than six bits; those it does not stand for are zero in what an encoder writes.
fn not_canonical(mut compact: String) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = compact.pop();
    let at = last.and_then(|last| ALPHABET.iter().position(|known| char::from(*known) == last));
    let next = at.and_then(|at| ALPHABET.get(at | 1));
    compact.extend(next.map(|next| char::from(*next)).or(last));
    compact
}
