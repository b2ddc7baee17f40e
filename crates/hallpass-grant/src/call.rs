//! The one conversation behind every grant: a request of the client's to an endpoint, and a reader for the answer.

mod carried;
mod unsigned;

use std::fmt;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::Secret;

use crate::content::Content;
use crate::conversation::{Conversation, Input, Lost, Step};
use crate::dpop;
use crate::form::{Form, encoded};
use crate::random::Seed;
use crate::sender::Sender;
use crate::target::Target;
use crate::{
    Assertion, Client, DpopKey, Endpoint, Error, ErrorKind, Misuse, Request, Response, Signatory,
    SigningInput, jws,
};

pub(crate) use carried::Carried;
use unsigned::Unsigned;

/// A request to an endpoint of the authorization server. `A` reads the answer.
///
/// It signs what it has to (a client assertion, a grant's assertion, a DPoP proof), one after another, and sends. A server that wants a
/// nonce in the proof gets it once (RFC 9449 §8).
///
/// It serialises at every step, so it can be stored while a key far away signs, and go on in another process. What is stored has the
/// client's secret in it and says where it is sent: seal it.
/// When its request surely was not sent ([`Lost::NotSent`], [`Input::NotSigned`]) it stands at its beginning again; every other
/// end is final.
#[derive(Clone, Serialize, Deserialize)]
pub struct Call<A> {
    endpoint: Endpoint,
    content: Content,
    sender: Sender,
    #[serde(default)]
    carried: Option<Box<Carried>>,
    #[serde(default)]
    dpop: Option<DpopKey>,
    /// The nonce that the server demanded: a key that was stored knows none.
    #[serde(default)]
    demanded: Option<String>,
    seed: Seed,
    /// How many JWSs were begun: none has the `jti` of another.
    signatures: u64,
    state: State,
    answer: A,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum State {
    Ready,
    Signing {
        challenges: u32,
        signed: Vec<Secret>,
        signing_input: Secret,
    },
    Sent {
        challenges: u32,
    },
    Over,
}

/// How every assertion and every proof begins: `{"` as base64url.
const JWS: &str = "eyJ";

/// What is shorter stands in every other text by chance.
const SHORTEST_SECRET: usize = 6;

/// How often a server may ask for a nonce: the one that it sends with the demand is good, or none is (RFC 9449 §8).
const MAX_CHALLENGES: u32 = 1;

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
            (State::Ready, Input::Begin) => Ok(self.advance(0, Vec::new(), now)),
            (
                State::Signing {
                    challenges,
                    signed,
                    signing_input,
                },
                Input::Signature(signature),
            ) => {
                let (challenges, mut signed) = (*challenges, signed.clone());
                let signatory = self.unsigned().nth(signed.len());
                let Some(Signatory::Key(key)) = signatory.map(|jws| jws.signatory()) else {
                    return Err(Misuse::UnexpectedInput.into());
                };
                let signature = signature.checked(key.algorithm())?;
                signed.push(jws::compact(signing_input.expose_secret(), signature).into());
                Ok(self.advance(challenges, signed, now))
            }
            (State::Signing { signed, .. }, Input::NotSigned(reason)) => {
                let at = signed.len();
                let kind = self.unsigned().nth(at).map(|jws| jws.without(reason));
                self.state = State::Ready;
                Err(kind.unwrap_or(ErrorKind::Transport).into())
            }
            (State::Sent { challenges }, Input::Response(response)) => {
                let challenges = *challenges;
                let wants_nonce = self.hear(&response) && response.wants_dpop_nonce();
                if wants_nonce && challenges < MAX_CHALLENGES {
                    self.demanded = response.dpop_nonce().map(str::to_owned);
                    return Ok(self.advance(challenges + 1, Vec::new(), now));
                }
                self.state = State::Over;
                let answer = self.answer.read(&response, now);
                let answer = answer.map_err(|error| self.explained(error, &response))?;
                Ok(Step::Done(answer))
            }
            (State::Sent { .. }, Input::Lost(Lost::NotSent)) => {
                self.state = State::Ready;
                Err(ErrorKind::Transport.into())
            }
            (State::Sent { .. }, Input::Lost(Lost::MaybeSent)) => {
                self.state = State::Over;
                Err(self.answer.lost().into())
            }
            (State::Over, _) => Err(Misuse::Over.into()),
            (_, _) => Err(Misuse::UnexpectedInput.into()),
        }
    }
}

