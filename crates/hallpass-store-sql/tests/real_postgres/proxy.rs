//! A proxy that cuts a connection after a certain statement has reached the server and was answered there.

use std::{net::SocketAddr, sync::Arc};

use hallpass_store::Revision;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Notify, watch},
};

/// What becomes of the server's answer to the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is dropped and the connection is cut.
    CutAfterTheAnswer,
    /// It and whatever comes after it on that connection is kept for ever.
    KeepTheAnswer,
}

/// Connections through it are as without it until a statement has this revision among its values.
pub(crate) struct Proxy {
    address: SocketAddr,
    answered: Arc<Notify>,
}

impl Proxy {
    pub(crate) async fn before(address: &str, fault: Fault, revision: Revision) -> Self {
        let server = server_of(address);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answered = Arc::new(Notify::new());
        let has_answered = Arc::clone(&answered);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                let (tell, told) = watch::channel(false);
                let answered = Arc::clone(&has_answered);
                tokio::spawn(ask(from_client, to_server, revision, tell));
                tokio::spawn(answer(from_server, to_client, fault, told, answered));
            }
        });
        Self { address, answered }
    }

    /// The same database, through the proxy.
    pub(crate) fn through(&self, address: &str) -> String {
        address.replace(&server_of(address), &self.address.to_string())
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

async fn ask(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    revision: Revision,
    seen: watch::Sender<bool>,
) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = client.read(&mut buffer).await {
        let asked = &buffer[..read];
        if asked.windows(16).any(|bytes| bytes == revision.to_bytes()) {
            let _ = seen.send(true);
        }
        if server.write_all(asked).await.is_err() {
            return;
        }
    }
}

async fn answer(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    fault: Fault,
    seen: watch::Receiver<bool>,
    answered: Arc<Notify>,
) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = server.read(&mut buffer).await {
        match (*seen.borrow(), fault) {
            (false, _) => {}
            (true, Fault::CutAfterTheAnswer) => return answered.notify_one(),
            (true, Fault::KeepTheAnswer) => {
                answered.notify_one();
                continue;
            }
        }
        if client.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
