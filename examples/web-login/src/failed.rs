//! What no page is there for.

use std::error::Error;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::page;

/// Something went wrong that the user cannot mend. The browser learns that, and the log what it was.
pub(crate) struct Failed(Box<dyn Error + Send + Sync>);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        eprintln!("{}", self.0);
        page::refused(
            StatusCode::INTERNAL_SERVER_ERROR,
            "This went wrong",
            "It is not your fault. Try again in a moment.",
        )
    }
}