/// A call for a token, or for what a token is had with later: it can name what the token is for. Sealed.
pub trait Targeted: Answer {}

impl<A: Targeted> Call<A> {
    /// The same call for a token that is good at this resource (RFC 8707 §2): the absolute address of an API. Call it again for another.
    ///
    /// # Errors
    /// [`Misuse::Invalid`] for an address that is not absolute, or has a fragment.
    pub fn with_resource(self, resource: &str) -> Result<Self, Error> {
        let target = Target::default().with_resource(resource)?;
        Ok(self.with_target(&target))
    }

    /// The same call for a token that is good for this audience, by the name that the server knows it by. Call it again for another.
    #[must_use]
    pub fn with_audience(self, audience: &str) -> Self {
        self.with_target(&Target::default().with_audience(audience))
    }

    /// The same call with a parameter of the provider's, or of an extension's.
    ///
    /// # Errors
    /// [`Misuse::ReservedParameter`] for one that this library sets itself.
    pub fn with_parameter(mut self, name: &str, value: &str) -> Result<Self, Error> {
        if let Some(name) = RESERVED.into_iter().find(|own| *own == name) {
            return Err(Misuse::ReservedParameter(name).into());
        }
        self.content.push(name, value);
        Ok(self)
    }
}

/// What this library sets in a request to the token endpoint.
const RESERVED: [&str; 17] = [
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
    "device_code",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "assertion",
    "username",
    "password",
    "subject_token",
    "actor_token",
    "resource",
];

impl<A> Call<A> {
    /// A form of a client's.
    pub(crate) fn new(
        client: &Client,
        endpoint: Endpoint,
        form: Form,
        seed: Seed,
        answer: A,
    ) -> Self {
        let sender = Sender::client(client, &endpoint);
        Self::from_sender(sender, endpoint, Content::form(form), seed, answer)
    }

    pub(crate) fn from_sender(
        sender: Sender,
        endpoint: Endpoint,
        content: Content,
        seed: Seed,
        answer: A,
    ) -> Self {
        Self {
            endpoint,
            content,
            sender,
            carried: None,
            dpop: None,
            demanded: None,
            seed,
            signatures: 0,
            state: State::Ready,
            answer,
        }
    }

    /// The same call with the client's key, if it has one: what comes is bound to it.
    pub(crate) fn bound(mut self, client: &Client) -> Self {
        self.dpop = client.dpop().cloned();
        self
    }

    /// The same call with another reader of its answer.
    pub(crate) fn reading<B>(self, change: impl FnOnce(A) -> B) -> Call<B> {
        Call {
            endpoint: self.endpoint,
            content: self.content,
            sender: self.sender,
            carried: self.carried,
            dpop: self.dpop,
            demanded: self.demanded,
            seed: self.seed,
            signatures: self.signatures,
            state: self.state,
            answer: change(self.answer),
        }
    }

    /// The same call with an assertion to be signed (RFC 7523 §2.1). Where it is the client's own and nothing else proves the
    /// client, it names the client already.
    pub(crate) fn asserting(mut self, assertion: Assertion) -> Self {
        if matches!(&self.sender, Sender::Public { id } if assertion.issuer() == id) {
            self.sender = Sender::Anybody;
        }
        self.carrying(Carried::Assertion(assertion))
    }

    /// The same call with a JWT to be signed.
    pub(crate) fn carrying(mut self, jwt: Carried) -> Self {
        self.carried = Some(jwt.into());
        self
    }

    fn with_target(mut self, target: &Target) -> Self {
        self.content.push_fields(target.as_str());
        self
    }

    /// Stands at its beginning again, and goes on counting.
    pub(crate) fn rewind(&mut self) {
        self.state = State::Ready;
    }

