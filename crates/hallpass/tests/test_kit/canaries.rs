//! No Debug and no message of the facade shows a secret, a code, a token or a proof, whatever the grant and whatever goes wrong.

use std::error::Error;
use std::fmt::Debug;
use std::sync::Arc;

use hallpass::driver::ReqwestTransport;
use hallpass::{
    Assertion, AuthorizationCodeCredentials, ClientCredentialsCredentials, ClientMetadata,
    DeviceCredentials, LegacyPasswordCredentials, Provider, ProviderError, TokenExchange,
    TokenTypeUri,
};
use hallpass_testkit::{
    Client, Config, Decision, Endpoint, Fault, GrantType, Injection, NamedFault, TestServer, User,
};

use crate::support::{
    Clock, REDIRECT_URI, dpop_key, http, provider_at, provider_through, scopes, test_key,
    with_token,
};

const CLIENT_SECRET: &str = "canary-client-secret";
const PASSWORD: &str = "canary-password";
const INITIAL: &str = "canary-initial-access-token";

fn config() -> Config {
    let everything = [
        GrantType::AuthorizationCode,
        GrantType::RefreshToken,
        GrantType::ClientCredentials,
        GrantType::Password,
        GrantType::DeviceCode,
        GrantType::TokenExchange,
    ];
    let client = Client::confidential("app", CLIENT_SECRET)
        .redirect_uri(REDIRECT_URI)
        .scopes(["read", "write"])
        .grant_types(everything);
    Config::new()
        .client(client)
        .user(User::new("carol", PASSWORD))
        .initial_access_token(INITIAL)
        .dpop_nonces(true)
}

/// Everything that was shown.
#[derive(Default)]
struct Shown(String);

impl Shown {
    fn value(&mut self, value: &impl Debug) {
        self.0 += &format!("{value:?} {value:#?}\n");
    }

