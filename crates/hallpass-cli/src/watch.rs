//! What a session waits for, told when it takes long.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hallpass::{Event, Session};

use crate::output::Output;

/// Whether a session waits for another program that gets new tokens.
pub(crate) struct Watch(Arc<AtomicBool>);

impl Watch {
    /// The same session, being watched.
    pub(crate) fn over(session: Session) -> (Session, Self) {
        let waits = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&waits);
        let session = session.on_event(move |event| {
            told.store(event == Event::Watching, Ordering::Relaxed);
        });
        (session, Self(waits))
    }

    /// What comes of it; the person is told, once, if it takes long because of the other program.
    pub(crate) async fn during<T>(&self, output: Output, work: impl Future<Output = T>) -> T {
        tokio::select! {
            done = work => done,
            never = self.tell(output) => match never {},
        }
    }

    async fn tell(&self, output: Output) -> Infallible {
        tokio::time::sleep(LONG).await;
        while !self.0.load(Ordering::Relaxed) {
            tokio::time::sleep(LONG / 10).await;
        }
        output.say("Another program is getting a new token: waiting for it. If it has crashed, that takes half a minute.");
        std::future::pending().await
    }
}

/// Those who refresh do so in less.
const LONG: Duration = Duration::from_secs(2);
