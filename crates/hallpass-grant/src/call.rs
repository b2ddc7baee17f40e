//! The one conversation behind every grant: an authenticated form sent to an endpoint, and a reader for the answer.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::Secret;

use crate::client_authentication::basic;
use crate::conversation::{Conversation, Input, Lost, Step};
use crate::form::Form;
use crate::random::Seed;
use crate::{
    BasicEncoding, Client, ClientAuthentication, Endpoint, Error, ErrorKind, Misuse, Request,
    Response, SigningInput, assertion,
};

/// An authenticated request to an endpoint of the authorization server. `A` reads the answer.
///
/// It serialises at every step, so it can be stored while a key far away signs, and go on in another process.
/// When its request surely was not sent ([`Lost::NotSent`]) it stands at its beginning again; every other end is final.
#[derive(Clone, Serialize, Deserialize)]
pub struct Call<A> {
    endpoint: Endpoint,
    form: Secret,
    client_id: String,
    authentication: ClientAuthentication,
    basic: BasicEncoding,
    audience: String,
    seed: Seed,
    attempt: u64,
    state: State,
    answer: A,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum State {
    Ready,
    Signing { signing_input: Secret },
    Sent,
    Over,
}

/// Reads the answer of a [`Call`]. Sealed: one for each thing a call can be for.
pub trait Answer: sealed::Read {}

pub(crate) mod sealed {
    use super::*;

    pub trait Read {
        type Output;

        fn read(&self, response: &Response, arrived: UtcDateTime) -> Result<Self::Output, Error>;

        /// What a request is that may have arrived, though no answer did.
        fn lost(&self) -> ErrorKind;
    }
}

impl<A: Answer> Conversation for Call<A> {
    type Output = A::Output;

    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<A::Output>, Error> {
        match (&self.state, input) {
            (State::Ready, Input::Begin) => self.begin(now),
            (State::Signing { signing_input }, Input::Signature(signature)) => {
                let ClientAuthentication::PrivateKeyJwt(key) = &self.authentication else {
                    return Err(Misuse::UnexpectedInput.into());
                };
                let signature = signature.checked(key.algorithm())?;
                let assertion = assertion::compact(signing_input.expose_secret(), signature);
                Ok(self.send(None, Some(&assertion)))
            }
            (State::Sent, Input::Response(response)) => {
                self.state = State::Over;
                self.answer.read(&response, now).map(Step::Done)
            }
            (State::Sent, Input::Lost(Lost::NotSent)) => {
                self.state = State::Ready;
                Err(ErrorKind::Transport.into())
            }
            (State::Sent, Input::Lost(Lost::MaybeSent)) => {
                self.state = State::Over;
                Err(self.answer.lost().into())
            }
            (State::Over, _) => Err(Misuse::Over.into()),
            (_, _) => Err(Misuse::UnexpectedInput.into()),
        }
    }
}

impl<A: Answer> Call<A> {
    pub(crate) fn new(
        client: &Client,
        endpoint: Endpoint,
        form: Form,
        seed: Seed,
        answer: A,
    ) -> Self {
        let issuer = client.server().issuer.as_ref();
        let audience = match client.authentication() {
            // The issuer names the server as no endpoint does (RFC 7523 §3, FAPI 2.0 §5.3.2.1).
            ClientAuthentication::PrivateKeyJwt(_) => issuer
                .map_or(endpoint.as_str(), |issuer| issuer.as_str())
                .to_owned(),
            // Nothing is signed, so nobody is addressed.
            _ => String::new(),
        };
        Self {
            client_id: client.id().to_owned(),
            authentication: client.authentication().clone(),
            basic: client.profile().basic,
            audience,
            form: Secret::new(form.into_text()),
            endpoint,
            seed,
            attempt: 0,
            state: State::Ready,
            answer,
        }
    }

    fn begin(&mut self, now: UtcDateTime) -> Result<Step<A::Output>, Error> {
        self.attempt = self.attempt.saturating_add(1);
        match &self.authentication {
            ClientAuthentication::Basic(secret) => {
                let authorization = basic(&self.client_id, secret, self.basic);
                Ok(self.send(Some(authorization), None))
            }
            ClientAuthentication::Post(_) | ClientAuthentication::None => Ok(self.send(None, None)),
            ClientAuthentication::PrivateKeyJwt(key) => {
                let jti = self.seed.jwt_id(self.attempt);
                let text =
                    assertion::signing_input(key, &self.client_id, &self.audience, &jti, now);
                let input = SigningInput::new(key.clone(), text.as_bytes().to_vec());
                self.state = State::Signing {
                    signing_input: text.into(),
                };
                Ok(Step::Sign(input))
            }
        }
    }

    fn send(&mut self, authorization: Option<Secret>, assertion: Option<&str>) -> Step<A::Output> {
        let text = self.form.expose_secret();
        let form = match &self.authentication {
            // Nothing is added; what is not there need not be wiped.
            ClientAuthentication::Basic(_) => Form::from_text(text, 0),
            _ => Form::from_text(text, 256),
        };
        let form = match &self.authentication {
            ClientAuthentication::Basic(_) => form,
            ClientAuthentication::Post(secret) => form
                .field("client_id", &self.client_id)
                .field("client_secret", secret.expose_secret()),
            ClientAuthentication::None => form.field("client_id", &self.client_id),
            ClientAuthentication::PrivateKeyJwt(_) => form
                .field("client_id", &self.client_id)
                .field("client_assertion_type", assertion::TYPE)
                .optional("client_assertion", assertion),
        };
        self.state = State::Sent;
        Step::Send(Request::post(self.endpoint.clone(), form, authorization))
    }
}

impl<A> fmt::Debug for Call<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("endpoint", &self.endpoint)
            .field("client_id", &self.client_id)
            .field("attempt", &self.attempt)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
