//! `hallpass credential kubernetes`: an `exec` credential plugin.

use std::process::ExitCode;

use clap::Args;
use hallpass::TokenSet;
use time::UtcDateTime;

use super::{credential, token};
use crate::context::Context;
use crate::credential::id_token::ends;
use crate::credential::kubernetes::{Question, VARIABLE};
use crate::credential::{Credential, Target};
use crate::error::Failure;
use crate::exit::Exit;
use crate::name::Name;
use crate::receivers::{Kind, Receivers};
use crate::runtime;
use crate::secret::SecretOptions;
use crate::stored::Stored;

/// For kubectl: a user with `exec` in the kubeconfig
#[derive(Args)]
pub(crate) struct Kubernetes {
    /// Give the ID token, for a cluster that takes those of OpenID Connect
    #[arg(long)]
    id_token: bool,
}

impl Kubernetes {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let asked = std::env::var(VARIABLE).ok();
        let question = Question::read(asked.as_deref()).map_err(|error| {
            Failure::usage(format!("what kubectl asks ({VARIABLE}) cannot be read")).because(&error)
        })?;
        let receivers = context.receivers()?;
        let name = profile(&context.name, &receivers, question.server.as_deref())?;
        let context = context.named(name);
        let credential = match self.id_token {
            true => id_token(&context)?,
            false => credential(&context, "", "kubectl")?,
        };
        context
            .output
            .secret(question.answer(&credential).expose_secret())?;
        Ok(Exit::Done.into())
    }
}

/// The session's ID token. One that has ended is replaced, though the access token may be good.
fn id_token(context: &Context) -> Result<Credential, Failure> {
    let secret = SecretOptions::default();
    let is_good = |id: &Credential| id.expires_at.is_none_or(|end| UtcDateTime::now() < end);
    let at_hand = token::valid(context, &secret, |tokens| Ok(id_of(tokens)))?;
    if let Some(id) = at_hand.filter(is_good) {
        return Ok(id);
    }
    let store = context.store()?;
    let stored = Stored::found(&store, &context.name)?;
    let session = stored.session(store, &context.name, &stored.account.proof(&secret)?)?;
    let id = runtime::wait_for_session(context.output, &session, async {
        let tokens = session.refresh().await;
        let tokens = tokens.map_err(|error| context.session(error))?;
        Ok(id_of(&tokens))
    })?;
    id.filter(is_good).ok_or_else(|| {
        let says = format!(
            "the server gave no ID token that is good for `{}`",
            context.name
        );
        let option = context.name.option();
        Failure::usage(says).next(format!(
            "ask for one: hallpass login{option} --scope openid"
        ))
    })
}

fn id_of(tokens: &TokenSet) -> Option<Credential> {
    let token = tokens.id_token.clone()?;
    Some(Credential {
        username: String::new(),
        expires_at: ends(token.expose_secret()),
        token,
    })
}

/// Whose token the cluster may have. Where the configuration names no cluster, the kubeconfig says which profile: it could
/// start any other program as well.
fn profile(own: &Name, receivers: &Receivers, server: Option<&str>) -> Result<Name, Failure> {
    if receivers.of(Kind::Kubernetes).next().is_none() {
        return Ok(own.clone());
    }
    let Some(server) = server else {
        return Err(Failure::usage(
            "the configuration names clusters, and kubectl does not say which one it asks for",
        )
        .next("write `provideClusterInfo: true` below `exec` in the kubeconfig"));
    };
    let asked = Target::new(server).ok();
    let found = asked.and_then(|asked| receivers.find(Kind::Kubernetes, &asked));
    match found {
        Some(receiver) => Ok(receiver.profile.clone()),
        None => {
            let says = format!("no profile is for the cluster {server}: it is given no token");
            let next = format!("if it may have one, add it: [credential.kubernetes.\"{server}\"]");
            Err(Failure::usage(says).next(next))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(text: &str, server: Option<&str>) -> Result<String, String> {
        let receivers = Receivers::read(&toml::from_str(text).unwrap()).unwrap();
        let name = profile(&"own".parse().unwrap(), &receivers, server);
        name.map(|name| name.as_str().to_owned())
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_cluster_gets_the_token_that_is_for_it_and_no_other_cluster_gets_one() {
        let named = "[kubernetes.\"https://k8s.example:6443\"]\nprofile = \"work\"\n";
        assert_eq!(
            chosen(named, Some("https://k8s.example:6443")).as_deref(),
            Ok("work")
        );
        let told = chosen(named, Some("https://evil.example:6443")).unwrap_err();
        assert!(told.contains("https://evil.example:6443"), "{told}");
        let told = chosen(named, None).unwrap_err();
        assert!(told.contains("provideClusterInfo: true"), "{told}");
    }

    #[test]
    fn where_no_cluster_is_named_the_kubeconfig_says_whose_token_it_is() {
        assert_eq!(
            chosen("", Some("https://k8s.example")).as_deref(),
            Ok("own")
        );
        assert_eq!(chosen("", None).as_deref(), Ok("own"));
    }
}
