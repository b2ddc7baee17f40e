//! The tests of the crates that know no socket and no clock, as they stand beside those crates. What is left out starts processes
//! or threads, needs crates that are not for this target, or takes seconds in a program that is not optimised.
#![allow(
    clippy::duplicate_mod,
    reason = "each of them brings what it shares with the others"
)]

#[path = "../../../../crates/hallpass-grant/tests/authorization_url.rs"]
mod grant_authorization_url;
#[path = "../../../../crates/hallpass-grant/tests/client_credentials.rs"]
mod grant_client_credentials;
#[path = "../../../../crates/hallpass-grant/tests/client_secret_jwt.rs"]
mod grant_client_secret_jwt;
#[path = "../../../../crates/hallpass-grant/tests/code_callback.rs"]
mod grant_code_callback;
#[path = "../../../../crates/hallpass-grant/tests/code_exchange.rs"]
mod grant_code_exchange;
#[path = "../../../../crates/hallpass-grant/tests/discovery.rs"]
mod grant_discovery;
#[path = "../../../../crates/hallpass-grant/tests/dpop.rs"]
mod grant_dpop;
#[path = "../../../../crates/hallpass-grant/tests/echoed_secrets.rs"]
mod grant_echoed_secrets;
#[path = "../../../../crates/hallpass-grant/tests/every_input_in_every_state.rs"]
mod grant_every_input_in_every_state;
#[path = "../../../../crates/hallpass-grant/tests/front_channel.rs"]
mod grant_front_channel;
#[path = "../../../../crates/hallpass-grant/tests/http_types.rs"]
mod grant_http_types;
#[path = "../../../../crates/hallpass-grant/tests/implicit_callback.rs"]
mod grant_implicit_callback;
#[path = "../../../../crates/hallpass-grant/tests/introspection.rs"]
mod grant_introspection;
#[path = "../../../../crates/hallpass-grant/tests/jwt_bearer.rs"]
mod grant_jwt_bearer;
#[path = "../../../../crates/hallpass-grant/tests/legacy_password.rs"]
mod grant_legacy_password;
#[path = "../../../../crates/hallpass-grant/tests/mutual_tls.rs"]
mod grant_mutual_tls;
#[path = "../../../../crates/hallpass-grant/tests/no_secret_is_shown.rs"]
mod grant_no_secret_is_shown;
#[path = "../../../../crates/hallpass-grant/tests/private_key_jwt.rs"]
mod grant_private_key_jwt;
#[path = "../../../../crates/hallpass-grant/tests/pushed_requests.rs"]
mod grant_pushed_requests;
#[path = "../../../../crates/hallpass-grant/tests/refresh.rs"]
mod grant_refresh;
#[path = "../../../../crates/hallpass-grant/tests/registration.rs"]
mod grant_registration;
#[path = "../../../../crates/hallpass-grant/tests/request_objects.rs"]
mod grant_request_objects;
#[path = "../../../../crates/hallpass-grant/tests/resource.rs"]
mod grant_resource;
#[path = "../../../../crates/hallpass-grant/tests/revocation.rs"]
mod grant_revocation;
#[path = "../../../../crates/hallpass-grant/tests/token_exchange.rs"]
mod grant_token_exchange;
#[path = "../../../../crates/hallpass-jose/tests/choice_of_key.rs"]
mod jose_choice_of_key;
#[path = "../../../../crates/hallpass-jose/tests/hostile_tokens.rs"]
mod jose_hostile_tokens;
#[path = "../../../../crates/hallpass-jose/tests/rfc_vectors.rs"]
mod jose_rfc_vectors;
#[path = "../../../../crates/hallpass-scope/tests/difference.rs"]
mod scope_difference;
#[path = "../../../../crates/hallpass-scope/tests/reading.rs"]
mod scope_reading;
#[path = "../../../../crates/hallpass-scope/tests/scope_enum.rs"]
mod scope_scope_enum;
#[path = "../../../../crates/hallpass-scope/tests/typed.rs"]
mod scope_typed;
#[path = "../../../../crates/hallpass-token/tests/stored.rs"]
mod token_stored;
