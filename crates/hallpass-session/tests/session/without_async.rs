//! The same for callers that block: threads instead of tasks.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use hallpass_grant::token::{Scopes, TokenSet};
use hallpass_grant::{Lost, Request, Response};
use hallpass_http::blocking::{Clock, Transport};
use hallpass_http::{TransportError, TransportErrorKind};
use hallpass_session::blocking::{Driver, Session};
use hallpass_session::{Key, Owner, SessionError, Tokens};
use hallpass_store::MemoryStore;
use time::UtcDateTime;

use crate::support::{NOW, access, client, confidential, got, tokens};

/// A server and clocks that are the test's, and a store.
#[derive(Clone, Default)]
struct Machine {
    store: Arc<MemoryStore>,
    seconds: Arc<AtomicI64>,
    server: Arc<Server>,
}

#[derive(Default)]
struct Server {
    requests: AtomicUsize,
    is_down: AtomicUsize,
    held: Mutex<bool>,
    released: Condvar,
}

impl Machine {
    fn session(&self) -> Session {
        Session::new(
            self.store.clone(),
            Key::new("alice"),
            client("client"),
            self.driver(),
        )
    }

    /// With tokens that ended when the test began.
    fn after_login(seconds: i64) -> Self {
        let machine = Self::default();
        machine.seconds.store(-3600, Ordering::Relaxed);
        machine.session().save(&tokens("a", seconds)).unwrap();
        machine.seconds.store(0, Ordering::Relaxed);
        machine
    }

    fn driver(&self) -> Driver {
        Driver::new(self.clone()).with_clock(self.clone())
    }

    fn requests(&self) -> usize {
        self.server.requests.load(Ordering::Relaxed)
    }

    fn hold(&self, is_held: bool) {
        *self.server.held.lock().unwrap() = is_held;
        self.server.released.notify_all();
    }
}

impl Clock for Machine {
    fn now(&self) -> SystemTime {
        let seconds = NOW + self.seconds.load(Ordering::Relaxed);
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs())
    }

    fn steady(&self) -> Duration {
        let seconds = 7_200 + self.seconds.load(Ordering::Relaxed);
        Duration::from_secs(seconds.unsigned_abs())
    }

    fn sleep(&self, _: Duration) {
        thread::yield_now();
    }
}

impl Transport for Machine {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        let server = &self.server;
        let number = server.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let held = server.held.lock().unwrap();
        drop(server.released.wait_while(held, |held| *held).unwrap());
        if server.is_down.load(Ordering::Relaxed) > 0 {
            let kind = TransportErrorKind::Connect;
            return Err(TransportError::new(kind, Lost::NotSent, request.endpoint()));
        }
        let body = format!(
            r#"{{"access_token":"new-{number}-access","token_type":"bearer","expires_in":3600,"refresh_token":"new-{number}-refresh"}}"#
        );
        let response = Response::new(200).with_header("content-type", "application/json");
        Ok(response.with_body(body))
    }
}

