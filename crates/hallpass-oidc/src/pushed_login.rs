//! A login whose request is pushed first (RFC 9126).

use std::fmt;
use std::ops::ControlFlow;

use time::UtcDateTime;

use hallpass_grant::{
    AuthorizationUrl, Call, Code, Conversation, Error, Input, PushedAnswer, Random, Signatory, Step,
};

use crate::asked::Asked;
use crate::part::part;
use crate::{AuthenticationRequest, Login, RelyingParty};

/// Tells the provider what is asked for, and ends in the address that the user agent is sent to and the login.
#[derive(Clone)]
pub struct PushedLogin {
    call: Call<PushedAnswer>,
    asked: Asked,
}

impl RelyingParty {
    /// Begins a login by telling the provider first, over TLS and as this client, what is asked for: the user agent carries no more than a
    /// reference to it.
    ///
    /// # Errors
    /// As for [`login`](Self::login); [`Misuse::Missing`](hallpass_grant::Misuse::Missing) when the server has no pushed authorization request
    /// endpoint.
    pub fn push(
        &self,
        request: &AuthenticationRequest,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<PushedLogin, Error> {
        let (request, asked) = self.ask::<Code>(request, random)?;
        let call = self.client().code()?.push(request, random, now)?;
        Ok(PushedLogin { call, asked })
    }

    /// The same with what is asked for in a request object, signed by this key or secret.
    ///
    /// # Errors
    /// As for [`push`](Self::push).
    pub fn push_signed(
        &self,
        request: &AuthenticationRequest,
        signatory: impl Into<Signatory>,
        random: &mut impl Random,
        now: UtcDateTime,
    ) -> Result<PushedLogin, Error> {
        let (request, asked) = self.ask::<Code>(request, random)?;
        let grant = self.client().code()?;
        let call = grant.push_signed(request, signatory, random, now)?;
        Ok(PushedLogin { call, asked })
    }
}

impl Conversation for PushedLogin {
    type Output = (AuthorizationUrl, Login<Code>);

    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<Self::Output>, Error> {
        match part(self.call.step(input, now)?) {
            ControlFlow::Continue(pushed) => {
                let (url, pending) = pushed.begin(now)?;
                let asked = self.asked.clone();
                Ok(Step::Done((url, Login { pending, asked })))
            }
            ControlFlow::Break(step) => Ok(step),
        }
    }
}

impl fmt::Debug for PushedLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PushedLogin").field(&self.call).finish()
    }
}
