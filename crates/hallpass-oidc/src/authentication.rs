//! From a redirect to the claims of a user (OpenID Connect Core §3.1.3, §3.2.2, §3.3.2, §3.3.3).

use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;

use time::UtcDateTime;

use hallpass_grant::{
    AuthorizedCode, Call, CameInFront, Client, Conversation, Error, FrontChannelVerifier, Input,
    Misuse, Opened, Step, TokenAnswer,
};
use hallpass_jose::SignatureAlgorithm;
use hallpass_token::{Secret, TokenSet};

use crate::asked::{Asked, Bindings};
use crate::part::part;
use crate::response_type::Received;
use crate::{
    Fault, IdTokenClaims, JwtRules, JwtVerification, RelyingParty, ResponseType, SessionState,
    VerifiedJwt,
};

/// What is left to do when the user agent has come back: the ID token of the redirect is verified and holds code and access token
/// together, the code is exchanged, the ID token that comes for it is verified and compared with the first.
///
/// An ID token in the redirect that is not as it has to be ends it before the code is sent anywhere.
pub struct Authentication<R> {
    context: Context,
    state: State,
    response_type: PhantomData<fn() -> R>,
}

/// What stays the same all the way.
#[derive(Debug)]
struct Context {
    client: Client,
    rules: JwtRules,
    asked: Asked,
    began: UtcDateTime,
    state: Secret,
    session_state: Option<SessionState>,
}

#[derive(Debug)]
enum State {
    /// The ID token of the redirect is being verified.
    Front(Opened, JwtVerification),
    /// The code is being exchanged.
    Exchanging(Call<TokenAnswer>, Front),
    /// The ID token that came for the code is being verified.
    Back(TokenSet, JwtVerification, Front),
    Over,
}

/// What the redirect has brought, verified.
#[derive(Debug, Default)]
struct Front {
    tokens: Option<TokenSet>,
    id_token: Option<IdTokenClaims>,
}

/// A user who has logged in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Authenticated<T> {
    /// The tokens that came with it. Where access tokens came in the redirect and for the code, those for the code.
    pub tokens: T,
    /// Who it is. Where two ID tokens came, that for the code.
    pub id_token: IdTokenClaims,
    /// The same ID token as it came, for `id_token_hint`.
    pub raw_id_token: Secret,
    /// The ID token of the redirect, where another came for the code.
    pub front_id_token: Option<IdTokenClaims>,
    /// The access token of the redirect, where another came for the code.
    pub front_tokens: Option<TokenSet>,
    /// By what a change of the user's session at the provider is noticed (OpenID Connect Session Management §2). `None` also where what came
    /// is none.
    pub session_state: Option<SessionState>,
}

impl<R: ResponseType> Authentication<R> {
    pub(crate) fn new(
        relying_party: &RelyingParty,
        asked: Asked,
        began: UtcDateTime,
        state: Secret,
        session_state: Option<SessionState>,
        received: Received,
    ) -> Result<Self, Error> {
        let context = Context {
            client: relying_party.client().clone(),
            rules: relying_party.rules().clone(),
            asked,
            began,
            state,
            session_state,
        };
        let state = match received {
            Received::Code(code) => context.exchange(code, Front::default())?,
            Received::Opened(opened) => match opened.id_token() {
                Some(token) => {
                    let token = JwtVerification::new(token.clone(), context.rules.clone());
                    State::Front(opened, token)
                }
                // What comes for the code says whose all of it is.
                None => {
                    let unsealed = opened.verify(&NoIdToken)?;
                    let code = unsealed.code.ok_or(Fault::MissingIdToken)?;
                    let front = Front {
                        tokens: unsealed.tokens,
                        id_token: None,
                    };
                    context.exchange(code, front)?
                }
            },
        };
        Ok(Self {
            context,
            state,
            response_type: PhantomData,
        })
    }

    /// The ID token of the redirect has the signature of the provider.
    fn opened(
        &mut self,
        opened: Opened,
        token: VerifiedJwt,
        now: UtcDateTime,
    ) -> Result<Step<Authenticated<R::Tokens>>, Error> {
        let context = &self.context;
        let algorithm = token.algorithm();
        let raw = opened.id_token().cloned();
        let claims = context.check(token, now)?;
        let unsealed = opened.verify(&Verified { claims, algorithm })?;
        let front = Front {
            tokens: unsealed.tokens,
            id_token: Some(unsealed.verified),
        };
        match (unsealed.code, raw) {
            (Some(code), _) => {
                self.state = context.exchange(code, front)?;
                self.step(Input::Begin, now)
            }
            (None, raw) => {
                let id_token = front.id_token.ok_or(Fault::MissingIdToken)?;
                self.done(front.tokens, id_token, raw, Front::default())
            }
        }
    }

