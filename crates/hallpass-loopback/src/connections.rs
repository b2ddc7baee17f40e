//! HTTP around the desk: connections, and how much of one is put up with.

use std::cell::Cell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::time::Duration;

use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot::error::RecvError;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet, yield_now};
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// The largest head of a request, bytes: request line and headers, before a byte of the body is read. A browser sends the cookies of every
/// program on `127.0.0.1` along, whatever their port.
const HEAD_LIMIT: usize = 256 * 1024;
/// The largest body, bytes.
const BODY_LIMIT: usize = 64 * 1024;
/// How long a head, and then a body, may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many connections may be open; the oldest makes room for the next. At most half of the descriptors that a program has where the system
/// gives few (macOS: 256): the others are the program's own, which has a code to exchange.
const CONNECTIONS: usize = if cfg!(target_os = "macos") { 128 } else { 256 };
/// How long a connection that was let in is not closed for another: a browser of this machine sends its request at once. Longer, and a flood that
/// holds what it opens has everybody wait outside.
const GRACE: Duration = Duration::from_millis(50);

/// One request, read whole, that waits for its answer.
pub(crate) struct Call {
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
    pub(crate) reply: Reply,
}

/// Where the answer to one request goes.
pub(crate) struct Reply {
    response: oneshot::Sender<Response<String>>,
    /// Is dropped when the connection is over.
    end: oneshot::Receiver<Infallible>,
}

impl Reply {
    /// Sends the answer, and waits for nothing.
    pub(crate) fn send(self, response: Response<String>) {
        // A browser that no longer waits is none of our business.
        let _ = self.response.send(response);
    }

    /// Sends the answer, and waits until it is written. `false`: the browser has gone away.
    pub(crate) async fn deliver(self, response: Response<String>) -> bool {
        let is_sent = self.response.send(response).is_ok();
        let _ = self.end.await;
        is_sent
    }
}

/// A listening socket and the connections that came from it. Dropped, it closes all of them at once, and the port is free.
pub(crate) struct Connections {
    listener: TcpListener,
    tasks: JoinSet<()>,
    oldest_first: VecDeque<Open>,
    calls: (mpsc::Sender<Call>, mpsc::Receiver<Call>),
}

/// A connection that was let in.
struct Open {
    since: Instant,
    task: AbortHandle,
}

impl Connections {
    pub(crate) fn new(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener: TcpListener::from_std(listener)?,
            tasks: JoinSet::new(),
            oldest_first: VecDeque::new(),
            calls: mpsc::channel(CONNECTIONS),
        })
    }

    /// The next request. Dropped half way, nothing is lost.
    pub(crate) async fn next(&mut self) -> Call {
        loop {
            let full_until = self.full_until();
            let accept = async {
                if let Some(room) = full_until {
                    sleep_until(room).await;
                }
                self.listener.accept().await
            };
            tokio::select! {
                biased;
                // The sender is ours, so that this never ends.
                Some(call) = self.calls.1.recv() => return call,
                Some(_) = self.tasks.join_next() => {}
                accepted = accept => match accepted {
                    Ok((stream, _)) => {
                        self.serve(stream);
                        // It is looked at before the next is let in, which may be the one it makes room for.
                        yield_now().await;
                    }
                    // Out of descriptors, most of all. A connection that was gone again needs no pause, and bears it.
                    Err(_) => {
                        self.make_room(self.oldest_first.len());
                        sleep(Duration::from_millis(10)).await;
                    }
                },
            }
        }
    }

    /// Lets what is being written be written, if somebody goes on polling the runtime.
    pub(crate) fn detach(mut self) {
        self.tasks.detach_all();
    }

    fn serve(&mut self, stream: TcpStream) {
        // A page is one small write: there is nothing to wait for.
        let _ = stream.set_nodelay(true);
        self.make_room(CONNECTIONS);
        let calls = self.calls.0.clone();
        let task = self.tasks.spawn(converse(stream, calls));
        let since = Instant::now();
        self.oldest_first.push_back(Open { since, task });
    }

    /// Until when the next one waits where the system keeps it: nobody who came just now is closed for it.
    fn full_until(&mut self) -> Option<Instant> {
        if self.oldest_first.len() < CONNECTIONS {
            return None;
        }
        self.oldest_first.retain(|open| !open.task.is_finished());
        if self.oldest_first.len() < CONNECTIONS {
            return None;
        }
        let room = self.oldest_first.front()?.since + GRACE;
        (room > Instant::now()).then_some(room)
    }

    fn make_room(&mut self, capacity: usize) {
        self.oldest_first.retain(|open| !open.task.is_finished());
        while self.oldest_first.len() >= capacity {
            match self.oldest_first.pop_front() {
                Some(oldest) => oldest.task.abort(),
                None => break,
            }
        }
    }
}

/// One connection, which carries one request.
pub(crate) async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    calls: mpsc::Sender<Call>,
) {
    let (_over, end) = oneshot::channel();
    let end = Cell::new(Some(end));
    let service = service_fn(move |request| answer(request, calls.clone(), end.take()));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(HEAD_LIMIT)
        .keep_alive(false);
    // It ends with an error where the other side breaks HTTP, is too slow, or goes away: hyper has answered what can be answered.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: Request<Incoming>,
    calls: mpsc::Sender<Call>,
    end: Option<oneshot::Receiver<Infallible>>,
) -> Result<Response<String>, RecvError> {
    let (head, body) = request.into_parts();
    let body = match read(body).await {
        Ok(body) => body,
        Err(status) => return Ok(empty(status)),
    };
    let (response, answered) = oneshot::channel();
    if let Some(end) = end {
        let reply = Reply { response, end };
        // Nobody listens any more: then the answer will not come either.
        let _ = calls.send(Call { head, body, reply }).await;
    }
    answered.await
}

async fn read(body: Incoming) -> Result<Bytes, StatusCode> {
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    match timeout(PATIENCE, Limited::new(body, BODY_LIMIT).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

fn empty(status: StatusCode) -> Response<String> {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests;
