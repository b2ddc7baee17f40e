//! How a login ends.

use std::time::Duration;

use hallpass_http::OsRandom;
use hallpass_oidc::{OnChange, PendingLogout};
use serde_json::json;

use crate::arguments::Logout;
use crate::endpoints::{Event, SESSION};
use crate::failure::Failure;
use crate::login::User;
use crate::party::Party;
use crate::program::Program;
use crate::report::Step;
use crate::run::Ended;
use crate::user_agent::Arrived;

impl Program {
    /// Logs out as was asked for, if it was.
    pub(crate) async fn log_out(&mut self, party: &Party, user: &User) -> Result<(), Ended> {
        let Some(how) = self.arguments.afterwards.logout else {
            return Ok(());
        };
        if how == Logout::Session {
            let watched = self.watch(party, user).await;
            self.told(Step::Session, watched)?;
        }
        // Where a logout can only begin at the provider, there is nowhere to go.
        let is_told = matches!(how, Logout::Back | Logout::Front);
        let is_there = party.provider().end_session_endpoint().is_some() || !is_told;
        if is_there && !self.arguments.afterwards.op_initiated {
            let left = self.leave(party, user).await;
            self.told(Step::Logout, left)?;
        }
        let heard = match how {
            Logout::Rp => return self.taken(),
            Logout::Back => {
                self.until(|event| matches!(event, Event::BackChannelLogout))
                    .await
            }
            Logout::Front => {
                self.until(|event| matches!(event, Event::FrontChannelLogout))
                    .await
            }
            Logout::Session => self.until(is_changed).await,
        };
        let step = match how {
            Logout::Back => Step::BackChannelLogout,
            Logout::Front => Step::FrontChannelLogout,
            _ => Step::Session,
        };
        let message = "nobody told of a logout in the time there was";
        match self.told(step, heard.ok_or_else(|| Failure::timed_out(message)))? {
            Event::Session(seen) => {
                self.report.ok(Step::Session, json!({"seen": seen}));
                Ok(())
            }
            _ => self.taken(),
        }
    }

    /// Ends the session at the provider.
    async fn leave(&mut self, party: &Party, user: &User) -> Result<(), Failure> {
        party.end();
        let request = party.relying_party().logout()?;
        let request = request.id_token_hint(user.raw_id_token.expose_secret());
        let Some(back) = self.own.post_logout_redirect_uri.clone() else {
            let url = request.url();
            return self.visit_to_leave(url.as_str(), None).await;
        };
        let (url, pending) = request.url_and_back(&back, &mut OsRandom)?;
        self.visit_to_leave(url.as_str(), Some((&back, pending)))
            .await
    }

    async fn visit_to_leave(
        &mut self,
        url: &str,
        back: Option<(&str, PendingLogout)>,
    ) -> Result<(), Failure> {
        let goal = back.as_ref().map_or("about:blank", |(address, _)| address);
        let came_back = match &mut self.agent {
            Some(agent) => match agent.go(url, goal).await? {
                Arrived::Redirect(url) => Some(url.to_string()),
                Arrived::Form(_) | Arrived::Page => None,
            },
            None => {
                self.report.visit(Step::Logout, url);
                match back {
                    None => None,
                    Some(_) => Some(self.goodbye().await?),
                }
            }
        };
        if let (Some(came_back), Some((_, pending))) = (&came_back, back) {
            pending.receive(came_back)?;
        }
        let facts = json!({"came_back": came_back.is_some()});
        self.report.ok(Step::Logout, facts);
        Ok(())
    }

    async fn goodbye(&mut self) -> Result<String, Failure> {
        match self.until(|event| matches!(event, Event::Goodbye(_))).await {
            Some(Event::Goodbye(asked)) => Ok(asked.target()),
            _ => Err(Failure::timed_out(
                "nobody came back from the logout in the time there was",
            )),
        }
    }

    /// Has a page watch the session, in the browser of whoever opens it, until it has seen that it goes on.
    async fn watch(&mut self, party: &Party, user: &User) -> Result<(), Failure> {
        let missing = || Failure::violation("session_state", "the provider gave no session_state");
        let state = user.session_state.as_ref().ok_or_else(missing)?;
        let page = party
            .relying_party()
            .session_page(state, OnChange::TellParent)?;
        let page = page.every(Duration::from_secs(1));
        let (Some(endpoints), Some(address)) = (&self.endpoints, self.own.endpoint(SESSION)) else {
            return Err(Failure::usage("--logout session needs --listen"));
        };
        endpoints.watch(page);
        self.report.visit(Step::Session, &address);
        match self.until(|event| matches!(event, Event::Session(_))).await {
            Some(Event::Session(seen)) if seen == "unchanged" => {
                self.report.ok(Step::Session, json!({"seen": seen}));
                Ok(())
            }
            Some(Event::Session(seen)) => Err(Failure::refused(
                "session_changed",
                format!(
                    "the provider's page does not know the session: it says `{seen}` (does the browser send cookies from frames?)"
                ),
            )),
            _ => Err(Failure::timed_out(
                "nobody opened the page in the time there was",
            )),
        }
    }

    /// Whether nothing that was told of a logout had to be rejected. What was, has been told.
    fn taken(&self) -> Result<(), Ended> {
        match self
            .endpoints
            .as_ref()
            .is_some_and(|endpoints| endpoints.has_rejected())
        {
            true => Err(Ended::by_rejecting()),
            false => Ok(()),
        }
    }
}

fn is_changed(event: &Event) -> bool {
    matches!(event, Event::Session(seen) if seen == "changed")
}
