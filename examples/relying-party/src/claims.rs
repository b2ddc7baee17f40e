//! The claims parameter, as people write it (OpenID Connect Core §5.5).

use hallpass_jose::{Json, Members};
use hallpass_oidc::{ClaimsRequest, IndividualClaim};

use crate::failure::Failure;

/// Reads the parameter's value.
pub(crate) fn read(text: &str) -> Result<ClaimsRequest, Failure> {
    let document = Members::read(text.as_bytes());
    let document = document.map_err(|error| Failure::of("--claims", error))?;
    let mut request = ClaimsRequest::new();
    for (place, claims) in document.iter() {
        let claims = claims.as_object();
        let unusable = "--claims has objects called `userinfo` and `id_token`, and nothing else";
        let claims = claims.ok_or_else(|| Failure::usage(unusable))?;
        for (name, how) in claims.iter() {
            let claim = individual(how)?;
            request = match place {
                "userinfo" => request.user_info(name, claim),
                "id_token" => request.id_token(name, claim),
                _ => return Err(Failure::usage(unusable)),
            };
        }
    }
    Ok(request)
}

fn individual(how: &Json) -> Result<IndividualClaim, Failure> {
    let Some(members) = how.as_object() else {
        return Ok(IndividualClaim::voluntary());
    };
    let essential = members.value("essential").and_then(Json::as_bool);
    let claim = match essential.unwrap_or(false) {
        true => IndividualClaim::essential(),
        false => IndividualClaim::voluntary(),
    };
    let values = members.value("values").and_then(Json::as_array);
    let texts: Option<Vec<&str>> =
        values.map(|values| values.iter().filter_map(Json::as_str).collect());
    Ok(match (members.value("value"), texts) {
        (Some(value), _) => claim.with_json_value(value.clone()),
        (None, Some(texts)) => claim.with_values(texts),
        (None, None) => claim,
    })
}
