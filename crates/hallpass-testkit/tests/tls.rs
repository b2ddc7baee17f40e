//! Good and bad certificates, seen by a client that checks them.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use hallpass_testkit::{Certificate, Config, TestServer};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, Stream,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

/// What a client that trusts the server's authority reads, or why it refuses.
fn read(server: &TestServer) -> std::io::Result<String> {
    let authority = server.ca_pem().expect("a server with TLS has an authority");
    read_trusting(server, authority)
}

fn read_trusting(server: &TestServer, authority: &str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut socket = TcpStream::connect(server.address())?;
    socket.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut stream = Stream::new(&mut connection, &mut socket);
    stream.write_all(
        b"GET /.well-known/openid-configuration HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn a_valid_certificate_is_accepted() {
    let server = TestServer::start_tls(Config::new(), Certificate::Valid);
    assert!(server.base_url().starts_with("https://127.0.0.1:"));
    let answer = read(&server).unwrap();
    assert!(
        answer.contains(&format!("\"issuer\":\"{}\"", server.base_url())),
        "{answer}"
    );
}

#[test]
fn each_bad_certificate_is_refused_for_its_own_reason() {
    for (certificate, reason) in [
        (Certificate::Expired, "expired"),
        (Certificate::WrongHost, "not valid for name"),
        (Certificate::SelfSigned, "UnknownIssuer"),
    ] {
        let server = TestServer::start_tls(Config::new(), certificate);
        let error = read(&server).unwrap_err().to_string();
        assert!(error.contains(reason), "{certificate:?}: {error}");
        assert_eq!(server.requests(), [], "{certificate:?}");
    }
}

#[test]
fn a_client_that_does_not_trust_the_authority_refuses() {
    let (server, other) = (
        TestServer::start_tls(Config::new(), Certificate::Valid),
        TestServer::start_tls(Config::new(), Certificate::Valid),
    );
    let error = read_trusting(&server, other.ca_pem().unwrap()).unwrap_err();
    assert!(
        error.to_string().contains("invalid peer certificate"),
        "{error}"
    );
}