/// What each of so many threads got, which asked at the same moment.
fn ask(session: &Session, threads: usize) -> Vec<Result<Tokens, SessionError>> {
    let barrier = Barrier::new(threads);
    thread::scope(|scope| {
        let ask = || {
            barrier.wait();
            session.tokens()
        };
        let asked: Vec<_> = (0..threads).map(|_| scope.spawn(ask)).collect();
        asked
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

#[test]
fn a_hundred_threads_at_expiry_cause_one_request() {
    let machine = Machine::after_login(0);
    for heard in ask(&machine.session(), 100) {
        assert_eq!(got(heard), "new-1-access");
    }
    assert_eq!(machine.requests(), 1);
    assert_eq!(got(machine.session().tokens()), "new-1-access");
}

#[test]
fn a_hundred_threads_with_the_server_down_cause_one_request_in_each_pause() {
    let machine = Machine::after_login(0);
    machine.server.is_down.store(1, Ordering::Relaxed);
    let session = machine.session();
    for expected in 1..=3 {
        for heard in ask(&session, 100) {
            assert!(matches!(heard, Err(SessionError::Provider(_))), "{heard:?}");
        }
        assert_eq!(machine.requests(), expected);
        machine.seconds.fetch_add(60, Ordering::Relaxed);
    }
}

#[test]
fn in_the_advisory_window_no_thread_waits() {
    let machine = Machine::after_login(200);
    let session = machine.session();
    machine.hold(true);
    machine.seconds.store(-200, Ordering::Relaxed);
    assert_eq!(got(session.tokens()), "a-access");
    machine.seconds.store(0, Ordering::Relaxed);
    for heard in ask(&session, 10) {
        assert_eq!(got(heard), "a-access");
    }
    machine.hold(false);
    session.settled();
    assert_eq!(got(session.tokens()), "new-1-access");
    assert_eq!(machine.requests(), 1);
}

#[test]
fn a_blocking_session_begins_is_refused_and_ends() {
    let machine = Machine::default();
    let session = machine.session();
    assert!(matches!(session.tokens(), Err(SessionError::Missing)));
    session.save(&tokens("a", 3600)).unwrap();
    assert_eq!(session.load().unwrap(), Some(tokens("a", 3600)));
    let first = session.tokens().unwrap();
    assert_eq!(access(&first), "a-access");
    assert_eq!(got(session.refused(&first.access_token)), "new-1-access");
    assert_eq!(got(session.refused(&first.access_token)), "new-1-access");
    assert_eq!(got(session.refresh()), "new-2-access");
    session.logout().unwrap();
    session.forget().unwrap();
    assert!(matches!(session.tokens(), Err(SessionError::Missing)));
    // Two refreshes and a revocation.
    assert_eq!(machine.requests(), 3);
}

#[test]
fn programs_of_their_own_and_providers_need_no_async_either() {
    let machine = Machine::default();
    let updates = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&updates);
    let (store, key) = (machine.store.clone(), Key::new("program"));
    let scopes = Scopes::parse("read").unwrap();
    let own = Session::client_credentials(store, key, confidential(), scopes, machine.driver())
        .on_update(move |_| {
            seen.fetch_add(1, Ordering::Relaxed);
        });
    for _ in 0..3 {
        assert_eq!(got(own.tokens()), "new-1-access");
    }
    assert_eq!(
        (machine.requests(), updates.load(Ordering::Relaxed)),
        (1, 1)
    );

    let provider = |last: Option<TokenSet>| {
        assert_eq!(last, None);
        Ok(Some(tokens("vault", 3600)))
    };
    let (store, key) = (machine.store.clone(), Key::new("vault"));
    let owner = Owner::named("vault");
    let provided = Session::provided(store, key, owner, provider, machine.driver());
    assert_eq!(got(provided.tokens()), "vault-access");
}

#[test]
fn a_provider_may_use_another_blocking_session() {
    let store = Arc::new(MemoryStore::new());
    let driver = || Driver::new(Unreachable);
    let given = || {
        let end = UtcDateTime::now() + Duration::from_secs(3600);
        Ok(Some(TokenSet::bearer("inner").unwrap().with_expiry(end)))
    };
    let owner = Owner::named("inner");
    let inner = Session::provided(
        store.clone(),
        Key::new("inner"),
        owner,
        move |_| given(),
        driver(),
    );
    let provider = move |_| Ok(inner.tokens().ok().map(|tokens| TokenSet::clone(&tokens)));
    let outer = Session::provided(
        store,
        Key::new("outer"),
        Owner::named("outer"),
        provider,
        driver(),
    );
    assert_eq!(
        outer.tokens().unwrap().access_token.expose_secret(),
        "inner"
    );
}

struct Unreachable;

impl Transport for Unreachable {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        let kind = TransportErrorKind::Connect;
        Err(TransportError::new(kind, Lost::NotSent, request.endpoint()))
    }
}
