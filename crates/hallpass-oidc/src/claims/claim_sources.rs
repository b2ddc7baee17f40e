//! Claims that somebody else makes (OpenID Connect Core §5.6.2): which they are, and where to have them from.

use std::fmt;

use hallpass_grant::{Endpoint, Error, Issuer};
use hallpass_token::{AccessToken, Json, Members, Secret};

use crate::Fault;

/// `_claim_names` and `_claim_sources` of an ID token or UserInfo, and whom they are about.
#[derive(Clone, Debug, Default)]
pub struct ClaimSources {
    sources: Vec<ClaimSource>,
    /// `None`: there are no sources.
    subject: Option<Secret>,
}

/// Where some claims are. `Debug` shows its name and how many claims it is for.
#[derive(Clone)]
pub struct ClaimSource {
    name: String,
    claims: Vec<String>,
    place: ClaimPlace,
}

#[derive(Clone)]
pub(super) enum ClaimPlace {
    Aggregated(Secret),
    Distributed {
        endpoint: Endpoint,
        access_token: Option<AccessToken>,
    },
}

impl ClaimSources {
    /// The sources that these claims name; none where there are none. `teller` is the provider that says so.
    ///
    /// # Errors
    /// [`Fault::ClaimSource`] where a claim is of no source, or of one that is neither a JWT nor an endpoint elsewhere than on this machine; where
    /// a claim is also made by the provider itself, or is one of those that only the provider can make (`sub`); and where there are more
    /// than 16 sources or 64 claims. [`Fault::MissingClaim`] where nobody says whom they are about.
    pub fn of(claims: &Members, teller: &Issuer) -> Result<Self, Error> {
        let (names, sources) = match (claims.value(NAMES), claims.value(SOURCES)) {
            (None, None) => return Ok(Self::default()),
            (Some(Json::Object(names)), Some(Json::Object(sources))) => (names, sources),
            _ => return Err(Fault::ClaimSource("_claim_sources").into()),
        };
        if sources.len() > MAX_SOURCES || names.len() > MAX_CLAIMS {
            return Err(Fault::ClaimSource("number of sources or claims").into());
        }
        let teller = Endpoint::new(teller.as_str());
        let teller = teller.map_err(|_| Fault::ClaimSource("issuer"))?;
        let mut read = Vec::with_capacity(sources.len());
        for (name, source) in sources.iter() {
            read.push(ClaimSource {
                name: name.to_owned(),
                claims: Vec::new(),
                place: ClaimPlace::read(source, &teller)?,
            });
        }
        for (claim, source) in names.iter() {
            if PROVIDERS_OWN.contains(&claim) || claims.value(claim).is_some() {
                return Err(Fault::ClaimSource("claim that only the provider makes").into());
            }
            let source = source.as_str();
            let source = read
                .iter_mut()
                .find(|own| Some(own.name.as_str()) == source);
            let source = source.ok_or(Fault::ClaimSource("_claim_names"))?;
            source.claims.push(claim.to_owned());
        }
        read.retain(|source| !source.claims.is_empty());
        let subject = match claims.value("sub") {
            Some(Json::String(subject)) => Secret::from(subject.as_str()),
            Some(_) => return Err(Fault::Claim("sub").into()),
            None => return Err(Fault::MissingClaim("sub").into()),
        };
        Ok(Self {
            sources: read,
            subject: Some(subject),
        })
    }

    /// The sources that some claim is of.
    pub fn iter(&self) -> impl Iterator<Item = &ClaimSource> {
        self.sources.iter()
    }

    /// Whether no claim is of any source.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The user that the provider speaks of (`sub`).
    pub(super) fn subject(&self) -> Option<&Secret> {
        self.subject.as_ref()
    }
}

impl ClaimSource {
    /// What the provider calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The claims that it is for.
    pub fn claims(&self) -> impl Iterator<Item = &str> {
        self.claims.iter().map(String::as_str)
    }

