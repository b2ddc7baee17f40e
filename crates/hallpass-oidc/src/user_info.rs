//! Claims about the user from the UserInfo endpoint (OpenID Connect Core §5.3).

use std::fmt;
use std::ops::ControlFlow;

use time::UtcDateTime;

use hallpass_grant::{
    Conversation, DpopKey, Endpoint, Error, ErrorKind, Input, Misuse, Proof, Random, Request,
    Response, Step,
};
use hallpass_token::{AccessToken, Json, Members, Secret, TokenSet, TokenType};

use crate::part::part;
use crate::{Fault, IdTokenClaims, JwtRules, JwtVerification, RelyingParty, StandardClaims};

/// How the access token goes to the UserInfo endpoint (OpenID Connect Core §5.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UserInfoMethod {
    /// `GET`, with the token in the header.
    #[default]
    Get,
    /// `POST`, with the token in the header.
    Post,
    /// `POST`, with the token in the body, for providers that read no header (RFC 6750 §2.2).
    Form,
}

/// What a provider says of a user, and of nobody else: `sub` is that of the ID token.
///
/// `Debug` shows how many claims there are.
#[derive(Clone, PartialEq)]
pub struct UserInfo(Members);

impl UserInfo {
    /// The claims that OpenID Connect names, by type.
    ///
    /// # Errors
    /// [`Fault::StandardClaim`] where one has another type.
    pub fn standard(&self) -> Result<StandardClaims, Error> {
        StandardClaims::read(&self.0)
    }

    /// All claims.
    pub fn members(&self) -> &Members {
        &self.0
    }

    /// All claims, to keep.
    pub fn into_members(self) -> Members {
        self.0
    }
}

impl fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserInfo({:?})", self.0)
    }
}

/// Asks for claims about a user. The answer's media type says whether it is JSON or a signed token; where this client is registered for
/// signed or encrypted answers, no other is taken.
///
/// Where the access token is bound to a key, it is proven, once more if the provider asks for a nonce (RFC 9449 §9).
#[derive(Clone)]
pub struct UserInfoRequest {
    endpoint: Endpoint,
    method: UserInfoMethod,
    access_token: AccessToken,
    token_type: TokenType,
    key: Option<DpopKey>,
    subject: String,
    rules: JwtRules,
    must_be_signed: bool,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Ready {
        proofs: Proofs,
    },
    Proving {
        proof: Proof,
        left: Proofs,
    },
    Sent {
        left: Proofs,
    },
    /// A signed answer is being verified.
    Verifying(JwtVerification),
    Over,
}

/// The proofs that are left: one, and one for the nonce that the provider may ask for.
type Proofs = Vec<Proof>;

const ATTEMPTS: usize = 2;

impl RelyingParty {
    /// Asks for claims about the user of these tokens, who is whom this ID token is about.
    ///
    /// A provider that answers `invalid_token` does not take the access token any more: refresh, or have the user log in again.
    ///
    /// # Errors
    /// [`Misuse::OtherClient`] when that ID token is another provider's or for another client; [`Misuse::Missing`] when the provider has no
    /// UserInfo endpoint, or the client not the key that the token is bound to, or the one for UserInfo that is registered as encrypted;
    /// [`Misuse::Invalid`] for a bound token in a form, or a key of another algorithm;
    /// [`Misuse::Random`].
    pub fn user_info(
        &self,
        tokens: &TokenSet,
        about: &IdTokenClaims,
        method: UserInfoMethod,
        random: &mut impl Random,
    ) -> Result<UserInfoRequest, Error> {
        self.check_own(about)?;
        let rules = self.user_info_rules();
        #[cfg(feature = "encryption")]
        rules.encryption().check()?;
        let endpoint = self.provider().userinfo_endpoint();
        let endpoint = endpoint.ok_or(Misuse::Missing("userinfo endpoint"))?;
        let key = match tokens.token_type {
            TokenType::Dpop => {
                let key = self.client().dpop();
                Some(key.ok_or(Misuse::Missing("DPoP key"))?.clone())
            }
            _ => None,
        };
        if key.is_some() && method == UserInfoMethod::Form {
            return Err(Error::from(Misuse::Invalid {
                field: "UserInfo method",
                reason: "a token that is bound to a key goes into the header (RFC 9449 section 7.1)",
            }));
        }
        let mut proofs = Proofs::new();
        if let Some(key) = &key {
            for _ in 0..ATTEMPTS {
                let target = endpoint.as_str();
                proofs.push(key.proof(method.name(), target, &tokens.access_token, random)?);
            }
        }
        Ok(UserInfoRequest {
            endpoint: endpoint.clone(),
            method,
            access_token: tokens.access_token.clone(),
            token_type: tokens.token_type,
            key,
            subject: about.subject().to_owned(),
            rules,
            must_be_signed: self.user_info_algorithm().is_some(),
            state: State::Ready { proofs },
        })
    }
}