    fn error(&mut self, error: &(dyn Error + 'static)) {
        for error in std::iter::successors(Some(error), |error| (*error).source()) {
            self.0 += &format!("{error} {error:?} {error:#?}\n");
        }
    }

    fn outcome<T: Debug>(&mut self, outcome: Result<T, ProviderError>) -> Option<T> {
        match outcome {
            Ok(value) => {
                self.value(&value);
                Some(value)
            }
            Err(error) => {
                self.error(&error);
                None
            }
        }
    }
}

fn app() -> AuthorizationCodeCredentials {
    AuthorizationCodeCredentials::new()
        .with_client_id("app")
        .with_client_secret(CLIENT_SECRET)
        .with_redirect_uri(REDIRECT_URI)
        .with_scopes(scopes("read write"))
}

/// A login, pushed and not, and all that comes after one.
async fn log_in(
    server: &TestServer,
    provider: &Provider,
    credentials: AuthorizationCodeCredentials,
    shown: &mut Shown,
) {
    let client = provider.client(credentials);
    let carol = User::new("carol", PASSWORD);
    for pushed in [false, true] {
        let begun = match pushed {
            false => client.authorization_url(),
            true => client.push_authorization_request().await,
        };
        let Some((url, pending)) = shown.outcome(begun) else {
            continue;
        };
        let Ok(callback) = server.consent(url.as_str(), &carol, &Decision::Allow) else {
            continue;
        };
        shown.value(&hallpass::Callback::from_url(&callback));
        let outcome = client.fetch_token(pending, callback.as_str()).await;
        let Some(tokens) = shown.outcome(outcome) else {
            continue;
        };
        let client = with_token(&client, tokens);
        shown.value(&client);
        if let Err(error) = client.send(http().get(server.resource_url())).await {
            shown.error(&error);
        }
        if let Some(tokens) = shown.outcome(client.refresh_token().await) {
            shown.outcome(with_token(&client, tokens).revoke_token().await);
        }
    }
}

/// One of everything that needs no key, with whatever is wrong at the server.
async fn visit(server: &Arc<TestServer>, provider: &Provider, shown: &mut Shown) {
    log_in(server, provider, app(), shown).await;

    let service = ClientCredentialsCredentials::new()
        .with_client_id("app")
        .with_client_secret(CLIENT_SECRET);
    let service = provider.client(service);
    if let Some(tokens) = shown.outcome(service.fetch_token().await) {
        shown.outcome(service.introspect(&tokens.access_token).await);
        let token = tokens.access_token.expose_secret();
        for wanted in [TokenTypeUri::ACCESS_TOKEN, TokenTypeUri::JWT] {
            let exchange = TokenExchange::new(TokenTypeUri::ACCESS_TOKEN, token)
                .with_actor(TokenTypeUri::ACCESS_TOKEN, token)
                .with_requested_type(wanted);
            shown.value(&exchange);
            shown.outcome(service.exchange_token(&exchange).await);
        }
    }
    let legacy = LegacyPasswordCredentials::new()
        .with_client_id("app")
        .with_client_secret(CLIENT_SECRET)
        .with_user("carol", PASSWORD);
    shown.value(&legacy);
    shown.outcome(provider.client(legacy).fetch_token().await);

    let device = DeviceCredentials::new()
        .with_client_id("app")
        .with_client_secret_in_body(CLIENT_SECRET);
    let device = provider.client(device);
    if let Some(begun) = shown.outcome(device.begin_device().await) {
        let code = begun.user_code.clone();
        let carol = User::new("carol", PASSWORD);
        let _ = server.approve_device(&code, &carol, &Decision::Allow);
        shown.outcome(device.fetch_token(&begun).await);
    }

    let initial = hallpass::AccessToken::new(INITIAL).unwrap();
    let metadata = ClientMetadata::new().with_redirect_uri("https://new.example/callback");
    if let Some(registered) = shown.outcome(provider.register(&metadata, Some(&initial)).await) {
        let mut update = registered.update(&metadata).unwrap();
        shown.value(&update);
        shown.outcome(provider.drive(&mut update).await);
        shown.outcome(provider.drive(&mut registered.read().unwrap()).await);
    }
}

/// The same with keys, which takes longer: signatures are slow where nothing is optimised.
async fn visit_with_keys(server: &Arc<TestServer>, provider: &Provider, shown: &mut Shown) {
    log_in(
        server,
        provider,
        app().with_dpop(dpop_key(test_key())),
        shown,
    )
    .await;
    let jwt = ClientCredentialsCredentials::new()
        .with_client_id("jwt")
        .with_private_key(test_key());
    let jwt = provider.client(jwt);
    shown.outcome(jwt.fetch_token().await);
    let assertion = Assertion::new(test_key(), "jwt").with_subject("carol");
    shown.value(&assertion);
    shown.outcome(jwt.fetch_token_by_assertion(assertion).await);
}

/// Everything secret that went either way: what is sent in a header or a form, and what comes back in a member or a redirect.
fn secrets(server: &TestServer) -> Vec<String> {
    const NAMES: [&str; 19] = [
        "access_token",
        "refresh_token",
        "code",
        "code_verifier",
        "code_challenge",
        "state",
        "device_code",
        "user_code",
        "request_uri",
        "client_secret",
        "client_assertion",
        "assertion",
        "subject_token",
        "actor_token",
        "token",
        "password",
        "registration_access_token",
        "dpop",
        "authorization",
    ];
    let is_secret = |name: &str| NAMES.iter().any(|own| own.eq_ignore_ascii_case(name));
    let mut found: Vec<String> = [CLIENT_SECRET, PASSWORD, INITIAL].map(str::to_owned).into();
    server.with(|server| {
        for exchange in server.journal() {
            let (request, response) = (&exchange.request, &exchange.response);
            let location = response.location().unwrap_or_default();
            let redirect = location.split(['?', '#']).skip(1);
            let redirect = redirect.flat_map(|part| form_urlencoded::parse(part.as_bytes()));
            let members: serde_json::Map<String, serde_json::Value> =
                serde_json::from_slice(&response.body).unwrap_or_default();
            let texts = members.into_iter();
            let texts = texts.filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
            found.extend(
                request
                    .form_parameters()
                    .into_iter()
                    .chain(request.query_parameters())
                    .chain(request.headers.iter().cloned())
                    .chain(redirect.map(|(name, value)| (name.into_owned(), value.into_owned())))
                    .chain(texts)
                    .filter(|(name, _)| is_secret(name))
                    .map(|(_, value)| value),
            );
        }
    });
    // With and without the scheme of a header; what is shorter stands in every text by chance.
    let bare = |text: String| text.rsplit(' ').next().unwrap_or("").to_owned();
    let mut found: Vec<String> = found.into_iter().map(bare).collect();
    found.retain(|text| text.len() >= 8);
    found.sort();
    found.dedup();
    found
}

async fn assert_silent(transport: &ReqwestTransport, faults: &[Injection], keyed: bool) -> usize {
    let server = Arc::new(TestServer::start(config()));
    let mut shown = Shown::default();
    let provider = provider_through(transport.clone(), Clock::new(&server)).await;
    for fault in faults {
        server.inject(fault.clone());
    }
    shown.value(&provider);
    visit(&server, &provider, &mut shown).await;
    if keyed {
        visit_with_keys(&server, &provider, &mut shown).await;
    }
    let secrets = secrets(&server);
    for secret in &secrets {
        assert!(
            !shown.0.contains(secret),
            "{faults:?}: {secret}\n{}",
            shown.0
        );
    }
    assert!(!shown.0.contains("canary"), "{faults:?}: {}", shown.0);
    secrets.len()
}

#[tokio::test]
async fn nothing_is_shown_where_all_goes_well() {
    // Else the harvest is no harvest.
    let transport = ReqwestTransport::new().unwrap();
    let seen = assert_silent(&transport, &[], true).await;
    assert!(seen > 60, "{seen}");
}

#[tokio::test]
async fn nothing_is_shown_whatever_goes_wrong() {
    let transport = ReqwestTransport::new().unwrap();
    let elsewhere = [
        Endpoint::PushedAuthorizationRequest,
        Endpoint::DeviceAuthorization,
        Endpoint::Introspection,
        Endpoint::Registration,
        Endpoint::Revocation,
    ];
    // One that never answers is waited for, and one GiB takes its time: their errors are those of the others.
    let slow = [NamedFault::Hang, NamedFault::GzipBomb];
    // Nobody here asks who the user is.
    let is_seen = |fault: &&NamedFault| !slow.contains(fault) && !fault.is_openid();
    let faults = NamedFault::ALL.iter().filter(is_seen);
    for fault in faults {
        // Metadata is read before anything goes wrong here: its own tests look at its errors.
        let keyed = ["DPoP", "Client assertion"].contains(&fault.place());
        assert_silent(&transport, &[fault.injection()], keyed).await;
    }
    for fault in [
        NamedFault::CloseBeforeAnswer,
        NamedFault::LoseAnswer,
        NamedFault::EndlessBody,
        NamedFault::WrongContentType,
        NamedFault::Redirect307,
        NamedFault::BadGateway,
    ] {
        let everywhere = elsewhere.map(|endpoint| fault.injection().at(endpoint));
        assert_silent(&transport, &everywhere, true).await;
    }
}

#[tokio::test]
async fn what_a_server_repeats_of_a_request_is_not_shown() {
    let server = Arc::new(TestServer::start(config()));
    let legacy = LegacyPasswordCredentials::new()
        .with_client_id("app")
        .with_client_secret(CLIENT_SECRET)
        .with_user("carol", PASSWORD);
    let client = provider_at(Clock::new(&server)).await.client(legacy);
    for secret in [CLIENT_SECRET, PASSWORD] {
        server.heal();
        server.inject(Fault::TokenError {
            error: "invalid_request".into(),
            description: format!("what is {secret}?"),
        });
        let mut shown = Shown::default();
        shown.outcome(client.fetch_token().await);
        assert!(shown.0.contains("withheld"), "{}", shown.0);
        assert!(!shown.0.contains("canary"), "{}", shown.0);
    }
}

#[tokio::test]
async fn a_call_that_is_lost_shows_neither_its_address_nor_its_token() {
    let server = Arc::new(TestServer::start(config()));
    let address = format!("{}?key=canary", server.resource_url());
    server.inject(Fault::CloseBeforeAnswer.at(Endpoint::Resource));
    let token = hallpass::AccessToken::new("canary-access").unwrap();
    let client = provider_at(Clock::new(&server))
        .await
        .client(ClientCredentialsCredentials::new().with_token(hallpass::TokenSet::new(token)));
    let mut shown = Shown::default();
    shown.error(&client.send(http().get(address)).await.unwrap_err());
    assert!(!shown.0.contains("canary"), "{}", shown.0);
}
