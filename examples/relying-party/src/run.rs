//! One run: what is done, in which order, and where it stops.

use hallpass_grant::{ErrorKind, Input, Issuer, Request};
use hallpass_jose::JwkSet;
use hallpass_oidc::{Identifier, ProviderDiscovery, ProviderMetadata, WebFinger};
use serde_json::json;

use crate::arguments::Until;
use crate::failure::Failure;
use crate::party::Party;
use crate::program::Program;
use crate::registration::Known;
use crate::report::Step;

/// The run is over, and has been told to be: with this exit status.
#[derive(Debug)]
pub(crate) struct Ended(u8);

impl Ended {
    /// Somebody was rejected, which has been told, and nothing else went wrong.
    pub(crate) fn by_rejecting() -> Self {
        Self(3)
    }

    pub(crate) fn status(&self) -> u8 {
        self.0
    }
}

impl Program {
    /// Everything that was asked for.
    pub(crate) async fn run(&mut self) -> Result<(), Ended> {
        let provider = self.discover().await?;
        if self.ends_with(Until::Discovery) {
            return Ok(());
        }
        if self.ends_with(Until::Keys) && !self.arguments.client.register {
            return self.fetch_keys(&provider).await;
        }
        let known = self.client(&provider).await;
        let known = self.told(Step::Registration, known)?;
        let done = match self.arguments.until {
            Some(Until::Registration) => Ok(()),
            Some(Until::Keys) => self.fetch_keys(&provider).await,
            _ => self.log_in_and_out(&provider, &known).await,
        };
        let gone = self.unregister(&known).await;
        done.and(self.told(Step::Unregistration, gone))
    }

    async fn log_in_and_out(
        &mut self,
        provider: &ProviderMetadata,
        known: &Known,
    ) -> Result<(), Ended> {
        let party = self.told(Step::Login, Party::new(self, provider, known))?;
        if let Some(endpoints) = &self.endpoints {
            endpoints.introduce(party.clone());
        }
        let times = self.arguments.request.repeat.max(1);
        for time in 1..=times {
            let user = self.log_in(&party).await;
            let user = self.told(Step::Login, user)?;
            if self.ends_with(Until::Login) {
                continue;
            }
            let user = self.afterwards(&party, user).await?;
            if time == times {
                self.log_out(&party, &user).await?;
            }
        }
        Ok(())
    }

    /// The same, or the end of the run, which is told.
    pub(crate) fn told<T>(&self, step: Step, outcome: Result<T, Failure>) -> Result<T, Ended> {
        outcome.map_err(|failure| {
            self.report.failed(step, &failure);
            Ended(failure.status())
        })
    }

    async fn discover(&self) -> Result<ProviderMetadata, Ended> {
        let issuer = self.told(Step::WebFinger, self.issuer().await)?;
        let discovered = self.driver.drive(&mut ProviderDiscovery::new(issuer)).await;
        let provider = self.told(Step::Discovery, discovered.map_err(Failure::from))?;
        let facts = json!({"issuer": provider.issuer().as_str()});
        self.report.ok(Step::Discovery, facts);
        Ok(provider)
    }

    async fn fetch_keys(&self, provider: &ProviderMetadata) -> Result<(), Ended> {
        self.told(Step::Keys, self.keys(provider).await)
    }

    /// Whoever WebFinger names, where it is asked, or else the issuer that was given.
    async fn issuer(&self) -> Result<Issuer, Failure> {
        let given = self
            .arguments
            .issuer
            .as_deref()
            .map(Issuer::new)
            .transpose();
        let given = given.map_err(|error| Failure::of("--issuer", error))?;
        let Some(resource) = &self.arguments.webfinger else {
            return given.ok_or_else(|| Failure::usage("--issuer is missing"));
        };
        let unusable = |error| Failure::of("--webfinger", error);
        let identifier = Identifier::new(resource).map_err(unusable)?;
        // Whoever typed it owns this machine.
        let mut asking = WebFinger::also_on_this_machine(&identifier).map_err(unusable)?;
        let issuer = self.driver.drive(&mut asking).await?;
        self.report
            .ok(Step::WebFinger, json!({"issuer": issuer.as_str()}));
        Ok(issuer)
    }

    async fn keys(&self, provider: &ProviderMetadata) -> Result<(), Failure> {
        let endpoint = provider.jwks_uri().cloned();
        let endpoint = endpoint
            .ok_or_else(|| Failure::violation("metadata", "the provider names no jwks_uri"))?;
        let heard = self.driver.send(Request::get(endpoint)).await;
        let response = heard.told(|input| match input {
            Input::Response(response) => Ok(response),
            _ => Err(ErrorKind::Transport.into()),
        })?;
        response.success()?;
        let set = JwkSet::parse(response.body());
        let set = set.map_err(|error| Failure::violation("keys", error.to_string()))?;
        let facts = json!({"keys": set.keys().len(), "set_aside": set.set_aside().len()});
        self.report.ok(Step::Keys, facts);
        Ok(())
    }

    async fn unregister(&self, known: &Known) -> Result<(), Failure> {
        let Some(registered) = known
            .registered
            .as_ref()
            .filter(|_| self.arguments.client.unregister)
        else {
            return Ok(());
        };
        self.driver.drive(&mut registered.delete()?).await?;
        self.report.ok(Step::Unregistration, json!({}));
        Ok(())
    }
}
