//! The device authorization endpoint (RFC 8628 §3.1), and the grant that asks for its result (§3.4).

use crate::{
    AuthorizationServer, Client, Fault, GrantType, Request, Response, Value,
    device::{Device, DeviceState},
    form::{self, Parameters},
    issue::Members,
    json,
    token_error::TokenError,
    token_form::{read_form, required},
};

/// What a client waits between two polls where nobody tells it otherwise, and what `slow_down` adds, in seconds (RFC 8628
/// §3.2 and §3.5).
const INTERVAL: u64 = 5;

impl AuthorizationServer {
    pub(crate) fn device_authorization(&mut self, request: &Request, now: u64) -> Response {
        if request.method != "POST" {
            return Response::new(405).header("Allow", "POST");
        }
        match self.try_device_authorization(request, now) {
            Ok(members) => Response::json(200, json::object(&members))
                .header("Cache-Control", "no-store")
                .header("Pragma", "no-cache"),
            Err(error) => error.response(),
        }
    }

    fn try_device_authorization(
        &mut self,
        request: &Request,
        now: u64,
    ) -> Result<Vec<(String, String)>, TokenError> {
        let form = read_form(request)?;
        let client = self.authenticate(request, &form, now)?;
        if !client.may(GrantType::DeviceCode) {
            return Err(TokenError::not_registered());
        }
        let access = self.access(&client, &form)?;
        let device_code = format!("device-{}", self.random.text());
        let user_code = self.devices.new_user_code(&mut self.random);
        let lifetime = self.config.device_code_lifetime.as_secs();
        let interval = self
            .config
            .device_interval
            .map(|interval| interval.as_secs());
        let by_fault = self.faults.take(|fault| match fault {
            Fault::DeviceInterval(value) => Some(value.clone()),
            _ => None,
        });
        let (interval, told) = match by_fault {
            None => (interval, interval.map(|interval| interval.to_string())),
            Some(Value::Absent) => (None, None),
            Some(Value::Text(text)) => (interval, Some(json::text(&text))),
            Some(Value::Json(json)) => (json.parse().ok().or(interval), Some(json)),
        };
        let device = Device {
            client_id: client.id().to_owned(),
            user_code: user_code.clone(),
            access,
            expires_at: now.saturating_add(lifetime),
            interval: interval.unwrap_or(INTERVAL),
            polled_at: None,
            state: DeviceState::Pending,
        };
        self.devices.add(&device_code, device);

        let page = format!("{}/oauth/device", self.issuer());
        let complete = format!(
            "{page}?{}",
            form::encode([("user_code", user_code.as_str())])
        );
        let members = [
            ("device_code", Some(json::text(&device_code))),
            ("user_code", Some(json::text(&user_code))),
            ("verification_uri", Some(json::text(&page))),
            ("verification_uri_complete", Some(json::text(&complete))),
            ("expires_in", Some(lifetime.to_string())),
            ("interval", told),
        ];
        let members = members.into_iter();
        Ok(members
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect())
    }

    /// A poll.
    pub(crate) fn device_code(
        &mut self,
        client: &Client,
        form: &Parameters,
        now: u64,
    ) -> Result<Members, TokenError> {
        let device_code = required(form, "device_code")?;
        let device = self
            .devices
            .by_device_code(device_code)
            .ok_or_else(|| TokenError::invalid_grant("the device code is unknown"))?;
        if device.client_id != client.id() {
            return Err(TokenError::invalid_grant(
                "the device code was given to another client",
            ));
        }
        let error = |error, description| Err(TokenError::new(error, description));
        match device.state {
            DeviceState::Spent(grant) => {
                self.ledger.revoke(grant);
                Err(TokenError::invalid_grant(
                    "the device code was used before; all that came of it is revoked",
                ))
            }
            _ if now >= device.expires_at => error("expired_token", "the device code has expired"),
            DeviceState::Denied => error("access_denied", "the user said no"),
            DeviceState::Pending => {
                let polled_at = device.polled_at.replace(now);
                let too_fast = |before: u64| now < before.saturating_add(device.interval);
                if polled_at.is_some_and(too_fast) {
                    device.interval = device.interval.saturating_add(INTERVAL);
                    return error("slow_down", "the client polls faster than it was told");
                }
                error("authorization_pending", "the user has not decided yet")
            }
            DeviceState::Allowed(grant) => {
                let granted = self.ledger.grant(grant).cloned();
                let granted = granted
                    .ok_or_else(|| TokenError::invalid_grant("the user has withdrawn the grant"))?;
                let access = self.narrow(&granted, granted.access.scopes.clone(), form)?;
                if let Some(device) = self.devices.by_device_code(device_code) {
                    device.state = DeviceState::Spent(grant);
                }
                Ok(self.both_tokens(client, grant, access, now))
            }
        }
    }
}
