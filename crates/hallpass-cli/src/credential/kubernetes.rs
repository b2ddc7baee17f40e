//! Kubernetes' `ExecCredential` (client.authentication.k8s.io): kubectl starts a program, and reads a token from what it prints.

use hallpass::Secret;
use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;

use super::Credential;

/// The environment variable with the question.
pub const VARIABLE: &str = "KUBERNETES_EXEC_INFO";

const V1: &str = "client.authentication.k8s.io/v1";
const V1_BETA: &str = "client.authentication.k8s.io/v1beta1";

/// What kubectl asks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Question {
    version: &'static str,
    /// The address of the cluster, where the kubeconfig says `provideClusterInfo: true`.
    pub server: Option<String>,
}

/// Why a question cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidQuestion {
    /// It is not the JSON that Kubernetes documents.
    Json,
    /// It is not an `ExecCredential`.
    Kind,
    /// Neither `v1` nor `v1beta1`.
    Version,
}

impl Question {
    /// Reads the variable. Without it somebody tries the command by hand, and gets `v1`.
    ///
    /// # Errors
    /// [`InvalidQuestion`] says what is wrong with it.
    pub fn read(variable: Option<&str>) -> Result<Self, InvalidQuestion> {
        let Some(text) = variable.filter(|text| !text.is_empty()) else {
            return Ok(Self {
                version: V1,
                server: None,
            });
        };
        let asked: Asked = serde_json::from_str(text).map_err(|_| InvalidQuestion::Json)?;
        if asked.kind != "ExecCredential" {
            return Err(InvalidQuestion::Kind);
        }
        let version = [V1, V1_BETA]
            .into_iter()
            .find(|known| asked.api_version == *known);
        Ok(Self {
            version: version.ok_or(InvalidQuestion::Version)?,
            server: asked.spec.cluster.map(|cluster| cluster.server),
        })
    }

    /// What kubectl is told, in the version it asked in.
    pub fn answer(&self, credential: &Credential) -> Secret {
        let at = credential
            .expires_at
            .and_then(|at| at.replace_nanosecond(0).ok());
        let answer = Answer {
            api_version: self.version,
            kind: "ExecCredential",
            status: Status {
                expiration_timestamp: at.and_then(|at| at.format(&Rfc3339).ok()),
                token: credential.token.expose_secret(),
            },
        };
        // Texts are always JSON.
        Secret::new(serde_json::to_string(&answer).unwrap_or_default())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    api_version: String,
    kind: String,
    #[serde(default)]
    spec: Spec,
}

#[derive(Default, Deserialize)]
struct Spec {
    #[serde(default)]
    cluster: Option<Cluster>,
}

#[derive(Deserialize)]
struct Cluster {
    server: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    api_version: &'a str,
    kind: &'a str,
    status: Status<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_timestamp: Option<String>,
    token: &'a str,
}

impl std::fmt::Display for InvalidQuestion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Json => "it is not the JSON that Kubernetes documents",
            Self::Kind => "it is no ExecCredential",
            Self::Version => "its version is neither v1 nor v1beta1",
        })
    }
}

impl std::error::Error for InvalidQuestion {}

#[cfg(test)]
mod tests {
    use time::UtcDateTime;

    use super::*;

    fn credential() -> Credential {
        Credential {
            username: String::new(),
            token: Secret::new("my-bearer-token"),
            expires_at: UtcDateTime::from_unix_timestamp(1_520_271_020).ok(),
        }
    }

    #[test]
    fn the_documentations_example_is_answered_in_its_own_version() {
        // Kubernetes, "Authenticating", "Input and output formats".
        let text = r#"{
          "apiVersion": "client.authentication.k8s.io/v1beta1",
          "kind": "ExecCredential",
          "spec": {
            "cluster": {
              "server": "https://172.17.4.100:6443",
              "certificate-authority-data": "LS0t",
              "config": { "arbitrary": "config" }
            },
            "interactive": true
          }
        }"#;
        let question = Question::read(Some(text)).unwrap();
        assert_eq!(
            question.server.as_deref(),
            Some("https://172.17.4.100:6443")
        );
        assert_eq!(
            question.answer(&credential()).expose_secret(),
            r#"{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"expirationTimestamp":"2018-03-05T17:30:20Z","token":"my-bearer-token"}}"#
        );
    }

    #[test]
    fn a_token_without_an_end_is_said_without_one() {
        let text = r#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}"#;
        let credential = Credential {
            expires_at: None,
            ..credential()
        };
        for asked in [None, Some(""), Some(text)] {
            let question = Question::read(asked).unwrap();
            assert_eq!(question.server, None);
            assert_eq!(
                question.answer(&credential).expose_secret(),
                r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"my-bearer-token"}}"#
            );
        }
    }

    #[test]
    fn what_is_no_question_is_refused() {
        for (text, why) in [
            ("{", InvalidQuestion::Json),
            ("{}", InvalidQuestion::Json),
            (
                r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"Pod"}"#,
                InvalidQuestion::Kind,
            ),
            (
                r#"{"apiVersion":"client.authentication.k8s.io/v1alpha1","kind":"ExecCredential"}"#,
                InvalidQuestion::Version,
            ),
        ] {
            assert_eq!(Question::read(Some(text)), Err(why));
        }
    }
}
