//! The steps of a run, one after the other.

use std::sync::Arc;
use std::time::Duration;

use hallpass_http::{Driver, ReqwestTransport, TokioRuntime};
use hyper_util::server::graceful::GracefulShutdown;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use url::Url;

use crate::arguments::{Arguments, ClientAuth, Until};
use crate::endpoints::{CALLBACK, Endpoints, Event, FRONT_CHANNEL_LOGOUT, GOODBYE};
use crate::failure::Failure;
use crate::keys::Keys;
use crate::listener::Listener;
use crate::own::Own;
use crate::report::{Report, Step};
use crate::tls;
use crate::user_agent::{User, UserAgent};

/// What a run has at hand.
pub(crate) struct Program {
    pub(crate) arguments: Arguments,
    pub(crate) report: Arc<Report>,
    pub(crate) driver: Driver,
    pub(crate) keys: Keys,
    pub(crate) own: Own,
    pub(crate) endpoints: Option<Arc<Endpoints>>,
    events: mpsc::UnboundedReceiver<Event>,
    /// What was heard before anybody waited for it.
    heard: Vec<Event>,
    pub(crate) agent: Option<UserAgent>,
    /// Who has connected to our endpoints and may still wait for an answer.
    connected: Arc<GracefulShutdown>,
    listening: Option<JoinHandle<()>>,
}

/// How long the last answers may take.
const LAST_WORDS: Duration = Duration::from_secs(2);

impl Program {
    /// Reads the files, binds the socket.
    pub(crate) async fn prepare(
        arguments: Arguments,
        report: Arc<Report>,
    ) -> Result<Self, Failure> {
        let ca = arguments.ca.as_deref().map(tls::read).transpose()?;
        let keys = keys(&arguments)?;
        let driver = driver(&arguments, ca.as_deref())?.with_signer(keys.clone());
        let (listener, own) = listener(&arguments).await?;
        let path = |address: &Option<String>, usual: &str| {
            own.path_here(address.as_deref())
                .unwrap_or_else(|| usual.to_owned())
        };
        let (endpoints, events) = Endpoints::new(
            path(&own.redirect_uri, CALLBACK),
            path(&own.post_logout_redirect_uri, GOODBYE),
            keys.published(),
        );
        let connected = Arc::new(GracefulShutdown::new());
        let mut listening = None;
        let endpoints = listener.map(|listener| {
            let endpoints = Arc::new(endpoints);
            let served = listener.serve(endpoints.clone(), connected.clone());
            listening = Some(tokio::spawn(served));
            endpoints
        });
        if let Some(address) = own.endpoint("") {
            report.ok(Step::Setup, json!({"listening": address}));
        }
        let agent = match arguments.agent.headless {
            true => Some(agent(&arguments, ca.as_deref(), &own)?),
            false => None,
        };
        Ok(Self {
            arguments,
            report,
            driver,
            keys,
            own,
            endpoints,
            events,
            heard: Vec::new(),
            agent,
            connected,
            listening,
        })
    }

    /// Takes no more connections, and lets those who have asked hear how it ended.
    pub(crate) async fn close(self) {
        let Self {
            connected,
            listening,
            ..
        } = self;
        if let Some(listening) = listening {
            listening.abort();
            let _ = listening.await;
        }
        if let Some(connected) = Arc::into_inner(connected) {
            let _ = tokio::time::timeout(LAST_WORDS, connected.shutdown()).await;
        }
    }

    /// The first such event, of those that came before too. The others are kept.
    pub(crate) async fn until(&mut self, is_it: impl Fn(&Event) -> bool) -> Option<Event> {
        let patience = Duration::from_secs(self.arguments.agent.wait);
        self.within(patience, is_it).await
    }

