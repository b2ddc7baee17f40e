//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};

/// An OpenID Connect relying party: logs a user in at a provider and tells what came of it.
///
/// It checks everything the specifications ask for and stops at the first violation. Every step is told: in plain words, or with --json as one
/// JSON object a line. Without --headless it is for a person: it prints an address to open and waits for the browser at its redirect URI.
#[derive(Debug, Parser)]
#[command(name = "relying-party", version, after_help = EXIT_STATUS)]
pub(crate) struct Arguments {
    /// Who the provider is, unless --webfinger finds that out
    #[arg(long, value_name = "URL", required_unless_present = "webfinger")]
    pub(crate) issuer: Option<String>,
    /// Ask whose provider this is by WebFinger: acct:user@host, user@host or https://host/user
    #[arg(long, value_name = "RESOURCE")]
    pub(crate) webfinger: Option<String>,
    #[command(flatten)]
    pub(crate) client: ClientArguments,
    #[command(flatten)]
    pub(crate) request: RequestArguments,
    #[command(flatten)]
    pub(crate) afterwards: Afterwards,
    #[command(flatten)]
    pub(crate) agent: AgentArguments,
    #[command(flatten)]
    pub(crate) listener: ListenerArguments,
    /// Trust the certificates in this PEM file too
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Stop after this step, with exit status 0 if it went well
    #[arg(long, value_name = "STEP")]
    pub(crate) until: Option<Until>,
    /// Tell each step as a JSON object on a line of its own
    #[arg(long)]
    pub(crate) json: bool,
}

const EXIT_STATUS: &str = "\
Exit status:
  0  everything asked for was done
  1  something else: the command line, a file, the network
  3  the provider, or whoever called one of our endpoints, broke a rule and was rejected
  4  the provider refused";

/// Who the client is.
#[derive(Debug, Args)]
#[command(next_help_heading = "Client")]
pub(crate) struct ClientArguments {
    /// The client's id, unless it registers
    #[arg(long, value_name = "ID", required_unless_present_any = ["register", "until"])]
    pub(crate) client_id: Option<String>,
    /// A file with the client's secret; a line break at its end is none of it
    #[arg(long, value_name = "FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// How the client proves itself
    #[arg(long, value_name = "METHOD", default_value = "client_secret_basic")]
    pub(crate) client_auth: ClientAuth,
    /// The client's private keys, a JWK set: they sign assertions and request objects, and open encrypted ID tokens
    #[arg(long, value_name = "FILE")]
    pub(crate) jwks: Option<PathBuf>,
    /// The client's certificate and those up to its authority, in PEM: shown at every endpoint that asks for one
    #[arg(long, value_name = "FILE", requires = "client_key")]
    pub(crate) client_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    pub(crate) client_key: Option<PathBuf>,
    /// Register a new client for this run, and be that one
    #[arg(long)]
    pub(crate) register: bool,
    /// Members to register with, in place of or beside the program's own; without --register, what is registered already
    #[arg(long, value_name = "JSON")]
    pub(crate) register_with: Option<String>,
    /// A file with the token that entitles to register
    #[arg(long, value_name = "FILE", requires = "register")]
    pub(crate) initial_access_token_file: Option<PathBuf>,
    /// Take the registration back at the end (RFC 7592)
    #[arg(long, requires = "register")]
    pub(crate) unregister: bool,
}

