//! A server that cannot prove who it is gets nothing.

use std::io::{Read, Write};

use hallpass_grant::Lost;
use hallpass_http::{ReqwestTransport, SetupError, Transport, TransportErrorKind};

use crate::server::{Certified, Root, Server, TOKEN, request};

async fn assert_refused(transport: ReqwestTransport, server: &Server) {
    let error = transport
        .send(request(&server.url("/token")))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.lost()),
        (TransportErrorKind::Tls, Lost::NotSent),
        "{error:?}"
    );
    assert_eq!(server.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn a_certificate_from_a_root_of_ones_own_is_accepted() {
    let root = Root::new();
    let server = Server::with_tls(&root.certify("127.0.0.1", |_| {}), TOKEN);
    let response = root
        .transport()
        .send(request(&server.url("/token")))
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn a_root_that_was_not_added_is_not_trusted() {
    let server = Server::with_tls(&Root::new().certify("127.0.0.1", |_| {}), TOKEN);
    assert_refused(ReqwestTransport::new().unwrap(), &server).await;
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let root = Root::new();
    let expired = root.certify("127.0.0.1", |params| {
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
    });
    assert_refused(root.transport(), &Server::with_tls(&expired, TOKEN)).await;
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let root = Root::new();
    let other = root.certify("as.example", |_| {});
    assert_refused(root.transport(), &Server::with_tls(&other, TOKEN)).await;
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused() {
    let server = Server::with_tls(&Certified::self_signed("127.0.0.1"), TOKEN);
    assert_refused(ReqwestTransport::new().unwrap(), &server).await;
    assert_refused(Root::new().transport(), &server).await;
}

#[tokio::test]
async fn a_server_without_tls_is_not_talked_to_in_plain_text() {
    let (first_byte, heard) = std::sync::mpsc::channel();
    let server = Server::listening_on_tcp(move |mut stream| {
        let mut hello = [0; 4096];
        let _ = stream.read(&mut hello);
        let _ = first_byte.send(hello[0]);
        let _ = stream.write_all(TOKEN.as_bytes());
    });
    let https = server.url("/token").replace("http:", "https:");
    let error = Root::new()
        .transport()
        .send(request(&https))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.lost()),
        (TransportErrorKind::Tls, Lost::NotSent),
        "{error:?}"
    );
    const TLS_HANDSHAKE: u8 = 22;
    assert_eq!(heard.recv(), Ok(TLS_HANDSHAKE));
}

#[tokio::test]
async fn a_server_that_asks_is_shown_the_clients_certificate() {
    let root = Root::new();
    let server = Server::asking_for_certificates(&root.certify("127.0.0.1", |_| {}), &root);
    let own = root.certify("the client", |_| {});
    let (chain, key) = (own.certificate.pem(), own.key.serialize_pem());
    let builder = root.builder();
    let builder = builder.with_client_certificate_pem(chain.as_bytes(), key.as_bytes());
    let request = || request(&server.url("/token"));
    let transport = builder.unwrap().build().unwrap();
    assert_eq!(transport.send(request()).await.unwrap().status(), 200);
    // Without it there is no answer.
    assert!(root.transport().send(request()).await.is_err());
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_clients_certificate_needs_its_own_key() {
    let root = Root::new();
    let [one, other] = ["one", "other"].map(|name| root.certify(name, |_| {}));
    let [chain, key] = [one.certificate.pem(), other.key.serialize_pem()];
    let builder = root.builder();
    let builder = builder.with_client_certificate_pem(chain.as_bytes(), key.as_bytes());
    let refused = builder.unwrap().build();
    assert!(matches!(refused, Err(SetupError::ClientCertificate)));
    for (chain, key) in [(chain.as_str(), ""), ("", key.as_str())] {
        let builder = root.builder();
        let refused = builder.with_client_certificate_pem(chain.as_bytes(), key.as_bytes());
        assert!(matches!(refused, Err(SetupError::ClientCertificate)));
    }
}

#[test]
fn what_is_no_certificate_is_not_taken_for_one() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\n!\n"] {
        let refused = ReqwestTransport::builder().with_root_certificate_pem(pem.as_bytes());
        assert!(
            matches!(refused, Err(SetupError::RootCertificate)),
            "{pem:?}"
        );
    }
    let builder = ReqwestTransport::builder().with_root_certificate_pem(broken.as_bytes());
    assert!(matches!(
        builder.unwrap().build(),
        Err(SetupError::RootCertificate)
    ));
}