    /// Where the claims are asked for. `None`: they are here already (aggregated).
    pub fn endpoint(&self) -> Option<&Endpoint> {
        match &self.place {
            ClaimPlace::Aggregated(_) => None,
            ClaimPlace::Distributed { endpoint, .. } => Some(endpoint),
        }
    }

    pub(super) fn place(&self) -> &ClaimPlace {
        &self.place
    }
}

impl ClaimPlace {
    fn read(source: &Json, teller: &Endpoint) -> Result<Self, Error> {
        let members = source.as_object().ok_or(Fault::ClaimSource("source"))?;
        let text = |name| match members.value(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(Fault::ClaimSource(name)),
        };
        match (text("JWT")?, text("endpoint")?, text("access_token")?) {
            (Some(jwt), None, None) => Ok(Self::Aggregated(Secret::new(jwt))),
            (None, Some(endpoint), access_token) => {
                let endpoint = Endpoint::told_by(teller, endpoint);
                let token = access_token.map(|token| AccessToken::new(token.as_str()));
                let token = token.transpose();
                Ok(Self::Distributed {
                    endpoint: endpoint.map_err(|_| Fault::ClaimSource("endpoint"))?,
                    access_token: token.map_err(|_| Fault::ClaimSource("access_token"))?,
                })
            }
            _ => Err(Fault::ClaimSource("source").into()),
        }
    }
}

const NAMES: &str = "_claim_names";
const SOURCES: &str = "_claim_sources";
const MAX_SOURCES: usize = 16;
const MAX_CLAIMS: usize = 64;

/// What says who the user is and whose word it is: nobody else says that.
const PROVIDERS_OWN: [&str; 18] = [
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "nbf",
    "iat",
    "jti",
    "nonce",
    "acr",
    "amr",
    "auth_time",
    "sid",
    "at_hash",
    "c_hash",
    "s_hash",
    NAMES,
    SOURCES,
];

