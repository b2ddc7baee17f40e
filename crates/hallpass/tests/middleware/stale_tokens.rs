//! A token that the API takes no more is replaced, and the request goes out once more.

use std::sync::Arc;
use std::time::Duration;

use hallpass::store::MemoryStore;
use hallpass::{
    AuthorizationCodeCredentials, Client, ClientCredentialsCredentials, Issuer, Key, Provider,
    Recovery, Scopes, SecurityError, Session,
};
use hallpass_testkit::{Config, Decision, Endpoint, NamedFault, TestServer, User};

use crate::api::Api;
use crate::support::{BOTH, Call, Failure, Renewable, get, oauth, post, token};

async fn session(server: &TestServer) -> Session {
    let issuer = Issuer::new(server.issuer()).unwrap();
    let provider = Provider::discover("OAuthACG", issuer).await.unwrap();
    let client = provider.client(
        AuthorizationCodeCredentials::new()
            .with_client_id("native")
            .with_redirect_uri("http://127.0.0.1/callback")
            .with_scopes(Scopes::parse("read").unwrap()),
    );
    let (url, pending) = client.authorization_url().unwrap();
    let callback = server.consent(url.as_str(), &User::alice(), &Decision::Allow);
    let tokens = client
        .fetch_token(pending, callback.unwrap().as_str())
        .await;
    let session = client.session(Arc::new(MemoryStore::new()), Key::new("alice"));
    let session = session.unwrap();
    session.save(&tokens.unwrap()).await.unwrap();
    session
}

/// The server says that the token has ended, and this machine's clock does not know.
fn make_stale(server: &TestServer) {
    server.advance(Duration::from_secs(2 * 3600));
}

fn asked(server: &TestServer, endpoint: Endpoint) -> usize {
    server.requests_to(endpoint).len()
}

#[tokio::test]
async fn a_stale_token_is_refreshed_and_the_request_goes_out_once_more() {
    for adapter in BOTH {
        let server = TestServer::start(Config::new());
        let session = session(&server).await;
        let security = oauth(&server.resource_url(), session);
        make_stale(&server);
        let logins = asked(&server, Endpoint::Token);
        for (call, requests) in [
            (post(server.resource_url(), "a=1"), 2),
            (get(server.resource_url()), 3),
        ] {
            let answer = adapter.send(&security, call).await.unwrap();
            assert_eq!(answer.0, 200, "{adapter:?}");
            assert_eq!(asked(&server, Endpoint::Resource), requests);
        }
        assert_eq!(asked(&server, Endpoint::Token), logins + 1);
        let sent = server.requests_to(Endpoint::Resource);
        assert_eq!((&*sent[0].body, &*sent[1].body), (&b"a=1"[..], &b"a=1"[..]));
        let tokens = [0, 1].map(|at| sent[at].header("authorization").unwrap());
        assert_ne!(tokens[0], tokens[1]);
    }
}

#[tokio::test]
async fn twenty_requests_with_one_stale_token_cost_one_refresh() {
    for adapter in BOTH {
        let server = Arc::new(TestServer::start(Config::new()));
        let session = session(&server).await;
        let security = oauth(&server.resource_url(), session);
        make_stale(&server);
        let logins = asked(&server, Endpoint::Token);
        let calls: Vec<_> = (0..20)
            .map(|_| {
                let (security, call) = (security.clone(), get(server.resource_url()));
                tokio::spawn(async move { adapter.send(&security, call).await.unwrap().0 })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.unwrap(), 200, "{adapter:?}");
        }
        assert_eq!(asked(&server, Endpoint::Token), logins + 1);
        assert_eq!(server.with(|server| server.reuses()), 0);
    }
}

