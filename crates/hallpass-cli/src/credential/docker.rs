//! The protocol of Docker's credential helpers: a word on the command line, a server or JSON on standard input.

use hallpass::Secret;
use serde::{Deserialize, Serialize};

use super::{Credential, InvalidTarget, Target};

/// What Docker looks for on standard output when there is no credential, to go on without one.
pub const NOT_FOUND: &str = "credentials not found in native keychain";

/// Reads the server that is asked about, as Docker writes it: `registry.example`, `https://index.docker.io/v1/`.
///
/// # Errors
/// [`InvalidTarget`] when it is none that a token may be given to.
pub fn server(text: &str) -> Result<Target, InvalidTarget> {
    Target::new(text.trim())
}

/// What Docker is told: the name and the token for the server, as it was asked about.
pub fn answer(server: &str, credential: &Credential) -> Secret {
    let answer = Answer {
        server_url: server.trim(),
        username: &credential.username,
        secret: credential.token.expose_secret(),
    };
    // Three texts are always JSON.
    Secret::new(serde_json::to_string(&answer).unwrap_or_default())
}

/// Reads what Docker wants stored. Only whose it is: hallpass keeps no password.
///
/// # Errors
/// When it is not what Docker sends.
pub fn stored(text: &[u8]) -> Result<String, serde_json::Error> {
    #[derive(Deserialize)]
    struct Stored {
        #[serde(rename = "ServerURL")]
        server_url: String,
    }
    serde_json::from_slice(text).map(|stored: Stored| stored.server_url)
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(rename = "ServerURL")]
    server_url: &'a str,
    #[serde(rename = "Username")]
    username: &'a str,
    #[serde(rename = "Secret")]
    secret: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentations_examples_are_understood() {
        // docker login, "Credential helper protocol": the payload of `get`, and of `store`.
        let asked = server("https://index.docker.io/v1\n").unwrap();
        assert!(Target::new("index.docker.io").unwrap().contains(&asked));
        let stored = stored(br#"{"ServerURL": "https://index.docker.io/v1", "Username": "david", "Secret": "passw0rd1"}"#);
        assert_eq!(stored.unwrap(), "https://index.docker.io/v1");
        assert!(super::stored(b"https://index.docker.io/v1").is_err());
    }

    #[test]
    fn docker_is_given_the_server_as_it_asked() {
        let credential = Credential {
            username: "oauth2accesstoken".to_owned(),
            token: Secret::new("t\"0"),
            expires_at: None,
        };
        assert_eq!(
            answer("registry.example:5000\n", &credential).expose_secret(),
            r#"{"ServerURL":"registry.example:5000","Username":"oauth2accesstoken","Secret":"t\"0"}"#
        );
    }

    #[test]
    fn a_registry_is_a_host_and_its_port() {
        assert_eq!(
            server("registry.example:5000").unwrap().to_string(),
            "https://registry.example:5000"
        );
        assert!(server("http://registry.example").is_err());
        assert!(server("").is_err());
    }
}
