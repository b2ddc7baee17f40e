//! A token endpoint that rotates.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hallpass_grant::{Lost, Request, Response};
use hallpass_http::{Transport, TransportError, TransportErrorKind};
use tokio::sync::watch;

/// A token endpoint: each refresh token is good once, and one that comes back ends them all. It does what it is told first.
pub(crate) struct Server {
    state: Mutex<State>,
    is_held: watch::Sender<bool>,
    requests: watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    answers: VecDeque<Answer>,
    always: Option<Answer>,
    issued: usize,
    refresh_token: Option<String>,
    has_revoked: Vec<String>,
    is_over: bool,
}

/// A way to it.
pub(crate) struct Wire(pub(crate) Arc<Server>);

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Response(Response),
    Lost(Lost),
    /// It does what it should, and the answer is lost.
    LostAfterwards,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            is_held: watch::Sender::new(false),
            requests: watch::Sender::new(0),
        }
    }
}

impl Server {
    /// What it answers next, in order.
    pub(crate) fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.lock().unwrap().answers.extend(answers);
    }

    /// What it answers from now on; `None`: what it should.
    pub(crate) fn answers_always(&self, answer: Option<Answer>) {
        self.state.lock().unwrap().always = answer;
    }

    /// It reads requests and answers none, until it is released.
    pub(crate) fn hold(&self) {
        self.is_held.send_replace(true);
    }

    pub(crate) fn release(&self) {
        self.is_held.send_replace(false);
    }

    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        *self.requests.borrow()
    }

    /// Waits until so many have come.
    pub(crate) async fn has_had(&self, requests: usize) {
        let mut seen = self.requests.subscribe();
        seen.wait_for(|seen| *seen >= requests).await.unwrap();
    }

    /// The refresh tokens that were revoked.
    pub(crate) fn has_revoked(&self) -> Vec<String> {
        self.state.lock().unwrap().has_revoked.clone()
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Response {
        let body = String::from_utf8(request.body().expose_secret().to_vec()).unwrap();
        let parameter = |name: &str| {
            let mut pairs = body.split('&').filter_map(|pair| pair.split_once('='));
            let found = pairs.find(|(key, _)| *key == name);
            found.map(|(_, value)| value.to_owned())
        };
        if let Some(token) = parameter("token") {
            self.has_revoked.push(token);
            return Response::new(200);
        }
        let token = parameter("refresh_token");
        let is_current = self.refresh_token.is_none() || self.refresh_token == token;
        if token.is_some() && (self.is_over || !is_current) {
            self.is_over = true;
            return response(400, r#"{"error":"invalid_grant"}"#);
        }
        self.issued += 1;
        let mut issued = set(&format!("new-{}", self.issued), 3600);
        if token.is_some() {
            let refresh_token = format!("new-{}-refresh", self.issued);
            issued = with_refresh(&issued, &refresh_token);
            self.refresh_token = Some(refresh_token);
        }
        response(200, &issued)
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let lost = |lost| {
            let kind = TransportErrorKind::Interrupted;
            TransportError::new(kind, lost, request.endpoint())
        };
        self.0.requests.send_modify(|requests| *requests += 1);
        tokio::task::yield_now().await;
        let mut is_held = self.0.is_held.subscribe();
        is_held.wait_for(|is_held| !*is_held).await.unwrap();
        let mut state = self.0.state.lock().unwrap();
        let told = state.answers.pop_front().or_else(|| state.always.clone());
        match told {
            None => Ok(state.answer(&request)),
            Some(Answer::Response(response)) => Ok(response),
            Some(Answer::Lost(how)) => Err(lost(how)),
            Some(Answer::LostAfterwards) => {
                let _ = state.answer(&request);
                Err(lost(Lost::MaybeSent))
            }
        }
    }
}

/// New tokens of that name that end in a minute.
pub(crate) fn refreshed(name: &str) -> Answer {
    refreshed_for(name, 60)
}

/// New tokens that end in so many seconds.
pub(crate) fn refreshed_for(name: &str, seconds: u32) -> Answer {
    answer(
        200,
        &with_refresh(&set(name, seconds), &format!("{name}-refresh")),
    )
}

pub(crate) fn answer(status: u16, body: &str) -> Answer {
    Answer::Response(response(status, body))
}

fn response(status: u16, body: &str) -> Response {
    let response = Response::new(status).with_header("content-type", "application/json");
    response.with_body(body.to_owned())
}

fn set(name: &str, seconds: u32) -> String {
    format!(r#"{{"access_token":"{name}-access","token_type":"bearer","expires_in":{seconds}}}"#)
}

fn with_refresh(set: &str, refresh_token: &str) -> String {
    set.replace('}', &format!(r#","refresh_token":"{refresh_token}"}}"#))
}
