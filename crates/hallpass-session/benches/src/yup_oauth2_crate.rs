//! `yup-oauth2`: its own storage, with a token that ends in two hours.

use std::fs;
use std::hint::black_box;
use std::time::Duration;

use time::OffsetDateTime;
use yup_oauth2::AccessTokenAuthenticator;
use yup_oauth2::storage::TokenInfo;

use crate::{Call, TOKEN, polled};

const SCOPES: [&str; 1] = ["read"];

pub(crate) fn call() -> Call {
    let stored = TokenInfo {
        access_token: Some(TOKEN.to_owned()),
        refresh_token: None,
        expires_at: Some(OffsetDateTime::now_utc() + Duration::from_secs(7200)),
        id_token: None,
    };
    let stored = serde_json::json!([{ "scopes": SCOPES, "token": stored }]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tokens.json");
    fs::write(&file, stored.to_string()).expect("a file");
    let builder = AccessTokenAuthenticator::builder("another".to_owned());
    let builder = builder.persist_tokens_to_disk(&file);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let authenticator = runtime.block_on(builder.build());
    let authenticator = authenticator.expect("an authenticator");
    Box::new(move || {
        let token = polled(authenticator.token(&SCOPES)).expect("it is good");
        assert_eq!(black_box(token.token()), Some(TOKEN));
    })
}
