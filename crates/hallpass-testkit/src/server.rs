//! The authorization server: a function of a request, its state and the time.

use std::collections::BTreeMap;

use crate::{
    BackChannelLogout, Config, Endpoint, Exchange, Fault, Injection, Request, Response,
    assertion::Assertions, device::Devices, dpop::Proofs, fault_set::FaultSet, journal::Journal,
    ledger::Ledger, pushed_request::PushedRequests, random::Random, registration::Registrations,
    request_object::RequestObjects, session::Sessions, signing_keys::SigningKeys,
};

/// An OAuth 2.0 authorization server, and a resource that takes its tokens.
///
/// It reads no clock and no socket: [`respond`](Self::respond) is handed both, and two servers that are asked the same give
/// the same answers, tokens too. `TestServer` puts a listener before one.
///
/// It is for tests and demos. Its codes and tokens can be computed by whoever knows its seed, it keeps passwords as they
/// are, and it never forgets: do not run it for anything that matters.
#[derive(Debug)]
pub struct AuthorizationServer {
    pub(crate) config: Config,
    pub(crate) random: Random,
    pub(crate) sessions: Sessions,
    pub(crate) ledger: Ledger,
    pub(crate) assertions: Assertions,
    pub(crate) devices: Devices,
    pub(crate) pushed: PushedRequests,
    pub(crate) proofs: Proofs,
    pub(crate) registrations: Registrations,
    pub(crate) request_objects: RequestObjects,
    pub(crate) signing_keys: SigningKeys,
    pub(crate) back_channel: Vec<BackChannelLogout>,
    pub(crate) faults: FaultSet,
    journal: Journal,
    counts: BTreeMap<Endpoint, usize>,
}

impl AuthorizationServer {
    /// A server that nobody has asked anything yet.
    pub fn new(config: Config) -> Self {
        Self {
            random: Random::new(config.seed, config.own_issuer()),
            config,
            sessions: Sessions::default(),
            ledger: Ledger::default(),
            assertions: Assertions::default(),
            devices: Devices::default(),
            pushed: PushedRequests::default(),
            proofs: Proofs::default(),
            registrations: Registrations::default(),
            request_objects: RequestObjects::default(),
            signing_keys: SigningKeys::default(),
            back_channel: Vec::new(),
            faults: FaultSet::default(),
            journal: Journal::default(),
            counts: BTreeMap::new(),
        }
    }

    /// Answers a request that comes at `now`, in seconds since 1970.
    ///
    /// A request that is wrong gets an answer that says so; there is none that this cannot answer.
    pub fn respond(&mut self, request: &Request, now: u64) -> Response {
        let response = self.answer(request, now);
        let exchange = Exchange {
            request: request.clone(),
            response: response.clone(),
            at: now,
        };
        self.journal.record(exchange);
        response
    }

    /// Switches a fault on: `inject(Fault::StateMissing)`, `inject(Fault::Hang.at(Endpoint::Metadata).once())`.
    pub fn inject(&mut self, fault: impl Into<Injection>) {
        self.faults.inject(fault.into());
    }

    /// Switches this fault off, wherever and however often it was on.
    pub fn remove(&mut self, fault: &Fault) {
        self.faults.remove(fault);
    }

    /// Switches every fault off.
    pub fn heal(&mut self) {
        self.faults.clear();
    }

