//! Clients: each way to prove oneself, registration, keys.

use crate::provider::PROVIDER;
use crate::run::{Run, as_client};

/// Keys that everybody knows: RSA with 2048 bits, and P-256.
const KEYS: &str = include_str!("keys.json");

const REDIRECT_URI: &str = "https://client.example/callback";

/// A client that registers for this run, with keys.
fn registering<'a>(keys: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![
        "--register",
        "--unregister",
        "--redirect-uri",
        REDIRECT_URI,
        "--jwks",
        keys,
    ];
    arguments.extend(more);
    arguments
}

fn keys() -> String {
    PROVIDER.write("keys.json", KEYS)
}

#[test]
fn a_client_registers_logs_in_and_goes() {
    let more = ["--register", "--unregister", "--redirect-uri", REDIRECT_URI];
    let run = Run::new(&more).completed();
    assert!(run.ok("registration")["client_id"].is_string());
    assert_eq!(
        run.ok("login")["claims"]["aud"],
        run.ok("registration")["client_id"]
    );
    run.ok("unregistration");
}

#[test]
fn each_way_to_prove_oneself_is_taken() {
    let keys = keys();
    for method in [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "none",
    ] {
        let run = Run::new(&registering(&keys, &["--client-auth", method])).completed();
        assert_eq!(run.ok("userinfo")["claims"]["sub"], "alice", "{method}");
    }
}

#[test]
fn a_certificate_proves_a_client_at_the_endpoints_that_ask_for_one() {
    let [chain, key] =
        ["pem", "key"].map(|kind| PROVIDER.file(&format!("hallpass-openid-mtls.{kind}")));
    let more = [
        "--client-auth",
        "tls_client_auth",
        "--client-cert",
        &chain,
        "--client-key",
        &key,
    ];
    let mut arguments = vec![
        "--client-id",
        "hallpass-openid-mtls",
        "--redirect-uri",
        REDIRECT_URI,
    ];
    arguments.extend(more);
    Run::new(&arguments).completed();

    let [chain, key] = ["pem", "key"].map(|kind| PROVIDER.file(&format!("self-signed.{kind}")));
    let arguments = [
        "--register",
        "--unregister",
        "--redirect-uri",
        REDIRECT_URI,
        "--client-auth",
        "self_signed_tls_client_auth",
        "--client-cert",
        &chain,
        "--client-key",
        &key,
    ];
    Run::new(&arguments).completed();

    // Somebody else's certificate is somebody else's.
    let mut arguments = vec![
        "--client-id",
        "hallpass-openid-mtls",
        "--redirect-uri",
        REDIRECT_URI,
    ];
    arguments.extend([
        "--client-auth",
        "tls_client_auth",
        "--client-cert",
        &chain,
        "--client-key",
        &key,
    ]);
    Run::new(&arguments).ended(4, "invalid_client");
}

#[test]
fn a_request_is_sent_as_a_signed_object() {
    let keys = keys();
    for algorithm in ["RS256", "ES256"] {
        let more = [
            "--request-object",
            algorithm,
            "--response-type",
            "code id_token",
        ];
        Run::new(&registering(&keys, &more)).completed();
    }
}

#[test]
fn an_id_token_that_is_encrypted_is_opened() {
    let keys = keys();
    for encryption in ["RSA-OAEP/A256GCM", "RSA-OAEP-256/A128CBC-HS256"] {
        let more = [
            "--expect-encryption",
            encryption,
            "--response-type",
            "code id_token",
        ];
        Run::new(&registering(&keys, &more)).completed();
    }
    // One that is not encrypted is not taken for one that is.
    let more = ["--expect-encryption", "RSA-OAEP/A256GCM", "--jwks", &keys];
    Run::new(&as_client("hallpass-openid", &more)).ended(3, "encryption");
}
