//! A demand for a nonce is answered once (RFC 9449 §9).

use async_trait::async_trait;
use base64ct::{Base64UrlUnpadded, Encoding};
use hallpass::driver::{SignError, Signer};
use hallpass::grant::{Signature, SigningInput};
use hallpass::{
    ClientCredentialsCredentials, DpopKey, Issuer, Provider, SigningAlgorithm, SigningKeyName,
};
use hallpass_testkit::{Config, Endpoint, NamedFault, TestServer};
use p256::ecdsa::{Signature as Es256, SigningKey, signature::Signer as _};

use crate::support::{BOTH, oauth, post};

struct OneKey(SigningKey);

#[async_trait]
impl Signer for OneKey {
    async fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        let signature: Es256 = self.0.sign(input.bytes());
        Ok(Signature::new(signature.to_bytes().to_vec()))
    }
}

fn key() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).unwrap()
}

/// It knows no nonce yet.
fn new_dpop_key() -> DpopKey {
    let point = key().verifying_key().to_sec1_point(false);
    let member = |at: usize| Base64UrlUnpadded::encode_string(&point.as_bytes()[at..at + 32]);
    let jwk = serde_json::json!({ "kty": "EC", "crv": "P-256", "x": member(1), "y": member(33) });
    let name = SigningKeyName::new(SigningAlgorithm::Es256, "key");
    DpopKey::new(name, &jwk.to_string()).unwrap()
}

async fn client(server: &TestServer) -> hallpass::Client<hallpass::ClientCredentials> {
    let issuer = Issuer::new(server.issuer()).unwrap();
    let provider = Provider::discover("server", issuer).await.unwrap();
    let client = provider.with_signer(OneKey(key())).client(
        ClientCredentialsCredentials::new()
            .with_client_id("service")
            .with_client_secret("service-secret")
            .with_dpop(new_dpop_key()),
    );
    let tokens = client.fetch_token().await.unwrap();
    client.clone_with(|own| own.with_dpop(new_dpop_key()).with_token(tokens))
}

fn proofs(server: &TestServer) -> Vec<String> {
    let requests = server.requests_to(Endpoint::Resource);
    let proofs = requests.iter().map(|own| own.header("dpop").unwrap());
    proofs.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_demanded_nonce_is_proved_in_a_second_request_and_kept_for_the_next() {
    for adapter in BOTH {
        let server = TestServer::start(Config::new().dpop_nonces(true));
        let security = oauth(&server.resource_url(), client(&server).await);
        for requests in [2, 3] {
            let call = post(server.resource_url(), "a=1");
            assert_eq!(adapter.send(&security, call).await.unwrap().0, 200);
            assert_eq!(server.requests_to(Endpoint::Resource).len(), requests);
        }
        let proofs = proofs(&server);
        assert_ne!(proofs[0], proofs[1]);
        assert!(server.requests_to(Endpoint::Resource)[1].body == b"a=1");
    }
}

#[tokio::test]
async fn a_demand_that_never_ends_is_answered_once() {
    for adapter in BOTH {
        let server = TestServer::start(Config::new());
        let security = oauth(&server.resource_url(), client(&server).await);
        server.inject(NamedFault::DpopNonceNeverGoodAtResource);
        let call = post(server.resource_url(), "a=1");
        assert_eq!(adapter.send(&security, call).await.unwrap().0, 401);
        assert_eq!(proofs(&server).len(), 2);
    }
}
