//! What a failure of reqwest means for a conversation.

use std::error::Error as StdError;

use hallpass_grant::{Endpoint, Lost};

use crate::{TransportError, TransportErrorKind};

pub(super) fn classified(error: reqwest::Error, endpoint: &Endpoint) -> TransportError {
    let (kind, lost) = match (error.is_builder(), error.is_connect()) {
        (true, _) => (TransportErrorKind::InvalidRequest, Lost::NotSent),
        // Name, connection, tunnel and TLS handshake all come before the first byte of the request.
        (_, true) => (connecting(&error), Lost::NotSent),
        (_, false) if error.is_timeout() => (TransportErrorKind::Timeout, Lost::MaybeSent),
        (_, false) => (TransportErrorKind::Interrupted, Lost::MaybeSent),
    };
    TransportError::new(kind, lost, endpoint).with_source(error.without_url())
}

fn connecting(error: &reqwest::Error) -> TransportErrorKind {
    if error.is_timeout() {
        return TransportErrorKind::Timeout;
    }
    match chain(error).any(is_tls) {
        true => TransportErrorKind::Tls,
        false => TransportErrorKind::Connect,
    }
}

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// TLS errors come inside I/O errors, more than one deep, whose `source` is that of what they wrap and not the wrapped itself.
fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    let wrapped = error
        .downcast_ref::<std::io::Error>()
        .and_then(|error| error.get_ref());
    error.is::<rustls::Error>() || wrapped.is_some_and(|wrapped| is_tls(wrapped))
}
