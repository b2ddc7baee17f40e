//! What is wrong with what a provider says of itself.

use hallpass::openid::Code;
use hallpass_testkit::{Endpoint, NamedFault};

use super::{check, discovered, log_in, server_with};

#[tokio::test]
async fn metadata_is_right_or_an_error_before_anybody_is_sent_anywhere() {
    let look = async |fault| {
        let server = server_with(fault);
        let client = discovered(&server).await;
        if client.is_err() {
            let elsewhere = [Endpoint::Authorization, Endpoint::Token, Endpoint::Jwks];
            for endpoint in elsewhere {
                assert_eq!(server.requests_to(endpoint).len(), 0);
            }
        }
        log_in::<Code>(&server, &client?, |request| request).await
    };
    let rows = [
        (NamedFault::MetadataIssuerCase, "MetadataIssuer, Fail"),
        (NamedFault::MetadataNoIssuer, "MetadataIssuer, Fail"),
        (NamedFault::MetadataNoJwksUri, "Misuse, Fix"),
        (NamedFault::MetadataJwksUriHttp, "Metadata, Fail"),
        (NamedFault::MetadataUserInfoHttp, "Metadata, Fail"),
        (NamedFault::MetadataNoAuthorizationEndpoint, "Misuse, Fix"),
        (NamedFault::MetadataNoTokenEndpoint, "Misuse, Fix"),
        (NamedFault::MetadataNoResponseTypes, "ok"),
        (NamedFault::MetadataNoSubjectTypes, "ok"),
        (NamedFault::MetadataNoAlgorithms, "ok"),
        (NamedFault::MetadataServerError, "status 500, Retry"),
        (NamedFault::MetadataRedirect, "status 302, Fail"),
    ];
    check(&rows, look).await;
}
