//! Clients that register themselves (RFC 7591), and manage what they registered (RFC 7592).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    AuthenticationMethod, AuthorizationServer, Fault, Request, Response,
    client_metadata::{ClientMetadata, Problem},
    json,
};

/// What the server alone says, and a client must not send (RFC 7592 §2.2).
const SERVERS_OWN: [&str; 4] = [
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

/// Members that some servers answer with `null` where the client has not registered them (RFC 7591 §2).
const MAY_BE_NULL: [&str; 5] = [
    "client_secret",
    "client_uri",
    "contacts",
    "jwks_uri",
    "logo_uri",
];

/// By client ids.
#[derive(Default)]
pub(crate) struct Registrations(BTreeMap<String, Registration>);

#[derive(Clone)]
struct Registration {
    id: String,
    secret: Option<String>,
    access_token: String,
    issued_at: u64,
    metadata: ClientMetadata,
}

impl AuthorizationServer {
    pub(crate) fn registration(&mut self, request: &Request, now: u64) -> Response {
        let id = request.path().split_once("/register/");
        let answer = match (id, request.method.as_str()) {
            (None, "POST") => self.register(request, now),
            (None, _) => return Response::new(405).header("Allow", "POST"),
            (Some((_, id)), method) => {
                let Some(known) = self.registered(id, request) else {
                    return unauthorized();
                };
                match method {
                    "GET" => Ok(self.tell(200, &known)),
                    "PUT" => self.update(&known, request),
                    "DELETE" => return self.unregister(&known),
                    _ => return Response::new(405).header("Allow", "GET, PUT, DELETE"),
                }
            }
        };
        answer.unwrap_or_else(refuse)
    }

    fn register(&mut self, request: &Request, now: u64) -> Result<Response, Problem> {
        if let Some(needed) = &self.config.initial_access_token {
            let sent = request.header("authorization").and_then(bearer);
            if sent != Some(needed.text()) {
                return Ok(unauthorized());
            }
        }
        let metadata = ClientMetadata::read(&self.config, &read_object(request)?)?;
        let registration = Registration {
            id: format!("client-{}", self.random.text()),
            secret: self.secret_for(metadata.method, None),
            access_token: self.registration_token(),
            issued_at: now,
            metadata,
        };
        self.keep(&registration);
        Ok(self.tell(201, &registration))
    }

    /// Replaces what was registered by what comes, and the registration access token by a new one.
    fn update(&mut self, known: &Registration, request: &Request) -> Result<Response, Problem> {
        let members = read_object(request)?;
        let invalid = |description| Err(("invalid_client_metadata", description));
        if SERVERS_OWN.iter().any(|name| members.contains_key(*name)) {
            return invalid("the request has a member that only the server's answer has");
        }
        if members.get("client_id").and_then(Value::as_str) != Some(&known.id) {
            return invalid("client_id is not that of the client");
        }
        let sent = members.get("client_secret").filter(|sent| !sent.is_null());
        if sent.is_some_and(|sent| sent.as_str() != known.secret.as_deref()) {
            return invalid("client_secret is not that of the client");
        }
        let metadata = ClientMetadata::read(&self.config, &members)?;
        let registration = Registration {
            id: known.id.clone(),
            secret: self.secret_for(metadata.method, known.secret.clone()),
            access_token: self.registration_token(),
            issued_at: known.issued_at,
            metadata,
        };
        self.keep(&registration);
        Ok(self.tell(200, &registration))
    }

    /// With the client go its grants (RFC 7592 §2.3).
    fn unregister(&mut self, known: &Registration) -> Response {
        self.registrations.0.remove(&known.id);
        self.config.clients.retain(|client| client.id() != known.id);
        self.ledger.revoke_client(&known.id);
        Response::new(204).header("Cache-Control", "no-store")
    }

    /// The client of this id, if the request has its registration access token.
    fn registered(&self, id: &str, request: &Request) -> Option<Registration> {
        let token = request.header("authorization").and_then(bearer)?;
        let known = self.registrations.0.get(id)?;
        (known.access_token == token).then(|| known.clone())
    }

    fn keep(&mut self, registration: &Registration) {
        let (id, secret) = (&registration.id, registration.secret.as_deref());
        let client = registration.metadata.client(id, secret);
        self.config.clients.retain(|known| known.id() != id);
        self.config.clients.push(client);
        let registrations = &mut self.registrations.0;
        registrations.insert(id.clone(), registration.clone());
    }

    fn secret_for(&mut self, method: AuthenticationMethod, old: Option<String>) -> Option<String> {
        match method {
            AuthenticationMethod::ClientSecretBasic
            | AuthenticationMethod::ClientSecretPost
            | AuthenticationMethod::ClientSecretJwt => {
                Some(old.unwrap_or_else(|| format!("secret-{}", self.random.text())))
            }
            AuthenticationMethod::None | AuthenticationMethod::PrivateKeyJwt => None,
        }
    }

    fn registration_token(&mut self) -> String {
        format!("registration-{}", self.random.text())
    }

    /// RFC 7591 §3.2.1, RFC 7592 §3.
    fn tell(&mut self, status: u16, registration: &Registration) -> Response {
        let id = &registration.id;
        let mut members = registration.metadata.members();
        let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
        add("client_id", id.as_str().into());
        add("client_id_issued_at", registration.issued_at.into());
        if let Some(secret) = &registration.secret {
            add("client_secret", secret.as_str().into());
            add("client_secret_expires_at", 0.into());
        }
        let token = registration.access_token.as_str();
        add("registration_access_token", token.into());
        let uri = format!("{}/oauth/register/{id}", self.issuer());
        add("registration_client_uri", uri.into());
        if self.faults.happens(&Fault::RegistrationNulls) {
            for name in MAY_BE_NULL {
                members.entry(name).or_insert(Value::Null);
            }
        }
        if self.faults.happens(&Fault::RegistrationTexts) {
            let numbers = members.values_mut().filter(|value| value.is_number());
            numbers.for_each(|number| *number = number.to_string().into());
        }
        let mut changed: Vec<String> = Vec::new();
        while let Some((name, value)) = self.faults.take(|fault| match fault {
            Fault::RegistrationMember { name, value } if !changed.contains(name) => {
                Some((name.clone(), value.clone()))
            }
            _ => None,
        }) {
            changed.push(name.clone());
            match value {
                crate::Value::Absent => drop(members.remove(&name)),
                crate::Value::Text(text) => drop(members.insert(name, text.into())),
                crate::Value::Json(json) => {
                    let value = serde_json::from_str(&json).unwrap_or_default();
                    members.insert(name, value);
                }
            }
        }
        let status = match status {
            201 if self.faults.happens(&Fault::RegistrationOk) => 200,
            status => status,
        };
        Response::json(status, Value::from(members).to_string())
            .header("Cache-Control", "no-store")
            .header("Pragma", "no-cache")
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    is_bearer.then(|| token.trim_start_matches(' '))
}

fn read_object(request: &Request) -> Result<Map<String, Value>, Problem> {
    let invalid = |description| ("invalid_client_metadata", description);
    let media_type = request.header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/json") {
        return Err(invalid("the body is not application/json"));
    }
    serde_json::from_slice(&request.body).map_err(|_| invalid("the body is no JSON object"))
}

fn refuse((error, description): Problem) -> Response {
    let members = [("error", error), ("error_description", description)];
    let members = members.map(|(name, value)| (name.to_owned(), json::text(value)));
    Response::json(400, json::object(&members)).header("Cache-Control", "no-store")
}

fn unauthorized() -> Response {
    let challenge = "Bearer realm=\"testkit\", error=\"invalid_token\"";
    Response::json(401, "{\"error\":\"invalid_token\"}")
        .header("WWW-Authenticate", challenge)
        .header("Cache-Control", "no-store")
}

impl std::fmt::Debug for Registrations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
