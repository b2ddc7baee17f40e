//! Tokens that are kept, and had again without a person.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hallpass::store::MemoryStore;
use hallpass::{
    Client, ClientCredentials, ErrorKind, Event, Key, Misuse, Origin, Owner, Provider,
    ProviderError, Recovery, Scheme, Security, ServerMetadata, Session, SessionError, TokenSet,
    blocking,
};
use hallpass_testkit::{Config, Endpoint, NamedFault, TestServer};

use crate::support::{Keys, dpop_key, http, provider_of, service, test_key};

fn started() -> Arc<TestServer> {
    Arc::new(TestServer::start(Config::new()))
}

async fn client(server: &Arc<TestServer>) -> Client<ClientCredentials> {
    provider_of(server).await.client(service())
}

fn kept(client: &Client<ClientCredentials>) -> Session {
    let store = Arc::new(MemoryStore::new());
    client.session(store, Key::new("service")).unwrap()
}

fn asked(server: &TestServer) -> usize {
    server.requests_to(Endpoint::Token).len()
}

async fn access(session: &Session) -> String {
    let tokens = session.tokens().await.unwrap();
    tokens.access_token.expose_secret().to_owned()
}

#[tokio::test]
async fn three_calls_of_a_program_cause_one_request_and_one_update() {
    let server = started();
    let updates = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&updates);
    let session = kept(&client(&server).await).on_update(move |tokens: &TokenSet| {
        told.lock().unwrap().push(tokens.access_token.clone());
    });
    let first = session.tokens().await.unwrap();
    for _ in 0..2 {
        let again = session.tokens().await.unwrap();
        assert_eq!(again.access_token, first.access_token);
    }
    assert_eq!(asked(&server), 1);
    assert_eq!(*updates.lock().unwrap(), vec![first.access_token.clone()]);
    assert!(!session.needs_login());
}

#[tokio::test]
async fn eight_calls_at_the_same_time_cause_one_request() {
    let server = started();
    let session = kept(&client(&server).await);
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { access(&session).await })
        })
        .collect();
    let mut got = Vec::new();
    for call in calls {
        got.push(call.await.unwrap());
    }
    got.dedup();
    assert_eq!((got.len(), asked(&server)), (1, 1));
}

#[tokio::test]
async fn a_program_with_nothing_to_prove_itself_with_sends_nothing() {
    let server = started();
    let credentials = hallpass::ClientCredentialsCredentials::new();
    let provider = provider_of(&server).await;
    let nameless = provider.client(credentials.clone());
    let store = Arc::new(MemoryStore::new());
    let error = nameless.session(store, Key::new("service")).unwrap_err();
    assert_eq!(
        error.kind(),
        &ErrorKind::Misuse(Misuse::Missing("client id"))
    );

    let session = kept(&provider.client(credentials.with_client_id("service")));
    let error = session.tokens().await.unwrap_err();
    assert!(
        matches!(&error, SessionError::Provider(own) if matches!(own.kind(), ErrorKind::Misuse(Misuse::Missing(_)))),
        "{error:?}"
    );
    assert_eq!(error.recovery(), Recovery::Fix);
    assert_eq!(asked(&server), 0);
}

#[tokio::test]
async fn a_programs_token_is_got_again_ahead_of_its_end_while_it_is_used() {
    let server = started();
    let events = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&events);
    let session = kept(&client(&server).await)
        .on_event(move |event| told.lock().unwrap().push(event))
        .with_recheck(Duration::MAX);
    let first = access(&session).await;
    events.lock().unwrap().clear();
    // Two minutes before the end of its hour.
    server.advance(Duration::from_secs(3480));
    assert_eq!(access(&session).await, first);
    session.settled().await;
    assert_ne!(access(&session).await, first);
    assert_eq!(asked(&server), 2);
    let events = events.lock().unwrap();
    assert!(events.contains(&Event::Obtained) && events.contains(&Event::Saved));
}

