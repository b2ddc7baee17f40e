//! The grants that need no redirect: one file each.

mod client_credentials;
mod device;
mod jwt_bearer;
mod password;
mod token_exchange;

pub use device::{DeviceAnswer, DeviceAuthorization, DevicePoll};
pub use jwt_bearer::JwtBearer;
pub use token_exchange::{ExchangeAnswer, ExchangedToken, TokenExchange, TokenTypeUri};
