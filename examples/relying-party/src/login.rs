//! A login: the user goes to the provider, comes back, and is checked.

use hallpass_grant::token::{Scopes, Secret, TokenSet};
use hallpass_grant::{
    Callback, Code, CodeIdToken, CodeIdTokenToken, CodeToken, IdToken, IdTokenToken, ResponseMode,
};
use hallpass_http::OsRandom;
use hallpass_jose::Members;
use hallpass_oidc::{
    Authenticated, AuthenticationRequest, InitiatedLogin, Login, Prompt, ResponseType, SessionState,
};
use hyper::StatusCode;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tokio::sync::oneshot;

use crate::arguments::{RequestArguments, ResponseMode as Mode, ResponseType as Type};
use crate::claims;
use crate::endpoints::{Event, REQUEST_OBJECT};
use crate::failure::Failure;
use crate::listener::{Answer, Asked};
use crate::party::Party;
use crate::program::Program;
use crate::report::Step;
use crate::user_agent::Arrived;

/// Who has logged in.
pub(crate) struct User {
    pub(crate) tokens: Option<TokenSet>,
    pub(crate) id_token: hallpass_oidc::IdTokenClaims,
    pub(crate) raw_id_token: Secret,
    pub(crate) session_state: Option<SessionState>,
}

/// What came back from the provider.
struct Back {
    target: String,
    form: Option<String>,
    /// A browser that waits for a page.
    browser: Option<oneshot::Sender<Answer>>,
}

impl Program {
    /// One login, of the response type that was asked for.
    pub(crate) async fn log_in(&mut self, party: &Party) -> Result<User, Failure> {
        match self.arguments.request.response_type {
            Type::Code => self.log_in_by::<Code>(party).await,
            Type::IdToken => self.log_in_by::<IdToken>(party).await,
            Type::IdTokenToken => self.log_in_by::<IdTokenToken>(party).await,
            Type::CodeIdToken => self.log_in_by::<CodeIdToken>(party).await,
            Type::CodeToken => self.log_in_by::<CodeToken>(party).await,
            Type::CodeIdTokenToken => self.log_in_by::<CodeIdTokenToken>(party).await,
        }
    }

    async fn log_in_by<R>(&mut self, party: &Party) -> Result<User, Failure>
    where
        R: ResponseType,
        R::Tokens: Perhaps,
    {
        let mut request = request(&self.arguments.request)?;
        let visitor = self.sent_here(party).await?;
        if let Some((login, _)) = &visitor {
            request = login.ask(request);
        }
        let begun = party
            .relying_party()
            .login::<R>(&request, &mut OsRandom, self.driver.now())?;
        let (url, login) = begun;
        let url = self.in_an_object(party, url).await?;
        let facts =
            json!({"response_type": R::name(), "response_mode": mode(login.response_mode())});
        self.report.ok(Step::Authorization, facts);
        let back = self
            .send(url.as_str(), visitor.map(|(_, browser)| browser), &login)
            .await?;
        let callback = match &back.form {
            Some(form) => Callback::from_form(&back.target, form),
            None => Callback::from_url(&back.target),
        };
        let outcome = self.finish(party, login, &callback).await;
        if let Some(browser) = back.browser {
            let _ = browser.send(shown(&outcome));
        }
        let user = outcome?;
        party.remember(user.id_token.subject(), user.id_token.session_id());
        let facts = json!({"claims": told(user.id_token.members())});
        self.report.ok(Step::Login, facts);
        Ok(user)
    }

    async fn finish<R>(
        &self,
        party: &Party,
        login: Login<R>,
        callback: &Callback<'_>,
    ) -> Result<User, Failure>
    where
        R: ResponseType,
        R::Tokens: Perhaps,
    {
        let now = self.driver.now();
        let mut rest = party.relying_party().receive(login, callback, now)?;
        let user: Authenticated<R::Tokens> = self.driver.drive(&mut rest).await?;
        Ok(User {
            tokens: user.tokens.tokens(),
            id_token: user.id_token,
            raw_id_token: user.raw_id_token,
            session_state: user.session_state,
        })
    }

