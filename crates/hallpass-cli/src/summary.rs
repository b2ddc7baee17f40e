//! What can be told of a session without a secret.

use hallpass::session::{End, Refresh};
use serde::Serialize;
use time::UtcDateTime;

use crate::exit::Exit;
use crate::name::Name;
use crate::output::until;
use crate::stored::Stored;

/// What can be told of a session without a secret.
#[derive(Serialize)]
pub(crate) struct Summary {
    profile: String,
    state: State,
    server: String,
    client_id: Option<String>,
    grant: &'static str,
    scope: String,
    /// Unix seconds.
    expires_at: Option<i64>,
    refreshable: bool,
    dpop: bool,
    #[serde(skip)]
    wants_secret: bool,
    #[serde(skip)]
    until: String,
    #[serde(skip)]
    login: String,
}

/// How a session stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// The token is good.
    Valid,
    /// It is not, and `token` gets another.
    Stale,
    /// It is not, and there is no refresh token.
    Expired,
    /// The server takes the refresh token no more.
    Ended,
    /// The same, and a crash or a lost answer may be why.
    EndedInDoubt,
}

impl Summary {
    pub(crate) fn new(name: &Name, stored: &Stored) -> Self {
        let (account, record) = (&stored.account, &stored.record);
        let (tokens, now) = (&record.tokens, UtcDateTime::now());
        let is_good = tokens.expires_at.is_none_or(|end| now < end);
        let can_follow = account.is_refreshable(tokens);
        let wants_secret = can_follow && account.wants_secret_again();
        Self {
            profile: name.to_string(),
            state: match record.refresh {
                Refresh::Ended(End::Refused) => State::Ended,
                Refresh::Ended(_) => State::EndedInDoubt,
                _ if is_good => State::Valid,
                _ if can_follow => State::Stale,
                _ => State::Expired,
            },
            server: account.server_name().to_owned(),
            client_id: account.settings.client.client_id.clone(),
            grant: account.grant.name(),
            scope: tokens.scopes.to_string(),
            expires_at: tokens.expires_at.map(UtcDateTime::unix_timestamp),
            refreshable: can_follow && !wants_secret,
            wants_secret,
            dpop: account.dpop.is_some(),
            until: until(tokens.expires_at, now),
            login: format!("hallpass login{}", name.option()),
        }
    }

    /// One line, after a login.
    pub(crate) fn logged_in(&self) -> String {
        let (name, server, says) = (&self.profile, &self.server, self.says());
        format!("Logged in to {server} as `{name}`. The token is {says}.")
    }

    /// One line each, for a list.
    pub(crate) fn table(summaries: &[Self]) -> Vec<String> {
        let width = |of: fn(&Self) -> &str| {
            let widths = summaries.iter().map(|own| of(own).chars().count());
            widths.max().unwrap_or(0)
        };
        let (name, server) = (width(|own| &own.profile), width(|own| &own.server));
        let line = |own: &Self| {
            format!(
                "{:name$}  {:server$}  {}",
                own.profile,
                own.server,
                own.says()
            )
        };
        summaries.iter().map(line).collect()
    }

    /// Several lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("Profile   {}", self.profile),
            format!("Server    {}", self.server),
        ];
        if let Some(id) = &self.client_id {
            lines.push(format!("Client    {id}"));
        }
        lines.push(format!("Token     {}", self.says()));
        if !self.scope.is_empty() {
            lines.push(format!("Scope     {}", self.scope));
        }
        if self.dpop {
            lines.push("Bound     to a key that is kept with it (DPoP)".to_owned());
        }
        lines
    }

    /// Whether a token can be had.
    pub(crate) fn exit(&self) -> Exit {
        match self.state {
            State::Valid | State::Stale => Exit::Done,
            State::Expired | State::Ended | State::EndedInDoubt => Exit::LoginAgain,
        }
    }

    fn says(&self) -> String {
        let (until, login) = (&self.until, &self.login);
        match self.state {
            State::Valid if self.wants_secret => {
                format!("{until}, then needs the secret again (--client-secret-stdin)")
            }
            State::Valid if self.refreshable => format!("{until}, then refreshed"),
            State::Valid => format!("{until}; then log in again: {login}"),
            State::Stale if self.wants_secret => {
                "has expired; the next use needs the secret again (--client-secret-stdin)"
                    .to_owned()
            }
            State::Stale => "has expired; the next use refreshes it".to_owned(),
            State::Expired => format!("has expired: {login}"),
            State::Ended => format!("the server ended the session: {login}"),
            State::EndedInDoubt => {
                format!("the server ended the session, after a crash or a lost answer: {login}")
            }
        }
    }
}
