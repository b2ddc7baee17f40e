//! What is wrong with an ID token.

use std::sync::Arc;
use std::time::Duration;

use hallpass::ProviderError;
use hallpass::jose::SignatureAlgorithm;
use hallpass::openid::{AuthenticationRequest, Code, CodeIdTokenToken, IdTokenToken, ResponseType};
use hallpass_testkit::{Algorithm, Client, Config, Endpoint, NamedFault, TestServer};

use super::{check, discovered, discovered_by, log_in, server_with};
use crate::support::REDIRECT_URI;

/// Asks for all that an ID token can answer.
fn much(request: AuthenticationRequest) -> AuthenticationRequest {
    let max_age = Duration::from_secs(3600);
    request
        .max_age(max_age)
        .acr_values(["urn:testkit:password"])
}

async fn by_code(fault: NamedFault) -> Result<(), ProviderError> {
    let server = server_with(fault);
    let client = discovered(&server).await?;
    log_in::<Code>(&server, &client, much).await.map(drop)
}

#[tokio::test]
async fn an_id_token_for_a_code_is_right_or_its_fault_is_named() {
    let rows = [
        (NamedFault::IdTokenMissing, "missing_id_token"),
        (NamedFault::IdTokenIssWrong, "issuer"),
        (NamedFault::IdTokenIssMissing, "missing_claim"),
        (NamedFault::IdTokenSubMissing, "missing_claim"),
        (NamedFault::IdTokenSubEmpty, "claim"),
        (NamedFault::IdTokenSubNumber, "malformed"),
        (NamedFault::IdTokenAudWrong, "audience"),
        (NamedFault::IdTokenAudMissing, "missing_claim"),
        (NamedFault::IdTokenAudEmpty, "malformed"),
        (NamedFault::IdTokenAudList, "ok"),
        (NamedFault::IdTokenAudWithAnother, "audience"),
        (NamedFault::IdTokenAudWithAnotherAzp, "audience"),
        (NamedFault::IdTokenAzpOther, "audience"),
        (NamedFault::IdTokenAzpWrong, "authorized_party"),
        (NamedFault::IdTokenNonceWrong, "nonce"),
        (NamedFault::IdTokenNonceMissing, "nonce"),
        (NamedFault::IdTokenIatMissing, "missing_claim"),
        (NamedFault::IdTokenIatPast, "issued_at"),
        (NamedFault::IdTokenIatFuture, "issued_at"),
        (NamedFault::IdTokenIatText, "malformed"),
        (NamedFault::IdTokenExpPast, "expired"),
        (NamedFault::IdTokenExpMissing, "missing_claim"),
        (NamedFault::IdTokenExpText, "malformed"),
        (NamedFault::IdTokenExpNull, "malformed"),
        (NamedFault::IdTokenExpHuge, "malformed"),
        (NamedFault::IdTokenExpFloat, "ok"),
        (NamedFault::IdTokenNbfFuture, "not_yet_valid"),
        (NamedFault::IdTokenNbfText, "malformed"),
        (NamedFault::IdTokenAuthTimeMissing, "auth_time"),
        (NamedFault::IdTokenAuthTimeStale, "auth_time"),
        (NamedFault::IdTokenAuthTimeText, "malformed"),
        (NamedFault::IdTokenAcrWrong, "acr"),
        (NamedFault::IdTokenAcrMissing, "acr"),
        (NamedFault::IdTokenSignatureBroken, "signature"),
        (NamedFault::IdTokenSignatureEmpty, "signature"),
        (NamedFault::IdTokenOtherKey, "signature"),
        (NamedFault::IdTokenNone, "unsigned"),
        (NamedFault::IdTokenNoneUpperCase, "unsigned"),
        (NamedFault::IdTokenHmacOfPem, "unexpected_algorithm"),
        (NamedFault::IdTokenHmacOfDer, "unexpected_algorithm"),
        (NamedFault::IdTokenHmacOfJwk, "unexpected_algorithm"),
        (NamedFault::IdTokenHmacOfSecret, "unexpected_algorithm"),
        (NamedFault::IdTokenRs512, "unexpected_algorithm"),
        (NamedFault::IdTokenPs256, "unexpected_algorithm"),
        (NamedFault::IdTokenEs256, "unexpected_algorithm"),
        (NamedFault::IdTokenKidMissing, "ok"),
        (NamedFault::IdTokenKidUnknown, "unknown_key"),
        (NamedFault::IdTokenKidNumber, "malformed"),
        (NamedFault::IdTokenJwk, "signature"),
        (NamedFault::IdTokenJku, "signature"),
        (NamedFault::IdTokenX5u, "signature"),
        (NamedFault::IdTokenCrit, "malformed"),
        (NamedFault::IdTokenCritEmpty, "malformed"),
        (NamedFault::IdTokenB64, "malformed"),
        (NamedFault::IdTokenTyp, "token_type"),
        (NamedFault::IdTokenDuplicateClaim, "malformed"),
        (NamedFault::IdTokenDuplicateAlgorithm, "malformed"),
        (NamedFault::IdTokenNotCanonical, "malformed"),
        (NamedFault::IdTokenEncrypted, "encryption"),
        (NamedFault::AtHashWrong, "at_hash"),
        (NamedFault::AtHashMissing, "ok"),
        (NamedFault::AtHashLength, "at_hash"),
        (NamedFault::CodeIdTokenMissing, "missing_id_token"),
    ];
    check(&rows, by_code).await;
}

