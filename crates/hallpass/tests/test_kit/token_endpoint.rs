//! Token endpoints that make no sense.

use hallpass::ErrorKind;
use hallpass_testkit::{Body, Config, Fault, TestServer, Value};

use crate::support::{code_client, log_in};

#[tokio::test]
async fn a_token_endpoint_that_makes_no_sense_gives_a_typed_error_each_time() {
    let server = TestServer::start(Config::new());
    let client = code_client(&server).await;
    for fault in [
        Fault::Body {
            status: 200,
            body: Body::EmptyObject,
        },
        Fault::Body {
            status: 200,
            body: Body::EmptyArray,
        },
        Fault::Body {
            status: 200,
            body: Body::Text,
        },
        Fault::Body {
            status: 200,
            body: Body::Empty,
        },
        Fault::Body {
            status: 200,
            body: Body::Html,
        },
        Fault::ContentType("text/html".into()),
        Fault::AccessToken(Value::json("null")),
        Fault::AccessToken(Value::json("7")),
        Fault::AccessToken(Value::text("")),
        Fault::TokenType(Value::text("mac")),
        Fault::DuplicateMember("access_token".into()),
        Fault::JsonDepth(10_000),
        Fault::ExpiresIn(Value::text("abc")),
    ] {
        server.inject(fault.clone().once());
        let error = log_in(&server, &client).await.unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Violation(_)),
            "{fault:?}: {error:?}"
        );
    }
    for fault in [
        Fault::Body {
            status: 502,
            body: Body::Html,
        },
        Fault::TooManyRequests { retry_after: 1 },
        Fault::Redirect {
            status: 307,
            location: "//evil.example/".into(),
        },
    ] {
        server.inject(fault.clone().once());
        let error = log_in(&server, &client).await.unwrap_err();
        assert!(error.refused().is_some(), "{fault:?}: {error:?}");
    }
    for fault in [
        Fault::CloseBeforeAnswer,
        Fault::LoseAnswer,
        Fault::EndlessBody,
    ] {
        server.inject(fault.clone().once());
        let error = log_in(&server, &client).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::InDoubt, "{fault:?}");
    }
}
