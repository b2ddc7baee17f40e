//! Faults, and what the user of the facade sees of each without a profile and with the one that it needs.

use std::collections::BTreeMap;

use hallpass::{ErrorKind, Profile, ProviderError, Recovery};
use hallpass_testkit::NamedFault;

/// A row: the fault, what is seen without a profile, the profile as JSON if there is one, and what is seen with it.
pub(crate) type Row = (
    NamedFault,
    &'static str,
    Option<(&'static str, &'static str)>,
);

/// Sees each fault as `look` does, and says of every row that is not as it should be what is.
pub(crate) async fn check<T>(rows: &[Row], look: impl AsyncFn(NamedFault, Profile) -> Outcome<T>) {
    let mut wrong = Vec::new();
    for (fault, strict, profiled) in rows {
        let outcome = look(*fault, Profile::STRICT).await;
        if seen(&outcome) != *strict {
            wrong.push(format!("{}: {}", fault.name(), seen(&outcome)));
        }
        let Some((profile, expected)) = profiled else {
            continue;
        };
        if let Err(error) = &outcome {
            // Whoever reads the error must find the profile.
            let field = format!("`{}`", field(profile));
            if !error.to_string().contains(&field) {
                wrong.push(format!("{}: {error} names no {field}", fault.name()));
            }
        }
        let outcome = look(*fault, serde_json::from_str(profile).unwrap()).await;
        if seen(&outcome) != *expected {
            let shown = seen(&outcome);
            wrong.push(format!("{} with {profile}: {shown}", fault.name()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

pub(crate) type Outcome<T> = Result<T, ProviderError>;

/// `ok`, or what kind of error it is and what to do: `invalid_grant, Reauthorize`.
pub(crate) fn seen<T>(outcome: &Outcome<T>) -> String {
    let error = match outcome {
        Ok(_) => return "ok".to_owned(),
        Err(error) => error,
    };
    let word = |debug: String| debug.split(['(', ' ']).next().unwrap_or("").to_owned();
    let kind = match error.kind() {
        ErrorKind::Refused(refused) => match (refused.code(), refused.status()) {
            (Some(code), _) => code.to_string(),
            (None, status) => format!("status {}", status.unwrap_or(0)),
        },
        ErrorKind::Violation(violation) => word(format!("{violation:?}")),
        other => word(format!("{other:?}")),
    };
    let recovery = match error.recovery() {
        Recovery::Retry { after: None } => "Retry".to_owned(),
        Recovery::Retry { after: Some(after) } => format!("Retry after {after:?}"),
        other => format!("{other:?}"),
    };
    format!("{kind}, {recovery}")
}

fn field(profile: &str) -> String {
    let members: BTreeMap<String, serde_json::Value> = serde_json::from_str(profile).unwrap();
    members.into_keys().next().unwrap()
}

#[test]
fn every_fault_with_a_name_is_seen_through_the_facade() {
    let sources = [
        include_str!("assertions.rs"),
        include_str!("device.rs"),
        include_str!("dpop.rs"),
        include_str!("named_metadata.rs"),
        include_str!("named_outages.rs"),
        include_str!("named_redirects.rs"),
        include_str!("named_refusals.rs"),
        include_str!("named_tokens.rs"),
        include_str!("openid/discovery.rs"),
        include_str!("pushed.rs"),
        include_str!("registration.rs"),
        include_str!("revocation.rs"),
    ]
    .concat();
    // `hallpass-oidc` has its own eyes for what OpenID Connect adds.
    let unseen: Vec<_> = NamedFault::ALL
        .iter()
        .filter(|fault| !fault.is_openid())
        .filter(|fault| !sources.contains(&format!("NamedFault::{fault:?}")))
        .collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}
