//! What is asked of a server before anybody logs in.

use hallpass::grant::Discovery;
use hallpass::{ErrorKind, Profile, ServerMetadata, Violation};

use crate::account::{Account, Grant};
use crate::error::Failure;
use crate::key::SigningKey;
use crate::known::Known;
use crate::settings::{ClientAuth, Settings, issuer};
use crate::transport;

/// What a login is begun with: the server's metadata is asked for, unless hallpass knows the server or its endpoints are given by hand.
pub(in crate::command) async fn account(
    settings: Settings,
    grant: Grant,
) -> Result<Account, Failure> {
    let (mut server, profile) = match known(&settings).transpose()? {
        Some(known) => (known.server, known.profile),
        None => (metadata(&settings).await?, Profile::STRICT),
    };
    let profile = settings.quirks.clone().unwrap_or(profile);
    // What else it says of itself is for others.
    server.extra = Default::default();
    if settings.client.client_auth == Some(ClientAuth::ClientSecretBasic) {
        server.token_endpoint_auth_methods_supported = Some(vec!["client_secret_basic".to_owned()]);
    }
    let dpop = settings
        .request
        .dpop
        .then(SigningKey::generate)
        .transpose()?;
    Ok(Account {
        grant,
        settings,
        server,
        profile,
        dpop,
    })
}

fn known(settings: &Settings) -> Option<Result<Known, Failure>> {
    let named = settings.issuer.as_deref().and_then(Known::find);
    named.filter(|_| !settings.server.has_endpoints())
}

async fn metadata(settings: &Settings) -> Result<ServerMetadata, Failure> {
    let named = settings.issuer.as_deref().map(issuer).transpose()?;
    match (named, settings.server.has_endpoints()) {
        (issuer, true) => settings.server.metadata(issuer),
        (Some(issuer), false) => {
            let driver = transport::driver(settings.server.ca.as_deref())?;
            let quirks = settings.quirks.as_ref().unwrap_or(&Profile::STRICT);
            let mut discovery = Discovery::new(issuer).with_profile(quirks);
            let asked = driver.drive(&mut discovery).await;
            asked.map_err(|error| no_metadata(error, settings))
        }
        (None, false) => Err(Failure::usage("nobody has said where to log in")
            .next("name the authorization server: hallpass login ISSUER")),
    }
}

fn no_metadata(error: hallpass::ProviderError, settings: &Settings) -> Failure {
    let named = settings.issuer.as_deref().unwrap_or_default();
    let next = match error.kind() {
        ErrorKind::Refused(refused) if matches!(refused.status(), Some(404 | 405)) => {
            let look = "look whether this is the server's issuer; if the server has no metadata, give its endpoints: --authorization-endpoint, --token-endpoint";
            Some(match Known::meant(named) {
                Some(word) => format!("did you mean `{word}`? Else {look}"),
                None => look.to_owned(),
            })
        }
        ErrorKind::Violation(Violation::MetadataIssuer) => {
            let other = match named.strip_suffix('/') {
                Some(without) => without.to_owned(),
                None => format!("{named}/"),
            };
            Some(format!(
                "name the server exactly as it calls itself, with or without a slash at the end (`{other}`?); if it writes both, \
                 write `issuer = \"trailing_slash\"` under [profile.NAME.quirks] in the configuration"
            ))
        }
        _ => None,
    };
    let failure = Failure::from(error);
    let failure = match named.contains("://") {
        true => failure,
        false => failure.detail(format!("`{named}` was taken to be https://{named}")),
    };
    match next {
        Some(next) => failure.next(next),
        None => failure,
    }
}
