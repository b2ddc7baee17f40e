//! Logins of a program that has no browser.

use hallpass_grant::{DeviceAuthorization, Error};
use hallpass_http::OsRandom;
use hallpass_token::TokenSet;

use crate::{Client, Device};

impl Client<Device> {
    /// Begins a login on another device (RFC 8628). Show the address and the code; keep what comes, if the program may be restarted
    /// meanwhile: it serialises.
    ///
    /// ```no_run
    /// # async fn example(client: hallpass::Client<hallpass::Device>) -> Result<(), hallpass::ProviderError> {
    /// let device = client.begin_device().await?;
    /// println!("Open {} and type in {}", device.verification_uri.as_str(), device.user_code);
    /// let tokens = client.fetch_token(&device).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Misuse::Missing`](crate::Misuse::Missing) names what the credentials or the server's metadata lack; then what the server may
    /// answer.
    pub async fn begin_device(&self) -> Result<DeviceAuthorization, Error> {
        let mut call = self
            .grants()?
            .device(self.credentials.scopes(), &mut OsRandom)?;
        self.provider.driver().drive(&mut call).await
    }

    /// Waits until the user has answered, as long as the server allows, and no faster than it allows.
    ///
    /// # Errors
    /// [`ErrorKind::Expired`](crate::ErrorKind::Expired) when the user was too slow; `access_denied` when the user said no.
    pub async fn fetch_token(&self, device: &DeviceAuthorization) -> Result<TokenSet, Error> {
        let mut poll = self.grants()?.poll(device, &mut OsRandom)?;
        self.provider.driver().drive(&mut poll).await
    }
}
