//! What stays the same from login to login: the client, the provider, its keys, and who is logged in. Cheap to clone; the endpoints
//! have one too.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use hallpass_grant::{Error, Issuer};
use hallpass_http::Driver;
use hallpass_jose::KeyManagement;
use hallpass_oidc::{
    BackChannelLogout, FrontChannelLogout, LogoutAnswer, LogoutRules, ProviderMetadata,
    RelyingParty, SeenLogoutTokens, SessionRequirement,
};
use serde_json::json;

use crate::arguments::UserInfo;
use crate::failure::Failure;
use crate::listener::Asked;
use crate::program::Program;
use crate::registration::Known;
use crate::report::{Report, Step};

/// The client at its provider.
#[derive(Clone)]
pub(crate) struct Party(Arc<Inner>);

struct Inner {
    relying_party: RelyingParty,
    request_object_algorithm: Option<String>,
    logout: LogoutRules,
    front_channel: SessionRequirement,
    driver: Driver,
    report: Arc<Report>,
    seen: Mutex<SeenLogoutTokens>,
    user: Mutex<Option<Session>>,
}

/// Who is logged in.
#[derive(Clone)]
struct Session {
    sub: String,
    sid: Option<String>,
    is_over: bool,
}

/// How many logout tokens are remembered.
const SEEN: NonZeroUsize = NonZeroUsize::new(1000).unwrap();

impl Party {
    pub(crate) fn new(
        program: &Program,
        provider: &ProviderMetadata,
        known: &Known,
    ) -> Result<Self, Failure> {
        let relying_party = relying_party(program, provider, known)?;
        let session = known.metadata.back_channel_session();
        let logout = relying_party.logout_rules().with_session(session);
        Ok(Self(Arc::new(Inner {
            relying_party,
            request_object_algorithm: known.metadata.request_object_signing_alg.clone(),
            seen: Mutex::new(SeenLogoutTokens::new(SEEN)),
            logout,
            front_channel: known.metadata.front_channel_session(),
            driver: program.driver.clone(),
            report: program.report.clone(),
            user: Mutex::new(None),
        })))
    }

    pub(crate) fn relying_party(&self) -> &RelyingParty {
        &self.0.relying_party
    }

    /// How request objects are signed, as far as it is registered.
    pub(crate) fn request_object_algorithm(&self) -> Option<&str> {
        self.0.request_object_algorithm.as_deref()
    }

    pub(crate) fn provider(&self) -> &ProviderMetadata {
        self.0.relying_party.provider()
    }

    /// This user is logged in from now on.
    pub(crate) fn remember(&self, sub: &str, sid: Option<&str>) {
        if let Ok(mut kept) = self.0.user.lock() {
            *kept = Some(Session {
                sub: sub.to_owned(),
                sid: sid.map(str::to_owned),
                is_over: false,
            });
        }
    }

    /// The session here is over.
    pub(crate) fn end(&self) {
        self.end_session(|_, _| true);
    }

    /// What a provider posts to our back-channel endpoint.
    pub(crate) async fn back_channel_logout(&self, asked: &Asked) -> (bool, LogoutAnswer) {
        let outcome = self.logout_token(asked).await;
        let answer = BackChannelLogout::answer(&outcome);
        let step = Step::BackChannelLogout;
        match outcome {
            Ok(ended) => self.0.report.ok(step, json!({"session": ended})),
            Err(error) => {
                self.0.report.failed(step, &error.into());
                return (false, answer);
            }
        }
        (true, answer)
    }

    /// What a token makes of the session there is.
    async fn logout_token(&self, asked: &Asked) -> Result<&'static str, Error> {
        let mut reading = BackChannelLogout::read(
            &asked.method,
            &asked.content_type,
            asked.body.as_bytes(),
            self.0.logout.clone(),
        )?;
        let token = self.0.driver.drive(&mut reading).await?;
        if let Ok(mut seen) = self.0.seen.lock() {
            seen.remember(&token, self.0.driver.now())?;
        }
        Ok(self.end_session(|user, issuer| token.ends(issuer, &user.sub, user.sid.as_deref())))
    }

    /// What a provider has in a frame.
    pub(crate) fn front_channel_logout(&self, asked: &Asked) -> bool {
        let target = format!("{}?{}", asked.path, asked.query);
        let step = Step::FrontChannelLogout;
        match FrontChannelLogout::read(&target, self.0.front_channel) {
            Ok(logout) => {
                let ended =
                    self.end_session(|user, issuer| logout.ends(issuer, user.sid.as_deref()));
                self.0.report.ok(step, json!({"session": ended}));
                true
            }
            Err(error) => {
                self.0.report.failed(step, &error.into());
                false
            }
        }
    }

    /// What becomes of the session here, where it is the one that is over at the provider.
    fn end_session(&self, is_over: impl FnOnce(&Session, &Issuer) -> bool) -> &'static str {
        let issuer = self.provider().issuer();
        let mut user = self.0.user.lock();
        match user.as_mut().map(|user| user.as_mut()) {
            Ok(Some(user)) if is_over(user, issuer) => {
                match std::mem::replace(&mut user.is_over, true) {
                    true => "was over",
                    false => "ended",
                }
            }
            _ => "is another",
        }
    }
}

/// The client, and how tokens have to be signed and encrypted.
fn relying_party(
    program: &Program,
    provider: &ProviderMetadata,
    known: &Known,
) -> Result<RelyingParty, Failure> {
    let request = &program.arguments.request;
    let mut registered = known.metadata.clone();
    // What a server has registered counts, unless that is `none`: a token without a signature is refused when it comes.
    let expected = request.expected_algorithm();
    if expected.is_some() || registered.id_token_algorithm().is_err() {
        registered.id_token_signed_response_alg = expected.map(str::to_owned);
    }
    if program.arguments.afterwards.userinfo == Some(UserInfo::Signed) {
        let usual = || {
            request
                .expect_alg
                .clone()
                .unwrap_or_else(|| "RS256".to_owned())
        };
        registered
            .userinfo_signed_response_alg
            .get_or_insert_with(usual);
    }
    let mut party = RelyingParty::new(known.client.clone(), provider.clone())?;
    party = party.with_registration(&registered)?;
    if let Some(secret) = &known.secret {
        party = party.with_rules(|rules| rules.with_secret(&secret.as_str().into()));
    }
    if let Some((management, _)) = request.encryption() {
        let management = KeyManagement::from_name(management);
        let unknown = || Failure::usage("--expect-encryption is ALG/ENC, as in RSA-OAEP/A256GCM");
        let key = program.keys.opening(management.ok_or_else(unknown)?)?;
        party = party.with_rules(|rules| rules.with_decryption_key(key));
    }
    if let Some(management) = &registered.userinfo_encrypted_response_alg {
        let management = KeyManagement::from_name(management);
        let unknown = || {
            Failure::usage("UserInfo is registered to be encrypted in a way that is not known here")
        };
        party = party.with_user_info_key(program.keys.opening(management.ok_or_else(unknown)?)?);
    }
    Ok(party)
}
