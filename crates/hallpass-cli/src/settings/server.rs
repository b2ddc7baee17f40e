//! Where a server is.

use std::path::PathBuf;

use clap::Args;
use hallpass::{Endpoint, Issuer, ServerMetadata};
use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::known::Known;

/// Where a server is that has no metadata, and how it is trusted.
#[derive(Args, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[command(
    next_help_heading = "A server without metadata (none is asked for if one of these is given)"
)]
pub(crate) struct ServerOptions {
    /// Where the browser is sent
    #[arg(long, value_name = "URL")]
    pub(crate) authorization_endpoint: Option<String>,
    /// Where tokens are given out
    #[arg(long, value_name = "URL")]
    pub(crate) token_endpoint: Option<String>,
    /// Where a device begins a login
    #[arg(long, value_name = "URL")]
    pub(crate) device_authorization_endpoint: Option<String>,
    /// Where tokens are taken back
    #[arg(long, value_name = "URL")]
    pub(crate) revocation_endpoint: Option<String>,
    /// Where a token is asked about
    #[arg(long, value_name = "URL")]
    pub(crate) introspection_endpoint: Option<String>,
    /// Trust the certificates in this file (PEM) too
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    pub(crate) ca: Option<PathBuf>,
}

impl ServerOptions {
    pub(crate) fn or(self, others: Self) -> Self {
        let by_hand = match self.has_endpoints() {
            true => self.clone(),
            false => others.clone(),
        };
        Self {
            ca: self.ca.or(others.ca),
            ..by_hand
        }
    }

    /// Whether the server is described here, and not by its metadata.
    pub(crate) fn has_endpoints(&self) -> bool {
        self.endpoints().iter().any(|(_, given)| given.is_some())
    }

    /// Whether every endpoint that is given here is the same there.
    pub(crate) fn may_be_of(&self, others: &Self) -> bool {
        let mut both = self.endpoints().into_iter().zip(others.endpoints());
        both.all(|((_, own), (_, theirs))| own.is_none() || own == theirs)
    }

    /// The server that is described here.
    pub(crate) fn metadata(&self, issuer: Option<Issuer>) -> Result<ServerMetadata, Failure> {
        let mut server = ServerMetadata::default();
        server.issuer = issuer;
        let read = |(option, given): (&'static str, Option<&String>)| {
            let read = given.map(Endpoint::new).transpose();
            read.map_err(|why| Failure::usage(format!("{option}: {why}")))
        };
        let [authorization, token, device, revocation, introspection] = self.endpoints();
        server.authorization_endpoint = read(authorization)?;
        server.token_endpoint = read(token)?;
        server.device_authorization_endpoint = read(device)?;
        server.revocation_endpoint = read(revocation)?;
        server.introspection_endpoint = read(introspection)?;
        Ok(server)
    }

    fn endpoints(&self) -> [(&'static str, Option<&String>); 5] {
        [
            (
                "--authorization-endpoint",
                self.authorization_endpoint.as_ref(),
            ),
            ("--token-endpoint", self.token_endpoint.as_ref()),
            (
                "--device-authorization-endpoint",
                self.device_authorization_endpoint.as_ref(),
            ),
            ("--revocation-endpoint", self.revocation_endpoint.as_ref()),
            (
                "--introspection-endpoint",
                self.introspection_endpoint.as_ref(),
            ),
        ]
    }
}

/// Reads an issuer as a person types it: `as.example` is `https://as.example`.
pub(crate) fn issuer(text: &str) -> Result<Issuer, Failure> {
    let host = text.split(['/', ':']).next().unwrap_or_default();
    if !text.contains("://") && !text.contains('.') && host != "localhost" {
        let failure = Failure::usage(format!(
            "`{text}` is neither an address nor a server that hallpass knows"
        ));
        return Err(match Known::meant(text) {
            Some(word) => failure.next(format!("did you mean `{word}`?")),
            None => failure.next(
                "give the address the authorization server calls itself by: https://as.example",
            ),
        });
    }
    let text = match text.contains("://") {
        true => text.to_owned(),
        false => format!("https://{text}"),
    };
    Issuer::new(&text).map_err(|why| {
        Failure::usage(format!("`{text}` cannot be an issuer: {why}"))
            .next("give the address the authorization server calls itself by: https://as.example")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_may_be_typed_without_its_scheme() {
        assert_eq!(issuer("as.example").unwrap().as_str(), "https://as.example");
        assert_eq!(
            issuer("http://127.0.0.1:1").unwrap().as_str(),
            "http://127.0.0.1:1"
        );
        assert!(issuer("localhost:8443").is_ok());
        assert!(issuer("http://as.example").is_err());
        assert!(issuer("file:///etc").is_err());
    }

    #[test]
    fn a_word_that_is_no_server_is_not_taken_for_a_host() {
        let told = issuer("githib").unwrap_err().to_string();
        assert!(told.contains("did you mean `github`"), "{told}");
        assert!(issuer("intranet").is_err() && issuer("https://intranet").is_ok());
    }

    #[test]
    fn an_endpoint_that_cannot_be_is_told_by_its_option() {
        let options = ServerOptions {
            token_endpoint: Some("http://as.example/token".to_owned()),
            ..ServerOptions::default()
        };
        let failure = options.metadata(None).unwrap_err();
        assert!(
            failure.to_string().starts_with("--token-endpoint: "),
            "{failure}"
        );
    }

    #[test]
    fn endpoints_by_hand_are_taken_from_one_place() {
        let of = |token: &str, ca: Option<&str>| ServerOptions {
            token_endpoint: Some(token.to_owned()),
            ca: ca.map(PathBuf::from),
            ..ServerOptions::default()
        };
        let mut profile = of("https://b.example/token", Some("ca.pem"));
        profile.revocation_endpoint = Some("https://b.example/revoke".to_owned());
        let merged = of("https://a.example/token", None).or(profile.clone());
        assert_eq!(merged, of("https://a.example/token", Some("ca.pem")));
        assert_eq!(ServerOptions::default().or(profile.clone()), profile);
    }
}
