//! A proxy that loses a statement, or the answer to it after the server has answered.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Notify, watch},
};

/// What becomes of the next statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not reach the server, and the connection is cut.
    CutBefore,
    /// Its answer is dropped and the connection is cut.
    CutAfterTheAnswer,
    /// Its answer and whatever comes after it on that connection is kept for ever.
    KeepTheAnswer,
}

/// Connections through it are as without it, but for one statement after it is armed.
pub(crate) struct Proxy {
    address: SocketAddr,
    armed: Armed,
    answered: Arc<Notify>,
}

type Armed = Arc<Mutex<Option<Fault>>>;

impl Proxy {
    pub(crate) async fn before(address: &str) -> Self {
        let server = server_of(address);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (armed, answered) = (Armed::default(), Arc::new(Notify::new()));
        let (is_armed, has_answered) = (Arc::clone(&armed), Arc::clone(&answered));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                let (tell, told) = watch::channel(None);
                let answered = Arc::clone(&has_answered);
                tokio::spawn(ask(from_client, to_server, Arc::clone(&is_armed), tell));
                tokio::spawn(answer(from_server, to_client, told, answered));
            }
        });
        Self {
            address,
            armed,
            answered,
        }
    }

    /// The same database, through the proxy.
    pub(crate) fn through(&self, address: &str) -> String {
        address.replace(&server_of(address), &self.address.to_string())
    }

    /// The next statement that is run (not only prepared) meets this.
    pub(crate) fn arm(&self, fault: Fault) {
        *self.armed.lock().unwrap() = Some(fault);
    }

    /// Until the server has answered the statement: what was asked of it is done.
    pub(crate) async fn answered(&self) {
        self.answered.notified().await;
    }
}

/// `host:port` of an address.
pub(crate) fn server_of(address: &str) -> String {
    let (_, rest) = address.split_once('@').unwrap();
    rest.split_once('/').unwrap().0.to_owned()
}

/// `Bind`, the message with which a prepared statement gets its values.
const BIND: u8 = b'B';

async fn ask(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    armed: Armed,
    met: watch::Sender<Option<Fault>>,
) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = client.read(&mut buffer).await {
        if buffer[0] == BIND
            && let Some(fault) = armed.lock().unwrap().take()
        {
            met.send_replace(Some(fault));
        }
        if *met.borrow() == Some(Fault::CutBefore) {
            // The server closes its half when ours ends, and `answer` then the client's.
            return;
        }
        if server.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

async fn answer(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    met: watch::Receiver<Option<Fault>>,
    answered: Arc<Notify>,
) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = server.read(&mut buffer).await {
        let fault = *met.borrow();
        match fault {
            None => {}
            Some(Fault::CutBefore) => return,
            Some(Fault::CutAfterTheAnswer) => return answered.notify_one(),
            Some(Fault::KeepTheAnswer) => {
                answered.notify_one();
                continue;
            }
        }
        if client.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
