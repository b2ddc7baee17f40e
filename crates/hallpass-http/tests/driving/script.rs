//! A world in which everything that happens is written down beforehand, and everything that was done afterwards.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use hallpass_grant::token::{RefreshToken, Scopes};
use hallpass_grant::{
    Call, Client, ClientAuthentication, Conversation, Endpoint, Error, ErrorKind, Input, Lost,
    Misuse, Request, Response, ServerMetadata, Signature, SigningAlgorithm, SigningInput,
    SigningKeyName, Step, TokenAnswer,
};
use hallpass_http::{
    Runtime, SignError, Signer, Task, Transport, TransportError, TransportErrorKind, Work,
    async_trait, blocking,
};
use time::UtcDateTime;

/// What happens when something is asked of the world.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Event {
    Answered(u16),
    Lost(Lost),
    Signed,
    NotSigned,
    /// Nothing, ever.
    Silence,
}

/// Transport, signer and clock at once. Its time begins with the epoch and passes only while somebody sleeps.
#[derive(Clone, Default)]
pub(crate) struct World(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    events: VecDeque<Event>,
    trace: Vec<String>,
    now: Duration,
}

impl World {
    pub(crate) fn new(events: impl IntoIterator<Item = Event>) -> Self {
        let world = Self::default();
        world.0.lock().unwrap().events.extend(events);
        world
    }

    pub(crate) fn trace(&self) -> Vec<String> {
        self.0.lock().unwrap().trace.clone()
    }

    pub(crate) fn note(&self, what: String) {
        self.0.lock().unwrap().trace.push(what);
    }

    fn next(&self, what: &str) -> Event {
        self.note(what.to_owned());
        self.0
            .lock()
            .unwrap()
            .events
            .pop_front()
            .unwrap_or(Event::Silence)
    }

    fn time(&self) -> UtcDateTime {
        UtcDateTime::UNIX_EPOCH + self.0.lock().unwrap().now
    }

    fn pass(&self, duration: Duration) {
        self.note(format!("sleep {duration:?}"));
        self.0.lock().unwrap().now += duration;
    }

    fn answer(&self, request: &Request) -> Option<Result<Response, TransportError>> {
        match self.next("send") {
            Event::Answered(status) => Some(Ok(Response::new(status).with_body(TOKEN.to_owned()))),
            Event::Lost(lost) => {
                let error =
                    TransportError::new(TransportErrorKind::Other, lost, request.endpoint());
                Some(Err(error.with_source("the cable was cut")))
            }
            Event::Signed | Event::NotSigned | Event::Silence => None,
        }
    }

    fn sign(&self, input: &SigningInput) -> Option<Result<Signature, SignError>> {
        match self.next("sign") {
            Event::Signed => Some(Ok(Signature::new([7; 64]))),
            Event::NotSigned => Some(Err(SignError::failed("the key store is locked"))),
            Event::Answered(_) | Event::Lost(_) => Some(Err(SignError::unknown_key(input))),
            Event::Silence => None,
        }
    }
}

const TOKEN: &str = r#"{"access_token":"at","token_type":"Bearer"}"#;

#[async_trait]
impl Transport for World {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        match self.answer(&request) {
            Some(outcome) => outcome,
            None => pending().await,
        }
    }
}

#[async_trait]
impl Signer for World {
    async fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        match World::sign(self, input) {
            Some(outcome) => outcome,
            None => pending().await,
        }
    }
}

#[async_trait]
impl Runtime for World {
    fn now(&self) -> SystemTime {
        self.time().into()
    }

    async fn sleep(&self, duration: Duration) {
        self.pass(duration);
    }

    fn spawn(&self, _: Task) {
        self.note("spawn".to_owned());
    }

    fn spawn_blocking(&self, _: Work) {
        self.note("spawn_blocking".to_owned());
    }
}

impl blocking::Transport for World {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.answer(&request).expect("a thread would wait for ever")
    }
}

impl blocking::Signer for World {
    fn sign(&self, input: &SigningInput) -> Result<Signature, SignError> {
        World::sign(self, input).expect("a thread would wait for ever")
    }
}

impl blocking::Clock for World {
    fn now(&self) -> SystemTime {
        self.time().into()
    }

    fn sleep(&self, duration: Duration) {
        self.pass(duration);
    }
}

/// What a conversation asks for next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ask {
    Send,
    Sign,
    /// Until so many seconds after the epoch.
    Wait(i64),
    Done,
    Fail(Failure),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Failure {
    Transport,
    InDoubt,
    Misuse,
}

/// A conversation that asks for one thing after the other and notes what it is told.
pub(crate) struct Play {
    asks: VecDeque<Ask>,
    world: World,
}

impl Play {
    pub(crate) fn new(asks: impl IntoIterator<Item = Ask>, world: &World) -> Self {
        Self {
            asks: asks.into_iter().collect(),
            world: world.clone(),
        }
    }
}

impl Conversation for Play {
    type Output = &'static str;

    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<&'static str>, Error> {
        self.world
            .note(format!("{input:?} at {}", now.unix_timestamp()));
        Ok(match self.asks.pop_front().unwrap_or(Ask::Done) {
            Ask::Send => Step::Send(request()),
            Ask::Sign => Step::Sign(signing_input()),
            Ask::Wait(seconds) => Step::Wait(UtcDateTime::from_unix_timestamp(seconds).unwrap()),
            Ask::Done => Step::Done("done"),
            Ask::Fail(failure) => return Err(Error::from(failure.kind())),
        })
    }
}

impl Failure {
    fn kind(self) -> ErrorKind {
        match self {
            Self::Transport => ErrorKind::Transport,
            Self::InDoubt => ErrorKind::InDoubt,
            Self::Misuse => ErrorKind::Misuse(Misuse::Over),
        }
    }
}

/// A refresh by a client that proves who it is in this way.
pub(crate) fn refresh(authentication: ClientAuthentication) -> Call<TokenAnswer> {
    let endpoint = Endpoint::new("https://as.example/token?key=canary").unwrap();
    let server = ServerMetadata::default().with_token_endpoint(endpoint);
    let client = Client::new(server, "cid")
        .unwrap()
        .with_authentication(authentication);
    let token = RefreshToken::new("canary").unwrap();
    let mut random = || Ok([7; 32]);
    client
        .refresh(&token, &Scopes::default(), None, &mut random)
        .unwrap()
}

pub(crate) fn es256() -> ClientAuthentication {
    ClientAuthentication::PrivateKeyJwt(SigningKeyName::new(SigningAlgorithm::Es256, "key-1"))
}

fn request() -> Request {
    match refresh(ClientAuthentication::None).step(Input::Begin, UtcDateTime::UNIX_EPOCH) {
        Ok(Step::Send(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn signing_input() -> SigningInput {
    match refresh(es256()).step(Input::Begin, UtcDateTime::UNIX_EPOCH) {
        Ok(Step::Sign(input)) => input,
        other => panic!("{other:?}"),
    }
}
