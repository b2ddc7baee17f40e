//! HTTP around the function: connections, and deliveries that go wrong.

use std::{
    convert::Infallible,
    fmt,
    future::pending,
    net::TcpListener,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http_body_util::{BodyExt, Limited};
use hyper::{
    body::{Body, Bytes, Frame, Incoming},
    header::{HeaderName, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    runtime,
    sync::oneshot,
    time::Sleep,
};

use crate::{Delivery, Request, Response, test_server::Shared};

/// The largest body that is read.
const BODY_LIMIT: usize = 1 << 20;

pub(crate) enum Transport {
    Plain,
    #[cfg(feature = "tls")]
    Tls(tokio_rustls::TlsAcceptor),
}

/// Answers connections until `stop` is dropped; then all of them end, also those that hang.
pub(crate) fn run(
    socket: TcpListener,
    transport: Transport,
    shared: Arc<Shared>,
    stop: oneshot::Receiver<()>,
) {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the machine has a poll");
    runtime.spawn(accept(socket, transport, shared));
    // Nobody sends anything: it ends when the other half is dropped, and the runtime takes its tasks with it.
    let _ = runtime.block_on(stop);
}

async fn accept(socket: TcpListener, transport: Transport, shared: Arc<Shared>) {
    socket
        .set_nonblocking(true)
        .expect("a listening socket can be non-blocking");
    let socket = tokio::net::TcpListener::from_std(socket).expect("a runtime can watch a socket");
    loop {
        // A connection that is gone again before it was accepted is no reason to stop.
        let Ok((stream, _)) = socket.accept().await else {
            continue;
        };
        let shared = Arc::clone(&shared);
        match &transport {
            Transport::Plain => drop(tokio::spawn(serve(stream, shared))),
            #[cfg(feature = "tls")]
            Transport::Tls(acceptor) => {
                let handshake = acceptor.accept(stream);
                tokio::spawn(async move {
                    // A client that refuses the certificate is what some tests want.
                    if let Ok(stream) = handshake.await {
                        serve(stream, shared).await;
                    }
                });
            }
        }
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, shared: Arc<Shared>) {
    let service = service_fn(|request| answer(request, Arc::clone(&shared)));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new());
    // It ends with an error where a fault closes the connection, or where the client does.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: hyper::Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<hyper::Response<Payload>, Closed> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        return deliver(Response::new(413));
    };
    let headers = head.headers.iter();
    let headers = headers.map(|(name, value)| {
        (
            name.to_string(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    });
    let request = Request {
        method: head.method.to_string(),
        target: head
            .uri
            .path_and_query()
            .map_or_else(|| head.uri.to_string(), ToString::to_string),
        headers: headers.collect(),
        body: body.to_bytes().into(),
    };
    // It may wait for a client that is told of a logout.
    let response = tokio::task::spawn_blocking(move || shared.respond(&request)).await;
    let response = response.map_err(|_| Closed)?;
    match response.delivery {
        Delivery::Hang => pending().await,
        Delivery::Close => Err(Closed),
        _ => deliver(response),
    }
}

fn deliver(response: Response) -> Result<hyper::Response<Payload>, Closed> {
    let payload = match response.delivery {
        Delivery::Endless => Payload::Endless(Bytes::from(response.body)),
        Delivery::Drip { every } => Payload::Drip {
            rest: Bytes::from(response.body),
            every,
            pause: None,
        },
        _ => Payload::Whole(Bytes::from(response.body)),
    };
    let mut sent = hyper::Response::new(payload);
    *sent.status_mut() = hyper::StatusCode::from_u16(response.status).map_err(|_| Closed)?;
    for (name, value) in response.headers {
        let name = HeaderName::try_from(name).map_err(|_| Closed)?;
        sent.headers_mut()
            .append(name, HeaderValue::try_from(value).map_err(|_| Closed)?);
    }
    Ok(sent)
}

/// The connection is to be closed without an answer: a fault wants it, or the answer is none that HTTP can carry.
#[derive(Debug)]
struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is closed without an answer")
    }
}

impl std::error::Error for Closed {}

/// A body on its way.
enum Payload {
    Whole(Bytes),
    Endless(Bytes),
    Drip {
        rest: Bytes,
        every: Duration,
        pause: Option<Pin<Box<Sleep>>>,
    },
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => return Poll::Ready(None),
            Self::Whole(bytes) => std::mem::take(bytes),
            Self::Endless(bytes) => {
                std::mem::replace(bytes, Bytes::from_static(&[b' '; 16 * 1024]))
            }
            Self::Drip { rest, .. } if rest.is_empty() => return Poll::Ready(None),
            Self::Drip { rest, every, pause } => {
                let sleep = pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(*every)));
                if sleep.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                *pause = None;
                rest.split_to(1)
            }
        };
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match self {
            Self::Whole(bytes) => hyper::body::SizeHint::with_exact(bytes.len() as u64),
            Self::Endless(_) | Self::Drip { .. } => hyper::body::SizeHint::default(),
        }
    }
}
