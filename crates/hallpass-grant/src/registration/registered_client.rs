//! A client that has registered itself, and its management (RFC 7591 §3.2.1, RFC 7592).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::{AccessToken, Json, Lifetime, Members, Secret};

use super::client_metadata::ClientMetadata;
use crate::call::{Answer, sealed};
use crate::content::Content;
use crate::random::Seed;
use crate::sender::Sender;
use crate::token_answer::text;
use crate::{
    Call, Client, ClientAuthentication, Endpoint, Error, ErrorKind, Issuer, MacAlgorithm, MacKey,
    Method, Misuse, Response, ServerMetadata, SigningAlgorithm, SigningKeyName, Violation,
};

/// A client that has registered itself, as the server knows it (RFC 7591 §3.2.1).
///
/// A plain value that serialises: store it, and keep it as safe as its secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RegisteredClient {
    /// The server that knows it. `None`: its metadata names no issuer, or this was stored before that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Issuer>,
    /// The client's id.
    pub client_id: String,
    /// The client's secret, if it has one.
    pub client_secret: Option<Secret>,
    /// When the secret ends, in UTC seconds since 1970. `None`: never.
    pub client_secret_expires_at: Option<u64>,
    /// What entitles to read, change and delete the registration (RFC 7592 §3).
    pub registration_access_token: Option<AccessToken>,
    /// Where that is done.
    pub registration_client_uri: Option<Endpoint>,
    /// What the server has registered, which may differ from what was asked for.
    pub metadata: ClientMetadata,
}

impl ServerMetadata {
    /// Registers a client (RFC 7591 §3.1). `initial` entitles to it, at servers that do not let everybody register.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the server has no registration endpoint.
    pub fn register(
        &self,
        metadata: &ClientMetadata,
        initial: Option<&AccessToken>,
    ) -> Result<Call<RegistrationAnswer>, Error> {
        let endpoint = self.registration_endpoint.clone();
        let endpoint = endpoint.ok_or(Misuse::Missing("registration endpoint"))?;
        let sender = match initial {
            Some(token) => Sender::Bearer(token.expose_secret().into()),
            None => Sender::Anybody,
        };
        let content = Content::Json(Method::Post, metadata.document(None).into());
        let answer = RegistrationAnswer {
            asked: endpoint.clone(),
            issuer: self.issuer.clone(),
            known: None,
        };
        Ok(Call::from_sender(
            sender,
            endpoint,
            content,
            Seed::unused(),
            answer,
        ))
    }
}

impl RegisteredClient {
    /// The client, proving itself in the one way it is registered for. `key` is its key's name, where that is `private_key_jwt`.
    ///
    /// # Errors
    /// [`Misuse::OtherClient`] for another server than the one it is registered at, which would be sent its secret. [`Misuse::Missing`] when the way needs a secret or a key and there is none; [`Misuse::Invalid`] for a way this library does not
    /// know.
    pub fn client(
        &self,
        server: impl Into<Arc<ServerMetadata>>,
        key: Option<SigningKeyName>,
    ) -> Result<Client, Error> {
        let server = server.into();
        if self.issuer.is_some() && self.issuer != server.issuer {
            return Err(Misuse::OtherClient.into());
        }
        let authentication = self.authentication(key)?;
        let client = Client::new(server, &self.client_id)?.with_authentication(authentication);
        match self.metadata.redirect_uris.as_slice() {
            [only] => client.with_redirect_uri(only),
            _ => Ok(client),
        }
    }

