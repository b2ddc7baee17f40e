//! A refresh whose answer may have a new ID token (OpenID Connect Core §12).

use std::fmt;
use std::ops::ControlFlow;

use time::UtcDateTime;

use hallpass_grant::{Call, Conversation, Error, Input, Misuse, Random, Step, TokenAnswer};
use hallpass_token::{RefreshToken, Scopes, TokenSet};

use crate::asked::{Bindings, check_party};
use crate::part::part;
use crate::{Fault, IdTokenClaims, JwtRules, JwtVerification, RelyingParty, VerifiedJwt};

/// Gets new tokens with a refresh token, and hands them out only when an ID token among them is about the user who logged in.
pub struct Refresh {
    rules: JwtRules,
    before: IdTokenClaims,
    state: State,
}

#[derive(Debug)]
enum State {
    Refreshing(Call<TokenAnswer>),
    /// The new ID token is being verified.
    Verifying(TokenSet, JwtVerification),
    Over,
}

/// What a refresh has brought.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refreshed {
    /// The new tokens, with the refresh token of before where no new one came.
    pub tokens: TokenSet,
    /// Who the user is. Where a new ID token came, what it says, and nothing of what the one of before said but `auth_time`, `nonce` and
    /// `sid`, which are the login's: what it does not say any more may have been withdrawn. Where none came, what the one of before said.
    pub id_token: IdTokenClaims,
}

impl RelyingParty {
    /// Gets new tokens. `granted` are the scopes that the token has now, `narrowed` asks for fewer, and `before` is what the ID token of the
    /// login said.
    ///
    /// # Errors
    /// [`Misuse::OtherClient`] when that ID token was another provider's or for another client; [`Misuse::Missing`] when the server has no
    /// token endpoint; [`Misuse::Random`].
    pub fn refresh(
        &self,
        refresh_token: &RefreshToken,
        granted: &Scopes,
        narrowed: Option<&Scopes>,
        before: &IdTokenClaims,
        random: &mut impl Random,
    ) -> Result<Refresh, Error> {
        self.check_own(before)?;
        let call = self
            .client()
            .refresh(refresh_token, granted, narrowed, random)?;
        Ok(Refresh {
            rules: self.rules().clone(),
            before: before.clone(),
            state: State::Refreshing(call),
        })
    }
}

impl Refresh {
    fn refreshed(&mut self, tokens: TokenSet, now: UtcDateTime) -> Result<Step<Refreshed>, Error> {
        match &tokens.id_token {
            None => Ok(Step::Done(Refreshed {
                tokens,
                id_token: self.before.clone(),
            })),
            Some(token) => {
                let token = JwtVerification::new(token.clone(), self.rules.clone());
                self.state = State::Verifying(tokens, token);
                self.step(Input::Begin, now)
            }
        }
    }

    fn verified(&self, tokens: TokenSet, token: VerifiedJwt) -> Result<Step<Refreshed>, Error> {
        let algorithm = token.algorithm();
        let claims = IdTokenClaims::read(token.into_claims())?;
        self.compare(&claims)?;
        check_party(&claims, &self.rules)?;
        let access_token = tokens.access_token.expose_secret();
        Bindings::new(&claims, algorithm).check_access_token(access_token)?;
        Ok(Step::Done(Refreshed {
            tokens,
            id_token: claims.of_login(&self.before),
        }))
    }

    /// What must be as it was (OpenID Connect Core §12.2).
    fn compare(&self, claims: &IdTokenClaims) -> Result<(), Fault> {
        let before = &self.before;
        if claims.subject() != before.subject() {
            return Err(Fault::OtherSubject);
        }
        let is_still_there = |audience| claims.audiences().contains(audience);
        if !before.audiences().iter().all(is_still_there) {
            return Err(Fault::Audience);
        }
        if claims.authorized_party() != before.authorized_party() {
            return Err(Fault::AuthorizedParty);
        }
        if claims.nonce().is_some() && claims.nonce() != before.nonce() {
            return Err(Fault::Nonce);
        }
        match (claims.auth_time(), before.auth_time()) {
            (Some(now), Some(before)) if now != before => Err(Fault::AuthTime),
            _ => Ok(()),
        }
    }
}

impl Conversation for Refresh {
    type Output = Refreshed;

    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<Refreshed>, Error> {
        match &mut self.state {
            State::Refreshing(call) => match part(call.step(input, now)?) {
                ControlFlow::Continue(tokens) => {
                    self.state = State::Over;
                    self.refreshed(tokens, now)
                }
                ControlFlow::Break(step) => Ok(step),
            },
            State::Verifying(_, verification) => {
                let token = match part(verification.step(input, now)?) {
                    ControlFlow::Continue(token) => token,
                    ControlFlow::Break(step) => return Ok(step),
                };
                match std::mem::replace(&mut self.state, State::Over) {
                    State::Verifying(tokens, _) => self.verified(tokens, token),
                    State::Refreshing(_) | State::Over => Err(Misuse::Over.into()),
                }
            }
            State::Over => Err(Misuse::Over.into()),
        }
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
