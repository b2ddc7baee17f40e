//! An authorization request in a JWT (RFC 9101, OpenID Connect Core §6): nobody between client and server can change it.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::UtcDateTime;

use hallpass_token::Secret;

use super::AuthorizationUrl;
use super::request_claims::RequestClaims;
use crate::conversation::{Conversation, Input, NotSigned, Step};
use crate::form::push_field;
use crate::random::{Random, Seed};
use crate::{Client, Endpoint, Error, ErrorKind, Misuse, Signatory, SigningInput, jws};

impl Client {
    /// Puts a request that this client has begun into a request object, signed by this key or secret: in the address, or where
    /// [`at`](RequestObject::at) says. The login stays the one that it was begun as.
    ///
    /// The object is good for five minutes from when it is made.
    ///
    /// ```
    /// # use hallpass_grant::*;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = ServerMetadata::default()
    /// #     .with_issuer(Issuer::new("https://as.example")?)
    /// #     .with_authorization_endpoint(Endpoint::new("https://as.example/authorize")?)
    /// #     .with_token_endpoint(Endpoint::new("https://as.example/token")?);
    /// # let client = Client::new(server, "s6BhdRkqt3")?;
    /// # let mut random = || Ok([7; 32]);
    /// # let now = time::UtcDateTime::UNIX_EPOCH;
    /// let (url, pending) = client.code()?.begin(AuthorizationRequest::new(), &mut random, now)?;
    /// let key = SigningKeyName::new(SigningAlgorithm::Es256, "key-1");
    /// let object = client.request_object(url, key, &mut random)?; // drive it: an `ObjectRequest` comes out
    /// # let _ = (object, pending);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Misuse::Missing`] when the server's metadata has no issuer; [`Misuse::OtherClient`] for a request of another client or server;
    /// [`Misuse::ReservedParameter`] for a parameter that is called like a claim of the JWT's own; [`Misuse::Invalid`] for a request that
    /// was pushed or is in an object already; [`Misuse::Random`].
    pub fn request_object(
        &self,
        request: AuthorizationUrl,
        signatory: impl Into<Signatory>,
        random: &mut impl Random,
    ) -> Result<RequestObject, Error> {
        self.object_of(&request, Some(signatory.into()), random)
    }

    /// The same without a signature (`alg` `none`), which OpenID Connect allows and RFC 9101 does not: it protects nothing, and is for
    /// servers that want an object and nothing to verify.
    ///
    /// # Errors
    /// As for [`request_object`](Self::request_object).
    pub fn unsigned_request_object(
        &self,
        request: AuthorizationUrl,
        random: &mut impl Random,
    ) -> Result<RequestObject, Error> {
        self.object_of(&request, None, random)
    }

    fn object_of(
        &self,
        request: &AuthorizationUrl,
        signatory: Option<Signatory>,
        random: &mut impl Random,
    ) -> Result<RequestObject, Error> {
        let endpoint = self.server().authorization_endpoint.as_ref();
        let endpoint = endpoint.ok_or(Misuse::Missing("authorization endpoint"))?;
        let own = request.as_str().strip_prefix(endpoint.as_str());
        let own = own.and_then(|own| own.strip_prefix(['?', '&']));
        let form = Secret::new(own.ok_or(Misuse::OtherClient)?);
        let issuer = self.server().issuer.as_ref();
        let claims = RequestClaims::new(self.id(), issuer, form)?;
        match claims.parameter("client_id").as_deref() == Some(self.id()) {
            true => Ok(RequestObject {
                endpoint: endpoint.clone(),
                claims,
                signatory,
                address: None,
                seed: Seed::draw(random)?,
                signatures: 0,
                state: State::Ready,
            }),
            false => Err(Misuse::OtherClient.into()),
        }
    }
}

/// A request object in the making: [`Client::request_object`] begins it, and an [`ObjectRequest`] comes out.
///
/// It serialises at every step, so it can be stored while a key far away signs. What is stored has the login's state in it, and where a
/// [`MacKey`](crate::MacKey) signs, that secret: keep it as safe as the client's own.
#[derive(Clone, Serialize, Deserialize)]
pub struct RequestObject {
    endpoint: Endpoint,
    claims: RequestClaims,
    signatory: Option<Signatory>,
    /// Where the application serves it, if not in the address.
    address: Option<Endpoint>,
    seed: Seed,
    signatures: u64,
    state: State,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum State {
    Ready,
    Signing { signing_input: Secret },
    Over,
}

/// Where the user agent is sent, and the object.
#[derive(Clone)]
#[non_exhaustive]
pub struct ObjectRequest {
    /// Where the user agent is sent.
    pub url: AuthorizationUrl,
    /// The object, as a compact JWT. Where the request only refers to it, serve it there as
    /// [`MEDIA_TYPE`](RequestObject::MEDIA_TYPE), to whoever asks, for five minutes.
    pub object: Secret,
}

impl RequestObject {
    /// What the object is served as (RFC 9101 §5.2.2).
    pub const MEDIA_TYPE: &'static str = "application/oauth-authz-req+jwt";

