#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod assertion;
mod authorization;
mod call;
mod callback;
mod client;
mod client_authentication;
mod conversation;
mod discovery;
mod endpoint;
mod error;
mod form;
mod interop;
mod metadata;
mod pending;
mod profile;
mod random;
mod request;
mod response;
mod signing;
mod token_answer;

pub use hallpass_token as token;

pub use authorization::{AuthorizationRequest, AuthorizationUrl, CodeGrant, ImplicitGrant};
pub use call::{Answer, Call};
pub use callback::Callback;
pub use client::Client;
pub use client_authentication::ClientAuthentication;
pub use conversation::{Conversation, Input, Lost, Step};
pub use discovery::Discovery;
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use error::{Error, ErrorCode, ErrorKind, Misuse, Recovery, Refused, Violation};
pub use metadata::{Issuer, ServerMetadata};
pub use pending::{AuthorizedCode, Code, Pending, ResponseMode, ResponseType, Token};
pub use profile::{BasicEncoding, Profile, TokenParameter};
pub use random::{Random, RandomError};
pub use request::{Method, Request};
pub use response::Response;
pub use signing::{Signature, SigningAlgorithm, SigningInput, SigningKeyName};
pub use token_answer::TokenAnswer;