#[tokio::test]
async fn a_session_that_has_ended_is_told_with_what_to_do_next() {
    for adapter in BOTH {
        let server = TestServer::start(Config::new());
        let session = session(&server).await;
        let security = oauth(&server.resource_url(), session);
        make_stale(&server);
        server.inject(NamedFault::RefreshInvalidGrant);
        let failed = adapter.send(&security, get(server.resource_url())).await;
        let Err(Failure::Security(SecurityError::Unmet(unmet))) = failed else {
            panic!("{failed:?}")
        };
        let provider = unmet.causes()[0].provider().unwrap();
        assert_eq!(provider.recovery(), Recovery::Reauthorize);
        assert_eq!(unmet.refused(), [["OAuthACG"]]);
        assert_eq!(asked(&server, Endpoint::Resource), 1);
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_refreshed_leaves_the_answer_as_it_is() {
    for adapter in BOTH {
        let (server, api) = (TestServer::start(Config::new()), refusing());
        let session = session(&server).await;
        session.save(&token("alone")).await.unwrap();
        let logins = asked(&server, Endpoint::Token);
        let security = oauth(&api.url("/"), session);
        for requests in [1, 2] {
            let answer = adapter.send(&security, get(api.url("/"))).await.unwrap();
            assert_eq!((answer.0, api.heard().len()), (401, requests));
        }
        assert_eq!(asked(&server, Endpoint::Token), logins);
    }
}

#[tokio::test]
async fn an_api_that_refuses_the_new_token_too_costs_one_refresh() {
    for adapter in BOTH {
        let (server, api) = (TestServer::start(Config::new()), refusing());
        let session = session(&server).await;
        let logins = asked(&server, Endpoint::Token);
        let security = oauth(&api.url("/"), session);
        for requests in [2, 3, 4] {
            let answer = adapter.send(&security, get(api.url("/"))).await.unwrap();
            assert_eq!((answer.0, api.heard().len()), (401, requests));
        }
        assert_eq!(asked(&server, Endpoint::Token), logins + 1);
    }
}

#[tokio::test]
async fn a_programs_own_token_is_replaced_once_for_all_its_requests() {
    for adapter in BOTH {
        let server = Arc::new(TestServer::start(Config::new()));
        let issuer = Issuer::new(server.issuer()).unwrap();
        let provider = Provider::discover("OAuthCCG", issuer).await.unwrap();
        let credentials = ClientCredentialsCredentials::new()
            .with_client_id("service")
            .with_client_secret("service-secret");
        let (client, store) = (provider.client(credentials), Arc::new(MemoryStore::new()));
        let session = client.session(store, Key::new("service")).unwrap();
        let security = oauth(&server.resource_url(), session);
        for requests in [1, 2] {
            let calls = (0..8).map(|_| {
                let (security, call) = (security.clone(), get(server.resource_url()));
                tokio::spawn(async move { adapter.send(&security, call).await.unwrap().0 })
            });
            for call in calls.collect::<Vec<_>>() {
                assert_eq!(call.await.unwrap(), 200, "{adapter:?}");
            }
            assert_eq!(asked(&server, Endpoint::Token), requests);
            make_stale(&server);
        }
    }
}

fn refusing() -> Api {
    Api::saying(401, "www-authenticate", r#"Bearer error="invalid_token""#)
}

#[tokio::test]
async fn a_token_that_nobody_can_replace_is_sent_once() {
    for adapter in BOTH {
        let api = refusing();
        let client = service().with_token(token("stale"));
        for security in [
            oauth(&api.url("/"), token("stale")),
            oauth(&api.url("/"), client),
        ] {
            let before = api.heard().len();
            let answer = adapter.send(&security, get(api.url("/"))).await.unwrap();
            assert_eq!(answer.0, 401);
            assert_eq!(
                answer.1["www-authenticate"],
                r#"Bearer error="invalid_token""#
            );
            assert_eq!(api.heard().len(), before + 1);
        }
    }
}

fn service() -> Client<hallpass::ClientCredentials> {
    Provider::new("server", Default::default())
        .unwrap()
        .client(ClientCredentialsCredentials::new())
}

#[tokio::test]
async fn a_token_that_is_refused_again_is_not_replaced_again() {
    for adapter in BOTH {
        let api = Api::saying(401, "www-authenticate", "Bearer");
        let source = Renewable::default();
        let security = oauth(&api.url("/"), source.clone());
        let call = post(api.url("/"), "a=1");
        assert_eq!(adapter.send(&security, call).await.unwrap().0, 401);
        assert_eq!((api.heard().len(), source.refusals()), (2, 1));
        assert_eq!(api.heard()[1].header("authorization"), Some("Bearer fresh"));
    }
}

#[tokio::test]
async fn what_no_other_token_would_mend_is_asked_once() {
    for (status, challenge) in [
        (403, r#"Bearer error="insufficient_scope", scope="admin""#),
        (401, r#"Bearer error="insufficient_scope""#),
        (
            401,
            r#"Bearer error="insufficient_user_authentication", max_age="5""#,
        ),
        (401, r#"Bearer error="invalid_request""#),
        (400, r#"Bearer error="invalid_token""#),
        (500, "Bearer"),
    ] {
        for adapter in BOTH {
            let api = Api::saying(status, "www-authenticate", challenge);
            let source = Renewable::default();
            let security = oauth(&api.url("/"), source.clone());
            let answer = adapter.send(&security, get(api.url("/"))).await.unwrap();
            assert_eq!(answer.0, status);
            assert_eq!(
                (api.heard().len(), source.refusals()),
                (1, 0),
                "{challenge}"
            );
        }
    }
}

#[tokio::test]
async fn a_request_that_has_a_token_already_is_not_sent() {
    for adapter in BOTH {
        let api = Api::friendly();
        let call = Call {
            headers: vec![("authorization", "Bearer own")],
            ..get(api.url("/"))
        };
        let failed = adapter.send(&oauth(&api.url("/"), token("t")), call).await;
        assert!(
            matches!(
                failed,
                Err(Failure::Security(SecurityError::Occupied { .. }))
            ),
            "{failed:?}"
        );
        assert!(api.heard().is_empty());
    }
}

#[tokio::test]
async fn an_api_that_is_not_there_is_not_a_refusal() {
    for adapter in BOTH {
        let url = "http://127.0.0.1:1/";
        let source = Renewable::default();
        let failed = adapter.send(&oauth(url, source.clone()), get(url)).await;
        assert!(
            matches!(&failed, Err(Failure::Send(text)) if !text.contains("stale")),
            "{failed:?}"
        );
        assert_eq!(source.refusals(), 0);
    }
}