/// What is asked for.
#[derive(Debug, Args)]
#[command(next_help_heading = "Authentication request")]
pub(crate) struct RequestArguments {
    /// Where the provider sends the user back to [default: /callback of the listener]
    #[arg(long, value_name = "URI")]
    pub(crate) redirect_uri: Option<String>,
    /// What comes back in the front: the words in any order
    #[arg(long, value_name = "TYPE", default_value = "code", value_parser = response_type)]
    pub(crate) response_type: ResponseType,
    /// How it comes back [default: query for `code`, fragment for all others]
    #[arg(long, value_name = "MODE")]
    pub(crate) response_mode: Option<ResponseMode>,
    /// What the client may do and know
    #[arg(long, value_name = "SCOPE", default_value = "openid")]
    pub(crate) scope: String,
    /// Send a nonce, a random one, as is done anyway
    #[arg(long, overrides_with = "no_nonce")]
    nonce: bool,
    /// Send no nonce: with --response-type code alone; all others need one
    #[arg(long)]
    pub(crate) no_nonce: bool,
    /// Whether the user is asked: none, login, consent, select_account
    #[arg(long, value_name = "WORDS")]
    pub(crate) prompt: Option<String>,
    /// How many seconds ago the user may have logged in; the ID token has to say when that was
    #[arg(long, value_name = "SECONDS")]
    pub(crate) max_age: Option<u64>,
    /// How the user has to have logged in: one of these
    #[arg(long, value_name = "WORDS")]
    pub(crate) acr_values: Option<String>,
    /// The claims parameter
    #[arg(long, value_name = "JSON")]
    pub(crate) claims: Option<String>,
    /// Send the request as a request object: by value, unsigned (none) or signed (an algorithm, for which --jwks has a key); or by reference,
    /// served by the listener (uri: signed with what is registered, or RS256 where --jwks has a key for it; uri-none: unsigned). Without this
    /// none is sent
    #[arg(long, value_name = "HOW", value_parser = request_object)]
    pub(crate) request_object: Option<RequestObject>,
    /// The algorithm that ID tokens and logout tokens are signed with [default: what is registered, or RS256]. A token without a signature is
    /// never believed: `none` means RS256
    #[arg(long, value_name = "ALG")]
    pub(crate) expect_alg: Option<String>,
    /// The algorithms that ID tokens are encrypted with, as in RSA-OAEP/A256GCM
    #[arg(long, value_name = "ALG/ENC")]
    pub(crate) expect_encryption: Option<String>,
    /// Log in so many times, one after the other, with the keys kept
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) repeat: u32,
}

impl RequestArguments {
    /// How ID tokens are signed, where the command line says so.
    pub(crate) fn expected_algorithm(&self) -> Option<&str> {
        self.expect_alg.as_deref().filter(|name| *name != "none")
    }

    /// How ID tokens are encrypted: the key's algorithm, and the content's.
    pub(crate) fn encryption(&self) -> Option<(&str, &str)> {
        self.expect_encryption.as_deref()?.split_once('/')
    }
}

/// What is done when somebody is logged in.
#[derive(Debug, Args)]
#[command(next_help_heading = "Afterwards")]
pub(crate) struct Afterwards {
    /// How UserInfo is asked for; `signed` is `header`, with an answer that has to be signed [default: header where there is an
    /// access token]
    #[arg(long, value_name = "HOW")]
    pub(crate) userinfo: Option<UserInfo>,
    /// Refresh the tokens; UserInfo is asked for afterwards, with the new one
    #[arg(long)]
    pub(crate) refresh: bool,
    /// Log out: at the provider (rp), and then wait for its logout token (back) or for a browser it sends (front), or watch the session in
    /// a browser (session)
    #[arg(long, value_name = "HOW")]
    pub(crate) logout: Option<Logout>,
    /// Wait for a logout that the provider begins, instead of going there: with --logout back or front
    #[arg(long, requires = "logout")]
    pub(crate) op_initiated: bool,
    /// Where the provider sends the user after a logout [default: /goodbye of the listener]
    #[arg(long, value_name = "URI")]
    pub(crate) post_logout_redirect_uri: Option<String>,
    /// Wait for somebody who sends the user to our /initiate-login, instead of beginning the login here
    #[arg(long)]
    pub(crate) third_party: bool,
}

/// Who goes to the provider.
#[derive(Debug, Args)]
#[command(next_help_heading = "User agent")]
pub(crate) struct AgentArguments {
    /// Be the browser too: follow redirects, send forms on, take the answer wherever it is sent
    #[arg(long)]
    pub(crate) headless: bool,
    /// Who logs in where a page asks for it
    #[arg(long, value_name = "NAME", requires_all = ["headless", "password_file"])]
    pub(crate) user: Option<String>,
    /// A file with that user's password
    #[arg(long, value_name = "FILE", requires = "user")]
    pub(crate) password_file: Option<PathBuf>,
    /// How many seconds to wait for a browser or for the provider
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) wait: u64,
}

