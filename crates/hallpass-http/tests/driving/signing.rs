//! A key that only the signer has proves who the client is.

use std::sync::Mutex;
use std::time::Duration;

use hallpass_grant::{Request, Response, Signature, SigningAlgorithm, SigningInput};
use hallpass_http::{SignError, Signer, Transport, TransportError, async_trait, blocking, drive};
use p256::ecdsa::signature::{Signer as _, Verifier};
use p256::ecdsa::{Signature as Es256, SigningKey, VerifyingKey};

use crate::script::{World, es256, refresh};

/// Signs with a key in memory, as a driver's caller would.
struct LocalKey {
    id: &'static str,
    key: SigningKey,
}

impl LocalKey {
    fn signature(&self, input: &SigningInput) -> Result<Signature, SignError> {
        match (input.key().id() == self.id, input.key().algorithm()) {
            (true, SigningAlgorithm::Es256) => {
                let signature: Es256 = self.key.sign(input.bytes());
                Ok(Signature::new(signature.to_bytes().to_vec()))
            }
            (_, _) => Err(SignError::unknown_key(input)),
        }
    }
}

#[async_trait]
impl Signer for LocalKey {
    async fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        self.signature(input)
    }
}

impl blocking::Signer for LocalKey {
    fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        self.signature(input)
    }
}

/// A token endpoint that keeps what it was sent.
#[derive(Default)]
struct TokenEndpoint(Mutex<Vec<String>>);

impl TokenEndpoint {
    fn receive(&self, request: &Request) -> Response {
        let body = String::from_utf8(request.body().expose_secret().to_vec()).unwrap();
        self.0.lock().unwrap().push(body);
        Response::new(200).with_body(r#"{"access_token":"at","token_type":"Bearer"}"#.to_owned())
    }

    /// The one assertion received: what was signed, and the signature.
    fn assertion(&self) -> (String, Es256) {
        let received = self.0.lock().unwrap();
        let [body] = &received[..] else {
            panic!("{received:?}")
        };
        let assertion = body
            .split('&')
            .find_map(|field| field.strip_prefix("client_assertion="))
            .unwrap();
        let (signed, signature) = assertion.rsplit_once('.').unwrap();
        (
            signed.to_owned(),
            Es256::from_slice(&base64url(signature)).unwrap(),
        )
    }
}

#[async_trait]
impl Transport for TokenEndpoint {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        Ok(self.receive(&request))
    }
}

impl blocking::Transport for TokenEndpoint {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        Ok(self.receive(&request))
    }
}

struct NoWait;

impl blocking::Clock for NoWait {
    fn sleep(&self, duration: Duration) {
        panic!("asked to wait {duration:?}");
    }
}

fn key() -> LocalKey {
    LocalKey {
        id: "key-1",
        key: SigningKey::from_slice(&[7; 32]).unwrap(),
    }
}

#[tokio::test]
async fn the_token_endpoint_can_verify_the_assertion() {
    let (endpoint, key) = (TokenEndpoint::default(), key());
    drive(&mut refresh(es256()), &endpoint, &key, &World::new([]))
        .await
        .unwrap();
    let (signed, signature) = endpoint.assertion();
    VerifyingKey::from(&key.key)
        .verify(signed.as_bytes(), &signature)
        .unwrap();
}

#[test]
fn the_blocking_driver_signs_the_same_way() {
    let (endpoint, key) = (TokenEndpoint::default(), key());
    blocking::drive(&mut refresh(es256()), &endpoint, &key, &NoWait).unwrap();
    let (signed, signature) = endpoint.assertion();
    VerifyingKey::from(&key.key)
        .verify(signed.as_bytes(), &signature)
        .unwrap();
}

#[tokio::test]
async fn a_signer_with_another_key_does_not_sign() {
    let endpoint = TokenEndpoint::default();
    let other = LocalKey {
        id: "key-2",
        ..key()
    };
    assert!(
        drive(&mut refresh(es256()), &endpoint, &other, &World::new([]))
            .await
            .is_err()
    );
    assert!(endpoint.0.lock().unwrap().is_empty());
}

fn base64url(text: &str) -> Vec<u8> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for character in text.chars() {
        bits = bits << 6 | u32::try_from(ALPHABET.find(character).unwrap()).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 255) as u8);
        }
    }
    bytes
}
