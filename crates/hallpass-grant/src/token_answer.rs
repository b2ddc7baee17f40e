//! What a token endpoint answers (RFC 6749 §5).

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::{
    AccessToken, Json, Lifetime, Members, RefreshToken, Scopes, Secret, TokenSet, TokenType,
};

use crate::call::{Answer, Targeted, sealed};
use crate::subject::Subject;
use crate::{Call, Client, Error, ErrorKind, Profile, Response, TokenTypeMember, Violation};

/// Reads a [`TokenSet`] from a token endpoint's answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TokenAnswer {
    requested: Scopes,
    refresh_token: Option<RefreshToken>,
    /// Whom the tokens before were about.
    #[serde(default)]
    subject: Option<Subject>,
    token_type: TokenType,
    spent: Spent,
    profile: Profile,
}

impl Call<TokenAnswer> {
    /// For a refresh of tokens that this ID token came with: an answer whose ID token has another `iss` or `sub` is a
    /// [`Violation::OtherSubject`] (OpenID Connect Core §12.2), and nothing of it is handed out. An ID token before that cannot be
    /// read, an encrypted one say, is compared with none.
    #[must_use]
    pub fn about_subject_of(self, id_token: &Secret) -> Self {
        let subject = Subject::of(id_token);
        self.reading(|answer| TokenAnswer { subject, ..answer })
    }
}

/// What is gone when a request has arrived and its answer has not.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Spent {
    /// Nothing: the same can be asked again.
    Nothing,
    /// Something that can be used only once: a code, perhaps a refresh token.
    Once,
}

impl TokenAnswer {
    pub(crate) fn new(client: &Client, requested: Scopes, spent: Spent) -> Self {
        Self {
            requested,
            refresh_token: None,
            subject: None,
            token_type: match client.dpop() {
                Some(_) => TokenType::Dpop,
                None => TokenType::Bearer,
            },
            spent,
            profile: client.profile().clone(),
        }
    }

    /// The same for an answer that need not have a new refresh token (RFC 6749 §6).
    pub(crate) fn keeping(mut self, refresh_token: RefreshToken) -> Self {
        self.refresh_token = Some(refresh_token);
        self
    }

    /// An ID token that comes with a refresh is about whom the one before was (OpenID Connect Core §12.2). Who verifies it says more.
    fn check_subject(&self, id_token: Option<&Secret>) -> Result<(), Error> {
        match (&self.subject, id_token) {
            (Some(before), Some(id_token)) if Subject::of(id_token).as_ref() != Some(before) => {
                Err(Violation::OtherSubject.into())
            }
            _ => Ok(()),
        }
    }

    /// The members in which the tokens are.
    pub(crate) fn members(&self, response: &Response) -> Result<Members, Error> {
        let mut members = response.members(self.profile.answer)?;
        let Some(name) = &self.profile.token_object else {
            return Ok(members);
        };
        let nested = members.value(name).and_then(Json::as_object);
        let has_token = nested.is_some_and(|tokens| tokens.value("access_token").is_some());
        if self.refresh_token.is_some() && !has_token {
            // A refresh is answered for the one token that was refreshed: there is no other it could be taken for.
            return Ok(members);
        }
        match members.remove(name) {
            Some(Json::Object(tokens)) => {
                for name in IS_READ {
                    members.remove(name);
                }
                // What stands beside the tokens is kept, below what stands with them.
                Ok(tokens.or(members))
            }
            _ => Err(Violation::Malformed("the object the tokens should be in is missing").into()),
        }
    }