#[tokio::test]
async fn a_provider_gets_the_last_token_and_recovers_after_a_failure() {
    let server = started();
    let client = client(&server).await;
    let (last, updates) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
    let (seen, counted, asking) = (Arc::clone(&last), Arc::clone(&updates), client.clone());
    let provider = move |before: Option<TokenSet>| {
        let before = before.map(|own| own.access_token.expose_secret().to_owned());
        seen.lock().unwrap().push(before);
        let client = asking.clone();
        async move { client.fetch_token().await.map(Some) }
    };
    let store = Arc::new(MemoryStore::new());
    let session = client.session_by(store, Key::new("mine"), provider);
    let session = session.unwrap().on_update(move |_| {
        *counted.lock().unwrap() += 1;
    });
    server.inject(NamedFault::BadGateway);
    let failed = session.tokens().await.unwrap_err();
    assert!(
        matches!(failed.recovery(), Recovery::Retry { .. }),
        "{failed:?}"
    );
    assert_eq!(*updates.lock().unwrap(), 0);

    server.heal();
    server.advance(Duration::from_secs(60));
    let first = access(&session).await;
    server.advance(Duration::from_secs(4000));
    let second = access(&session).await;
    assert_ne!(first, second);
    assert_eq!(*last.lock().unwrap(), [None, None, Some(first)]);
    assert_eq!(*updates.lock().unwrap(), 2);
}

#[tokio::test]
async fn a_provider_that_has_nothing_updates_nothing() {
    let server = started();
    let nothing = |_| std::future::ready(Ok::<_, ProviderError>(None));
    let client = client(&server).await;
    let store = Arc::new(MemoryStore::new());
    let session = client.session_by(store, Key::new("mine"), nothing).unwrap();
    let session = session.on_update(|_| panic!("there is nothing"));
    let error = session.tokens().await.unwrap_err();
    assert!(matches!(error, SessionError::Missing), "{error:?}");
    assert_eq!(asked(&server), 0);
}

#[tokio::test]
async fn tokens_of_no_client_are_put_on_requests_too() {
    let server = started();
    let client = client(&server).await;
    let (asking, driver) = (client.clone(), kept(&client).driver().clone());
    let provider = move |_| {
        let client = asking.clone();
        async move { client.fetch_token().await.map(Some) }
    };
    let (store, owner) = (Arc::new(MemoryStore::new()), Owner::named("vault"));
    let session = Session::provided(store, Key::new("vault"), owner, provider, driver);
    assert_eq!(called(&server, session).await, 200);
}

#[tokio::test]
async fn tokens_bound_to_a_key_go_with_a_proof_however_they_were_got() {
    let server = started();
    let key = dpop_key(test_key());
    let bound = provider_of(&server).await.with_signer(Keys);
    let bound = bound.client(service().with_dpop(key));
    let asking = bound.clone();
    let provider = move |_| {
        let client = asking.clone();
        async move { client.fetch_token().await.map(Some) }
    };
    let store = Arc::new(MemoryStore::new());
    let by_another_grant = bound.session_by(store, Key::new("mine"), provider).unwrap();
    for session in [kept(&bound), by_another_grant] {
        assert_eq!(called(&server, session).await, 200);
    }
    let sent = server.requests_to(Endpoint::Resource);
    assert!(sent.iter().all(|sent| sent.header("dpop").is_some()));
}

/// What the resource answers to a request with the session's token.
async fn called(server: &TestServer, session: Session) -> u16 {
    let origin = Origin::new(server.base_url()).unwrap();
    let scheme = Scheme::oauth("OAuthCCG", origin, session).unwrap();
    let request = http().get(server.resource_url());
    let authorised = Security::from(scheme).authorize_reqwest(request).await;
    authorised.unwrap().0.send().await.unwrap().status().into()
}

#[test]
fn a_program_without_async_keeps_its_token_too() {
    let server = started();
    let token_endpoint = hallpass::Endpoint::new(server.token_endpoint()).unwrap();
    let metadata = ServerMetadata::default().with_token_endpoint(token_endpoint);
    let client = Provider::new("OAuthCCG", metadata)
        .unwrap()
        .client(service());
    let driver = blocking::Driver::new(blocking::ReqwestTransport::new().unwrap());
    let store = Arc::new(MemoryStore::new());
    let session = client.blocking_session(store, Key::new("service"), driver);
    let session = session.unwrap();
    let first = session.tokens().unwrap();
    assert_eq!(session.tokens().unwrap().access_token, first.access_token);
    assert_eq!(asked(&server), 1);
}
