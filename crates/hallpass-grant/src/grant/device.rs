//! The device authorization grant (RFC 8628).

mod poll;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

use hallpass_token::{Json, Lifetime, Scopes, Secret};

use crate::call::{Answer, Targeted, sealed};
use crate::form::Form;
use crate::random::{Random, Seed};
use crate::shown::is_invisible;
use crate::token_answer::{Spent, TokenAnswer, text};
use crate::{Call, Client, Endpoint, Error, ErrorKind, Misuse, Response, Violation, unix_seconds};

pub use poll::DevicePoll;

/// What a device shows, and what it asks for the token with (RFC 8628 §3.2).
///
/// A plain value that serialises: store it, and go on after a restart with [`Client::poll`]
/// (`Client::fetch_token` in the facade). What is stored has the device code in it, which is as good as the tokens to come: seal it, or
/// let nobody else read it.
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeviceAuthorization {
    /// What the user types in at the verification URI. Show it, and do not log it.
    pub user_code: String,
    /// The address the user opens on any device with a browser.
    pub verification_uri: Endpoint,
    /// The same with the user code in it, for a QR code (RFC 8628 §3.3.1).
    pub verification_uri_complete: Option<Endpoint>,
    /// When the codes end, UTC.
    #[serde(with = "unix_seconds")]
    pub expires_at: UtcDateTime,
    device_code: Secret,
    interval: Duration,
    client_id: String,
    token_endpoint: Endpoint,
    scopes: Scopes,
}

impl DeviceAuthorization {
    /// How long a device waits between two polls at least.
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// The scopes that were asked for.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }
}

impl Client {
    /// Begins a login on a device without a browser (RFC 8628 §3.1). Empty scopes ask for what the server gives by default.
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the server has no device authorization or token endpoint; [`Misuse::Random`].
    pub fn device(
        &self,
        scopes: &Scopes,
        random: &mut impl Random,
    ) -> Result<Call<DeviceAnswer>, Error> {
        let endpoint = self.server().device_authorization_endpoint.as_ref();
        let endpoint = endpoint.ok_or(Misuse::Missing("device authorization endpoint"))?;
        let answer = DeviceAnswer {
            client_id: self.id().to_owned(),
            token_endpoint: self.token_endpoint()?.clone(),
            scopes: scopes.clone(),
        };
        let form = self.scope_field(Form::with_capacity(128), scopes);
        let form = form.fields(self.target().as_str());
        let seed = Seed::draw(random)?;
        Ok(Call::new(self, endpoint.clone(), form, seed, answer))
    }

    /// Asks for the token until the user has answered: the other half of [`device`](Self::device).
    ///
    /// What comes serialises as well, and remembers how often the server wants to be asked: a program that may be restarted stores that.
    ///
    /// # Errors
    /// [`Misuse::OtherClient`] when another client began that login, or the same one at another server; [`Misuse::Random`].
    pub fn poll(
        &self,
        device: &DeviceAuthorization,
        random: &mut impl Random,
    ) -> Result<DevicePoll, Error> {
        let is_same_server = self.server().token_endpoint.as_ref() == Some(&device.token_endpoint);
        if device.client_id != self.id() || !is_same_server {
            return Err(Misuse::OtherClient.into());
        }
        let form = Form::with_capacity(256)
            .field("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
            .field("device_code", device.device_code.expose_secret());
        let answer = TokenAnswer::new(self, device.scopes.clone(), Spent::Nothing);
        let call = self.token_call(form, answer, random)?;
        Ok(DevicePoll::new(call, device))
    }
}

/// Reads a [`DeviceAuthorization`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeviceAnswer {
    client_id: String,
    token_endpoint: Endpoint,
    scopes: Scopes,
}

impl Answer for DeviceAnswer {}

impl Targeted for DeviceAnswer {}

impl sealed::Read for DeviceAnswer {
    type Output = DeviceAuthorization;

    fn read(
        &self,
        response: &Response,
        arrived: UtcDateTime,
    ) -> Result<DeviceAuthorization, Error> {
        let mut members = response.json()?;
        let missing = Violation::Malformed("device_code, user_code or verification_uri is missing");
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let device_code = filled(text(&mut members, "device_code")?);
        let user_code = filled(text(&mut members, "user_code")?);
        let uri = match filled(text(&mut members, "verification_uri")?) {
            Some(uri) => Some(uri),
            // What drafts called it, and Google still does.
            None => filled(text(&mut members, "verification_url")?),
        };
        let (Some(device_code), Some(user_code), Some(uri)) = (device_code, user_code, uri) else {
            return Err(missing.into());
        };
        if user_code.chars().count() > MAX_USER_CODE || user_code.chars().any(is_invisible) {
            return Err(
                Violation::Malformed("the user code is nothing a user could type in").into(),
            );
        }
        let complete = filled(text(&mut members, "verification_uri_complete")?);
        let lifetime = seconds(members.remove("expires_in"))?.unwrap_or(DEFAULT_LIFETIME);
        let lifetime = lifetime.min(MAX_LIFETIME);
        // A fraction of a second is waited for whole.
        let interval = match members.remove("interval") {
            Some(Json::Float(seconds)) => Some(Json::Float(seconds.ceil())),
            other => other,
        };
        let interval = match seconds(interval)? {
            Some(interval) => Duration::from_secs(interval.seconds()),
            None => DEFAULT_INTERVAL,
        };
        Ok(DeviceAuthorization {
            user_code,
            verification_uri: self.page(&uri)?,
            verification_uri_complete: complete.map(|uri| self.page(&uri)).transpose()?,
            expires_at: lifetime.after(arrived),
            device_code: device_code.into(),
            interval: interval.clamp(MIN_INTERVAL, MAX_INTERVAL),
            client_id: self.client_id.clone(),
            token_endpoint: self.token_endpoint.clone(),
            scopes: self.scopes.clone(),
        })
    }

    fn lost(&self) -> ErrorKind {
        ErrorKind::Transport
    }
}

/// RFC 8628 §3.2: without an interval it is five seconds.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);
/// A server that says zero is polled once a second all the same.
const MIN_INTERVAL: Duration = Duration::from_secs(1);
/// A server that wants to be left alone for longer than any code lives gets no poll at all, and the login expires.
const MAX_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);
/// `expires_in` is required; a server that forgets it gets what most servers say.
const DEFAULT_LIFETIME: Lifetime = Lifetime::from_seconds(600);
/// No server keeps a user code longer than a day, and no device polls longer.
const MAX_LIFETIME: Lifetime = Lifetime::from_seconds(24 * 60 * 60);
const MAX_USER_CODE: usize = 64;

fn seconds(member: Option<Json>) -> Result<Option<Lifetime>, Error> {
    match member {
        None | Some(Json::Null) => Ok(None),
        Some(value) => match Lifetime::from_json(&value) {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(Violation::Malformed("expires_in or interval is not a number").into()),
        },
    }
}

impl DeviceAnswer {
    fn page(&self, uri: &str) -> Result<Endpoint, Error> {
        Endpoint::told_by(&self.token_endpoint, uri).map_err(|invalid| {
            let reason = "a verification URI is not an https address that a browser should open";
            Error::from(Violation::Malformed(reason)).with_source(invalid)
        })
    }
}

/// Shows neither code.
impl fmt::Debug for DeviceAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceAuthorization")
            .field("verification_uri", &self.verification_uri)
            .field("expires_at", &self.expires_at)
            .field("interval", &self.interval)
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
