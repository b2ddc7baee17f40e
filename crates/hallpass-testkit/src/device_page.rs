//! The pages at which a user tells the code that a device shows, logs in and decides (RFC 8628 §3.3).

use crate::{
    AuthorizationServer, Request, Response,
    device::{Device, DeviceState},
    form::{self, Parameters},
    page,
};

/// Stands in the address once the user has compared the code: one that came with a link has to be looked at first.
const COMPARED: &str = "compared";

impl AuthorizationServer {
    pub(crate) fn device_page(&mut self, request: &Request, now: u64) -> Response {
        let body = match request.method.as_str() {
            "GET" => String::new(),
            "POST" => String::from_utf8_lossy(&request.body).into_owned(),
            _ => return Response::new(405).header("Allow", "GET, POST"),
        };
        let (Ok(query), Ok(form)) = (Parameters::parse(request.query()), Parameters::parse(&body))
        else {
            return page::problem("The request is not encoded as it should be.");
        };
        let typed = form.find("user_code").or(query.find("user_code"));
        let typed = typed.unwrap_or_default();
        if form.find("step") == Some("code") {
            return self.take_code(typed, now);
        }
        if !query.has(COMPARED) {
            return page::enter_code(typed, None);
        }
        let Some(device) = self.devices.waiting(typed, now).cloned() else {
            return page::enter_code(typed, Some(UNKNOWN));
        };
        let here = address(&device.user_code);
        match form.find("step") {
            Some("login") => self.try_login(&form, &device.client_id, &here, now),
            Some("logout") => {
                self.log_out(request);
                page::login(&here, self.config.shown_name(&device.client_id), None)
            }
            Some("consent") => self.decide_for_device(request, &form, &device, &here, now),
            _ => self.ask_for(request, &device.client_id, &device.access.scopes, &here),
        }
    }

    fn take_code(&mut self, typed: &str, now: u64) -> Response {
        match self.devices.waiting(typed, now) {
            Some(device) => Response::new(303)
                .header("Location", address(&device.user_code))
                .header("Cache-Control", "no-store"),
            None => page::enter_code(typed, Some(UNKNOWN)),
        }
    }

    fn decide_for_device(
        &mut self,
        request: &Request,
        form: &Parameters,
        device: &Device,
        here: &str,
        now: u64,
    ) -> Response {
        let asked = &device.access.scopes;
        let Some((session, granted)) = self.decision(request, form, asked) else {
            return self.ask_for(request, &device.client_id, asked, here);
        };
        let state = match granted {
            None => DeviceState::Denied,
            Some(scopes) => {
                let mut access = device.access.clone();
                access.scopes = scopes;
                DeviceState::Allowed(self.ledger.open(&device.client_id, &session.user, access))
            }
        };
        if let Some(device) = self.devices.waiting(&device.user_code, now) {
            device.state = state;
        }
        page::done(state != DeviceState::Denied)
    }
}

const UNKNOWN: &str = "No device waits for this code. Look whether it shows a new one.";

fn address(user_code: &str) -> String {
    let query = form::encode([("user_code", user_code), (COMPARED, "yes")]);
    format!("/oauth/device?{query}")
}
