//! `hallpass introspect`: what the server says about a token (RFC 7662).

use std::io;
use std::process::ExitCode;

use clap::Args;
use hallpass::grant::IssuedToken;
use hallpass::token::Json;
use hallpass::{AccessToken, ClientCredentials, Introspection, TokenInformation};
use serde_json::{Map, Value, json};
use time::UtcDateTime;

use super::login::account;
use crate::account::{Account, Grant};
use crate::context::Context;
use crate::error::Failure;
use crate::exit::Exit;
use crate::runtime;
use crate::secret::{self, SecretOptions, SecretSource};
use crate::stored::Stored;

/// Ask the server about a token: the session's, or one on standard input.
#[derive(Args)]
pub(crate) struct Introspect {
    /// Read the token from standard input
    #[arg(long)]
    token_stdin: bool,
    /// Nobody's option: what it says is told to those who try it.
    #[arg(hide = true)]
    token: Option<OnTheCommandLine>,
    #[command(flatten)]
    secret: SecretOptions,
}

/// A token that everybody on this machine could read. It is not kept.
#[derive(Clone)]
struct OnTheCommandLine;

impl From<String> for OnTheCommandLine {
    fn from(_: String) -> Self {
        Self
    }
}

impl Introspect {
    pub(crate) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        if self.token.is_some() {
            return Err(Failure::usage(
                "a token on the command line can be read by every user of this machine, and stays in your shell's history",
            )
            .next("give it on standard input, with --token-stdin"));
        }
        if self.token_stdin && self.secret.source() == Some(SecretSource::Stdin) {
            return Err(
                Failure::usage("token and secret cannot both come from standard input").next(
                    "say where the secret is with --client-secret-file or --client-secret-env",
                ),
            );
        }
        let (account, token) = match self.token_stdin {
            true => (self.account(context)?, from_stdin()?),
            false => {
                let stored = Stored::found(&context.store()?, &context.name)?;
                (stored.account, stored.record.tokens.access_token)
            }
        };
        let client = account.client::<ClientCredentials>(&account.proof(&self.secret)?)?;
        let asked = IssuedToken::from(&token);
        let told = runtime::wait(async { Ok(client.introspect(asked).await?) })?;
        let mut members = members(&told);
        // Whether a map keeps its order depends on what else is built with this program.
        members.sort_keys();
        let mut lines: Vec<String> = members.iter().map(line).collect();
        lines.sort_by_key(|line| !line.starts_with("active"));
        context.output.answer(&lines, &members)?;
        Ok(match told {
            Introspection::Active(_) => Exit::Done,
            Introspection::Inactive => Exit::Refused,
        }
        .into())
    }

    /// Who asks about another's token: the client of the profile, or else of the session.
    fn account(&self, context: &Context) -> Result<Account, Failure> {
        let profile = context.profile()?;
        if profile.issuer.is_some() || profile.server.has_endpoints() {
            let profile = profile.absolute()?;
            return runtime::wait(account(profile, Grant::ClientCredentials));
        }
        Ok(Stored::found(&context.store()?, &context.name)?.account)
    }
}

fn from_stdin() -> Result<AccessToken, Failure> {
    let text = secret::text(io::stdin().lock());
    let text = text.map_err(|error| {
        Failure::usage("no token could be read from standard input").because(&error)
    })?;
    AccessToken::new(text.trim())
        .map_err(|error| Failure::usage("standard input has no access token in it").because(&error))
}

/// The answer, in the RFC's words.
fn members(told: &Introspection) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert(
        "active".to_owned(),
        json!(matches!(told, Introspection::Active(_))),
    );
    if let Introspection::Active(about) = told {
        let TokenInformation {
            scopes,
            client_id,
            username,
            token_type,
            subject,
            audiences,
            issuer,
            jwt_id,
            extra,
            ..
        } = &**about;
        let texts = [
            ("scope", scopes.as_ref().map(ToString::to_string)),
            ("client_id", client_id.clone()),
            ("username", username.clone()),
            ("token_type", token_type.clone()),
            ("sub", subject.clone()),
            ("iss", issuer.clone()),
            ("jti", jwt_id.clone()),
        ];
        let dates = [
            ("exp", about.expires_at),
            ("iat", about.issued_at),
            ("nbf", about.not_before),
        ];
        let texts = texts
            .into_iter()
            .map(|(name, text)| (name, text.map(Value::from)));
        let dates = dates
            .into_iter()
            .map(|(name, date)| (name, date.map(UtcDateTime::unix_timestamp).map(Value::from)));
        for (name, value) in texts.chain(dates) {
            members.extend(value.map(|value| (name.to_owned(), value)));
        }
        if !audiences.is_empty() {
            members.insert("aud".to_owned(), json!(audiences));
        }
        for (name, value) in extra.iter() {
            let value: Option<Value> = Json::decode(value).ok();
            members.extend(value.map(|value| (name.to_owned(), value)));
        }
    }
    members
}

fn line((name, value): (&String, &Value)) -> String {
    let value = match (name.as_str(), value) {
        ("exp" | "iat" | "nbf", Value::Number(seconds)) => date(seconds.as_i64()),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Array(values)) => {
            let texts: Vec<String> = values.iter().map(text).collect();
            texts.join(", ")
        }
        (_, value) => value.to_string(),
    };
    format!("{name:<12}{value}")
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn date(seconds: Option<i64>) -> String {
    use time::format_description::well_known::Rfc3339;

    let date = seconds.and_then(|seconds| UtcDateTime::from_unix_timestamp(seconds).ok());
    let written = date.and_then(|date| date.format(&Rfc3339).ok());
    written.unwrap_or_else(|| "-".to_owned())
}