    /// How the client proves itself: the one way it is registered for. `key` is its key's name, where that is `private_key_jwt`.
    ///
    /// # Errors
    /// As for [`client`](Self::client).
    pub fn authentication(
        &self,
        key: Option<SigningKeyName>,
    ) -> Result<ClientAuthentication, Error> {
        let method = self.metadata.token_endpoint_auth_method.as_deref();
        let secret = self.client_secret.clone();
        let needed = secret.clone().ok_or(Misuse::Missing("client secret"));
        match (method, secret) {
            (None, None) if key.is_some() => Err(Misuse::Invalid {
                field: "token_endpoint_auth_method",
                reason: "the server has not said that it takes the client's key",
            }
            .into()),
            (Some("none"), _) | (None, None) => Ok(ClientAuthentication::None),
            (Some("client_secret_basic"), _) | (None, Some(_)) => {
                Ok(ClientAuthentication::Basic(needed?))
            }
            (Some("client_secret_post"), _) => Ok(ClientAuthentication::Post(needed?)),
            (Some("private_key_jwt"), _) => {
                let key = key.ok_or(Misuse::Missing("signing key"))?;
                match self.signing_algorithm() {
                    Some(own) if SigningAlgorithm::from_name(own) != Some(key.algorithm()) => {
                        Err(OTHER_ALGORITHM.into())
                    }
                    _ => Ok(ClientAuthentication::PrivateKeyJwt(key)),
                }
            }
            (Some("client_secret_jwt"), _) => {
                let algorithm = self.signing_algorithm().unwrap_or("HS256");
                let algorithm = MacAlgorithm::from_name(algorithm).ok_or(OTHER_ALGORITHM)?;
                Ok(ClientAuthentication::SecretJwt(MacKey::new(
                    algorithm, needed?,
                )?))
            }
            (Some("tls_client_auth" | "self_signed_tls_client_auth"), _) => {
                Ok(ClientAuthentication::MutualTls)
            }
            (Some(_), _) => Err(Misuse::Invalid {
                field: "token_endpoint_auth_method",
                reason: "this library does not know this way for a client to prove itself",
            }
            .into()),
        }
    }

    /// The only algorithm that the server takes the client's assertions with, where it has registered one.
    fn signing_algorithm(&self) -> Option<&str> {
        let own = self.metadata.extra.value("token_endpoint_auth_signing_alg");
        own.and_then(Json::as_str)
    }

    /// Reads the registration again (RFC 7592 §2.1). What comes replaces this value: tokens and secrets may be new.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the server gave no way to manage the registration.
    pub fn read(&self) -> Result<Call<RegistrationAnswer>, Error> {
        self.manage(Content::Nothing(Method::Get), self.answer()?)
    }

    /// Replaces the whole registration (RFC 7592 §2.2). What comes replaces this value: tokens and secrets may be new.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the server gave no way to manage the registration.
    pub fn update(&self, metadata: &ClientMetadata) -> Result<Call<RegistrationAnswer>, Error> {
        let secret = self.client_secret.as_ref().map(Secret::expose_secret);
        let document = metadata.document(Some((&self.client_id, secret)));
        self.manage(Content::Json(Method::Put, document.into()), self.answer()?)
    }

    /// Deletes the registration (RFC 7592 §2.3), and with it whatever was given to the client.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the server gave no way to manage the registration.
    pub fn delete(&self) -> Result<Call<DeletionAnswer>, Error> {
        self.manage(Content::Nothing(Method::Delete), DeletionAnswer)
    }

    fn answer(&self) -> Result<RegistrationAnswer, Error> {
        Ok(RegistrationAnswer {
            asked: self.uri()?.clone(),
            issuer: self.issuer.clone(),
            known: Some(Box::new(self.clone())),
        })
    }

    fn uri(&self) -> Result<&Endpoint, Error> {
        let uri = self.registration_client_uri.as_ref();
        uri.ok_or_else(|| Misuse::Missing("registration client URI").into())
    }

    fn manage<A>(&self, content: Content, answer: A) -> Result<Call<A>, Error> {
        let endpoint = self.uri()?.clone();
        let token = self.registration_access_token.as_ref();
        let token = token.ok_or(Misuse::Missing("registration access token"))?;
        let sender = Sender::Bearer(token.expose_secret().into());
        Ok(Call::from_sender(
            sender,
            endpoint,
            content,
            Seed::unused(),
            answer,
        ))
    }
}

const OTHER_ALGORITHM: Misuse = Misuse::Invalid {
    field: "token_endpoint_auth_signing_alg",
    reason: "the client is registered for an algorithm that is not the key's, or that this way of proving itself does not have",
};

