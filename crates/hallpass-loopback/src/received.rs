//! The callback that ended the wait, and the browser that still waits for its page.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use tokio::task::yield_now;
use tokio::time::timeout;

use hallpass_grant::Callback;

use crate::connections::{Connections, Reply};
use crate::desk::{Desk, Kept};
use crate::page::{Page, Pages};

/// How long the last page may take, also where the browser has to ask for it again.
const LINGER: Duration = Duration::from_secs(2);

/// The callback of this login: what `receive` takes of the [`Pending`](hallpass_grant::Pending) login it answers, or the facade's
/// `fetch_token` and `receive_token`.
///
/// The browser waits for a page until [`tell`](Self::tell) is called. Dropped, the page says that the answer has arrived and no more, as
/// far as the runtime goes on long enough to write it.
#[must_use = "the browser waits for `tell`"]
pub struct Received {
    kept: Kept,
    open: Option<Box<Open>>,
}

/// What is open until the page is written.
struct Open {
    reply: Reply,
    connections: Connections,
    desk: Desk,
    pages: Pages,
}

impl Received {
    pub(crate) fn new(
        kept: Kept,
        reply: Reply,
        connections: Connections,
        desk: Desk,
        pages: Pages,
    ) -> Self {
        let open = Open {
            reply,
            connections,
            desk,
            pages,
        };
        Self {
            kept,
            open: Some(Box::new(open)),
        }
    }

    /// The callback, as text that was looked at no further than its `state`.
    pub fn callback(&self) -> Callback<'_> {
        self.kept.callback()
    }

    /// Shows the user how the login ended, hands the result back as it was, and frees the port.
    ///
    /// Of an error the page shows its `Display`, as text; those of this library's have no secret in them. Where the user was
    /// refused, it shows what the server said. That takes two seconds at the very most, also where the browser is gone.
    ///
    /// # Errors
    /// None of its own: it is the result that it was given.
    pub async fn tell<T, E: fmt::Display>(mut self, result: Result<T, E>) -> Result<T, E> {
        let page = match &result {
            Ok(_) => Page::Done,
            Err(error) => self.failure(&error.to_string()),
        };
        if let Some(open) = self.open.take() {
            // Nobody has to see the page: what counts is the result.
            let _ = timeout(LINGER, open.show(&self.kept, &page)).await;
        }
        result
    }

    fn failure(&self, error: &str) -> Page {
        let said = self.kept.value("error_description");
        let said = said.filter(|text| !text.trim().is_empty());
        match self.kept.value("error") {
            Some(code) if code == "access_denied" => Page::Denied { reason: said },
            Some(code) => Page::Failed {
                reason: Some(match said {
                    Some(said) => format!("{said} ({code})"),
                    None => code,
                }),
            },
            None => Page::Failed {
                reason: Some(error.to_owned()),
            },
        }
    }
}

impl Open {
    /// Until one browser has its page, the one that waits or one that came again meanwhile, and nobody else is at the door.
    async fn show(mut self, taken: &Kept, page: &Page) {
        // Where the runtime stood still meanwhile, the connections get to see first which browser has gone away.
        look_around().await;
        let response = self.pages.response(StatusCode::OK, page);
        let mut is_seen = self.reply.deliver(response).await;
        loop {
            let call = tokio::select! {
                biased;
                call = self.connections.next() => call,
                () = look_around(), if is_seen => return,
            };
            let (status, shown) = self.desk.over(&call.head, &call.body, taken, page);
            let response = self.pages.response(status, &shown);
            is_seen |= call.reply.deliver(response).await && shown == *page;
        }
    }
}

/// Lets the runtime look at the sockets, and those go on who wait for one: to accept, to read, to ask.
async fn look_around() {
    for _ in 0..4 {
        yield_now().await;
    }
}

impl<'a> From<&'a Received> for Callback<'a> {
    fn from(received: &'a Received) -> Self {
        received.callback()
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            let response = open.pages.response(StatusCode::OK, &Page::Received);
            let Open {
                reply, connections, ..
            } = *open;
            reply.send(response);
            connections.detach();
        }
    }
}

/// Shows nothing: a code or a token is in it.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Received(…)")
    }
}