    /// The same by reference (`request_uri`): the application serves the object at this address of its own, which nobody should be able to
    /// guess. What is in the object is put behind it as a fragment, for servers that keep what they have fetched (OpenID Connect Core §6.2).
    ///
    /// # Errors
    /// [`Misuse::Invalid`] for what is no https address, or is longer than a server need read.
    pub fn at(mut self, address: &str) -> Result<Self, Error> {
        let invalid = |reason| Misuse::Invalid {
            field: "request_uri",
            reason,
        };
        let address = Endpoint::new(address).map_err(|error| {
            Error::from(invalid("it is not an absolute https address")).with_source(error)
        })?;
        if address.as_str().len() + FRAGMENT > MOST {
            return Err(invalid("it is too long: 468 characters are left to it").into());
        }
        self.address = Some(address);
        Ok(self)
    }

    fn finish(&mut self, object: String) -> Step<ObjectRequest> {
        self.state = State::Over;
        let mut url = String::with_capacity(self.endpoint.as_str().len() + object.len() + 256);
        url.push_str(self.endpoint.as_str());
        url.push(if self.endpoint.has_query() { '&' } else { '?' });
        for (name, value) in self.outside() {
            push_field(&mut url, name, &value);
        }
        match &self.address {
            None => push_field(&mut url, "request", &object),
            Some(address) => {
                let hash = Base64UrlUnpadded::encode_string(&Sha256::digest(&object));
                push_field(
                    &mut url,
                    "request_uri",
                    &format!("{}#{hash}", address.as_str()),
                );
            }
        }
        Step::Done(ObjectRequest {
            url: AuthorizationUrl::new(url),
            object: object.into(),
        })
    }

    /// What stands beside the object as well: whatever makes the request one of OAuth 2.0 and of OpenID Connect (Core §6.1).
    fn outside(&self) -> Vec<(&'static str, String)> {
        let is_openid = |scope: &String| scope.split([' ', ',']).any(|own| own == "openid");
        let client_id = Some(self.claims.client_id().to_owned());
        let fields = [
            ("response_type", self.claims.parameter("response_type")),
            ("client_id", client_id),
            ("scope", self.claims.parameter("scope").filter(is_openid)),
        ];
        let fields = fields.into_iter();
        fields
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

/// The most that a whole `request_uri` should have (RFC 9101 §5.2), and how much of it is the hash.
const MOST: usize = 512;
const FRAGMENT: usize = 44;

impl Conversation for RequestObject {
    type Output = ObjectRequest;

    fn step(&mut self, input: Input, now: UtcDateTime) -> Result<Step<ObjectRequest>, Error> {
        match (&self.state, input) {
            (State::Ready, Input::Begin) => {
                self.signatures = self.signatures.saturating_add(1);
                let jti = self.seed.jwt_id(self.signatures, now);
                let text = self
                    .claims
                    .signing_input(self.signatory.as_ref(), &jti, now);
                let signature = match &self.signatory {
                    None => Vec::new(),
                    Some(Signatory::Secret(key)) => key.sign(&text),
                    Some(Signatory::Key(name)) => {
                        let input = SigningInput::new(name.clone(), text.as_bytes().to_vec());
                        self.state = State::Signing {
                            signing_input: text.into(),
                        };
                        return Ok(Step::Sign(input));
                    }
                };
                Ok(self.finish(jws::compact(&text, &signature)))
            }
            (State::Signing { signing_input }, Input::Signature(signature)) => {
                let Some(Signatory::Key(name)) = &self.signatory else {
                    return Err(Misuse::UnexpectedInput.into());
                };
                let signature = signature.checked(name.algorithm())?;
                let object = jws::compact(signing_input.expose_secret(), signature);
                Ok(self.finish(object))
            }
            (State::Signing { .. }, Input::NotSigned(reason)) => {
                self.state = State::Ready;
                Err(match reason {
                    NotSigned::UnknownKey => Misuse::UnknownSigningKey.into(),
                    NotSigned::Failed => ErrorKind::Transport.into(),
                })
            }
            (State::Over, _) => Err(Misuse::Over.into()),
            (_, _) => Err(Misuse::UnexpectedInput.into()),
        }
    }
}

impl fmt::Debug for RequestObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestObject")
            .field("endpoint", &self.endpoint)
            .field("claims", &self.claims)
            .field("signatory", &self.signatory)
            .field("address", &self.address)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ObjectRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectRequest")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
