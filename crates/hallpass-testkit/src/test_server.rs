//! An [`AuthorizationServer`] behind a socket.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::sync::oneshot;

use crate::{
    AuthorizationServer, Config, ConsentError, Decision, Endpoint, Fault, FormPost, Injection,
    Request, Response, User, form, listener, loopback_client,
};

/// An [`AuthorizationServer`] on a free port of 127.0.0.1, in a thread of its own, until it is dropped.
///
/// It works in tests without a runtime and in tests with any.
#[derive(Debug)]
pub struct TestServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    base_url: String,
    #[cfg(feature = "tls")]
    ca_pem: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TestServer {
    /// Starts a server that speaks `http`.
    ///
    /// # Panics
    /// If the machine has no free port or no thread to give.
    pub fn start(config: Config) -> Self {
        let socket = bind(0).expect("127.0.0.1 has a free port");
        Self::listen(config, socket, "http", listener::Transport::Plain)
    }

    /// Starts a server that speaks `http` on this port of 127.0.0.1; 0 is any that is free.
    ///
    /// # Errors
    /// What the machine says of the port, for example that it is in use.
    ///
    /// # Panics
    /// If the machine has no thread to give.
    pub fn start_at(config: Config, port: u16) -> io::Result<Self> {
        let socket = bind(port)?;
        Ok(Self::listen(
            config,
            socket,
            "http",
            listener::Transport::Plain,
        ))
    }

    /// Starts a server that speaks `https` and shows this certificate.
    ///
    /// # Panics
    /// If the machine has no free port, no thread or no randomness to give.
    #[cfg(feature = "tls")]
    pub fn start_tls(config: Config, certificate: crate::Certificate) -> Self {
        let identity = crate::tls::Identity::new(certificate);
        let socket = bind(0).expect("127.0.0.1 has a free port");
        let transport = listener::Transport::Tls(identity.acceptor);
        let mut server = Self::listen(config, socket, "https", transport);
        server.ca_pem = Some(identity.ca_pem);
        server
    }

    fn listen(
        config: Config,
        socket: TcpListener,
        scheme: &str,
        transport: listener::Transport,
    ) -> Self {
        let address = socket.local_addr().expect("a bound socket has an address");
        let base_url = format!("{scheme}://{address}");
        let config = if config.issuer.is_some() {
            config
        } else {
            config.issuer(base_url.clone())
        };
        let shared = Arc::new(Shared::new(config));
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("hallpass-testkit".to_owned());
        let thread = thread.spawn(move || listener::run(socket, transport, served, stopped));
        Self {
            shared,
            address,
            base_url,
            #[cfg(feature = "tls")]
            ca_pem: None,
            stop: Some(stop),
            thread: Some(thread.expect("the machine has a thread to give")),
        }
    }

    /// The address it listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it is: `http://127.0.0.1:54321`, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The issuer: the [`base_url`](Self::base_url), unless the [`Config`] names another.
    pub fn issuer(&self) -> String {
        self.shared.lock().issuer().to_owned()
    }

    /// The URL of the authorization endpoint. It is at `/oauth2/authorize` too.
    pub fn authorization_endpoint(&self) -> String {
        format!("{}/oauth/authorize", self.base_url)
    }

    /// The URL of the token endpoint. It is at `/oauth2/token` too.
    pub fn token_endpoint(&self) -> String {
        format!("{}/oauth/token", self.base_url)
    }

    /// The URL of the endpoint for pushed authorization requests.
    pub fn pushed_authorization_request_endpoint(&self) -> String {
        format!("{}/oauth/par", self.base_url)
    }

    /// The URL of the device authorization endpoint.
    pub fn device_authorization_endpoint(&self) -> String {
        format!("{}/oauth/device_authorization", self.base_url)
    }

    /// The URL of the revocation endpoint.
    pub fn revocation_endpoint(&self) -> String {
        format!("{}/oauth/revoke", self.base_url)
    }

    /// The URL of the registration endpoint.
    pub fn registration_endpoint(&self) -> String {
        format!("{}/oauth/register", self.base_url)
    }

    /// The URL of the introspection endpoint.
    pub fn introspection_endpoint(&self) -> String {
        format!("{}/oauth/introspect", self.base_url)
    }

    /// The URL of the metadata document (RFC 8414). It is at `/.well-known/openid-configuration` too.
    pub fn metadata_url(&self) -> String {
        format!("{}/.well-known/oauth-authorization-server", self.base_url)
    }

    /// The URL of a resource for which any access token is good. `/pets` after it needs `read:pets` (for a POST
    /// `write:pets`), `/files` needs `file_requests.read`.
    pub fn resource_url(&self) -> String {
        format!("{}/resource", self.base_url)
    }

    /// The certificate authority to trust, as PEM; `None` for a server that speaks `http`. It has signed the certificate
    /// unless that is [`SelfSigned`](crate::Certificate::SelfSigned).
    #[cfg(feature = "tls")]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Plays a browser in which `user` opens this URL, logs in and decides; see [`AuthorizationServer::consent`].
    ///
    /// # Errors
    /// [`ConsentError`], when the browser never comes back to the client.
    pub fn consent(
        &self,
        authorization_url: &str,
        user: &User,
        decision: &Decision,
    ) -> Result<String, ConsentError> {
        let (_, query) = authorization_url.split_once('?').unwrap_or_default();
        let asked = form::pairs(query).filter_map(Result::ok);
        let asked: Vec<_> = asked.collect();
        self.shared.fetch(asked.iter());
        let mut server = self.shared.lock();
        let url = self.seen_by(&server, authorization_url);
        server.consent(&url, user, decision, self.shared.now())
    }

    /// The same for `response_mode=form_post`; see [`AuthorizationServer::consent_by_post`].
    ///
    /// # Errors
    /// [`ConsentError`], when the browser never comes back to the client.
    pub fn consent_by_post(
        &self,
        authorization_url: &str,
        user: &User,
        decision: &Decision,
    ) -> Result<FormPost, ConsentError> {
        let (_, query) = authorization_url.split_once('?').unwrap_or_default();
        let asked = form::pairs(query).filter_map(Result::ok);
        let asked: Vec<_> = asked.collect();
        self.shared.fetch(asked.iter());
        let mut server = self.shared.lock();
        let url = self.seen_by(&server, authorization_url);
        server.consent_by_post(&url, user, decision, self.shared.now())
    }

    /// Plays a browser in which `user` connects a device; see [`AuthorizationServer::approve_device`].
    ///
    /// # Errors
    /// [`ConsentError`], when the user never gets to decide.
    pub fn approve_device(
        &self,
        user_code_or_uri: &str,
        user: &User,
        decision: &Decision,
    ) -> Result<(), ConsentError> {
        let mut server = self.shared.lock();
        let device = self.seen_by(&server, user_code_or_uri);
        server.approve_device(&device, user, decision, self.shared.now())
    }

    /// Ends every session of a user; see [`AuthorizationServer::log_out_user`]. The logout tokens of clients on a loopback IP
    /// have been posted when it returns.
    pub fn log_out_user(&self, user: &str) -> Vec<String> {
        let frames = self.shared.lock().log_out_user(user, self.shared.now());
        self.shared.post_logouts();
        frames
    }

    /// Switches a fault on; see [`AuthorizationServer::inject`].
    pub fn inject(&self, fault: impl Into<Injection>) {
        self.shared.lock().inject(fault);
    }

    /// Switches this fault off.
    pub fn remove(&self, fault: &Fault) {
        self.shared.lock().remove(fault);
    }

    /// Switches every fault off.
    pub fn heal(&self) {
        self.shared.lock().heal();
    }

    /// The requests so far, the oldest first, also those of [`consent`](Self::consent).
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests()
    }

    /// The requests to this endpoint so far, the oldest first.
    pub fn requests_to(&self, endpoint: Endpoint) -> Vec<Request> {
        self.shared.lock().requests_to(endpoint)
    }

    /// Looks at the server, or changes it, between two requests. Another method of this `TestServer` must not be called
    /// from within: it would wait for ever.
    pub fn with<T>(&self, look: impl FnOnce(&mut AuthorizationServer) -> T) -> T {
        look(&mut self.shared.lock())
    }

    /// Puts the server's clock forward, so that what lives shorter has expired.
    pub fn advance(&self, time: Duration) {
        let mut ahead = self
            .shared
            .ahead
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *ahead = ahead.saturating_add(time);
    }

    /// The server's clock, in seconds since 1970.
    pub fn now(&self) -> u64 {
        self.shared.now()
    }

    /// The URL as it would be if the server were where its issuer is.
    fn seen_by(&self, server: &AuthorizationServer, url: &str) -> String {
        match url.strip_prefix(&self.base_url) {
            Some(rest) => format!("{}{rest}", server.issuer()),
            None => url.to_owned(),
        }
    }
}

fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
}

impl Drop for TestServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that has panicked has said so already.
            let _ = thread.join();
        }
    }
}

/// What the thread and the test both hold.
#[derive(Debug)]
pub(crate) struct Shared {
    server: Mutex<AuthorizationServer>,
    /// How far the server's clock is ahead of the machine's.
    ahead: Mutex<Duration>,
}

impl Shared {
    fn new(config: Config) -> Self {
        Self {
            server: Mutex::new(AuthorizationServer::new(config)),
            ahead: Mutex::default(),
        }
    }

    /// Before it, what the request says is elsewhere is fetched; after it, what clients are to be told is posted.
    pub(crate) fn respond(&self, request: &Request) -> Response {
        let asked = [request.query_parameters(), request.form_parameters()];
        self.fetch(asked.iter().flatten());
        let response = self.lock().respond(request, self.now());
        self.post_logouts();
        response
    }

    /// The request objects that these parameters name, from loopback alone.
    fn fetch<'a>(&self, parameters: impl Iterator<Item = &'a (String, String)>) {
        let uris = parameters.filter(|(name, _)| name == "request_uri");
        for (_, uri) in uris {
            if let Some(compact) = loopback_client::get(uri) {
                self.lock().host_request_object(uri, compact.trim());
            }
        }
    }

    fn post_logouts(&self) {
        let logouts = self.lock().take_back_channel_logouts();
        for logout in logouts {
            let form = form::encode([("logout_token", logout.logout_token.as_str())]);
            // Whoever is not there is not told.
            let _ = loopback_client::post_form(&logout.uri, &form);
        }
    }

    /// A test that panics inside `with` must not take the server from the others.
    fn lock(&self) -> MutexGuard<'_, AuthorizationServer> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        let ahead = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let clock = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        clock.saturating_add(ahead).as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_can_be_shared_between_threads() {
        fn is_shared<T: Send + Sync + 'static>() {}
        is_shared::<TestServer>();
        is_shared::<AuthorizationServer>();
    }
}
