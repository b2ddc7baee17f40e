//! A TCP proxy that, now and then, takes what is written through it and never brings the answer back.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A proxy on a free port, in threads of its own, for as long as this program runs.
#[derive(Clone)]
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    to: SocketAddr,
    /// One answer in so many is kept and its connection cut; none where it is 0.
    one_in: AtomicU32,
    cuts: AtomicU64,
    random: Mutex<fastrand::Rng>,
}

impl Proxy {
    /// One that goes to this address, and cuts nothing yet.
    pub(crate) fn start(to: SocketAddr, random: fastrand::Rng) -> io::Result<Proxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            to,
            one_in: AtomicU32::new(0),
            cuts: AtomicU64::new(0),
            random: Mutex::new(random),
        });
        let serves = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&serves);
                thread::spawn(move || shared.carry(client));
            }
        });
        Ok(Proxy { address, shared })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it cuts one answer in so many; none where it is 0.
    pub(crate) fn cut_one_in(&self, answers: u32) {
        self.shared.one_in.store(answers, Ordering::Relaxed);
    }

    /// How many it has cut.
    pub(crate) fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn carry(&self, mut client: TcpStream) -> io::Result<()> {
        let mut server = TcpStream::connect(self.to)?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        });
        let mut answer = [0; 16 * 1024];
        loop {
            let length = server.read(&mut answer).unwrap_or(0);
            // The server has done what it was asked, or it would not answer.
            if length == 0 || self.cuts_this() {
                let _ = server.shutdown(Shutdown::Both);
                return client.shutdown(Shutdown::Both);
            }
            client.write_all(&answer[..length])?;
        }
    }

    fn cuts_this(&self) -> bool {
        let one_in = self.one_in.load(Ordering::Relaxed);
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let cuts = one_in > 0 && random.u32(..one_in) == 0;
        self.cuts.fetch_add(u64::from(cuts), Ordering::Relaxed);
        cuts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says back what it hears, and how much it has heard in all.
    fn echo() -> (SocketAddr, Arc<AtomicU64>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(AtomicU64::new(0));
        let counts = Arc::clone(&heard);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut bytes = [0; 4];
                while stream.read_exact(&mut bytes).is_ok() {
                    counts.fetch_add(1, Ordering::SeqCst);
                    stream.write_all(&bytes).unwrap();
                }
            }
        });
        (address, heard)
    }

    #[test]
    fn an_answer_that_is_cut_was_given() {
        let (address, heard) = echo();
        let proxy = Proxy::start(address, fastrand::Rng::with_seed(1)).unwrap();
        let mut client = TcpStream::connect(proxy.address()).unwrap();
        let mut answer = [0; 4];
        client.write_all(b"ping").unwrap();
        client.read_exact(&mut answer).unwrap();
        assert_eq!((&answer, proxy.cuts()), (b"ping", 0));
        proxy.cut_one_in(1);
        client.write_all(b"pong").unwrap();
        assert!(client.read_exact(&mut answer).is_err());
        assert_eq!((heard.load(Ordering::SeqCst), proxy.cuts()), (2, 1));
    }
}
