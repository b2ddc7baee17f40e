//! `hallpass credential kubernetes`: an `exec` credential plugin.

use std::process::ExitCode;

use clap::Args;

use super::credential;
use crate::context::Context;
use crate::credential::Target;
use crate::credential::kubernetes::{Question, VARIABLE};
use crate::error::Failure;
use crate::exit::Exit;
use crate::name::Name;
use crate::receivers::{Kind, Receivers};

/// For kubectl: a user with `exec` in the kubeconfig
#[derive(Args)]
pub(crate) struct Kubernetes {}

impl Kubernetes {
    pub(super) fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let asked = std::env::var(VARIABLE).ok();
        let question = Question::read(asked.as_deref()).map_err(|error| {
            Failure::usage(format!("what kubectl asks ({VARIABLE}) cannot be read")).because(&error)
        })?;
        let receivers = context.receivers()?;
        let name = profile(&context.name, &receivers, question.server.as_deref())?;
        let credential = credential(&context.named(name), "", "kubectl")?;
        context
            .output
            .secret(question.answer(&credential).expose_secret())?;
        Ok(Exit::Done.into())
    }
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