    /// The same, but no longer than this.
    pub(crate) async fn within(
        &mut self,
        patience: Duration,
        is_it: impl Fn(&Event) -> bool,
    ) -> Option<Event> {
        if let Some(at) = self.heard.iter().position(&is_it) {
            return Some(self.heard.remove(at));
        }
        let (events, heard) = (&mut self.events, &mut self.heard);
        let found = async {
            loop {
                let event = events.recv().await?;
                if is_it(&event) {
                    return Some(event);
                }
                heard.push(event);
            }
        };
        tokio::time::timeout(patience, found).await.ok().flatten()
    }

    /// Whether this was the last step that was asked for.
    pub(crate) fn ends_with(&self, step: Until) -> bool {
        self.arguments.until == Some(step)
    }
}

fn keys(arguments: &Arguments) -> Result<Keys, Failure> {
    let client = &arguments.client;
    let keys = match &client.jwks {
        Some(file) => Keys::read(&tls::read(file)?)?,
        None => Keys::default(),
    };
    match (client.client_auth, &client.client_cert, &client.client_key) {
        (ClientAuth::SelfSignedCertificate, Some(certificate), Some(key)) if client.register => {
            keys.with_certificate(&tls::read(key)?, tls::x5c(certificate)?)
        }
        _ => Ok(keys),
    }
}

fn driver(arguments: &Arguments, ca: Option<&str>) -> Result<Driver, Failure> {
    let unusable = |error| Failure::of("the connection to the provider", error);
    let mut transport = ReqwestTransport::builder();
    if let Some(pem) = ca {
        transport = transport
            .with_root_certificate_pem(pem.as_bytes())
            .map_err(unusable)?;
    }
    if let (Some(certificate), Some(key)) =
        (&arguments.client.client_cert, &arguments.client.client_key)
    {
        let (certificate, key) = (tls::read(certificate)?, tls::read(key)?);
        transport = transport
            .with_client_certificate_pem(certificate.as_bytes(), key.as_bytes())
            .map_err(unusable)?;
    }
    Ok(Driver::new(
        transport.build().map_err(unusable)?,
        TokioRuntime,
    ))
}

async fn listener(arguments: &Arguments) -> Result<(Option<Listener>, Own), Failure> {
    let given = &arguments.listener;
    let Some(at) = place(arguments) else {
        return Ok((None, Own::new(arguments, None)));
    };
    let tls = match (&given.listen_cert, &given.listen_key) {
        (Some(certificate), Some(key)) => Some(tls::acceptor(certificate, key)?),
        _ => None,
    };
    let listener = Listener::bind(&at, tls).await?;
    let url = match &given.listen_url {
        Some(url) => url.clone(),
        None => listener.url()?,
    };
    Ok((Some(listener), Own::new(arguments, Some(url))))
}

/// Where to listen: where we are told to, or where a browser comes back to.
fn place(arguments: &Arguments) -> Option<String> {
    if let Some(given) = &arguments.listener.listen {
        return Some(given.clone());
    }
    let is_awaited = !matches!(
        arguments.until,
        Some(Until::Discovery | Until::Registration | Until::Keys)
    );
    if arguments.agent.headless || !is_awaited {
        return None;
    }
    let Some(redirect_uri) = &arguments.request.redirect_uri else {
        return Some("127.0.0.1:0".to_owned());
    };
    let url = Url::parse(redirect_uri)
        .ok()
        .filter(|url| url.scheme() == "http")?;
    let host = url.host_str()?;
    let is_here = ["127.0.0.1", "[::1]", "localhost"].contains(&host);
    is_here.then(|| format!("{host}:{}", url.port_or_known_default().unwrap_or(80)))
}

fn agent(arguments: &Arguments, ca: Option<&str>, own: &Own) -> Result<UserAgent, Failure> {
    let given = &arguments.agent;
    let user = match (&given.user, &given.password_file) {
        (Some(name), Some(file)) => Some(User {
            name: name.clone(),
            password: tls::secret(file)?,
        }),
        _ => None,
    };
    let agent = UserAgent::new(tls::user_agent(ca)?, user);
    Ok(agent.with_framed(own.endpoint(FRONT_CHANNEL_LOGOUT)))
}
