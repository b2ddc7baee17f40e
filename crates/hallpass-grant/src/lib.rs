#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod assertion;
mod attempts;
mod authorization;
mod begun;
mod call;
mod callback;
mod challenge;
mod client;
mod client_authentication;
mod content;
mod conversation;
mod discovery;
mod dpop;
mod endpoint;
mod error;
mod form;
mod front_channel;
mod grant;
mod interop;
mod introspection;
mod jws;
mod mac_key;
mod metadata;
mod pending;
mod profile;
mod public_key;
mod random;
mod reach;
mod registration;
mod request;
mod response;
mod revocation;
mod sender;
mod shared_text;
mod shown;
mod signatory;
mod signing;
mod subject;
mod target;
mod token_answer;
mod unix_seconds;

pub use hallpass_token as token;

pub use assertion::Assertion;
pub use attempts::Attempts;
pub use authorization::{
    AuthorizationRequest, AuthorizationUrl, CodeGrant, FrontChannelGrant, ImplicitGrant,
    ObjectRequest, PushedAnswer, PushedRequest, RequestObject,
};
pub use begun::Begun;
pub use call::{Answer, Call, Targeted};
pub use callback::Callback;
pub use challenge::Challenge;
pub use client::Client;
pub use client_authentication::ClientAuthentication;
pub use conversation::{Conversation, Input, Lost, NotSigned, Step};
pub use discovery::Discovery;
pub use dpop::{DpopKey, Proof};
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use error::{Error, ErrorCode, ErrorKind, Misuse, Recovery, Refused, Violation};
pub use form::Parameters;
pub use front_channel::{
    CameInFront, CodeIdToken, CodeIdTokenToken, CodeToken, FrontChannel, FrontChannelVerifier,
    IdToken, IdTokenToken, Opened, Unsealed,
};
pub use grant::{
    DeviceAnswer, DeviceAuthorization, DevicePoll, ExchangeAnswer, ExchangedToken, JwtBearer,
    TokenExchange, TokenTypeUri,
};
pub use introspection::{Introspection, IntrospectionAnswer, TokenInformation};
pub use mac_key::{MacAlgorithm, MacKey};
pub use metadata::{Issuer, ServerMetadata};
pub use pending::{AuthorizedCode, Code, Pending, ResponseMode, ResponseType, Token};
pub use profile::{
    AnswerForm, AssertionAudience, BasicEncoding, IssuerComparison, Profile, ScopeSeparator,
    TokenParameter, TokenTypeMember,
};
pub use random::{Random, RandomError};
pub use reach::Reach;
pub use registration::{ClientMetadata, DeletionAnswer, RegisteredClient, RegistrationAnswer};
pub use request::{Method, Request};
pub use response::Response;
pub use revocation::{IssuedToken, RevocationAnswer};
pub use signatory::Signatory;
pub use signing::{Signature, SigningAlgorithm, SigningInput, SigningKeyName};
pub use token_answer::TokenAnswer;
