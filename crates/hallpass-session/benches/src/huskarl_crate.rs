//! `huskarl`: its in-memory cache over a source that has a token.

use std::hint::black_box;
use std::sync::Arc;

use huskarl::cache::{InMemoryTokenCache, TokenError, TokenSource};
use huskarl::core::Error;
use huskarl::core::platform::{MaybeSendBoxFuture, SystemTime};
use huskarl::core::secrets::SecretString;
use huskarl::grant::core::{RawTokenResponse, TokenResponse};

use crate::{Call, TOKEN, polled};

pub(crate) fn call() -> Call {
    let cache = InMemoryTokenCache::builder().source(Issued).build();
    Box::new(move || {
        let token = polled(cache.token()).expect("it is good");
        black_box(token.access_token());
    })
}

struct Issued;

impl TokenSource for Issued {
    fn token(&self) -> MaybeSendBoxFuture<'_, Result<Arc<TokenResponse>, TokenError>> {
        let response = RawTokenResponse::builder()
            .access_token(SecretString::new(TOKEN))
            .token_type("bearer")
            .expires_in(7200)
            .build();
        let response = response.into_token_response(None, SystemTime::now());
        Box::pin(async { Ok(Arc::new(response.expect("a token response"))) })
    }

    fn clear(&self) -> MaybeSendBoxFuture<'_, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }
}
