//! What is wrong with a provider's keys.

use hallpass::openid::Code;
use hallpass_testkit::NamedFault;

use super::{check, discovered, log_in, server_with};

#[tokio::test]
async fn keys_are_right_or_their_fault_is_named() {
    let look = async |fault| {
        let server = server_with(fault);
        let client = discovered(&server).await?;
        log_in::<Code>(&server, &client, |request| request).await
    };
    let rows = [
        (NamedFault::KeysRotated, "ok"),
        (NamedFault::KeysWithdrawn, "unknown_key"),
        (NamedFault::KeysOneWithoutKid, "ok"),
        (NamedFault::KeysSeveralWithoutKid, "ambiguous_key"),
        (NamedFault::KeysSameKid, "ambiguous_key"),
        (NamedFault::KeysJunk, "ok"),
        (NamedFault::KeysUnknownType, "ok"),
        (NamedFault::KeysPrivate, "unusable_key"),
        (NamedFault::KeysSecret, "unusable_key"),
        (NamedFault::KeysExponentOne, "unusable_key"),
        (NamedFault::KeysRsa1024, "unusable_key"),
        (NamedFault::KeysOffCurve, "ok"),
        (NamedFault::KeysForEncryption, "unknown_key"),
        (NamedFault::KeysOtherOperations, "unknown_key"),
        (NamedFault::KeysOtherAlgorithm, "unknown_key"),
        (NamedFault::KeysEmpty, "unknown_key"),
        (NamedFault::KeysMany, "Transport, Retry"),
        (NamedFault::KeysServerError, "status 500, Retry"),
        (NamedFault::KeysHtml, "keys"),
        (NamedFault::KeysEndless, "Transport, Retry"),
        (NamedFault::KeysRedirect, "status 302, Fail"),
    ];
    check(&rows, look).await;
}