    /// Waits for somebody who sends a user here, where that was asked for.
    async fn sent_here(
        &mut self,
        party: &Party,
    ) -> Result<Option<(InitiatedLogin, oneshot::Sender<Answer>)>, Failure> {
        if !self.arguments.afterwards.third_party {
            return Ok(None);
        }
        let own = self.own.redirect_uri()?;
        let own = hallpass_grant::Endpoint::new(own);
        let own = own.map_err(|error| Failure::of("the redirect URI", error))?;
        let Some(Event::InitiatedLogin(asked, browser)) = self
            .until(|event| matches!(event, Event::InitiatedLogin(..)))
            .await
        else {
            return Err(Failure::timed_out(
                "nobody sent a user here in the time there was",
            ));
        };
        let known = [party.relying_party().provider().issuer()];
        let read = match asked.is_post() {
            true => InitiatedLogin::from_form(&asked.body, known, &own),
            false => InitiatedLogin::from_url(&asked.target(), known, &own),
        };
        match read {
            Ok(login) => {
                self.report.ok(
                    Step::ThirdPartyLogin,
                    json!({"issuer": login.issuer().as_str()}),
                );
                Ok(Some((login, browser)))
            }
            Err(error) => {
                let _ = browser.send(Answer::text(
                    StatusCode::BAD_REQUEST,
                    "Nobody logs in so.\n",
                ));
                Err(error.into())
            }
        }
    }

    /// The request as an object, where that was asked for.
    async fn in_an_object(
        &self,
        party: &Party,
        url: hallpass_grant::AuthorizationUrl,
    ) -> Result<hallpass_grant::AuthorizationUrl, Failure> {
        let Some(how) = &self.arguments.request.request_object else {
            return Ok(url);
        };
        let client = party.relying_party().client();
        let algorithm = how.algorithm().or(party.request_object_algorithm());
        let object = match algorithm {
            Some("none") | None => client.unsigned_request_object(url, &mut OsRandom)?,
            Some(name) => {
                let key = self.keys.name(Some(name))?;
                client.request_object(url, key, &mut OsRandom)?
            }
        };
        if !how.is_by_reference() {
            let mut object = object;
            return Ok(self.driver.drive(&mut object).await?.url);
        }
        let address = self.own.endpoint(REQUEST_OBJECT);
        let (Some(endpoints), Some(address)) = (&self.endpoints, address) else {
            return Err(Failure::usage("--request-object uri needs --listen"));
        };
        let made = self.driver.drive(&mut object.at(&address)?).await?;
        endpoints.offer(made.object.expose_secret().to_owned());
        Ok(made.url)
    }

    /// Sends whoever logs in to the provider, and waits until they are back.
    async fn send<R: ResponseType>(
        &mut self,
        url: &str,
        visitor: Option<oneshot::Sender<Answer>>,
        login: &Login<R>,
    ) -> Result<Back, Failure> {
        let is_sent = visitor.is_some();
        if let Some(visitor) = visitor {
            let _ = visitor.send(Answer::redirect(url));
        }
        let own = self.own.redirect_uri()?.to_owned();
        let is_here = self.endpoints.is_some() && self.own.path_here(Some(&own)).is_some();
        if self.agent.is_none() {
            if !is_here {
                let message = "a browser has to find its way back here: give --listen ADDR, and no --redirect-uri that is elsewhere; or --headless";
                return Err(Failure::usage(message));
            }
            if !is_sent {
                self.report.visit(Step::Authorization, url);
            }
            let patience = Duration::from_secs(self.arguments.agent.wait);
            let back = self.come_back(login, patience).await;
            let message = "nobody came back from the provider in the time there was";
            return back.ok_or_else(|| Failure::timed_out(message));
        }
        // Whoever was sent may follow. Where they do not, or come to nothing at a redirect URI that is elsewhere, this goes after them.
        if is_sent && let Some(back) = self.come_back(login, HEAD_START).await {
            return Ok(back);
        }
        let agent = self.agent.as_mut();
        let agent = agent.ok_or_else(|| Failure::usage("there is no user agent"))?;
        match agent.go(url, &own).await? {
            Arrived::Redirect(url) => Ok(Back::by(url.to_string(), None)),
            Arrived::Form(form) => Ok(Back::by(own, Some(form))),
            Arrived::Page => Err(Failure::refused(
                "page",
                "the provider shows a page that leads nowhere, and asks for nothing",
            )),
        }
    }