    /// The faults that are on; one that was injected twice comes twice.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.faults.active()
    }

    /// What was asked and answered so far, the oldest first; the newest 10,000 are kept.
    pub fn journal(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.journal.exchanges()
    }

    /// The requests so far, the oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.journal()
            .map(|exchange| exchange.request.clone())
            .collect()
    }

    /// The requests to this endpoint so far, the oldest first.
    pub fn requests_to(&self, endpoint: Endpoint) -> Vec<Request> {
        let requests = self.journal().map(|exchange| &exchange.request);
        requests
            .filter(|request| Self::endpoint_of(request.path()) == Some(endpoint))
            .cloned()
            .collect()
    }

    /// How many requests came to this endpoint so far, those that the journal no longer keeps too.
    pub fn count_of(&self, endpoint: Endpoint) -> usize {
        self.counts.get(&endpoint).copied().unwrap_or_default()
    }

    /// Forgets what was asked and answered; tokens and sessions stay.
    pub fn clear_journal(&mut self) {
        self.journal.clear();
    }

    /// The settings, and among the clients those that registered.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Changes the settings from the next request on: `server.configure(|config| config.require_pkce(false))`.
    pub fn configure(&mut self, change: impl FnOnce(Config) -> Config) {
        self.config = change(self.config.clone());
    }

    /// The issuer (RFC 8414 §2).
    pub fn issuer(&self) -> &str {
        self.config.own_issuer()
    }

    /// Whether an access token would be accepted at `now`, in seconds since 1970.
    pub fn is_valid(&self, access_token: &str, now: u64) -> bool {
        self.ledger.access(access_token, now).is_some()
    }

    /// Withdraws every grant, as a user does in their account's settings: every code and token is invalid from now on.
    pub fn revoke_everything(&mut self) {
        self.ledger.revoke_everything();
    }

    /// Whether a refresh token has been given out, and neither spent nor revoked, and has not expired at `now`, in seconds since
    /// 1970.
    pub fn is_unspent(&self, refresh_token: &str, now: u64) -> bool {
        self.ledger.active_refresh(refresh_token, now).is_some()
    }

    /// How many refresh tokens of the same family were spent for this one: 0 for that of a login. `None` where this server
    /// has not given it out.
    pub fn rotations(&self, refresh_token: &str) -> Option<usize> {
        Some(self.ledger.refresh(refresh_token)?.rotations)
    }

    /// How often new tokens were given for a refresh token.
    pub fn refreshes(&self) -> usize {
        self.ledger.refreshes()
    }

    /// How many grants were revoked because a refresh token of theirs was used again.
    pub fn revoked_families(&self) -> usize {
        self.ledger.revoked_families()
    }

    /// How often a refresh token was used that had been spent before, and had no grace left.
    pub fn reuses(&self) -> usize {
        self.ledger.reuses()
    }

    fn answer(&mut self, request: &Request, now: u64) -> Response {
        if request.path() == "/" && self.config.front_page {
            return self.front_page(request);
        }
        let Some(endpoint) = Self::endpoint_of(request.path()) else {
            return Response::new(404)
                .header("Content-Type", "text/plain")
                .with_body("There is nothing here.\n");
        };
        *self.counts.entry(endpoint).or_default() += 1;
        if let Some(response) = self.refuse_by_fault(endpoint, request) {
            return response;
        }
        let request = &self.read_by_fault(endpoint, request);
        let refused = self.read_proof(endpoint, request, now);
        let response = refused.unwrap_or_else(|| match endpoint {
            Endpoint::Authorization => self.authorization(request, now),
            Endpoint::Token => self.token(request, now),
            Endpoint::DeviceAuthorization => self.device_authorization(request, now),
            Endpoint::DeviceVerification => self.device_page(request, now),
            Endpoint::PushedAuthorizationRequest => self.push(request, now),
            Endpoint::Registration => self.registration(request, now),
            Endpoint::Revocation => self.revocation(request, now),
            Endpoint::Introspection => self.introspection(request, now),
            Endpoint::Metadata => self.metadata(request),
            Endpoint::Resource => self.resource(request, now),
            Endpoint::Jwks => self.jwks(request),
            Endpoint::UserInfo => self.user_info(request, now),
            Endpoint::Claims => self.distributed_claims(request, now),
            Endpoint::EndSession => self.end_session(request, now),
            Endpoint::CheckSession => Self::check_session(request),
            Endpoint::WebFinger => self.web_finger(request),
        });
        let response = self.with_nonce(endpoint, response, now);
        let response = self.retell_by_fault(endpoint, request, response);
        self.spoil_by_fault(endpoint, response)
    }

    fn endpoint_of(path: &str) -> Option<Endpoint> {
        Some(match path {
            "/oauth/authorize" | "/oauth2/authorize" => Endpoint::Authorization,
            "/oauth/token" | "/oauth2/token" => Endpoint::Token,
            "/oauth/device_authorization" | "/oauth2/device_authorization" => {
                Endpoint::DeviceAuthorization
            }
            "/oauth/device" | "/oauth2/device" => Endpoint::DeviceVerification,
            "/oauth/par" | "/oauth2/par" => Endpoint::PushedAuthorizationRequest,
            "/oauth/register" | "/oauth2/register" => Endpoint::Registration,
            path if is_registered_client(path) => Endpoint::Registration,
            "/oauth/revoke" | "/oauth2/revoke" => Endpoint::Revocation,
            "/oauth/introspect" | "/oauth2/introspect" => Endpoint::Introspection,
            "/.well-known/oauth-authorization-server" | "/.well-known/openid-configuration" => {
                Endpoint::Metadata
            }
            "/oauth/jwks" | "/oauth2/jwks" => Endpoint::Jwks,
            "/oauth/userinfo" | "/oauth2/userinfo" => Endpoint::UserInfo,
            "/oauth/claims" | "/oauth2/claims" => Endpoint::Claims,
            "/oauth/logout" | "/oauth2/logout" => Endpoint::EndSession,
            "/oauth/check_session" | "/oauth2/check_session" => Endpoint::CheckSession,
            "/.well-known/webfinger" => Endpoint::WebFinger,
            "/resource" | "/resource/pets" | "/resource/files" => Endpoint::Resource,
            _ => return None,
        })
    }
}

/// Where a client manages what it registered (RFC 7592).
fn is_registered_client(path: &str) -> bool {
    path.starts_with("/oauth/register/") || path.starts_with("/oauth2/register/")
}
