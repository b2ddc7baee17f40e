//! Whatever is wrong with the redirect, it is known before anything is sent.

use hallpass::Violation;
use hallpass_testkit::{Config, Endpoint, Fault, Hostile, TestServer};

use crate::support::{code_client, log_in, violation};

#[tokio::test]
async fn whatever_is_wrong_with_the_redirect_the_token_endpoint_hears_nothing_of_it() {
    let server = TestServer::start(Config::new());
    let client = code_client(&server).await;
    for (fault, expected) in [
        (Fault::StateAltered, Some(Violation::StateMismatch)),
        (Fault::StateMissing, Some(Violation::StateMismatch)),
        (Fault::StateTruncated, Some(Violation::StateMismatch)),
        (Fault::IssuerWrong, Some(Violation::IssuerMismatch)),
        (Fault::IssuerMissing, Some(Violation::IssuerMismatch)),
        (
            Fault::DuplicateParameter("code".into()),
            Some(Violation::DuplicateParameter),
        ),
        (Fault::Appended("&a=%zz".into()), Some(Violation::Encoding)),
        (
            Fault::CodeInFragment,
            Some(Violation::WrongResponseMode("code")),
        ),
        (Fault::CodeAndError, None),
        (Fault::EmptyCode, None),
    ] {
        server.inject(fault.clone().once());
        let error = log_in(&server, &client).await.unwrap_err();
        match expected {
            Some(expected) => assert_eq!(violation(&error), &expected, "{fault:?}"),
            None => assert!(
                matches!(violation(&error), Violation::Malformed(_)),
                "{fault:?}"
            ),
        }
    }
    server.with(|server| {
        assert!(server.requests_to(Endpoint::Token).is_empty());
    });
    assert!(log_in(&server, &client).await.is_ok());
}

#[tokio::test]
async fn a_hostile_description_is_shown_harmlessly() {
    let server = TestServer::start(Config::new());
    let client = code_client(&server).await;
    for hostile in [Hostile::CrLf, Hostile::Ansi, Hostile::Html] {
        server.inject(Fault::HostileDescription(hostile).once());
        let shown = log_in(&server, &client).await.unwrap_err().to_string();
        assert!(shown.contains("denied"), "{shown}");
        assert!(
            !shown.contains(['\r', '\n', '\u{1b}', '\u{9b}', '<', '>']),
            "{shown}"
        );
    }
}