impl fmt::Debug for ClaimSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ClaimSource({:?}, {} claims)",
            self.name,
            self.claims.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Result<ClaimSources, Error> {
        let claims = Members::read(json.as_bytes()).unwrap();
        ClaimSources::of(&claims, &Issuer::new("https://op.example").unwrap())
    }

    fn reason(json: &str) -> &'static str {
        match Fault::of(&of(json).unwrap_err()) {
            Some(Fault::ClaimSource(reason)) => reason,
            other => panic!("{other:?}"),
        }
    }

    fn source(source: &str) -> String {
        format!(r#"{{"sub":"1","_claim_names":{{"x":"a"}},"_claim_sources":{{"a":{source}}}}}"#)
    }

    #[test]
    fn aggregated_and_distributed_claims_are_told_apart() {
        let sources = of(
            r#"{"sub":"1","name":"Jane",
                "_claim_names":{"birthdate":"here","eye_color":"here","payment_info":"there","score":"open"},
                "_claim_sources":{"here":{"JWT":"h.p.s"},
                    "there":{"endpoint":"https://bank.example/claims?x=1","access_token":"ksj3n283dke"},
                    "open":{"endpoint":"https://agency.example/"}, "idle":{"JWT":"h.p.s"}}}"#,
        )
        .unwrap();
        let shown: Vec<(&str, Vec<&str>, Option<&str>)> = sources
            .iter()
            .map(|source| {
                let endpoint = source.endpoint().map(Endpoint::as_str);
                (source.name(), source.claims().collect(), endpoint)
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("here", vec!["birthdate", "eye_color"], None),
                (
                    "there",
                    vec!["payment_info"],
                    Some("https://bank.example/claims?x=1")
                ),
                ("open", vec!["score"], Some("https://agency.example/")),
            ]
        );
        let here = sources.iter().next();
        let shown = r#"Some(ClaimSource("here", 2 claims))"#;
        assert_eq!(format!("{here:?}"), shown);
        assert!(of(r#"{"sub":"1"}"#).unwrap().is_empty());
        assert!(!sources.is_empty());
    }

    #[test]
    fn whom_the_claims_are_about_is_said() {
        let of_subject = |subject: &str| {
            of(&format!(
                r#"{{{subject}"_claim_names":{{"x":"a"}},"_claim_sources":{{"a":{{"JWT":"h.p.s"}}}}}}"#
            ))
        };
        let sources = of_subject(r#""sub":"canary","#).unwrap();
        assert!(!format!("{sources:?}").contains("canary"));
        for (subject, fault) in [
            ("", Fault::MissingClaim("sub")),
            (r#""sub":7,"#, Fault::Claim("sub")),
        ] {
            let error = of_subject(subject).unwrap_err();
            assert_eq!(Fault::of(&error), Some(&fault));
        }
        assert!(of("{}").unwrap().is_empty());
    }

    #[test]
    fn a_source_is_a_jwt_or_an_endpoint_elsewhere() {
        for (own, expected) in [
            (r#""h.p.s""#, "source"),
            ("{}", "source"),
            (
                r#"{"JWT":"h.p.s","endpoint":"https://a.example"}"#,
                "source",
            ),
            (r#"{"JWT":"h.p.s","access_token":"t"}"#, "source"),
            (r#"{"access_token":"t"}"#, "source"),
            (r#"{"JWT":7}"#, "JWT"),
            (r#"{"endpoint":7}"#, "endpoint"),
            (r#"{"endpoint":null}"#, "endpoint"),
            (r#"{"endpoint":"http://a.example"}"#, "endpoint"),
            (r#"{"endpoint":"https://localhost/x"}"#, "endpoint"),
            (r#"{"endpoint":"http://127.0.0.1/x"}"#, "endpoint"),
            (
                r#"{"endpoint":"https://a.example","access_token":7}"#,
                "access_token",
            ),
            (
                r#"{"endpoint":"https://a.example","access_token":""}"#,
                "access_token",
            ),
            (
                r#"{"endpoint":"https://a.example","access_token":"a\r\nb"}"#,
                "access_token",
            ),
        ] {
            assert_eq!(reason(&source(own)), expected, "{own}");
        }
    }

    #[test]
    fn names_and_sources_belong_together() {
        for (json, expected) in [
            (r#"{"_claim_names":{}}"#, "_claim_sources"),
            (r#"{"_claim_sources":{}}"#, "_claim_sources"),
            (
                r#"{"_claim_names":[],"_claim_sources":{}}"#,
                "_claim_sources",
            ),
            (
                r#"{"_claim_names":null,"_claim_sources":null}"#,
                "_claim_sources",
            ),
            (
                r#"{"_claim_names":{"x":"b"},"_claim_sources":{"a":{"JWT":"t"}}}"#,
                "_claim_names",
            ),
            (
                r#"{"_claim_names":{"x":7},"_claim_sources":{"a":{"JWT":"t"}}}"#,
                "_claim_names",
            ),
        ] {
            assert_eq!(reason(json), expected, "{json}");
        }
    }

    #[test]
    fn nobody_else_says_who_the_user_is_or_what_the_provider_has_said() {
        let taken = |claim: &str| {
            reason(&format!(
                r#"{{"name":"Jane","_claim_names":{{"{claim}":"a"}},"_claim_sources":{{"a":{{"JWT":"t"}}}}}}"#
            ))
        };
        for claim in PROVIDERS_OWN.into_iter().chain(["name"]) {
            assert_eq!(
                taken(claim),
                "claim that only the provider makes",
                "{claim}"
            );
        }
    }

    #[test]
    fn there_are_no_more_than_can_be_asked_for() {
        let many = |sources: usize, claims: usize| {
            let sources: Vec<String> = (0..sources)
                .map(|n| format!(r#""s{n}":{{"JWT":"t"}}"#))
                .collect();
            let claims: Vec<String> = (0..claims).map(|n| format!(r#""c{n}":"s0""#)).collect();
            format!(
                r#"{{"sub":"1","_claim_names":{{{}}},"_claim_sources":{{{}}}}}"#,
                claims.join(","),
                sources.join(",")
            )
        };
        assert!(of(&many(16, 64)).is_ok());
        assert_eq!(reason(&many(17, 1)), "number of sources or claims");
        assert_eq!(reason(&many(1, 65)), "number of sources or claims");
    }
}
