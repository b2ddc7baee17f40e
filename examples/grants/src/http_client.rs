//! The HTTP client that the programs call the API with. An application has its own.

use hallpass::reqwest::{Client, Error, redirect::Policy};

/// A client that follows no redirect, so that nothing goes to where an API points.
///
/// # Errors
/// When it cannot be built.
pub fn http_client() -> Result<Client, Error> {
    // `reqwest` leaves the choice of a crypto provider to the application. This one takes ring, as hallpass does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .build()
}
