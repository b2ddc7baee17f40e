//! The HTTP server of our own endpoints: HTTP/1.1, with TLS where there is a certificate, small requests only.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::failure::Failure;

const MAX_BODY: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// What somebody asks.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) content_type: String,
    pub(crate) path: String,
    /// Without the question mark.
    pub(crate) query: String,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn is_post(&self) -> bool {
        self.method == "POST"
    }

    /// The target of the request line.
    pub(crate) fn target(&self) -> String {
        format!("{}?{}", self.path, self.query)
    }
}

/// What is answered.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Answer {
    pub(crate) fn text(status: StatusCode, body: impl Into<String>) -> Self {
        Self::of(status, "text/plain; charset=utf-8", body)
    }

    pub(crate) fn html(body: impl Into<String>) -> Self {
        Self::of(StatusCode::OK, "text/html; charset=utf-8", body)
    }

    pub(crate) fn of(status: StatusCode, kind: &str, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![
                ("content-type", kind.to_owned()),
                // Back-Channel Logout §2.8, Front-Channel Logout §2.
                ("cache-control", "no-cache, no-store".to_owned()),
                ("pragma", "no-cache".to_owned()),
            ],
            body: body.into(),
        }
    }

    /// With these headers and no others.
    pub(crate) fn exactly(
        status: StatusCode,
        headers: impl IntoIterator<Item = (&'static str, impl Into<String>)>,
        body: impl Into<String>,
    ) -> Self {
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name, value.into()));
        Self {
            status,
            headers: headers.collect(),
            body: body.into(),
        }
    }

    pub(crate) fn redirect(to: impl Into<String>) -> Self {
        let mut answer = Self::text(StatusCode::FOUND, "");
        answer.headers.push(("location", to.into()));
        answer
    }
}

/// Whoever answers.
pub(crate) trait Answers: Send + Sync + 'static {
    fn answer(&self, asked: Asked) -> Pin<Box<dyn Future<Output = Answer> + Send + '_>>;
}

/// A socket that is bound.
pub(crate) struct Listener {
    socket: TcpListener,
    tls: Option<TlsAcceptor>,
    host: String,
}

impl Listener {
    /// Binds an address as people write it: `127.0.0.1:9090`, `localhost:9090`, or a port of 127.0.0.1.
    pub(crate) async fn bind(at: &str, tls: Option<TlsAcceptor>) -> Result<Self, Failure> {
        let (host, port) = at.rsplit_once(':').unwrap_or(("127.0.0.1", at));
        let address = format!("{host}:{port}");
        let socket = TcpListener::bind(&address).await;
        let socket =
            socket.map_err(|error| Failure::of(format!("listening at {address}"), error))?;
        Ok(Self {
            socket,
            tls,
            host: host.to_owned(),
        })
    }

    /// Its address, as it is on this machine.
    pub(crate) fn url(&self) -> Result<String, Failure> {
        let at = self.socket.local_addr();
        let port = at
            .map_err(|error| Failure::of("the listener has no address", error))?
            .port();
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        // Every address of this machine, under one that can be asked for.
        let host = match self.host.as_str() {
            "0.0.0.0" => "127.0.0.1",
            "[::]" => "[::1]",
            host => host,
        };
        Ok(format!("{scheme}://{host}:{port}"))
    }

    /// Serves until the program ends. Each connection has somebody who lets it end well.
    pub(crate) async fn serve(self, answers: Arc<dyn Answers>, watched: Arc<GracefulShutdown>) {
        loop {
            let Ok((stream, _)) = self.socket.accept().await else {
                // No descriptors are left: others may close theirs.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let (tls, answers, watcher) = (self.tls.clone(), answers.clone(), watched.watcher());
            tokio::spawn(async move {
                match tls {
                    None => converse(stream, answers, watcher).await,
                    Some(tls) => {
                        let shaken = tokio::time::timeout(PATIENCE, tls.accept(stream)).await;
                        if let Ok(Ok(stream)) = shaken {
                            converse(stream, answers, watcher).await;
                        }
                    }
                }
            });
        }
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    answers: Arc<dyn Answers>,
    watcher: Watcher,
) {
    let service = service_fn(move |request| {
        let answers = answers.clone();
        async move { Ok::<_, std::convert::Infallible>(respond(request, &*answers).await) }
    });
    // Who breaks off a connection has heard all it wants.
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    let _ = watcher.watch(connection).await;
}

fn text(value: Option<&HeaderValue>) -> String {
    let value = value.and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

async fn respond(request: Request<Incoming>, answers: &dyn Answers) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let read = tokio::time::timeout(PATIENCE, Limited::new(body, MAX_BODY).collect()).await;
    let body = match read {
        Ok(Ok(body)) => String::from_utf8(body.to_bytes().to_vec()).ok(),
        _ => None,
    };
    let answer = match body {
        None => Answer::text(StatusCode::BAD_REQUEST, "The body cannot be read.\n"),
        Some(body) => {
            let asked = Asked {
                method: head.method.to_string(),
                content_type: text(head.headers.get(CONTENT_TYPE)),
                path: head.uri.path().to_owned(),
                query: head.uri.query().unwrap_or_default().to_owned(),
                body,
            };
            answers.answer(asked).await
        }
    };
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = answer.status;
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