    /// What the members say of a token.
    pub(crate) fn token_set(
        &self,
        mut members: Members,
        arrived: UtcDateTime,
    ) -> Result<TokenSet, Error> {
        let access_token = text(&mut members, "access_token")?;
        let access_token = access_token.ok_or(Violation::NoAccessToken {
            setting: "token_object",
        })?;
        let access_token = AccessToken::new(access_token)
            .map_err(|_| Violation::Malformed("access_token is empty or not printable ASCII"))?;
        let token_type = text(&mut members, "token_type")?;
        let mut set = TokenSet::new(access_token);
        set.token_type = self.token_type(token_type.as_deref())?;
        set.expires_at = expires_at(&mut members, arrived)?;
        set.refresh_token = match text(&mut members, "refresh_token")?.filter(|t| !t.is_empty()) {
            Some(token) => Some(RefreshToken::new(token).map_err(|_| {
                Violation::Malformed("refresh_token has a character no token may have")
            })?),
            None => self.refresh_token.clone(),
        };
        set.scopes = match self.granted(&mut members)? {
            Some(scopes) => scopes,
            None => self.requested.clone(),
        };
        set.id_token = text(&mut members, "id_token")?.map(Into::into);
        self.check_subject(set.id_token.as_ref())?;
        set.extra = members;
        Ok(set)
    }

    fn token_type(&self, named: Option<&str>) -> Result<TokenType, Error> {
        let come = match (self.profile.token_type, named) {
            (TokenTypeMember::Ignored, _) | (TokenTypeMember::Optional, None) => {
                Some(TokenType::Bearer)
            }
            (_, named) => named.and_then(TokenType::parse),
        };
        match (self.token_type, come) {
            (asked, Some(come)) if asked == come => Ok(come),
            (TokenType::Dpop, Some(_)) => Err(Violation::Downgrade.into()),
            _ => Err(Violation::TokenType.into()),
        }
    }

    fn granted(&self, members: &mut Members) -> Result<Option<Scopes>, Error> {
        let text = match members.remove("scope") {
            None | Some(Json::Null) => return Ok(None),
            Some(Json::String(text)) => self.profile.granted_scopes.split(text),
            Some(Json::Array(values)) => {
                let names = values.iter().map(|value| value.as_str());
                let names: Option<Vec<&str>> = names.collect();
                names.ok_or(Violation::Malformed(NO_TEXT))?.join(" ")
            }
            Some(_) => return Err(Violation::Malformed(NO_TEXT).into()),
        };
        match Scopes::parse(&text) {
            Ok(scopes) => Ok(Some(scopes)),
            Err(_) => Err(Violation::Malformed("scope has a character no scope may have").into()),
        }
    }
}

const IS_READ: [&str; 6] = [
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "scope",
    "id_token",
];

impl Answer for TokenAnswer {}

impl Targeted for TokenAnswer {}

impl sealed::Read for TokenAnswer {
    type Output = TokenSet;

    fn read(&self, response: &Response, arrived: UtcDateTime) -> Result<TokenSet, Error> {
        let members = self.members(response);
        let members = members.map_err(|error| match self.refresh_token {
            Some(_) => error.with_dead_grant(&self.profile.dead_refresh_token),
            None => error,
        })?;
        self.token_set(members, arrived)
    }

    fn lost(&self) -> ErrorKind {
        match self.spent {
            Spent::Nothing => ErrorKind::Transport,
            Spent::Once => ErrorKind::InDoubt,
        }
    }
}

const NO_TEXT: &str = "a member that must be a string is not one";

/// Takes a member that is a string, if it is there; `null` counts as absent.
pub(crate) fn text(members: &mut Members, name: &'static str) -> Result<Option<String>, Error> {
    match members.remove(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(Violation::Malformed(NO_TEXT).into()),
    }
}

/// Takes `expires_in`, if it is there.
pub(crate) fn expires_at(
    members: &mut Members,
    arrived: UtcDateTime,
) -> Result<Option<UtcDateTime>, Error> {
    match members.remove("expires_in") {
        None | Some(Json::Null) => Ok(None),
        Some(seconds) => match Lifetime::from_json(&seconds) {
            Some(lifetime) => Ok(Some(lifetime.after(arrived))),
            None => Err(Violation::Malformed("expires_in is not a number").into()),
        },
    }
}
