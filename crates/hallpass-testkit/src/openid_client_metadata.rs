//! What a client says of OpenID Connect when it registers (OpenID Connect Dynamic Client Registration §2).

use serde_json::{Map, Value};

use crate::{
    Algorithm,
    client_metadata::{Problem, flag, invalid, is_redirect_uri, member, text, texts},
    openid_client::OpenIdSettings,
};

impl OpenIdSettings {
    pub(crate) fn read(members: &Map<String, Value>) -> Result<Self, Problem> {
        if !matches!(text(members, "subject_type")?, None | Some("public")) {
            return Err(invalid("subject_type is not public"));
        }
        if !matches!(
            text(members, "application_type")?,
            None | Some("web" | "native")
        ) {
            return Err(invalid("application_type is not web or native"));
        }
        let age = member(members, "default_max_age").map(Value::as_u64);
        let age = age.map(|age| age.ok_or(invalid("default_max_age is no number of seconds")));
        let settings = Self {
            application_type: text(members, "application_type")?.map(str::to_owned),
            id_token_algorithm: algorithm(members, "id_token_signed_response_alg")?,
            user_info_algorithm: algorithm(members, "userinfo_signed_response_alg")?,
            request_object_algorithm: algorithm(members, "request_object_signing_alg")?,
            default_max_age: age.transpose()?,
            require_auth_time: flag(members, "require_auth_time")?,
            request_uris: uris(members, "request_uris")?,
            initiate_login_uri: uri(members, "initiate_login_uri")?,
            post_logout_redirect_uris: uris(members, "post_logout_redirect_uris")?,
            front_channel_logout_uri: uri(members, "frontchannel_logout_uri")?,
            front_channel_session: flag(members, "frontchannel_logout_session_required")?,
            back_channel_logout_uri: uri(members, "backchannel_logout_uri")?,
            back_channel_session: flag(members, "backchannel_logout_session_required")?,
        };
        let is_front = texts(members, "response_types")?.unwrap_or_default();
        let is_front = is_front.iter().any(|name| name.contains("id_token"));
        if is_front && settings.id_token_algorithm == Some(Algorithm::None) {
            return Err(invalid(
                "an ID token that comes through a browser has to be signed",
            ));
        }
        Ok(settings)
    }

    /// All of it, as the answer tells it. What was left out is left out, but for the algorithm of ID tokens.
    pub(crate) fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let id_token = Some(self.id_token_algorithm.unwrap_or_default());
        for (name, algorithm) in [
            ("id_token_signed_response_alg", id_token),
            ("userinfo_signed_response_alg", self.user_info_algorithm),
            ("request_object_signing_alg", self.request_object_algorithm),
        ] {
            let value = algorithm.map(|algorithm| algorithm.name().into());
            members.extend(value.map(|value| (name.to_owned(), value)));
        }
        for (name, text) in [
            ("application_type", &self.application_type),
            ("initiate_login_uri", &self.initiate_login_uri),
            ("frontchannel_logout_uri", &self.front_channel_logout_uri),
            ("backchannel_logout_uri", &self.back_channel_logout_uri),
        ] {
            let value = text.as_deref().map(Value::from);
            members.extend(value.map(|value| (name.to_owned(), value)));
        }
        for (name, uris) in [
            ("request_uris", &self.request_uris),
            ("post_logout_redirect_uris", &self.post_logout_redirect_uris),
        ] {
            let value = (!uris.is_empty()).then(|| uris.as_slice().into());
            members.extend(value.map(|value| (name.to_owned(), value)));
        }
        for (name, flag) in [
            ("require_auth_time", self.require_auth_time),
            (
                "frontchannel_logout_session_required",
                self.front_channel_session,
            ),
            (
                "backchannel_logout_session_required",
                self.back_channel_session,
            ),
        ] {
            members.extend(flag.then(|| (name.to_owned(), flag.into())));
        }
        let age = self.default_max_age.map(Value::from);
        members.extend(age.map(|age| ("default_max_age".to_owned(), age)));
        members.insert("subject_type".to_owned(), "public".into());
        members
    }
}

fn algorithm(members: &Map<String, Value>, name: &str) -> Result<Option<Algorithm>, Problem> {
    let unknown = invalid("an algorithm of signatures is not known");
    let found = |name| Algorithm::named(name).ok_or(unknown);
    text(members, name)?.map(found).transpose()
}

fn uri(members: &Map<String, Value>, name: &str) -> Result<Option<String>, Problem> {
    text(members, name)?.map(read_uri).transpose()
}

fn uris(members: &Map<String, Value>, name: &str) -> Result<Vec<String>, Problem> {
    let all = texts(members, name)?.unwrap_or_default();
    all.into_iter().map(read_uri).collect()
}

fn read_uri(uri: &str) -> Result<String, Problem> {
    let wrong = invalid("a URI is neither https nor http on loopback, or it has a fragment");
    // A request_uri may have the hash of what is there as its fragment (OpenID Connect Core §6.2).
    let before = uri.split('#').next().unwrap_or_default();
    is_redirect_uri(before).then(|| uri.to_owned()).ok_or(wrong)
}
