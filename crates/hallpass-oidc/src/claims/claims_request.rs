//! The parameter `claims` of an authentication request (OpenID Connect Core §5.5).

use std::fmt;

use serde::{Deserialize, Serialize};

use hallpass_grant::Error;
use hallpass_token::{Json, Members};

use crate::Fault;

/// Asks for single claims, in UserInfo or in the ID token.
///
/// ```
/// # use hallpass_oidc::{ClaimsRequest, IndividualClaim};
/// let claims = ClaimsRequest::new()
///     .user_info("email", IndividualClaim::essential())
///     .user_info("picture", IndividualClaim::voluntary())
///     .id_token("acr", IndividualClaim::essential().with_values(["urn:mace:incommon:iap:silver"]));
/// assert_eq!(
///     claims.to_json(),
///     r#"{"userinfo":{"email":{"essential":true},"picture":null},"id_token":{"acr":{"essential":true,"values":["urn:mace:incommon:iap:silver"]}}}"#
/// );
/// ```
/// It serialises, because it also says what an ID token must then have in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[must_use = "claims are asked for by a request that is begun with them"]
pub struct ClaimsRequest {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    userinfo: Vec<(String, IndividualClaim)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    id_token: Vec<(String, IndividualClaim)>,
}

/// How one claim is asked for (OpenID Connect Core §5.5.1). `Debug` shows no value.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct IndividualClaim {
    essential: bool,
    #[serde(skip_serializing_if = "Demand::is_any")]
    demand: Demand,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Demand {
    #[default]
    Any,
    Value(Json),
    Values(Vec<Json>),
}

impl IndividualClaim {
    /// It would be nice to have.
    pub fn voluntary() -> Self {
        Self::default()
    }

    /// What the user wants to do needs it. A provider may still not have it: whoever asked looks.
    pub fn essential() -> Self {
        Self {
            essential: true,
            ..Self::default()
        }
    }

    /// With this value. It takes the place of whatever values were asked for before.
    #[must_use]
    pub fn with_value(mut self, value: impl Into<String>) -> Self {
        self.demand = Demand::Value(Json::String(value.into()));
        self
    }

    /// With a value that is no text.
    #[must_use]
    pub fn with_json_value(mut self, value: Json) -> Self {
        self.demand = Demand::Value(value);
        self
    }

    /// With one of these values, the most wanted first. They take the place of whatever was asked for before.
    #[must_use]
    pub fn with_values<V: Into<String>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        let values = values.into_iter().map(|value| Json::String(value.into()));
        self.demand = Demand::Values(values.collect());
        self
    }

    fn to_json(&self) -> Json {
        let mut members = Members::default();
        if self.essential {
            members.insert("essential", Json::Bool(true));
        }
        match &self.demand {
            Demand::Any => {}
            Demand::Value(value) => {
                members.insert("value", value.clone());
            }
            Demand::Values(values) => {
                members.insert("values", Json::Array(values.clone()));
            }
        }
        match members.is_empty() {
            true => Json::Null,
            false => Json::Object(members),
        }
    }

    fn allows(&self, value: &Json) -> bool {
        match &self.demand {
            Demand::Any => true,
            Demand::Value(wanted) => wanted == value,
            Demand::Values(wanted) => wanted.contains(value),
        }
    }
}

impl Demand {
    fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }
}

impl fmt::Debug for IndividualClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.essential {
            true => "essential",
            false => "voluntary",
        })
    }
}

impl ClaimsRequest {
    /// Asks for nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for a claim in UserInfo. `name` may have a language tag: `name#ja`. Asked for again, it is asked for in the new way.
    pub fn user_info(mut self, name: impl Into<String>, claim: IndividualClaim) -> Self {
        put(&mut self.userinfo, name.into(), claim);
        self
    }