    /// Tokens came for the code.
    fn exchanged(
        &mut self,
        tokens: TokenSet,
        front: Front,
        now: UtcDateTime,
    ) -> Result<Step<Authenticated<R::Tokens>>, Error> {
        let token = tokens.id_token.clone().ok_or(Fault::MissingIdToken)?;
        let token = JwtVerification::new(token, self.context.rules.clone());
        self.state = State::Back(tokens, token, front);
        self.step(Input::Begin, now)
    }

    /// The ID token that came for the code has the signature of the provider.
    fn verified(
        &mut self,
        tokens: TokenSet,
        token: VerifiedJwt,
        front: Front,
        now: UtcDateTime,
    ) -> Result<Step<Authenticated<R::Tokens>>, Error> {
        let context = &self.context;
        let algorithm = token.algorithm();
        let claims = context.check(token, now)?;
        let access_token = tokens.access_token.expose_secret();
        let bindings = Bindings::new(&claims, algorithm);
        bindings.check_access_token(access_token)?;
        bindings.check_state(context.state.expose_secret())?;
        let is_other = |front: &IdTokenClaims| front.subject() != claims.subject();
        if front.id_token.as_ref().is_some_and(is_other) {
            return Err(Fault::OtherSubject.into());
        }
        let raw = tokens.id_token.clone();
        self.done(Some(tokens), claims, raw, front)
    }

    fn done(
        &mut self,
        tokens: Option<TokenSet>,
        id_token: IdTokenClaims,
        raw: Option<Secret>,
        front: Front,
    ) -> Result<Step<Authenticated<R::Tokens>>, Error> {
        Ok(Step::Done(Authenticated {
            tokens: R::tokens(tokens).ok_or(Fault::MissingIdToken)?,
            id_token,
            raw_id_token: raw.ok_or(Fault::MissingIdToken)?,
            front_id_token: front.id_token,
            front_tokens: front.tokens,
            session_state: self.context.session_state.take(),
        }))
    }
}

impl Context {
    fn check(&self, token: VerifiedJwt, now: UtcDateTime) -> Result<IdTokenClaims, Error> {
        self.asked.check(token, &self.rules, self.began, now)
    }

    fn exchange(&self, code: AuthorizedCode, front: Front) -> Result<State, Error> {
        let call = self.client.exchange(code)?;
        Ok(State::Exchanging(call, front))
    }
}

impl<R: ResponseType> Conversation for Authentication<R> {
    type Output = Authenticated<R::Tokens>;

    fn step(
        &mut self,
        input: Input,
        now: UtcDateTime,
    ) -> Result<Step<Authenticated<R::Tokens>>, Error> {
        match &mut self.state {
            State::Front(_, verification) | State::Back(_, verification, _) => {
                let token = match part(verification.step(input, now)?) {
                    ControlFlow::Continue(token) => token,
                    ControlFlow::Break(step) => return Ok(step),
                };
                match std::mem::replace(&mut self.state, State::Over) {
                    State::Front(opened, _) => self.opened(opened, token, now),
                    State::Back(tokens, _, front) => self.verified(tokens, token, front, now),
                    State::Exchanging(..) | State::Over => Err(Misuse::Over.into()),
                }
            }
            State::Exchanging(call, front) => match part(call.step(input, now)?) {
                ControlFlow::Continue(tokens) => {
                    let front = std::mem::take(front);
                    self.state = State::Over;
                    self.exchanged(tokens, front, now)
                }
                ControlFlow::Break(step) => Ok(step),
            },
            State::Over => Err(Misuse::Over.into()),
        }
    }
}

/// An ID token of a redirect whose own claims are as they have to be.
struct Verified {
    claims: IdTokenClaims,
    algorithm: SignatureAlgorithm,
}

impl FrontChannelVerifier for Verified {
    type Output = IdTokenClaims;

    fn verify(&self, came: &CameInFront<'_>) -> Result<IdTokenClaims, Error> {
        Bindings::new(&self.claims, self.algorithm).check_front(came)?;
        Ok(self.claims.clone())
    }
}

/// For the response type that has no ID token in front.
struct NoIdToken;

impl FrontChannelVerifier for NoIdToken {
    type Output = ();

    fn verify(&self, _: &CameInFront<'_>) -> Result<(), Error> {
        Ok(())
    }
}

impl<R: ResponseType> fmt::Debug for Authentication<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authentication")
            .field("response_type", &R::name())
            .field("context", &self.context)
            .field("state", &self.state)
            .finish()
    }
}
