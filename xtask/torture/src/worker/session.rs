//! A holder of a session: it does what its input says, and tells each stage of a refresh.

use std::sync::Arc;
use std::time::Duration;

use hallpass_grant::ErrorKind;
use hallpass_http::{Driver, ReqwestTransport};
use hallpass_session::{End, Key, Session, SessionError, Timing, Tokens};
use tokio::signal::unix::{SignalKind, signal};

use super::{Words, say};
use crate::backend::Backend;
use crate::{strict, text};
use clock::Clock;
use gate::{Gate, Gated};
use orders::{Order, Orders};

mod clock;
mod gate;
mod orders;

pub(crate) use gate::Stage;

/// `store=`, `server=` (the token endpoint), `key=`, `request=` (how long a request may take, in ms), `gate=` (the stage at which it
/// waits for `go` the first time it comes there, or none).
pub(super) fn run(words: &Words) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(text)?;
    runtime.block_on(hold(words))
}

async fn hold(words: &Words) -> Result<(), String> {
    let request = Duration::from_millis(words.number("request")?);
    let gate = Arc::new(Gate::at(words.text("gate")?)?);
    let clock = Clock::default();
    let mut orders = Orders::read(Arc::clone(&gate), clock.clone());

    let backend = Backend::read(words.text("store")?)?;
    let store = loop {
        match backend.open().await {
            Ok(store) => break store,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    let transport = ReqwestTransport::builder()
        .without_proxy()
        .with_timeout(request)
        .build()
        .map_err(text)?;
    let transport = Gated::new(transport, Arc::clone(&gate));
    let session = Session::new(
        Arc::new(Gated::new(store, Arc::clone(&gate))),
        Key::new(words.text("key")?),
        strict::client(words.text("server")?)?,
        Driver::new(transport, clock.clone()),
    )
    .with_timing(Timing::of_request(request));
    let mut interrupted = signal(SignalKind::interrupt()).map_err(text)?;
    say("ready");

    let mut holder = Holder {
        session,
        gate,
        clock,
        last: None,
    };
    loop {
        let order = tokio::select! {
            order = orders.next() => order,
            _ = interrupted.recv() => return holder.settle().await,
        };
        // Who is interrupted gives up what it asked for, and the refresh goes on without it.
        tokio::select! {
            () = holder.obey(order) => {}
            _ = interrupted.recv() => return holder.settle().await,
        }
    }
}

/// For so long a session gives out again what it got for a refused token, should an API refuse that too.
const REFUSED_AGAIN: Duration = Duration::from_secs(11);

struct Holder {
    session: Session,
    gate: Arc<Gate>,
    clock: Clock,
    last: Option<Tokens>,
}

impl Holder {
    async fn obey(&mut self, order: Order) {
        match order {
            Order::Use => drop(self.use_it().await),
            Order::Refuse => drop(self.refuse().await),
            Order::Rotate => self.rotate().await,
        }
    }

    /// Asks for tokens.
    async fn use_it(&mut self) -> Result<(), SessionError> {
        self.gate.begin();
        let answer = self.session.tokens().await;
        self.answer(answer)
    }

    /// As one whose last token an API has refused.
    async fn refuse(&mut self) -> Result<(), SessionError> {
        self.gate.begin();
        self.clock.pass(REFUSED_AGAIN);
        let answer = match &self.last {
            Some(last) => self.session.refused(&last.access_token).await,
            None => self.session.tokens().await,
        };
        self.answer(answer)
    }

    /// Rotates until the session is over.
    async fn rotate(&mut self) {
        loop {
            match self.refuse().await {
                Ok(()) => {}
                Err(SessionError::Ended { .. } | SessionError::Missing) => return,
                // Whatever is away comes back.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }

    /// The end of a program that was interrupted: nothing is given up that was begun.
    async fn settle(self) -> Result<(), String> {
        say("interrupted");
        self.session.settled().await;
        say("settled");
        Ok(())
    }

    fn answer(&mut self, answer: Result<Tokens, SessionError>) -> Result<(), SessionError> {
        match answer {
            Ok(tokens) => {
                let refresh_token = tokens.refresh_token.as_ref();
                let shown = refresh_token.map_or("-", |token| token.expose_secret());
                // Until they are saved they are promised to nobody but this caller.
                let kind = if tokens.unsaved().is_none() {
                    "tokens"
                } else {
                    "unsaved"
                };
                say(&format!("{kind} {shown}"));
                self.last = Some(tokens);
                Ok(())
            }
            Err(error) => {
                say(&format!(
                    "error {} {}",
                    kind(&error),
                    text(&error).replace('\n', " ")
                ));
                Err(error)
            }
        }
    }
}

/// How an error is typed, in one word.
fn kind(error: &SessionError) -> &'static str {
    match error {
        SessionError::Missing => "missing",
        SessionError::Ended {
            how: End::InDoubt, ..
        } => "ended-in-doubt",
        SessionError::Ended {
            how: End::Refused, ..
        } => "ended-refused",
        SessionError::Provider(error) if *error.kind() == ErrorKind::InDoubt => "in-doubt",
        SessionError::Provider(_) => "provider",
        SessionError::NotBefore { .. } => "not-before",
        SessionError::Store(_) => "store",
        SessionError::Record(_) => "record",
        _ => "other",
    }
}