/// Reads a [`RegisteredClient`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RegistrationAnswer {
    asked: Endpoint,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer: Option<Issuer>,
    /// What was known before: a server need not repeat how the registration is managed.
    known: Option<Box<RegisteredClient>>,
}

impl Answer for RegistrationAnswer {}

impl sealed::Read for RegistrationAnswer {
    type Output = RegisteredClient;

    fn read(&self, response: &Response, _: UtcDateTime) -> Result<RegisteredClient, Error> {
        let mut members = response.json()?;
        let known = self.known.as_deref();
        let client_id = text(&mut members, "client_id")?.filter(|id| !id.is_empty());
        let client_id = client_id.ok_or(Violation::Malformed("client_id is missing"))?;
        if known.is_some_and(|known| known.client_id != client_id) {
            return Err(Violation::Malformed("client_id is another client's").into());
        }
        let secret = text(&mut members, "client_secret")?.filter(|secret| !secret.is_empty());
        let known_secret = known.and_then(|known| known.client_secret.clone());
        let secret = secret.map(Secret::new).or_else(|| known_secret.clone());
        let secret_expires_at = match expiry(&mut members)? {
            Some(said) => said,
            // The secret that was known is, and ends when it was to end.
            None if secret == known_secret => {
                known.and_then(|known| known.client_secret_expires_at)
            }
            None => None,
        };
        let token = match text(&mut members, "registration_access_token")? {
            Some(token) => Some(AccessToken::new(token).map_err(|_| {
                Violation::Malformed("registration_access_token has a character no token may have")
            })?),
            None => known.and_then(|known| known.registration_access_token.clone()),
        };
        let uri = match text(&mut members, "registration_client_uri")? {
            Some(uri) => Some(Endpoint::told_by(&self.asked, uri).map_err(|invalid| {
                let reason = "registration_client_uri is no https address";
                Error::from(Violation::Malformed(reason)).with_source(invalid)
            })?),
            None => known.and_then(|known| known.registration_client_uri.clone()),
        };
        // What manages a registration is a credential of the server that made it.
        if uri
            .as_ref()
            .is_some_and(|uri| uri.origin() != self.asked.origin())
        {
            let reason = "registration_client_uri is elsewhere than where the client registered";
            return Err(Violation::Malformed(reason).into());
        }
        // Nobody reads it: dates of registrations are for people.
        members.remove("client_id_issued_at");
        Ok(RegisteredClient {
            issuer: self.issuer.clone(),
            client_id,
            client_secret: secret,
            client_secret_expires_at: secret_expires_at,
            registration_access_token: token,
            registration_client_uri: uri,
            metadata: ClientMetadata::read(members)?,
        })
    }

    fn lost(&self) -> ErrorKind {
        match &self.known {
            // A second client is registered at worst.
            None => ErrorKind::Transport,
            // The token that manages the registration may be another now.
            Some(_) => ErrorKind::InDoubt,
        }
    }
}

/// What the server says of the secret's end, if it says anything. RFC 7591 §3.2.1: zero is never.
fn expiry(members: &mut Members) -> Result<Option<Option<u64>>, Error> {
    match members.remove("client_secret_expires_at") {
        None | Some(Json::Null) => Ok(None),
        Some(value) => match Lifetime::from_json(&value).map(Lifetime::seconds) {
            Some(0) => Ok(Some(None)),
            Some(seconds) => Ok(Some(Some(seconds))),
            None => Err(Violation::Malformed("client_secret_expires_at is not a number").into()),
        },
    }
}

/// Reads the answer to a deletion: nothing, when the client is gone.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct DeletionAnswer;

impl Answer for DeletionAnswer {}

impl sealed::Read for DeletionAnswer {
    type Output = ();

    fn read(&self, response: &Response, _: UtcDateTime) -> Result<(), Error> {
        response.success()
    }

    fn lost(&self) -> ErrorKind {
        ErrorKind::Transport
    }
}
