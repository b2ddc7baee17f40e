//! What is wrong with UserInfo.

use std::sync::Arc;

use hallpass::openid::{Code, RelyingPartyMetadata};
use hallpass_testkit::{Algorithm, Client, Config, NamedFault, TestServer};

use super::{check, credentials, discovered, discovered_by, log_in, server_with};
use crate::support::REDIRECT_URI;

#[tokio::test]
async fn an_answer_is_about_the_user_who_logged_in_or_its_fault_is_named() {
    let look = async |fault| {
        let server = server_with(fault);
        let client = discovered(&server).await?;
        let user = log_in::<Code>(&server, &client, |request| request).await?;
        client.user_info(&user.tokens, &user.id_token).await
    };
    let rows = [
        (NamedFault::UserInfoSubWrong, "sub_of_user_info"),
        (NamedFault::UserInfoSubMissing, "missing_claim"),
        (NamedFault::UserInfoContentType, "ContentType, Fail"),
        (NamedFault::UserInfoUnauthorized, "invalid_token, Fail"),
        (NamedFault::UserInfoDuplicateClaim, "Json, Fail"),
    ];
    check(&rows, look).await;
}

#[tokio::test]
async fn an_answer_that_has_to_be_signed_is_or_its_fault_is_named() {
    let look = async |fault| {
        let client = Client::confidential("signed", "signed-secret");
        let client = client.redirect_uri(REDIRECT_URI).scopes(["openid"]);
        let client = client.user_info_algorithm(Algorithm::Rs256);
        let server = Arc::new(TestServer::start(Config::new().client(client)));
        server.inject(fault);
        let credentials = credentials()
            .with_client_id("signed")
            .with_client_secret("signed-secret");
        let mut registered = RelyingPartyMetadata::new();
        registered.userinfo_signed_response_alg = Some("RS256".to_owned());
        let client = discovered_by(&server, credentials).await?;
        let client = client.with_registration(&registered)?;
        let user = log_in::<Code>(&server, &client, |request| request).await?;
        client.user_info(&user.tokens, &user.id_token).await
    };
    let rows = [
        (NamedFault::UserInfoSubWrong, "sub_of_user_info"),
        (NamedFault::UserInfoSubMissing, "missing_claim"),
        (NamedFault::UserInfoIssWrong, "issuer"),
        (NamedFault::UserInfoAudWrong, "audience"),
        (NamedFault::UserInfoUnsigned, "unsigned"),
        (NamedFault::UserInfoSignatureBroken, "signature"),
        (NamedFault::UserInfoNone, "unsigned"),
        (NamedFault::UserInfoOtherKey, "signature"),
        (NamedFault::UserInfoContentType, "ContentType, Fail"),
        (NamedFault::UserInfoUnauthorized, "invalid_token, Fail"),
        (NamedFault::UserInfoDuplicateClaim, "malformed"),
        // Nothing is wrong with it.
        (NamedFault::AtHashMissing, "ok"),
    ];
    check(&rows, look).await;
}
