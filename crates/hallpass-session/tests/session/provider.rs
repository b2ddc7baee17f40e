//! A way to tokens of the application's own.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hallpass_grant::Error;
use hallpass_grant::token::TokenSet;
use hallpass_session::{Key, Owner, Session, SessionError};

use crate::support::{World, access, got, tokens};

/// A provider that answers from a list, and remembers what it was given.
#[derive(Clone, Default)]
struct Vault(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    answers: Vec<Result<Option<TokenSet>, Error>>,
    last: Vec<Option<String>>,
    updates: usize,
}

impl Vault {
    fn of(answers: impl IntoIterator<Item = Result<Option<TokenSet>, Error>>) -> Self {
        let vault = Self::default();
        vault.0.lock().unwrap().answers.extend(answers);
        vault
    }

    fn session(&self, world: &World) -> Session {
        let (asked, updated) = (self.clone(), self.clone());
        let provider = move |last: Option<TokenSet>| {
            let mut kept = asked.0.lock().unwrap();
            kept.last
                .push(last.as_ref().map(|last| access(last).to_owned()));
            std::future::ready(kept.answers.remove(0))
        };
        let (store, key) = (world.store.clone(), Key::new("vault"));
        Session::provided(store, key, Owner::named("vault"), provider, world.driver())
            .on_update(move |_| updated.0.lock().unwrap().updates += 1)
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_gets_the_last_tokens_and_recovers_after_a_failure() {
    let world = World::default();
    let down = || Err(Error::transport("the vault is locked"));
    let vault = Vault::of([
        down(),
        Ok(Some(tokens("a", 60))),
        Ok(Some(tokens("b", 9_000))),
    ]);
    let session = vault.session(&world);
    let failed = session.tokens().await;
    assert!(
        matches!(failed, Err(SessionError::Provider(_))),
        "{failed:?}"
    );
    // The failure is remembered for a moment, and nobody is asked.
    assert!(session.tokens().await.is_err());
    world.clock.pass(Duration::from_secs(2)).await;
    assert_eq!(got(session.tokens().await), "a-access");
    world.clock.pass(Duration::from_secs(600)).await;
    assert_eq!(got(session.tokens().await), "b-access");
    let kept = vault.0.lock().unwrap();
    assert_eq!(kept.last, [None, None, Some("a-access".to_owned())]);
    assert_eq!(kept.updates, 2);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_has_nothing_updates_nothing_and_is_asked_again() {
    let world = World::default();
    let vault = Vault::of([Ok(None), Ok(Some(tokens("a", 9_000)))]);
    let session = vault.session(&world);
    let missing = session.tokens().await;
    assert!(matches!(missing, Err(SessionError::Missing)), "{missing:?}");
    assert_eq!(vault.0.lock().unwrap().updates, 0);
    assert_eq!(got(session.tokens().await), "a-access");
    assert_eq!(vault.0.lock().unwrap().updates, 1);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_callers_ask_a_provider_once() {
    let world = World::default();
    let vault = Vault::of([Ok(Some(tokens("a", 9_000)))]);
    let session = vault.session(&world);
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { session.tokens().await })
        })
        .collect();
    for caller in callers {
        assert_eq!(got(caller.await.unwrap()), "a-access");
    }
    assert_eq!(vault.0.lock().unwrap().last, [None]);
}

#[tokio::test(start_paused = true)]
async fn another_owners_tokens_are_not_used() {
    let world = World::default();
    let vault = Vault::of([Ok(Some(tokens("a", 9_000)))]);
    assert_eq!(got(vault.session(&world).tokens().await), "a-access");
    let (store, key) = (world.store.clone(), Key::new("vault"));
    let provider = |_| std::future::ready(Ok(None));
    let other = Owner::named("other");
    let other = Session::provided(store, key, other, provider, world.driver());
    let refused = other.tokens().await;
    assert!(
        matches!(refused, Err(SessionError::Record(_))),
        "{refused:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_has_nothing_now_takes_nothing_that_is_good() {
    let world = World::default();
    let vault = Vault::of([Ok(Some(tokens("a", 1000))), Ok(None), Ok(None)]);
    let session = vault.session(&world);
    assert_eq!(got(session.tokens().await), "a-access");
    world.clock.pass(Duration::from_secs(800)).await;
    for _ in 0..3 {
        assert_eq!(got(session.tokens().await), "a-access");
        session.settled().await;
    }
    assert_eq!(vault.0.lock().unwrap().last.len(), 2);
}