    /// What has to be signed, in this order.
    fn unsigned(&self) -> impl Iterator<Item = Unsigned<'_>> {
        let client = self.sender.assertion().map(Unsigned::Client);
        let carried = self.carried.as_deref().map(Unsigned::Carried);
        let proof = self.dpop.as_ref().map(|key| {
            let claims = dpop::Claims {
                method: self.content.method().as_str(),
                place: &self.endpoint,
                token_hash: None,
                demanded: self.demanded.as_deref(),
            };
            Unsigned::Proof(key, claims)
        });
        client.into_iter().chain(carried).chain(proof)
    }

    /// Signs what it can itself, has the next JWS signed that it cannot, and sends when all are.
    fn advance<T>(
        &mut self,
        challenges: u32,
        mut signed: Vec<Secret>,
        now: UtcDateTime,
    ) -> Step<T> {
        while let Some((signatory, text)) = self.next_unsigned(signed.len(), now) {
            match signatory {
                Signatory::Secret(key) => signed.push(jws::compact(&text, &key.sign(&text)).into()),
                Signatory::Key(name) => {
                    let input = SigningInput::new(name, text.as_bytes().to_vec());
                    self.state = State::Signing {
                        challenges,
                        signed,
                        signing_input: text.into(),
                    };
                    return Step::Sign(input);
                }
            }
        }
        let request = self.request(&signed);
        self.state = State::Sent { challenges };
        Step::Send(request)
    }

    /// The next JWS, with a `jti` that no other had.
    fn next_unsigned(&mut self, at: usize, now: UtcDateTime) -> Option<(Signatory, String)> {
        let unsigned = self.unsigned().nth(at)?;
        let signatures = self.signatures.saturating_add(1);
        let jti = self.seed.jwt_id(signatures, now);
        let next = (unsigned.signatory(), unsigned.signing_input(&jti, now));
        self.signatures = signatures;
        Some(next)
    }

    fn request(&self, signed: &[Secret]) -> Request {
        let mut added = self.sender.fields();
        let mut proof = None;
        for (unsigned, jws) in self.unsigned().zip(signed) {
            match unsigned {
                Unsigned::Client(_) => added.push(("client_assertion", jws.expose_secret())),
                Unsigned::Carried(jwt) => added.push((jwt.field(), jws.expose_secret())),
                Unsigned::Proof(..) => proof = Some(jws),
            }
        }
        let request = Request::new(self.content.method(), self.endpoint.clone());
        let mut request = self.content.write(request, &added);
        if let Some(value) = self.sender.authorization() {
            request = request.with_header("authorization", value);
        }
        if let Some(proof) = proof {
            request = request.with_header("dpop", proof.clone());
        }
        request
    }

    /// The error with what may be behind it, and without what was sent: some servers repeat it, as it was or as it was encoded.
    fn explained(&self, error: Error, response: &Response) -> Error {
        let carried = self.carried.as_ref().and_then(|jwt| jwt.secret());
        let mut sent = self.content.secrets();
        sent.extend(carried);
        let authorization = self.sender.authorization();
        let credentials = authorization
            .as_ref()
            .and_then(|value| value.expose_secret().split_once(' '));
        let secrets = sent.iter().chain(self.sender.secret());
        let secrets = secrets
            .map(Secret::expose_secret)
            .chain(credentials.map(|(_, own)| own));
        let secrets: Vec<&str> = secrets.filter(|own| own.len() >= SHORTEST_SECRET).collect();
        let forms: Vec<_> = secrets.iter().map(|secret| encoded(secret)).collect();
        let is_secret = |text: &str| {
            let repeats = |secret: &str| text.contains(secret);
            secrets.iter().any(|own| repeats(own))
                || forms.iter().any(|own| repeats(own))
                || repeats(JWS)
        };
        let error = self.sender.explained(error);
        error.withholding(&response.error_texts(), is_secret)
    }

    /// Keeps the nonce that came, if this call proves possession at all.
    fn hear(&self, response: &Response) -> bool {
        let dpop = self.dpop.as_ref();
        dpop.is_some_and(|key| key.hear(&self.endpoint, response))
    }
}

impl<A> fmt::Debug for Call<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("endpoint", &self.endpoint)
            .field("sender", &self.sender)
            .field("signatures", &self.signatures)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