    /// Asks for a claim in the ID token. Asked for again, it is asked for in the new way.
    pub fn id_token(mut self, name: impl Into<String>, claim: IndividualClaim) -> Self {
        put(&mut self.id_token, name.into(), claim);
        self
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// The parameter's value.
    pub fn to_json(&self) -> String {
        let mut document = Members::default();
        for (name, claims) in [("userinfo", &self.userinfo), ("id_token", &self.id_token)] {
            if claims.is_empty() {
                continue;
            }
            let mut members = Members::default();
            for (name, claim) in claims {
                members.insert(name, claim.to_json());
            }
            document.insert(name, Json::Object(members));
        }
        // Nothing in it can fail to be written.
        serde_json::to_string(&document).unwrap_or_default()
    }

    /// Checks what a provider must have answered in the ID token, or not at all: an essential `acr` is of the values that were asked for
    /// (OpenID Connect Core §5.5.1.1), `sub` is the one that was asked for (§5.5.1), and an essential `auth_time` is there (§2).
    /// Any other claim may be missing, or have another value.
    ///
    /// # Errors
    /// [`Fault::MissingClaim`], or [`Fault::NotAsAsked`] where the value is another.
    pub fn check_id_token(&self, claims: &Members) -> Result<(), Error> {
        for (name, claim) in &self.id_token {
            let (name, may_be_missing) = match name.as_str() {
                "acr" if claim.essential => ("acr", claim.demand.is_any()),
                "sub" if !claim.demand.is_any() => ("sub", false),
                "auth_time" if claim.essential => ("auth_time", false),
                _ => continue,
            };
            match claims.value(name) {
                None if may_be_missing => {}
                None => return Err(Fault::MissingClaim(name).into()),
                Some(_) if name == "auth_time" => {}
                Some(value) if claim.allows(value) => {}
                Some(_) => return Err(Fault::NotAsAsked(name).into()),
            }
        }
        Ok(())
    }
}

fn put(claims: &mut Vec<(String, IndividualClaim)>, name: String, claim: IndividualClaim) {
    claims.retain(|(own, _)| *own != name);
    claims.push((name, claim));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(json: &str) -> Members {
        Members::read(json.as_bytes()).unwrap()
    }

    fn check(request: &ClaimsRequest, json: &str) -> Result<(), Fault> {
        let checked = request.check_id_token(&members(json));
        checked.map_err(|error| Fault::of(&error).unwrap().clone())
    }

    #[test]
    fn the_example_of_the_specification_is_written_alike() {
        let request = ClaimsRequest::new()
            .user_info("given_name", IndividualClaim::essential())
            .user_info("nickname", IndividualClaim::voluntary())
            .user_info(
                "http://example.info/claims/groups",
                IndividualClaim::voluntary(),
            )
            .id_token("auth_time", IndividualClaim::essential())
            .id_token(
                "acr",
                IndividualClaim::voluntary().with_values(["urn:mace:incommon:iap:silver"]),
            );
        assert_eq!(
            request.to_json(),
            concat!(
                r#"{"userinfo":{"given_name":{"essential":true},"nickname":null,"http://example.info/claims/groups":null},"#,
                r#""id_token":{"auth_time":{"essential":true},"acr":{"values":["urn:mace:incommon:iap:silver"]}}}"#
            )
        );
    }

    #[test]
    fn each_part_is_there_only_if_something_is_asked_for_in_it() {
        let nothing = ClaimsRequest::new();
        assert!(nothing.is_empty());
        assert_eq!(nothing.to_json(), "{}");
        let one = nothing
            .clone()
            .id_token("email", IndividualClaim::voluntary());
        assert!(!one.is_empty());
        assert_eq!(one.to_json(), r#"{"id_token":{"email":null}}"#);
        let other = nothing.user_info("email", IndividualClaim::voluntary());
        assert!(!other.is_empty());
        assert_eq!(other.to_json(), r#"{"userinfo":{"email":null}}"#);
    }

    #[test]
    fn what_is_asked_for_again_is_asked_for_in_the_new_way() {
        let value = IndividualClaim::essential()
            .with_values(["a"])
            .with_value("b\"");
        let flag = IndividualClaim::voluntary().with_json_value(Json::Bool(true));
        let request = ClaimsRequest::new()
            .user_info("x", IndividualClaim::voluntary())
            .user_info("email_verified", flag)
            .user_info("x", value);
        assert_eq!(
            request.to_json(),
            r#"{"userinfo":{"email_verified":{"value":true},"x":{"essential":true,"value":"b\""}}}"#
        );
    }

    #[test]
    fn an_essential_acr_must_be_of_the_values_that_were_asked_for() {
        let request = ClaimsRequest::new().id_token(
            "acr",
            IndividualClaim::essential().with_values(["silver", "gold"]),
        );
        assert_eq!(check(&request, r#"{"acr":"gold"}"#), Ok(()));
        assert_eq!(
            check(&request, r#"{"acr":"lead"}"#),
            Err(Fault::NotAsAsked("acr"))
        );
        assert_eq!(
            check(&request, r#"{"acr":["gold"]}"#),
            Err(Fault::NotAsAsked("acr"))
        );
        assert_eq!(check(&request, "{}"), Err(Fault::MissingClaim("acr")));
        let one =
            ClaimsRequest::new().id_token("acr", IndividualClaim::essential().with_value("gold"));
        assert_eq!(check(&one, r#"{"acr":"gold"}"#), Ok(()));
        assert_eq!(
            check(&one, r#"{"acr":"silver"}"#),
            Err(Fault::NotAsAsked("acr"))
        );
        let any = ClaimsRequest::new().id_token("acr", IndividualClaim::essential());
        assert_eq!(check(&any, "{}"), Ok(()));
        assert_eq!(check(&any, r#"{"acr":"lead"}"#), Ok(()));
        let voluntary =
            ClaimsRequest::new().id_token("acr", IndividualClaim::voluntary().with_value("gold"));
        assert_eq!(check(&voluntary, r#"{"acr":"lead"}"#), Ok(()));
    }

    #[test]
    fn the_user_must_be_the_one_that_was_asked_for() {
        let request =
            ClaimsRequest::new().id_token("sub", IndividualClaim::voluntary().with_value("7"));
        assert_eq!(check(&request, r#"{"sub":"7"}"#), Ok(()));
        assert_eq!(
            check(&request, r#"{"sub":"8"}"#),
            Err(Fault::NotAsAsked("sub"))
        );
        assert_eq!(check(&request, "{}"), Err(Fault::MissingClaim("sub")));
        let any = ClaimsRequest::new().id_token("sub", IndividualClaim::essential());
        assert_eq!(check(&any, r#"{"sub":"8"}"#), Ok(()));
    }

    #[test]
    fn an_essential_time_of_authentication_must_be_there_and_others_need_not() {
        let request = ClaimsRequest::new()
            .id_token(
                "email",
                IndividualClaim::essential().with_value("a@b.example"),
            )
            .user_info("acr", IndividualClaim::essential().with_value("gold"))
            .id_token("auth_time", IndividualClaim::essential());
        assert_eq!(check(&request, r#"{"auth_time":1}"#), Ok(()));
        assert_eq!(check(&request, "{}"), Err(Fault::MissingClaim("auth_time")));
        let voluntary = ClaimsRequest::new().id_token("auth_time", IndividualClaim::voluntary());
        assert_eq!(check(&voluntary, "{}"), Ok(()));
    }

    #[test]
    fn it_comes_back_from_a_store_and_debug_shows_no_value() {
        let request = ClaimsRequest::new()
            .id_token("sub", IndividualClaim::essential().with_value("canary"))
            .user_info(
                "email",
                IndividualClaim::voluntary().with_values(["canary"]),
            );
        let stored = serde_json::to_string(&request).unwrap();
        let read: ClaimsRequest = serde_json::from_str(&stored).unwrap();
        assert_eq!(read, request);
        assert_eq!(
            format!("{request:?}"),
            r#"ClaimsRequest { userinfo: [("email", voluntary)], id_token: [("sub", essential)] }"#
        );
    }
}
