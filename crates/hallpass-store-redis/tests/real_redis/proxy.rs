//! A proxy in front of Redis that loses what it is told to lose.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::Notify,
};

#[derive(Clone)]
pub(super) struct Proxy {
    address: SocketAddr,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    server: Mutex<String>,
    fault: AtomicU8,
    once: AtomicBool,
    changed: Notify,
    cut: Notify,
    connections: AtomicU32,
    swaps: AtomicU32,
}

/// What happens to whatever comes through.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    None,
    /// The connection is cut when a request comes, which is lost.
    CutRequests,
    /// The connection is cut when an answer comes, which is lost.
    CutAnswers,
    /// Answers wait until there is another fault, or none.
    HoldAnswers,
}

impl Proxy {
    pub(super) async fn start() -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Proxy {
            address: listener.local_addr().unwrap(),
            inner: Arc::default(),
        };
        proxy.leads_to(&super::address());
        let inner = proxy.inner.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                inner.connections.fetch_add(1, Ordering::SeqCst);
                let server = inner.server.lock().unwrap().clone();
                let server = TcpStream::connect(server).await.unwrap();
                tokio::spawn(inner.clone().carry(client, server));
            }
        });
        proxy
    }

    pub(super) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    pub(super) fn set(&self, fault: Fault) {
        self.inner.once.store(false, Ordering::SeqCst);
        self.inner.fault.store(fault as u8, Ordering::SeqCst);
        self.inner.changed.notify_waiters();
    }

    /// The same for the next time alone.
    pub(super) fn set_once(&self, fault: Fault) {
        self.set(fault);
        self.inner.once.store(true, Ordering::SeqCst);
    }

    /// Where later connections go.
    pub(super) fn leads_to(&self, url: &str) {
        let server = url.strip_prefix("redis://").unwrap();
        *self.inner.server.lock().unwrap() = server.to_owned();
    }

    /// Ends every connection there is.
    pub(super) fn cut(&self) {
        self.inner.cut.notify_waiters();
    }

    /// How many connections there have been.
    pub(super) fn connections(&self) -> u32 {
        self.inner.connections.load(Ordering::SeqCst)
    }

    /// How many swaps Redis was sent.
    pub(super) fn swaps(&self) -> u32 {
        self.inner.swaps.load(Ordering::SeqCst)
    }
}

impl Inner {
    /// Until one side ends or a fault ends both.
    async fn carry(self: Arc<Self>, client: TcpStream, server: TcpStream) {
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::select! {
            () = self.requests(from_client, to_server) => {}
            () = self.answers(from_server, to_client) => {}
            () = self.cut.notified() => {}
        }
    }

    async fn requests(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut bytes).await {
            if self.is(Fault::CutRequests) {
                self.has_happened();
                return;
            }
            let bytes = &bytes[..count];
            if bytes.windows(4).any(|word| word == b"EVAL") {
                self.swaps.fetch_add(1, Ordering::SeqCst);
            }
            if to.write_all(bytes).await.is_err() {
                return;
            }
        }
    }

    async fn answers(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut bytes).await {
            loop {
                let changed = self.changed.notified();
                if !self.is(Fault::HoldAnswers) {
                    break;
                }
                changed.await;
            }
            if self.is(Fault::CutAnswers) {
                self.has_happened();
                return;
            }
            if to.write_all(&bytes[..count]).await.is_err() {
                return;
            }
        }
    }

    fn has_happened(&self) {
        if self.once.swap(false, Ordering::SeqCst) {
            self.fault.store(Fault::None as u8, Ordering::SeqCst);
        }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault.load(Ordering::SeqCst) == fault as u8
    }
}
