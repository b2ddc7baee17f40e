//! `rediss://`: who is trusted, and that nothing is sent to anybody else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use hallpass_store::{Entry, Key, Revision, StoreErrorKind, SwapError, TokenStore};
use hallpass_store_redis::{Builder, RedisStore};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use redis::{Client, TlsCertificates};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// Answers the client's greeting, and that every swap was written.
struct Server {
    port: u16,
    root: Vec<u8>,
    bytes: Arc<AtomicU32>,
}

impl Server {
    async fn named(name: &str) -> Server {
        let made = generate_simple_self_signed([name.to_owned()]).unwrap();
        let CertifiedKey { cert, signing_key } = made;
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let bytes = Arc::new(AtomicU32::new(0));
        let count = bytes.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let mut buffer = [0; 4096];
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    let text = String::from_utf8_lossy(&buffer[..read]).into_owned();
                    count.fetch_add(u32::try_from(read).unwrap(), Ordering::SeqCst);
                    let answers = "+OK\r\n".repeat(text.matches("SETINFO").count())
                        + &":1\r\n".repeat(text.matches("EVAL").count());
                    if stream.write_all(answers.as_bytes()).await.is_err() {
                        break;
                    }
                }
            }
        });
        let root = cert.pem().into_bytes();
        Server { port, root, bytes }
    }

    fn url(&self, rest: &str) -> String {
        format!("rediss://:canary-password@localhost:{}/{rest}", self.port)
    }

    /// How many bytes came through to it.
    fn bytes(&self) -> u32 {
        self.bytes.load(Ordering::SeqCst)
    }
}

/// A store that trusts this root alone.
fn trusting(server: &Server, url: &str) -> Builder {
    let certificates = TlsCertificates {
        client_tls: None,
        root_cert: Some(server.root.clone()),
    };
    RedisStore::from_client(Client::build_with_tls(url, certificates).unwrap())
}

async fn swap(store: Builder) -> Result<(), SwapError> {
    let new = Entry::new(Revision::from_bytes([1; 16]), b"canary-bytes".to_vec());
    let store = store.connect_timeout(Duration::from_secs(20)).build();
    store
        .unwrap()
        .swap(&Key::new("canary-key"), None, Some(new))
        .await
}

fn failed(answer: Result<(), SwapError>) -> StoreErrorKind {
    match answer {
        Err(SwapError::Failed(error)) => {
            assert!(
                !format!("{error} {error:?}").contains("canary"),
                "{error:?}"
            );
            error.kind()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_certificate_that_is_trusted_is_taken() {
    let server = Server::named("localhost").await;
    let url = format!("rediss://localhost:{}", server.port);
    swap(trusting(&server, &url)).await.unwrap();
}

#[tokio::test]
async fn a_certificate_that_the_system_does_not_know_is_refused_before_anything_is_sent() {
    let server = Server::named("localhost").await;
    let answer = swap(RedisStore::builder(&server.url(""))).await;
    assert_eq!(failed(answer), StoreErrorKind::Unavailable);
    assert_eq!(server.bytes(), 0);
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused_before_anything_is_sent() {
    let server = Server::named("redis.example").await;
    let answer = swap(trusting(&server, &server.url(""))).await;
    assert_eq!(failed(answer), StoreErrorKind::Unavailable);
    assert_eq!(server.bytes(), 0);
}

#[tokio::test]
async fn an_address_cannot_switch_the_check_off() {
    let server = Server::named("redis.example").await;
    let answer = swap(RedisStore::builder(&server.url("#insecure"))).await;
    assert_eq!(failed(answer), StoreErrorKind::Other);
    assert_eq!(server.bytes(), 0);
}

#[tokio::test]
async fn a_server_without_tls_gets_nothing_that_can_be_read() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "rediss://:canary-password@localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let plain = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut sent = vec![0; 4096];
        let read = stream.read(&mut sent).await.unwrap();
        stream.write_all(b"-ERR Protocol error\r\n").await.unwrap();
        sent.truncate(read);
        sent
    });
    let answer = swap(RedisStore::builder(&url)).await;
    assert_eq!(failed(answer), StoreErrorKind::Unavailable);
    let sent = plain.await.unwrap();
    assert!(!sent.windows(6).any(|window| window == b"canary"));
}