    /// Waits for a browser that brings this login's answer; others are turned away.
    async fn come_back<R: ResponseType>(
        &mut self,
        login: &Login<R>,
        patience: Duration,
    ) -> Option<Back> {
        loop {
            let event = self
                .within(patience, |event| matches!(event, Event::Callback(..)))
                .await;
            let Some(Event::Callback(asked, browser)) = event else {
                return None;
            };
            let back = Back::of(asked, browser, login.response_mode());
            let is_ours = match &back.form {
                Some(form) => login.expects(&Callback::from_form(&back.target, form)),
                None => login.expects(&Callback::from_url(&back.target)),
            };
            match back.browser {
                Some(browser) if !is_ours => {
                    let text = "This is no answer to a login that was begun here.\n";
                    let _ = browser.send(Answer::text(StatusCode::BAD_REQUEST, text));
                }
                _ => return Some(back),
            }
        }
    }
}

/// How long a user whom somebody sent here has until the user agent goes itself.
const HEAD_START: Duration = Duration::from_secs(2);

impl Back {
    fn by(target: String, form: Option<String>) -> Self {
        Self {
            target,
            form,
            browser: None,
        }
    }

    /// A fragment comes as a form, which a page of ours has posted.
    fn of(asked: Asked, browser: oneshot::Sender<Answer>, mode: ResponseMode) -> Self {
        let target = asked.target();
        let back = match (asked.is_post(), mode) {
            (true, ResponseMode::Fragment) => {
                Self::by(format!("{}#{}", asked.path, asked.body), None)
            }
            (true, _) => Self::by(target, Some(asked.body)),
            (false, _) => Self::by(target, None),
        };
        Self {
            browser: Some(browser),
            ..back
        }
    }
}

/// Tokens, or none.
pub(crate) trait Perhaps {
    fn tokens(self) -> Option<TokenSet>;
}

impl Perhaps for TokenSet {
    fn tokens(self) -> Option<TokenSet> {
        Some(self)
    }
}

impl Perhaps for () {
    fn tokens(self) -> Option<TokenSet> {
        None
    }
}

/// What the command line asks for.
fn request(arguments: &RequestArguments) -> Result<AuthenticationRequest, Failure> {
    let scopes = Scopes::parse(&arguments.scope).map_err(|error| Failure::of("--scope", error))?;
    let mut request = AuthenticationRequest::new().scopes(scopes);
    if let Some(mode) = arguments.response_mode {
        request = request.response_mode(match mode {
            Mode::Query => ResponseMode::Query,
            Mode::Fragment => ResponseMode::Fragment,
            Mode::FormPost => ResponseMode::FormPost,
        });
    }
    if let Some(words) = &arguments.prompt {
        let prompts: Option<Vec<Prompt>> = words.split(' ').map(prompt).collect();
        let unknown =
            "--prompt has a word that is no prompt: none, login, consent, select_account, create";
        request = request.prompt(&prompts.ok_or_else(|| Failure::usage(unknown))?);
    }
    if let Some(seconds) = arguments.max_age {
        request = request.max_age(Duration::from_secs(seconds));
    }
    if let Some(words) = &arguments.acr_values {
        request = request.acr_values(words.split(' '));
    }
    if let Some(text) = &arguments.claims {
        request = request.claims(claims::read(text)?);
    }
    if arguments.no_nonce {
        request = request.without_nonce_for_code();
    }
    Ok(request)
}

fn prompt(word: &str) -> Option<Prompt> {
    Some(match word {
        "none" => Prompt::None,
        "login" => Prompt::Login,
        "consent" => Prompt::Consent,
        "select_account" => Prompt::SelectAccount,
        "create" => Prompt::Create,
        _ => return None,
    })
}

fn mode(mode: ResponseMode) -> &'static str {
    match mode {
        ResponseMode::Query => "query",
        ResponseMode::Fragment => "fragment",
        ResponseMode::FormPost => "form_post",
        _ => "another",
    }
}

/// Claims as they are told: without those that bind a token to its login, and without tokens for the sources of others.
pub(crate) fn told(members: &Members) -> Value {
    let mut told = Map::new();
    for (name, value) in members.iter() {
        if !UNTOLD.contains(&name) {
            let value = serde_json::to_value(value).unwrap_or_default();
            told.insert(name.to_owned(), value);
        }
    }
    told.into()
}

const UNTOLD: [&str; 6] = [
    "nonce",
    "sid",
    "at_hash",
    "c_hash",
    "s_hash",
    "_claim_sources",
];

/// What a browser shows of it.
fn shown(outcome: &Result<User, Failure>) -> Answer {
    match outcome {
        Ok(_) => Answer::text(
            StatusCode::OK,
            "You are logged in. This page can be closed.\n",
        ),
        Err(failure) => {
            let text = format!("You are not logged in: {}.\n", failure.message());
            Answer::text(StatusCode::BAD_REQUEST, text)
        }
    }
}
