//! The grants, as types: what a client can do depends on which one it is for.

use hallpass_token::Secret;

/// The authorization code grant (RFC 6749 §4.1): a user consents in a browser.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuthorizationCode;

/// The implicit grant (RFC 6749 §4.2), for servers that have nothing else: its clients have no secret.
#[derive(Clone, Copy, Debug, Default)]
pub struct Implicit;

/// The client credentials grant (RFC 6749 §4.4): a program acts for itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientCredentials;

/// The device authorization grant (RFC 8628): a user consents on another device.
#[derive(Clone, Copy, Debug, Default)]
pub struct Device;

/// **Legacy:** the password grant (RFC 6749 §4.3), which RFC 9700 §2.4 forbids: only for systems that have nothing else.
#[derive(Clone, Debug, Default)]
pub struct LegacyPassword {
    pub(crate) user: Option<(String, Secret)>,
}

/// A grant whose clients can prove who they are. Sealed.
pub trait Confidential: sealed::Sealed + Clone + Default {}

/// A grant that acts for a user, and can go on with a refresh token. Sealed.
pub trait ForUser: Confidential {}

mod sealed {
    pub trait Sealed {}
}

impl sealed::Sealed for AuthorizationCode {}
impl sealed::Sealed for ClientCredentials {}
impl sealed::Sealed for Device {}
impl sealed::Sealed for LegacyPassword {}

impl Confidential for AuthorizationCode {}
impl Confidential for ClientCredentials {}
impl Confidential for Device {}
impl Confidential for LegacyPassword {}

impl ForUser for AuthorizationCode {}
impl ForUser for Device {}
impl ForUser for LegacyPassword {}