impl UserInfoRequest {
    /// Has the request proven, where it has to be, and sends it.
    fn advance(&mut self, mut left: Proofs, now: UtcDateTime) -> Result<Step<UserInfo>, Error> {
        match left.pop() {
            Some(proof) => {
                self.state = State::Proving { proof, left };
                self.step(Input::Begin, now)
            }
            None => Ok(self.send(None, left)),
        }
    }

    fn send(&mut self, proof: Option<Secret>, left: Proofs) -> Step<UserInfo> {
        let endpoint = self.endpoint.clone();
        let request = match self.method {
            UserInfoMethod::Get => Request::get(endpoint),
            UserInfoMethod::Post | UserInfoMethod::Form => Request::post(endpoint),
        };
        let request = request.accepting("application/json, application/jwt");
        let request = match (self.method, proof) {
            (UserInfoMethod::Form, _) => request.with_access_token_in_form(&self.access_token),
            (_, None) => request.with_access_token(self.token_type, &self.access_token),
            (_, Some(proof)) => request
                .with_access_token(self.token_type, &self.access_token)
                .with_proof(proof),
        };
        self.state = State::Sent { left };
        Step::Send(request)
    }

    fn receive(
        &mut self,
        response: &Response,
        left: Proofs,
        now: UtcDateTime,
    ) -> Result<Step<UserInfo>, Error> {
        if let Some(key) = &self.key
            && key.is_challenged(self.endpoint.as_str(), response)?
            && !left.is_empty()
        {
            return self.advance(left, now);
        }
        let is_success = (200..300).contains(&response.status());
        if is_success && response.header("content-type").is_some_and(is_jwt) {
            let token = str::from_utf8(response.body()).unwrap_or_default().trim();
            self.state = State::Verifying(JwtVerification::new(token, self.rules.clone()));
            return self.step(Input::Begin, now);
        }
        let claims = response.json()?;
        #[cfg(feature = "encryption")]
        if self.rules.encryption().is_expected() {
            return Err(Fault::Encryption.into());
        }
        match self.must_be_signed {
            true => Err(Fault::Unsigned.into()),
            false => self.finish(claims),
        }
    }

    fn finish(&self, claims: Members) -> Result<Step<UserInfo>, Error> {
        match claims.value("sub") {
            None => Err(Fault::MissingClaim("sub").into()),
            Some(Json::String(subject)) if *subject == self.subject => {
                Ok(Step::Done(UserInfo(claims)))
            }
            Some(_) => Err(Fault::SubOfUserInfo.into()),
        }
    }
}

impl Conversation for UserInfoRequest {
    type Output = UserInfo;

    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<UserInfo>, Error> {
        match (&mut self.state, input) {
            (State::Ready { proofs }, Input::Begin) => {
                let proofs = std::mem::take(proofs);
                self.state = State::Over;
                self.advance(proofs, now)
            }
            (State::Proving { proof, left }, input) => match part(proof.step(input, now)?) {
                ControlFlow::Continue(proof) => {
                    let left = std::mem::take(left);
                    Ok(self.send(Some(proof), left))
                }
                ControlFlow::Break(step) => Ok(step),
            },
            (State::Sent { left }, Input::Response(response)) => {
                let left = std::mem::take(left);
                self.state = State::Over;
                self.receive(&response, left, now)
            }
            (State::Sent { .. }, Input::Lost(_)) => {
                self.state = State::Over;
                Err(ErrorKind::Transport.into())
            }
            (State::Verifying(verification), input) => match part(verification.step(input, now)?) {
                ControlFlow::Continue(token) => {
                    self.state = State::Over;
                    self.finish(token.into_claims().into_members())
                }
                ControlFlow::Break(step) => Ok(step),
            },
            (State::Over, _) => Err(Misuse::Over.into()),
            (_, _) => Err(Misuse::UnexpectedInput.into()),
        }
    }
}

impl UserInfoMethod {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post | Self::Form => "POST",
        }
    }
}

fn is_jwt(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or("").trim();
    essence.eq_ignore_ascii_case("application/jwt")
}

/// Shows no token and nobody.
impl fmt::Debug for UserInfoRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserInfoRequest")
            .field("endpoint", &self.endpoint)
            .field("method", &self.method)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
