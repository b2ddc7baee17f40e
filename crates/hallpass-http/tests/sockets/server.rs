//! Servers that know no HTTP beyond where a request ends, and requests to send them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use hallpass_grant::token::{RefreshToken, Scopes};
use hallpass_grant::{
    Call, Client, ClientAuthentication, Conversation, Endpoint, Input, Request, ServerMetadata,
    Step, TokenAnswer,
};
use hallpass_http::{OsRandom, ReqwestTransport, ReqwestTransportBuilder};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use time::UtcDateTime;

/// What a connection can be: TCP, or TLS over it.
pub(crate) trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

/// A server on this machine. Its thread ends with the process.
pub(crate) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Reads each request and gives it this answer.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::serving(move |stream| {
            let _ = stream.write_all(&answer);
        })
    }

    /// Reads each request and does this.
    pub(crate) fn serving(mut then: impl FnMut(&mut dyn Stream) + Send + 'static) -> Self {
        Self::listening("http", move |mut stream, seen| {
            if let Some(request) = read_request(&mut stream) {
                seen.lock().unwrap().push(request);
                then(&mut stream);
            }
        })
    }

    /// The same over TLS, with this certificate.
    pub(crate) fn with_tls(certificate: &Certified, answer: impl Into<Vec<u8>>) -> Self {
        Self::with_tls_for(certificate, None, answer)
    }

    /// The same for clients alone that have a certificate from this root.
    pub(crate) fn asking_for_certificates(certificate: &Certified, root: &Root) -> Self {
        Self::with_tls_for(certificate, Some(root), TOKEN)
    }

    fn with_tls_for(
        certificate: &Certified,
        clients: Option<&Root>,
        answer: impl Into<Vec<u8>>,
    ) -> Self {
        let answer = answer.into();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certificate.key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap();
        let config = match clients {
            None => config.with_no_client_auth(),
            Some(root) => {
                let roots = Arc::new(root.store());
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                config.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let config = config
            .with_single_cert(vec![certificate.certificate.der().clone()], key)
            .unwrap();
        let config = Arc::new(config);
        Self::listening("https", move |stream, seen| {
            let connection = rustls::ServerConnection::new(config.clone()).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream);
            if let Some(request) = read_request(&mut stream) {
                seen.lock().unwrap().push(request);
                let _ = stream.write_all(&answer);
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        })
    }

    /// Does this with each connection, one after the other.
    pub(crate) fn listening_on_tcp(mut serve: impl FnMut(TcpStream) + Send + 'static) -> Self {
        Self::listening("http", move |stream, _| serve(stream))
    }

    fn listening(
        scheme: &'static str,
        mut serve: impl FnMut(TcpStream, &Mutex<Vec<String>>) + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::default();
        let server = Self {
            address,
            scheme,
            seen: Arc::clone(&seen),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(stream, &seen);
            }
        });
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// A listener that nobody should connect to.
pub(crate) struct Bystander(TcpListener);

impl Bystander {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    /// A connection would wait in the listener's queue.
    pub(crate) fn assert_untouched(&self) {
        let accepted = self.0.accept();
        assert_eq!(accepted.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
}

/// A root, or what a root has signed.
pub(crate) struct Certified {
    pub(crate) certificate: rcgen::Certificate,
    pub(crate) key: KeyPair,
}

impl Certified {
    pub(crate) fn self_signed(host: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([host.to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { certificate, key }
    }
}

pub(crate) struct Root {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
}

impl Root {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    pub(crate) fn certify(
        &self,
        host: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Certified {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Certified { certificate, key }
    }

    pub(crate) fn transport(&self) -> ReqwestTransport {
        self.builder().build().unwrap()
    }

    pub(crate) fn builder(&self) -> ReqwestTransportBuilder {
        let builder = ReqwestTransport::builder();
        builder
            .with_root_certificate_pem(self.pem.as_bytes())
            .unwrap()
    }

    fn store(&self) -> rustls::RootCertStore {
        let mut store = rustls::RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap();
        store.add(root).unwrap();
        store
    }
}

pub(crate) const TOKEN: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 44\r\n\r\n\
                                {\"access_token\":\"at\",\"token_type\":\"Bearer\"} ";

/// A refresh, whose refresh token and client secret are canaries.
pub(crate) fn refresh(token_endpoint: &str) -> Call<TokenAnswer> {
    let endpoint = Endpoint::new(token_endpoint).unwrap();
    let server = ServerMetadata::default().with_token_endpoint(endpoint);
    let client = Client::new(server, "cid").unwrap();
    let client =
        client.with_authentication(ClientAuthentication::Basic("canary\r\nx-evil: 1".into()));
    let token = RefreshToken::new("canary-refresh").unwrap();
    client
        .refresh(&token, &Scopes::default(), None, &mut OsRandom)
        .unwrap()
}

pub(crate) fn request(token_endpoint: &str) -> Request {
    match refresh(token_endpoint).step(Input::Begin, UtcDateTime::UNIX_EPOCH) {
        Ok(Step::Send(request)) => request,
        other => panic!("{other:?}"),
    }
}

/// Head and body, as text; nothing if the connection was of no use.
fn read_request(stream: &mut dyn Stream) -> Option<String> {
    let mut read = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            if read.len() >= end + 4 + length {
                return Some(String::from_utf8(read).unwrap());
            }
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            Ok(count) => read.extend_from_slice(&chunk[..count]),
        }
    }
}