#[tokio::test]
async fn es256_is_believed_where_the_client_is_registered_for_it_and_in_no_other_form() {
    let look = async |fault| {
        let client = Client::confidential("es256", "es256-secret");
        let client = client.redirect_uri(REDIRECT_URI).scopes(["openid"]);
        let config = Config::new().client(client.id_token_algorithm(Algorithm::Es256));
        let server = Arc::new(TestServer::start(config));
        server.inject(fault);
        let credentials = super::credentials()
            .with_client_id("es256")
            .with_client_secret("es256-secret");
        let client = discovered_by(&server, credentials).await?;
        let client = client.with_rules(|rules| rules.with_algorithms(&[SignatureAlgorithm::Es256]));
        log_in::<Code>(&server, &client, much).await
    };
    let rows = [
        (NamedFault::IdTokenAsn1, "signature"),
        (NamedFault::IdTokenEs256, "ok"),
    ];
    check(&rows, look).await;
}

/// What is wrong in front is found before anything is sent for it.
async fn in_front<R: ResponseType>(fault: NamedFault) -> Result<(), ProviderError> {
    let server = server_with(fault);
    let client = discovered(&server).await?;
    let outcome = log_in::<R>(&server, &client, much).await;
    if outcome.is_err() {
        assert_eq!(
            server.requests_to(Endpoint::Token).len(),
            0,
            "{}",
            fault.name()
        );
    }
    outcome.map(drop)
}

#[tokio::test]
async fn an_id_token_in_front_is_right_or_its_code_goes_nowhere() {
    let rows = [
        (NamedFault::AtHashWrong, "at_hash"),
        (NamedFault::AtHashMissing, "at_hash"),
        (NamedFault::AtHashLength, "at_hash"),
        (NamedFault::CHashWrong, "c_hash"),
        (NamedFault::CHashMissing, "c_hash"),
        (NamedFault::CHashLength, "c_hash"),
        (NamedFault::SHashWrong, "s_hash"),
        (NamedFault::SHashMissing, "ok"),
        (NamedFault::SHashLength, "s_hash"),
        (NamedFault::FrontIdTokenMissing, "Malformed, Fail"),
        (NamedFault::IdTokenNonceWrong, "nonce"),
        (NamedFault::IdTokenNonceMissing, "nonce"),
        (NamedFault::IdTokenIssWrong, "issuer"),
        (NamedFault::IdTokenAudWrong, "audience"),
        (NamedFault::IdTokenExpPast, "expired"),
        (NamedFault::IdTokenNone, "unsigned"),
        (NamedFault::IdTokenSignatureBroken, "signature"),
    ];
    check(&rows, in_front::<CodeIdTokenToken>).await;
}

#[tokio::test]
async fn an_access_token_in_front_is_named_by_the_id_token_beside_it() {
    let rows = [
        (NamedFault::AtHashWrong, "at_hash"),
        (NamedFault::AtHashMissing, "at_hash"),
        (NamedFault::AtHashLength, "at_hash"),
        (NamedFault::FrontIdTokenMissing, "Malformed, Fail"),
    ];
    check(&rows, in_front::<IdTokenToken>).await;
}

#[tokio::test]
async fn both_id_tokens_of_a_login_are_about_the_same_user() {
    let look = async |fault| {
        let server = server_with(fault);
        let client = discovered(&server).await?;
        log_in::<CodeIdTokenToken>(&server, &client, much).await
    };
    let rows = [
        (NamedFault::CodeIdTokenIss, "issuer"),
        (NamedFault::CodeIdTokenSub, "other_subject"),
        (NamedFault::CodeIdTokenMissing, "missing_id_token"),
    ];
    check(&rows, look).await;
}

#[tokio::test]
async fn an_id_token_of_a_refresh_is_about_the_same_user() {
    let look = async |fault| {
        let server = server_with(fault);
        let client = discovered(&server).await?;
        let user = log_in::<Code>(&server, &client, |request| {
            request.scopes(crate::support::scopes("openid offline_access"))
        });
        let user = user.await?;
        client.refresh(&user.tokens, &user.id_token).await
    };
    let rows = [
        (NamedFault::RefreshedIdTokenIss, "issuer"),
        (NamedFault::RefreshedIdTokenSub, "other_subject"),
        (NamedFault::RefreshedIdTokenAud, "audience"),
        (NamedFault::RefreshedIdTokenAzp, "authorized_party"),
        (NamedFault::RefreshedIdTokenAuthTime, "auth_time"),
        (NamedFault::RefreshedIdTokenNonce, "nonce"),
        (NamedFault::RefreshedIdTokenMissing, "ok"),
    ];
    check(&rows, look).await;
}
