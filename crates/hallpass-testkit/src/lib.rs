#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod algorithm;
mod answer_faults;
mod assertion;
mod authorization_endpoint;
mod authorization_request;
mod authorization_response;
mod claims;
mod client;
mod client_authentication;
mod client_keys;
mod client_metadata;
mod config;
mod device;
mod device_authorization;
mod device_page;
mod dpop;
mod fault;
mod fault_parts;
mod fault_set;
mod form;
mod front_page;
mod grant_type;
mod gzip;
mod id_token;
mod id_token_named_faults;
mod introspection;
mod issue;
mod journal;
mod json;
mod jws;
mod jwt;
mod jwt_bearer;
mod jwt_fault;
mod ledger;
#[cfg(feature = "listener")]
mod listener;
mod login;
mod logout;
mod logout_named_faults;
mod logout_token;
mod loopback;
#[cfg(feature = "listener")]
mod loopback_client;
mod mask;
mod metadata;
mod named_fault;
mod openid_client;
mod openid_client_metadata;
mod openid_config;
mod openid_metadata;
mod openid_named_faults;
mod openid_request;
mod other_claims;
mod page;
mod pushed_request;
mod random;
mod registration;
mod request;
mod request_object;
mod resource;
mod response;
mod response_type;
mod retelling;
mod revocation;
mod server;
mod session;
mod session_state;
mod signing_key;
mod signing_keys;
mod target;
#[cfg(feature = "listener")]
mod test_server;
mod third_party_login;
#[cfg(feature = "tls")]
mod tls;
mod token_endpoint;
mod token_error;
mod token_exchange;
mod token_form;
mod user;
mod user_agent;
mod user_info;
mod visit;
mod weak_key;
mod web_finger;

#[cfg(feature = "listener")]
pub use self::test_server::TestServer;
#[cfg(feature = "tls")]
pub use self::tls::Certificate;
pub use self::{
    algorithm::Algorithm,
    assertion::AssertionAudience,
    client::Client,
    client_authentication::AuthenticationMethod,
    client_keys::TEST_KEY,
    config::{Config, Rotation},
    fault::{Endpoint, Fault, Injection},
    fault_parts::{
        BadEncoding, Body, ErrorForm, Hostile, ScopeForm, TokenParameter, Value, WellKnown,
    },
    grant_type::GrantType,
    journal::Exchange,
    jwt_fault::{Audience, EmbeddedKey, Jwt, JwtFault, KeysFault, SignatureFault, TimeForm},
    logout_token::BackChannelLogout,
    named_fault::NamedFault,
    request::Request,
    response::{Delivery, Response},
    server::AuthorizationServer,
    user::User,
    user_agent::{ConsentError, Decision, FormPost},
};
