//! Whatever is in an ID token, it is taken if it is as the specification has it, and refused if not.

use std::time::Duration;

use proptest::prelude::*;

use hallpass_grant::{Callback, IdToken};
use hallpass_jose::SignatureAlgorithm;
use hallpass_oidc::AuthenticationRequest;
use hallpass_token::{Json, Members};

use crate::common::*;

/// Every value that a claim may have here, as JSON; the nonce of the login is `NONCE`.
const VALUES: &[&str] = &[
    "null",
    "7",
    "-1",
    "1.5",
    "1e308",
    "true",
    "[]",
    "{}",
    "\"\"",
    "\"cid\"",
    "\"api\"",
    "\"NONCE\"",
    "\"gold\"",
    "\"24400320\"",
    "\"https://op.example\"",
    "\"https://op.example/\"",
    "[\"cid\"]",
    "[\"api\"]",
    "[\"cid\",\"api\"]",
    "[\"cid\",\"other\"]",
    "[\"cid\",7]",
    "1699999899",
    "1699999900",
    "1699999999",
    "1700000000",
    "1700000000.5",
    "1700000001",
];

const NAMES: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "nonce",
    "azp",
    "auth_time",
    "acr",
    "amr",
    "sid",
];

fn change() -> impl Strategy<Value = (&'static str, Option<&'static str>)> {
    let value = prop_oneof![1 => Just(None), 6 => prop::sample::select(VALUES).prop_map(Some)];
    (prop::sample::select(NAMES), value)
}

/// What the specification says of these claims, read another way than the library reads them.
fn is_good(claims: &Members, nonce: &str) -> bool {
    let value = |name: &str| claims.value(name);
    let text = |name: &str| value(name).and_then(Json::as_str);
    let is_text_or_absent = |name: &str| value(name).is_none() || text(name).is_some();
    let texts = |name: &str| match value(name) {
        Some(Json::String(text)) => Some(vec![text.as_str()]),
        Some(Json::Array(values)) if !values.is_empty() => {
            values.iter().map(Json::as_str).collect()
        }
        _ => None,
    };
    let seconds = |name: &str| match value(name) {
        Some(Json::Integer(seconds)) if (0..=253_402_300_799).contains(seconds) => {
            Some(*seconds as f64)
        }
        Some(Json::Float(seconds)) if (0.0..=253_402_300_799.0).contains(seconds) => Some(*seconds),
        _ => None,
    };
    let is_date_or = |name: &str, is_good: &dyn Fn(f64) -> bool, absent: bool| match value(name) {
        None => absent,
        Some(_) => seconds(name).is_some_and(is_good),
    };
    let now = NOW as f64;
    let Some(audiences) = texts("aud") else {
        return false;
    };
    let knows = audiences.iter().all(|own| ["cid", "api"].contains(own));
    let alone = audiences.iter().all(|own| *own == "cid");
    text("iss") == Some(ISSUER)
        && text("sub").is_some_and(|sub| !sub.is_empty())
        && knows
        && audiences.contains(&"cid")
        && is_date_or("exp", &|exp| now < exp, false)
        && is_date_or("nbf", &|nbf| nbf <= now, true)
        && is_date_or("iat", &|iat| iat <= now && now - iat <= 3600.0, false)
        && text("nonce") == Some(nonce)
        && is_text_or_absent("azp")
        && text("azp").map_or(alone, |azp| azp == "cid")
        && is_date_or("auth_time", &|at| at <= now && now - at <= 100.0, false)
        && text("acr") == Some("gold")
        && (value("amr").is_none() || texts("amr").is_some())
        && is_text_or_absent("sid")
}

proptest! {
    #[test]
    fn an_id_token_is_taken_if_and_only_if_it_is_as_it_has_to_be(
        changes in prop::collection::vec(change(), 0..4),
    ) {
        let relying_party = relying_party().with_rules(|_| {
            let rules = rules().requiring(&["iss", "sub", "aud", "exp", "iat"]);
            rules.trusting(["api"]).not_older_than(Duration::from_secs(3600))
        });
        let request = AuthenticationRequest::new()
            .max_age(Duration::from_secs(100))
            .acr_values(["gold"]);
        let (url, login) = relying_party.login::<IdToken>(&request, &mut draws(7), now()).unwrap();
        let nonce = query_of(url.as_str())["nonce"].clone();
        let mut claims = claims(&format!(
            r#"{{"nonce":"{nonce}","auth_time":1699999950,"acr":"gold","aud":["cid"]}}"#
        ));
        for (name, value) in changes {
            match value {
                None => drop(claims.remove(name)),
                Some(value) => {
                    let value = value.replace("NONCE", &nonce);
                    let value = members(&format!(r#"{{"v":{value}}}"#)).remove("v").unwrap();
                    claims.insert(name, value);
                }
            }
        }
        let token = signed(&rsa(), SignatureAlgorithm::Rs256, &claims);
        let state = login.state().expose_secret().to_owned();
        let callback = format!("/cb#state={state}&id_token={token}");
        let received = relying_party.receive(login, &Callback::from_url(&callback), now());
        let taken = silent(&mut received.unwrap());
        prop_assert_eq!(taken.is_ok(), is_good(&claims, &nonce), "{:?}", taken.err());
    }
}
