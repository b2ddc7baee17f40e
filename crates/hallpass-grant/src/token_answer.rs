//! What a token endpoint answers (RFC 6749 §5).

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::{
    AccessToken, Json, Lifetime, Members, RefreshToken, Scopes, TokenSet, TokenType,
};

use crate::call::{Answer, sealed};
use crate::{Error, ErrorKind, Response, Violation};

/// Reads a [`TokenSet`] from a token endpoint's answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TokenAnswer {
    requested: Scopes,
    refresh_token: Option<RefreshToken>,
}

impl TokenAnswer {
    pub(crate) fn new(requested: Scopes, refresh_token: Option<RefreshToken>) -> Self {
        Self {
            requested,
            refresh_token,
        }
    }
}

impl Answer for TokenAnswer {}

impl sealed::Read for TokenAnswer {
    type Output = TokenSet;

    fn read(&self, response: &Response, arrived: UtcDateTime) -> Result<TokenSet, Error> {
        let mut members = response.json()?;
        let access_token = text(&mut members, "access_token")?;
        let access_token = access_token.ok_or(Violation::Malformed("access_token is missing"))?;
        let access_token = AccessToken::new(access_token)
            .map_err(|_| Violation::Malformed("access_token is empty or not printable ASCII"))?;
        let token_type = text(&mut members, "token_type")?;
        let mut set = TokenSet::new(access_token);
        set.token_type = token_type
            .as_deref()
            .and_then(TokenType::parse)
            .ok_or(Violation::TokenType)?;
        set.expires_at = match members.remove("expires_in") {
            None | Some(Json::Null) => None,
            Some(seconds) => {
                let lifetime = Lifetime::from_json(&seconds);
                let lifetime =
                    lifetime.ok_or(Violation::Malformed("expires_in is not a number"))?;
                Some(lifetime.after(arrived))
            }
        };
        set.refresh_token = match text(&mut members, "refresh_token")?.filter(|t| !t.is_empty()) {
            Some(token) => Some(RefreshToken::new(token).map_err(|_| {
                Violation::Malformed("refresh_token has a character no token may have")
            })?),
            None => self.refresh_token.clone(),
        };
        set.scopes = match text(&mut members, "scope")? {
            Some(scopes) => Scopes::parse(&scopes)
                .map_err(|_| Violation::Malformed("scope has a character no scope may have"))?,
            None => self.requested.clone(),
        };
        set.id_token = text(&mut members, "id_token")?.map(Into::into);
        set.extra = members;
        Ok(set)
    }

    fn lost(&self) -> ErrorKind {
        // A code is used up by its first use, a refresh token perhaps.
        ErrorKind::InDoubt
    }
}

/// Takes a member that is a string, if it is there; `null` counts as absent.
fn text(members: &mut Members, name: &'static str) -> Result<Option<String>, Error> {
    match members.remove(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(Violation::Malformed("a member that must be a string is not one").into()),
    }
}