/// Our own endpoints.
#[derive(Debug, Args)]
#[command(next_help_heading = "Listener")]
pub(crate) struct ListenerArguments {
    /// Serve our own endpoints here, as in 127.0.0.1:9090 [default: where the redirect URI is, if that is on this machine and somebody is
    /// to come back to it]: /callback, /goodbye, /backchannel-logout, /frontchannel-logout, /initiate-login,
    /// /jwks.json, /request-object, /session
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// The listener's address as others know it [default: http:// or https:// and ADDR]
    #[arg(long, value_name = "URL", requires = "listen")]
    pub(crate) listen_url: Option<String>,
    /// The listener's certificate, in PEM: it speaks https then
    #[arg(long, value_name = "FILE", requires_all = ["listen", "listen_key"])]
    pub(crate) listen_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", requires = "listen_cert")]
    pub(crate) listen_key: Option<PathBuf>,
}

/// How the client proves itself, by its registered name (OpenID Connect Core §9, RFC 8705 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum ClientAuth {
    None,
    ClientSecretBasic,
    ClientSecretPost,
    ClientSecretJwt,
    PrivateKeyJwt,
    #[value(name = "tls_client_auth")]
    Certificate,
    #[value(name = "self_signed_tls_client_auth")]
    SelfSignedCertificate,
}

impl ClientAuth {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::Certificate => "tls_client_auth",
            Self::SelfSignedCertificate => "self_signed_tls_client_auth",
        }
    }
}

/// What comes back in the front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseType {
    Code,
    IdToken,
    IdTokenToken,
    CodeIdToken,
    CodeToken,
    CodeIdTokenToken,
}

impl ResponseType {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::IdToken => "id_token",
            Self::IdTokenToken => "id_token token",
            Self::CodeIdToken => "code id_token",
            Self::CodeToken => "code token",
            Self::CodeIdTokenToken => "code id_token token",
        }
    }

    /// The grant types that it needs (OpenID Connect Registration §2).
    pub(crate) fn grant_types(self) -> &'static [&'static str] {
        match self {
            Self::Code => &["authorization_code"],
            Self::IdToken | Self::IdTokenToken => &["implicit"],
            _ => &["authorization_code", "implicit"],
        }
    }
}

fn response_type(text: &str) -> Result<ResponseType, String> {
    let mut words: Vec<&str> = text.split(' ').collect();
    words.sort_unstable();
    Ok(match words[..] {
        ["code"] => ResponseType::Code,
        ["id_token"] => ResponseType::IdToken,
        ["id_token", "token"] => ResponseType::IdTokenToken,
        ["code", "id_token"] => ResponseType::CodeIdToken,
        ["code", "token"] => ResponseType::CodeToken,
        ["code", "id_token", "token"] => ResponseType::CodeIdTokenToken,
        _ => return Err("it is one of: code, id_token, id_token token, code id_token, code token, code id_token token".to_owned()),
    })
}

/// How the answer comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// How the request is sent, where it is sent as an object (OpenID Connect Core §6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestObject {
    /// By value, unsigned.
    Unsigned,
    /// By value, signed with this algorithm.
    Signed(String),
    /// By reference, signed as it is registered.
    ByReference,
    /// By reference, unsigned.
    UnsignedByReference,
}

impl RequestObject {
    /// Its algorithm, where it is not left open.
    pub(crate) fn algorithm(&self) -> Option<&str> {
        match self {
            Self::Signed(algorithm) => Some(algorithm),
            Self::ByReference => None,
            Self::Unsigned | Self::UnsignedByReference => Some("none"),
        }
    }

    pub(crate) fn is_by_reference(&self) -> bool {
        matches!(self, Self::ByReference | Self::UnsignedByReference)
    }
}

fn request_object(text: &str) -> Result<RequestObject, String> {
    match text {
        "none" => Ok(RequestObject::Unsigned),
        "uri" => Ok(RequestObject::ByReference),
        "uri-none" => Ok(RequestObject::UnsignedByReference),
        algorithm if hallpass_jose::SignatureAlgorithm::from_name(algorithm).is_some() => {
            Ok(RequestObject::Signed(algorithm.to_owned()))
        }
        _ => Err("it is none, uri, uri-none, or an algorithm such as RS256".to_owned()),
    }
}

/// How UserInfo is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum UserInfo {
    Header,
    Body,
    Signed,
    None,
}

/// How a login ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Logout {
    Rp,
    Front,
    Back,
    Session,
}

/// Where to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Until {
    Discovery,
    Registration,
    Keys,
    Login,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_words_of_a_response_type_may_come_in_any_order() {
        assert_eq!(
            response_type("token id_token code"),
            Ok(ResponseType::CodeIdTokenToken)
        );
        assert!(response_type("token").is_err());
        assert!(response_type("code code").is_err());
    }
}
